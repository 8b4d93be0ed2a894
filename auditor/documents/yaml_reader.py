"""YAML 1.1 to located trees, on PyYAML's event stream (libyaml where the wheel has it).

Events instead of composed nodes: they come one by one, so depth and alias budgets hold before anything grows,
and no recursion of a C library decides what happens. Only offsets are taken from the parser (see ``LineTable``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from auditor.documents.build import MAXIMUM_DEPTH, Builder, Parsed, refuse_duplicates
from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t\r\n]*(?:#[^\n]*\n[ \t\r\n]*)*)+")
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{n}" for n in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge")
)


_FUNCTION = re.compile(
    r"!(?:Ref|Condition|And|Base64|Cidr|Equals|FindInMap|GetAtt|GetAZs|If|ImportValue|Join|Length|Not|Or|Select|Split|Sub"
    r"|ToJsonString|Transform)\Z"
)
_TEMPLATE = re.compile(r"^AWSTemplateFormatVersion:|^\s+Type:\s+['\"]?AWS::\w", re.MULTILINE)
"""Lines that templates of CloudFormation have: their tags are short forms of functions (AWS, "Intrinsic function reference")."""


@dataclass(slots=True)
class _Frame:
    kind: NodeKind
    start: int
    anchor: str | None
    tag: str
    parts: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    node: Node
    size: int
    height: int


def parse_yaml(text: str) -> tuple[Parsed, ...]:
    """Return one tree for each document of ``text``; none for a text without content.

    Scalars stay text. Aliases share the node of their anchor, merge keys (``<<``) are expanded: both keep the
    positions of the origin.

    Raises:
        FaultError: not YAML; a duplicate key, a key that is no scalar, a tag whose meaning is not known, too
            deep, or too large once aliases are followed.
    """
    return _Composer(text).documents()


class _Composer:
    def __init__(self, text: str) -> None:
        self._builder = Builder.of(text)
        self._text = text
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored] = {}
        self._roots: list[Parsed] = []
        self._functions = "!" in text and _TEMPLATE.search(text) is not None

    def documents(self) -> tuple[Parsed, ...]:
        import yaml

        for event in self._events():
            if isinstance(event, yaml.ScalarEvent):
                self._place(self._called(self._scalar(event), event.tag), event.anchor, 1, 1)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._open(event, NodeKind.MAPPING if isinstance(event, yaml.MappingStartEvent) else NodeKind.SEQUENCE)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
        return tuple(self._roots)

    def _events(self) -> Iterator[yaml.Event]:
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            yield from yaml.parse(self._text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            position = self._builder.table.at(mark.index) if mark is not None else (0, 0)
            why = " ".join(part for part in (error.context, error.problem) if part)
            if error.context_mark is not None and error.context_mark is not mark:
                why += " (begun at {}:{})".format(*self._builder.table.at(error.context_mark.index))
            raise FaultError("the file is not valid YAML", why, "correct the syntax at this place", position) from None
        except yaml.reader.ReaderError as error:
            position = self._builder.table.at(int(error.position))
            code = error.character if isinstance(error.character, int) else ord(error.character)
            raise FaultError(
                "the file is not valid YAML", f"character U+{code:04X} is not allowed in YAML", "remove the character", position
            ) from None

    def _start(self, event: yaml.NodeEvent) -> int:
        """Return the offset of the value itself, behind its anchor and tag."""
        start = _offset(event.start_mark)
        if self._text[start : start + 1] in ("&", "!"):
            match = _PROPERTIES.match(self._text, start)
            return match.end() if match else start
        return start

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag != "!" and event.tag not in _CORE_TAGS and not self._is_function(event.tag):
            raise FaultError(
                f'YAML tag "{event.tag}" is not understood',
                "it changes the meaning of the value in a way that only its own program knows",
                "supply the rendered file without such tags",
                self._builder.table.at(_offset(event.start_mark)),
            )

    def _is_function(self, tag: str | None) -> bool:
        return self._functions and tag is not None and _FUNCTION.match(tag) is not None

    def _called(self, node: Node, tag: str | None) -> Node:
        """Return the long form of a function that is written as a tag: ``!Sub x`` is ``{"Fn::Sub": x}``."""
        if tag is None or not self._is_function(tag):
            return node
        name = tag[1:] if tag in ("!Ref", "!Condition") else f"Fn::{tag[1:]}"
        key = Node(NodeKind.SCALAR, node.line, node.column, text=name)
        return Node(NodeKind.MAPPING, node.line, node.column, entries=((key, node),))

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        self._check_tag(event)
        start, end = self._start(event), _offset(event.end_mark)
        quoted = event.style in ("'", '"', "|", ">")
        text = str(event.value)
        if not quoted and text in _NULLS and event.tag in (None, "tag:yaml.org,2002:null"):
            return self._builder.null(min(start, end) if not text else start, text)
        return self._builder.scalar(start, end, text, quoted=quoted)

    def _open(self, event: yaml.CollectionStartEvent, kind: NodeKind) -> None:
        self._check_tag(event)
        self._stack.append(_Frame(kind, self._start(event), event.anchor, event.tag or ""))
        functions = sum(self._is_function(frame.tag) for frame in self._stack) if self._functions else 0
        self._builder.deep(len(self._stack) + functions, _offset(event.start_mark))

    def _close(self) -> None:
        frame = self._stack.pop()
        if frame.kind is NodeKind.SEQUENCE:
            node = self._builder.sequence(frame.start, frame.parts)
        else:
            node = self._builder.mapping(frame.start, self._entries(frame))
        self._place(self._called(node, frame.tag), frame.anchor, frame.size, frame.height)

    def _entries(self, frame: _Frame) -> list[tuple[Node, Node]]:
        pairs = list(zip(frame.parts[::2], frame.parts[1::2], strict=True))
        own: list[tuple[Node, Node]] = []
        merged: list[Node] = []
        for key, value in pairs:
            if key.kind not in (NodeKind.SCALAR, NodeKind.NULL):
                raise FaultError(
                    "a mapping key is itself a mapping or a list",
                    next_step="use a plain text key",
                    position=(key.line, key.column),
                )
            if key.text == "<<" and not key.quoted:
                merged.extend(_merge_sources(key, value))
            else:
                own.append((key, value))
        if not merged:
            return own
        refuse_duplicates(own)
        known = {key.text for key, _ in own}
        for source in merged:
            for key, value in source.entries:
                if key.text not in known:
                    known.add(key.text)
                    own.append((key, value))
        return own

    def _alias(self, event: yaml.AliasEvent) -> None:
        offset = _offset(event.start_mark)
        found = self._anchors.get(event.anchor or "")
        if found is None:
            inside = any(frame.anchor == event.anchor for frame in self._stack)
            why = "it refers to the value that contains it" if inside else "no such anchor before this place"
            raise FaultError(
                f'alias "*{event.anchor}" cannot be followed', why, "write the value out", self._builder.table.at(offset)
            )
        self._builder.spend(found.size, offset)
        self._builder.deep(len(self._stack) + found.height, offset)
        self._place(found.node, None, found.size, found.height)

    def _place(self, node: Node, anchor: str | None, size: int, height: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = _Anchored(node, size, height)
        if not self._stack:
            self._roots.append(Parsed(node, self._builder.spans))
            return
        frame = self._stack[-1]
        frame.parts.append(node)
        frame.size += size
        frame.height = min(max(frame.height, height + 1), MAXIMUM_DEPTH + 1)


def _offset(mark: Any) -> int:
    """Return the offset of a mark in the text; the parser gives every event its marks."""
    return int(mark.index)


def _merge_sources(key: Node, value: Node) -> tuple[Node, ...]:
    """Return the mappings that ``<<`` merges; a list of ``NAME=value``, as Coolify reads it in compose files, is one too."""
    sources = value.items if value.kind is NodeKind.SEQUENCE else (value,)
    if sources and all(source.kind is NodeKind.SCALAR and "=" in source.text for source in sources):
        return (replace(value, kind=NodeKind.MAPPING, items=(), entries=tuple(_assignment(source) for source in sources)),)
    if any(source.kind is not NodeKind.MAPPING for source in sources):
        raise FaultError(
            'merge key "<<" needs a mapping or a list of mappings',
            next_step="merge an anchored mapping, or quote the key",
            position=(key.line, key.column),
        )
    return sources


def _assignment(source: Node) -> tuple[Node, Node]:
    name, _, text = source.text.partition("=")
    return replace(source, text=name), replace(source, text=text)
