"""What files for ``nft -f`` have and listings have not: ``define`` and ``include``.

Source: nft(8), "Symbolic variables" and "Include files".
Definitions are put in where they are used, included files where they are included; what is not among the inputs stays a statement
that is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from auditor.documents import Document, DocumentKind, Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.network.netfilter.files import files_meant

_VARIABLE = re.compile(r"\$(\w+)")
_DEEPEST = 16
"""nft's own limit on files in files (MAX_INCLUDE_DEPTH)."""
Scope = dict[str, tuple[Node, ...]]


@dataclass(slots=True)
class Spliced:
    """A rule set with everything put in, in which every node still has its own place."""

    document: Document
    documents: Sequence[Document]
    root: Node = field(init=False)
    included: list[Document] = field(default_factory=list)
    _origin: dict[int, tuple[Node, Document]] = field(default_factory=dict)
    """By identity, with the node, so that no other comes to have its identity."""
    _depth: int = 0

    def __post_init__(self) -> None:
        """Put everything in."""
        self.root = self._block(self.document.root, self.document, {})

    def locate(self, node: Node) -> FileLocation:
        """Return the place of a node in the file that it stands in."""
        return self._of(node).locate(node)

    def _of(self, node: Node) -> Document:
        if id(node) in self._origin:
            return self._origin[id(node)][1]
        return next((self._of(item) for item in node.items), self.document)

    def _kept(self, node: Node, origin: Document) -> Node:
        self._origin[id(node)] = (node, origin)
        return node

    def _block(self, block: Node, origin: Document, scope: Scope) -> Node:
        return self._kept(replace(block, items=tuple(self._statements(block.items, origin, scope))), origin)

    def _statements(self, statements: Sequence[Node], origin: Document, scope: Scope) -> Iterator[Node]:
        for statement in statements:
            texts = [w.text for w in statement.items[:3]]
            if texts[:1] in (["define"], ["redefine"]) and texts[2:] == ["="]:
                scope[texts[1]] = tuple(self._words(statement.items[3:], origin, scope))
            elif texts[:1] == ["undefine"]:
                scope.pop(texts[1] if len(texts) > 1 else "", None)
            elif texts[:1] == ["include"] and len(texts) == 2:  # noqa: PLR2004 -- include "FILE"
                yield from self._include(statement, origin, scope)
            else:
                inner = dict(scope)
                yield self._kept(replace(statement, items=tuple(self._words(statement.items, origin, inner))), origin)

    def _include(self, statement: Node, origin: Document, scope: Scope) -> Iterator[Node]:
        known = [d for d in self.documents if d.kind is DocumentKind.NFTABLES and d.root.kind is NodeKind.SEQUENCE]
        meant = files_meant(statement.items[1].text, origin, known)
        if not meant or self._depth >= _DEEPEST:
            yield self._kept(statement, origin)
            return
        self._depth += 1
        for document in meant:
            self.included.append(document)
            yield from self._statements(document.root.items, document, scope)
        self._depth -= 1

    def _words(self, words: Sequence[Node], origin: Document, scope: Scope) -> Iterator[Node]:
        for word in words:
            if word.kind is NodeKind.SEQUENCE:
                yield self._braces(word, origin, scope)
            elif (match := _VARIABLE.fullmatch(word.text)) is not None and match[1] in scope and not word.quoted:
                yield from scope[match[1]]
            else:
                text = _VARIABLE.sub(lambda m: _plain(m, scope), word.text) if not word.quoted else word.text
                yield self._kept(replace(word, text=text), origin)

    def _braces(self, node: Node, origin: Document, scope: Scope) -> Node:
        """Return a block of statements, or a set with the elements of sets that stand in it."""
        found: list[Node] = []
        for item in self._statements(node.items, origin, scope):
            inner = [w for w in item.items if w.kind is NodeKind.SEQUENCE]
            found += inner[0].items if len(item.items) == 1 and inner else [item]
        return self._kept(replace(node, items=tuple(found)), origin)


def _plain(match: re.Match[str], scope: Scope) -> str:
    value = scope.get(match[1], ())
    return value[0].text if len(value) == 1 and value[0].kind is NodeKind.SCALAR else match[0]
