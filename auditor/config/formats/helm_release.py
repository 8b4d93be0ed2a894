"""Values of Helm releases in Terraform: what the module decides is put in, what only a run decides is said."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from auditor.config.bindings import Library, Opaque, Source, sources_of
from auditor.config.formats.helm_files import with_files
from auditor.config.formats.kubernetes import OPEN_VALUE
from auditor.config.formats.terraform_module import module_of
from auditor.config.formats.terraform_scope import ModuleScope
from auditor.documents import Document, Value, as_text
from auditor.documents.release_values import laid_over, part_of, releases, sets
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.manifest import InputEntry

_STEP = "Supply the output of helm template with the same values, or terraform show -json of the plan"
_MORE = ("dynamic", "postrender", "set_wo")
"""Arguments of a release that set or change values in ways that are not read."""


def library_of(documents: Sequence[Document], entries: Sequence[InputEntry]) -> Library:
    """Return the documents of the inputs for all readers; the values of a Helm release are one document, as far as decided."""
    library = Library(with_files(sources_of(documents, entries)))
    found: dict[tuple[str, str], list[tuple[int, Source]]] = {}
    for source in library.sources:
        part = part_of(source.document)
        if part is not None:
            found.setdefault((source.document.path, part[0]), []).append((part[1], source))
    if not found:
        return library
    released = [r for (_, release), p in found.items() for r in _release(release, sorted(p, key=operator.itemgetter(0)), library)]
    return Library((*(s for s in library.sources if part_of(s.document) is None), *released))


def _release(release: str, ordered: Sequence[tuple[int, Source]], library: Library) -> Iterator[Source]:
    """Yield the values of a release as one document: maps are joined, the later part wins (Helm, "Values Files")."""
    given = [source for _, source in ordered]
    outer = _outer(given[0], library)
    module = library.once(module_of, library.beside(outer)[0]) if outer is not None else None
    if outer is None or module is None:
        return
    opaque: list[Opaque] = []
    root: Node | None = None
    found = [body for address, body in releases(outer.document.root) if address == release]
    bodies = [body for body in found if module.scope.value(body.get("count")) not in ("0", "false")]
    if not bodies:
        return
    for body in bodies:
        opaque += _doubts(body, release, outer, {number for number, _ in ordered})
    for source in given:
        settling = _Settling(source, module.scope, release)
        part = settling.node(source.document.root, "")
        opaque += settling.opaque
        root = part if root is None or part is None else laid_over(root, part)
    if root is not None:
        chart = (as_text(module.scope.value(bodies[0].get("chart"))) or "").rstrip("/").rpartition("/")[2]
        yield replace(given[0], document=replace(given[0].document, root=root), opaque=tuple(opaque), chart=chart)


def _outer(source: Source, library: Library) -> Source | None:
    files = library.of_kind(DocumentKind.TERRAFORM)
    return next((s for s in files if s.document.path == source.document.path and not s.document.inside), None)


def _doubts(body: Node, release: str, outer: Source, shown: AbstractSet[int]) -> Iterator[Opaque]:
    """Yield what the parts of a release, whose numbers are ``shown``, do not show."""
    values = body.get("values")
    items = values.items if values is not None and values.kind is NodeKind.SEQUENCE else ()
    for index, item in enumerate(items):
        if index not in shown:
            yield _opaque(outer, item, f"entry {index + 1} of the values of {release}")
    if values is not None and values.kind is not NodeKind.SEQUENCE:
        yield _opaque(outer, values, f"the values of {release}")
    if sets(body) and len(items) not in shown:
        yield _opaque(outer, sets(body)[0], f"what set gives {release}")
    for key in _MORE:
        node = body.get(key)
        if node is not None:
            yield _opaque(outer, node, f"what {key} gives {release}")


def _opaque(source: Source, node: Node, what: str) -> Opaque:
    return Opaque(f"{what} is decided when Terraform runs", _STEP, source.evidence(node, what))


@dataclass(slots=True)
class _Settling:
    """Puts the values of a module into a tree; what has none goes, with the list entry that it belongs to."""

    source: Source
    scope: ModuleScope
    release: str
    opaque: list[Opaque] = field(default_factory=list)

    def node(self, node: Node, path: str) -> Node | None:
        """Return the tree with values for references, ``None`` where it is one that only a run decides."""
        if node.kind is NodeKind.MAPPING:
            found = [(key, self.node(value, f"{path}.{key.text}")) for key, value in node.entries]
            return replace(node, entries=tuple((key, value) for key, value in found if value is not None))
        if node.kind is NodeKind.SEQUENCE:
            items = (self._item(item, f"{path}[{n}]") for n, item in enumerate(node.items))
            return replace(node, items=tuple(item for item in items if item is not None))
        if node.kind is not NodeKind.SCALAR or not ("${" in node.text or "%{" in node.text):
            return node
        settled = _node(self.scope.value(node), node)
        if settled is None:
            self.opaque.append(_opaque(self.source, node, f"{path.removeprefix('.')} in the values of {self.release}"))
        return settled

    def _item(self, item: Node, path: str) -> Node | None:
        """Return an item of a list, ``None`` when a part of it is open: half of an entry would say something else.

        A variable whose value alone is open stays, as one whose value is not in the inputs.
        """
        before = len(self.opaque)
        settled = self.node(item, path)
        if len(self.opaque) == before:
            return settled
        name, value = item.get("name"), item.get("value")
        if name is None or value is None or settled is None or settled.get("name") is not name:
            return None
        if len(self.opaque) > before + 1 or settled.get("value") is not None:
            return None
        self.opaque.pop()
        held = replace(value, kind=NodeKind.MAPPING, text="", entries=((replace(value, text=OPEN_VALUE), value),))
        return replace(settled, entries=(*settled.entries, (replace(value, text="valueFrom"), held)))


def _node(value: Value, at: Node) -> Node | None:
    """Return a value as a tree that stands where its expression stands."""
    if value is None:
        return replace(at, kind=NodeKind.NULL, text="")
    if isinstance(value, list):
        items = [_node(item, at) for item in value]
        found = tuple(item for item in items if item is not None)
        return replace(at, kind=NodeKind.SEQUENCE, text="", items=found) if len(found) == len(items) else None
    if isinstance(value, dict):
        inner = [(replace(at, text=key), _node(item, at)) for key, item in value.items()]
        entries = tuple((key, item) for key, item in inner if item is not None)
        return replace(at, kind=NodeKind.MAPPING, text="", entries=entries) if len(entries) == len(inner) else None
    text = as_text(value)
    return replace(at, text=text) if text is not None else None
