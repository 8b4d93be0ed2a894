"""What ``kubectl get -o json`` (or yaml) shows of who held an address: pods, services, nodes, endpoints, and events.

A pod has its address from the start of its first container at the latest until the end of its last one, or as long as a
snapshot shows it alive. Source: Kubernetes API reference, PodStatus, Event, EndpointSlice v1; "Pod Lifecycle" (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.documents.tree import Document, Node
from auditor.facts.tenures import Holder, Tenure
from auditor.identify.exports import items, tenures, text
from auditor.identify.instants import at

ALIVE = frozenset({"Created", "Killing", "Started", "Unhealthy"})
"""Reasons of events by which the node shows that a pod is there at that time."""
_STATUSES = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")


@dataclass(slots=True)
class _Names:
    """Names that a cluster gives its pods besides their own."""

    selectors: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    """Namespace, name and selector of every service."""
    behind: dict[str, set[str]] = field(default_factory=dict)
    """Services by the reference of a pod that an endpoint names."""

    def of(self, reference: str, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Return the host names of a pod, sorted."""
        namespace, _, name = reference.partition("/")
        found = {f"{name}.{namespace}.pod"} | self.behind.get(reference, set())
        for where, service, selector in self.selectors:
            if where == namespace and all(labels.get(key) == value for key, value in selector.items()):
                found.add(f"{service}.{namespace}.svc")
        return _with_domain(found)


def cluster_tenures(documents: Sequence[Document], snapshots: Mapping[str, int]) -> Iterator[Tenure]:
    """Yield who held which address when.

    Args:
        documents: Kubernetes objects.
        snapshots: when the file of a path was taken at the earliest, nanoseconds since 1970-01-01 UTC.
    """
    names = _names(documents)
    alive = _alive(documents)
    for document in documents:
        kind = text(document.root, "kind")
        seen = snapshots.get(document.path)
        if kind == "Pod":
            yield from _pod(document, names, seen, alive)
        elif kind == "Service":
            yield from _service(document, seen)
        elif kind == "Node":
            yield from _node(document, seen)


def _names(documents: Iterable[Document]) -> _Names:
    names = _Names()
    for document in documents:
        root, kind = document.root, text(document.root, "kind")
        namespace, name = text(root, "metadata", "namespace") or "default", text(root, "metadata", "name")
        if kind == "Service":
            chosen = _mapping(root.at("spec", "selector"))
            names.selectors += [(namespace, name, chosen)] if chosen else []
        elif kind in ("EndpointSlice", "Endpoints"):
            service = text(root, "metadata", "labels", "kubernetes.io/service-name") or name
            for _, node in root.walk():
                if text(node, "kind") == "Pod" and text(node, "name"):
                    pod = f"{text(node, 'namespace') or namespace}/{text(node, 'name')}"
                    names.behind.setdefault(pod, set()).add(f"{service}.{namespace}.svc")
    return names


def _alive(documents: Iterable[Document]) -> dict[str, list[int]]:
    """Return the times at which events show a pod at work, by its uid, or reference where an event tells no uid."""
    found: dict[str, list[int]] = {}
    for document in documents:
        root = document.root
        about = root.get("involvedObject") or root.get("regarding")
        if text(root, "kind") != "Event" or about is None or text(about, "kind") != "Pod" or text(root, "reason") not in ALIVE:
            continue
        key = text(about, "uid")
        times = (at(root, word) for word in ("firstTimestamp", "lastTimestamp", "eventTime", "deprecatedLastTimestamp"))
        if key:
            found.setdefault(key, []).extend(time for time in times if time is not None)
    return found


def _pod(document: Document, names: _Names, seen: int | None, alive: Mapping[str, Sequence[int]]) -> Iterator[Tenure]:
    root = document.root
    addresses = [text(root, "status", "podIP"), *(text(ip, "ip") for ip in items(root, "status", "podIPs"))]
    if text(root, "spec", "hostNetwork") == "true" or not any(addresses):
        return
    reference = f"{text(root, 'metadata', 'namespace') or 'default'}/{text(root, 'metadata', 'name')}"
    states = [state for word in _STATUSES for item in items(root, "status", word) for state in _states(item)]
    started = [time for state in states if (time := at(state, "startedAt")) is not None]
    ended = [time for state in states if (time := at(state, "finishedAt")) is not None]
    over = text(root, "status", "phase") in ("Succeeded", "Failed")
    since = min(started) if started else seen
    until = (max(ended) if ended else None) if over else seen
    known = [time for time in (since, until, *(() if over else alive.get(text(root, "metadata", "uid"), ()))) if time is not None]
    holder = Holder("pod", reference, names.of(reference, _mapping(root.at("metadata", "labels"))))
    if since is not None and until is not None:
        yield from _tenures(document, holder, addresses, min(known), max(known))


def _states(status: Node) -> Iterator[Node]:
    for word in ("state", "lastState"):
        for kind in ("running", "terminated"):
            found = status.at(word, kind)
            if found is not None:
                yield found


def _service(document: Document, seen: int | None) -> Iterator[Tenure]:
    root = document.root
    since = at(root, "metadata", "creationTimestamp")
    if since is None or seen is None:
        return
    namespace, name = text(root, "metadata", "namespace") or "default", text(root, "metadata", "name")
    addresses = [text(root, "spec", "clusterIP"), *(item.text for item in items(root, "spec", "clusterIPs"))]
    holder = Holder("service", f"{namespace}/{name}", _with_domain({f"{name}.{namespace}.svc"}))
    yield from _tenures(document, holder, addresses, since, seen)


def _node(document: Document, seen: int | None) -> Iterator[Tenure]:
    root = document.root
    since = at(root, "metadata", "creationTimestamp")
    if since is None or seen is None:
        return
    told = [(text(item, "type"), text(item, "address")) for item in items(root, "status", "addresses")]
    name = text(root, "metadata", "name")
    names = {name, *(address for kind, address in told if not kind.endswith("IP"))} - {""}
    addresses = [address for kind, address in told if kind.endswith("IP")]
    yield from _tenures(document, Holder("node", name, tuple(sorted(names))), addresses, since, seen)


def _tenures(document: Document, holder: Holder, addresses: Iterable[str], since: int, until: int) -> Iterator[Tenure]:
    return tenures(document.locate(document.root.at("metadata", "name") or document.root), holder, addresses, since, until)


def _with_domain(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names | {f"{name}.cluster.local" for name in names}))


def _mapping(node: Node | None) -> dict[str, str]:
    return {key.text: value.text for key, value in node.entries} if node is not None else {}
