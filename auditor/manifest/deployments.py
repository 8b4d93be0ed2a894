"""``deployment:`` or ``deployments:`` of a manifest: which one is asked for, and its overlays laid over the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from auditor.documents import Document, load_strict
from auditor.documents.tree import Node
from auditor.errors import Diagnostic, InvalidInputError, UsageError
from auditor.manifest.inputs import check_path
from auditor.manifest.merging import merge
from auditor.manifest.reading import Reading


def choose_deployment(reading: Reading, base: Path, wanted: str) -> tuple[str, tuple[Node, ...]]:
    """Return the name of the deployment and the paths of its overlays, in their order.

    Without exactly one of the two keys that is a fault, and the name is empty.

    Args:
        reading: the manifest alone.
        base: its folder.
        wanted: the name asked for, empty for the only one.

    Raises:
        UsageError: no deployment is named ``wanted``, or there are several and none is asked for.
    """
    root = reading.document.root
    single, several = root.get("deployment"), root.get("deployments")
    if single is not None and several is None:
        _choose(reading, single, (single.text,), wanted)
        return single.text, ()
    if several is None:
        reading.fault(root, 'the file lacks "deployment"', next_step='add "deployment:" with a name')
        return "", ()
    if single is not None:
        what = "a manifest has deployment or deployments, not both"
        reading.fault(
            root.key("deployments") or several, what, f"deployment is given at {single.line}:{single.column}", "keep one"
        )
        return "", ()
    for _, value in several.entries:
        for overlay in _overlays(value):
            check_path(reading, base, overlay)
    name = _choose(reading, several, tuple(key.text for key, _ in several.entries), wanted)
    return name, _overlays(several.get(name))


def lay_over(reading: Reading, base: Path, overlays: Sequence[Node], schema: Traversable) -> Reading:
    """Return the manifest with the overlays at the paths ``overlays`` laid over it, checked as a whole.

    Raises:
        InvalidInputError: an overlay does not exist, cannot be read, is malformed or breaks its schema, or the
            whole breaks ``schema``: an overlay may leave out what the manifest has, and nobody may leave out what
            is needed.
    """
    reading.finish()  # nothing is opened when a path leaves the folder
    documents = [document for overlay in overlays if (document := _load(reading, base, overlay)) is not None]
    paths = tuple(_shown(overlay) for overlay in overlays)
    root = reading.document.root
    for document in documents:
        root = merge(root, document)
    merged = Reading(replace(reading.document, root=root), reading.faults, paths)
    merged.finish()
    _check_whole(merged, schema)
    merged.finish()
    return merged


def _choose(reading: Reading, node: Node, names: tuple[str, ...], wanted: str) -> str:
    if wanted in names:
        return wanted
    if not wanted and len(names) == 1:
        return names[0]
    from auditor.documents.schema import suggestion

    known = ", ".join(names)
    what, why, step = f'no deployment is named "{wanted}"', f"the manifest describes: {known}", "use one of these names"
    if not wanted:
        what, why, step = f"the manifest describes several deployments: {known}", "", "choose one with --deployment NAME"
    raise UsageError(Diagnostic(what, why, suggestion(wanted, names) or step, reading.document.path, node.line, node.column))


def _overlays(deployment: Node | None) -> tuple[Node, ...]:
    listed = deployment.get("overlays") if deployment is not None else None
    return listed.items if listed is not None else ()


def _shown(overlay: Node) -> str:
    return PurePosixPath(overlay.text).as_posix()


def _load(reading: Reading, base: Path, overlay: Node) -> Document | None:
    """Return an overlay; what is wrong with it is noted, at its place in the manifest when it cannot be found."""
    path = base / overlay.text
    try:
        path.stat()
    except OSError as error:
        why = error.strerror or type(error).__name__
        reading.fault(overlay, f'overlay "{overlay.text}" cannot be found', why, "correct the path, or supply the file")
        return None
    try:
        return load_strict(path, _shown(overlay), resources.files("auditor.documents") / "schemas" / "overlay-v1.json")
    except InvalidInputError as error:
        reading.faults.extend(error.diagnostics())
        return None


def _check_whole(reading: Reading, schema: Traversable) -> None:
    """Note what breaks the schema only when the files are taken together.

    Lines and columns of a merged tree belong to several files, so a copy is checked in which the line of a node
    is its number.
    """
    from auditor.documents.schema import check

    nodes: list[Node] = []

    def numbered(node: Node) -> Node:
        nodes.append(node)
        own = len(nodes)
        entries = tuple((numbered(key), numbered(value)) for key, value in node.entries)
        return Node(node.kind, own, 1, node.text, entries=entries, items=tuple(numbered(item) for item in node.items))

    for found in check(numbered(reading.document.root), reading.document.path, schema):
        reading.fault(nodes[found.line - 1], found.what, found.why, found.next_step)
