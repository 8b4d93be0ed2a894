"""What policies speak of: pods with labels and ports, namespaces, services, nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import Range
from auditor.network.selectors import Selector

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server sets on every namespace (well-known labels, Kubernetes 1.21)."""


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A declared port of a container; several may share a name in different pods (facts P11)."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods that are alike: those of one template, or one pod of its own."""

    namespace: str
    name: str
    """Name of the owner where one is known, else of the object itself."""
    kind: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...]
    host_network: bool
    addresses: tuple[str, ...]
    """Addresses that a live object shows."""
    doubt: str
    """What makes its network something that NetworkPolicy does not describe (a second interface), else empty."""
    location: FileLocation | None
    """``None`` for pods that are yet to be made."""
    labels_known: bool = True
    """False for pods that are made at run time: they may carry any label (facts P19)."""
    account: str = "default"
    """Service account; Kubernetes gives the one called ``default`` where none is named."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    """Primary network in place of the cluster's own (OVN-Kubernetes UserDefinedNetwork), empty for that one."""

    @property
    def id(self) -> str:
        """Return ``namespace/name[Kind]``."""
        return f"{self.namespace}/{self.name}[{self.kind}]"


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace; labels of one that was not supplied are not complete."""

    name: str
    labels: Mapping[str, str]
    complete: bool

    def matches(self, selector: Selector) -> Truth:
        """Return whether the selector takes this namespace."""
        return selector.matches(self.labels, complete=self.complete)


@dataclass(frozen=True, slots=True)
class ServicePort:
    """A port of a service, and the port of its pods to which it leads."""

    protocol: str
    number: int
    target: str
    """A number, or the name of a container's port."""


@dataclass(frozen=True, slots=True)
class Service:
    """A name inside the cluster for the pods that its selector takes."""

    namespace: str
    name: str
    selector: Selector | None
    """``None``: its endpoints are made by hand or by another controller."""
    external_name: str
    ports: tuple[ServicePort, ...] = ()
    """Empty for a headless service, whose name leads to the pods themselves."""
    addresses: tuple[str, ...] = ()
    """Addresses of its own, of load balancers, and external ones that lead to it."""


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """A node with its addresses as the object's status shows them."""

    name: str
    labels: Mapping[str, str]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddressSet:
    """Addresses under a name or labels that policies refer to: Calico's network sets, Cilium's CIDR groups."""

    kind: str
    namespace: str
    """Empty for the whole cluster."""
    name: str
    labels: Mapping[str, str]
    blocks: tuple[Range, ...]
    names: tuple[str, ...] = ()
    unread: str = ""
    """A member that is not understood."""


@dataclass(frozen=True, slots=True)
class PolicyTier:
    """A tier of Calico's policies."""

    name: str
    order: float
    passes: bool
    """Whether what no rule takes goes on to the next tier; else it is denied."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Everything of a cluster that policies refer to."""

    pods: tuple[Pods, ...]
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    nodes: tuple[ClusterNode, ...] = ()
    sets: tuple[AddressSet, ...] = ()
    tiers: Mapping[str, PolicyTier] = field(default_factory=dict)
    endpoints: Mapping[tuple[str, str], tuple[Range, ...]] = field(default_factory=dict)
    """Addresses behind services whose endpoints were supplied, by (namespace, name)."""
    host_endpoints: bool = False
    """Whether Calico governs interfaces of nodes."""

    def namespace(self, name: str, complete: Truth) -> Namespace:
        """Return a namespace; of one that was not supplied only the label with its name is known."""
        return self.namespaces.get(name) or Namespace(name, {NAME_LABEL: name}, complete is Truth.YES)
