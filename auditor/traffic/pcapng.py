"""pcapng files (draft-ietf-opsawg-pcapng): sections, interfaces, packet blocks, interface statistics."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from auditor.traffic.record import MAXIMUM_RECORD, FileFacts, Layout, Record, Take
from auditor.traffic.times import LARGEST, SECOND

MAGIC = b"\x0a\x0d\x0d\x0a"
SECTION, INTERFACE, PACKET, SIMPLE, STATISTICS, ENHANCED = 0x0A0D0D0A, 1, 2, 3, 5, 6
_SKIPPED_NAMES = {4: "name_resolution", 0xA: "secrets", 0xBAD: "custom", 0x40000BAD: "custom"}
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_SMALLEST_BLOCK = 12
_OPTION_RESOLUTION, _OPTION_OFFSET = 9, 14
_OPTION_START, _OPTION_END, _OPTION_INTERFACE_DROPS, _OPTION_SYSTEM_DROPS = 2, 3, 5, 7
_OPTION_PACKET_DROPS = 4
_POWER_OF_TWO = 0x80
_LARGEST_EXPONENT = 63
_MICROSECONDS = 1_000_000
_NO_PCAPNG_YET = 1_000_000_000 * SECOND
"""September 2001; the format was drafted in 2004."""


@dataclass(slots=True)
class _Interface:
    number: int
    """Within the file, counted over all sections."""
    link_type: int
    snap_length: int
    ticks_per_second: int = _MICROSECONDS
    offset: int = 0
    """Seconds to add to every timestamp."""
    dropped: int | None = None
    """Latest counters of its statistics blocks; they are running totals."""

    def time(self, high: int, low: int) -> int | None:
        """Return nanoseconds since the epoch, or ``None`` for a time that no clock of a capture can show."""
        time = ((high << 32 | low) * SECOND) // self.ticks_per_second + self.offset * SECOND
        return time if abs(time) <= LARGEST else None

    def statistics_time(self, high: int, low: int) -> int | None:
        """Return a time of a statistics block.

        dumpcap was seen to count these in microseconds where it records packets in nanoseconds: read by the interface's
        resolution they would lie before pcapng existed. Then, and only then, microseconds are taken.
        """
        time = self.time(high, low)
        plain = (high << 32 | low) * (SECOND // _MICROSECONDS)
        finer = self.ticks_per_second > _MICROSECONDS
        return plain if finer and time is not None and time < _NO_PCAPNG_YET <= plain <= LARGEST else time


class PcapngReader:
    """Reads one file, block by block; several sections may differ in byte order and start new interface lists."""

    def __init__(self, take: Take, facts: FileFacts) -> None:
        """Read with ``take``; fill ``facts`` on the way."""
        self._take = take
        self._facts = facts
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._all: list[_Interface] = []
        self._used: set[int] = set()
        self._packet_drops = 0
        self.number = 0
        """Frame number of the last packet."""

    def records(self) -> Iterator[Record]:
        """Yield the packets; the four bytes of the first block type were taken already.

        Others may take whole blocks from the same stream between two packets.
        """
        readers: dict[int, Callable[[bytes], Record | None]] = {
            INTERFACE: self._interface,
            PACKET: self._obsolete,
            SIMPLE: self._simple,
            STATISTICS: self._statistics,
            ENHANCED: self._enhanced,
        }
        kind: bytes = MAGIC
        while kind:
            if kind == MAGIC and not self._section_order():
                return
            block = self._block(kind)
            if block is None:
                return
            code, body = block
            self._facts.blocks[code] += 1
            read = readers.get(code)
            if read is not None:
                record = self._guarded(read, body)
                if record is not None:
                    self._facts.seen(record)
                    yield record
            elif code != SECTION:
                self._facts.skipped[f"block:{_SKIPPED_NAMES.get(code, 'unknown')}"] += 1
            self._facts.drops = self._drops()
            kind = self._take(4)

    def layout(self) -> Layout | None:
        """Return how packets of the only interface are written, ``None`` when there are several or its times are odd."""
        if len(self._all) != 1 or len(self._interfaces) != 1:
            return None
        interface = self._interfaces[0]
        if SECOND % interface.ticks_per_second or abs(interface.offset) > LARGEST // 2 // SECOND:
            return None
        tick = SECOND // interface.ticks_per_second
        return Layout(self._order == ">", 0, tick, interface.offset * SECOND, interface.link_type)

    def _guarded(self, read: Callable[[bytes], Record | None], body: bytes) -> Record | None:
        """Read one block; a block shorter than its own fields is counted and left out."""
        try:
            return read(body)
        except struct.error:
            self._facts.skipped["block:damaged"] += 1
            return None

    def _section_order(self) -> bool:
        """Learn the byte order of a new section; its length word can only be read after it."""
        head = self._take(8)
        order = _ORDERS.get(head[4:])
        if order is None:
            self._facts.stop("block_cut" if len(head) < 8 else "block_damaged")  # noqa: PLR2004 -- length and magic
            return False
        self._order = order
        self._interfaces = []
        self._pending = head
        return True

    def _block(self, kind: bytes) -> tuple[int, bytes] | None:
        """Return type and body of the block whose type word was just taken, or ``None`` at damage or the end."""
        consumed = self._pending if kind == MAGIC else self._take(4)
        if len(kind) < 4 or len(consumed) < 4:  # noqa: PLR2004 -- one word
            self._facts.stop("block_cut")
            return None
        code = SECTION if kind == MAGIC else int(struct.unpack(self._order + "I", kind)[0])
        length = int(struct.unpack_from(self._order + "I", consumed)[0])
        if length < _SMALLEST_BLOCK or length % 4 or length > MAXIMUM_RECORD:
            self._facts.stop("block_damaged")
            return None
        wanted = length - 4 - len(consumed)
        rest = self._take(wanted)
        if len(rest) < wanted:
            self._facts.stop("block_cut")
            return None
        return code, consumed[4:] + rest[:-4]

    def _options(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 4 <= len(data):
            code, length = struct.unpack_from(self._order + "HH", data, at)
            if code == 0:
                return
            yield code, data[at + 4 : at + 4 + length]
            at += 4 + length + (-length % 4)

    def _interface(self, body: bytes) -> None:
        link_type, _, snap_length = struct.unpack_from(self._order + "HHI", body)
        interface = _Interface(len(self._all), link_type, snap_length)
        for code, value in self._options(body[8:]):
            if code == _OPTION_RESOLUTION and value:
                exponent = min(value[0] & ~_POWER_OF_TWO, _LARGEST_EXPONENT)
                interface.ticks_per_second = (2 if value[0] & _POWER_OF_TWO else 10) ** exponent
            elif code == _OPTION_OFFSET:
                interface.offset = int(struct.unpack(self._order + "q", value)[0])
        self._interfaces.append(interface)
        self._facts.interfaces += 1
        self._all.append(interface)

    def _of(self, index: int) -> _Interface | None:
        if index < len(self._interfaces):
            return self._interfaces[index]
        self._facts.skipped["packet_without_interface"] += 1
        return None

    def _packet(self, interface: _Interface, time: int | None, original: int, data: bytes) -> Record:
        self.number += 1
        self._used.add(interface.number)
        return Record(self.number, time, interface.link_type, interface.number, original, data)

    def _enhanced(self, body: bytes) -> Record | None:
        index, high, low, captured, original = struct.unpack_from(self._order + "IIIII", body)
        return self._timed(index, (high, low), (captured, original), body[20:])

    def _obsolete(self, body: bytes) -> Record | None:
        index, drops, high, low, captured, original = struct.unpack_from(self._order + "HHIIII", body)
        self._packet_drops += drops if drops != 0xFFFF else 0  # noqa: PLR2004 -- "not known"
        return self._timed(index, (high, low), (captured, original), body[20:])

    def _timed(self, index: int, time: tuple[int, int], lengths: tuple[int, int], data: bytes) -> Record | None:
        interface = self._of(index)
        captured, original = lengths
        if interface is None:
            self.number += 1
            return None
        if captured > len(data):
            self.number += 1
            self._facts.skipped["block:damaged"] += 1
            return None
        options = data[captured + (-captured % 4) :]
        for code, value in self._options(options) if options else ():
            if code == _OPTION_PACKET_DROPS:
                self._packet_drops += int.from_bytes(value, "little" if self._order == "<" else "big")
        return self._packet(interface, interface.time(*time), original, data[:captured])

    def _simple(self, body: bytes) -> Record | None:
        """Read a simple packet: interface 0, no time; captured length follows from snap length and block length."""
        original = int(struct.unpack_from(self._order + "I", body)[0])
        interface = self._of(0)
        if interface is None:
            self.number += 1
            return None
        captured = min(original, len(body) - 4, interface.snap_length or original)
        return self._packet(interface, None, original, body[4 : 4 + captured])

    def _statistics(self, body: bytes) -> None:
        index = int(struct.unpack_from(self._order + "I", body)[0])
        if index >= len(self._interfaces):
            self._facts.skipped["statistics_without_interface"] += 1
            return
        interface = self._interfaces[index]
        dropped: int | None = None
        for code, value in self._options(body[12:]):
            if code in (_OPTION_START, _OPTION_END):
                time = interface.statistics_time(*struct.unpack(self._order + "II", value))
                if time is not None:
                    self._facts.widen(time)
            elif code in (_OPTION_INTERFACE_DROPS, _OPTION_SYSTEM_DROPS):
                dropped = (dropped or 0) + int(struct.unpack(self._order + "Q", value)[0])
        if dropped is not None:
            interface.dropped = dropped

    def _drops(self) -> int | None:
        """Return the packets lost over all interfaces; unknown as soon as one used interface does not tell.

        A capture without packets is asked for every interface: its statistics are all it has to say.
        """
        asked = [i for i in self._all if i.number in self._used or not self._used]
        if not asked or any(i.dropped is None for i in asked):
            return self._packet_drops or None
        return sum(i.dropped or 0 for i in self._all) + self._packet_drops
