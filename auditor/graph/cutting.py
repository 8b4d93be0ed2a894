"""The smallest set of rows that separates start from goal: the one place that knows networkx."""

from __future__ import annotations

from auditor.facts.graph import EdgeTest, NodeTest
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.graph.network import Network

_START, _GOAL = "start", "goal"


def smallest_cut(network: Network, start: NodeTest, goal: NodeTest, edge: EdgeTest) -> tuple[FlowRow, ...]:
    """Return the rows of a minimum cut, sorted by id; empty when nothing connects.

    What is uncertain counts as connecting, so that the cut separates whatever turns out to be true. Each row has
    capacity one, everything else is unbounded (maximum flow, minimum cut: Ford and Fulkerson 1956). Of several
    smallest cuts it is the one nearest to the goal, which is unique.
    """
    import networkx as nx

    rows = [row for row in network.rows if edge(row) is not Truth.NO]
    graph: nx.DiGraph[object] = nx.DiGraph()
    graph.add_nodes_from((_START, _GOAL))
    for row in rows:
        entry, leave = ("entry", row.id), ("leave", row.id)
        source, target = network.ends(row)
        graph.add_edge(entry, leave, capacity=1)
        graph.add_edge(source, entry)
        graph.add_edge(leave, target)
        if source.answer(start) is not Truth.NO:
            graph.add_edge(_START, entry)
        if target.answer(goal) is not Truth.NO:
            graph.add_edge(leave, _GOAL)
    for first, second in network.possibilities():
        graph.add_edge(first, second)
    _, (reachable, _) = nx.minimum_cut(graph, _START, _GOAL)
    return tuple(row for row in rows if ("entry", row.id) in reachable and ("leave", row.id) not in reachable)
