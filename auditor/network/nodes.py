"""Short ways into the tree of a Kubernetes object."""

from __future__ import annotations

from auditor.documents import Node, NodeKind


def text(node: Node | None, *path: str | int) -> str:
    """Return the text below ``path``, empty where there is none."""
    value = node.at(*path) if node is not None else None
    return value.text if value is not None else ""


def items(node: Node | None, *path: str | int) -> tuple[Node, ...]:
    """Return the mappings of the list below ``path``."""
    value = node.at(*path) if node is not None else None
    return tuple(i for i in value.items if i.kind is NodeKind.MAPPING) if value is not None else ()


def namespace_of(root: Node) -> str:
    """Return the namespace of a namespaced object; without one it lands in ``default``."""
    return text(root, "metadata", "namespace") or "default"


def namespace_hidden(root: Node) -> bool:
    """Return whether a secret of the file stands in the namespace too, so that it is not known as it is."""
    node = root.at("metadata", "namespace")
    return node is not None and node.redacted
