"""The clock of a proxy's log: its requests and the connections on which packets show them, all apart by the same time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from auditor.traffic.clocks import CLOCK_DIFFERENCE

FEWEST = 3
"""Requests that must agree."""
_AGREEING = 0.9
"""Share of the requests of which connections are known that must agree."""
_LOOKED_AT = 256
"""Requests, and connections of each, that are compared: enough to tell a clock."""


class Spans(Protocol):
    """A connection."""

    @property
    def start(self) -> int:
        """Return when it began."""

    def covers(self, start: int, end: int) -> bool:
        """Return whether it was open all that time."""


Own = tuple[int, int, Sequence[Spans]]
"""Start and end of a request by the clock of its log, and the connections of any time on which it may have been made."""


def behind(requests: Iterable[Own]) -> int:
    """Return how much the clock of the log is behind that of the connections (ns); 0 where that is not told without doubt."""
    known = [(start, end, legs[:_LOOKED_AT]) for start, end, legs in requests if legs][:_LOOKED_AT]
    enough = max(FEWEST, _AGREEING * len(known))
    if len(known) < FEWEST or 2 * _agreeing(known, 0) >= len(known):
        return 0
    tried = sorted({leg.start - start for start, _, legs in known[:FEWEST] for leg in legs})
    counts = {apart: number for apart in tried if (number := _agreeing(known, apart)) >= enough}
    if not counts:
        return 0
    best = max(counts, key=lambda apart: (counts[apart], -abs(apart)))
    doubtful = any(abs(apart - best) > 2 * CLOCK_DIFFERENCE for apart in counts)  # calls at even distances fit at many
    return 0 if doubtful else best


def _agreeing(known: Sequence[Own], apart: int) -> int:
    return sum(any(leg.covers(start + apart, end + apart) for leg in legs) for start, end, legs in known)
