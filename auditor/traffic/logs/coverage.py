"""What a log could have seen, and what happened to each of its lines: nothing is lost without a count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.facts.blindness import Blind
from auditor.traffic.times import SECOND

MOST_ADDRESSES = 200_000
MOST_WORDS = 1_000
"""Distinct unknown fields, versions and reporters kept of one source: a hostile file must not fill the memory."""


class FileDigest(NamedTuple):
    """One file of the source after it was read."""

    id: str
    sha256: str
    """Of the file as it lies there, compressed if it is."""
    lines: int
    """Unpacked lines (rows of a Parquet file)."""


@dataclass(slots=True)
class LogCoverage:
    """Filled while the records of a reading are taken; complete when they have ended."""

    format: str
    lines: int = 0
    """Lines read, with headers and empty ones; rows of a Parquet file."""
    records: int = 0
    """Log records that were understood, whether or not they make a flow."""
    flows: int = 0
    lookups: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """Lines or records that could not be used, by reason. None of them makes a flow."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Records that hold no flow by their nature (statistics, headers, other event types, NODATA), by kind."""
    notes: Counter[str] = field(default_factory=Counter)
    """What was odd about records that were used all the same: ``out_of_order``, ``end_before_start``, ``field_invalid:…``."""
    unknown_fields: Counter[str] = field(default_factory=Counter)
    """Fields that the reader does not know, by name, with how many records have them."""
    versions: Counter[str] = field(default_factory=Counter)
    """Versions that the records say they have."""
    lost: int = 0
    """Events or packets that the log itself says it lost."""
    lost_uncounted: int = 0
    """Records that say that an unknown number was lost (AWS ``SKIPDATA``)."""
    sampled: str = ""
    """How records were sampled, as far as known; empty: not sampled as far as the format tells."""
    truncated: bool = False
    """A file ends inside a record or inside its compression."""
    blind: tuple[Blind, ...] = ()
    first: int | None = None
    """Earliest and latest time of a record (ns), also of records without a flow: the window of the log."""
    last: int | None = None
    furthest_behind: int = 0
    """Largest step back in time from one line to a later one of the same file (ns)."""
    reporters: Counter[str] = field(default_factory=Counter)
    files: list[FileDigest] = field(default_factory=list)
    _latest: int | None = None
    """Latest time of the file that is being read."""

    @property
    def lossless(self) -> bool:
        """Return whether the log says of itself that it misses nothing: only then may its silence mean something."""
        return not (self.skipped or self.lost or self.lost_uncounted or self.sampled or self.truncated)

    @property
    def window_seconds(self) -> float:
        """Return the time from the first to the last record in seconds."""
        return 0.0 if self.first is None or self.last is None else round((self.last - self.first) / SECOND, 6)

    def skip(self, reason: str) -> None:
        """Count a line that could not be used."""
        self.skipped[reason] += 1

    def note(self, reason: str) -> None:
        """Count an oddity of a record that was used."""
        self.notes[reason] += 1

    def new_file(self) -> None:
        """Begin a file: order of time is a matter within one file."""
        self._latest = None

    def saw(self, time: int | None) -> None:
        """Widen the window by the time of one record, and note one that is earlier than a record before it."""
        if time is None:
            return
        if self._latest is None or time >= self._latest:
            self._latest = time
        else:
            self.notes["out_of_order"] += 1
            self.furthest_behind = max(self.furthest_behind, self._latest - time)
        self.reaches(time)

    def reaches(self, time: int | None) -> None:
        """Widen the window by a time that says nothing about order: the end of a record."""
        if time is None:
            return
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time

    def cannot_see(self, *clauses: Blind) -> None:
        """Add what this very log cannot see, besides what its format never can."""
        self.blind = tuple(sorted({*self.blind, *clauses}))

    def word(self, counter: Counter[str], value: str) -> None:
        """Count ``value``, as ``…`` once more distinct ones came than are kept."""
        counter[value if value in counter or len(counter) < MOST_WORDS else "…"] += 1
