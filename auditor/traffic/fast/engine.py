"""The fast way from a large capture to the flow table: the kernel runs over the bytes, and Python does what it asks for."""

from __future__ import annotations

import numpy as np

from auditor.traffic.capture import Capture
from auditor.traffic.decoder import Decoder
from auditor.traffic.fast.entry import run
from auditor.traffic.fast.layout import (
    BLOCKS, CAPTURED, CLOCK, CONTENT, ENDED, EVENT_KIND, EVENT_SLOT, EVENT_START, EVICT, FRAME_AT, GROW, LINKS, MORE, NUMBER,
    ORIGINAL, OVER, POSITION, QUEUED, READER, SEEN, SHORTENED, SLOW, STOP, TIME, WATCH_FIRST, WATCH_LAST, WATCHED,
)  # fmt: skip
from auditor.traffic.fast.memory import Memory, special_ports
from auditor.traffic.fast.shared import SharedTracker
from auditor.traffic.intake import Intake
from auditor.traffic.names import Lookups
from auditor.traffic.pcap import PcapReader
from auditor.traffic.pcapng import ENHANCED, PcapngReader
from auditor.traffic.record import Layout, Record
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import MOST_LIVE


def fast_intake(
    decoder: Decoder, source_id: str, table: FlowTable, lookups: Lookups, *, local: bool, most_live: int = MOST_LIVE
) -> Intake:
    """Return an intake that gives the same table as ``Intake`` does, sooner where packets are many."""
    memory = Memory(most_live)
    return _FastIntake(decoder, SharedTracker(source_id, table, lookups, memory, most_live), memory, local=local)


class _FastIntake(Intake):
    """Lets the kernel count the plain packets and takes all others itself, in the order of the file."""

    def __init__(self, decoder: Decoder, tracker: SharedTracker, memory: Memory, *, local: bool) -> None:
        super().__init__(decoder, tracker, local=local)
        self._shared = tracker
        self._memory = memory

    def senders(self) -> frozenset[bytes]:
        return frozenset(self.decoder.senders | self._shared.senders)

    def read(self, capture: Capture) -> None:
        """Read record by record what the kernel leaves: the first packet, odd blocks, the end of the file."""
        reader = capture.reader()
        for record in reader.records():
            self.take(record)
            layout = reader.layout()
            # Where one packet may show on two interfaces, the decoder has to look for duplicates among all of them.
            if layout is not None and layout.link_type in LINKS and capture.facts.interfaces < 2:  # noqa: PLR2004
                self._hand_over(capture, reader, layout)
        self.finish()

    def _hand_over(self, capture: Capture, reader: PcapReader | PcapngReader, layout: Layout) -> None:
        """Let the kernel read on until it meets what only the reader understands."""
        memory, facts = self._memory, capture.facts
        state = memory.state
        memory.set_layout(layout)
        state[NUMBER], state[CLOCK] = reader.number, self.decoder.clock
        state[[SEEN, SHORTENED, BLOCKS]] = 0
        self._share_watch()
        self._run(capture, layout)
        reader.number, self.decoder.clock = int(state[NUMBER]), int(state[CLOCK])
        self._take_watch()
        facts.packets += int(state[SEEN])
        facts.truncated_packets += int(state[SHORTENED])
        if state[BLOCKS]:
            facts.blocks[ENHANCED] += int(state[BLOCKS])

    def _run(self, capture: Capture, layout: Layout) -> None:
        memory, window, special = self._memory, capture.window, special_ports()
        state = memory.state
        code = MORE
        data = np.frombuffer(window.data, np.uint8)
        while True:
            state[POSITION], state[STOP] = window.position, window.stop
            code = run(
                data, special, state, memory.packet, memory.table, memory.rows, memory.opening, memory.free, memory.gaps,
                memory.events, memory.ended, memory.ended_opening,
            )  # fmt: skip
            window.position = int(state[POSITION])
            self._drain(window.data)
            if code == SLOW:
                self._slow(window.data, layout.link_type)
            elif code == EVICT:
                self._shared.make_room()
            elif code == GROW:
                memory.grow_gaps()
            elif code == MORE and window.more():
                data = np.frombuffer(window.data, np.uint8)
            elif code in (MORE, READER):
                return

    def _drain(self, data: bytearray) -> None:
        """Do what the kernel noted, in its order."""
        state, shared = self._memory.state, self._shared
        for event in self._memory.events[: state[QUEUED]].tolist():
            if event[EVENT_KIND] == CONTENT:
                shared.look(event, data)
            elif event[EVENT_KIND] == OVER:
                shared.over(event[EVENT_SLOT])
            else:
                self.watch.pause(event[EVENT_START])
        state[QUEUED] = state[ENDED] = 0

    def _slow(self, data: bytearray, link_type: int) -> None:
        """Take a packet that the kernel does not understand."""
        number, time, at, captured, original = self._memory.state[[NUMBER, TIME, FRAME_AT, CAPTURED, ORIGINAL]].tolist()
        self._take_watch()
        self.take(Record(number, time, link_type, 0, original, bytes(data[at : at + captured])))
        self._share_watch()

    def _take_watch(self) -> None:
        seen, first, last = self._memory.state[[WATCHED, WATCH_FIRST, WATCH_LAST]].tolist()
        if seen:
            self.watch.first, self.watch.last = first, last

    def _share_watch(self) -> None:
        watch, state = self.watch, self._memory.state
        if watch.first is not None and watch.last is not None:
            state[WATCHED], state[WATCH_FIRST], state[WATCH_LAST] = 1, watch.first, watch.last
