"""What the capture readers hand on: one record a packet, and what the file tells about itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Take = Callable[[int], bytes]
"""Return the next n bytes of the file, fewer at its end."""

MAXIMUM_RECORD = 16 * 1024 * 1024
"""Longest packet or block that is believed (bytes). libpcap's own limit is 256 KiB; the rest is room for odd
writers. A greater length is damage, and trusting it would mean allocating what a hostile file asks for."""


class Record(NamedTuple):
    """One packet of a capture file."""

    number: int
    """One-based frame number."""
    time: int | None
    """Nanoseconds since the epoch; ``None`` when the record has none (simple packet block) or an impossible one."""
    link_type: int
    """LINKTYPE_ value of the interface (tcpdump.org/linktypes.html)."""
    interface: int
    """Number of the interface within the file; 0 for classic pcap."""
    original: int
    """Length on the wire, bytes."""
    data: bytes
    """Captured bytes."""


@dataclass(slots=True)
class FileFacts:
    """What a capture file tells about its own completeness; filled while it is read."""

    packets: int = 0
    truncated: bool = False
    """The file ends inside a record, or a record is damaged so that reading had to stop."""
    truncated_packets: int = 0
    first: int | None = None
    """Start of the recording as its interface statistics tell it; packets do not count here."""
    last: int | None = None
    drops: int | None = None
    skipped: Counter[str] = field(default_factory=Counter)
    interfaces: int = 0
    """Interfaces that a pcapng file described so far; 0 for classic pcap."""
    blocks: Counter[int] = field(default_factory=Counter)
    """pcapng blocks by type."""

    def seen(self, record: Record) -> None:
        """Count one record."""
        self.packets += 1
        if record.original > len(record.data):
            self.truncated_packets += 1

    def widen(self, time: int) -> None:
        """Widen the time of recording so that it holds ``time``."""
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time

    def stop(self, reason: str) -> None:
        """Note that reading ends before the file does."""
        self.truncated = True
        self.skipped[reason] += 1


class Layout(NamedTuple):
    """How the packets of a file are written, where one description holds for all of them up to the next odd record."""

    big: bool
    """Byte order."""
    header: int
    """Length of a record header, 0 for the blocks of pcapng."""
    tick: int
    """Nanoseconds of one unit of time: of the fraction of a second, in pcapng of the whole."""
    offset: int
    """Nanoseconds to add."""
    link_type: int
