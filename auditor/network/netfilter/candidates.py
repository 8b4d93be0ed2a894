"""Which rules of a long chain may take a destination at all: most rules name an address, and only few of them take another's.

Without it the work would grow with rules x ranges, and both grow with the number of rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from auditor.network.addresses import Range
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either
from auditor.network.netfilter.model import FilterRule
from auditor.network.spans import EMPTY, Spans


@dataclass(frozen=True, slots=True)
class Candidates:
    """The rules of one chain for one address family."""

    rules: tuple[FilterRule, ...]
    anywhere: tuple[int, ...]
    """Rules that name no address."""
    starts: tuple[int, ...]
    """Where the rules that do may change."""
    there: tuple[tuple[int, ...], ...]
    """For each of ``starts``: the rules that name what follows."""

    def at(self, place: Range) -> Sequence[FilterRule]:
        """Return in their order the rules that may take a range which no address set cuts."""
        at = bisect_right(self.starts, place.first) - 1
        named = self.there[at] if at >= 0 else ()
        return [self.rules[n] for n in sorted((*self.anywhere, *named))] if named else [self.rules[n] for n in self.anywhere]


def candidates(rules: tuple[FilterRule, ...], family: int) -> Candidates:
    """Return the rules of a chain by the addresses that they name."""
    anywhere: list[int] = []
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, rule in enumerate(rules):
        named = _named(rule.condition, family)
        if named is None:
            anywhere.append(number)
            continue
        for first, last in named.pairs:
            begins.setdefault(first, []).append(number)
            ends.setdefault(last + 1, []).append(number)
    starts = sorted({*begins, *ends})
    there: list[tuple[int, ...]] = []
    current: set[int] = set()
    for start in starts:
        current.difference_update(ends.get(start, ()))
        current.update(begins.get(start, ()))
        there.append(tuple(current))
    return Candidates(rules, tuple(anywhere), tuple(starts), tuple(there))


def _named(condition: Condition, family: int) -> Spans | None:
    """Return a set outside of which a condition takes nothing, ``None`` where it names none."""
    if isinstance(condition, Addresses):
        return condition.within.get(family, EMPTY)
    if isinstance(condition, Both):
        named = [spans for part in condition.parts if (spans := _named(part, family)) is not None]
        return reduce(lambda a, b: a & b, named) if named else None
    if isinstance(condition, Either):
        each = [_named(part, family) for part in condition.parts]
        known = [spans for spans in each if spans is not None]
        return reduce(lambda a, b: a | b, known, EMPTY) if len(known) == len(each) else None
    return None
