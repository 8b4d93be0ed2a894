"""NetworkPolicy of ``networking.k8s.io/v1``, as the API server defaults and validates it."""

from __future__ import annotations

from auditor.documents import Document, Node, NodeKind
from auditor.network.addresses import parse_block
from auditor.network.connections import ALL_PORTS, FIRST_PORT, LAST_PORT, PROTOCOLS
from auditor.network.nodes import namespace_of, text
from auditor.network.rules import Action, BlockPeer, Direction, Peer, PodPeer, Policy, PortRule, Rule, Tier, UnreadPeer
from auditor.network.selectors import EVERYTHING, read_selector
from auditor.network.spans import EMPTY, Spans

KIND = "NetworkPolicy"
READ = frozenset({("networking.k8s.io/v1", KIND), ("networking.k8s.io/v1beta1", KIND), ("extensions/v1beta1", KIND)})
"""The versions that are read; the older ones have the same form."""
_PEER_KEYS = {"podSelector", "namespaceSelector", "ipBlock"}
_SPEC_KEYS = {"podSelector", "policyTypes", "ingress", "egress"}


def read_network_policy(document: Document) -> Policy:
    """Return the policy of a document; parts that v1 does not have are named in ``unread``."""
    root = document.root
    spec = root.get("spec")
    egress, ingress = (_rules(document, spec, d) for d in (Direction.EGRESS, Direction.INGRESS))
    types = _types(spec)
    strange = [k.text for k, _ in spec.entries if k.text not in _SPEC_KEYS] if spec is not None else []
    strange += [f"policyTypes {t}" for t in types if t not in ("Ingress", "Egress")]
    return Policy(
        tier=Tier.POLICY,
        kind=KIND,
        namespace=namespace_of(root),
        name=text(root, "metadata", "name"),
        priority=None,
        subject_namespaces=None,
        subject_pods=read_selector(spec.get("podSelector") if spec is not None else None) or EVERYTHING,
        unread=tuple(strange),
        egress=egress if "Egress" in types else None,
        ingress=ingress if "Ingress" in types else None,
        location=document.locate(root.at("metadata", "name") or root),
    )


def _types(spec: Node | None) -> tuple[str, ...]:
    """Return the policy types: defaulted by length, as in the API server's defaults (facts P2)."""
    given = spec.get("policyTypes") if spec is not None else None
    if given is not None and given.items:
        return tuple(i.text for i in given.items)
    egress = spec.get("egress") if spec is not None else None
    return ("Ingress", "Egress") if egress is not None and egress.items else ("Ingress",)


def _rules(document: Document, spec: Node | None, direction: Direction) -> tuple[Rule, ...]:
    listed = spec.get(direction.value) if spec is not None else None
    key = "to" if direction is Direction.EGRESS else "from"
    found = []
    for number, node in enumerate(listed.items if listed is not None else (), start=1):
        peers = node.get(key)
        ports = node.get("ports")
        found.append(
            Rule(
                action=Action.ALLOW,
                peers=tuple(_peer(p) for p in peers.items) if peers is not None and peers.items else None,
                ports=tuple(port_rule(p) for p in ports.items) if ports is not None and ports.items else None,
                title=f"{direction.value} rule {number}",
                location=document.locate(node),
            )
        )
    return tuple(found)


def _peer(node: Node) -> Peer:
    strange = [k.text for k, _ in node.entries if k.text not in _PEER_KEYS]
    block = node.get("ipBlock")
    pods, namespaces = read_selector(node.get("podSelector")), read_selector(node.get("namespaceSelector"))
    if strange or node.kind is not NodeKind.MAPPING:
        return UnreadPeer(f"peer {', '.join(strange) or node.text}")
    if block is not None and block.kind is NodeKind.MAPPING:
        if pods is not None or namespaces is not None:
            return UnreadPeer("ipBlock together with a selector, which the API server refuses")
        return _block(block)
    if pods is None and namespaces is None:
        return UnreadPeer("an empty peer, which the API server refuses")
    return PodPeer(namespaces, pods or EVERYTHING)


def _block(node: Node) -> Peer:
    block = parse_block(text(node, "cidr"))
    if block is None:
        return UnreadPeer(f"ipBlock {text(node, 'cidr') or 'without cidr'}")
    spans = block.spans
    excepted = node.get("except")
    for item in excepted.items if excepted is not None else ():
        hole = parse_block(item.text)
        if hole is None or hole.family != block.family:
            return UnreadPeer(f"ipBlock except {item.text}")
        spans -= hole.spans
    return BlockPeer(block.family, spans)


def port_rule(node: Node) -> PortRule:
    """Return ports of one protocol; the protocol defaults to TCP, ``endPort`` is inclusive (facts P12)."""
    protocol, port, end = text(node, "protocol") or "TCP", text(node, "port"), text(node, "endPort")
    if protocol not in PROTOCOLS:
        return PortRule(protocol, EMPTY, unread=f"protocol {protocol}")
    if not port:
        return PortRule(protocol, EMPTY, unread="endPort without port") if end else PortRule(protocol, ALL_PORTS)
    if not port.isdecimal():
        return PortRule(protocol, EMPTY, unread="endPort with a named port") if end else PortRule(protocol, EMPTY, name=port)
    first, last = int(port), int(end) if end.isdecimal() else int(port)
    if not FIRST_PORT <= first <= last <= LAST_PORT or (end and not end.isdecimal()):
        return PortRule(protocol, EMPTY, unread=f"port {port} to {end or port}")
    return PortRule(protocol, Spans(((first, last),)))
