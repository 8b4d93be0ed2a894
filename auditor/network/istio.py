"""Istio: what the proxies beside pods let out. It is advice: a process that does not heed its proxy goes round it (facts I1).

Sources: Istio documentation, "ServiceEntry", "Sidecar" (a workload's own before its namespace's before the root namespace's),
"Global Mesh Options" (``outboundTrafficPolicy``, ALLOW_ANY where nothing is said), "Resource Annotations". The proxies take TCP
alone. Nothing of it is ever a proof of denial.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network.addresses import Range, parse_range
from auditor.network.connections import ALL, ALL_PORTS, NONE, Connections, connections, wanted
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import items, namespace_of, text
from auditor.network.objects import Pods
from auditor.network.spans import EMPTY, Spans

ROOT_NAMESPACE = "istio-system"
REGISTRY_ONLY = "REGISTRY_ONLY"
_GROUP = "networking.istio.io/"
_MESH = re.compile(r"^outboundTrafficPolicy:\s*\n\s+mode:\s*\"?(\w+)", re.MULTILINE)
_PORTS = "traffic.sidecar.istio.io/excludeOutboundPorts"
_RANGES = "traffic.sidecar.istio.io/excludeOutboundIPRanges"
_INJECT = "sidecar.istio.io/inject"
_TCP = wanted(Transport.TCP, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One ServiceEntry: hosts that the mesh knows, and who sees it (facts I4)."""

    namespace: str
    patterns: tuple[NamePattern, ...]
    ranges: tuple[Range, ...]
    ports: Connections
    exported: tuple[str, ...]
    text: str
    location: FileLocation

    def seen_from(self, namespace: str) -> bool:
        """Return whether pods of a namespace see it; without ``exportTo`` everybody does."""
        marks = {"*": True, ".": namespace == self.namespace}
        return not self.exported or any(marks.get(mark, mark == namespace) for mark in self.exported)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """One Sidecar: what it says of the policy for outbound traffic, for whom."""

    namespace: str
    labels: tuple[tuple[str, str], ...] | None
    """``None``: every workload of its namespace."""
    mode: str
    location: FileLocation


@dataclass(frozen=True, slots=True)
class Mesh:
    """Everything of Istio among the documents."""

    mode: str
    root: str
    entries: tuple[Entry, ...]
    sidecars: tuple[Sidecar, ...]
    location: FileLocation

    def layer(self, pods: Pods) -> MeshAdvice | None:
        """Return the advice for pods, ``None`` where they have no proxy: in the root namespace, on a node's network, by label."""
        said = {pods.labels.get(_INJECT), pods.annotations.get(_INJECT)}
        if pods.namespace == self.root or pods.host_network or "false" in said:
            return None
        chosen = self._sidecar(pods)
        mode = (chosen.mode if chosen is not None else "") or self.mode
        seen = tuple(e for e in self.entries if e.seen_from(pods.namespace))
        return MeshAdvice(mode, seen, tuple(_holes(pods)), chosen.location if chosen is not None else self.location)

    def _sidecar(self, pods: Pods) -> Sidecar | None:
        """Return the Sidecar that counts: the pods' own, else their namespace's, else the root namespace's (facts I3)."""
        near = [s for s in self.sidecars if s.namespace == pods.namespace]
        own = [s for s in near if s.labels is not None and all(pods.labels.get(k) == v for k, v in s.labels)]
        wide = [s for s in near if s.labels is None]
        root = [s for s in self.sidecars if s.namespace == self.root and s.labels is None]
        return next(iter((*own, *wide, *root)), None)


@dataclass(frozen=True, slots=True)
class MeshAdvice:
    """What the proxy beside certain pods lets out."""

    mode: str
    entries: tuple[Entry, ...]
    holes: tuple[tuple[Spans, Range | None], ...]
    """Ports and ranges that annotations take past the proxy (facts I5)."""
    location: FileLocation

    @property
    def dialect(self) -> str:
        """Return what it is, in plain words."""
        return "Istio"

    @property
    def strength(self) -> Strength:
        """Return that it is advice."""
        return Strength.ADVISORY

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return nothing: it denies nothing."""
        return ()

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the ranges of entries and annotations."""
        yield from (r.spans for e in self.entries for r in e.ranges if r.family == family)
        yield from (r.spans for _, r in self.holes if r is not None and r.family == family)

    def names(self) -> Sequence[NamePattern]:
        """Return the hosts of the entries."""
        return tuple(p for e in self.entries for p in e.patterns)

    def decide(self, target: Range | Named) -> Decision:
        """Return what the proxy would do; only where the mesh says REGISTRY_ONLY does it stop anything (facts I2)."""
        if self.mode != REGISTRY_ONLY:
            return Decision(ALL, NONE, ())
        place = target.range if isinstance(target, Named) else target
        surely, possibly = ALL - _TCP, ALL - _TCP
        for ports, where in self.holes:
            if where is None or (where.family == place.family and where.spans.covers(place.spans)):
                surely |= connections("TCP", ports)
        for entry in self.entries:
            known = isinstance(target, Named) and any(p.matches(target.name) for p in entry.patterns)
            at = any(r.family == place.family and r.spans.covers(place.spans) for r in entry.ranges)
            surely |= entry.ports if known or at else NONE
            possibly |= entry.ports if not isinstance(target, Named) else NONE
        denied = ALL - surely
        words = f"outboundTrafficPolicy {REGISTRY_ONLY}, and no ServiceEntry that is seen here names it"
        step = Step(denied, Truth.NO if not denied & possibly else Truth.UNKNOWN, words, self.location)
        return Decision(surely | possibly, denied, (step,) if denied else ())


def read_mesh(documents: Sequence[Document]) -> Mesh | None:
    """Return what the documents say of Istio, ``None`` when they say nothing."""
    entries: list[Entry] = []
    sidecars: list[Sidecar] = []
    modes: list[tuple[str, str, FileLocation]] = []
    for document in documents:
        root = document.root
        kind, ours = text(root, "kind"), text(root, "apiVersion").startswith(_GROUP)
        if document.kind is DocumentKind.KUBERNETES and ours and kind == "ServiceEntry":
            entries.append(_entry(document, root))
        elif document.kind is DocumentKind.KUBERNETES and ours and kind == "Sidecar":
            sidecars.append(_sidecar(document, root))
        modes += list(_modes(document, root, kind))
    if not (entries or sidecars or modes):
        return None
    mode, space, place = modes[-1] if modes else ("", "", (entries or sidecars)[0].location)
    return Mesh(mode, space or ROOT_NAMESPACE, tuple(entries), tuple(sidecars), place)


def _modes(document: Document, root: Node, kind: str) -> Iterator[tuple[str, str, FileLocation]]:
    """Yield (mode, root namespace) of the mesh: from an operator's object, values of the chart, or the ConfigMap."""
    for path in (("spec", "meshConfig"), ("spec", "values", "meshConfig"), ("meshConfig",)):
        mode = root.at(*path, "outboundTrafficPolicy", "mode")
        if mode is not None and (kind in ("IstioOperator", "Istio") or document.kind is DocumentKind.HELM_VALUES):
            yield mode.text, text(root, *path, "rootNamespace"), document.locate(mode)
    mesh = root.at("data", "mesh") if kind == "ConfigMap" else None
    found = _MESH.search(mesh.text) if mesh is not None else None
    if mesh is not None and found is not None:
        yield found.group(1), "", document.locate(mesh)


def _entry(document: Document, root: Node) -> Entry:
    hosts, addresses, exported = (root.at("spec", key) for key in ("hosts", "addresses", "exportTo"))
    ports = [int(text(p, "number")) for p in items(root, "spec", "ports") if text(p, "number").isdecimal()]
    taken = Spans.of((p, p) for p in ports) & ALL_PORTS if ports else ALL_PORTS
    name = f"ServiceEntry {namespace_of(root)}/{text(root, 'metadata', 'name')}"
    ranges = (parse_range(a.text) for a in (addresses.items if addresses is not None else ()))
    return Entry(
        namespace=namespace_of(root),
        patterns=tuple(NamePattern(h.text, NameDialect.ISTIO) for h in (hosts.items if hosts is not None else ())),
        ranges=tuple(r for r in ranges if r is not None),
        ports=connections("TCP", taken),
        exported=tuple(e.text for e in (exported.items if exported is not None else ())),
        text=name,
        location=document.locate(root.at("metadata", "name") or root),
    )


def _sidecar(document: Document, root: Node) -> Sidecar:
    labels = root.at("spec", "workloadSelector", "labels")
    place = document.locate(root.at("metadata", "name") or root)
    chosen = tuple((k.text, v.text) for k, v in labels.entries) if labels is not None and labels.entries else None
    return Sidecar(namespace_of(root), chosen, text(root, "spec", "outboundTrafficPolicy", "mode"), place)


def _holes(pods: Pods) -> Iterator[tuple[Spans, Range | None]]:
    listed = [p.strip() for p in pods.annotations.get(_PORTS, "").split(",")]
    ports = Spans.of((int(p), int(p)) for p in listed if p.isdecimal()) & ALL_PORTS
    if "*" in listed or ports != EMPTY:
        yield (ALL_PORTS if "*" in listed else ports), None
    for written in pods.annotations.get(_RANGES, "").split(","):
        block = parse_range(written)
        if block is not None:
            yield ALL_PORTS, block
