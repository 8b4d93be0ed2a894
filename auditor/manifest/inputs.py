"""``inputs:`` and the paths of a manifest: everything stays below its folder."""

from __future__ import annotations

from pathlib import Path

from auditor.documents import confine, digest_file
from auditor.documents.tree import Node
from auditor.errors import UnreadableError
from auditor.facts.manifest import DigestedInput, InputEntry, Manifest, NotExamined
from auditor.facts.vocabulary import ConfigState
from auditor.manifest.reading import Reading, listed, text, texts

_KINDS = ("path", "file", "capture", "document")
_KEYS = {
    "path": {"for", "state", "collected", "from", "governs"},
    "file": {"for", "state", "collected", "from", "governs"},
    "capture": {"for", "vantage", "sees", "canary", "collected", "from"},
    "document": {"for", "page", "clause", "issuer", "date", "states"},
}


def read_inputs(reading: Reading, base: Path, systems: set[str], places: set[str]) -> tuple[InputEntry, ...]:
    """Return the inputs in the order of the file.

    Args:
        reading: the manifest.
        base: its folder.
        systems: ids of its systems, for ``for:``.
        places: ids of its zones and outer components, for ``sees:``.
    """
    node = reading.document.root.get("inputs")
    found: list[InputEntry] = []
    for entry in node.items if node is not None else ():
        kinds = [kind for kind in _KINDS if entry.get(kind) is not None]
        if len(kinds) != 1:
            reading.fault(
                entry, "an input names exactly one of path, file, capture, document", f"here: {listed(kinds)}", "keep one"
            )
            continue
        _check_references(reading, entry, systems, places)
        found.append(_input(reading, base, entry, kinds[0]))
    return tuple(found)


def check_path(reading: Reading, base: Path, node: Node | None) -> None:
    """Note a fault when the path at ``node`` leaves the folder of the manifest, links resolved."""
    if node is None:
        return
    why = confine(base / node.text, base)
    if why:
        reading.fault(node, f'"{node.text}" leaves the folder of the manifest', why, "copy what is needed into the folder")


def document_digests(manifest: Manifest, base: Path) -> tuple[tuple[DigestedInput, ...], tuple[NotExamined, ...]]:
    """Return the manifest, its overlays and its documents with size and digest, and the documents that cannot be read."""
    digests: dict[str, DigestedInput] = {}
    missing: list[NotExamined] = []
    for own in (manifest.path, *manifest.overlays) if manifest.path else ():
        digests[own] = digest_file(base / own, own, "manifest")
    for entry in manifest.inputs:
        if entry.kind != "document" or entry.path in digests:
            continue
        try:
            digest = digest_file(base / entry.path, entry.path, "document")
        except UnreadableError as error:
            reason = "; ".join(f"{d.what}: {d.why}" if d.why else d.what for d in error.diagnostics())
            missing.append(NotExamined(entry.path, reason, named=True, location=entry.location))
            continue
        digests[entry.path] = digest
        if not digest.size:
            missing.append(NotExamined(entry.path, "the document is empty", named=True, location=entry.location))
    return tuple(digests.values()), tuple(missing)


def _input(reading: Reading, base: Path, entry: Node, kind: str) -> InputEntry:
    for key, _ in entry.entries:
        if key.text != kind and key.text not in _KEYS[kind]:
            reading.fault(key, f'"{key.text}" says nothing of a {kind}', f"known here: {listed(_KEYS[kind])}", "remove it")
    node = entry.get(kind) or entry
    check_path(reading, base, node)
    if kind == "file" and (base / node.text).is_dir():
        reading.fault(node, f'"{node.text}" is a folder, and file: needs a file', next_step="use path: for a folder")
    dated = reading.date(entry.get("collected"))
    reading.date(entry.get("date"))
    return InputEntry(
        kind="path" if kind == "file" else kind,
        path=node.text.removeprefix("./"),
        systems=texts(entry, "for"),
        state=ConfigState(text(entry, "state") or ConfigState.COMMITTED),
        collected=dated,
        origin=text(entry, "from"),
        vantage=text(entry, "vantage"),
        sees=texts(entry, "sees"),
        canary=text(entry, "canary"),
        location=reading.locate(entry),
        governs=tuple((key.text, value.text) for key, value in _entries(entry, "governs")),
    )


def _entries(entry: Node, key: str) -> tuple[tuple[Node, Node], ...]:
    node = entry.get(key)
    return node.entries if node is not None else ()


def _check_references(reading: Reading, entry: Node, systems: set[str], places: set[str]) -> None:
    for_, sees = entry.get("for"), entry.get("sees")
    for item in for_.items if for_ is not None else ():
        if item.text not in systems:
            reading.fault(
                item, f'for: names "{item.text}", which is no system here', f"systems: {listed(systems)}", "correct the id"
            )
    for item, _ in _entries(entry, "governs"):
        if item.text.partition("/")[0] not in systems | places:
            reading.fault(
                item,
                f'governs: names "{item.text}", which is no workload or component here',
                f"systems: {listed(systems)}",
                "correct the id",
            )
    for item in sees.items if sees is not None else ():
        if item.text not in places and item.text.partition("/")[0] not in systems:
            reading.fault(
                item,
                f'sees: names "{item.text}", which is neither a zone nor a component here',
                f"known: {listed(places | systems)}",
                "correct the id",
            )
