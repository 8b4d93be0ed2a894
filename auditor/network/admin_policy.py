"""AdminNetworkPolicy and BaselineAdminNetworkPolicy of ``policy.networking.k8s.io/v1alpha1``, ClusterNetworkPolicy of v1alpha2.

v1alpha2 has one kind with a tier and a priority, says Accept for Allow, and lists ``protocols`` in place of ``ports``.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Document, Node, NodeKind
from auditor.network.addresses import parse_block
from auditor.network.connections import ALL_PORTS, FIRST_PORT, LAST_PORT, PROTOCOLS
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import text
from auditor.network.rules import (
    Action,
    BlockPeer,
    Direction,
    NamePeer,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    PortRule,
    Rule,
    Tier,
    UnreadPeer,
)
from auditor.network.selectors import EVERYTHING, Selector, read_selector
from auditor.network.spans import EMPTY, Spans

_GROUP = "policy.networking.k8s.io"
ADMIN, BASELINE, CLUSTER = "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"
READ = frozenset({(f"{_GROUP}/v1alpha1", ADMIN), (f"{_GROUP}/v1alpha1", BASELINE), (f"{_GROUP}/v1alpha2", CLUSTER)})
"""The versions and kinds that are read."""
_ACTIONS = {"Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}
_CLUSTER_ACTIONS = {"Accept": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}
_TIERS = {"Admin": Tier.ADMIN, "Baseline": Tier.BASELINE}
_LARGEST_PRIORITY = 1000
_SPEC_KEYS = {"priority", "subject", "ingress", "egress"}
_RULE_KEYS = {"name", "action", "to", "from"}


def read_admin_policy(document: Document) -> Policy:
    """Return the policy of a document; parts that its version does not have are named in ``unread``."""
    root = document.root
    spec = root.get("spec") or root
    kind = text(root, "kind")
    keys = _SPEC_KEYS | ({"tier"} if kind == CLUSTER else set())
    unread = [k.text for k, _ in spec.entries if k.text not in keys] if root.get("spec") is not None else ["no spec"]
    namespaces, pods, why = _subject(spec.get("subject"))
    priority, tier = _priority(text(spec, "priority")), _tier(kind, text(spec, "tier"))
    if kind != BASELINE and priority is None:
        why = why or f"priority {text(spec, 'priority') or 'missing'}"
    if tier is None:
        why = why or f"tier {text(spec, 'tier') or 'missing'}"
    directions = {}
    for direction in Direction:
        rules, faults = _rules(document, spec, direction, tier or Tier.ADMIN)
        directions[direction] = rules
        unread.extend(faults)
    return Policy(
        tier=tier or Tier.ADMIN,
        kind=kind,
        namespace="",
        name=text(root, "metadata", "name"),
        priority=priority,
        subject_namespaces=namespaces,
        subject_pods=pods,
        unread=(*unread, *([why] if why else [])),
        egress=directions[Direction.EGRESS],
        ingress=directions[Direction.INGRESS],
        location=document.locate(root.at("metadata", "name") or root),
    )


def _tier(kind: str, written: str) -> Tier | None:
    return _TIERS.get(written) if kind == CLUSTER else Tier.ADMIN if kind == ADMIN else Tier.BASELINE


def _priority(written: str) -> int | None:
    return int(written) if written.isdecimal() and int(written) <= _LARGEST_PRIORITY else None


def _subject(node: Node | None) -> tuple[Selector, Selector, str]:
    """Return (namespaces, pods, what is not understood); an empty selector of namespaces takes all (facts A7)."""
    names = [k.text for k, _ in node.entries] if node is not None else []
    if node is None or names not in (["namespaces"], ["pods"]):
        return EVERYTHING, EVERYTHING, f"subject {', '.join(names) or 'missing'}"
    if names == ["namespaces"]:
        return read_selector(node.get("namespaces")) or EVERYTHING, EVERYTHING, ""
    pods = node.get("pods")
    parts = [
        read_selector(pods.get(k)) or EVERYTHING if pods is not None else EVERYTHING for k in ("namespaceSelector", "podSelector")
    ]
    return parts[0], parts[1], ""


def _rules(document: Document, spec: Node, direction: Direction, tier: Tier) -> tuple[tuple[Rule, ...] | None, list[str]]:
    """Return the rules in their order and what is not understood; without a rule the direction is left alone (facts A6)."""
    cluster = text(document.root, "kind") == CLUSTER
    actions, ports_key, read_port = (_CLUSTER_ACTIONS, "protocols", _protocol) if cluster else (_ACTIONS, "ports", _port)
    listed = spec.get(direction.value)
    found: list[Rule] = []
    faults = []
    for number, node in enumerate(listed.items if listed is not None else (), start=1):
        name = text(node, "name")
        title = f"{direction.value} rule {number}" + (f" ({name})" if name else "")
        action = actions.get(text(node, "action"))
        strange = [k.text for k, _ in node.entries if k.text not in _RULE_KEYS | {ports_key}]
        if action is None or strange or (action is Action.PASS and tier is Tier.BASELINE and not cluster):
            faults.append(f"{title}: {', '.join(strange) or 'action ' + text(node, 'action')}")
            continue
        peers = node.get("to" if direction is Direction.EGRESS else "from")
        names = any(item.get("domainNames") is not None for item in (peers.items if peers is not None else ()))
        if names and (action is not Action.ALLOW or tier is not Tier.ADMIN):
            faults.append(f"{title}: domainNames, which only a rule of the Admin tier that allows may have")
            continue
        ports = node.get(ports_key)
        found.append(
            Rule(
                action=action,
                peers=tuple(p for item in (peers.items if peers is not None else ()) for p in _peers(item))
                or (UnreadPeer("a rule without peers"),),
                ports=tuple(read_port(p) for p in ports.items) if ports is not None and ports.items else None,
                title=title,
                location=document.locate(node),
            )
        )
    return (tuple(found) or None), faults


def _peers(node: Node) -> Iterator[Peer]:
    """Yield the peers of one item, which has exactly one field; anything else may be anyone (facts A5)."""
    names = [k.text for k, _ in node.entries]
    value = node.get(names[0]) if len(names) == 1 else None
    if value is None:
        yield UnreadPeer(f"peer {', '.join(names) or 'empty'}")
    elif names == ["namespaces"]:
        yield PodPeer(read_selector(value) or EVERYTHING, EVERYTHING)
    elif names == ["pods"]:
        chosen = [read_selector(value.get(key)) or EVERYTHING for key in ("namespaceSelector", "podSelector")]
        yield PodPeer(chosen[0], chosen[1])
    elif names == ["nodes"]:
        yield NodePeer(read_selector(value) or EVERYTHING)
    elif names == ["domainNames"] and value.kind is NodeKind.SEQUENCE:
        yield NamePeer(tuple(NamePattern(i.text, NameDialect.ADMIN) for i in value.items))
    elif names == ["networks"] and value.kind is NodeKind.SEQUENCE:
        for item in value.items:
            block = parse_block(item.text)
            yield BlockPeer(block.family, block.spans) if block else UnreadPeer(f"networks {item.text}")
    else:
        yield UnreadPeer(f"peer {names[0]}")


def _port(node: Node) -> PortRule:
    """Return the ports of one item: ``portNumber``, ``portRange`` (start below end) or ``namedPort``."""
    names = [k.text for k, _ in node.entries]
    if names == ["namedPort"]:
        return PortRule("", EMPTY, name=text(node, "namedPort"))
    if names not in (["portNumber"], ["portRange"]):
        return PortRule("", EMPTY, unread=f"ports {', '.join(names) or 'empty'}")
    value = node.get(names[0])
    first, last = (text(value, k) for k in (("port", "port") if names == ["portNumber"] else ("start", "end")))
    return _range(text(value, "protocol") or "TCP", first, last, ranged=names == ["portRange"])


def _protocol(node: Node) -> PortRule:
    """Return the ports of one item of v1alpha2: a protocol, perhaps with ``destinationPort``, or ``destinationNamedPort``."""
    names = [k.text for k, _ in node.entries]
    if names == ["destinationNamedPort"]:
        return PortRule("", EMPTY, name=text(node, "destinationNamedPort"))
    if len(names) != 1 or names[0].upper() not in PROTOCOLS:
        return PortRule("", EMPTY, unread=f"protocols {', '.join(names) or 'empty'}")
    inner = node.get(names[0])
    keys = [k.text for k, _ in inner.entries] if inner is not None else []
    port = inner.get("destinationPort") if inner is not None else None
    if not keys:
        return PortRule(names[0].upper(), ALL_PORTS)
    if keys != ["destinationPort"] or port is None:
        return PortRule(names[0].upper(), EMPTY, unread=f"protocols {names[0]} {', '.join(keys)}")
    if port.get("range") is not None and port.get("number") is None:
        return _range(names[0].upper(), text(port, "range", "start"), text(port, "range", "end"), ranged=True)
    return _range(names[0].upper(), text(port, "number"), text(port, "number"), ranged=False)


def _range(protocol: str, first: str, last: str, *, ranged: bool) -> PortRule:
    if protocol not in PROTOCOLS or not (first.isdecimal() and last.isdecimal()):
        return PortRule(protocol, EMPTY, unread=f"port {protocol} {first} {last}".rstrip())
    low, high = int(first), int(last)
    wrong_way = low >= high if ranged else low > high
    if wrong_way or not Spans(((FIRST_PORT, LAST_PORT),)).covers(Spans(((low, high),))):
        return PortRule(protocol, EMPTY, unread=f"port {low} to {high}")
    return PortRule(protocol, ALL_PORTS & Spans(((low, high),)))
