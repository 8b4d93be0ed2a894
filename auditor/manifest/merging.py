"""Overlays laid over a manifest: two located trees become one, and every node still knows its file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from auditor.documents.tree import Document, Node, NodeKind

_JOINED_BY_ID = frozenset({"systems", "components"})
"""Top-level lists whose entries have an id; every other list is replaced as a whole."""

Entry = tuple[Node, Node]


@dataclass(frozen=True, slots=True)
class OverlayNode(Node):
    """A node that an overlay states. A plain ``Node`` of a merged tree is the manifest's own."""

    document: Document = field(kw_only=True, repr=False)
    """The overlay it stands in."""
    below: Node | None = field(default=None, kw_only=True, repr=False)
    """Of a key whose mapping or list was merged: the key in the manifest or an earlier overlay."""


def merge(root: Node, overlay: Document) -> Node:
    """Return ``root``, a manifest with earlier overlays, with ``overlay`` laid over it.

    Mappings are merged key by key; ``systems`` and ``components`` by the id of their entries (a system without
    ``id`` has its product's); other lists, and scalars, are replaced. What is merged stands where it was said
    last, so that a fact drawn from it points to the file that made it what it is. Nothing is removed.

    An id that the overlay itself gives twice stays twice, for whoever refuses that.
    """
    return replace(root, entries=_Layer(overlay).entries(root, overlay.root, _JOINED_BY_ID))


@dataclass(frozen=True, slots=True)
class _Layer:
    document: Document

    def entries(self, below: Node, above: Node, joined: frozenset[str] = frozenset()) -> tuple[Entry, ...]:
        """Return the entries of two mappings: those below in their order, then the new ones."""
        new = {key.text: (key, value) for key, value in above.entries}
        kept = [
            self._over(key, value, *new.pop(key.text), by_id=key.text in joined) if key.text in new else (key, value)
            for key, value in below.entries
        ]
        return (*kept, *((self._own(key), self._own(value)) for key, value in new.values()))

    def _over(self, key: Node, value: Node, new_key: Node, new_value: Node, *, by_id: bool) -> Entry:
        if value.kind is NodeKind.MAPPING and new_value.kind is NodeKind.MAPPING:
            return self._own(new_key, key), self._mapping(value, new_value)
        if by_id and value.kind is NodeKind.SEQUENCE and new_value.kind is NodeKind.SEQUENCE:
            return self._own(new_key, key), self._placed(new_value, items=self._items(value, new_value))
        return self._own(new_key), self._own(new_value)

    def _mapping(self, below: Node, above: Node) -> OverlayNode:
        return self._placed(above, entries=self.entries(below, above))

    def _items(self, below: Node, above: Node) -> tuple[Node, ...]:
        """Return the entries of two lists of mappings: those below in their order, then what matches none of them."""
        first: dict[str, int] = {}
        for index, entry in enumerate(above.items):
            first.setdefault(_id(entry), index)
        matches = [first.pop(_id(entry), None) for entry in below.items]
        kept = [
            entry if index is None else self._mapping(entry, above.items[index])
            for entry, index in zip(below.items, matches, strict=True)
        ]
        return (*kept, *(self._own(entry) for index, entry in enumerate(above.items) if index not in matches))

    def _own(self, node: Node, below: Node | None = None) -> OverlayNode:
        """Return a whole subtree of the overlay."""
        entries = tuple((self._own(key), self._own(value)) for key, value in node.entries)
        return self._placed(node, entries, tuple(self._own(item) for item in node.items), below)

    def _placed(
        self, node: Node, entries: tuple[Entry, ...] = (), items: tuple[Node, ...] = (), below: Node | None = None
    ) -> OverlayNode:
        return OverlayNode(
            kind=node.kind,
            line=node.line,
            column=node.column,
            text=node.text,
            quoted=node.quoted,
            redacted=node.redacted,
            entries=entries,
            items=items,
            document=self.document,
            below=below,
        )


def _id(entry: Node) -> str:
    named = entry.get("id") or entry.get("product")
    return named.text if named is not None else ""
