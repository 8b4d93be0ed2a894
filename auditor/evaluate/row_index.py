"""Rows by their ends and by what they carry, so that a selector is asked once of each of these and not once of each row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth

Ends = tuple[str, ...]
EndTest = Callable[[Ends], Truth]
"""Whether one end of a row, given as its candidate ids, matches."""


class RowIndex:
    """The rows of a model, each with the numbers of its two ends and of its load; they keep the model's order."""

    def __init__(self, rows: Sequence[FlowRow]) -> None:
        self._ends: dict[Ends, int] = {}
        self._loads: dict[Hashable, int] = {}
        self._bearers: list[FlowRow] = []
        """The first row of each load."""
        self._rows = [
            (
                row,
                self._end(row.source_candidates or (row.source,)),
                self._end(row.destination_candidates or (row.destination,)),
                self._load(row),
            )
            for row in rows
        ]

    def _end(self, ends: Ends) -> int:
        return self._ends.setdefault(ends, len(self._ends))

    def _load(self, row: FlowRow) -> int:
        load = (row.sends_at_least, row.sends_at_most, row.receives, bool(row.flow))
        number = self._loads.setdefault(load, len(self._bearers))
        if number == len(self._bearers):
            self._bearers.append(row)
        return number

    def between(
        self, source: EndTest, destination: EndTest, *, either_way: bool, may_carry: Callable[[FlowRow], bool]
    ) -> list[FlowRow]:
        """Return, in order, each row of which neither end is ruled out, in its own direction or (``either_way``) the other.

        ``may_carry`` rules out by what a row carries, and is asked of one row of each load.
        """
        first, second = ([test(ends) is not Truth.NO for ends in self._ends] for test in (source, destination))
        loaded = [may_carry(row) for row in self._bearers]
        if either_way:
            possible = (t for t in self._rows if loaded[t[3]])
            return [row for row, s, d, _ in possible if (first[s] and second[d]) or (first[d] and second[s])]
        return [row for row, s, d, load in self._rows if loaded[load] and first[s] and second[d]]
