"""The door to the grammars of TOML and HCL: text to a syntax tree whose every node knows its place.

tree-sitter recovers from errors; here an error is a fault, since a tree with guesses in it is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from auditor.documents.source import FaultError, LineTable

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode


__all__ = ["Grammar", "Syntax", "SyntaxNode"]


_BRACKET = re.compile(r"[\[\]{}()]")
_MAXIMUM_OPEN = 2_000
"""Far above the depth that readers allow, because a script in a text may leave brackets open."""


class Grammar(StrEnum):
    """A language with a grammar."""

    TOML = "TOML"
    HCL = "HCL"


class Syntax:
    """The syntax tree of one text, places in characters."""

    def __init__(self, text: str, grammar: Grammar) -> None:
        """Parse ``text``.

        Raises:
            FaultError: the text is not of that language, or nested beyond anything that people write.
        """
        _refuse_deep(text)
        data = text.encode()
        self.text = text
        self._places = None if len(data) == len(text) else _character_places(text)
        self.root: SyntaxNode = _parse(data, grammar)
        if self.root.has_error:
            broken = next(_broken(self.root))
            raise FaultError(
                f"the file is not valid {grammar}",
                "the text does not follow the grammar here",
                "correct the syntax at this place",
                LineTable(text).at(self.start(broken)),
            )

    def start(self, node: SyntaxNode) -> int:
        """Return the offset of the first character of ``node``."""
        return node.start_byte if self._places is None else self._places[node.start_byte]

    def end(self, node: SyntaxNode) -> int:
        """Return the offset behind the last character of ``node``."""
        return node.end_byte if self._places is None else self._places[node.end_byte]

    def of(self, node: SyntaxNode) -> str:
        """Return the source of ``node``."""
        return self.text[self.start(node) : self.end(node)]


def _refuse_deep(text: str) -> None:
    """Refuse brackets opened without end before the parser builds a tree of them; brackets in texts count too."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match.group() in "[{(" else max(depth - 1, 0)
        if depth > _MAXIMUM_OPEN:
            raise FaultError(
                "the file is nested too deeply",
                f"more than {_MAXIMUM_OPEN:,} brackets are open",
                "flatten the structure",
                LineTable(text).at(match.start()),
            )


def _parse(data: bytes, grammar: Grammar) -> SyntaxNode:
    import tree_sitter_hcl
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    language = {Grammar.TOML: tree_sitter_toml.language, Grammar.HCL: tree_sitter_hcl.language}[grammar]
    return Parser(Language(language())).parse(data).root_node


def _broken(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """Yield the nodes at which the grammar failed, in order of the text."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current.is_error or current.is_missing:
            yield current
        waiting.extend(child for child in reversed(current.children) if child.has_error or child.is_missing)
    yield node


def _character_places(text: str) -> list[int]:
    """Return the character offset of every byte offset of the UTF-8 form, and of its end."""
    places: list[int] = []
    for index, character in enumerate(text):
        places.extend([index] * len(character.encode()))
    places.append(len(text))
    return places
