"""Resources of a plan or state as ``terraform show -json`` writes it, with what it leaves unknown (facts H10).

Before a run most ids are not known; which resource is meant then stands in the references of the configuration. Source:
Terraform, "JSON Output Format" (``planned_values``, ``resource_changes``, ``configuration``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from auditor.documents import Document, Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.nodes import text

_INDEX = re.compile(r"\[[^\]]*\]")
_REFERENCE = re.compile(r"([^.\[]+\.[^.\[]+)(\[[^\]]*\])?")
_OWN = re.compile(r"(?:^|\.)([^.\[\]]+\.[^.\[\]]+(?:\[[^\]]*\])?)$")
"""The end of an address, without its modules."""
_TURNING = ("count", "each")
"""Roots of references that tell apart the instances of one block."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource that the run makes or keeps."""

    address: str
    type: str
    module: str
    """Prefix of its addresses: ``module.net["a"].``, empty at the root."""
    node: Node
    """Its values."""
    unknown: Node | None
    """What of them is known only after the run."""
    expressions: Node | None
    """The configuration's expressions, which hold references."""
    document: Document

    @property
    def location(self) -> FileLocation:
        """Return its place in the plan."""
        return self.document.locate(self.node)

    @property
    def block(self) -> str:
        """Return the block of the configuration that makes it: ``type.name``, without module and index."""
        return _INDEX.sub("", self.address.removeprefix(self.module))

    def get(self, key: str) -> Node | None:
        """Return a value, ``None`` where there is none yet."""
        found = self.node.get(key)
        return None if found is None or found.kind is NodeKind.NULL else found

    def says(self, key: str) -> bool:
        """Return whether the configuration gives the argument at all."""
        return self.expressions is not None and self.expressions.get(key) is not None

    def mark(self, key: str) -> Node | None:
        """Return what of a value is known only after the run."""
        return self.unknown.get(key) if self.unknown is not None else None

    def open(self, key: str) -> bool:
        """Return whether any part of a value is known only after the run."""
        return is_open(self.mark(key))

    def unsaid(self, key: str) -> bool:
        """Return whether a list of blocks is known only after the run as a whole.

        The provider may fill it by itself, or a ``dynamic`` block may: plans do not show such blocks (Terraform's
        ``jsonconfig`` leaves them out), so the one is not told from the other.
        """
        mark = self.mark(key)
        return mark is not None and mark.text == "true"

    def references(self, key: str) -> tuple[str, ...]:
        """Return what the argument refers to, anywhere below ``key``."""
        given = self.expressions.get(key) if self.expressions is not None else None
        found = [n for _, n in given.walk() if n.get("references") is not None] if given is not None else []
        return tuple(dict.fromkeys(i.text for n in found for i in (n.get("references") or n).items))


@dataclass(frozen=True, slots=True)
class Plan:
    """All resources of a document, by type."""

    by_type: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)
    cut: tuple[str, FileLocation] | None = None
    """Why other resources may be made besides those that it shows, and where it says so."""

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of some types, in the order of the plan."""
        for name in types:
            yield from self.by_type.get(name, ())

    def links(self, source: Resource, key: str, target: Resource) -> Truth:
        """Return whether an argument names a resource."""
        found, whole = self.linked(source, key, target.type)
        return Truth.YES if target in found else Truth.NO if whole else Truth.UNKNOWN

    def linked(self, source: Resource, key: str, *types: str) -> tuple[tuple[Resource, ...], bool]:
        """Return the resources of some types that an argument surely names, and whether these are all that it names."""
        found: dict[str, Resource] = {}
        whole = True
        for given in _texts(source.get(key)):
            match = next((r for r in self.of(*types) if given and given in (text(r.node, "id"), text(r.node, "arn"))), None)
            whole = whole and match is not None
            if match is not None:
                found[match.address] = match
        if source.open(key) or (source.get(key) is None and source.says(key)):
            named, complete = self._referred(source, source.references(key), types)
            found |= {r.address: r for r in named}
            whole = whole and complete
        return tuple(found.values()), whole

    def _referred(self, source: Resource, references: Iterable[str], types: tuple[str, ...]) -> tuple[list[Resource], bool]:
        """Return what references surely mean; of several instances which one an index means that turns is not known."""
        listed = tuple(references)
        turning = any(r.partition(".")[0] in _TURNING for r in listed)
        wanted: dict[str, set[str]] = {}
        for match in (_REFERENCE.match(r) for r in listed if r.partition(".")[0] not in (*_TURNING, "path")):
            if match is not None:
                wanted.setdefault(match[1], set()).update({match[2]} if match[2] else ())
        found: list[Resource] = []
        for base, indexes in sorted(wanted.items()):
            meant = [r for r in self.of(*types) if r.module == source.module and r.block == base]
            named = [r for r in meant if r.address.removeprefix(r.module).removeprefix(base) in indexes] if indexes else meant
            if not named or (turning and len(named) > 1):
                return found, False
            found += named
        return found, bool(wanted)


def is_open(unknown: Node | None) -> bool:
    """Return whether a mark of ``after_unknown`` leaves anything open."""
    return unknown is not None and any(node.text == "true" for _, node in unknown.walk())


def read_plan(document: Document) -> Plan:
    """Return the resources of a plan or state; data sources are none."""
    root = document.root
    whole = root.get("planned_values") or root.get("values") or root
    unknown = {text(c, "address"): c.at("change", "after_unknown") for c in _items(root.get("resource_changes"))}
    expressions = dict(_expressions(root.at("configuration", "root_module"), ""))
    by_type: dict[str, list[Resource]] = {}
    for node in _resources(whole.get("root_module")):
        if text(node, "mode") == "data":
            continue
        address, kind = text(node, "address"), text(node, "type")
        plain = _INDEX.sub("", address)
        module = address[: m.start(1)] if (m := _OWN.search(address)) is not None else ""
        made = Resource(address, kind, module, node.get("values") or node, unknown.get(address), expressions.get(plain), document)
        by_type.setdefault(kind, []).append(made)
    return Plan({kind: tuple(found) for kind, found in by_type.items()}, _cut(document))


def _cut(document: Document) -> tuple[str, FileLocation] | None:
    """Return why a plan is not the whole of what is made: it failed, or leaves parts to another run."""
    for key, value, why in (
        ("errored", "true", "the plan ended with an error and may lack resources"),
        ("complete", "false", "the plan is not complete: parts of it wait for another run"),
    ):
        mark = document.root.get(key)
        if mark is not None and mark.text == value:
            return why, document.locate(mark)
    return None


def _resources(module: Node | None) -> Iterator[Node]:
    if module is not None:
        yield from _items(module.get("resources"))
        for child in _items(module.get("child_modules")):
            yield from _resources(child)


def _expressions(module: Node | None, prefix: str) -> Iterator[tuple[str, Node]]:
    if module is None:
        return
    for resource in _items(module.get("resources")):
        given = resource.get("expressions")
        if given is not None:
            yield f"{prefix}{text(resource, 'address')}", given
    calls = module.get("module_calls")
    for name, call in calls.entries if calls is not None else ():
        yield from _expressions(call.get("module"), f"{prefix}module.{name.text}.")


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if node is not None else ()


def _texts(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    return tuple(i.text for i in node.items) if node.kind is NodeKind.SEQUENCE else (node.text,)
