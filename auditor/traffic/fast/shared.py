"""A tracker that shares the live flows with the kernel: every flow is in one of the two, and changes hands whole."""

from __future__ import annotations

from array import array

import numpy as np

from auditor.traffic.dns import read_message
from auditor.traffic.fast import layout as of
from auditor.traffic.fast.columns import columns_of, senders_of
from auditor.traffic.fast.done import AT_ONCE, Done, Place, Told
from auditor.traffic.fast.entry import drop, locate, reserve, shared
from auditor.traffic.fast.handover import are_over, end_of, fill_key, flow_of
from auditor.traffic.fast.harvest import Harvest
from auditor.traffic.fast.headers import TCP_SPECIAL, UDP_SPECIAL
from auditor.traffic.fast.layout import Data, Numbers
from auditor.traffic.fast.memory import WHOLE, Memory, Share, special_ports
from auditor.traffic.fast.partner import UndividedError
from auditor.traffic.fast.payloads import Payloads
from auditor.traffic.fast.questions import Questions
from auditor.traffic.flow import Flow, is_gquic
from auditor.traffic.internet import TCP, UDP
from auditor.traffic.names import Lookups
from auditor.traffic.packet import Packet
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import MOST_LIVE, FlowTracker, Key

_SPECIAL = {TCP: TCP_SPECIAL, UDP: UDP_SPECIAL}


_AT_THE_END = 1 << 62


class SharedTracker(FlowTracker):
    """Holds the flows that the kernel does not; sequence numbers say in which order all of them began."""

    def __init__(
        self,
        source_id: str,
        lookups: Lookups,
        memory: Memory,
        most_live: int = MOST_LIVE,
        share: Share = WHOLE,
    ) -> None:
        """Share ``memory`` with the kernel, the flows of the capture with other processes; the rest as for ``FlowTracker``."""
        super().__init__(source_id, FlowTable.packed(), lookups, most_live)
        self._memory = memory
        self._share = share
        self._sequence: dict[Key, int] = {}
        self._reserved: dict[Key, int] = {}
        """Rows that tell the kernel which flows are here."""
        self.payloads = Payloads(memory)
        self._ended = Done()
        self._base = 0
        self._added = 0
        """Packets added for the packet of the file that is at hand: what is inside of tunnels, what fragments give up."""
        self._place = 0, 0
        self._written = 0
        self._places = array("q")
        """By row of the table of those that are here the three numbers of its ``Place``."""
        self._columns, self._ended_places = FlowTable.packed(), array("q")
        """The same of those that the kernel had."""
        self._questions = Questions(memory)
        self.senders: set[bytes] = set()
        """Who sent packets of the flows that the kernel had."""

    def at(self, number: int) -> None:
        """Say which packet of the file comes next: flows are numbered in the order of those that begin them."""
        self._base, self._added = number << of.SEQUENCE_BITS, 0

    def message(self, event: list[int], data: bytes | bytearray) -> None:
        """Read the DNS message of a packet that the kernel counted."""
        _, sequence, slot, side, time, network, at, held, _, asked, *_ = event
        payload = bytes(memoryview(data)[at : at + held])
        message = read_message(payload)
        if message is None:
            self.payloads.look_at_stranger(event, payload)
            return
        questions = self._questions
        questions.take_up(sequence, slot, asked)
        asker = questions.request
        client = end_of(data, network, message.response)
        self._message(questions, side & 1, message, time, client, met=side >= of.MET)
        if asker is None:
            questions.put_down(slot)

    def over(self, place: int) -> None:
        """Take a flow that the kernel ended."""
        ended = self._memory.ended[place : place + 1].copy()
        self._place = int(ended[0, of.ENDED_BY]), 0
        self._ended_places.extend(self._next_place())
        self._done(ended, self._memory.ended_opening[place : place + 1].copy())

    def make_room(self) -> None:
        """Write out the flows that are over or, where none is, those longest without a packet."""
        self._evict(int(self._memory.state[of.TIME]))

    def _done(self, rows: Numbers, opening: Data) -> None:
        """Note flows of the kernel that are over."""
        self.senders.update(senders_of(rows))
        told: dict[int, Told] = {}
        for number in self.payloads.concerned(rows):
            told[number] = self.payloads.told(rows[number].tolist())
            self.gquic += is_gquic(told[number].findings)
        self._questions.forget_all(rows)
        self._ended.add(rows, opening, told)
        if self._ended.count >= AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """Make columns of the flows of the kernel that are over."""
        if self._ended.count:
            names = self._memory.names[: self._memory.state[of.NAMES_USED]]
            self._columns.add_columns(columns_of(self._ended.take(names), self._source_id))

    def _next_place(self) -> Place:
        self._written += 1
        return (*self._place, self._written)

    def _taken(self, slot: int) -> Flow:
        """Take a flow out of the kernel."""
        memory = self._memory
        row = memory.rows[slot].tolist()
        questions, asked = self._questions.forget(row[of.SEQUENCE])
        row[of.FLAGS] |= asked
        flow = flow_of(row, memory.opening[slot].tobytes(), self.payloads.settle(row), memory.gaps)
        for question in questions:
            flow.note(question)
        self.senders.update(end[0] for end, half in zip(flow.ends, flow.halves, strict=True) if half.packets)
        drop(memory.state, memory.table, memory.rows, memory.free, memory.gaps, slot)
        return flow

    def _row(self, key: Key) -> int:
        """Return the row of a flow of the kernel, -1 for none."""
        memory = self._memory
        if not self._shareable(key) or not fill_key(key, memory.packet):
            return -1
        return int(locate(memory.state, memory.packet, memory.table, memory.rows))

    @staticmethod
    def _shareable(key: Key) -> bool:
        """Return whether the kernel may meet packets of such a flow."""
        bit = _SPECIAL.get(key[4])
        return bit is not None and not (special_ports()[key[1]] | special_ports()[key[3]]) & bit

    def _here(self, key: Key) -> bool:
        self._added += 1
        self._place = self._base >> of.SEQUENCE_BITS, self._added
        if self._share == WHOLE:
            return True
        if not self._shareable(key) or not fill_key(key, self._memory.packet):
            return not self._share.low
        return bool(shared(self._memory.state, self._memory.packet))

    def _write(self, flow: Flow) -> None:
        self._places.extend(self._next_place())
        super()._write(flow)

    def _count(self) -> int:
        return len(self._live) + int(self._memory.state[of.LIVE_FLOWS])

    def _current(self, key: Key) -> Flow | None:
        flow = self._live.get(key)
        if flow is not None:
            return flow
        slot = self._row(key)
        if slot < 0:
            return None
        sequence = int(self._memory.rows[slot, of.SEQUENCE])
        flow = self._live[key] = self._taken(slot)
        self._enter(key, sequence)
        return flow

    def _begin(self, key: Key, packet: Packet) -> Flow:
        flow = super()._begin(key, packet)
        self._enter(key, self._base + self._added)
        return flow

    def _enter(self, key: Key, sequence: int) -> None:
        """Note the place of a flow in the order of beginnings, and tell the kernel that it is here."""
        memory = self._memory
        self._sequence[key] = sequence
        if self._shareable(key) and fill_key(key, memory.packet):
            self._reserved[key] = int(reserve(memory.state, memory.packet, memory.table, memory.rows, memory.free))
        memory.state[of.PYTHON_FLOWS] = len(self._live)

    def _end(self, key: Key) -> Flow:
        memory = self._memory
        del self._sequence[key]
        slot = self._reserved.pop(key, None)
        if slot is not None:
            drop(memory.state, memory.table, memory.rows, memory.free, memory.gaps, slot)
        flow = super()._end(key)
        memory.state[of.PYTHON_FLOWS] = len(self._live)
        return flow

    def _mark_unreachable(self, key: Key) -> None:
        slot = -1 if key in self._live else self._row(key)
        if slot < 0:
            super()._mark_unreachable(key)
        else:
            self._memory.rows[slot, of.FLAGS] |= of.UNREACHABLE

    def _slots(self) -> Numbers:
        """Return the row of every flow of the kernel."""
        rows = self._memory.rows[: self._memory.state[of.NEXT_SLOT]]
        slots: Numbers = np.flatnonzero((rows[:, of.FLAGS] & (of.LIVE | of.PYTHONS)) == of.LIVE)
        return slots

    def _kernels(self, slots: Numbers) -> list[tuple[int, int, int, int]]:
        """Return (last time, first frame, sequence number, row) of flows of the kernel."""
        rows = self._memory.rows
        told = (rows[slots, column].tolist() for column in (of.LAST, of.FIRST_FRAME, of.SEQUENCE))
        return list(zip(*told, slots.tolist(), strict=True))

    def _evict(self, now: int) -> None:
        if self._share != WHOLE:
            raise UndividedError
        slots, most = self._slots(), self._evicted_at_once()
        rows = self._memory.rows
        ended = slots[are_over(rows, slots, now)]
        entries: list[tuple[int, int, int, int | Key]] = [*self._kernels(ended)]
        entries += [self._entry(key, flow) for key, flow in self._live.items() if self._over(flow, now)]
        over = bool(entries)
        if not over:
            oldest = np.lexsort(tuple(rows[slots, column] for column in (of.SEQUENCE, of.FIRST_FRAME, of.LAST)))[:most]
            entries = [*self._kernels(slots[oldest]), *(self._entry(key, flow) for key, flow in self._live.items())]
        for *_, where in sorted(entries, key=lambda entry: entry[:3])[: None if over else most]:
            self.evicted += not over
            if isinstance(where, int):
                self._drop(where, evicted=not over)
            else:
                flow = self._end(where)
                flow.evicted = not over
                self._write(flow)

    def _drop(self, slot: int, *, evicted: bool) -> None:
        """Take a flow out of the kernel that is over or gives way."""
        memory = self._memory
        memory.rows[slot, of.FLAGS] |= of.EVICTED * evicted
        self._ended_places.extend(self._next_place())
        self._done(memory.rows[slot : slot + 1].copy(), memory.opening[slot : slot + 1].copy())
        drop(memory.state, memory.table, memory.rows, memory.free, memory.gaps, slot)

    def _entry(self, key: Key, flow: Flow) -> tuple[int, int, int, int | Key]:
        return flow.last, flow.first_frame, self._sequence[key], key

    def finish(self) -> None:
        """Write every flow that is still live, in the order in which they began."""
        rows, slots = self._memory.rows, self._slots()
        slots = slots[np.argsort(rows[slots, of.SEQUENCE])]
        for begin in range(0, len(slots), AT_ONCE):
            some = slots[begin : begin + AT_ONCE]
            for sequence in rows[some, of.SEQUENCE].tolist():
                self._ended_places.extend((_AT_THE_END, sequence, 0))
            self._done(rows[some], self._memory.opening[some])
            rest = slots[begin + AT_ONCE :]
            if rest.size:  # the columns grow as the rows go
                self._memory.give_back(int(rest.min()))
        for key in sorted(self._live, key=self._sequence.__getitem__):
            self._place = _AT_THE_END, self._sequence[key]
            self._write(self._live.pop(key))
        self._flush()

    def harvest(self) -> Harvest:
        """Return all flows, once they are over, in no order."""
        self._columns.extend(self._table)
        return Harvest(self._columns, self._ended_places + self._places)
