"""Endpoint selectors of Cilium: labels with a source in front, and labels that Cilium makes of namespace and account.

Sources: Cilium documentation "Endpoint Selectors", "Using Kubernetes Constructs In Policy" (facts C4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.documents import Node
from auditor.facts.truth import Truth, all_of
from auditor.network.objects import Namespace, Pods
from auditor.network.rules import ChosenPeer, EntityPeer, Peer, UnreadPeer
from auditor.network.selectors import Requirement, read_selector

NAMESPACE = "io.kubernetes.pod.namespace"
NAMESPACE_LABELS = "io.cilium.k8s.namespace.labels."
ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
_CLUSTER = "io.cilium.k8s.policy.cluster"
_LEFT_OUT = (
    *("io.kubernetes", "kubernetes.io", "k8s.io", "pod-template-generation", "pod-template-hash", "controller-revision-hash"),
    *("annotation", "controller-uid", "etcd_node", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"),
    *("batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/controller-uid"),
)
"""Beginnings of labels that identities leave out by default, in some versions at least (Cilium documentation, "Limiting
Identity-Relevant Labels"): whoever selects by them selects nobody, unless the installation says otherwise."""
_RESERVED = "reserved"
_KUBERNETES_SOURCES = ("k8s", "any")


@dataclass(frozen=True, slots=True)
class CiliumSelector:
    """All requirements together, in one namespace or in any."""

    requirements: tuple[Requirement, ...]
    namespace: str
    """Empty for every namespace."""
    doubted: tuple[Requirement, ...] = ()
    """Requirements of which it is not known whether they count."""

    def chooses(self, pods: Pods, namespace: Namespace) -> Truth:
        """Return whether pods of a namespace are taken."""
        here = Truth.of(not self.namespace or self.namespace == pods.namespace)
        found = all_of((here, *(_holds(r, pods, namespace) for r in self.requirements)))
        met = all_of(_holds(r, pods, namespace) for r in self.doubted)
        return Truth.UNKNOWN if found is Truth.YES and met is not Truth.YES else found


def _holds(requirement: Requirement, pods: Pods, namespace: Namespace) -> Truth:
    source, key = split_key(requirement.key)
    plain = Requirement(key, requirement.operator, requirement.values)
    if source == _RESERVED:
        # Pods carry no reserved label.
        return plain.matches({}, complete=True)
    if source not in _KUBERNETES_SOURCES or key == _CLUSTER:
        return Truth.UNKNOWN
    made = {NAMESPACE: pods.namespace, ACCOUNT: pods.account}
    if key in made:
        return plain.matches(made, complete=True)
    if key.startswith(_LEFT_OUT) or "beta.kubernetes.io" in key:
        return Truth.UNKNOWN
    if key.startswith(NAMESPACE_LABELS):
        inner = Requirement(key.removeprefix(NAMESPACE_LABELS), plain.operator, plain.values)
        return inner.matches(namespace.labels, complete=namespace.complete)
    return plain.matches(pods.labels, complete=pods.labels_known)


def split_key(key: str) -> tuple[str, str]:
    """Return the source of a label, which stands before a colon, and its key; without one any source is meant."""
    source, colon, rest = key.partition(":")
    return (source, rest) if colon else ("any", key)


def subject_selector(node: Node | None, namespace: str) -> CiliumSelector:
    """Return whom a policy selects; one of a namespace is bound to it, whatever it says of namespaces (facts C4)."""
    selector = read_selector(node)
    requirements = selector.requirements if selector is not None else ()
    if not namespace:
        return CiliumSelector(requirements, "")
    doubted = tuple(r for r in requirements if split_key(r.key)[1].startswith(NAMESPACE_LABELS))
    return CiliumSelector(tuple(r for r in requirements if not _speaks_of_namespace((r,))), namespace, doubted)


def peer(node: Node, namespace: str) -> Peer:
    """Return the peer of one item of ``toEndpoints`` or ``fromEndpoints``; without a namespace in it the policy's own."""
    selector = read_selector(node)
    requirements = selector.requirements if selector is not None else ()
    reserved = [split_key(r.key)[1] for r in requirements if _names_reserved(r)]
    if reserved and len(requirements) == 1:
        return EntityPeer(reserved[0])
    if reserved:
        return UnreadPeer("a reserved label together with others")
    return ChosenPeer(CiliumSelector(requirements, "" if _speaks_of_namespace(requirements) else namespace))


def _names_reserved(requirement: Requirement) -> bool:
    return split_key(requirement.key)[0] == _RESERVED and requirement.operator in ("In", "Exists")


def _speaks_of_namespace(requirements: Sequence[Requirement]) -> bool:
    keys = [split_key(r.key)[1] for r in requirements]
    return any(k == NAMESPACE or k.startswith(NAMESPACE_LABELS) for k in keys)
