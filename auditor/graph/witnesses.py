"""Shortest witnesses for many nodes at once: one search from the starts, one back from the goals, joined at each node.

Asking ``search.shortest`` again for every intermediary costs nodes times rows; these two searches cost the rows once. They
compare walks as ``search`` does, by number of rows and then by their ids, so that the answers are the same (a test compares).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from auditor.facts.graph import EdgeTest, NodeTest, Path
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.graph.network import Network, Node

_Walk = tuple[int, tuple[str, ...]]
"""Number of rows, and their ids in order."""
_Step = tuple[Node, FlowRow | None]


@dataclass(frozen=True, slots=True)
class _Forward:
    """The best walks from the starts, of at least one row."""

    landed: Mapping[Node, _Walk]
    """Those whose last step is a row: such a node may be the end."""
    inner: Mapping[Node, _Walk]
    """Those, and what may be the same place without a further row."""


def witnesses(
    network: Network, start: NodeTest, goal: NodeTest | None, edge: EdgeTest, nodes: Mapping[str, Truth]
) -> dict[str, Path]:
    """Return a shortest path for each of ``nodes`` (component id to whether it counts): over it, or without ``goal`` to it.

    A certain path goes before a shorter one that is not certain; a node without any path has none.
    """
    found: dict[str, Path] = {}
    for certain, certainty in ((True, Truth.YES), (False, Truth.UNKNOWN)):
        wanted = [n for n, truth in nodes.items() if n not in found and _counts(truth, certain=certain)]
        if not wanted:
            continue
        counting = {row.id: row for row in network.rows if _counts(edge(row), certain=certain)}
        ahead = _forward(network, start, counting, certain=certain)
        back = None if goal is None else _backward(network, goal, counting, certain=certain)
        standing = _standing_for(wanted, (*ahead.inner, *ahead.landed), certain=certain)
        for name in wanted:
            walks = [w for w in (_walk(node, ahead, back) for node in standing[name]) if w is not None]
            if walks:
                found[name] = Path(tuple(counting[id_] for id_ in min(walks)[1]), certainty)
    return found


def _walk(node: Node, ahead: _Forward, back: Mapping[Node, _Walk] | None) -> _Walk | None:
    if back is None:
        return ahead.landed.get(node)
    first, second = ahead.inner.get(node), back.get(node)
    return None if first is None or second is None else (first[0] + second[0], (*first[1], *second[1]))


def _standing_for(names: Iterable[str], nodes: Iterable[Node], *, certain: bool) -> dict[str, list[Node]]:
    """Return the nodes that are a component, or (unless ``certain``) a group that it may stand in."""
    found: dict[str, list[Node]] = {name: [] for name in names}
    for node in dict.fromkeys(nodes):
        for member in node.members if not certain or len(node.members) == 1 else ():
            if member in found:
                found[member].append(node)
    return found


def _forward(network: Network, start: NodeTest, counting: Mapping[str, FlowRow], *, certain: bool) -> _Forward:
    begins = [node for node in network.starts() if _counts(node.answer(start), certain=certain)]
    if not certain:
        begins = _with_groups(network, begins)
    landed: dict[Node, _Walk] = {}
    for node in begins:
        for link in network.links(node):
            if link.row is not None and link.row.id in counting:
                _better(landed, link.target, (1, (link.row.id,)))

    def following(node: Node) -> Iterable[_Step]:
        return ((link.target, link.row) for link in network.links(node))

    def onto(target: Node, walk: _Walk, row: FlowRow | None) -> _Walk:
        if row is None:
            return walk
        longer = (walk[0] + 1, (*walk[1], row.id))
        _better(landed, target, longer)
        return longer

    inner = _spread(dict(landed), following, onto, counting, certain=certain)
    return _Forward(landed, inner)


def _backward(network: Network, goal: NodeTest, counting: Mapping[str, FlowRow], *, certain: bool) -> dict[Node, _Walk]:
    """Return the best walk from each node to a goal: at least one row, and a row last."""
    ends: dict[Node, _Walk] = {}
    goals: dict[Node, bool] = {}
    for node, link in network.reverse():
        if link.row is None or link.row.id not in counting:
            continue
        if link.target not in goals:
            goals[link.target] = _counts(link.target.answer(goal), certain=certain)
        if goals[link.target]:
            _better(ends, node, (1, (link.row.id,)))

    def following(node: Node) -> Iterable[_Step]:
        return network.leading_to(node)

    def onto(_: Node, walk: _Walk, row: FlowRow | None) -> _Walk:
        return walk if row is None else (walk[0] + 1, (row.id, *walk[1]))

    return _spread(ends, following, onto, counting, certain=certain)


def _spread(
    best: dict[Node, _Walk],
    following: Callable[[Node], Iterable[_Step]],
    onto: Callable[[Node, _Walk, FlowRow | None], _Walk],
    counting: Mapping[str, FlowRow],
    *,
    certain: bool,
) -> dict[Node, _Walk]:
    """Return the best walk at every node that can be reached from those in ``best`` (Dijkstra 1959)."""
    heap = [(walk, serial, node) for serial, (node, walk) in enumerate(best.items())]
    heapq.heapify(heap)
    serial, settled = len(heap), set[Node]()
    while heap:
        walk, _, node = heapq.heappop(heap)
        if node in settled:
            continue
        settled.add(node)
        for target, row in following(node):
            if certain if row is None else row.id not in counting:
                continue
            longer = onto(target, walk, row)
            if target not in settled and _better(best, target, longer):
                serial += 1
                heapq.heappush(heap, (longer, serial, target))
    return best


def _with_groups(network: Network, begins: list[Node]) -> list[Node]:
    """Return the starts and what may be the same place as one of them, before any row."""
    found, queue = dict.fromkeys(begins), list(begins)
    while queue:
        for link in network.links(queue.pop()):
            if link.row is None and link.target not in found:
                found[link.target] = None
                queue.append(link.target)
    return list(found)


def _better(best: dict[Node, _Walk], node: Node, walk: _Walk) -> bool:
    known = best.get(node)
    if known is not None and known <= walk:
        return False
    best[node] = walk
    return True


def _counts(answer: Truth, *, certain: bool) -> bool:
    return answer is Truth.YES or (answer is Truth.UNKNOWN and not certain)
