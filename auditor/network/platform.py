"""What the manifest's ``platform:`` says of the network plugin, and what follows for policies.

Sources: Kubernetes documentation "Network Policies" (a policy without a plugin that implements it has no effect; whether
``ipBlock`` matches addresses inside the cluster is left to the plugin); Cilium documentation "Policy Enforcement Modes" and
"CIDR based" (CIDR rules select nothing that Cilium manages); Flannel's README (no policy enforcement).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.facts.truth import Truth
from auditor.network.addresses import Range, parse_block
from auditor.network.rules import Engine

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
CONFORMANT = "conformant"
COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Platform:
    """What is known of the platform on which policies are to take effect."""

    enforces: Truth = UNKNOWN
    """Whether NetworkPolicy takes effect (facts P18)."""
    enforces_admin: Truth = UNKNOWN
    """Whether AdminNetworkPolicy and BaselineAdminNetworkPolicy take effect."""
    blocks_match_pods: Truth = UNKNOWN
    """Whether address blocks also match the addresses of pods (facts P9, A3)."""
    covers_other: Truth = UNKNOWN
    """Whether isolation stops ICMP and other protocols that a NetworkPolicy cannot name (facts P13)."""
    blocks_match_nodes: Truth = NO
    """Whether Cilium's address blocks also match the addresses of nodes (``policy-cidr-match-mode``, facts C7)."""
    always_isolates: Truth = NO
    """Whether a workload without any policy is denied everything (facts C6)."""
    engine: Engine | None = None
    """Whose own policies take effect beside those of the Kubernetes API; ``None`` leaves it to the policies there are."""
    complete: Truth = UNKNOWN
    """Whether namespaces and nodes that were not supplied do not exist."""
    pod_networks: tuple[Range, ...] = ()
    """Where the addresses of pods lie that no object shows; empty where nobody says."""
    assumed: tuple[str, ...] = ()
    """What of this only its author says, each one clause."""
    unknown: str = "no network plugin is named (platform: cni)"
    """Why enforcement is not known; empty when it is."""


_PLUGINS = {
    CONFORMANT: Platform(enforces=YES, enforces_admin=YES, blocks_match_pods=NO),
    "antrea": Platform(enforces=YES, engine=Engine.KUBERNETES),
    "calico": Platform(enforces=YES, engine=Engine.CALICO),
    "canal": Platform(enforces=YES, engine=Engine.CALICO),
    "cilium": Platform(enforces=YES, blocks_match_pods=NO, covers_other=YES, engine=Engine.CILIUM),
    "flannel": Platform(enforces=NO, enforces_admin=NO, engine=Engine.KUBERNETES),
    "kube-router": Platform(enforces=YES, engine=Engine.KUBERNETES),
    "ovn-kubernetes": Platform(enforces=YES, enforces_admin=YES, engine=Engine.KUBERNETES),
    "weave": Platform(enforces=YES, engine=Engine.KUBERNETES),
}
"""Network plugins by the name that the manifest gives; what is not stated in their documentation stays unknown."""


def read_platform(entries: Iterable[tuple[str, str]]) -> Platform:
    """Return what follows from the manifest's ``platform:`` (key, value) pairs; an unknown plugin settles nothing."""
    said = dict(entries)
    name = said.get("cni", "").lower()
    known = _PLUGINS.get(name)
    complete = YES if said.get("objects") == COMPLETE else UNKNOWN
    objects: tuple[str, ...] = ("all namespaces and nodes are said to be supplied",) if complete is YES else ()
    pods = _blocks(said.get("pod_networks", ""))
    objects += (f"addresses of pods are said to lie in {said['pod_networks']}",) if pods else ()
    if known is None:
        why = f"what the network plugin {name} does with policies is not known" if name else Platform().unknown
        return Platform(complete=complete, pod_networks=pods, assumed=objects, unknown=why)
    mode = said.get("policy_enforcement", "default")
    enforces, admin, why, always = known.enforces, known.enforces_admin, "", NO
    if mode == "never":
        enforces = admin = NO
    elif mode == "always" and known.engine is Engine.CILIUM:
        always = YES
    elif mode != "default":
        enforces = admin = UNKNOWN
        why = f"the enforcement mode {mode} is not read"
    nodes = YES if said.get("policy_cidr_match_mode") == "nodes" else NO
    return replace(
        known,
        enforces=enforces,
        enforces_admin=admin,
        blocks_match_nodes=nodes,
        always_isolates=always,
        complete=complete,
        pod_networks=pods,
        assumed=(f"the network plugin is said to be {name}, policy enforcement {mode}", *objects),
        unknown=why,
    )


def _blocks(written: str) -> tuple[Range, ...]:
    """Return the blocks of a list with commas; one that is not understood leaves it unknown where pods lie."""
    found = [parse_block(each) for each in written.split(",")] if written else []
    return tuple(b for b in found if b is not None) if None not in found else ()
