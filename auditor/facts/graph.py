"""What later stages may ask of the deployment graph; ``auditor.graph`` implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth

EdgeTest = Callable[[FlowRow], Truth]
"""Whether an edge counts for a question."""
NodeTest = Callable[[str], Truth]
"""Whether a component (by id) counts for a question."""


@dataclass(frozen=True, slots=True)
class Path:
    """A shortest witness: rows in order, and how sure it is (the weakest of its edges and ends)."""

    rows: tuple[FlowRow, ...]
    certainty: Truth
    """``yes`` when every edge and end is certain, ``unknown`` otherwise; never ``no``."""


class FlowGraph(Protocol):
    """Components as nodes, rows as edges, from initiator to destination."""

    def reaches(self, start: NodeTest, goal: NodeTest, edge: EdgeTest) -> Path | None:
        """Return a shortest certain path, else a shortest uncertain one, else ``None``."""

    def through(self, start: NodeTest, middle: NodeTest, goal: NodeTest, edge: EdgeTest) -> Path | None:
        """As ``reaches``, over paths with an intermediate node (not an end) that satisfies ``middle``."""

    def witnesses(self, start: NodeTest, goal: NodeTest | None, edge: EdgeTest, nodes: Mapping[str, Truth]) -> Mapping[str, Path]:
        """Return for each of ``nodes`` (component id to whether it counts) a path over it, or without ``goal`` to it."""

    def cut(self, start: NodeTest, goal: NodeTest, edge: EdgeTest) -> tuple[FlowRow, ...]:
        """Return a smallest set of rows whose removal separates start from goal."""
