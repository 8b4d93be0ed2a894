"""Edges for people and other tools: one line an edge, as aligned text, CSV or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from auditor.facts.evidence import LineLocation
from auditor.facts.observation import ObservedEdge
from auditor.traffic.table import Row

EDGE_COLUMNS = (
    "source", "destination", "port", "transport", "vlan", "vni", "name", "name_rung", "app_protocol", "flows", "untold",
    "packets_out", "packets_in", "payload_out", "payload_in", "wire_out", "wire_in", "sighting", "attempt_reason", "name_hidden",
    "first_time", "last_time", "longest_seconds", "held_open", "orientation_rules", "sources", "evidence",
)  # fmt: skip

END_COLUMNS = ("source_is", "destination_is", "destination_operator", "ends_open")
"""Who the ends are, where that was asked: behind the others."""


def with_ends(rows: Iterable[Row], ends: Iterable[tuple[str, ...]]) -> list[Row]:
    """Return rows with who their ends are, in the same order."""
    return [{**row, **dict(zip(END_COLUMNS, told, strict=True))} for row, told in zip(rows, ends, strict=True)]


def edge_rows(edges: Iterable[ObservedEdge]) -> list[Row]:
    """Return every edge by its columns; several values of one are joined by a bar."""
    return [_row(edge) for edge in edges]


def _row(edge: ObservedEdge) -> dict[str, Any]:
    values = (
        *(edge.source.address, edge.destination.address, edge.destination.port, edge.destination.transport.value),
        *(edge.vlan, edge.vni, edge.destination.name, edge.destination.rung.value, edge.app_protocol, edge.flows, edge.untold),
        *(edge.packets_out, edge.packets_in, edge.payload_out, edge.payload_in, edge.wire_out, edge.wire_in),
        *(edge.sighting.value, edge.attempt_reason, edge.name_hidden, edge.first_time, edge.last_time),
        *(edge.longest_seconds, edge.held_open, "|".join(edge.orientation_rules), "|".join(edge.source_ids)),
        "|".join(_place(at) for at in edge.locators),
    )
    return dict(zip(EDGE_COLUMNS, values, strict=True))


def _place(at: Any) -> str:
    """Return where one file shows the edge: ``name:1,2,3``."""
    name, numbers = (at.log, at.lines) if isinstance(at, LineLocation) else (at.capture, at.frames)
    return f"{name}:{','.join(map(str, numbers))}"
