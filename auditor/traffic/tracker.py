"""The flows of one capture: packets in, rows of the flow table out."""

from __future__ import annotations

from typing import Protocol

from auditor.traffic.dns import PORT as DNS_PORT
from auditor.traffic.dns import Message, messages_of_stream, read_message
from auditor.traffic.flow import Flow, Question, is_gquic
from auditor.traffic.internet import SCTP, TCP, UDP, text
from auditor.traffic.names import Lookups
from auditor.traffic.packet import Packet, is_icmp_error, quoted
from auditor.traffic.table import FlowTable
from auditor.traffic.times import SECOND

MOST_LIVE = 500_000
"""Live flows held at one time; beyond it those that are over are written out, else the ones longest without a packet, counted."""
_EVICTED_AT_ONCE = 0.1
DATAGRAM_IDLE = 300 * SECOND
"""A datagram flow silent for longer is over (RFC 4787 lets translators forget after five minutes)."""
CLOSED_QUIET = 240 * SECOND
"""A closed or reset connection silent for longer is over when room is needed: twice the maximum segment lifetime of two
minutes, after which nothing of it can be on its way (RFC 9293, 3.4.2 and 3.6.1). Until then a late segment counts to it."""
Key = tuple[bytes, int, bytes, int, int, tuple[int, ...], int | None]
"""Both ends in order, protocol, VLAN tags, VNI."""


class Asked(Protocol):
    """What is remembered of the DNS messages of a flow."""

    request: int | None
    """Half that asks."""

    def note(self, question: Question) -> None:
        """Remember a question."""

    def knows(self, question: Question) -> bool:
        """Return whether a question is remembered."""


class FlowTracker:
    """Holds live flows by 5-tuple, VLAN tags and VNI; writes each to the table when it is over."""

    def __init__(self, source_id: str, table: FlowTable, lookups: Lookups, most_live: int = MOST_LIVE) -> None:
        """Write rows of ``source_id`` to ``table`` and DNS answers to ``lookups``."""
        self._source_id = source_id
        self._table = table
        self._lookups = lookups
        self._most_live = most_live
        self._live: dict[Key, Flow] = {}
        self.evicted = 0
        self.errors = 0
        """ICMP error messages: reports on flows, not flows."""
        self.unsolicited = 0
        """DNS answers to no question that this capture saw."""
        self.gquic = 0
        """Flows of Google's QUIC, whose names are not read."""

    def add(self, packet: Packet) -> None:
        """Count ``packet`` to its flow, and the tunnel around it to its own."""
        if packet.carrier is not None:
            self.add(packet.carrier)
        if is_icmp_error(packet):
            self._report(packet)
            return
        key = key_of(packet)
        if not self._here(key):
            return
        flow = self._current(key)
        if flow is not None and (flow.restarted_by(packet) or self._idle(flow, packet)):
            self._write(self._end(key))
            flow = None
        if flow is None:
            if self._count() >= self._most_live:
                self._evict(packet.time)
            flow = self._begin(key, packet)
        asks = packet.protocol == UDP and DNS_PORT in (packet.source_port, packet.destination_port)
        message = read_message(packet.payload) if asks else None
        side = flow.add(packet, understood=message is not None)
        if message is not None:
            self._of_flow(flow, side, message, packet.time)

    def _here(self, _key: Key) -> bool:
        """Return whether flows with this key are held here."""
        return True

    def _count(self) -> int:
        return len(self._live)

    def _current(self, key: Key) -> Flow | None:
        return self._live.get(key)

    def _begin(self, key: Key, packet: Packet) -> Flow:
        flow = self._live[key] = Flow(packet)
        return flow

    def _end(self, key: Key) -> Flow:
        return self._live.pop(key)

    def finish(self) -> None:
        """Write every flow that is still live."""
        for flow in self._live.values():
            self._write(flow)
        self._live.clear()

    @staticmethod
    def _idle(flow: Flow, packet: Packet) -> bool:
        return flow.protocol != TCP and packet.time - flow.last > DATAGRAM_IDLE

    @staticmethod
    def _over(flow: Flow, now: int) -> bool:
        """Return whether nothing of a flow can be on its way at the time ``now``."""
        if flow.protocol == TCP:
            return flow.ended() and now - flow.last > CLOSED_QUIET
        return now - flow.last > DATAGRAM_IDLE

    def _evict(self, now: int) -> None:
        """Make room at the time ``now``: write out the flows that are over or, where none is, those longest without a packet."""
        oldest = sorted(self._live.items(), key=lambda item: (item[1].last, item[1].first_frame))
        over = [(key, flow) for key, flow in oldest if self._over(flow, now)]
        for key, flow in over or oldest[: self._evicted_at_once()]:
            flow.evicted = not over
            self.evicted += flow.evicted
            self._write(self._end(key))

    def _evicted_at_once(self) -> int:
        return max(1, int(self._most_live * _EVICTED_AT_ONCE))

    def _report(self, packet: Packet) -> None:
        """Mark the flow that a "destination unreachable" is about."""
        self.errors += 1
        about = quoted(packet)
        if about is None:
            return
        datagram, sport, dport = about
        ends = (datagram.source, sport), (datagram.destination, dport)
        self._mark_unreachable(_ordered(*ends, datagram.protocol, packet.vlans, packet.vni))

    def _mark_unreachable(self, key: Key) -> None:
        flow = self._live.get(key)
        if flow is not None:
            flow.unreachable = True

    def _write(self, flow: Flow) -> None:
        if flow.protocol == TCP and DNS_PORT in (flow.ends[0][1], flow.ends[1][1]):
            self._stream_messages(flow)
        self._table.append(flow, self._source_id)
        self.gquic += is_gquic([half.finding for half in flow.halves])

    def _stream_messages(self, flow: Flow) -> None:
        found = [
            (side, message)
            for side, half in enumerate(flow.halves)
            if half.stream is not None
            for message in messages_of_stream(half.stream.prefix())
        ]
        for side, message in sorted(found, key=lambda item: item[1].response):
            self._of_flow(flow, side, message, flow.last)

    def _of_flow(self, flow: Flow, side: int, message: Message, time: int) -> None:
        client = flow.ends[1 - side if message.response else side][0]
        self._message(flow, side, message, time, client, met=bool(flow.halves[1 - side].packets))

    def _message(self, asked: Asked, side: int, message: Message, time: int, client: bytes, *, met: bool) -> None:
        """Take a query or its answer on a flow; ``client`` asks on it, ``met``: the other side has sent packets before."""
        question = (message.identification, message.name)
        if asked.request is None:
            asked.request = 1 - side if message.response else side
        if not message.response:
            asked.note(question)
            self._lookups.add(self._source_id, text(client), message.name, (), time)
        elif asked.knows(question) or not met:
            self._lookups.add(self._source_id, text(client), message.name, message.addresses, time)
        else:
            self.unsolicited += 1


def key_of(packet: Packet) -> Key:
    """Return the key of the flow that ``packet`` belongs to."""
    ends = (packet.source, packet.source_port), (packet.destination, packet.destination_port)
    return _ordered(*ends, packet.protocol, packet.vlans, packet.vni)


def _ordered(one: tuple[bytes, int], two: tuple[bytes, int], protocol: int, vlans: tuple[int, ...], vni: int | None) -> Key:
    """Return the same key for both directions; only the port protocols have ports."""
    if protocol not in (TCP, UDP, SCTP):
        one, two = (one[0], 0), (two[0], 0)
    return (*one, *two, protocol, vlans, vni) if one <= two else (*two, *one, protocol, vlans, vni)
