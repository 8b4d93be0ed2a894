"""The flow table of one capture from everything that its readers gathered: flows of the kernel and flows that Python held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.columns import columns_of
from auditor.traffic.fast.done import Flows, Place, Told
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.table import FlowTable

_AT_ONCE = 1 << 15
"""Flows whose columns are made at one go: what that takes besides is bounded."""


class Harvest(NamedTuple):
    """What one reader, or one share of the flows, gathered."""

    flows: Flows
    places: Numbers
    table: FlowTable
    """Flows that Python held."""
    table_places: list[Place]


def table_of(harvests: Sequence[Harvest], source_id: str) -> FlowTable:
    """Return the rows of all harvests in the order in which one reader would have written them."""
    places = np.concatenate([harvest.places for harvest in harvests])
    order = np.lexsort(places.T[::-1])
    table = FlowTable.packed()
    for flows in _pieces(harvests, order):
        table.add_columns(columns_of(flows, source_id))
    others = [(place, part, row) for part, told in enumerate(harvests) for row, place in enumerate(told.table_places)]
    if not others:
        return table
    runs: list[tuple[int, int, int]] = []
    done = 0
    ordered = places[order]
    for place, part, row in sorted(others):
        before = _before(ordered, place, done)
        if before > done:
            runs.append((0, done, before))
        runs.append((part + 1, row, row + 1))
        done = before
    runs.append((0, done, len(order)))
    return FlowTable.joined([table, *(harvest.table for harvest in harvests)], runs)


def _before(ordered: Numbers, place: Place, low: int) -> int:
    """Return how many of the ordered places come before ``place``, at least ``low``."""
    high = len(ordered)
    while low < high:
        middle = (low + high) // 2
        if tuple(ordered[middle].tolist()) < place:
            low = middle + 1
        else:
            high = middle
    return low


def _pieces(harvests: Sequence[Harvest], order: Numbers) -> Iterator[Flows]:
    """Yield the flows of all harvests in order, some at a time."""
    starts = np.cumsum([0, *(len(harvest.places) for harvest in harvests)])
    bases = np.cumsum([0, *(len(harvest.flows.names) for harvest in harvests)])
    names = np.concatenate([harvest.flows.names for harvest in harvests])
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    told: dict[int, Told] = {}
    for start, harvest in zip(starts.tolist(), harvests, strict=False):
        told.update((int(ranks[start + row]), said) for row, said in harvest.flows.told.items())
    for begin in range(0, len(order), _AT_ONCE):
        chosen = order[begin : begin + _AT_ONCE]
        rows = np.empty((len(chosen), of.ROW_WIDTH), np.int64)
        opening = np.empty((len(chosen), of.OPENING_LENGTH), np.uint8)
        for part, harvest in enumerate(harvests):
            here = (chosen >= starts[part]) & (chosen < starts[part + 1])
            rows[here] = harvest.flows.rows[chosen[here] - starts[part]]
            opening[here] = harvest.flows.opening[chosen[here] - starts[part]]
            for side in (of.SIDE, of.SIDE + of.SIDE_WIDTH):
                rows[here, side + of.NAME_AT] += bases[part]
        said = {at - begin: told[at] for at in range(begin, begin + len(chosen)) if at in told}
        yield Flows(rows, opening, names, said)
