"""Shortest witnesses for many nodes at once: one search from the starts, one back from the goals, joined at each node.

Asking ``search.shortest`` again for every intermediary costs nodes times rows; these two searches cost the rows once. They
compare walks as ``search`` does, by number of rows and then by their ids, so that the answers are the same (a test compares).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.facts.graph import EdgeTest, NodeTest, Path
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.graph.network import Link, Network, Node

_Walk = tuple[int, tuple[str, ...]]
"""Number of rows, and their ids in order."""


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
        for row, target in network.links(node):
            if row is not None and row.id in counting:
                _first(landed, target, row.id)
    inner = dict(landed)
    _spread(inner, landed, network.links, lambda ids, last: (*ids, last), counting, certain=certain)
    return _Forward(landed, inner)


def _backward(network: Network, goal: NodeTest, counting: Mapping[str, FlowRow], *, certain: bool) -> dict[Node, _Walk]:
    """Return the best walk from each node to a goal: at least one row, and a row last."""
    ends: dict[Node, _Walk] = {}
    goals: dict[Node, bool] = {}
    for node, (row, target) in network.reverse():
        if row is None or row.id not in counting:
            continue
        if target not in goals:
            goals[target] = _counts(target.answer(goal), certain=certain)
        if goals[target]:
            _first(ends, node, row.id)
    _spread(ends, ends, network.leading_to, lambda ids, before: (before, *ids), counting, certain=certain)
    return ends


def _spread(
    best: dict[Node, _Walk],
    landed: dict[Node, _Walk],
    following: Callable[[Node], Sequence[Link]],
    onto: Callable[[tuple[str, ...], str], tuple[str, ...]],
    counting: Mapping[str, FlowRow],
    *,
    certain: bool,
) -> None:
    """Fill in the best walk at every node that can be reached from those in ``best`` (Dijkstra 1959).

    ``landed`` (it may be ``best`` itself) keeps those whose last step is a row: none of them is better than what ``best`` has.
    """
    heap = [(walk, serial, node) for serial, (node, walk) in enumerate(best.items())]
    heapq.heapify(heap)
    serial, settled = len(heap), set[Node]()
    while heap:
        walk, _, node = heapq.heappop(heap)
        if node in settled:
            continue
        settled.add(node)
        for row, target in following(node):
            if certain if row is None else row.id not in counting:
                continue
            longer = walk
            if row is not None:
                known = landed.get(target)
                if known is not None and known[0] <= walk[0]:
                    continue  # one row more cannot be better, and most rows lead to where the search has been
                longer = (walk[0] + 1, onto(walk[1], row.id))
                if landed is not best:
                    _better(landed, target, longer)
            if target not in settled and _better(best, target, longer):
                serial += 1
                heapq.heappush(heap, (longer, serial, target))


def _with_groups(network: Network, begins: list[Node]) -> list[Node]:
    """Return the starts and what may be the same place as one of them, before any row."""
    found, queue = dict.fromkeys(begins), list(begins)
    while queue:
        for link in network.links(queue.pop()):
            if link.row is None and link.target not in found:
                found[link.target] = None
                queue.append(link.target)
    return list(found)


def _first(best: dict[Node, _Walk], node: Node, row: str) -> None:
    known = best.get(node)
    if known is None or row < known[1][0]:
        best[node] = (1, (row,))


def _better(best: dict[Node, _Walk], node: Node, walk: _Walk) -> bool:
    known = best.get(node)
    if known is not None and known <= walk:
        return False
    best[node] = walk
    return True


def _counts(answer: Truth, *, certain: bool) -> bool:
    return answer is Truth.YES or (answer is Truth.UNKNOWN and not certain)
