"""The flow table as it lies in Parquet: the published columns, and what the reduction needs besides them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from auditor.traffic.table import COLUMNS, FlowTable

VERSION = 1
"""Of the columns and their meaning; a table of another version is refused."""
KEPT: tuple[str, ...] = ("hidden", "file", "reporter", "isn", "fingerprint")
"""Columns behind the published ones: whether the name is hidden, where in a rotated set and by whom a flow was logged, and what
recognises one flow at two vantage points (initial sequence number; digest of the first payload, never the payload)."""
ALL = (*COLUMNS, *KEPT)
WIDE = frozenset(
    {
        *("start", "end", "first_frame", "last_frame", "isn"),
        *("packets_out", "packets_in", "payload_out", "payload_in", "wire_out", "wire_in"),
    }
)
"""Columns of 64-bit numbers."""
NARROW = frozenset({"src_port", "dst_port", "vlan", "vni"})
"""Columns of 32-bit numbers."""
FLAGS = frozenset({"hidden"})
"""Columns of truth values; all others are text."""


def lake_columns(table: FlowTable, rows: Iterable[int]) -> dict[str, list[Any]]:
    """Return the columns of some rows as they are written."""
    chosen = list(rows)
    found: dict[str, list[Any]] = {name: [table.columns[name][row] for row in chosen] for name in (*COLUMNS, "hidden", "isn")}
    notes = [table.logged.get(row) for row in chosen]
    found["file"] = [note.file if note else "" for note in notes]
    found["reporter"] = [note.reporter if note else "" for note in notes]
    found["fingerprint"] = [_fingerprint(table.columns["first_payload"][row]) for row in chosen]
    return {name: found[name] for name in ALL}


def _fingerprint(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()[:16] if payload else ""


def table_of(rows: Iterator[dict[str, Any]]) -> FlowTable:
    """Return rows of a lake as a table in memory, each its own winner."""
    from auditor.traffic.table import Logged

    table = FlowTable()
    for number, row in enumerate(rows):
        if row["file"] or row["reporter"]:
            table.logged[number] = Logged(row["file"], row["reporter"])
        derived = {
            "certificate_name": "",
            "frames": (row["first_frame"],),
            "first_payload": row["fingerprint"],
            "sources": (row["source_id"],),
            "winner": number,
        }
        for name, column in table.columns.items():
            column.append(derived[name] if name in derived else row[name])
    return table
