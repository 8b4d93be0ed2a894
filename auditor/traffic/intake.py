"""Every packet of one capture on its way from the file to the flow table: the reference that any faster way must equal."""

from __future__ import annotations

from auditor.traffic.capture import Capture
from auditor.traffic.coverage import Watch
from auditor.traffic.decoder import Decoder
from auditor.traffic.packet import Packet
from auditor.traffic.record import Record
from auditor.traffic.tracker import FlowTracker


class Intake:
    """Decodes records, one after the other, and hands their packets to the tracker and to the watch."""

    def __init__(self, decoder: Decoder, tracker: FlowTracker, *, local: bool) -> None:
        """``local``: track also what stays on the link."""
        self.decoder = decoder
        self.tracker = tracker
        self.watch = Watch()
        self._local = local

    def read(self, capture: Capture) -> None:
        """Take all packets of a capture, and end all flows."""
        for record in capture.records():
            self.take(record)
        self.finish()

    def take(self, record: Record) -> None:
        """Take one record, and the beginnings of datagrams of which fragments are given up with it."""
        packet = self.decoder.packet(record)
        if packet is not None:
            self._packet(packet)
        for torn in self.decoder.torn():
            self._packet(torn)

    def finish(self) -> None:
        """Give up the fragments that still wait, and end every flow."""
        for torn in self.decoder.torn(last=True):
            self._packet(torn)
        self.tracker.finish()

    def senders(self) -> frozenset[bytes]:
        """Return the addresses that sent packets."""
        return frozenset(self.decoder.senders)

    def counted(self) -> dict[str, int]:
        """Return what was counted on the way and is in no row, by reason."""
        tracker = self.tracker
        return {
            "clock_set_back": self.watch.set_back,
            "dns_unsolicited": tracker.unsolicited,
            "flow_evicted": tracker.evicted,
            "fragment_incomplete": self.decoder.incomplete(),
            "gquic_not_read": tracker.gquic,
            "icmp_error": tracker.errors,
            "no_timestamp": self.decoder.untimed,
        }

    def _packet(self, packet: Packet) -> None:
        if self._local or not packet.noise:
            self.tracker.add(packet)
        if packet.timed and not packet.noise:
            self.watch.saw(packet.time)
