"""What a values file holds beyond what the description of its chart explains: other containers, commands, objects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.catalog.product import Chart, Product
from auditor.config.bindings import Launch, Library, Opaque, Source
from auditor.config.formats.kubernetes import read_container
from auditor.config.formats.shell import is_empty
from auditor.config.paths import first_at, steps
from auditor.documents.tree import Node, NodeKind

_STARTS = re.compile(
    r"(?:.*(?:image|command|args|env|envvars|envfrom|lifecycle|containers|sidecars?|templates|objects|manifests|deploy|script|hooks?))\Z",
    re.IGNORECASE,
)
"""Names under which charts take programs, variables, containers and whole objects."""
_NO_SUBCHARTS = frozenset(
    {
        "ingress", "route", "httpRoute", "service", "serviceAccount", "rbac", "persistence", "storage", "autoscaling", "hpa",
        "keda", "networkPolicy", "podDisruptionBudget", "pdb", "metrics", "serviceMonitor", "podMonitor", "prometheusRule",
        "tls", "livenessProbe", "readinessProbe", "startupProbe", "securityContext", "podSecurityContext",
        "containerSecurityContext", "priorityClass", "resourceQuota", "limits",
    }
)  # fmt: skip
"""Blocks with a switch that Helm's own scaffold and common library charts keep for parts of the same chart."""
_CODE = re.compile(r"\A\s*#!|^\s*kind:\s|\b(?:ba|da|a|z)?sh\s+-[a-z]*c\b", re.MULTILINE)

Path = tuple[str | int, ...]


def explained_paths(charts: Sequence[Chart], product: Product) -> tuple[tuple[str, ...], ...]:
    """Return the keys on the paths of a values file that the charts and the product's Helm settings read."""
    own = [p for c in charts for group in (c.env, c.env_from, c.args, c.image, c.tag, c.command) for p in group]
    own += [path for c in charts for path, _ in c.files]
    own += [p for s in product.settings for p in s.names.helm]
    return tuple(tuple(step for step in steps(p) if step != "[]") for p in own)


def unexplained(root: Node, explained: Sequence[tuple[str, ...]]) -> Iterator[tuple[Path, Node]]:
    """Yield every node of a values file, outermost first, that no explained path reads or leads through."""
    for path, node in root.walk():
        names = tuple(p for p in path if isinstance(p, str))
        if path and not any(names[: len(e)] == e or e[: len(names)] == names for e in explained):
            yield path, node


def read_containers(source: Source, library: Library, explained: Sequence[tuple[str, ...]]) -> tuple[Launch, ...]:
    """Return a process for each entry of a list that names an image: init containers, sidecars."""
    return tuple(
        read_container(source, library, item, "")
        for _, node in unexplained(source.document.root, explained)
        for item in node.items
        if item.get("image") is not None and _is_text(item.get("image"))
    )


def hidden_in_parent(source: Source, library: Library) -> tuple[Opaque, ...]:
    """Return one entry when the values are a block of a parent chart's: what that chart starts besides nobody reads here."""
    path = source.document.path
    whole = next((s for s in library.sources if s.document.path == path and s.document.root is not source.document.root), None)
    if whole is None or all(value is not source.document.root for _, value in whole.document.root.entries):
        return ()
    what = "these are the values of a chart that a parent chart takes in: what the parent starts besides is open"
    step = "Supply the output of helm template of the parent chart with all values files, in their order"
    return (Opaque(what, step, source.evidence(source.document.root, what)),)


def hidden_in_values(source: Source, charts: Sequence[Chart], explained: Sequence[tuple[str, ...]]) -> tuple[Opaque, ...]:
    """Return what may start or set something unseen: the outermost key of each such block."""
    root = source.document.root
    found = [(".".join(steps(p)), n) for c in charts for p in c.starts if (n := first_at(root, p)) is not None]
    taken: list[Path] = []
    for path, node in unexplained(root, explained):
        if any(path[: len(t)] == t for t in taken):
            continue
        if _is_containers(node):
            taken.append(path)
        elif not is_empty(node) and _may_start(path, node):
            taken.append(path)
            found.append((".".join(str(p) for p in path), node))
    return tuple(_opaque(source, name, node) for name, node in found if not is_empty(node))


def _opaque(source: Source, name: str, node: Node) -> Opaque:
    reason = f"the values key {name} may start or set something that the catalog's description of the chart does not explain"
    step = f"Supply the rendered objects (helm template) in place of the values file, or take {name} away"
    return Opaque(reason, step, source.evidence(node, name))


def _may_start(path: Path, node: Node) -> bool:
    key = path[-1]
    if isinstance(key, str) and _STARTS.match(key):
        return True
    if len(path) == 1 and key not in _NO_SUBCHARTS and _is_switched_on(node):
        return True
    return node.kind is NodeKind.SCALAR and _CODE.search(node.text) is not None


def _is_switched_on(node: Node) -> bool:
    """Return whether a block is one that Helm's condition ``NAME.enabled`` would switch a chart of its own on by."""
    switch = node.get("enabled")
    return switch is not None and not is_empty(switch)


def _is_containers(node: Node) -> bool:
    """Return whether the node is a list whose every entry names an image: then each is read as a process."""
    return bool(node.items) and all(_is_text(i.get("image")) for i in node.items)


def _is_text(node: Node | None) -> bool:
    return node is not None and node.kind is NodeKind.SCALAR and bool(node.text)
