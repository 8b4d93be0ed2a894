"""Kubernetes objects that the inputs hold and that nothing here reads: named, so that they are no silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from auditor.config.bindings import Library, Source
from auditor.config.formats.kubernetes import read_kubernetes
from auditor.documents.installed_values import installs, left_open
from auditor.documents.tree import DocumentKind, Node, NodeKind
from auditor.facts.manifest import NotExamined

_READ_ELSEWHERE = (
    "networking.k8s.io",
    "policy.networking.k8s.io",
    "cilium.io",
    "crd.projectcalico.org",
    "projectcalico.org",
)
"""Groups of policies, which the network stage reads or names."""
_CARRY_NOTHING = (
    "rbac.authorization.k8s.io",
    "policy",
    "storage.k8s.io",
    "scheduling.k8s.io",
    "autoscaling",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "apiextensions.k8s.io",
)
"""Groups whose objects start no process and set nothing for one: rights, disks, sizes, definitions of kinds."""
_CORE = frozenset(
    {
        "Namespace", "Node", "Service", "ServiceAccount", "Endpoints", "PersistentVolume", "PersistentVolumeClaim",
        "LimitRange", "ResourceQuota", "Event", "Secret",
    }
)  # fmt: skip
"""Kinds of the core group of which the same holds; a Secret is read where a container takes it in."""

_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_NOT_APPLIED = (
    "its patches, images and generators are not applied here, and what it takes from charts and other places is not fetched; "
    "supply the output of kustomize build beside or in its place"
)

_NOT_RENDERED = (
    "the templates of this Helm chart and the charts that it depends on are not rendered here; "
    "supply the output of helm template with all values files, in their order"
)


def unread_objects(library: Library, explained: Sequence[Source] = ()) -> tuple[NotExamined, ...]:
    """Return the objects that may start or set something and that nothing reads, by path and place.

    ``explained`` are the objects that a product of the deployment reads as its own files.
    """
    read = {id(source) for source in explained}
    objects = [s for s in library.sources if s.document.kind is DocumentKind.KUBERNETES and id(s) not in read]
    named = {name for source in library.sources for name in _config_maps_named(source.document.root)}
    embedded = {s.document.path for s in library.sources}
    found = [NotExamined(s.document.path, _NOT_APPLIED, named=False) for s in library.sources if _is_kustomization(s)]
    found += [NotExamined(s.document.path, _NOT_RENDERED, named=False) for s in library.sources if _is_chart(s)]
    for source in (s for s in objects if not _is_kustomization(s)):
        reason = _reason(source, library, named, embedded)
        if reason:
            found.append(NotExamined(source.document.path, reason, named=False))
    return tuple(found)


def _is_kustomization(source: Source) -> bool:
    return PurePosixPath(source.document.path).name in _KUSTOMIZATIONS


def _is_chart(source: Source) -> bool:
    root = source.document.root
    return PurePosixPath(source.document.path).name == "Chart.yaml" and all(root.get(k) is not None for k in ("name", "version"))


def _reason(source: Source, library: Library, named: set[str], paths: set[str]) -> str:
    root = source.document.root
    kind, api, name = _text(root.get("kind")), _text(root.get("apiVersion")), _text(root.at("metadata", "name"))
    group = api.rpartition("/")[0]
    line = root.line
    if kind == "ConfigMap" and not group:
        read = name in named or any(p.startswith(f"{source.document.path}#") for p in paths)
        return "" if read else f"no container in the inputs takes in the ConfigMap {name} (line {line})"
    if group in (*_READ_ELSEWHERE, *_CARRY_NOTHING) or (not group and kind in _CORE):
        return ""
    if installs(root) and any(s.document.path == source.document.path and s.document.inside for s in library.sources):
        left = left_open(root)
        return left and f"what {left} of the {kind} {name} sets is not in it: what its chart makes of that is open (line {line})"
    if read_kubernetes(source, library) or _has_containers(root):
        return ""
    return f"nothing here reads the kind {kind} ({api}), and what {name or 'it'} starts or sets is open (line {line})"


def _has_containers(root: Node) -> bool:
    return any(node.get("containers") is not None for _, node in root.walk() if node.kind is NodeKind.MAPPING)


def _config_maps_named(root: Node) -> Iterator[str]:
    """Yield the ConfigMaps that an object refers to: ``envFrom``, ``valueFrom``, volumes and projected volumes."""
    for _, node in root.walk():
        for key in ("configMapRef", "configMapKeyRef", "configMap"):
            reference = node.get(key) if node.kind is NodeKind.MAPPING else None
            if reference is not None and reference.kind is NodeKind.MAPPING:
                yield _text(reference.get("name"))


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind is NodeKind.SCALAR else ""
