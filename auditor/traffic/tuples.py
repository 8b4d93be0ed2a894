"""Rows of the flow table by their 5-tuple, those together that a proven address translation ties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.traffic.clocks import CLOCK_DIFFERENCE
from auditor.traffic.table import NOTHING_LOGGED, FlowTable

Ends = tuple[Any, ...]
"""Transport and both ends, in an order that does not tell who dialled."""


def ends_of(table: FlowTable, row: int) -> Ends:
    """Return the 5-tuple of a row."""
    transport, *ends = (table.columns[name][row] for name in ("transport", "src_addr", "src_port", "dst_addr", "dst_port"))
    return _ends(transport, (ends[0], ends[1]), (ends[2], ends[3]))


def _ends(transport: str, one: tuple[str, int | None], two: tuple[str, int | None]) -> Ends:
    return (transport, *sorted((one, two), key=lambda end: (end[0], -1 if end[1] is None else end[1])))


def rows_by_tuple(table: FlowTable) -> Sequence[list[int]]:
    """Return the rows of each 5-tuple; a translation that a log proves makes one list of those on its two sides.

    A row that does not tell its whole 5-tuple is in no list.
    """
    groups: dict[Ends, list[int]] = {}
    for row, values in enumerate(
        zip(*(table.columns[n] for n in ("transport", "src_addr", "src_port", "dst_addr", "dst_port")), strict=True)
    ):
        transport, source, source_port, destination, destination_port = values
        if source and destination and source_port is not None and destination_port is not None:
            groups.setdefault(_ends(transport, (source, source_port), (destination, destination_port)), []).append(row)
    tied = _tied(table, groups)
    for ends, first in tied.items():
        if ends != first:
            groups[first].extend(groups.pop(ends))
    for first in set(tied.values()):
        _date(table, groups[first])
    return list(groups.values())


def _tied(table: FlowTable, groups: dict[Ends, list[int]]) -> dict[Ends, Ends]:
    """Return by 5-tuple the one that stands for all that translations tie to it, in a chain or one by one."""
    first: dict[Ends, Ends] = {}

    def top(ends: Ends) -> Ends:
        while first.setdefault(ends, ends) != ends:
            first[ends] = first[first[ends]]
            ends = first[ends]
        return ends

    for row, note in table.logged.items():
        if note.also is None:
            continue
        mine, other = ends_of(table, row), _ends(table.columns["transport"][row], *note.also)
        if mine in groups:
            top(mine)
            if other in groups:
                first[top(other)] = top(mine)
    return {ends: top(ends) for ends in first}


def _date(table: FlowTable, rows: list[int]) -> None:
    """Give a translation that its table does not date the time of the only flow that is seen with its addresses and ports."""
    columns = table.columns
    dated = [row for row in rows if "no_timestamp" not in columns["loss_flags"][row]]
    if not dated or len(dated) == len(rows):
        return
    start, end = max(columns["start"][row] for row in dated), min(columns["end"][row] for row in dated)
    if start > end + CLOCK_DIFFERENCE:
        return  # the ports served several flows: which of them the translation is, nothing tells
    for row in set(rows) - set(dated):
        if table.logged.get(row, NOTHING_LOGGED).also is not None:
            columns["start"][row], columns["end"][row] = min(start, end), max(start, end)
