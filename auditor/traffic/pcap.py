"""Classic pcap files (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, the "modified" variant."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from auditor.traffic.record import MAXIMUM_RECORD, FileFacts, Record, Take
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


def read_pcap(magic: bytes, take: Take, facts: FileFacts) -> Iterator[Record]:
    """Yield the packets of a file whose first four bytes ``magic`` were taken already.

    A file that ends inside its header yields nothing and is marked truncated; so is one that ends inside a record.
    """
    variant = MAGIC[magic]
    rest = take(HEADER_LENGTH - 4)
    if len(rest) < HEADER_LENGTH - 4:
        facts.stop("header_cut")
        return
    link_type = struct.unpack_from(variant.order + "I", rest, 16)[0] & _LINK_TYPE_MASK
    fields = struct.Struct(variant.order + "IIII")
    number = 0
    while head := take(variant.header):
        if len(head) < variant.header:
            facts.stop("record_cut")
            return
        seconds, fraction, captured, original = fields.unpack_from(head)
        if captured > MAXIMUM_RECORD:
            facts.stop("record_damaged")
            return
        data = take(captured)
        if len(data) < captured:
            facts.stop("record_cut")
            return
        number += 1
        record = Record(number, seconds * SECOND + fraction * variant.tick, link_type, 0, original, data)
        facts.seen(record)
        yield record
