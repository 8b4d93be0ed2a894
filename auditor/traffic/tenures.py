"""Addresses that change hands: flows on both sides of a change are told apart, so that each can be given to its holder."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

Changes = Mapping[str, Sequence[int]]
"""By address, the times (nanoseconds since 1970-01-01 UTC, rising) at which what is known of its holder changes."""
NO_CHANGES: Changes = {}


def tenure(changes: Changes, source: str, destination: str, start: int, end: int) -> str:
    """Return a word that flows share which met the same holders at both ends; empty where no holder is known to change.

    A flow that spans a change shares its word with those alone that span the same ones.
    """
    if source not in changes and destination not in changes:
        return ""
    met = (changes.get(source, ()), changes.get(destination, ()))
    return "/".join(f"{bisect_right(times, start)}-{bisect_right(times, end)}" for times in met)
