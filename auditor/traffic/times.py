"""Timestamps: whole nanoseconds since 1970-01-01 UTC inside the stage, RFC 3339 text outside."""

from __future__ import annotations

SECOND = 1_000_000_000
_DAY = 86_400
LARGEST = 2**63 - 1
"""Largest time that fits the ``start`` and ``end`` columns of the flow table (year 2262)."""

UNTIMED = 0
"""In the columns ``start`` and ``end``: the source tells no time of the flow, nor of one before it. Never shown as a time."""


def earliest(one: int, two: int) -> int:
    """Return the earlier of two starts; one that is not told is no start."""
    return min(one, two) if one and two else one or two


def told(nanoseconds: int) -> str:
    """Return a time as ``rfc3339`` does, empty for one that is not told."""
    return "" if nanoseconds == UNTIMED else rfc3339(nanoseconds)


def rfc3339(nanoseconds: int) -> str:
    """Return ``2026-11-23T19:23:16.000000001Z`` for a time in nanoseconds since the epoch (RFC 3339, section 5.6).

    Works for any integer: a forged timestamp must not stop the reading. The calendar is the proleptic
    Gregorian one, counted in eras of 400 years so that no library range applies.
    """
    seconds, fraction = divmod(nanoseconds, SECOND)
    days, rest = divmod(seconds, _DAY)
    year, month, day = _civil(days)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{year:04d}-{month:02d}-{day:02d}T{hours:02d}:{minutes:02d}:{seconds:02d}.{fraction:09d}Z"


def _civil(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a day number; years begin in March so that the leap day comes last."""
    era, of_era = divmod(days + 719_468, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9  # noqa: PLR2004 -- ten months from March to December
    return year_of_era + era * 400 + (1 if month <= 2 else 0), month, day  # noqa: PLR2004 -- January and February
