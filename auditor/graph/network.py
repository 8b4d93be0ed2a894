"""Rows as a directed network, with the ends of rows whose component is not established.

A row with one candidate at an end joins that component. A row with several candidates joins a *group*: to ask
whether the group is a start or a goal is to ask all its members, and they must agree. Data that arrives at a
group may be at any member, and a member may be who sends for a group; both are links without a row, and never
certain. So a path over a group of one workload is a possibility, not a fact.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from auditor.facts.graph import NodeTest
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth


class Side(IntEnum):
    """What a node of the network stands for; a number, because nodes are looked up all the time and its hash is cheap."""

    COMPONENT = 0
    ARRIVING = 1
    """The candidates for the destination of a row."""
    LEAVING = 2
    """The candidates for the source of a row."""


@dataclass(frozen=True, slots=True)
class Node:
    """A component, or the candidates at one end of a row."""

    side: Side
    members: tuple[str, ...]

    def answer(self, test: NodeTest) -> Truth:
        """Return what the members agree on, unknown when they differ."""
        if len(self.members) == 1:
            return test(self.members[0])
        answers = {test(member) for member in self.members}
        return answers.pop() if len(answers) == 1 else Truth.UNKNOWN


@dataclass(frozen=True, slots=True)
class Link:
    """A row between two nodes, or (``row`` is ``None``) that a node may be another."""

    row: FlowRow | None
    target: Node


class Network:
    """All rows by the node they leave; links in the order of row ids."""

    def __init__(self, rows: Sequence[FlowRow]) -> None:
        """Index the rows and tie every group to its members."""
        self.rows = tuple(sorted(rows, key=lambda r: r.id))
        self._links: dict[Node, list[Link]] = {}
        groups: dict[Node, None] = {}
        starts: dict[Node, None] = {}
        for row in self.rows:
            source, target = source_of(row), destination_of(row)
            starts[source] = None
            self._links.setdefault(source, []).append(Link(row, target))
            groups.update({node: None for node in (source, target) if node.side is not Side.COMPONENT})
        self._starts = tuple(starts)
        for group in groups:
            for member in group.members:
                node = Node(Side.COMPONENT, (member,))
                first, second = (group, node) if group.side is Side.ARRIVING else (node, group)
                self._links.setdefault(first, []).append(Link(None, second))

    def links(self, node: Node) -> Sequence[Link]:
        """Return what leaves ``node``."""
        return self._links.get(node, ())

    def reverse(self) -> Iterator[tuple[Node, Link]]:
        """Yield (node, link) of every link."""
        return ((node, link) for node, links in self._links.items() for link in links)

    def leading_to(self, node: Node) -> Sequence[tuple[Node, FlowRow | None]]:
        """Return (node that it leaves, its row) of every link that arrives at ``node``."""
        return self._arriving.get(node, ())

    @functools.cached_property
    def _arriving(self) -> dict[Node, list[tuple[Node, FlowRow | None]]]:
        found: dict[Node, list[tuple[Node, FlowRow | None]]] = {}
        for node, link in self.reverse():
            found.setdefault(link.target, []).append((node, link.row))
        return found

    def possibilities(self) -> tuple[tuple[Node, Node], ...]:
        """Return every pair of nodes where being at the first may be being at the second."""
        return tuple((node, link.target) for node, links in self._links.items() for link in links if link.row is None)

    def starts(self) -> tuple[Node, ...]:
        """Return every node that some row leaves."""
        return self._starts


def source_of(row: FlowRow) -> Node:
    """Return the node that a row leaves."""
    return _node(Side.LEAVING, row.source_candidates or (row.source,))


def destination_of(row: FlowRow) -> Node:
    """Return the node at which a row arrives."""
    return _node(Side.ARRIVING, row.destination_candidates or (row.destination,))


def _node(side: Side, members: tuple[str, ...]) -> Node:
    return Node(Side.COMPONENT if len(members) == 1 else side, tuple(sorted(members)))
