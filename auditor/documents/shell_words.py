"""Words of shell scripts, each with its place: quotes, variables, substitutions. Source: POSIX.1-2024, 2.2 to 2.6.

A word is a scalar where its value stands there, with quotes removed. Otherwise it is ``{"joined": [part, …]}``, a part being a
scalar, ``{"variable": name}``, ``{"commands": [statement, …]}`` or ``{"unknown": source}`` for what is not read (arithmetic,
patterns of file names, expansions with operators). ``quoted`` of a scalar says whether it stood in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from auditor.documents.build import Builder
from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind

_PLAIN = re.compile(r"[^\s\"'\\$`;&|<>()*?\[\]{}~#]+")
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_NAME = re.compile(r"\$(?:([A-Za-z_]\w*|[0-9@*#?$!-])|\{([A-Za-z_]\w*(?:\[[@*]\])?|[0-9@*#?]+)\})")
_BRACED = re.compile(r"\{[^\s{}]*(?:,|\.\.)[^\s{}]*\}")
_META = frozenset(" \t\r\n;&|<>()")
Statements = Callable[[int, str], tuple[Sequence[Node], int]]
"""Reads the commands from a place up to a closing character, and returns them with the place behind it."""


def entry(builder: Builder, start: int, *pairs: tuple[str, Node]) -> Node:
    """Return a mapping whose keys are words of this reader's own; they stand where the mapping begins."""
    line, column = builder.table.at(start)
    entries = tuple((Node(NodeKind.SCALAR, line, column, text=name), value) for name, value in pairs)
    builder.spend(1 + len(entries), start)
    return Node(NodeKind.MAPPING, line, column, entries=entries)


class WordReader:
    """Reads one word that begins at a place."""

    def __init__(self, builder: Builder, at: int, statements: Statements, close: str) -> None:
        """Begin at ``at``; ``statements`` reads the commands inside substitutions, ``close`` ends the one around the word."""
        self._builder = builder
        self._text = builder.text
        self._start = self.at = at
        self._statements = statements
        self._close = close
        self._parts: list[Node] = []

    def read(self) -> Node:
        """Return the word; ``at`` is then behind it.

        Raises:
            FaultError: a quote, substitution or expansion that is not closed.
        """
        while self.at < len(self._text) and not self._ends():
            self._part(quoted=False)
        literal = all(p.kind is NodeKind.SCALAR for p in self._parts)
        if literal:
            text, quoted = "".join(p.text for p in self._parts), any(p.quoted for p in self._parts)
            return self._builder.scalar(self._start, self.at, text, quoted=quoted)
        return entry(self._builder, self._start, ("joined", self._builder.sequence(self._start, self._parts)))

    def _ends(self) -> bool:
        character = self._text[self.at]
        if self._text[self.at : self.at + 2] in ("<(", ">(") and self.at == self._start:
            return False
        return character in _META or character == self._close

    def _part(self, *, quoted: bool) -> None:
        start, character = self.at, self._text[self.at]
        plain = (_IN_QUOTES if quoted else _PLAIN).match(self._text, start)
        if plain is not None:
            self._literal(plain.group(), plain.end(), quoted=quoted)
        elif character == "\\":
            self._escape(quoted=quoted)
        elif character == "$":
            self._dollar(quoted=quoted)
        elif character == "`":
            self._commands(start + 1, "`")
        elif character == "'":
            end = self._closing("'", start + 1)
            self._literal(self._text[start + 1 : end], end + 1, quoted=True)
        elif character == '"':
            self._quotes()
        elif character in "<>":
            self._commands(start + 2, ")")
        else:
            self._pattern(character)

    def _literal(self, text: str, end: int, *, quoted: bool) -> None:
        line, column = self._builder.table.at(self.at)
        self._parts.append(Node(NodeKind.SCALAR, line, column, text=text, quoted=quoted))
        if text:
            self._builder.spans[line, column] = (self.at, end)
        self._builder.spend(1, self.at)
        self.at = end

    def _escape(self, *, quoted: bool) -> None:
        follows = self._text[self.at + 1 : self.at + 2]
        if follows in ("\n", ""):
            self.at += 2
        elif quoted and follows not in '$`"\\':
            self._literal("\\", self.at + 1, quoted=True)
        else:
            self._literal(follows, self.at + 2, quoted=True)

    def _quotes(self) -> None:
        start = self.at
        self._literal("", start + 1, quoted=True)
        while self._text[self.at : self.at + 1] != '"':
            if self.at >= len(self._text):
                raise self._fault("a quote is not closed", start)
            self._part(quoted=True)
        self.at += 1

    def _dollar(self, *, quoted: bool) -> None:
        start = self.at
        two = self._text[start : start + 2]
        name = _NAME.match(self._text, start)
        if name is not None:
            self.at = name.end()
            line, column = self._builder.table.at(start)
            node = Node(NodeKind.SCALAR, line, column, text=name[1] or name[2], quoted=quoted)
            self._parts.append(entry(self._builder, start, ("variable", node)))
        elif self._text.startswith("$((", start):
            self._unknown(self._balanced(start + 1, "(", ")"))
        elif two == "$(":
            self._commands(start + 2, ")")
        elif two == "${":
            self._unknown(self._balanced(start + 1, "{", "}"))
        elif two == "$'" and not quoted:
            self._unknown(self._closing("'", start + 2) + 1)
        elif two == '$"' and not quoted:
            self.at += 1
        else:
            self._literal("$", start + 1, quoted=quoted)

    def _commands(self, start: int, close: str) -> None:
        begun = self.at
        found, self.at = self._statements(start, close)
        self._parts.append(entry(self._builder, begun, ("commands", self._builder.sequence(begun, list(found)))))

    def _unknown(self, end: int) -> None:
        start, self.at = self.at, end
        line, column = self._builder.table.at(start)
        self._builder.spans[line, column] = (start, end)
        self._parts.append(entry(self._builder, start, ("unknown", Node(NodeKind.SCALAR, line, column, self._text[start:end]))))

    def _pattern(self, character: str) -> None:
        """Take a character that stands for names of files or several words where a shell expands it, else for itself."""
        braces = _BRACED.match(self._text, self.at)
        closing = character == "[" and re.match(r"\[[^\s\]]+\]", self._text[self.at : self.at + 80]) is not None
        if braces is not None:
            self._unknown(braces.end())
        elif character in "*?" or closing or (character == "~" and self.at == self._start):
            self._unknown(self.at + 1)
        else:
            self._literal(character, self.at + 1, quoted=False)

    def _balanced(self, start: int, opening: str, closing: str) -> int:
        depth = 0
        for at in range(start, len(self._text)):
            depth += (self._text[at] == opening) - (self._text[at] == closing)
            if not depth:
                return at + 1
        raise self._fault(f"{opening} is not closed", start)

    def _closing(self, quote: str, start: int) -> int:
        end = self._text.find(quote, start)
        if end < 0:
            raise self._fault("a quote is not closed", start - 1)
        return end

    def _fault(self, what: str, at: int) -> FaultError:
        return FaultError(what, "this is no shell script as it stands", "correct it", self._builder.table.at(at))
