"""Three-valued logic (Kleene, strong): yes, no, unknown.

Unknown is a value: it is never coerced to a boolean, so ``Truth`` refuses ``bool()``.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Truth(StrEnum):
    """A statement that holds, does not hold, or is not known to."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Refuse: a test such as ``if truth:`` would turn unknown into yes or no."""
        raise TypeError("a Truth is not a boolean; compare it with Truth.YES")

    @classmethod
    def of(cls, value: bool | None) -> Truth:
        """Return yes, no, or unknown for ``True``, ``False``, ``None``."""
        if value is None:
            return cls.UNKNOWN
        return cls.YES if value else cls.NO


_NEGATION = {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.UNKNOWN: Truth.UNKNOWN}


def negate(value: Truth) -> Truth:
    """Return the Kleene negation."""
    return _NEGATION[value]


def all_of(values: Iterable[Truth]) -> Truth:
    """Return the Kleene conjunction; of nothing it is yes (callers must judge emptiness themselves)."""
    result = Truth.YES
    for value in values:
        if value is Truth.NO:
            return Truth.NO
        if value is Truth.UNKNOWN:
            result = Truth.UNKNOWN
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """Return the Kleene disjunction; of nothing it is no."""
    result = Truth.NO
    for value in values:
        if value is Truth.YES:
            return Truth.YES
        if value is Truth.UNKNOWN:
            result = Truth.UNKNOWN
    return result
