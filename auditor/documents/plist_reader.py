"""Property lists (XML form) and configuration profiles to located trees: managed settings on macOS.

The binary form is no text and is refused with the command that converts it. expat gives the place of every element;
it fetches nothing, and entity declarations are refused, so that a few lines cannot stand for gigabytes.
"""

from __future__ import annotations

from xml.parsers import expat

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

_TEXTS = frozenset({"string", "integer", "real", "date", "data", "key"})


def parse_plist(text: str) -> tuple[Parsed, ...]:
    """Return the one tree of ``text``: ``dict`` as mapping, ``array`` as sequence, ``true`` and ``false`` as text.

    Raises:
        FaultError: no XML, no property list, an entity declaration, or too deep.
    """
    builder = Builder.of(text)
    reader = _Reader(builder)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, _: reader.start(name, _offset(parser, builder))
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = lambda *_: _refuse(parser)
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise FaultError(
            "the file is not valid XML", why, "correct the syntax at this place", (error.lineno, error.offset + 1)
        ) from None
    if reader.root is None:
        raise FaultError("the file is no property list", "it holds no value", "")
    return (Parsed(reader.root, builder.spans),)


def _refuse(parser: expat.XMLParserType) -> None:
    place = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
    raise FaultError("the file declares entities", "a property list needs none", "take the declaration away", place)


def _offset(parser: expat.XMLParserType, builder: Builder) -> int:
    data = builder.text.encode()
    index = parser.CurrentByteIndex
    return index if len(data) == len(builder.text) else len(data[:index].decode())


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self.root: Node | None = None
        self._open: list[tuple[str, int, list[Node]]] = []
        self._text: list[str] = []
        self._start = 0

    def start(self, name: str, offset: int) -> None:
        self._builder.deep(len(self._open), offset)
        self._text = []
        self._start = offset
        if name in ("dict", "array"):
            self._open.append((name, offset, []))
        elif name not in _TEXTS and name not in ("true", "false", "plist"):
            raise FaultError("the file is no property list", f"it has the element <{name}>", "", self._builder.table.at(offset))

    def characters(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        if name in ("dict", "array"):
            _, offset, items = self._open.pop()
            self._add(self._builder.sequence(offset, items) if name == "array" else self._mapping(offset, items))
        elif name in _TEXTS:
            text = "".join(self._text)
            at = self._builder.text.find(text, self._start) if text else -1
            span = (at, at + len(text)) if at >= 0 else (self._start, self._start)
            self._add(self._builder.scalar(*span, text, quoted=name == "string"))
        elif name in ("true", "false"):
            self._add(self._builder.scalar(self._start, self._start, name))
        self._text = []

    def _mapping(self, offset: int, items: list[Node]) -> Node:
        if len(items) % 2:
            raise FaultError("the file is no property list", "a key has no value", "", self._builder.table.at(offset))
        return self._builder.mapping(offset, list(zip(items[::2], items[1::2], strict=True)))

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1][2].append(node)
        elif self.root is None:
            self.root = node
