"""The flow table as it lies in Parquet: the published columns, and what the reduction needs besides them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from auditor.facts.vocabulary import Transport
from auditor.traffic.community import community_of
from auditor.traffic.table import COLUMNS, NOTHING_LOGGED, FlowTable, Logged

VERSION = 1
"""Of the columns and their meaning; a table of another version is refused."""
LATER: tuple[str, ...] = (
    "src_workload", "dst_workload", "ran_in", "told", "src_addr_translated", "src_port_translated", "dst_addr_translated",
    "dst_port_translated", "community_translated", "request",
)  # fmt: skip
"""What logs tell of the ends besides: who they are, both ends on the other side of an address translation that a log proves, and
whether the row is a request, of which one connection may carry several; empty where a table was written without."""
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
NARROW = frozenset({"src_port", "dst_port", "vlan", "vni", "src_port_translated", "dst_port_translated"})
"""Columns of 32-bit numbers."""
FLAGS = frozenset({"hidden", "request"})
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
    found["request"] = [note.request for note in notes]
    found |= _translations(table, chosen, notes)
    found["fingerprint"] = [_fingerprint(table.columns["first_payload"][row]) for row in chosen]
    found["source_sha256"] = [sha256] * len(chosen)
    return {name: found[name] for name in ALL}


_TRANSLATED = tuple(name for name in LATER if name.endswith("_translated"))


def _translations(table: FlowTable, rows: Sequence[int], notes: Sequence[Logged]) -> dict[str, list[Any]]:
    """Return the columns of the other side of address translations."""
    told: list[tuple[Any, ...]] = []
    for row, note in zip(rows, notes, strict=True):
        if note.also is None:
            told.append(("", None, "", None, ""))
        else:
            (source, source_port), (target, target_port) = note.also
            other = community_of(Transport(table.columns["transport"][row]), *note.also)
            told.append((source, source_port, target, target_port, other))
    return {name: [values[number] for values in told] for number, name in enumerate(_TRANSLATED)}


def _also(row: Mapping[str, Any]) -> tuple[tuple[str, int], tuple[str, int]] | None:
    if not row["src_addr_translated"]:
        return None
    return (row["src_addr_translated"], row["src_port_translated"]), (row["dst_addr_translated"], row["dst_port_translated"])


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
        note = Logged(row["file"], row["reporter"], _also(row), ends, row["ran_in"], row["told"], row["request"])
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
