"""Under which names a recognised process is reached by the others of its files: what a draft may put under ``hosts:``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from auditor.config.bindings import Launch, Library, Packaging
from auditor.documents.service_names import cluster_names, compose_names, pod_labels, selects
from auditor.documents.tree import DocumentKind, Node, NodeKind

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
"""Names that a resolver takes, without patterns and placeholders; a service of compose may have an underscore."""


def names_of(launch: Launch, library: Library) -> tuple[str, ...]:
    """Return the names under which other processes of the same files reach ``launch``, without repeats.

    The short name of a Kubernetes Service is among them only where one namespace alone has a Service of that name.
    """
    found: Iterator[str] = iter(())
    if launch.packaging is Packaging.COMPOSE:
        service = launch.source.document.root.at("services", launch.name)
        found = iter(compose_names(launch.name, (service,) if service is not None else ()))
    elif launch.packaging is Packaging.KUBERNETES:
        found = _in_cluster(launch, library)
    return tuple(dict.fromkeys(name for name in map(str.lower, found) if _NAME.fullmatch(name)))


def _in_cluster(launch: Launch, library: Library) -> Iterator[str]:
    root = launch.source.document.root
    pods = [labels for spec, labels in pod_labels(root) if _is_alone(spec, launch)]
    if not pods:
        return
    services = [s.document.root for s in library.of_kind(DocumentKind.KUBERNETES) if _text(s.document.root, "kind") == "Service"]
    known = Counter(_text(service, "metadata", "name") for service in services)
    for service in services:
        if not _same_namespace(service, root):
            continue
        if any(selects(service, labels) for labels in pods):
            short = _text(service, "metadata", "name")
            yield from (short,) if known[short] == 1 else ()
            yield from cluster_names(service)


def _is_alone(spec: Node, launch: Launch) -> bool:
    """Return whether the process is the one container of a pod: behind a Service of several, which answers is not told."""
    containers = spec.get("containers")
    items = containers.items if containers is not None else ()
    return len(items) == 1 and items[0].kind is NodeKind.MAPPING and _text(items[0], "name") == launch.name


def _same_namespace(service: Node, workload: Node) -> bool:
    return _text(service, "metadata", "namespace") == _text(workload, "metadata", "namespace")


def _text(node: Node, *path: str) -> str:
    found = node.at(*path)
    return found.text if found is not None else ""
