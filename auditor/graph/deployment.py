"""``DeploymentGraph``: the answers that later stages may ask for (facts.graph.FlowGraph)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.facts.graph import EdgeTest, NodeTest, Path
from auditor.facts.inventory import Component
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.graph.cutting import smallest_cut
from auditor.graph.network import Network
from auditor.graph.search import Question, shortest
from auditor.graph.witnesses import witnesses


class DeploymentGraph:
    """Implements ``facts.graph.FlowGraph``; see ``graph.network`` for ends with several candidates.

    A path is a walk of at least one row: data may come through a component twice. Among equally short witnesses
    the one with the smallest row ids wins, so the answer never depends on the order of the rows.
    """

    def __init__(self, rows: Sequence[FlowRow]) -> None:
        """Index the rows; their ids must be unique."""
        self._network = Network(rows)

    def reaches(self, start: NodeTest, goal: NodeTest, edge: EdgeTest) -> Path | None:
        """Return a shortest certain path, else a shortest uncertain one, else ``None``."""
        return self._answer(Question(start, goal, edge))

    def through(self, start: NodeTest, middle: NodeTest, goal: NodeTest, edge: EdgeTest) -> Path | None:
        """As ``reaches``, over paths with an inner node (not an end) that satisfies ``middle``."""
        return self._answer(Question(start, goal, edge, middle))

    def witnesses(self, start: NodeTest, goal: NodeTest | None, edge: EdgeTest, nodes: Mapping[str, Truth]) -> Mapping[str, Path]:
        """Return what ``through`` (or, without ``goal``, ``reaches``) says of each of ``nodes``, in the time of one question."""
        return witnesses(self._network, start, goal, edge, nodes)

    def cut(self, start: NodeTest, goal: NodeTest, edge: EdgeTest) -> tuple[FlowRow, ...]:
        """Return a smallest set of rows whose removal separates start from goal, sorted by id."""
        return smallest_cut(self._network, start, goal, edge)

    def _answer(self, question: Question) -> Path | None:
        for certain, certainty in ((True, Truth.YES), (False, Truth.UNKNOWN)):
            rows = shortest(self._network, question, certain=certain)
            if rows is not None:
                return Path(rows, certainty)
        return None


def build_graph(components: Sequence[Component], rows: Sequence[FlowRow]) -> DeploymentGraph:
    """Return the graph of ``rows``; ``components`` are its nodes.

    Raises:
        ValueError: two rows or two components have the same id.
    """
    for what, ids in (("component", [c.id for c in components]), ("row", [r.id for r in rows])):
        if len(set(ids)) != len(ids):
            raise ValueError(f"two {what}s have the same id")
    return DeploymentGraph(rows)
