"""Exact sets of whole numbers as disjoint spans: the algebra below addresses and ports."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Spans:
    """A set of integers as sorted, disjoint spans that do not touch; both ends belong to a span.

    Equal sets have equal spans, so ``==`` and hashing compare the sets themselves.
    """

    pairs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Spans:
        """Return the union of ``pairs`` (first, last); a pair that ends before it starts is empty."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted(p for p in pairs if p[0] <= p[1]):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.pairs, (number, inf)) - 1
        return at >= 0 and number <= self.pairs[at][1]

    def __or__(self, other: Spans) -> Spans:
        if not other.pairs or self.pairs == other.pairs:
            return self
        return Spans.of((*self.pairs, *other.pairs)) if self.pairs else other

    def __and__(self, other: Spans) -> Spans:
        if not self.pairs or self.pairs == other.pairs:
            return self
        return Spans(tuple(self._common(other))) if other.pairs else other

    def __sub__(self, other: Spans) -> Spans:
        if not self.pairs or not other.pairs:
            return self
        return EMPTY if self.pairs == other.pairs else Spans(tuple(self._without(other)))

    def covers(self, other: Spans) -> bool:
        """Return whether every number of ``other`` is in this set."""
        return not other - self

    def _common(self, other: Spans) -> Iterator[tuple[int, int]]:
        left, right = 0, 0
        while left < len(self.pairs) and right < len(other.pairs):
            (a, b), (c, d) = self.pairs[left], other.pairs[right]
            if max(a, c) <= min(b, d):
                yield max(a, c), min(b, d)
            if b < d:
                left += 1
            else:
                right += 1

    def _without(self, other: Spans) -> Iterator[tuple[int, int]]:
        for first, last in self.pairs:
            start = first
            for a, b in other.pairs:
                if b < start or a > last:
                    continue
                if a > start:
                    yield start, a - 1
                start = b + 1
            if start <= last:
                yield start, last


EMPTY = Spans()
