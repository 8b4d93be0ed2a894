"""Tracks: parallel lanes inside a gutter or corridor, so that no two lines lie on one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that a line needs in a gutter, ``start`` <= ``end``."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Tracks:
    """How many tracks there are and which span lies on which, from 0."""

    count: int
    of: dict[str, int]


def assign_tracks(spans: Iterable[Span], gap: float) -> Tracks:
    """Return the fewest tracks on which no two spans come closer than ``gap`` (greedy interval colouring)."""
    ends: list[float] = []
    of: dict[str, int] = {}
    for span in sorted(spans, key=lambda s: (s.start, s.end, s.name)):
        for index, end in enumerate(ends):
            if end + gap <= span.start:
                ends[index] = span.end
                of[span.name] = index
                break
        else:
            of[span.name] = len(ends)
            ends.append(span.end)
    return Tracks(len(ends), of)
