"""The flow table as it lies in Parquet: the published columns, and what the reduction needs besides them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from auditor.traffic.table import COLUMNS, NOTHING_LOGGED, FlowTable, Logged

VERSION = 1
"""Of the columns and their meaning; a table of another version is refused."""
LATER: tuple[str, ...] = ("src_workload", "dst_workload", "ran_in", "told")
"""What logs tell of the ends besides; empty where a table was written without."""
KEPT: tuple[str, ...] = ("hidden", "file", "reporter", "isn", "fingerprint", "source_sha256")
"""Columns behind the published ones: whether the name is hidden, where in a rotated set and by whom a flow was logged, what
recognises one flow at two vantage points (initial sequence number; digest of the first payload, never the payload), and the
digest of the source, where the table is a folder: two sensors may call their files alike."""
NEEDED = (*COLUMNS, *KEPT)
ALL = (*NEEDED, *LATER)
SHORT = 12
"""Digits of a digest that tell apart sources of one name."""
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


def lake_columns(table: FlowTable, rows: Iterable[int], sha256: str = "") -> dict[str, list[Any]]:
    """Return the columns of some rows as they are written; ``sha256`` is the digest of their one source."""
    chosen = list(rows)
    found: dict[str, list[Any]] = {name: [table.columns[name][row] for row in chosen] for name in (*COLUMNS, "hidden", "isn")}
    notes = [table.logged.get(row, NOTHING_LOGGED) for row in chosen]
    found["file"] = [note.file for note in notes]
    found["reporter"] = [note.reporter for note in notes]
    found["src_workload"] = [note.workloads[0] for note in notes]
    found["dst_workload"] = [note.workloads[1] for note in notes]
    found["ran_in"] = [note.ran_in for note in notes]
    found["told"] = [note.told for note in notes]
    found["fingerprint"] = [_fingerprint(table.columns["first_payload"][row]) for row in chosen]
    found["source_sha256"] = [sha256] * len(chosen)
    return {name: found[name] for name in ALL}


def apart(name: str, sha256: str) -> str:
    """Return the name of a source or file that another one of the folder has too, told apart by its digest."""
    return f"{name}@{sha256[:SHORT]}"


def _fingerprint(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()[:16] if payload else ""


def table_of(rows: Iterator[dict[str, Any]]) -> FlowTable:
    """Return rows of a lake as a table in memory, each its own winner."""
    table = FlowTable()
    for number, row in enumerate(rows):
        ends = (row["src_workload"], row["dst_workload"])
        note = Logged(row["file"], row["reporter"], None, ends, row["ran_in"], row["told"])
        if note != NOTHING_LOGGED:
            table.logged[number] = note
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
