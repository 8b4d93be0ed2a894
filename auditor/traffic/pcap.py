"""Classic pcap files (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, the "modified" variant."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from auditor.traffic.record import MAXIMUM_RECORD, FileFacts, Layout, Record, Take
from auditor.traffic.times import SECOND


class _Variant(NamedTuple):
    order: str
    tick: int
    """Nanoseconds of one unit of the fraction field."""
    header: int
    """Length of a record header: the modified variant adds interface index, protocol and packet type."""


MAGIC: dict[bytes, _Variant] = {
    b"\xd4\xc3\xb2\xa1": _Variant("<", 1000, 16),
    b"\xa1\xb2\xc3\xd4": _Variant(">", 1000, 16),
    b"\x4d\x3c\xb2\xa1": _Variant("<", 1, 16),
    b"\xa1\xb2\x3c\x4d": _Variant(">", 1, 16),
    b"\x34\xcd\xb2\xa1": _Variant("<", 1000, 24),
    b"\xa1\xb2\xcd\x34": _Variant(">", 1000, 24),
}
HEADER_LENGTH = 24
_LINK_TYPE_MASK = 0xFFFF  # the upper bits hold the frame check sequence length


class PcapReader:
    """Reads one file, record by record; others may take records from the same stream between two of them."""

    def __init__(self, magic: bytes, take: Take, facts: FileFacts) -> None:
        """Read with ``take`` a file whose first four bytes ``magic`` were taken already; fill ``facts`` on the way."""
        self._variant = MAGIC[magic]
        self._take = take
        self._facts = facts
        self._link_type = 0
        self.number = 0
        """Frame number of the last packet."""

    def records(self) -> Iterator[Record]:
        """Yield the packets.

        A file that ends inside its header yields nothing and is marked truncated; so is one that ends inside a record.
        """
        take, variant = self._take, self._variant
        rest = take(HEADER_LENGTH - 4)
        if len(rest) < HEADER_LENGTH - 4:
            self._facts.stop("header_cut")
            return
        self._link_type = struct.unpack_from(variant.order + "I", rest, 16)[0] & _LINK_TYPE_MASK
        fields = struct.Struct(variant.order + "IIII")
        while head := take(variant.header):
            if len(head) < variant.header:
                self._facts.stop("record_cut")
                return
            seconds, fraction, captured, original = fields.unpack_from(head)
            if captured > MAXIMUM_RECORD:
                self._facts.stop("record_damaged")
                return
            data = take(captured)
            if len(data) < captured:
                self._facts.stop("record_cut")
                return
            self.number += 1
            record = Record(self.number, seconds * SECOND + fraction * variant.tick, self._link_type, 0, original, data)
            self._facts.seen(record)
            yield record

    def layout(self) -> Layout:
        """Return how the records to come are written."""
        return Layout(self._variant.order == ">", self._variant.header, self._variant.tick, 0, self._link_type)
