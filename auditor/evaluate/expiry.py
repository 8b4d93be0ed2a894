"""The one function that decides expiry: waivers, attestations and profiles all ask here.

Dates are ISO 8601. The day named as expiry is the last day in force, to its end in UTC; a date-time
names the instant itself. Offsets are honoured, and no offset means UTC.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


class InForce(StrEnum):
    """Where a moment lies in relation to a validity."""

    NOT_YET = "not_yet"
    YES = "yes"
    EXPIRED = "expired"


def in_force(starts: str, expires: str, as_of: str) -> InForce:
    """Return whether ``as_of`` lies between ``starts`` and ``expires`` (empty ``starts``: since ever).

    Raises:
        ValueError: a text is no ISO 8601 date or date-time; ``expires`` is mandatory.
    """
    now = instant(as_of)
    if starts and now < instant(starts):
        return InForce.NOT_YET
    return InForce.EXPIRED if now >= _end(expires) else InForce.YES


def days_left(expires: str, as_of: str) -> int:
    """Return how many whole days after that of ``as_of`` are in force; less than 1 on the last day and after it.

    Raises:
        ValueError: a text is no ISO 8601 date or date-time.
    """
    return (_end(expires) - dt.timedelta(microseconds=1)).toordinal() - instant(as_of).toordinal()


def later_than(moment: str, as_of: str) -> bool:
    """Return whether ``moment`` lies after ``as_of``; where that is a date alone, after the end of that day.

    Raises:
        ValueError: a text is no ISO 8601 date or date-time.
    """
    return instant(moment) >= _end(as_of) if _is_date(as_of) else instant(moment) > instant(as_of)


def instant(text: str) -> dt.datetime:
    """Return the moment that ``text`` names, in UTC; a date is its first instant. What is finer than microseconds is cut off.

    Raises:
        ValueError: ``text`` is no ISO 8601 date or date-time.
    """
    value = dt.datetime.fromisoformat(text)
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _end(text: str) -> dt.datetime:
    """Return the first moment out of force: after the named day, or the named instant."""
    start = instant(text)
    # The last day that the calendar of Python knows has no day after it.
    last = start.date() == dt.date.max
    return _LAST if last else start + dt.timedelta(days=1) if _is_date(text) else start


def _is_date(text: str) -> bool:
    return "T" not in text and ":" not in text
