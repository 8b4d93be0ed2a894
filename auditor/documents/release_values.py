"""The values that Terraform gives a Helm release, as values files that stand inside the file of the resource.

Source: hashicorp/helm provider, ``helm_release``: ``values`` (texts of YAML, the later wins), ``set``, ``set_sensitive`` and
``set_list`` (win over ``values``), as blocks and, from version 3, as lists; a name has Helm's form ``a.b\\.c[0].d``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from auditor.documents.tree import Document, DocumentKind, Node, NodeKind

Tree: TypeAlias = "Node | dict[str | int, Tree]"

_RELEASE = re.compile(r"(helm_release(?:_v1)?\.[^/]+)/(\d+)/values\.yaml")
_STEP = re.compile(r"((?:\\.|[^\\.\[\]])+)((?:\[\d+\])*)(?:\.|$)")
_SETS = ("set", "set_sensitive", "set_list")
_MOST_ITEMS = 1000
_BY_INDEX = "by index"
"""Text of a list that is laid over another item by item, and of its holes; a list that is written whole has none."""


def releases(root: Node) -> Iterator[tuple[str, Node]]:
    """Yield (address, body) of each release of a Terraform file, those that ``count`` leaves out among them."""
    resources = root.get("resource")
    for kind, labels in resources.entries if resources is not None else ():
        if kind.text.removesuffix("_v1") == "helm_release":
            for name, blocks in labels.entries:
                yield from ((f"{kind.text}.{name.text}", body) for body in blocks.items)


def parts(body: Node) -> Iterator[tuple[int, Node]]:
    """Yield (order, values) of what a release is given: texts and trees of ``values``, then one tree of all ``set``.

    What only a run decides is left out; its number is missing then.
    """
    values = body.get("values")
    items = values.items if values is not None else ()
    for index, item in enumerate(items):
        if item.kind is NodeKind.MAPPING or (item.kind is NodeKind.SCALAR and not item.text.startswith("${")):
            yield index, item
    tree = _of_sets(body)
    if tree is not None:
        yield len(items), tree


def part_of(document: Document) -> tuple[str, int] | None:
    """Return (address of the release, order) of a document that is a part of its values, ``None`` for any other."""
    found = _RELEASE.fullmatch(document.inside) if document.kind is DocumentKind.HELM_VALUES else None
    return (found.group(1), int(found.group(2))) if found is not None else None


def part_name(release: str, order: int) -> str:
    """Return the name of the file that a part of a release's values stands for."""
    return f"{release}/{order}/values.yaml"


def sets(body: Node) -> tuple[Node, ...]:
    """Return the ``set`` entries of a release, in order of what wins."""
    return tuple(item for key in _SETS for node in (body.get(key),) if node is not None for item in node.items)


def laid_over(lower: Node, upper: Node) -> Node:
    """Return two trees of values as one: maps are joined key by key, anything else of ``upper`` stands for what was there.

    A list that the names of ``set`` make is laid over item by item, as Helm does it.
    """
    if upper.kind is NodeKind.NULL and upper.text == _BY_INDEX:
        return lower
    if upper.kind is NodeKind.SEQUENCE and upper.text == _BY_INDEX and lower.kind is NodeKind.SEQUENCE:
        both = tuple(laid_over(a, b) for a, b in zip(lower.items, upper.items, strict=False))
        return replace(lower, items=(*both, *lower.items[len(both) :], *upper.items[len(both) :]))
    if lower.kind is not NodeKind.MAPPING or upper.kind is not NodeKind.MAPPING:
        return upper
    above = {key.text: (key, value) for key, value in upper.entries}
    entries = [
        (above[key.text][0], laid_over(value, above[key.text][1])) if key.text in above else (key, value)
        for key, value in lower.entries
    ]
    known = {key.text for key, _ in lower.entries}
    return replace(lower, entries=(*entries, *(pair for name, pair in above.items() if name not in known)))


def _of_sets(body: Node) -> Node | None:
    """Return the tree that the names of ``set`` make, ``None`` where there is none or one of them cannot be placed."""
    top: dict[str | int, Tree] = {}
    for entry in sets(body):
        name, value = entry.get("name"), entry.get("value")
        if name is None or value is None or value.text.startswith("{") or not _put(top, name.text, value):
            return None
    return _node(top) if top else None


def _put(top: dict[str | int, Tree], name: str, value: Node) -> bool:
    steps = _steps(name)
    into = top
    for step in steps[:-1]:
        below = into.setdefault(step, {})
        if isinstance(below, Node):
            return False
        into = below
    if steps:
        into[steps[-1]] = value
    return bool(steps)


def _steps(name: str) -> list[str | int]:
    """Return the steps of a name, none of one that is not Helm's form."""
    found: list[str | int] = []
    at = 0
    while at < len(name):
        match = _STEP.match(name, at)
        if match is None:
            return []
        found.append(re.sub(r"\\(.)", r"\1", match.group(1)))
        found += [int(number) for number in re.findall(r"\d+", match.group(2))]
        at = match.end()
    return found if "${" not in name and all(step <= _MOST_ITEMS for step in found if isinstance(step, int)) else []


def _node(tree: Tree) -> Node:
    """Return a tree of steps as a node; what a list has no name for stays as it is in the part below."""
    if isinstance(tree, Node):
        return tree
    found = {step: _node(below) for step, below in tree.items()}
    first = next(iter(found.values()))
    if all(isinstance(step, int) for step in found):
        hole = Node(NodeKind.NULL, first.line, first.column, text=_BY_INDEX)
        last = max(step for step in found if isinstance(step, int))
        items = tuple(found.get(number, hole) for number in range(last + 1))
        return Node(NodeKind.SEQUENCE, first.line, first.column, text=_BY_INDEX, items=items)
    entries = tuple((Node(NodeKind.SCALAR, n.line, n.column, text=str(step)), n) for step, n in found.items())
    return Node(NodeKind.MAPPING, first.line, first.column, entries=entries)
