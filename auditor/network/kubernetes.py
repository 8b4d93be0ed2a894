"""Kubernetes objects -> pods, namespaces, services and nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from auditor.documents import Document, DocumentKind, Node
from auditor.network.addresses import Range
from auditor.network.nodes import items, namespace_hidden, namespace_of, text
from auditor.network.objects import NAME_LABEL, ClusterNode, ContainerPort, Namespace, Objects, Pods, Service, ServicePort
from auditor.network.primary_networks import placed, read_primary_networks
from auditor.network.references import endpoint_addresses, read_set, read_tier
from auditor.network.selectors import Requirement, Selector

_TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "VirtualMachine": ("spec", "template"),
}
"""Kind to where its pod template is; templates of other custom resources are not pods until something makes them.

The pod in which KubeVirt runs a virtual machine carries the labels of the machine's template."""
_OWNERS = {"VirtualMachineInstance": "VirtualMachine"}
"""Kinds that stand for another of the same name."""
_SECOND_NETWORK = "k8s.v1.cni.cncf.io/networks"
"""Annotation by which Multus adds interfaces, to which NetworkPolicy does not apply."""


def read_objects(documents: Iterable[Document]) -> Objects:
    """Return the objects of all Kubernetes documents, in the order of the documents."""
    found = [(d, text(d.root, "kind")) for d in documents if d.kind is DocumentKind.KUBERNETES]
    namespaces = {n.name: n for d, kind in found if kind == "Namespace" for n in [_namespace(d.root)]}
    networks = read_primary_networks(found)
    return Objects(
        pods=tuple(placed(p, networks, namespaces) for d, kind in found if kind in _TEMPLATES for p in _pods(d, kind)),
        namespaces=namespaces,
        services=tuple(_service(d.root) for d, kind in found if kind == "Service"),
        nodes=tuple(_node(d.root) for d, kind in found if kind == "Node"),
        sets=tuple(s for d, kind in found for s in read_set(d.root, kind)),
        tiers={t.name: t for d, kind in found if kind == "Tier" for t in [read_tier(d.root)]},
        endpoints=_endpoints(found),
        host_endpoints=any(kind == "HostEndpoint" for _, kind in found),
    )


def _endpoints(found: Iterable[tuple[Document, str]]) -> Mapping[tuple[str, str], tuple[Range, ...]]:
    """Return the addresses of Endpoints and EndpointSlice objects by the service that they belong to."""
    known: dict[tuple[str, str], tuple[Range, ...]] = {}
    for document, kind in found:
        if kind in ("Endpoints", "EndpointSlice"):
            root = document.root
            name = text(root, "metadata", "labels", "kubernetes.io/service-name") or text(root, "metadata", "name")
            key = (namespace_of(root), name)
            known[key] = (*known.get(key, ()), *endpoint_addresses(root))
    return known


def _pod_labels(node: Node | None) -> Mapping[str, str] | None:
    """Return the labels, ``None`` when a secret of the file stands in them too, so that they are not known as they are."""
    if node is not None and any(key.redacted or value.redacted for key, value in node.entries):
        return None
    return _labels(node)


def _labels(node: Node | None) -> Mapping[str, str]:
    return {key.text: value.text for key, value in node.entries} if node is not None else {}


def template_of(root: Node) -> Node | None:
    """Return the pod template of an object, ``None`` where it makes no pods."""
    kind = text(root, "kind")
    return root.at(*_TEMPLATES[kind]) if kind in _TEMPLATES else None


def _pods(document: Document, kind: str) -> Iterator[Pods]:
    root = document.root
    template = template_of(root)
    if template is None:
        return
    name, owner_kind = text(root, "metadata", "name"), kind
    owner = next(iter(items(root, "metadata", "ownerReferences")), None)
    if kind == "Pod" and owner is not None and text(owner, "name") and text(owner, "kind") != "Node":
        name, owner_kind = text(owner, "name"), _OWNERS.get(text(owner, "kind"), text(owner, "kind") or kind)
    labels = _pod_labels(template.at("metadata", "labels"))
    yield Pods(
        namespace=namespace_of(root),
        name=name or text(root, "metadata", "generateName"),
        kind=owner_kind,
        labels=labels or {},
        ports=tuple(_ports(template)),
        host_network=text(template, "spec", "hostNetwork") == "true",
        addresses=tuple(_addresses(root)) if kind == "Pod" else (),
        doubt="its namespace was redacted" if namespace_hidden(root) else _doubt(template),
        location=document.locate(root.at("metadata", "name") or root),
        labels_known=labels is not None,
        annotations=_labels(template.at("metadata", "annotations")),
        account=text(template, "spec", "serviceAccountName") or text(template, "spec", "serviceAccount") or "default",
    )


def _doubt(template: Node) -> str:
    if text(template, "metadata", "annotations", _SECOND_NETWORK):
        return f"the annotation {_SECOND_NETWORK} adds an interface to which NetworkPolicy does not apply"
    if any(n.get("multus") is not None for n in items(template, "spec", "networks")):
        return "networks: multus adds an interface to which NetworkPolicy does not apply"
    return ""


def _ports(template: Node) -> Iterator[ContainerPort]:
    for containers in ("containers", "initContainers"):
        for container in items(template, "spec", containers):
            for port in items(container, "ports"):
                number = text(port, "containerPort")
                if number.isdecimal():
                    yield ContainerPort(text(port, "name"), text(port, "protocol") or "TCP", int(number))


def _addresses(root: Node) -> Iterator[str]:
    seen = [text(root, "status", "podIP"), *(text(i, "ip") for i in items(root, "status", "podIPs"))]
    yield from dict.fromkeys(a for a in seen if a)


def _namespace(root: Node) -> Namespace:
    name = text(root, "metadata", "name")
    return Namespace(name, {**_labels(root.at("metadata", "labels")), NAME_LABEL: name}, complete=True)


def _service(root: Node) -> Service:
    chosen = root.at("spec", "selector")
    selector = (
        Selector(tuple(Requirement(key.text, "In", (value.text,)) for key, value in chosen.entries))
        if chosen is not None and chosen.entries
        else None
    )
    spec, headless = root.get("spec"), text(root, "spec", "clusterIP") == "None"
    balancers = (text(i, "ip") for i in items(root, "status", "loadBalancer", "ingress"))
    listed = [spec.get(key) for key in ("clusterIPs", "externalIPs")] if spec is not None else []
    addresses = [text(spec, "clusterIP"), text(spec, "loadBalancerIP"), *balancers]
    addresses += [i.text for node in listed if node is not None for i in node.items]
    return Service(
        namespace_of(root),
        text(root, "metadata", "name"),
        selector,
        text(root, "spec", "externalName"),
        () if headless else tuple(_service_ports(root)),
        tuple(dict.fromkeys(a for a in addresses if a and a != "None")),
    )


def _service_ports(root: Node) -> Iterator[ServicePort]:
    for port in items(root, "spec", "ports"):
        number = text(port, "port")
        if number.isdecimal():
            target = text(port, "targetPort")
            yield ServicePort(text(port, "protocol") or "TCP", int(number), target if target not in ("", "0") else number)


def _node(root: Node) -> ClusterNode:
    addresses = tuple(text(a, "address") for a in items(root, "status", "addresses") if text(a, "type").endswith("IP"))
    return ClusterNode(text(root, "metadata", "name"), _labels(root.at("metadata", "labels")), addresses)
