"""A tracker that shares the live flows with the kernel: every flow is in one of the two, and changes hands whole."""

from __future__ import annotations

import numpy as np

from auditor.traffic.dns import read_message
from auditor.traffic.fast import layout as of
from auditor.traffic.fast.entry import drop, locate, reserve, shared
from auditor.traffic.fast.handover import Found, are_over, ends_of, fill_key, flow_of, protocol_of
from auditor.traffic.fast.headers import TCP_SPECIAL, UDP_SPECIAL
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.fast.memory import WHOLE, Memory, Share, special_ports
from auditor.traffic.flow import Flow, look_at_datagram, look_into
from auditor.traffic.internet import TCP, UDP
from auditor.traffic.names import Lookups
from auditor.traffic.packet import Packet
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import MOST_LIVE, FlowTracker, Key

_SPECIAL = {TCP: TCP_SPECIAL, UDP: UDP_SPECIAL}


_AT_THE_END = 1 << 62


class UndividedError(Exception):
    """A capture that only one reader can read: which flows give way, or which packets are duplicates, needs all of it."""


class SharedTracker(FlowTracker):
    """Holds the flows that the kernel does not; sequence numbers say in which order all of them began."""

    def __init__(
        self,
        source_id: str,
        table: FlowTable,
        lookups: Lookups,
        memory: Memory,
        most_live: int = MOST_LIVE,
        share: Share = WHOLE,
    ) -> None:
        """Share ``memory`` with the kernel, the flows of the capture with other processes; the rest as for ``FlowTracker``."""
        super().__init__(source_id, table, lookups, most_live)
        self._memory = memory
        self._share = share
        self._sequence: dict[Key, int] = {}
        self._reserved: dict[Key, int] = {}
        """Rows that tell the kernel which flows are here."""
        self._found: dict[int, Found] = {}
        """By sequence number what the payload of flows of the kernel told so far."""
        self._base = 0
        self._added = 0
        """Packets added for the packet of the file that is at hand: what is inside of tunnels, what fragments give up."""
        self._place = 0, 0
        self.places: list[tuple[int, int]] = []
        """By row of the table: the packet that ended the flow, and which of all that this packet did it was."""
        self.senders: set[bytes] = set()
        """Who sent packets of the flows that the kernel had."""

    def at(self, number: int) -> None:
        """Say which packet of the file comes next: flows are numbered in the order of those that begin them."""
        self._base, self._added = number << of.SEQUENCE_BITS, 0

    def look(self, event: list[int], data: bytes | bytearray) -> None:
        """Look into the payload of a packet that the kernel counted."""
        _, sequence, slot, side, start, low, at, held, length = event
        memory = self._memory
        found = self._found.get(sequence)
        if found is None:
            found = self._found[sequence] = Found(protocol_of(memory.rows[slot].tolist()))
        half = found.halves[side]
        if not half.curious():  # the kernel did not know that yet
            return
        payload = bytes(data[at : at + held])
        if half.stream is None:
            look_at_datagram(half, payload, length)
        else:
            half.stream.lowest(low)
            half.stream.place(start, start + length, payload)
            look_into(found.halves, half, half.stream)
        if not half.curious() and memory.rows[slot, of.SEQUENCE] == sequence:
            memory.rows[slot, of.FLAGS] &= ~(of.WANTED << side * of.SIDE_BITS)

    def message(self, event: list[int], data: bytes | bytearray) -> None:
        """Read the DNS message of a packet that the kernel counted."""
        _, sequence, _, side, time, network, at, held, length = event
        found = self._found.get(sequence)
        if found is None:
            found = self._found[sequence] = Found(UDP)
            found.queries = set()
        half, payload = found.halves[side & 1], bytes(data[at : at + held])
        if half.curious():
            look_at_datagram(half, payload, length)
        message = read_message(payload)
        if message is not None:
            client = ends_of(data, network)[message.response]
            self._message(found, side & 1, message, time, client, met=side >= of.MET)

    def over(self, place: int) -> None:
        """Write a flow that the kernel ended."""
        row = self._memory.ended[place].tolist()
        self._place = row[of.ENDED_BY], 0
        self._write(self._object(row, self._memory.ended_opening[place].tobytes()))

    def make_room(self) -> None:
        """Write out the flows that are over or, where none is, those longest without a packet."""
        self._evict(int(self._memory.state[of.TIME]))

    def _object(self, row: list[int], opening: bytes) -> Flow:
        """Return a flow of the kernel as an object; the kernel has still to forget it."""
        found = self._found.pop(row[of.SEQUENCE], None) or Found(protocol_of(row))
        flow = flow_of(row, opening, found, self._memory.gaps)
        self.senders.update(end[0] for end, half in zip(flow.ends, flow.halves, strict=True) if half.packets)
        return flow

    def _taken(self, slot: int) -> Flow:
        """Take a flow out of the kernel."""
        memory = self._memory
        flow = self._object(memory.rows[slot].tolist(), memory.opening[slot].tobytes())
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
        self.places.append(self._place)
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
            flow = self._out(where)
            flow.evicted = not over
            self.evicted += flow.evicted
            self._write(flow)

    def _entry(self, key: Key, flow: Flow) -> tuple[int, int, int, int | Key]:
        return flow.last, flow.first_frame, self._sequence[key], key

    def finish(self) -> None:
        """Write every flow that is still live, in the order in which they began."""
        entries: list[tuple[int, int | Key]] = [(sequence, slot) for *_, sequence, slot in self._kernels(self._slots())]
        entries += [(self._sequence[key], key) for key in self._live]
        rows, opening = self._memory.rows, self._memory.opening
        for sequence, where in sorted(entries, key=lambda entry: entry[0]):
            self._place = _AT_THE_END, sequence
            if isinstance(where, int):  # no packet follows, so the kernel need not forget it
                self._write(self._object(rows[where].tolist(), opening[where].tobytes()))
            else:
                self._write(self._live.pop(where))

    def _out(self, where: int | Key) -> Flow:
        """Take out a flow of the kernel by its row, or one that is here by its key."""
        return self._taken(where) if isinstance(where, int) else self._end(where)
