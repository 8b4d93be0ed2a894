"""Egress policies for Kubernetes: NetworkPolicy v1, and CiliumNetworkPolicy v2, which can name hosts.

Sources: Kubernetes API "NetworkPolicy v1 networking.k8s.io"; Cilium documentation "Layer 3 Policies", "DNS based" (names
need a rule that lets Cilium see the lookups). Names of objects are made of letters, digits and hyphens alone (RFC 1123).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from auditor.facts.hardening import EgressRule, HardenedWorkload, Hardening, PodSelection
from auditor.facts.vocabulary import Transport
from auditor.report.escape import yaml_comment
from auditor.report.yaml_text import Tree, yaml_text

_PROTOCOLS = {Transport.TCP: "TCP", Transport.UDP: "UDP", Transport.SCTP: "SCTP"}
_NAMESPACE_LABEL = "kubernetes.io/metadata.name"
_CILIUM_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_CLUSTER_NAMES = "*.cluster.local"
_NO_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG, _DIGITS = 40, 8


class PolicyDialect(StrEnum):
    """Which kind of policy is written."""

    NETWORKPOLICY = "networkpolicy"
    CILIUM = "cilium"


_TITLES = {PolicyDialect.NETWORKPOLICY: "NetworkPolicy", PolicyDialect.CILIUM: "CiliumNetworkPolicy"}
_BLIND = "toFQDNs needs lookups that Cilium sees, and no resolver is known; name it under components: for"


def render_policies(hardening: Hardening, dialect: PolicyDialect) -> str:
    """Return one policy for each set of pods as YAML documents, what cannot be said as comments above them."""
    workloads = {w.id: w for w in hardening.workloads}
    grouped: dict[PodSelection, list[HardenedWorkload]] = {}
    for workload in hardening.workloads:
        for selection in workload.pods:
            grouped.setdefault(selection, []).append(workload)
    lines = head_lines(hardening)
    lines += [
        f"# no policy: which pods {yaml_comment(w.title)} is was not established" for w in hardening.workloads if not w.pods
    ]
    documents = []
    for selection in sorted(grouped, key=lambda s: (s.namespace, s.labels)):
        mine = [r for w in grouped[selection] for r in hardening.rules if r.source == w.id]
        unsaid = [r for r in mine if not _sayable(r, workloads, dialect)]
        lines += [f"# cannot be said in a {_TITLES[dialect]}, and is denied: {_words(r)}" for r in unsaid]
        said = [r for r in mine if r not in unsaid]
        if dialect is PolicyDialect.CILIUM and _names(said, workloads) and not any(r.lookup for r in said):
            lines.append(f"# {_BLIND}: {yaml_comment(', '.join(w.id for w in grouped[selection]))}")
        documents.append(yaml_text(_policy(selection, grouped[selection], said, workloads, dialect)))
    return "\n".join(lines) + "\n" + "".join(f"---\n{text}" for text in documents)


def head_lines(hardening: Hardening) -> list[str]:
    """Return the comment above everything that is emitted: what it is for, and what it leaves out."""
    head = f"# Egress that {yaml_comment(hardening.deployment)} needs, for the profile {yaml_comment(hardening.profile)};"
    return [f"{head} everything else is denied.", *(f"# {yaml_comment(note)}" for note in hardening.notes)]


def _words(rule: EgressRule) -> str:
    what = f"{rule.source} to {rule.destination} ({rule.transport.value} {rule.port or 'any port'}): {', '.join(rule.purposes)}"
    return yaml_comment(what)


def _sayable(rule: EgressRule, workloads: Mapping[str, HardenedWorkload], dialect: PolicyDialect) -> bool:
    if rule.transport not in _PROTOCOLS:
        return False
    target = workloads.get(rule.target)
    if (target is not None and target.pods) or rule.networks:
        return True
    return dialect is PolicyDialect.CILIUM and bool(rule.hosts)


def _policy(
    selection: PodSelection,
    sources: Sequence[HardenedWorkload],
    rules: Sequence[EgressRule],
    workloads: Mapping[str, HardenedWorkload],
    dialect: PolicyDialect,
) -> Tree:
    labels: Tree = {"matchLabels": dict(selection.labels)} if selection.labels else {}
    meta: Tree = {"name": _name(selection, sources), "namespace": selection.namespace}
    if dialect is PolicyDialect.NETWORKPOLICY:
        egress = _once({"to": _peers(r, workloads), **_ports(r)} for r in rules)
        spec: Tree = {"podSelector": labels, "policyTypes": ["Egress"], "egress": egress}
        return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}
    names = _names(rules, workloads)
    listed = _once(item for r in rules for item in _cilium(r, workloads, names))
    # A rule list with one empty rule denies all: without any list Cilium would leave the direction open.
    spec = {"endpointSelector": labels, "egress": listed or [{}]}
    return {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": meta, "spec": spec}


def _peers(rule: EgressRule, workloads: Mapping[str, HardenedWorkload]) -> list[Tree]:
    target = workloads.get(rule.target)
    if target is not None and target.pods:
        return [
            {
                "namespaceSelector": {"matchLabels": {_NAMESPACE_LABEL: p.namespace}},
                "podSelector": {"matchLabels": dict(p.labels)} if p.labels else {},
            }
            for p in target.pods
        ]
    return [{"ipBlock": {"cidr": network}} for network in rule.networks]


def _ports(rule: EgressRule) -> dict[str, Tree]:
    port: dict[str, Tree] = {"protocol": _PROTOCOLS[rule.transport]}
    if rule.port:
        port["port"] = rule.port
    return {"ports": [port]}


def _names(rules: Sequence[EgressRule], workloads: Mapping[str, HardenedWorkload]) -> list[Tree]:
    """Return the names that may be looked up where Cilium has to see lookups: of what is named outside, and of what lies inside.

    Nothing where no rule names a host: then Cilium need not see them.
    """
    outside = {h for r in rules for h in r.hosts if not r.networks and not r.target}
    if not outside:
        return []
    targets = [workloads[r.target] for r in rules if r.target in workloads]
    names = outside | {h for r in rules for h in r.hosts} | {h for w in targets for h in w.hosts}
    names |= {_CLUSTER_NAMES} if any(w.pods for w in targets) else set()
    return [{"matchPattern" if "*" in name else "matchName": name} for name in sorted(names)]


def _once(items: Iterable[Tree]) -> list[Tree]:
    found: list[Tree] = []
    for item in items:
        if item not in found:
            found.append(item)
    return found


def _cilium(rule: EgressRule, workloads: Mapping[str, HardenedWorkload], names: Sequence[Tree]) -> list[Tree]:
    target = workloads.get(rule.target)
    ports: dict[str, Tree] = {"ports": [{"port": str(rule.port), "protocol": _PROTOCOLS[rule.transport]}]}
    if rule.lookup and names:
        ports["rules"] = {"dns": names}
    entry: dict[str, Tree] = {"toPorts": [ports]}
    if target is not None and target.pods:
        return [
            {"toEndpoints": [{"matchLabels": {_CILIUM_NAMESPACE: p.namespace, **dict(p.labels)}}], **entry} for p in target.pods
        ]
    if rule.networks:
        return [{"toCIDR": list(rule.networks), **entry}]
    return [{"toFQDNs": [{"matchName": host} for host in rule.hosts], **entry}]


def _name(selection: PodSelection, sources: Sequence[HardenedWorkload]) -> str:
    """Return a name that says whose egress it is, and that no other selection has."""
    slug = _NO_NAME.sub("-", "-".join(w.id for w in sources).lower()).strip("-")[:_LONGEST_SLUG].strip("-")
    digest = hashlib.sha256(repr(selection).encode("utf-8", "backslashreplace")).hexdigest()[:_DIGITS]
    return f"egress-{slug}-{digest}" if slug else f"egress-{digest}"
