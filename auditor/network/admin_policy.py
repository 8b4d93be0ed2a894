"""AdminNetworkPolicy and BaselineAdminNetworkPolicy of ``policy.networking.k8s.io/v1alpha1``."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Document, Node, NodeKind
from auditor.network.addresses import parse_block
from auditor.network.connections import ALL_PORTS, FIRST_PORT, LAST_PORT, PROTOCOLS
from auditor.network.kubernetes import text
from auditor.network.name_patterns import NameDialect, NamePattern
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

API = "policy.networking.k8s.io/v1alpha1"
ADMIN, BASELINE = "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"
_ACTIONS = {"Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}
_LARGEST_PRIORITY = 1000
_SPEC_KEYS = {"priority", "subject", "ingress", "egress"}
_RULE_KEYS = {"name", "action", "to", "from", "ports"}


def read_admin_policy(document: Document) -> Policy:
    """Return the policy of a document; parts that v1alpha1 does not have are named in ``unread``."""
    root = document.root
    spec = root.get("spec") or root
    kind = text(root, "kind")
    unread = [k.text for k, _ in spec.entries if k.text not in _SPEC_KEYS] if root.get("spec") is not None else ["no spec"]
    namespaces, pods, why = _subject(spec.get("subject"))
    priority = _priority(text(spec, "priority"))
    if kind == ADMIN and priority is None:
        why = why or f"priority {text(spec, 'priority') or 'missing'}"
    directions = {}
    for direction in Direction:
        rules, faults = _rules(document, spec, direction, kind)
        directions[direction] = rules
        unread.extend(faults)
    return Policy(
        tier=Tier.ADMIN if kind == ADMIN else Tier.BASELINE,
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


def _rules(document: Document, spec: Node, direction: Direction, kind: str) -> tuple[tuple[Rule, ...] | None, list[str]]:
    """Return the rules in their order and what is not understood; without a rule the direction is left alone (facts A6)."""
    listed = spec.get(direction.value)
    found: list[Rule] = []
    faults = []
    for number, node in enumerate(listed.items if listed is not None else (), start=1):
        name = text(node, "name")
        title = f"{direction.value} rule {number}" + (f" ({name})" if name else "")
        action = _ACTIONS.get(text(node, "action"))
        strange = [k.text for k, _ in node.entries if k.text not in _RULE_KEYS]
        if action is None or strange or (action is Action.PASS and kind == BASELINE):
            faults.append(f"{title}: {', '.join(strange) or 'action ' + text(node, 'action')}")
            continue
        peers = node.get("to" if direction is Direction.EGRESS else "from")
        ports = node.get("ports")
        found.append(
            Rule(
                action=action,
                peers=tuple(p for item in (peers.items if peers is not None else ()) for p in _peers(item))
                or (UnreadPeer("a rule without peers"),),
                ports=tuple(_port(p) for p in ports.items) if ports is not None and ports.items else None,
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
    protocol = text(value, "protocol") or "TCP"
    first, last = (text(value, k) for k in (("port", "port") if names == ["portNumber"] else ("start", "end")))
    if protocol not in PROTOCOLS or not (first.isdecimal() and last.isdecimal()):
        return PortRule(protocol, EMPTY, unread=f"{names[0]} {protocol} {first} {last}")
    low, high = int(first), int(last)
    wrong_way = low >= high if names == ["portRange"] else low > high
    if wrong_way or not Spans(((FIRST_PORT, LAST_PORT),)).covers(Spans(((low, high),))):
        return PortRule(protocol, EMPTY, unread=f"{names[0]} {low} to {high}")
    return PortRule(protocol, ALL_PORTS & Spans(((low, high),)))
