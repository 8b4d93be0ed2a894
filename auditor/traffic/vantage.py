"""One flow seen by several captures and logs is one flow: which rows of the table show the same packets."""

from __future__ import annotations

from typing import Any

from auditor.facts.vocabulary import NameRung
from auditor.traffic.clocks import CLOCK_DIFFERENCE, Ahead, ClockDifference, clock_differences
from auditor.traffic.groups import ATTEMPTS, PROVEN
from auditor.traffic.table import NOTHING_LOGGED, FlowTable
from auditor.traffic.tuples import Ends, ends_of, rows_by_tuple

_LARGEST_HEAD = 16 * 1024
"""Bytes of a request's head that common servers and proxies take at most."""
_SHOWN_RUNGS = (NameRung.PROXY_AUTHORITY.value, NameRung.SNI.value, NameRung.HTTP_HOST.value)
"""Names that the flow itself shows, strongest first."""


def merge_vantages(table: FlowTable) -> dict[str, list[ClockDifference]]:
    """Let every group of rows that show one flow have one ``winner``: the row that saw most.

    Rows show the same flow when they come from different vantage points (captures, logs, reporters of one log), have the
    same 5-tuple, overlap in time, and agree in the initial sequence number (or, without one, in the first payload bytes).
    Where a log proves an address translation, the 5-tuple on its other side is the same flow too. VLAN tags and VNI are
    not compared: one vantage lies inside the overlay, the other outside. Counts are never added up. A row that does not
    tell its whole 5-tuple stays alone.

    Returns by source which other sources have a clock that differs from its own; their flows are compared all the same.
    """
    if not table.logged and len(set(table.columns["source_id"])) < 2:  # noqa: PLR2004 -- one vantage alone sees nothing twice
        return {}
    groups = rows_by_tuple(table)
    ahead, flows = clock_differences(table, groups)
    for rows in groups:
        if len(rows) > 1 and (len({_vantage(table, row) for row in rows}) > 1 or any(_request(table, row) for row in rows)):
            _merge(table, rows, ahead)
    told: dict[str, list[ClockDifference]] = {}
    for (one, two), nanoseconds in sorted(ahead.items()):
        told.setdefault(one, []).append(ClockDifference(two, nanoseconds, flows[one, two]))
    return told


def _vantage(table: FlowTable, row: int) -> tuple[str, str]:
    """Return who saw the row: a capture, or a reporter of a log."""
    note = table.logged.get(row)
    return (table.columns["source_id"][row], note.reporter if note else "")


def _request(table: FlowTable, row: int) -> bool:
    return table.logged.get(row, NOTHING_LOGGED).request


def _merge(table: FlowTable, rows: list[int], ahead: Ahead) -> None:
    columns, inner = table.columns, _inner_ends(table, rows)
    winners: dict[int, set[tuple[str, str]]] = {}
    requests: dict[int, list[int]] = {}
    for row in sorted(rows, key=lambda r: _rank(table, r, inner)):
        vantage, request = _vantage(table, row), _request(table, row)
        same = next(
            (
                winner
                for winner, seen in winners.items()
                if (request or vantage not in seen) and _same(columns, winner, row, ahead) and _one_name(table, winner, row)
            ),
            None,
        )
        if request:
            requests.setdefault(row if same is None else same, []).append(row)
        if same is None:
            winners[row] = {vantage}
        else:
            winners[same].add(vantage)
            columns["winner"][row] = same
            columns["sources"][same] = tuple(sorted({*columns["sources"][same], columns["source_id"][row]}))
            _learn(columns, same, row)
            _learn_ends(table, same, row)
    for winner, told in requests.items():
        _judge(columns, winner, told)


def _inner_ends(table: FlowTable, rows: list[int]) -> frozenset[Ends]:
    """Return the ends of who dialled, where a log of these rows proves an address translation; else none."""
    return frozenset(ends_of(table, row) for row in rows if table.logged.get(row, NOTHING_LOGGED).also is not None)


def _one_name(table: FlowTable, winner: int, row: int) -> bool:
    """Return whether a request may be what a connection is named for: one connection to a proxy can carry several names."""
    if not (_request(table, row) or _request(table, winner)):
        return True
    one, two = table.columns["name"][winner], table.columns["name"][row]
    return not one or not two or one == two


def _judge(columns: dict[str, list[Any]], winner: int, told: list[int]) -> None:
    """Let a connection to a proxy be an attempt where the proxy's log says of all its requests that nothing was passed on.

    Not where packets speak against it: TLS went through, or more than the head of a request went out.
    """
    if columns["server_name"][winner] or (columns["payload_out"][winner] or 0) > _LARGEST_HEAD:
        return
    states = {columns["state"][row] for row in told}
    if states <= set(PROVEN):
        columns["state"][winner] = next(state for state in ATTEMPTS if state in states)


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


def _rank(table: FlowTable, row: int, inner: frozenset[Ends]) -> tuple[Any, ...]:
    """Order rows so that the one that tells most comes first, ties by source.

    First the side of an address translation on which who dialled is, then captures, then logs of connections, last requests
    of which a connection may have several.
    """
    columns, note = table.columns, table.logged.get(row)
    payload = (columns["payload_out"][row] or 0) + (columns["payload_in"][row] or 0)
    packets = (columns["packets_out"][row] or 0) + (columns["packets_in"][row] or 0)
    wire = (columns["wire_out"][row] or 0) + (columns["wire_in"][row] or 0) if note else 0
    outer = bool(inner) and ends_of(table, row) not in inner
    part = note is not None and note.request and columns["app_protocol"][row] != "http_connect"
    telling = (outer, part, note is not None, -payload, -packets, -wire)
    return (*telling, columns["start"][row], _vantage(table, row), columns["first_frame"][row])


def _same(columns: dict[str, list[Any]], one: int, two: int, ahead: Ahead) -> bool:
    later = ahead.get((columns["source_id"][one], columns["source_id"][two]), 0)
    if columns["start"][one] + later > columns["end"][two] + CLOCK_DIFFERENCE:
        return False
    if columns["start"][two] > columns["end"][one] + later + CLOCK_DIFFERENCE:
        return False
    for kind in ("isn", "first_payload"):
        first, second = columns[kind][one], columns[kind][two]
        if kind == "isn" and first is not None and second is not None:
            return bool(first == second)
        if kind == "first_payload" and first and second:
            return bool(first == second)
    return True
