"""Plans and states as ``terraform show -json`` writes them: what a run has decided, and what it leaves unknown.

A plan is brought into the shape of a module (resources by type and name, calls of modules), so that both are read by the
same rules. Values that the plan marks under ``after_unknown`` stay undecided (Terraform, "JSON Output Format").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditor.config.bindings import Launch, Library, Source
from auditor.config.formats.terraform import processes_of
from auditor.config.formats.terraform_module import Module, module_of
from auditor.config.formats.terraform_scope import ModuleScope
from auditor.documents import UNDECIDED, Value
from auditor.documents.tree import DocumentKind, Node, NodeKind

AFTER_APPLY = "${known after apply}"
"""No text that a plan holds: a reference cannot have spaces."""


@dataclass(slots=True)
class _PlanScope(ModuleScope):
    """Every text stands for itself: a plan holds no expressions."""

    def value(self, node: Node | None) -> Value:
        if node is not None and node.kind is NodeKind.SCALAR:
            return UNDECIDED if node.text == AFTER_APPLY else node.text
        return ModuleScope.value(self, node)


def read_terraform_plan(source: Source, library: Library) -> tuple[Launch, ...]:
    """Return the processes that a plan or state makes."""
    return processes_of(library.once(plan_module, source))


def modules_of(library: Library) -> Iterator[Module]:
    """Yield every module of the documents: those written in HCL, then those of plans, each in order of the documents."""
    for source in library.of_kind(DocumentKind.TERRAFORM):
        module = library.once(module_of, source)
        if module is not None:
            yield module
    for source in library.of_kind(DocumentKind.TERRAFORM_PLAN):
        yield library.once(plan_module, source)


def plan_module(source: Source, library: Library) -> Module:  # noqa: ARG001 -- the signature that a library makes things by
    """Return a plan or state as a module of one file whose texts stand for themselves."""
    return Module((_as_module(source),), _PlanScope({}, {}, {}))


def _as_module(source: Source) -> Source:
    """Return a plan in the shape of a module: every node keeps its place in the plan."""
    root = source.document.root
    whole = root.get("planned_values") or root.get("values") or root
    unknown = {_text(c.get("address")): c.at("change", "after_unknown") for c in _items(root.get("resource_changes"))}
    resources: dict[str, dict[str, list[Node]]] = {}
    for resource in _resources(whole.get("root_module")):
        body = _merged(resource.get("values") or resource, unknown.get(_text(resource.get("address"))))
        kind, name = _text(resource.get("type")), _text(resource.get("name"))
        if _text(resource.get("mode")) != "data":
            resources.setdefault(kind, {}).setdefault(name, []).append(body)
    calls = {name: [body] for name, body in _calls(root.at("configuration", "root_module"))}
    entries = [
        (_key(root, "resource"), _mapping(root, {k: _blocks(root, names) for k, names in resources.items()})),
        (_key(root, "module"), _blocks(root, calls)),
    ]
    shaped = Node(NodeKind.MAPPING, root.line, root.column, entries=tuple(entries))
    return replace(source, document=replace(source.document, root=shaped))


def _resources(module: Node | None) -> Iterator[Node]:
    if module is None:
        return
    yield from _items(module.get("resources"))
    for child in _items(module.get("child_modules")):
        yield from _resources(child)


def _calls(module: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield every call of a module with its constant arguments; an argument that refers to something is undecided."""
    calls = module.get("module_calls") if module is not None else None
    for name, call in calls.entries if calls is not None else ():
        expressions = call.get("expressions")
        entries = [(key, node) for key, node in call.entries if key.text == "source"]
        for key, expression in expressions.entries if expressions is not None else ():
            entries.append((key, expression.get("constant_value") or _marked(expression)))
        yield name.text, replace(call, entries=tuple(entries))
        yield from _calls(call.get("module"))


def _merged(value: Node, unknown: Node | None) -> Node:
    """Return ``value`` with a mark wherever ``unknown`` says ``true``."""
    if unknown is None:
        return value
    if unknown.kind is NodeKind.SCALAR:
        return _marked(unknown) if unknown.text == "true" else value
    if unknown.kind is NodeKind.MAPPING and value.kind in (NodeKind.MAPPING, NodeKind.NULL):
        known = {key.text for key, _ in value.entries}
        entries = [(key, _merged(node, unknown.get(key.text))) for key, node in value.entries]
        empty = Node(NodeKind.NULL, value.line, value.column)
        entries += [(key, _merged(empty, node)) for key, node in unknown.entries if key.text not in known]
        return replace(value, kind=NodeKind.MAPPING, entries=tuple(e for e in entries if e[1] is not empty))
    if unknown.kind is NodeKind.SEQUENCE and value.kind in (NodeKind.SEQUENCE, NodeKind.NULL):
        padded = [*value.items, *([Node(NodeKind.NULL, value.line, value.column)] * (len(unknown.items) - len(value.items)))]
        marks = [*unknown.items, *([None] * (len(padded) - len(unknown.items)))]
        items = tuple(_merged(item, mark) for item, mark in zip(padded, marks, strict=True))
        return replace(value, kind=NodeKind.SEQUENCE, items=items)
    return value


def _marked(node: Node) -> Node:
    return Node(NodeKind.SCALAR, node.line, node.column, text=AFTER_APPLY)


def _key(at: Node, text: str) -> Node:
    return Node(NodeKind.SCALAR, at.line, at.column, text=text)


def _mapping(at: Node, values: dict[str, Node]) -> Node:
    entries = tuple((_key(at, name), value) for name, value in values.items())
    return Node(NodeKind.MAPPING, at.line, at.column, entries=entries)


def _blocks(at: Node, values: dict[str, list[Node]]) -> Node:
    return _mapping(
        at, {name: Node(NodeKind.SEQUENCE, at.line, at.column, items=tuple(bodies)) for name, bodies in values.items()}
    )


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if node is not None else ()


def _text(node: Node | None) -> str:
    return node.text if node is not None else ""
