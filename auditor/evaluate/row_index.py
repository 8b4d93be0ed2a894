"""Rows by their ends, so that a control over a few components need not look at every row of a large deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth

Ends = tuple[str, ...]
EndTest = Callable[[Ends], Truth]
"""Whether one end of a row, given as its candidate ids, matches."""


class RowIndex:
    """The rows of a model by the candidates of their two ends; positions keep the model's order."""

    def __init__(self, rows: Sequence[FlowRow]) -> None:
        self._rows = rows
        self._by_source: dict[Ends, list[int]] = {}
        self._by_destination: dict[Ends, list[int]] = {}
        for position, row in enumerate(rows):
            self._by_source.setdefault(row.source_candidates or (row.source,), []).append(position)
            self._by_destination.setdefault(row.destination_candidates or (row.destination,), []).append(position)

    def between(self, pairs: Iterable[tuple[EndTest, EndTest]]) -> list[FlowRow]:
        """Return, in order, each row of which for one pair of tests (of source and destination) neither end is ruled out."""
        found: set[int] = set()
        for at_source, at_destination in pairs:
            found |= _possible(self._by_source, at_source) & _possible(self._by_destination, at_destination)
        return [self._rows[position] for position in sorted(found)]


def _possible(by_end: dict[Ends, list[int]], test: EndTest) -> set[int]:
    return {position for ends, positions in by_end.items() if test(ends) is not Truth.NO for position in positions}
