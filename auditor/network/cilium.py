"""CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy of ``cilium.io/v2``.

Sources: Cilium documentation "Policy" and its package ``pkg/policy/api``. What differs from NetworkPolicy (facts C1 to C14): an
empty rule takes nothing, an empty list of peers nobody, a port without protocol any protocol; a denial goes before everything.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Document, Node, NodeKind
from auditor.network.cilium_peers import KINDS, read_peers
from auditor.network.cilium_selectors import subject_selector
from auditor.network.connections import ALL_PORTS, FIRST_PORT, LAST_PORT, PROTOCOLS
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.nodes import items, namespace_of, text
from auditor.network.objects import Objects
from auditor.network.rules import Action, Direction, Engine, Peer, Policy, PortRule, Rule, Tier
from auditor.network.selectors import EVERYTHING
from auditor.network.spans import EMPTY, Spans

POLICY, CLUSTERWIDE = "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"
READ = frozenset({("cilium.io/v2", POLICY), ("cilium.io/v2", CLUSTERWIDE)})
"""The versions and kinds that are read."""
_SPEC_KEYS = {
    *("endpointSelector", "nodeSelector", "ingress", "ingressDeny", "egress", "egressDeny"),
    *("enableDefaultDeny", "labels", "description", "log"),
}
_SIDES = {Direction.EGRESS: "to", Direction.INGRESS: "from"}
_OWN_KEYS = {"toPorts", "icmps", "authentication"}
_PORT_KEYS = {"ports", "rules", "serverNames"}
_LAYER_7 = ("http", "dns", "kafka", "l7proto", "l7")
_ANY = "ANY"


def read_cilium(document: Document, objects: Objects) -> tuple[Policy, ...]:
    """Return the policies of a document: ``spec`` and each of ``specs`` count as one of their own, and none at all as unread."""
    root = document.root
    spec = root.get("spec")
    single = (spec,) if spec is not None and spec.kind is NodeKind.MAPPING else ()
    specs = (*single, *items(root, "specs"))
    return tuple(_policy(document, s, objects) for s in specs or (root,))


def _policy(document: Document, spec: Node, objects: Objects) -> Policy:
    root = document.root
    kind = text(root, "kind")
    namespace = namespace_of(root) if kind == POLICY else ""
    unread = [k.text for k, _ in spec.entries if k.text not in _SPEC_KEYS] if spec is not root else ["no spec"]
    node_selector, selector = spec.get("nodeSelector"), spec.get("endpointSelector")
    if (node_selector is None) == (selector is None) or (node_selector is not None and namespace):
        unread.append("a policy without endpointSelector, or with a nodeSelector where none may stand")
    directions: dict[Direction, tuple[Rule, ...] | None] = {}
    for direction in Direction:
        rules, faults = _direction(document, spec, direction, namespace, objects)
        directions[direction] = rules
        unread.extend(faults)
    return Policy(
        tier=Tier.POLICY,
        kind=kind,
        namespace=namespace,
        name=text(root, "metadata", "name"),
        priority=None,
        subject_namespaces=None,
        subject_pods=EVERYTHING,
        unread=tuple(unread),
        egress=directions[Direction.EGRESS],
        ingress=directions[Direction.INGRESS],
        location=document.locate(root.at("metadata", "name") or root),
        engine=Engine.CILIUM,
        chooser=subject_selector(selector, namespace),
        for_nodes=node_selector is not None and not namespace,
        leaves_open=tuple(d for d in Direction if text(spec, "enableDefaultDeny", d.value) == "false"),
    )


def _direction(
    document: Document, spec: Node, direction: Direction, namespace: str, objects: Objects
) -> tuple[tuple[Rule, ...] | None, list[str]]:
    """Return the rules of a direction, ``None`` where the policy does not speak of it (facts C1), and what is not understood."""
    rules: list[Rule] = []
    faults: list[str] = []
    asked = text(spec, "enableDefaultDeny", direction.value) == "true"
    given = asked
    for action, key in ((Action.ALLOW, direction.value), (Action.DENY, f"{direction.value}Deny")):
        listed = spec.get(key)
        for number, node in enumerate(listed.items if listed is not None else (), start=1):
            given = True
            title = f"{key} rule {number}"
            why = _fault(node, _SIDES[direction])
            if why:
                faults.append(f"{title}: {why}")
            else:
                peers = read_peers(node, _SIDES[direction], namespace, objects)
                rules.extend(_rules(document, node, action, title, peers))
    if asked and not any(items(spec, key) for key in (direction.value, f"{direction.value}Deny")):
        faults.append(f"enableDefaultDeny of {direction.value} without a rule, which versions read differently")
    return (tuple(rules) if given else None), faults


def _fault(node: Node, side: str) -> str:
    """Return what of a rule Cilium refuses or this reader does not know, empty for a sound one."""
    known = {side + kind for kind in KINDS} | _OWN_KEYS
    strange = [k.text for k, _ in node.entries if k.text not in known]
    if strange:
        return ", ".join(strange)
    together = [side + kind for kind in KINDS if (v := node.get(side + kind)) is not None and v.items]
    if len(together) > 1:
        return f"{' together with '.join(together)}, which Cilium refuses"
    return ""


def _rules(document: Document, node: Node, action: Action, title: str, peers: tuple[Peer, ...] | None) -> Iterator[Rule]:
    """Yield the rules that one item stands for: each entry of its ports has conditions of its own."""
    place = document.locate(node)
    narrowed = "only with mutual authentication" if text(node, "authentication", "mode") not in ("", "disabled") else ""
    entries, icmps = items(node, "toPorts"), items(node, "icmps")
    if icmps:
        yield Rule(action, peers, (PortRule("ICMP", EMPTY),), title, place, narrowed=narrowed)
    for entry in entries:
        strange = [k.text for k, _ in entry.entries if k.text not in _PORT_KEYS]
        names = entry.get("serverNames")
        layer_7 = [key for key in _LAYER_7 if entry.at("rules", key) is not None]
        more = f" ({', '.join(layer_7)} rules let through only what matches)" if layer_7 else ""
        yield Rule(
            action,
            peers,
            _ports(entry),
            title + more,
            place,
            narrowed=narrowed or (f"with {', '.join(strange)}, which is not read" if strange else ""),
            server_names=tuple(NamePattern(n.text, NameDialect.CILIUM) for n in names.items) if names is not None else (),
            sees_names="dns" in layer_7,
        )
    if not entries and not icmps and peers is not None:
        yield Rule(action, peers, None, title, place, narrowed=narrowed)


def _ports(entry: Node) -> tuple[PortRule, ...] | None:
    listed = items(entry, "ports")
    return tuple(p for item in listed for p in _port(item)) if listed else None


def _port(node: Node) -> Iterator[PortRule]:
    """Yield the ports of one item: without a protocol any, port 0 for all, a name for a port of the destination (facts C11)."""
    protocol, port, end = (text(node, "protocol") or _ANY).upper(), text(node, "port"), text(node, "endPort")
    protocols = PROTOCOLS if protocol == _ANY else (protocol,)
    if port and not port.isdecimal():
        yield PortRule("" if protocol == _ANY else protocol, EMPTY, name=port)
    elif protocol not in (*PROTOCOLS, _ANY):
        yield PortRule(protocol, EMPTY)
    elif not port or int(port) == 0:
        yield from (PortRule(p, ALL_PORTS) for p in protocols)
        if protocol == _ANY:
            yield PortRule(_ANY, EMPTY)
    else:
        first, last = int(port), int(end) if end.isdecimal() and int(end) else int(port)
        sound = FIRST_PORT <= first <= last <= LAST_PORT
        unread = "" if sound else f"port {port} to {end or port}"
        yield from (PortRule(p, Spans(((first, last),)) if sound else EMPTY, unread=unread) for p in protocols)
