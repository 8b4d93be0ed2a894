"""Rows by all that a selector can ask of them, so that it is asked once of each such form and not once of each row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth

Ends = tuple[str, ...]
EndTest = Callable[[Ends], Truth]
"""Whether one end of a row, given as its candidate ids, matches."""


class RowForms:
    """The rows of a model by the number of their form; rows of one form answer every question alike."""

    def __init__(self, rows: Sequence[FlowRow], forms: Iterable[Hashable]) -> None:
        numbers: dict[Hashable, int] = {}
        self.first: list[FlowRow] = []
        """One row of each form, by number."""
        self.positions: list[list[int]] = []
        """Where the rows of each form stand in the model, by number."""
        self.numbers: dict[str, int] = {}
        """Row id to the number of its form."""
        self.rows = rows
        for position, (row, form) in enumerate(zip(rows, forms, strict=True)):
            number = numbers.setdefault(form, len(self.first))
            if number == len(self.first):
                self.first.append(row)
                self.positions.append([])
            self.positions[number].append(position)
            self.numbers[row.id] = number
