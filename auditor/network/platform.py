"""What the manifest's ``platform:`` says of the network plugin, and what follows for policies.

Sources: Kubernetes documentation "Network Policies" (a policy without a plugin that implements it has no effect; whether
``ipBlock`` matches addresses inside the cluster is left to the plugin); Cilium documentation "Policy Enforcement Modes" and
"CIDR based" (CIDR rules select nothing that Cilium manages); Flannel's README (no policy enforcement).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.facts.truth import Truth

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
    complete: Truth = UNKNOWN
    """Whether namespaces and nodes that were not supplied do not exist."""
    assumed: tuple[str, ...] = ()
    """What of this only its author says, each one clause."""
    unknown: str = "no network plugin is named (platform: cni)"
    """Why enforcement is not known; empty when it is."""


_PLUGINS = {
    CONFORMANT: Platform(enforces=YES, enforces_admin=YES, blocks_match_pods=NO),
    "antrea": Platform(enforces=YES),
    "calico": Platform(enforces=YES),
    "canal": Platform(enforces=YES),
    "cilium": Platform(enforces=YES, blocks_match_pods=NO, covers_other=YES),
    "flannel": Platform(enforces=NO, enforces_admin=NO),
    "kube-router": Platform(enforces=YES),
    "ovn-kubernetes": Platform(enforces=YES, enforces_admin=YES),
    "weave": Platform(enforces=YES),
}
"""Network plugins by the name that the manifest gives; what is not stated in their documentation stays unknown."""


def read_platform(entries: Iterable[tuple[str, str]]) -> Platform:
    """Return what follows from the manifest's ``platform:`` (key, value) pairs; an unknown plugin settles nothing."""
    said = dict(entries)
    name = said.get("cni", "").lower()
    known = _PLUGINS.get(name)
    complete = YES if said.get("objects") == COMPLETE else UNKNOWN
    objects = ("all namespaces and nodes are said to be supplied",) if complete is YES else ()
    if known is None:
        why = f"what the network plugin {name} does with policies is not known" if name else Platform().unknown
        return Platform(complete=complete, assumed=objects, unknown=why)
    mode = said.get("policy_enforcement", "default")
    enforces, admin, why = known.enforces, known.enforces_admin, ""
    if mode == "never":
        enforces = admin = NO
    elif mode != "default":
        enforces = admin = UNKNOWN
        why = f"the enforcement mode {mode} is not read"
    return Platform(
        enforces=enforces,
        enforces_admin=admin,
        blocks_match_pods=known.blocks_match_pods,
        covers_other=known.covers_other,
        complete=complete,
        assumed=(f"the network plugin is said to be {name}, policy enforcement {mode}", *objects),
        unknown=why,
    )
