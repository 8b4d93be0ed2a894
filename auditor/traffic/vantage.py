"""One flow seen by several captures and logs is one flow: which rows of the table show the same packets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditor.facts.vocabulary import NameRung
from auditor.traffic.table import NOTHING_LOGGED, FlowTable
from auditor.traffic.times import SECOND

CLOCK_DIFFERENCE = 2 * SECOND
"""How far the clocks of two vantage points may lie apart."""
_SHOWN_RUNGS = (NameRung.PROXY_AUTHORITY.value, NameRung.SNI.value, NameRung.HTTP_HOST.value)
"""Names that the flow itself shows, strongest first."""

_Ends = tuple[Any, ...]
"""Transport and both ends, in the order of their text."""


def merge_vantages(table: FlowTable) -> None:
    """Let every group of rows that show one flow have one ``winner``: the row that saw most.

    Rows show the same flow when they come from different vantage points (captures, logs, reporters of one log), have the
    same 5-tuple, overlap in time, and agree in the initial sequence number (or, without one, in the first payload bytes).
    Where a log proves an address translation, the 5-tuple on its other side is the same flow too. VLAN tags and VNI are
    not compared: one vantage lies inside the overlay, the other outside. Counts are never added up. A row that does not
    tell its whole 5-tuple stays alone.
    """
    if not table.logged and len(set(table.columns["source_id"])) < 2:  # noqa: PLR2004 -- one vantage alone sees nothing twice
        return
    for rows in _groups(table):
        if len({_vantage(table, row) for row in rows}) > 1:
            _merge(table, rows)


def _groups(table: FlowTable) -> Iterable[list[int]]:
    """Return the rows by 5-tuple, those together that a proven translation ties."""
    groups: dict[_Ends, list[int]] = {}
    for row, values in enumerate(
        zip(*(table.columns[n] for n in ("transport", "src_addr", "src_port", "dst_addr", "dst_port")), strict=True)
    ):
        transport, source, source_port, destination, destination_port = values
        if source and destination and source_port is not None and destination_port is not None:
            key = _ends(transport, (source, source_port), (destination, destination_port))
            groups.setdefault(key, []).append(row)
    for row, note in table.logged.items():
        if note.also is None:
            continue
        columns = table.columns
        source_end = (columns["src_addr"][row], columns["src_port"][row])
        mine = _ends(columns["transport"][row], source_end, (columns["dst_addr"][row], columns["dst_port"][row]))
        other = _ends(columns["transport"][row], *note.also)
        if mine in groups and other in groups and groups[mine] is not groups[other]:
            moved = groups[other]
            groups[mine].extend(moved)
            groups.update({key: groups[mine] for key, rows in groups.items() if rows is moved})
    return {id(rows): rows for rows in groups.values()}.values()


def _ends(transport: str, one: tuple[str, int], two: tuple[str, int]) -> _Ends:
    return (transport, *sorted((one, two)))


def _vantage(table: FlowTable, row: int) -> tuple[str, str]:
    """Return who saw the row: a capture, or a reporter of a log."""
    note = table.logged.get(row)
    return (table.columns["source_id"][row], note.reporter if note else "")


def _merge(table: FlowTable, rows: list[int]) -> None:
    columns = table.columns
    winners: dict[int, set[tuple[str, str]]] = {}
    for row in sorted(rows, key=lambda r: _rank(table, r)):
        vantage = _vantage(table, row)
        same = next((w for w, seen in winners.items() if vantage not in seen and _same(columns, w, row)), None)
        if same is None:
            winners[row] = {vantage}
        else:
            winners[same].add(vantage)
            columns["winner"][row] = same
            columns["sources"][same] = tuple(sorted({*columns["sources"][same], columns["source_id"][row]}))
            _learn(columns, same, row)
            _learn_ends(table, same, row)


def _learn(columns: dict[str, list[Any]], winner: int, row: int) -> None:
    """Let the row that counts take what it does not know from one that saw less: the name that the flow shows, the protocol."""
    if not columns["name"][winner] and columns["name_rung"][row] in _SHOWN_RUNGS:
        for name in ("name", "name_rung", "hidden", "server_name"):
            columns[name][winner] = columns[name][row]
    columns["app_protocol"][winner] = columns["app_protocol"][winner] or columns["app_protocol"][row]


def _learn_ends(table: FlowTable, winner: int, row: int) -> None:
    """Let the row that counts know whom a log of the same flow names at its ends."""
    told = table.logged.get(row, NOTHING_LOGGED).workloads
    known = table.logged.get(winner, NOTHING_LOGGED)
    ends = (known.workloads[0] or told[0], known.workloads[1] or told[1])
    if ends != known.workloads:
        table.logged[winner] = known._replace(workloads=ends)


def _rank(table: FlowTable, row: int) -> tuple[Any, ...]:
    """Order rows so that the one that tells most comes first, ties by source.

    First who knows both sides of an address translation, then captures, then logs.
    """
    columns, note = table.columns, table.logged.get(row)
    payload = (columns["payload_out"][row] or 0) + (columns["payload_in"][row] or 0)
    packets = (columns["packets_out"][row] or 0) + (columns["packets_in"][row] or 0)
    wire = (columns["wire_out"][row] or 0) + (columns["wire_in"][row] or 0) if note else 0
    telling = (note is None or note.also is None, note is not None, -payload, -packets, -wire)
    return (*telling, columns["start"][row], _vantage(table, row), columns["first_frame"][row])


def _same(columns: dict[str, list[Any]], one: int, two: int) -> bool:
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
