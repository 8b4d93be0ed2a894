"""nftables rule sets (``nft list ruleset``, files for ``nft -f``) to located trees.

A block is a sequence of statements, a statement a sequence of words; what stands in braces is a sequence in its place: the block
of a table, chain or set again statements, any other braces a set of elements, each a sequence of words. Source: nft(8).
"""

from __future__ import annotations

import re

from auditor.documents.build import Builder, Parsed
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

_BLANK = re.compile(r"(?:[ \t\f\v]|\\(?:\r\n|\n|\r))+")
_BREAK = re.compile(r"\r\n|\n|\r|;")
_COMMENT = re.compile(r"#[^\r\n]*")
_LOST = re.compile(r"#\s*(?:xt|match|target)\b.*")
"""A comment with which older versions of nft print a part of a rule that it has no words for."""
_STRING = re.compile(r'"[^"\r\n]*"')
_WORD = re.compile(r"[^\s{};\"#]+")
_ELEMENT = re.compile(r"[^\s{},;\"#]+")
_BLOCKS = frozenset({"table", "chain", "set", "map", "flowtable", "counter", "quota", "limit", "synproxy", "secmark", "ct"})
_VERBS = frozenset({"add", "create", "destroy", "delete", "insert", "replace"})


def parse_nftables(text: str) -> tuple[Parsed, ...]:
    """Return the statements of a rule set.

    Raises:
        FaultError: a brace or quote that is not closed, or a brace too many.
    """
    reader = _Reader(Builder.of(text))
    root = reader.block(0, 0, whole=True)
    return (Parsed(root, reader.builder.spans),)


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self._text = builder.text
        self._at = 0

    def block(self, start: int, depth: int, *, whole: bool = False) -> Node:
        """Return the statements up to the closing brace, or of the whole text."""
        self.builder.deep(depth, start)
        statements: list[Node] = []
        while True:
            self._skip(lines=True)
            if self._at >= len(self._text):
                if whole:
                    return self.builder.sequence(start, statements)
                raise self._fault("a brace is not closed", start)
            if self._text[self._at] == "}":
                if whole:
                    raise self._fault("a closing brace that nothing opened", self._at)
                self._at += 1
                return self.builder.sequence(start, statements)
            statements.append(self._statement(depth))

    def _statement(self, depth: int) -> Node:
        start = self._at
        words: list[Node] = []
        while not self._ends():
            character = self._text[self._at]
            if character == "{":
                words.append(self._braces(words, depth))
            elif character == "#":
                self._comment(words)
            else:
                words.append(self._word(_WORD))
            self._skip(lines=False)
        return self.builder.sequence(start, words)

    def _ends(self) -> bool:
        return self._at >= len(self._text) or self._text[self._at] == "}" or _BREAK.match(self._text, self._at) is not None

    def _braces(self, words: list[Node], depth: int) -> Node:
        start = self._at
        self._at += 1
        first = next((w.text for w in words if w.text not in _VERBS), "")
        return self.block(start, depth + 1) if first in _BLOCKS and not self._in_rule(words) else self._set(start, depth + 1)

    def _in_rule(self, words: list[Node]) -> bool:
        """Return whether a statement that starts like a block (``ct state …``) is a part of a rule."""
        return words[0].text == "ct" and len(words) > 1 and words[1].text not in ("helper", "timeout", "expectation")

    def _set(self, start: int, depth: int) -> Node:
        self.builder.deep(depth, start)
        elements: list[Node] = []
        words: list[Node] = []
        begun = self._at
        while True:
            self._skip(lines=True)
            if self._at >= len(self._text):
                raise self._fault("a brace is not closed", start)
            character = self._text[self._at]
            begun = begun if words else self._at
            if character in ",}":
                if words:
                    elements.append(self.builder.sequence(begun, words))
                    words = []
                self._at += 1
                if character == "}":
                    return self.builder.sequence(start, elements)
            elif character == "{":
                self._at += 1
                words.append(self._set(self._at - 1, depth + 1))
            else:
                words.append(self._word(_ELEMENT))

    def _word(self, pattern: re.Pattern[str]) -> Node:
        string = _STRING.match(self._text, self._at)
        match = string or pattern.match(self._text, self._at)
        if match is None:
            raise self._fault("a quote is not closed", self._at)
        start, self._at = self._at, match.end()
        text = match.group()
        return self.builder.scalar(start, self._at, text[1:-1] if string else text, quoted=string is not None)

    def _comment(self, words: list[Node]) -> None:
        match = _COMMENT.match(self._text, self._at)
        end = match.end() if match else self._at + 1
        if match is not None and words and _LOST.match(match.group()):
            words.append(self.builder.scalar(self._at, end, match.group().rstrip()))
        self._at = end

    def _skip(self, *, lines: bool) -> None:
        while self._at < len(self._text):
            match = _BLANK.match(self._text, self._at)
            if match is None and lines:
                match = _BREAK.match(self._text, self._at) or _COMMENT.match(self._text, self._at)
            if match is None:
                return
            self._at = match.end()

    def _fault(self, what: str, at: int) -> FaultError:
        return FaultError(what, "this is no rule set of nftables as it stands", "correct it", self.builder.table.at(at))
