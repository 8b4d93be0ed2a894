"""Networks that take the place of the cluster's own for a namespace (OVN-Kubernetes).

Source: OVN-Kubernetes documentation "User defined networks": a UserDefinedNetwork or ClusterUserDefinedNetwork with role Primary
replaces the pod network in namespaces with the label ``k8s.ovn.org/primary-user-defined-network``; pods of different primary
networks do not reach each other. One with role Secondary is only used by pods that ask for it in an annotation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from auditor.documents import Document, Node
from auditor.facts.truth import Truth
from auditor.network.nodes import namespace_of, text
from auditor.network.objects import NAME_LABEL, Namespace, Pods
from auditor.network.selectors import Selector, read_selector

LABEL = "k8s.ovn.org/primary-user-defined-network"
_OWN, _CLUSTER = "UserDefinedNetwork", "ClusterUserDefinedNetwork"


@dataclass(frozen=True, slots=True)
class PrimaryNetwork:
    """A primary network with the namespaces that it is for."""

    title: str
    namespace: str
    """Empty for one that selects namespaces by labels."""
    selector: Selector | None

    def takes(self, namespace: Namespace) -> Truth:
        """Return whether it is the network of a namespace."""
        if self.namespace:
            return Truth.of(self.namespace == namespace.name)
        return Truth.UNKNOWN if self.selector is None else namespace.matches(self.selector)


def read_primary_networks(documents: Iterable[tuple[Document, str]]) -> tuple[PrimaryNetwork, ...]:
    """Return the primary networks among Kubernetes objects, given as (document, kind)."""
    found = []
    for document, kind in documents:
        root = document.root
        name = text(root, "metadata", "name")
        if kind == _OWN and _is_primary(root.get("spec")):
            space = namespace_of(root)
            found.append(PrimaryNetwork(f"{kind} {space}/{name}", space, None))
        elif kind == _CLUSTER and _is_primary(root.at("spec", "network")):
            found.append(PrimaryNetwork(f"{kind} {name}", "", read_selector(root.at("spec", "namespaceSelector"))))
    return tuple(found)


def _is_primary(node: Node | None) -> bool:
    return any(text(node, layer, "role") == "Primary" for layer in ("layer2", "layer3"))


def placed(pods: Pods, networks: Iterable[PrimaryNetwork], namespaces: Mapping[str, Namespace]) -> Pods:
    """Return pods with their primary network; where it is not certain, with the doubt."""
    namespace = namespaces.get(pods.namespace) or Namespace(pods.namespace, {NAME_LABEL: pods.namespace}, complete=False)
    taking = {n.title: n.takes(namespace) for n in networks}
    likely = sorted(title for title, truth in taking.items() if truth is not Truth.NO)
    if not likely or pods.host_network or (namespace.complete and LABEL not in namespace.labels):
        return pods
    if len(likely) == 1 and taking[likely[0]] is Truth.YES and namespace.complete:
        return replace(pods, network=likely[0])
    return replace(pods, doubt=pods.doubt or f"whether {', '.join(likely)} is its network was not established")
