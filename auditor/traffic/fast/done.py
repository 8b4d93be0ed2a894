"""Flows of the kernel that are over: their rows, when each ended, and what Python found in their payload."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.traffic.fast.layout import Data, Numbers
from auditor.traffic.finding import Finding

PLACE_WIDTH = 3
Place = tuple[int, int, int]
"""The packet of the file that ended a flow, which of all that this packet did it was, and which row was written then."""


class Told(NamedTuple):
    """What Python found in the payload of a flow of the kernel."""

    findings: tuple[Finding | None, Finding | None]


class Flows(NamedTuple):
    """Flows of the kernel that are over."""

    rows: Numbers
    opening: Data
    names: Data
    """The bytes that ``NAME_AT`` and ``NAME_LENGTH`` of the rows point to."""
    told: dict[int, Told]
    """By row, where Python looked into the payload."""


AT_ONCE = 1 << 13
"""Flows whose columns are made at one go; what that takes besides is bounded."""


class Done:
    """Takes flows that are over, some at a time, until there are enough to make columns of."""

    def __init__(self) -> None:
        """Begin without a flow."""
        self._rows: list[Numbers] = []
        self._opening: list[Data] = []
        self._told: dict[int, Told] = {}
        self.count = 0

    def add(self, rows: Numbers, opening: Data, told: dict[int, Told]) -> None:
        """Take flows; ``told`` by their place in ``rows``."""
        self._rows.append(rows)
        self._opening.append(opening)
        self._told.update((self.count + row, said) for row, said in told.items())
        self.count += len(rows)

    def take(self, names: Data) -> Flows:
        """Return the flows taken since the last call; there are some."""
        flows = Flows(np.concatenate(self._rows), np.concatenate(self._opening), names, self._told)
        self._rows, self._opening, self._told, self.count = [], [], {}, 0
        return flows
