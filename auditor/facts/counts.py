"""Counts that need not be known: a log that does not tell a number has not told 0."""

from __future__ import annotations

from collections.abc import Iterable


def plus(one: int | None, two: int | None) -> int | None:
    """Return the sum of what is known; unknown only where both are."""
    return two if one is None else one if two is None else one + two


def total(counts: Iterable[int | None]) -> int | None:
    """Return the sum of the known counts; 0 of nothing, ``None`` where there are counts and none is known."""
    given = list(counts)
    known = [count for count in given if count is not None]
    return sum(known) if known or not given else None
