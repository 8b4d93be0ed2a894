"""Peers of Cilium's rules: endpoints, address blocks, entities, names, services, nodes.

Sources: Cilium documentation "Layer 3 Policies"; its package ``pkg/policy/api`` (an empty list selects nothing, an absent one
anything where ports are given; the kinds of peers exclude each other; facts C2, C3).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.addresses import parse_block
from auditor.network.cilium_selectors import CiliumSelector, peer, split_key
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import text
from auditor.network.objects import Objects, Service
from auditor.network.references import GROUP_KIND
from auditor.network.rules import BlockPeer, BothPeer, ChosenPeer, EntityPeer, NamePeer, NodePeer, Peer, SetPeer, UnreadPeer
from auditor.network.selectors import Requirement, Selector, read_selector

KINDS = ("Endpoints", "CIDR", "CIDRSet", "Entities", "FQDNs", "Services", "Nodes", "Groups")
"""What stands behind ``to`` or ``from``."""
_ENTITIES = {
    *("all", "world", "world-ipv4", "world-ipv6", "cluster", "host", "remote-node", "kube-apiserver"),
    *("ingress", "health", "init", "unmanaged", "none"),
}


def read_peers(node: Node, side: str, namespace: str, objects: Objects) -> tuple[Peer, ...] | None:
    """Return the peers of a rule, ``None`` where it names none.

    Args:
        node: the rule.
        side: ``to`` or ``from``.
        namespace: the policy's, empty for a cluster-wide one.
        objects: services, groups and endpoints that peers refer to.
    """
    given = [kind for kind in KINDS if (value := node.get(side + kind)) is not None and value.kind.value != "null"]
    if not given:
        return None
    found: list[Peer] = []
    for kind in given:
        listed = node.get(side + kind)
        for item in listed.items if listed is not None else ():
            found.extend(_read(kind, item, namespace, objects))
    return tuple(found)


def _read(kind: str, item: Node, namespace: str, objects: Objects) -> Iterator[Peer]:
    if kind == "Endpoints":
        yield peer(item, namespace)
    elif kind == "CIDR":
        yield _block(item.text, ())
    elif kind == "CIDRSet":
        yield from _set(item, objects)
    elif kind == "Entities":
        known = objects.endpoints.get(("default", "kubernetes"), ()) if item.text == "kube-apiserver" else ()
        yield EntityPeer(item.text, known) if item.text in _ENTITIES else UnreadPeer(f"entity {item.text}")
    elif kind == "FQDNs":
        yield _name(item)
    elif kind == "Services":
        yield from _services(item, namespace, objects)
    elif kind == "Nodes":
        yield NodePeer(_plain(read_selector(item)))
    else:
        yield UnreadPeer(f"to{kind}, which only a cloud provider can resolve")


def _plain(selector: Selector | None) -> Selector:
    requirements = selector.requirements if selector is not None else ()
    return Selector(tuple(Requirement(split_key(r.key)[1], r.operator, r.values) for r in requirements))


def _block(cidr: str, excepted: tuple[str, ...]) -> Peer:
    block = parse_block(cidr)
    if block is None:
        return UnreadPeer(f"CIDR {cidr or 'missing'}")
    spans = block.spans
    for text_ in excepted:
        hole = parse_block(text_)
        if hole is None or hole.family != block.family:
            return UnreadPeer(f"CIDR except {text_}")
        spans -= hole.spans
    return BlockPeer(block.family, spans)


def _set(item: Node, objects: Objects) -> Iterator[Peer]:
    listed = item.get("except")
    excepted = tuple(e.text for e in listed.items) if listed is not None else ()
    reference, chosen = text(item, "cidrGroupRef"), item.get("cidrGroupSelector")
    if not reference and chosen is None:
        yield _block(text(item, "cidr"), excepted)
        return
    selector = _plain(read_selector(chosen))
    groups = [
        g
        for g in objects.sets
        if g.kind == GROUP_KIND and (g.name == reference if reference else selector.matches(g.labels) is Truth.YES)
    ]
    if not groups or any(g.unread for g in groups) or any(parse_block(e) is None for e in excepted):
        yield UnreadPeer(f"{GROUP_KIND} {reference or 'by selector'}, which was not supplied or not understood")
    for group in groups:
        for block in group.blocks:
            holes = [h for h in map(parse_block, excepted) if h is not None and h.family == block.family]
            spans = block.spans
            for hole in holes:
                spans -= hole.spans
            yield BlockPeer(block.family, spans)


def _name(item: Node) -> Peer:
    exact, pattern = text(item, "matchName"), text(item, "matchPattern")
    if exact and not pattern and "*" not in exact:
        return NamePeer((NamePattern(exact, NameDialect.EXACT),))
    if pattern and not exact:
        return NamePeer((NamePattern(pattern, NameDialect.CILIUM),))
    return UnreadPeer(f"toFQDNs {', '.join(k.text for k, _ in item.entries) or 'empty'}")


def _services(item: Node, namespace: str, objects: Objects) -> Iterator[Peer]:
    named, chosen = item.get("k8sService"), item.get("k8sServiceSelector")
    wanted = named or chosen
    space = text(wanted, "namespace") or namespace
    found: list[Service] = []
    if named is not None:
        found = [s for s in objects.services if s.name == text(named, "serviceName") and s.namespace == space]
    if not found:
        yield UnreadPeer(
            "toServices: " + (f"service {space}/{text(named, 'serviceName')} was not supplied" if named else "by selector")
        )
    for service in found:
        yield service_peer(service, objects)


def service_peer(service: Service, objects: Objects) -> Peer:
    """Return whom a service stands for: the addresses of its endpoints, or, as newer versions have it, its pods (facts C13)."""
    title = f"service {service.namespace}/{service.name}"
    if service.selector is None:
        blocks = objects.endpoints.get((service.namespace, service.name))
        return SetPeer(blocks) if blocks else UnreadPeer(f"{title} has no selector, and its endpoints were not supplied")
    pods = ChosenPeer(CiliumSelector(service.selector.requirements, service.namespace))
    return BothPeer(((pods,), (UnreadPeer(f"{title} has a selector, which not every version takes"),)))
