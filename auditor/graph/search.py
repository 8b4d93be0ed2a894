"""Shortest witnesses: uniform-cost search over (node, middle seen), never all simple paths.

The cost of a walk is its rows, compared first by number, then by their ids; links without a row cost nothing.
Each state is settled once (Dijkstra 1959), so the search is linear in the rows but for the heap.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auditor.facts.graph import EdgeTest, NodeTest
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.graph.network import Network, Node


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched; without ``middle`` any walk from start to goal will do."""

    start: NodeTest
    goal: NodeTest
    edge: EdgeTest
    middle: NodeTest | None = None


class Stand(Enum):
    """How far a walk has come at a node."""

    START = 0
    """No row yet: no inner node, and no end either."""
    LANDED = 1
    """A row has just arrived here: it may be the end."""
    AMONG = 2
    """Moved within a group after a row: only a way on."""


@dataclass(frozen=True, slots=True)
class _State:
    node: Node
    passed: bool
    """An inner node of the walk satisfied ``middle`` (or none was asked for)."""
    stand: Stand


def shortest(network: Network, question: Question, *, certain: bool) -> tuple[FlowRow, ...] | None:
    """Return the rows of a shortest walk of at least one row, ``None`` without any.

    ``certain`` admits only what is certainly a start, a goal, a middle or an edge, and no group on the way;
    otherwise all counts that is not certainly none.
    """
    heap: list[tuple[int, tuple[str, ...], int, _State]] = []
    rows: dict[str, FlowRow] = {}
    for node in network.starts():
        if _counts(node.answer(question.start), certain=certain):
            heapq.heappush(heap, (0, (), len(heap), _State(node, question.middle is None, Stand.START)))
    settled: set[_State] = set()
    serial = len(heap)
    while heap:
        length, path, _, state = heapq.heappop(heap)
        if state in settled:
            continue
        settled.add(state)
        if state.stand is Stand.LANDED and state.passed and _counts(state.node.answer(question.goal), certain=certain):
            return tuple(rows[id_] for id_ in path)
        for row, following in _next(network, question, state, certain=certain):
            serial += 1
            if row is None:
                heapq.heappush(heap, (length, path, serial, following))
            else:
                rows[row.id] = row
                heapq.heappush(heap, (length + 1, (*path, row.id), serial, following))
    return None


def _next(network: Network, question: Question, state: _State, *, certain: bool) -> Iterator[tuple[FlowRow | None, _State]]:
    inner = state.stand is not Stand.START
    passed = state.passed or (
        inner and question.middle is not None and _counts(state.node.answer(question.middle), certain=certain)
    )
    for link in network.links(state.node):
        if link.row is not None and _counts(question.edge(link.row), certain=certain):
            yield link.row, _State(link.target, passed, Stand.LANDED)
        elif link.row is None and not certain:
            yield None, _State(link.target, passed, Stand.AMONG if inner else Stand.START)


def _counts(answer: Truth, *, certain: bool) -> bool:
    return answer is Truth.YES or (answer is Truth.UNKNOWN and not certain)
