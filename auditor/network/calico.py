"""Calico's NetworkPolicy and GlobalNetworkPolicy (``projectcalico.org/v3`` and how they are stored).

Source: Calico documentation "Network policy", "Global network policy", "Tier", "Staged network policy". Rules are asked in order,
``Log`` decides nothing, ``Pass`` goes on to the next tier, and the end of a tier denies. Staged policies are only watched.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Document, Node
from auditor.network.addresses import whole
from auditor.network.calico_entities import ENTITY_KEYS, CalicoChooser, expression, read_entity
from auditor.network.connections import ALL_PORTS, FIRST_PORT, LAST_PORT, PORTLESS, PROTOCOLS
from auditor.network.nodes import items, namespace_of, text
from auditor.network.objects import Objects
from auditor.network.references import number
from auditor.network.rules import Action, BlockPeer, BothPeer, Direction, Engine, Peer, Policy, PortRule, Rule, Tier
from auditor.network.selectors import EVERYTHING
from auditor.network.spans import EMPTY, Spans

POLICY, GLOBAL = "NetworkPolicy", "GlobalNetworkPolicy"
STAGED = ("StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy")
READ = frozenset((group, kind) for group in ("projectcalico.org/v3", "crd.projectcalico.org/v1") for kind in (POLICY, GLOBAL))
"""The versions and kinds that are read."""
_SPEC_KEYS = {
    *("tier", "order", "selector", "namespaceSelector", "serviceAccountSelector", "types", "ingress", "egress"),
    *("doNotTrack", "preDNAT", "applyOnForward", "performanceHints"),
}
_RULE_KEYS = {"metadata", "action", "protocol", "notProtocol", "icmp", "notICMP", "ipVersion", "source", "destination", "http"}
_ACTIONS = {"Allow": Action.ALLOW, "Deny": Action.DENY, "Pass": Action.PASS}
_TYPES = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
_NUMBERS = {"6": "TCP", "17": "UDP", "132": "SCTP", "1": "ICMP", "58": "ICMPV6", "136": "UDPLITE"}


def read_calico(document: Document, objects: Objects) -> tuple[Policy, ...]:
    """Return the policy of a document; parts that are not understood are named in ``unread``."""
    root = document.root
    spec = root.get("spec") or root
    kind = text(root, "kind")
    namespace = namespace_of(root) if kind == POLICY else ""
    chooser, faults = _subject(spec, namespace)
    unread = [*(k.text for k, _ in spec.entries if root.get("spec") is not None and k.text not in _SPEC_KEYS), *faults]
    directions = {}
    types = _types(spec)
    for direction in Direction:
        rules, wrong = _rules(document, spec, direction, namespace, objects)
        unread.extend(wrong)
        directions[direction] = rules if direction in types else None
    policy = Policy(
        tier=Tier.POLICY,
        kind=f"Calico {kind}",
        namespace=namespace,
        name=text(root, "metadata", "name"),
        priority=None,
        subject_namespaces=None,
        subject_pods=EVERYTHING,
        unread=tuple(unread),
        egress=directions[Direction.EGRESS],
        ingress=directions[Direction.INGRESS],
        location=document.locate(root.at("metadata", "name") or root),
        engine=Engine.CALICO,
        chooser=chooser,
        for_nodes=any(text(spec, key) == "true" for key in ("doNotTrack", "preDNAT")),
        place=text(spec, "tier"),
        order=number(text(spec, "order")),
    )
    return (policy,)


def _subject(spec: Node, namespace: str) -> tuple[CalicoChooser, list[str]]:
    """Return whom a policy selects, and what of that is not understood."""
    keys = ("selector", "namespaceSelector", "serviceAccountSelector")
    (pods, first), (spaces, second), (accounts, third) = (
        expression(spec.get(key), spaces=key == "namespaceSelector") for key in keys
    )
    chooser = CalicoChooser(
        pods=pods,
        namespace=namespace,
        namespaces=spaces if text(spec, "namespaceSelector") else None,
        accounts=accounts if spec.get("serviceAccountSelector") is not None else None,
    )
    return chooser, [why for why in (first, second, third) if why]


def _types(spec: Node) -> tuple[Direction, ...]:
    """Return the directions of a policy; without ``types`` those of its rules, and ingress where there are none."""
    given = spec.get("types")
    if given is not None and given.items:
        return tuple(_TYPES[i.text] for i in given.items if i.text in _TYPES)
    egress, ingress = items(spec, "egress"), items(spec, "ingress")
    return (*([Direction.INGRESS] if ingress or not egress else []), *([Direction.EGRESS] if egress else []))


def _rules(
    document: Document, spec: Node, direction: Direction, namespace: str, objects: Objects
) -> tuple[tuple[Rule, ...], list[str]]:
    found, faults = [], []
    for position, node in enumerate(items(spec, direction.value), start=1):
        title = f"{direction.value} rule {position}"
        action = text(node, "action")
        strange = [*_strange(node), *(f"{end} {why}" for end in ("source", "destination") for why in _strange_end(node.get(end)))]
        if action == "Log":
            continue
        if action not in _ACTIONS or strange:
            faults.append(f"{title}: {', '.join(strange) or 'action ' + action}")
            continue
        far, near = ("destination", "source") if direction is Direction.EGRESS else ("source", "destination")
        found.append(
            Rule(
                action=_ACTIONS[action],
                peers=_of_family(read_entity(node.get(far), namespace, objects), text(node, "ipVersion")),
                ports=_ports(node),
                title=title,
                location=document.locate(node),
                own=read_entity(node.get(near), namespace, objects),
                narrowed=_narrowed(node),
            )
        )
    return tuple(found), faults


def _strange(node: Node) -> list[str]:
    return [k.text for k, _ in node.entries if k.text not in _RULE_KEYS]


def _strange_end(node: Node | None) -> list[str]:
    return [k.text for k, _ in node.entries if k.text not in {*ENTITY_KEYS, "ports", "notPorts"}] if node is not None else []


def _of_family(peers: tuple[Peer, ...] | None, version: str) -> tuple[Peer, ...] | None:
    if version not in ("4", "6"):
        return peers
    everywhere = whole(int(version))
    family = (BlockPeer(everywhere.family, everywhere.spans),)
    return (BothPeer((family, *((peers,) if peers is not None else ()))),)


def _narrowed(node: Node) -> str:
    """Return what a rule asks for that addresses, protocols and destination ports do not show."""
    asked = [key for key in ("icmp", "notICMP", "http") if node.get(key) is not None]
    asked += [f"source {key}" for key in ("ports", "notPorts") if node.at("source", key) is not None]
    asked += ["the ports of a service"] if node.at("destination", "services") is not None else []
    return f"only with its conditions on {', '.join(asked)}" if asked else ""


def _ports(node: Node) -> tuple[PortRule, ...] | None:
    """Return the ports of a rule, ``None`` for every protocol; ports need a protocol that has some."""
    wanted, unwanted = _protocol(text(node, "protocol")), _protocol(text(node, "notProtocol"))
    listed, holes = node.at("destination", "ports"), node.at("destination", "notPorts")
    if not wanted and (listed is not None or holes is not None):
        return (PortRule("", EMPTY, unread="ports without a protocol"),)
    if not wanted:
        if not unwanted:
            return None
        if unwanted not in PROTOCOLS:
            return (*(PortRule(p, ALL_PORTS) for p in PROTOCOLS), PortRule(unwanted, EMPTY))
        return (*(PortRule(p, ALL_PORTS) for p in PROTOCOLS if p != unwanted), PortRule(PORTLESS, EMPTY))
    if wanted not in PROTOCOLS:
        return (PortRule(wanted, EMPTY),)
    taken = tuple(_port(i.text, wanted) for i in listed.items) if listed is not None else (PortRule(wanted, ALL_PORTS),)
    return tuple(_without(taken, tuple(_port(i.text, wanted) for i in holes.items))) if holes is not None else taken


def _protocol(written: str) -> str:
    return _NUMBERS.get(written, written.upper())


def _port(written: str, protocol: str) -> PortRule:
    """Return one port: a number, ``first:last``, or the name of a container's port."""
    first, colon, last = written.partition(":")
    if not first.isdecimal():
        return PortRule(protocol, EMPTY, name=written) if not colon else PortRule(protocol, EMPTY, unread=f"port {written}")
    low, high = int(first), int(last) if last.isdecimal() else int(first)
    if (colon and not last.isdecimal()) or not 0 <= low <= high <= LAST_PORT:
        return PortRule(protocol, EMPTY, unread=f"port {written}")
    return PortRule(protocol, Spans.of([(max(low, FIRST_PORT), high)]))


def _without(taken: tuple[PortRule, ...], holes: tuple[PortRule, ...]) -> Iterator[PortRule]:
    """Yield ports less others; a name among the others leaves open which numbers are taken out."""
    vague = any(h.name or h.unread for h in holes)
    for port in taken:
        spans = port.ports
        for hole in holes:
            spans -= hole.ports
        unread = "notPorts with a name" if vague or port.name else port.unread
        yield PortRule(port.protocol, spans, unread=unread)
