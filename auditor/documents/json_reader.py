"""JSON (RFC 8259) and JSON with comments and trailing commas to located trees.

An own scanner: ``json.loads`` gives no positions and changes numbers; a YAML parser refuses valid JSON
(surrogate pairs) and accepts much that is none.
"""

from __future__ import annotations

import re

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

_SPACE = re.compile(r"[ \t\r\n]*")
_SPACE_AND_COMMENTS = re.compile(r"(?:[ \t\r\n]+|//[^\r\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_WORD = re.compile(r"(?:true|false|null)(?!\w)")
_CHUNK = re.compile(r'[^"\\\x00-\x1f]*')
_UNICODE = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HIGH, _LOW, _END = 0xD800, 0xDC00, 0xE000


def parse_json(text: str, *, relaxed: bool = False) -> tuple[Parsed, ...]:
    """Return the one tree of ``text``; ``relaxed`` also takes comments and trailing commas (JSONC).

    Numbers, ``true`` and ``false`` stay text; ``null`` is a null node. A lone surrogate escape becomes U+FFFD.

    Raises:
        FaultError: not JSON, a duplicate key, or too deep.
    """
    builder = Builder.of(text)
    scanner = _Scanner(builder, relaxed)
    root = scanner.value(0)
    scanner.finish()
    return (Parsed(root, builder.spans),)


class _Scanner:
    def __init__(self, builder: Builder, relaxed: bool) -> None:
        self._builder = builder
        self._text = builder.text
        self._relaxed = relaxed
        self._space = _SPACE_AND_COMMENTS if relaxed else _SPACE
        self._at = 0

    def value(self, depth: int) -> Node:
        self._skip()
        start = self._at
        self._builder.deep(depth, start)
        character = self._text[start : start + 1]
        if character == "{":
            return self._mapping(start, depth)
        if character == "[":
            return self._sequence(start, depth)
        if character == '"':
            text = self._string()
            return self._builder.scalar(start, self._at, text, quoted=True)
        match = _NUMBER.match(self._text, start) or _WORD.match(self._text, start)
        if match is None:
            raise self._fault("a value is expected here", start)
        self._at = match.end()
        if match.group() == "null":
            return self._builder.null(start, "null")
        return self._builder.scalar(start, self._at, match.group())

    def finish(self) -> None:
        self._skip()
        if self._at != len(self._text):
            raise self._fault("something follows the end of the value", self._at)

    def _skip(self) -> None:
        match = self._space.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _mapping(self, start: int, depth: int) -> Node:
        entries: list[tuple[Node, Node]] = []
        self._at += 1
        while not self._closes("}", start, first=not entries):
            key_start = self._at
            if self._text[key_start : key_start + 1] != '"':
                raise self._fault("a key in double quotes is expected here", key_start)
            text = self._string()
            key = self._builder.scalar(key_start, self._at, text, quoted=True)
            self._skip()
            if self._text[self._at : self._at + 1] != ":":
                raise self._fault('":" is expected after the key', self._at)
            self._at += 1
            entries.append((key, self.value(depth + 1)))
        return self._builder.mapping(start, entries)

    def _sequence(self, start: int, depth: int) -> Node:
        items: list[Node] = []
        self._at += 1
        while not self._closes("]", start, first=not items):
            items.append(self.value(depth + 1))
        return self._builder.sequence(start, items)

    def _closes(self, bracket: str, start: int, *, first: bool) -> bool:
        """Step over a comma or the closing bracket; return whether it closed."""
        self._skip()
        if self._at >= len(self._text):
            raise self._fault(
                "the text ends inside an object or array begun at {}:{}".format(*self._builder.table.at(start)), self._at
            )
        if self._text[self._at] == bracket:
            self._at += 1
            return True
        if first:
            return False
        if self._text[self._at] != ",":
            raise self._fault(f'"," or "{bracket}" is expected here', self._at)
        comma = self._at
        self._at += 1
        self._skip()
        if self._text[self._at : self._at + 1] == bracket:
            if not self._relaxed:
                raise self._fault("a comma before the closing bracket is not allowed in JSON", comma)
            self._at += 1
            return True
        return False

    def _string(self) -> str:
        start = self._at
        self._at += 1
        parts: list[str] = []
        while True:
            match = _CHUNK.match(self._text, self._at)
            if match is not None:
                parts.append(match.group())
                self._at = match.end()
            character = self._text[self._at : self._at + 1]
            if character == '"':
                self._at += 1
                return "".join(parts)
            if character == "\\":
                parts.append(self._escape())
            elif not character:
                raise self._fault("the text ends inside a string begun at {}:{}".format(*self._builder.table.at(start)), self._at)
            else:
                raise self._fault(f"control character U+{ord(character):04X} inside a string must be escaped", self._at)

    def _escape(self) -> str:
        start = self._at
        letter = self._text[start + 1 : start + 2]
        if letter == "u":
            code = self._unit(start)
            if _HIGH <= code < _LOW and self._text[start + 6 : start + 8] == "\\u":
                low = self._unit(start + 6)
                if _LOW <= low < _END:
                    self._at = start + 12
                    return chr(0x10000 + ((code - _HIGH) << 10) + (low - _LOW))
            self._at = start + 6
            return "\ufffd" if _HIGH <= code < _END else chr(code)
        if letter not in _ESCAPES:
            raise self._fault("unknown escape in a string", start)
        self._at = start + 2
        return _ESCAPES[letter]

    def _unit(self, start: int) -> int:
        match = _UNICODE.match(self._text, start + 2)
        if match is None:
            raise self._fault("four hexadecimal digits are expected after \\u", start)
        return int(match.group(), 16)

    def _fault(self, why: str, offset: int) -> FaultError:
        return FaultError("the file is not valid JSON", why, "correct the syntax at this place", self._builder.table.at(offset))
