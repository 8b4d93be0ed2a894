"""The flows that one reader, or one share of them, gathered, and how they come into the order of one reader."""

from __future__ import annotations

from array import array
from typing import NamedTuple

import numpy as np

from auditor.traffic.fast.done import PLACE_WIDTH
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
            self.table.reorder(order.tolist())
        return self.table
