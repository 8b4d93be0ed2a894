"""Flows of the kernel that are over: their rows, when each ended, and what Python found in their payload."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.layout import Data, Numbers
from auditor.traffic.finding import Finding

PLACE_WIDTH = 3
Place = tuple[int, int, int]
"""The packet of the file that ended a flow, which of all that this packet did it was, and which row was written then."""


class Told(NamedTuple):
    """What Python found in the payload of a flow of the kernel."""

    findings: tuple[Finding | None, Finding | None]
    request: int | None
    """Half that asked by DNS."""


class Flows(NamedTuple):
    """Flows of the kernel that are over."""

    rows: Numbers
    opening: Data
    names: Data
    """The bytes that ``NAME_AT`` and ``NAME_LENGTH`` of the rows point to."""
    told: dict[int, Told]
    """By row, where Python looked into the payload."""


class Done:
    """Takes flows that are over, some at a time."""

    def __init__(self) -> None:
        """Begin without a flow."""
        self._rows: list[Numbers] = [np.zeros((0, of.ROW_WIDTH), np.int64)]
        self._opening: list[Data] = [np.zeros((0, of.OPENING_LENGTH), np.uint8)]
        self._places: list[Numbers] = [np.zeros((0, PLACE_WIDTH), np.int64)]
        self._told: dict[int, Told] = {}
        self._count = 0

    def add(self, rows: Numbers, opening: Data, places: Numbers, told: dict[int, Told]) -> None:
        """Take flows; ``told`` by their place in ``rows``."""
        self._rows.append(rows)
        self._opening.append(opening)
        self._places.append(places)
        self._told.update((self._count + row, said) for row, said in told.items())
        self._count += len(rows)

    def flows(self, names: Data) -> tuple[Flows, Numbers]:
        """Return all flows and the place of each."""
        flows = Flows(np.concatenate(self._rows), np.concatenate(self._opening), names, self._told)
        return flows, np.concatenate(self._places)
