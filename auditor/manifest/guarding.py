"""Which of two manifests may say what: a change is judged by the words of its base.

What a manifest states is believed because its author may state it; a change that is judged by its own statements judges
itself. So every statement comes from the base, and a change to one is told as an alteration. Of a change's own are read:
further inputs, without what they state (there may be more to find; but a file that says "off" for what was left at its
default finds less, so that each is an alteration too), further systems and components *without* a place (where the change puts
them is an alteration); and a version that differs is withdrawn altogether, so that the tag of an image has to show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from auditor.documents.tree import Document, Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.facts.gate import Alteration
from auditor.facts.manifest import Manifest
from auditor.manifest.loading import manifest_of, read_manifest
from auditor.manifest.merging import OverlayNode
from auditor.manifest.reading import Reading, text

_KINDS = ("path", "file", "capture", "document")
_OWN_KEYS = frozenset({"version", "deployment", "deployments", "contracts"})
"""Top-level keys that state nothing of where data goes: a choice of overlays shows in what they make of the rest, and
contracts are judged by nobody (those of the base are shown)."""
_NOTHING = "nothing"
"""Text of an empty list or mapping."""
_READ_OF_INPUT = frozenset({*_KINDS, "for", "page", "clause", "issuer", "date", "vantage"})
"""What of a further input is taken from the change, to read it: nothing that it states of flows, coverage or live state."""
_FREE_OF_SYSTEM = frozenset({"id", "product", "version"})
_FREE_OF_COMPONENT = frozenset({"id", "plane", "role", "title"})

Path_ = tuple[str, ...]


def load_guarded(head: Path, base: Path, deployment: str) -> tuple[Manifest, tuple[Alteration, ...]]:
    """Return the manifest by which a change is judged, and every alteration of a statement.

    Args:
        head: the manifest of the change.
        base: that of the base, in a folder of its own.
        deployment: which of several.

    Raises:
        UsageError: one of them does not describe ``deployment``.
        InvalidInputError: one of them is malformed; or what the change refers to is placed nowhere in the base.
    """
    new, _ = read_manifest(head, deployment)
    old, name = read_manifest(base, deployment)
    root = _Guard(new, old, head.parent).root()
    guarded = Reading(replace(old.document, root=root), [], old.overlays)
    manifest = manifest_of(guarded, head.parent, name)
    guarded.finish()
    return replace(manifest, overlays=new.overlays), alterations(new, old)


def alterations(new: Reading, old: Reading) -> tuple[Alteration, ...]:
    """Return what ``new`` states otherwise than ``old``, one entry a subject, in the order of the subjects."""
    before, after = _Leaves(old), _Leaves(new)
    found: dict[str, list[tuple[str, FileLocation]]] = {}
    for path in sorted(before.texts.keys() | after.texts.keys()):
        was, now = before.texts.get(path), after.texts.get(path)
        if was == now or _is_free(path, was, now):
            continue
        where = after.locate(path) if now is not None else after.nearest(path)
        found.setdefault("/".join(path[: _subject_length(path)]), []).append((_said(path, was, now), where))
    return tuple(Alteration(s, "; ".join(dict.fromkeys(t for t, _ in told)), told[0][1]) for s, told in found.items())


def _is_free(path: Path_, was: str | None, now: str | None) -> bool:
    """Return whether a change may do this unasked: nothing that it is judged by becomes milder."""
    key = path[0]
    if key in _OWN_KEYS:
        return True
    if len(path) == 1 and {was, now} == {None, _NOTHING}:
        return True  # an empty list is as good as none; what stood in it is told entry by entry
    return key == "systems" and path[2:] == ("version",) and was is not None and now is not None


def _subject_length(path: Path_) -> int:
    return 2 if path[0] in ("zones", "systems", "components", "inputs", "parameters") else 1


def _said(path: Path_, was: str | None, now: str | None) -> str:
    what = " ".join(path[_subject_length(path) :]) or path[-1]
    if was is None:
        return f"adds {what}" + (f" {now}" if now else "")
    if now is None:
        return f"takes away {what}" + (f" {was}" if was else "")
    return f"sets {what} to {now} instead of {was}"


class _Leaves:
    """A manifest as leaves: path of keys, ids and list entries -> text."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._nodes: dict[Path_, Node] = {(): reading.document.root}
        self.texts = dict(self._below(reading.document.root, ()))

    def locate(self, path: Path_) -> FileLocation:
        """Return the place of a leaf."""
        return self._reading.locate(self._nodes[path])

    def nearest(self, path: Path_) -> FileLocation:
        """Return the place of what is left above a leaf that is not here."""
        while path not in self._nodes:
            path = path[:-1]
        return self.locate(path)

    def _below(self, node: Node, path: Path_) -> Iterator[tuple[Path_, str]]:
        self._nodes[path] = node
        match node.kind:
            case NodeKind.MAPPING:
                for key, value in node.entries:
                    yield from self._below(value, (*path, key.text))
            case NodeKind.SEQUENCE:
                for item in node.items:
                    if item.kind is NodeKind.MAPPING and path in (("systems",), ("components",), ("inputs",)):
                        yield from self._below(item, (*path, _identity(item)))
                    else:
                        self._nodes[*path, _flat(item)] = item
                        yield (*path, _flat(item)), ""
            case _:
                yield path, node.text
        if not node.entries and not node.items and node.kind in (NodeKind.MAPPING, NodeKind.SEQUENCE):
            yield path, _NOTHING


def _identity(item: Node) -> str:
    """Return by what an entry of a list is the same entry: its id or product, or kind, path and place of an input."""
    named = text(item, "id") or text(item, "product")
    if named:
        return named
    kind = next((k for k in _KINDS if item.get(k) is not None), "")
    place = " ".join(t for t in (text(item, "page"), text(item, "clause")) if t)
    return f"{text(item, kind).removeprefix('./')}" + (f" ({place})" if place else "")


def _flat(node: Node) -> str:
    """Return a list entry as one line, keys in order: two that say the same are the same."""
    if node.kind is NodeKind.MAPPING:
        return ", ".join(sorted(f"{key.text}: {_flat(value)}" for key, value in node.entries))
    if node.kind is NodeKind.SEQUENCE:
        return "[" + ", ".join(_flat(item) for item in node.items) + "]"
    return node.text


class _Guard:
    """The manifest of the base, with what of a change cannot help it."""

    def __init__(self, new: Reading, old: Reading, folder: Path) -> None:
        self._new, self._old, self._folder = new, old, folder

    def root(self) -> Node:
        """Return the tree."""
        root, head = self._old.document.root, self._new.document.root
        entries = [
            (key, self._list(key.text, value)) if key.text in ("systems", "components", "inputs") else (key, value)
            for key, value in root.entries
        ]
        present = {key.text for key, _ in root.entries}
        for key, value in head.entries:
            if key.text in ("systems", "components", "inputs") and key.text not in present:
                entries.append((self._own(key), replace(value, items=self._further(key.text, value, frozenset()))))
        return replace(root, entries=tuple(entries))

    def _list(self, key: str, value: Node) -> Node:
        head = self._new.document.root.get(key)
        kept = [self._kept(key, item, head) for item in value.items]
        known = frozenset(_identity(item) for item in value.items)
        further = self._further(key, head, known) if head is not None else ()
        return replace(value, items=(*(item for item in kept if item is not None), *further))

    def _kept(self, key: str, item: Node, head: Node | None) -> Node | None:
        """Return an entry of the base as the change may have it."""
        now = next((i for i in head.items if _identity(i) == _identity(item)), None) if head is not None else None
        if key == "inputs" and now is None:
            path = next((text(item, kind) for kind in _KINDS if item.get(kind) is not None), "")
            return item if (self._folder / path).exists() else None
        if key == "systems" and now is not None and text(now, "version") != text(item, "version"):
            return replace(item, entries=tuple(e for e in item.entries if e[0].text != "version"))
        return item

    def _further(self, key: str, head: Node, known: frozenset[str]) -> tuple[Node, ...]:
        free = {"inputs": _READ_OF_INPUT, "systems": _FREE_OF_SYSTEM, "components": _FREE_OF_COMPONENT}[key]
        new = (item for item in head.items if _identity(item) not in known)
        return tuple(replace(self._own(i), entries=tuple(e for e in self._own(i).entries if e[0].text in free)) for i in new)

    def _own(self, node: Node) -> Node:
        """Return a subtree of the change that knows the file it stands in."""
        if isinstance(node, OverlayNode):
            return node
        return _placed(node, self._new.document)


def _placed(node: Node, document: Document) -> OverlayNode:
    return OverlayNode(
        kind=node.kind,
        line=node.line,
        column=node.column,
        text=node.text,
        quoted=node.quoted,
        redacted=node.redacted,
        entries=tuple((_placed(key, document), _placed(value, document)) for key, value in node.entries),
        items=tuple(_placed(item, document) for item in node.items),
        document=document,
    )
