"""TOML (version 1.0) to located trees.

``tomllib`` decides what is TOML and what a string says; the grammar tells where it stands, which ``tomllib`` does not.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from auditor.documents.build import MAXIMUM_DEPTH, Builder, Parsed
from auditor.documents.grammar import Grammar, Syntax
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

if TYPE_CHECKING:
    from auditor.documents.grammar import SyntaxNode

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)\Z")
_LONG_KEY = re.compile(
    rf"(?:^|[{{,])[ \t]*\[{{0,2}}(?:[ \t]*(?:[\w\-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.){{{MAXIMUM_DEPTH}}}", re.MULTILINE
)
_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})


@dataclass(slots=True)
class _Table:
    """A table while it grows: later headers may add to it."""

    start: int
    entries: dict[str, tuple[Node, _Table | _Tables | Node]] = field(default_factory=dict)


@dataclass(slots=True)
class _Tables:
    """An array of tables."""

    start: int
    items: list[_Table] = field(default_factory=list)


def parse_toml(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of ``text``. Numbers, dates, ``true`` and ``false`` stay text as written.

    Raises:
        FaultError: not TOML, a key given twice, or too deep.
    """
    builder = Builder.of(text)
    _refuse_long_keys(builder)
    try:
        tomllib.loads(text)
    except RecursionError:
        raise FaultError("the file is nested too deeply", "", "flatten the structure") from None
    except ValueError as error:
        # TOMLDecodeError, and the plain one that Python raises for a number of several thousand digits.
        raise _fault(error) from None
    reader = _Reader(builder, Syntax(text, Grammar.TOML))
    return (Parsed(reader.read(), builder.spans),)


def _refuse_long_keys(builder: Builder) -> None:
    """Refuse keys of more parts than readers allow levels: the library's time grows with their square."""
    found = _LONG_KEY.search(builder.text)
    if found is not None:
        builder.deep(MAXIMUM_DEPTH + 1, found.start())


def _fault(error: ValueError) -> FaultError:
    message = str(error)
    place = _PLACE.search(message)
    position = (int(place[1]), int(place[2])) if place else (0, 0)
    why = _PLACE.sub("", message).strip()
    return FaultError("the file is not valid TOML", why, "correct the syntax at this place", position)


class _Reader:
    def __init__(self, builder: Builder, syntax: Syntax) -> None:
        self._builder = builder
        self._syntax = syntax

    def read(self) -> Node:
        root = _Table(0)
        for child in self._syntax.root.named_children:
            if child.type == "pair":
                self._pair(child, root, 1)
            elif child.type in ("table", "table_array_element"):
                self._table(child, root)
        return self._finished(root, 0)

    def _table(self, node: SyntaxNode, root: _Table) -> None:
        header = next(c for c in node.named_children if c.type in _KEYS)
        *before, last = self._parts(header)
        parent = self._descend(root, before)
        start = self._syntax.start(node)
        found = parent.entries.get(last.text)
        if node.type == "table_array_element":
            tables = found[1] if found is not None and isinstance(found[1], _Tables) else _Tables(start)
            parent.entries.setdefault(last.text, (last, tables))
            table = _Table(start)
            tables.items.append(table)
        else:
            table = found[1] if found is not None and isinstance(found[1], _Table) else _Table(start)
            parent.entries.setdefault(last.text, (last, table))
        for child in node.named_children:
            if child.type == "pair":
                self._pair(child, table, len(before) + 2)

    def _pair(self, node: SyntaxNode, table: _Table, depth: int) -> None:
        key, value, *_ = (child for child in node.named_children if child.type != "comment")
        *before, last = self._parts(key)
        parent = self._descend(table, before)
        parent.entries[last.text] = (last, self._value(value, depth + len(before)))

    def _descend(self, table: _Table, keys: list[Node]) -> _Table:
        for key in keys:
            _, found = table.entries.setdefault(key.text, (key, _Table(self._builder.spans[key.line, key.column][0])))
            table = found.items[-1] if isinstance(found, _Tables) else found if isinstance(found, _Table) else table
        return table

    def _parts(self, node: SyntaxNode) -> list[Node]:
        """Return the keys of a dotted key, in order."""
        if node.type == "dotted_key":
            return [part for child in node.named_children for part in self._parts(child)]
        start, end, raw = self._syntax.start(node), self._syntax.end(node), self._syntax.of(node)
        text = self._string(raw) if node.type == "quoted_key" else raw
        return [self._builder.scalar(start, end, text, quoted=node.type == "quoted_key")]

    def _value(self, node: SyntaxNode, depth: int) -> Node | _Table:
        start, end = self._syntax.start(node), self._syntax.end(node)
        self._builder.deep(depth, start)
        if node.type == "array":
            items = [self._value(c, depth + 1) for c in node.named_children if c.type != "comment"]
            return self._builder.sequence(start, [self._finished(i, depth) if isinstance(i, _Table) else i for i in items])
        if node.type == "inline_table":
            table = _Table(start)
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, table, depth + 1)
            return table
        raw = self._syntax.of(node)
        if node.type == "string":
            return self._builder.scalar(start, end, self._string(raw), quoted=True)
        return self._builder.scalar(start, end, raw)

    @staticmethod
    def _string(raw: str) -> str:
        return str(tomllib.loads(f"x = {raw}")["x"])

    def _finished(self, table: _Table | _Tables | Node, depth: int) -> Node:
        if isinstance(table, Node):
            return table
        self._builder.deep(depth, table.start)
        if isinstance(table, _Tables):
            return self._builder.sequence(table.start, [self._finished(item, depth + 1) for item in table.items])
        entries = [(key, self._finished(value, depth + 1)) for key, value in table.entries.values()]
        return self._builder.mapping(table.start, entries)
