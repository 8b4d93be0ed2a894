"""Signs, words, blanks and here-documents of shell scripts, below their grammar (``shell_reader``)."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from auditor.documents.build import Builder
from auditor.documents.shell_words import WordReader, entry
from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind

_BLANK = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_COMMENT = re.compile(r"#[^\n]*")
_REDIRECTION = re.compile(r"(?:\d*|\{\w+\})(<<<|<<-?|<>|<&|>&|>>|>\||&>>|&>|<(?!\()|>(?!\())")
_RESERVED = re.compile(
    r"(if|then|elif|else|fi|for|while|until|do|done|case|in|esac|select|\{|\}|!|time|coproc|\[\[)(?=[\s;&|()<>]|\Z)"
)


class ShellScanner(ABC):
    """Moves over the text of one script."""

    def __init__(self, builder: Builder) -> None:
        """Begin at the start of the builder's text."""
        self.builder = builder
        self._text = builder.text
        self._at = 0
        self._depth = 0
        self._close = ""
        # Line ends behind which here-documents stand, and where these end.
        self._bodies: dict[int, int] = {}

    @abstractmethod
    def _nested(self, at: int, close: str) -> tuple[Sequence[Node], int]: ...

    def _sides(self, start: int, sides: dict[str, list[Node]]) -> list[tuple[str, Node]]:
        found = [(name, self.builder.sequence(start, sides[name])) for name in ("from", "into") if sides[name]]
        return [*found, *(("given", node) for node in sides["given"][-1:])]

    def _redirection(self, sides: dict[str, list[Node]]) -> bool:
        match = _REDIRECTION.match(self._text, self._at)
        if match is None:
            return False
        start, self._at = self._at, match.end()
        self._skip()
        if match[1] in ("<<", "<<-"):
            sides["given"].append(self._here_document(start, indented=match[1] == "<<-"))
        else:
            sides["from" if match[1].startswith("<") else "into"].append(self._word())
        return True

    def _here_document(self, start: int, *, indented: bool) -> Node:
        """Return the text of a here-document; null where the shell would replace something in it."""
        begun = self._at
        mark = self._word()
        line_end = self._text.find("\n", self._at)
        rest = self._text[self._at : line_end]
        if mark.kind is not NodeKind.SCALAR or line_end < 0 or rest.endswith("\\") or rest.count("'") % 2 or rest.count('"') % 2:
            raise self._fault("the text of this here-document is not found", start)
        first = at = self._bodies.get(line_end, line_end + 1)
        lines: list[str] = []
        while at < len(self._text):
            end = self._text.find("\n", at)
            end = len(self._text) if end < 0 else end
            line = self._text[at:end].removesuffix("\r")
            at, last = min(end + 1, len(self._text)), at
            if (line.lstrip("\t") if indented else line) == mark.text:
                self._bodies[line_end] = at
                text = "".join(lines)
                literal = any(c in self._text[begun : self._at] for c in "'\"\\") or not re.search(r"[$`\\]", text)
                node = self.builder.scalar(first, last, text, quoted=True)
                return node if literal else replace(node, kind=NodeKind.NULL)
            lines.append(f"{line}\n")
        raise self._fault(f"the end {mark.text} of a here-document is missing", start)

    def _words(self, *, lines: bool = False) -> list[Node]:
        found: list[Node] = []
        while True:
            self._skip(lines=lines)
            if self._at >= len(self._text) or self._text[self._at] in "\n;&|()":
                return found
            found.append(self._word())

    def _word(self) -> Node:
        reader = WordReader(self.builder, self._at, self._nested, self._close)
        node = reader.read()
        if reader.at == self._at:
            raise self._fault("a word is missing")
        self._at = reader.at
        return node

    def _reserved(self) -> str:
        match = _RESERVED.match(self._text, self._at)
        return match[1] if match else ""

    def _expect(self, word: str) -> None:
        if self._reserved() != word:
            raise self._fault(f"{word} is missing")
        self._word()

    def _takes(self, sign: str) -> bool:
        """Skip blanks, and take one sign that is no part of a longer one; return whether it was there."""
        self._skip()
        here = self._text[self._at : self._at + 2]
        if not here.startswith(sign) or here in ("&&", "||", ";;", ";&"):
            return False
        self._at += 1
        return True

    def _skip(self, *, lines: bool = False) -> None:
        while self._at < len(self._text):
            match = _BLANK.match(self._text, self._at) or _COMMENT.match(self._text, self._at)
            if match is not None:
                self._at = match.end()
            elif lines and self._text[self._at] == "\n":
                self._at = self._bodies.get(self._at, self._at + 1)
            else:
                return

    def _after(self, sign: str) -> int:
        end = self._text.find(sign, self._at)
        if end < 0:
            raise self._fault(f"{sign} is missing")
        return end + len(sign)

    def _unread(self, start: int) -> Node:
        line, column = self.builder.table.at(start)
        return entry(self.builder, start, ("unknown", Node(NodeKind.SCALAR, line, column, text=self._text[start : self._at])))

    def _fault(self, what: str, at: int | None = None) -> FaultError:
        place = self.builder.table.at(self._at if at is None else at)
        return FaultError(what, "this is no shell script as it stands", "correct it", place)
