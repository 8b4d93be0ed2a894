"""What parsers share: nodes with their span in the source, limits on depth and number."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.documents.source import FaultError, LineTable
from auditor.documents.tree import Node, NodeKind

MAXIMUM_DEPTH = 100
MAXIMUM_NODES = 500_000
"""Counted after aliases were expanded: a few lines of aliases can stand for billions of nodes."""

Position = tuple[int, int]
"""One-based line and column."""


@dataclass(slots=True)
class Builder:
    """Makes nodes of one text and remembers where each scalar starts and ends, for redaction."""

    text: str
    table: LineTable
    spans: dict[Position, tuple[int, int]] = field(default_factory=dict)
    count: int = 0

    @classmethod
    def of(cls, text: str) -> Builder:
        """Return a builder for ``text``."""
        return cls(text, LineTable(text))

    def spend(self, nodes: int, offset: int) -> None:
        """Count ``nodes`` more.

        Raises:
            FaultError: more than ``MAXIMUM_NODES`` in all.
        """
        self.count += nodes
        if self.count > MAXIMUM_NODES:
            raise FaultError(
                "the file stands for too much data",
                f"more than {MAXIMUM_NODES:,} values once every alias is followed",
                "split the file, or remove the nested aliases",
                self.table.at(offset),
            )

    def deep(self, depth: int, offset: int) -> None:
        """Check a nesting depth.

        Raises:
            FaultError: deeper than ``MAXIMUM_DEPTH``.
        """
        if depth > MAXIMUM_DEPTH:
            raise FaultError(
                "the file is nested too deeply",
                f"more than {MAXIMUM_DEPTH} levels",
                "flatten the structure",
                self.table.at(offset),
            )

    def scalar(self, start: int, end: int, text: str, *, quoted: bool = False) -> Node:
        """Return a scalar whose source is ``self.text[start:end]``."""
        self.spend(1, start)
        position = self.table.at(start)
        self.spans[position] = (start, end)
        return Node(NodeKind.SCALAR, *position, text=text, quoted=quoted)

    def null(self, start: int, text: str = "") -> Node:
        """Return a null."""
        self.spend(1, start)
        return Node(NodeKind.NULL, *self.table.at(start), text=text)

    def mapping(self, start: int, entries: list[tuple[Node, Node]], *, repeats: bool = False) -> Node:
        """Return a mapping.

        Raises:
            FaultError: a key occurs twice and ``repeats`` does not allow it.
        """
        self.spend(1, start)
        if not repeats:
            refuse_duplicates(entries)
        return Node(NodeKind.MAPPING, *self.table.at(start), entries=tuple(entries))

    def sequence(self, start: int, items: list[Node]) -> Node:
        """Return a sequence."""
        self.spend(1, start)
        return Node(NodeKind.SEQUENCE, *self.table.at(start), items=tuple(items))


def refuse_duplicates(entries: list[tuple[Node, Node]]) -> None:
    """Refuse a key that occurs twice, naming both places.

    Raises:
        FaultError: tools differ on which of the two wins, so the meaning is not established.
    """
    first: dict[str, Node] = {}
    for key, _ in entries:
        before = first.setdefault(key.text, key)
        if before is not key:
            raise FaultError(
                f'key "{key.text}" is given twice',
                f"first at {before.line}:{before.column}; programs differ on which one wins",
                "keep one of the two",
                (key.line, key.column),
            )


@dataclass(frozen=True, slots=True)
class Parsed:
    """One tree with the source span of each of its scalars."""

    root: Node
    spans: dict[Position, tuple[int, int]]
