"""One flow seen by several captures is one flow: which rows of the table show the same packets."""

from __future__ import annotations

from typing import Any

from auditor.traffic.table import FlowTable
from auditor.traffic.times import SECOND

CLOCK_DIFFERENCE = 2 * SECOND
"""How far the clocks of two vantage points may lie apart."""


def merge_vantages(table: FlowTable) -> None:
    """Let every group of rows that show one flow have one ``winner``: the row that saw most.

    Rows show the same flow when they come from different captures, have the same 5-tuple, overlap in time, and
    agree in the initial sequence number (or, without one, in the first payload bytes). VLAN tags and VNI are not
    compared: one vantage lies inside the overlay, the other outside. Counts are never added up.
    """
    columns = table.columns
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row in range(len(table)):
        one = (columns["src_addr"][row], columns["src_port"][row])
        two = (columns["dst_addr"][row], columns["dst_port"][row])
        groups.setdefault((columns["transport"][row], *sorted((one, two))), []).append(row)
    for rows in groups.values():
        if len({columns["source_id"][row] for row in rows}) > 1:
            _merge(columns, rows)


def _merge(columns: dict[str, list[Any]], rows: list[int]) -> None:
    winners: list[int] = []
    for row in sorted(rows, key=lambda r: _rank(columns, r)):
        same = next((w for w in winners if _same(columns, w, row)), None)
        if same is None:
            winners.append(row)
        else:
            columns["winner"][row] = same
            columns["sources"][same] = tuple(sorted({*columns["sources"][same], columns["source_id"][row]}))


def _rank(columns: dict[str, list[Any]], row: int) -> tuple[Any, ...]:
    """Order rows so that the one that saw most comes first, ties by source."""
    payload = columns["payload_out"][row] + columns["payload_in"][row]
    packets = columns["packets_out"][row] + columns["packets_in"][row]
    return (-payload, -packets, columns["start"][row], columns["source_id"][row], columns["first_frame"][row])


def _same(columns: dict[str, list[Any]], one: int, two: int) -> bool:
    if columns["source_id"][two] in columns["sources"][one]:
        return False
    if columns["start"][one] > columns["end"][two] + CLOCK_DIFFERENCE:
        return False
    if columns["start"][two] > columns["end"][one] + CLOCK_DIFFERENCE:
        return False
    for kind in ("isn", "first_payload"):
        first, second = columns[kind][one], columns[kind][two]
        if kind == "isn" and first is not None and second is not None:
            return bool(first == second)
        if kind == "first_payload" and first and second:
            return bool(first == second)
    return True
