"""The flows that one reader, or one share of them, gathered, and how they come into the order of one reader."""

from __future__ import annotations

from array import array
from typing import Any, NamedTuple

import numpy as np

from auditor.traffic.coded import Coded
from auditor.traffic.fast.done import PLACE_WIDTH
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.fixed_rows import FixedRows
from auditor.traffic.table import FlowTable


class Harvest(NamedTuple):
    """Flows in no order."""

    table: FlowTable
    places: array[int]
    """By row the three numbers of its ``Place``."""

    def table_in_order(self) -> FlowTable:
        """Return the flows in the order in which one reader would have written them; there is one table."""
        places = np.frombuffer(self.places, np.int64).reshape(-1, PLACE_WIDTH)
        order = np.lexsort(places.T[::-1])
        if (order[1:] < order[:-1]).any():
            for name, column in self.table.columns.items():
                if name != "winner":  # each row counts for itself
                    _reorder(column, order)
        return self.table


def _reorder(column: Any, order: Numbers) -> None:
    """Put the rows of a column of a packed table in another order, where they lie."""
    if isinstance(column, FixedRows):
        rows = np.frombuffer(column.raw, f"V{column.width}")
    else:
        numbers: array[int] = column.codes if isinstance(column, Coded) else column
        rows = np.frombuffer(numbers, numbers.typecode)
    rows[:] = rows[order]
