"""The fast way from a large capture to the flow table: the kernel runs over the bytes, and Python does what it asks for."""

from __future__ import annotations

import numpy as np

from auditor.traffic.capture import Capture
from auditor.traffic.decoder import Decoder
from auditor.traffic.fast import layout as of
from auditor.traffic.fast.entry import run
from auditor.traffic.fast.harvest import Harvest
from auditor.traffic.fast.layout import Data
from auditor.traffic.fast.memory import WHOLE, Memory, Share, special_ports
from auditor.traffic.fast.partner import UndividedError
from auditor.traffic.fast.shared import SharedTracker
from auditor.traffic.intake import Intake
from auditor.traffic.names import Lookups
from auditor.traffic.pcap import PcapReader
from auditor.traffic.pcapng import ENHANCED, PcapngReader
from auditor.traffic.record import Layout, Record
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import MOST_LIVE


def load() -> None:
    """Load the compiled kernel, or compile it, before packets are there."""
    memory = Memory(most_live=1)
    memory.state[of.HEADER] = 1
    _count(memory, np.zeros(0, np.uint8))


def _count(memory: Memory, data: Data) -> int:
    """Let the kernel count the packets in ``data``, and return why it stopped."""
    code: int = run(
        data, special_ports(), memory.state, memory.packet, memory.table, memory.rows, memory.opening, memory.free, memory.gaps,
        memory.events, memory.ended, memory.ended_opening, memory.held, memory.held_free, memory.names,
    )  # fmt: skip
    return code


def fast_intake(
    decoder: Decoder,
    source_id: str,
    table: FlowTable | None,
    lookups: Lookups,
    *,
    local: bool,
    most_live: int = MOST_LIVE,
    share: Share = WHOLE,
) -> FastIntake:
    """Return an intake that gives the same table as ``Intake`` does, sooner where packets are many.

    With a ``share`` it gathers only the flows in it, and raises ``UndividedError`` where nobody can tell them alone.
    """
    memory = Memory(most_live, share)
    tracker = SharedTracker(source_id, lookups, memory, most_live, share)
    return FastIntake(decoder, tracker, memory, table, local=local)


class FastIntake(Intake):
    """Lets the kernel count the plain packets and takes all others itself, in the order of the file."""

    def __init__(self, decoder: Decoder, tracker: SharedTracker, memory: Memory, table: FlowTable | None, *, local: bool) -> None:
        """Share ``memory`` with the kernel; ``table``: where all flows go, ``None`` where only a share of them is here."""
        super().__init__(decoder, tracker, local=local)
        self._flows = table
        self._shared = tracker
        self._last = 0
        """Number of the last packet that the kernel did not count."""
        self._memory = memory

    def take(self, record: Record) -> None:
        """Take one record that the kernel did not count."""
        self._shared.at(record.number)
        self._last = record.number
        super().take(record)

    def finish(self) -> None:
        """Give up the fragments that still wait, and end every flow, here and in the kernel."""
        self._shared.at(max(self._last, int(self._memory.state[of.NUMBER])) + 1)
        super().finish()
        if self._flows is not None:
            self._flows.extend(self.harvest().table_in_order())

    def harvest(self) -> Harvest:
        """Return the flows, once they are ended."""
        return self._shared.harvest()

    def senders(self) -> frozenset[bytes]:
        """Return the addresses that sent packets, to Python or to the kernel."""
        return frozenset(self.decoder.senders | self._shared.senders)

    def read(self, capture: Capture) -> None:
        """Read record by record what the kernel leaves: the first packet, odd blocks, the end of the file."""
        reader = capture.reader()
        for record in reader.records():
            self.take(record)
            layout = reader.layout()
            # Where one packet may show on two interfaces, the decoder has to look for duplicates among all of them.
            if layout is not None and layout.link_type in of.LINKS and capture.facts.interfaces < 2:
                self._hand_over(capture, reader, layout)
            elif self._flows is None:
                raise UndividedError
        capture.window.close()  # its pieces are not needed beside the columns that are made now
        self.finish()

    def _hand_over(self, capture: Capture, reader: PcapReader | PcapngReader, layout: Layout) -> None:
        """Let the kernel read on until it meets what only the reader understands."""
        memory, facts = self._memory, capture.facts
        state = memory.state
        memory.set_layout(layout)
        state[of.NUMBER], state[of.CLOCK] = reader.number, self.decoder.clock
        state[[of.SEEN, of.SHORTENED, of.BLOCKS]] = 0
        self._share_watch()
        self._run(capture, layout)
        reader.number, self.decoder.clock = int(state[of.NUMBER]), int(state[of.CLOCK])
        self._take_watch()
        facts.packets += int(state[of.SEEN])
        facts.truncated_packets += int(state[of.SHORTENED])
        if state[of.BLOCKS]:
            facts.blocks[ENHANCED] += int(state[of.BLOCKS])

    def _run(self, capture: Capture, layout: Layout) -> None:
        memory, window = self._memory, capture.window
        state = memory.state
        code = of.MORE
        data = np.frombuffer(window.data, np.uint8)
        while True:
            state[of.POSITION], state[of.STOP] = window.position, window.stop
            code = _count(memory, data)
            window.position = int(state[of.POSITION])
            self._drain(window.data)
            if code == of.SLOW:
                self._slow(window.data, layout.link_type)
            elif code == of.EVICT:
                self._shared.make_room()
            elif code == of.GROW:
                memory.grow()
            elif code == of.MORE and window.more():
                data = np.frombuffer(window.data, np.uint8)
            elif code in (of.MORE, of.READER):
                return

    def _drain(self, data: bytearray) -> None:
        """Do what the kernel noted, in its order."""
        state, shared = self._memory.state, self._shared
        for event in self._memory.events[: state[of.QUEUED]].tolist():
            if event[of.EVENT_KIND] in (of.CONTENT, of.HELD_BYTES):
                shared.payloads.look(event, data)
            elif event[of.EVENT_KIND] == of.OVER:
                shared.over(event[of.EVENT_SLOT])
            elif event[of.EVENT_KIND] == of.MESSAGE:
                shared.message(event, data)
            else:
                self.watch.pause(event[of.EVENT_START])
                self.watch.set_back += event[of.EVENT_LOW]
        state[of.QUEUED] = state[of.ENDED] = 0

    def _slow(self, data: bytearray, link_type: int) -> None:
        """Take a packet that the kernel does not understand."""
        number, time, at, captured, original = self._memory.state[
            [of.NUMBER, of.TIME, of.FRAME_AT, of.CAPTURED, of.ORIGINAL]
        ].tolist()
        self._take_watch()
        self.take(Record(number, time, link_type, 0, original, bytes(data[at : at + captured])))
        self._share_watch()

    def _take_watch(self) -> None:
        places = [of.WATCHED, of.WATCH_FIRST, of.WATCH_LAST, of.WATCH_BEFORE]
        seen, first, last, before = self._memory.state[places].tolist()
        if seen:
            self.watch.first, self.watch.last, self.watch.before = first, last, before

    def _share_watch(self) -> None:
        watch, state = self.watch, self._memory.state
        if watch.first is not None and watch.last is not None and watch.before is not None:
            state[of.WATCHED], state[of.WATCH_FIRST], state[of.WATCH_LAST] = 1, watch.first, watch.last
            state[of.WATCH_BEFORE] = watch.before
