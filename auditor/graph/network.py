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
from typing import NamedTuple

from auditor.facts.graph import NodeTest
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth


class Side(IntEnum):
    """What a node of the network stands for."""

    COMPONENT = 0
    ARRIVING = 1
    """The candidates for the destination of a row."""
    LEAVING = 2
    """The candidates for the source of a row."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A component, or the candidates at one end of a row.

    A network has one object for each, so that nodes are told apart by identity: they are looked up all the time.
    """

    side: Side
    members: tuple[str, ...]

    def answer(self, test: NodeTest) -> Truth:
        """Return what the members agree on, unknown when they differ."""
        if len(self.members) == 1:
            return test(self.members[0])
        answers = {test(member) for member in self.members}
        return answers.pop() if len(answers) == 1 else Truth.UNKNOWN


class Link(NamedTuple):
    """A row between two nodes, or (``row`` is ``None``) that a node may be another."""

    row: FlowRow | None
    target: Node
    """The node at the other end."""


class Network:
    """All rows by the node they leave; links in the order of row ids."""

    def __init__(self, rows: Sequence[FlowRow]) -> None:
        """Index the rows and tie every group to its members."""
        self.rows = tuple(sorted(rows, key=lambda r: r.id))
        self._nodes: dict[tuple[Side, tuple[str, ...]], Node] = {}
        self._links: dict[Node, list[Link]] = {}
        groups: dict[Node, None] = {}
        starts: dict[Node, None] = {}
        for row in self.rows:
            source, target = self.ends(row)
            starts[source] = None
            self._links.setdefault(source, []).append(Link(row, target))
            groups.update({node: None for node in (source, target) if node.side is not Side.COMPONENT})
        self._starts = tuple(starts)
        for group in groups:
            for member in group.members:
                node = self._node(Side.COMPONENT, (member,))
                first, second = (group, node) if group.side is Side.ARRIVING else (node, group)
                self._links.setdefault(first, []).append(Link(None, second))

    def ends(self, row: FlowRow) -> tuple[Node, Node]:
        """Return the node that a row leaves, and the one at which it arrives."""
        source = self._node(Side.LEAVING, row.source_candidates or (row.source,))
        return source, self._node(Side.ARRIVING, row.destination_candidates or (row.destination,))

    def _node(self, side: Side, members: tuple[str, ...]) -> Node:
        key = (Side.COMPONENT, members) if len(members) == 1 else (side, tuple(sorted(members)))
        known = self._nodes.get(key)
        if known is None:
            known = self._nodes[key] = Node(*key)
        return known

    def links(self, node: Node) -> Sequence[Link]:
        """Return what leaves ``node``."""
        return self._links.get(node, ())

    def reverse(self) -> Iterator[tuple[Node, Link]]:
        """Yield (node, link) of every link."""
        return ((node, link) for node, links in self._links.items() for link in links)

    def leading_to(self, node: Node) -> Sequence[Link]:
        """Return what arrives at ``node``, each with the node that it leaves."""
        return self._arriving.get(node, ())

    @functools.cached_property
    def _arriving(self) -> dict[Node, list[Link]]:
        found: dict[Node, list[Link]] = {}
        for node, link in self.reverse():
            found.setdefault(link.target, []).append(Link(link.row, node))
        return found

    def possibilities(self) -> tuple[tuple[Node, Node], ...]:
        """Return every pair of nodes where being at the first may be being at the second."""
        return tuple((node, link.target) for node, links in self._links.items() for link in links if link.row is None)

    def starts(self) -> tuple[Node, ...]:
        """Return every node that some row leaves."""
        return self._starts
