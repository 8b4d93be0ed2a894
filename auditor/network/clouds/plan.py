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
from auditor.network.nodes import text

_INDEX = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource that the run makes or keeps."""

    address: str
    type: str
    module: str
    """Prefix of its addresses: ``module.net.``, empty at the root."""
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

    def get(self, key: str) -> Node | None:
        """Return a value, ``None`` where there is none yet."""
        found = self.node.get(key)
        return None if found is None or found.kind is NodeKind.NULL else found

    def says(self, key: str) -> bool:
        """Return whether the configuration gives the argument at all."""
        return self.expressions is not None and self.expressions.get(key) is not None

    def open(self, key: str) -> bool:
        """Return whether any part of a value is known only after the run."""
        return is_open(self.unknown.get(key) if self.unknown is not None else None)

    def references(self, key: str) -> tuple[str, ...]:
        """Return what the argument refers to, anywhere below ``key``."""
        given = self.expressions.get(key) if self.expressions is not None else None
        found = [n for _, n in given.walk() if n.get("references") is not None] if given is not None else []
        return tuple(dict.fromkeys(i.text for n in found for i in (n.get("references") or n).items))


@dataclass(frozen=True, slots=True)
class Plan:
    """All resources of a document, by type."""

    by_type: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of some types, in the order of the plan."""
        for name in types:
            yield from self.by_type.get(name, ())

    def linked(self, source: Resource, key: str, *types: str) -> tuple[tuple[Resource, ...], bool]:
        """Return the resources of some types that an argument names, and whether these are all that it names."""
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
        found: list[Resource] = []
        bases = {".".join(_INDEX.sub("", r).split(".")[:2]) for r in references}
        for base in sorted(bases):
            match = [r for r in self.of(*types) if _INDEX.sub("", r.address) == f"{source.module}{base}"]
            if not match and base.partition(".")[0] not in ("each", "count", "path"):
                return found, False
            found += match
        return found, bool(bases)


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
        module = plain[: plain.rindex(f"{kind}.")] if f"{kind}." in plain else ""
        made = Resource(address, kind, module, node.get("values") or node, unknown.get(address), expressions.get(plain), document)
        by_type.setdefault(kind, []).append(made)
    return Plan({kind: tuple(found) for kind, found in by_type.items()})


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
