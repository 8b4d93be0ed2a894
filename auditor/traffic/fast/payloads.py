"""The payload that the kernel does not understand alone: what Python found in it, by flow of the kernel."""

from __future__ import annotations

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.done import Told
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.fast.memory import Memory
from auditor.traffic.fast.told import finding_of
from auditor.traffic.flow import Half, look, look_at_datagram, look_into, named
from auditor.traffic.internet import UDP

_ASKING = (None, 0, 1, None)


class Found:
    """What the payload of a flow of the kernel told so far."""

    __slots__ = ("halves",)

    def __init__(self, protocol: int) -> None:
        """Begin with nothing found."""
        self.halves = Half(protocol), Half(protocol)


def protocol_of(row: list[int]) -> int:
    """Return the IP protocol of a row."""
    return row[of.PORTS] >> 8 & 0xFF


def request_of(flags: int) -> int | None:
    """Return the half that asks by DNS, by the flags of a row."""
    return _ASKING[flags >> of.ASKED & 3]


class Payloads:
    """Looks into the payload of packets that the kernel counted, and keeps what it finds by the flow's sequence number."""

    def __init__(self, memory: Memory) -> None:
        """Share ``memory`` with the kernel."""
        self._memory = memory
        self._found: dict[int, Found] = {}

    def look(self, event: list[int], data: bytes | bytearray) -> None:
        """Look into the payload of a packet; ``HELD`` events bring the bytes that the kernel held before it."""
        kind, sequence, slot, side, start, low, at, held, length, told, name_at, name_length, passed = event
        found = self._found.get(sequence)
        if found is None:
            found = self._found[sequence] = Found(self._memory.rows.item(slot, of.PORTS) >> 8 & 0xFF)
        half, other = found.halves[side], found.halves[1 - side]
        if told and other.finding is None:
            self._tell(other, told, name_at, name_length)
        payload = self._release(at, held) if kind == of.HELD_BYTES else bytes(data[at : at + held])
        _pass_over(half, passed)
        if half.curious():  # the kernel may not have known yet that it is not
            _look(found, side, payload, (low, start, length))
        self._wish(found, side, sequence, slot)

    def look_at_stranger(self, event: list[int], payload: bytes) -> None:
        """Look into a payload to or from the port of DNS that is no message."""
        sequence, side, length = event[of.EVENT_SEQUENCE], event[of.EVENT_SIDE] & 1, event[of.EVENT_LENGTH]
        found = self._found.get(sequence)
        if found is None:
            found = self._found[sequence] = Found(UDP)
        if found.halves[side].curious():
            look_at_datagram(found.halves, found.halves[side], payload, length)

    def settle(self, row: list[int]) -> Found:
        """Return what was found of a flow that leaves the kernel; the bytes that it held are looked into."""
        found = self._found.pop(row[of.SEQUENCE], None) or Found(protocol_of(row))
        for side, at in enumerate((of.SIDE, of.SIDE + of.SIDE_WIDTH)):
            half, told, place, size = found.halves[side], row[at + of.TOLD], row[at + of.NAME_AT], row[at + of.NAME_LENGTH]
            if half.stream is None:
                _pass_over(half, row[at + of.PASSED])
            elif told and half.finding is None:
                self._tell(half, told, place, size)
            elif row[at + of.HELD_IN]:
                _look(found, side, self._release(row[at + of.HELD_IN] - 1, size), (0, 0, size))
        return found

    def concerned(self, rows: Numbers) -> list[int]:
        """Return which rows of flows that are over Python has to tell of: it looked into them, or has still to."""
        sides = rows[:, of.SIDE :].reshape(len(rows), 2, of.SIDE_WIDTH)
        held = (sides[:, :, of.HELD_IN] > 0).any(axis=1)
        known = [sequence in self._found for sequence in rows[:, of.SEQUENCE].tolist()]
        concerned: list[int] = np.flatnonzero(held | np.array(known, np.bool_)).tolist()
        return concerned

    def told(self, row: list[int]) -> Told:
        """Return what Python found of a flow that is over, one of those that are ``concerned``."""
        found = self.settle(row)
        for half, at in zip(found.halves, (of.SIDE, of.SIDE + of.SIDE_WIDTH), strict=True):
            if half.stream is not None and half.stream.keeping and row[at + of.PAYLOAD]:
                look(half, half.stream, last=True)
        one, two = found.halves
        return Told((one.finding, two.finding))

    def _tell(self, half: Half, told: int, at: int, length: int) -> None:
        """Let a direction know what the kernel found in it."""
        half.finding = finding_of(told, self._memory.names[at : at + length].tobytes())
        if half.stream is not None:
            half.stream.forget()

    def _release(self, slot: int, length: int) -> bytes:
        """Return the bytes that the kernel held, and give back their room."""
        memory = self._memory
        begin = slot * of.HELD_ROOM
        memory.held_free[memory.state[of.HELD_FREE]] = slot
        memory.state[of.HELD_FREE] += 1
        return memory.held[begin : begin + length].tobytes()

    def _wish(self, found: Found, side: int, sequence: int, slot: int) -> None:
        """Tell the kernel what Python still wants to see of a flow, if it is still there."""
        rows = self._memory.rows
        if rows.item(slot, of.SEQUENCE) != sequence:
            return
        half, shift = found.halves[side], side * of.SIDE_BITS
        flags = before = rows.item(slot, of.FLAGS)
        if not half.curious():
            flags &= ~(of.WANTED << shift)
        if half.stream is None and named(half):
            flags &= ~(of.WANTED | of.WANTED << of.SIDE_BITS)
        if half.initials is not None:
            flags |= of.INITIALS << shift
        if flags != before:
            rows[slot, of.FLAGS] = flags


def _look(found: Found, side: int, payload: bytes, place: tuple[int, int, int]) -> None:
    """Look into a payload; ``place``: of a segment where its stream begins, where it begins itself, and its length."""
    half, (low, start, length) = found.halves[side], place
    if half.stream is None:
        look_at_datagram(found.halves, half, payload, length)
    else:
        half.stream.lowest(low)
        half.stream.place(start, start + length, payload)
        look_into(found.halves, half, half.stream)


def _pass_over(half: Half, count: int) -> None:
    """Count the datagrams in which the kernel saw no Initial packet."""
    if count and half.initials is not None and half.curious():
        half.finding = half.initials.pass_over(count)
