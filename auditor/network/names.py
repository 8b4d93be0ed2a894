"""Names inside a cluster: what a service or pod name stands for, and which pods a workload of the manifest is.

Source: Kubernetes "DNS for Services and Pods": ``service.namespace.svc.domain`` and ``address.namespace.pod.domain``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.inventory import Workload
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, parse_block
from auditor.network.cluster import Cluster
from auditor.network.connections import ALL_PORTS, PROTOCOLS, Connections, connections
from auditor.network.ends import Served, Target
from auditor.network.objects import Pods, Service
from auditor.network.spans import Spans

_FEWEST_LABELS = 2
_SERVICE, _POD = "svc", "pod"


def service_pods(host: str, cluster: Cluster) -> tuple[Pods, ...]:
    """Return the pods behind a service name, nothing when the service or its pods were not supplied.

    ``name.namespace`` and ``name.namespace.svc[.domain]`` are read; whether an unqualified name is meant depends on
    who asks, so it stands for nothing.
    """
    labels = host.rstrip(".").lower().split(".")
    if len(labels) < _FEWEST_LABELS or (len(labels) > _FEWEST_LABELS and labels[2] != _SERVICE):
        return ()
    for service in cluster.book.world.objects.services:
        if (service.name, service.namespace) == (labels[0], labels[1]):
            return _selected(service, cluster)
    return ()


def service_targets(host: str, cluster: Cluster) -> tuple[Served, ...]:
    """Return the pods behind a service name, to be asked for by the ports of the service."""
    found = service_pods(host, cluster)
    labels = host.rstrip(".").lower().split(".")
    service = next((s for s in cluster.book.world.objects.services if found and [s.name, s.namespace] == labels[:2]), None)
    return tuple(Served(pods, tuple(_translated(service, pods))) for pods in found) if service is not None else ()


def address_targets(block: Range, cluster: Cluster) -> tuple[Target, ...]:
    """Return what an address of the cluster stands for: live pods, or the pods behind a service and the address itself.

    Whether policies are asked before or after a service's address is replaced is not laid down (facts P9).
    """
    pods = tuple(p for p in cluster.pods if any(parse_block(a) == block for a in p.addresses))
    if pods:
        return pods
    for service in cluster.book.world.objects.services:
        if any(parse_block(a) == block for a in service.addresses):
            return (*(Served(p, tuple(_translated(service, p))) for p in _selected(service, cluster)), block)
    return ()


def _translated(service: Service, pods: Pods) -> Iterator[tuple[Connections, Connections]]:
    """Yield the ports of a service with those of pods behind it; a name that no container has leads nowhere that is known."""
    for port in service.ports:
        if port.protocol not in PROTOCOLS:
            continue
        numbers = [int(port.target)] if port.target.isdecimal() else []
        numbers += [p.number for p in pods.ports if p.name == port.target and p.protocol == port.protocol]
        ends = (Spans.of([(port.number, port.number)]), Spans.of((n, n) for n in numbers))
        yield connections(port.protocol, ends[0] & ALL_PORTS), connections(port.protocol, ends[1] & ALL_PORTS)


def _selected(service: Service, cluster: Cluster) -> tuple[Pods, ...]:
    if service.selector is None or service.external_name:
        return ()
    here = [p for p in cluster.pods if p.namespace == service.namespace]
    return tuple(p for p in here if service.selector.matches(p.labels) is Truth.YES)


def established(workload: Workload, cluster: Cluster) -> tuple[Pods, ...]:
    """Return the pods that a workload of the model surely is, nothing when that is not established.

    Three things establish it: a service name among its hosts, a host pattern ``*.namespace.pod[.domain]`` (every pod of
    the namespace, also those that are made later), and live addresses that all lie in its networks.
    """
    found: dict[str, Pods] = {}
    for host in workload.hosts:
        for pods in (*service_pods(host, cluster), *_namespace_pods(host, cluster)):
            found[f"{pods.id} {pods.location}"] = pods
    for pods in cluster.pods:
        if pods.addresses and not pods.host_network and all(_lies_in(a, workload.networks) for a in pods.addresses):
            found[f"{pods.id} {pods.location}"] = pods
    return tuple(found[key] for key in sorted(found))


def _namespace_pods(host: str, cluster: Cluster) -> tuple[Pods, ...]:
    labels = host.rstrip(".").lower().split(".")
    if labels[0] != "*" or len(labels) <= _FEWEST_LABELS or labels[2] != _POD:
        return ()
    name = labels[1]
    known = tuple(p for p in cluster.pods if p.namespace == name)
    later = Pods(
        name, "any later pod", "Pod", {}, (), host_network=False, addresses=(), doubt="", location=None, labels_known=False
    )
    return (*known, later)


def _lies_in(address: str, networks: tuple[str, ...]) -> bool:
    block = parse_block(address)
    blocks = [b for b in map(parse_block, networks) if b is not None]
    return block is not None and any(b.family == block.family and b.spans.covers(block.spans) for b in blocks)
