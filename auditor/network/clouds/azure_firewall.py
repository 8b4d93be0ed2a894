"""Rules of an Azure Firewall for what routes lead through it, classic ones and those of its policy.

Source: Azure documentation, "Azure Firewall rule processing logic" (read in November 2026): network rules before application
rules whatever their priority; within each kind the parent policy's first, then groups and collections by priority; what no rule
takes is denied, but for the infrastructure names that the firewall itself lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, parse_range
from auditor.network.clouds.azure_network import named, strings
from auditor.network.clouds.azure_sources import source_condition
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import ANY, LATER, later, ports_of, unread
from auditor.network.connections import connections
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text
from auditor.network.spans import Spans

_POLICY, _POLICY_GROUP = "azurerm_firewall_policy", "azurerm_firewall_policy_rule_collection_group"
_CLASSIC = ("azurerm_firewall_network_rule_collection", "azurerm_firewall_application_rule_collection")
_KINDS = ("network_rule_collection", "application_rule_collection")
_VERDICTS = {"allow": Verdict.ACCEPT, "deny": Verdict.DROP}
_WEB = Traffic(connections("TCP", Spans(((80, 80), (443, 443)))))
_DEEPEST = 4
"""How many parents of a policy are followed."""
Ranked = tuple[tuple[int, ...], FilterRule]


def firewall_rules(plan: Plan, firewall: Resource, own: Sequence[Range]) -> tuple[FilterRule, ...]:
    """Return what a firewall does with what a machine with an address in ``own`` sends through it."""
    network, application = (
        sorted((*_of_policy(plan, firewall, kind, own), *_classic(plan, firewall, kind, own)), key=lambda r: r[0])
        for kind in _KINDS
    )
    infrastructure = "the firewall lets through names of Azure's own infrastructure"
    return (
        *(rule for _, rule in (*network, *application)),
        FilterRule(Both((_WEB, Perhaps("which names these are"))), Verdict.ACCEPT, "", infrastructure, firewall.location),
        FilterRule(ANY, Verdict.DROP, "", f"{firewall.address}: no rule lets it through", firewall.location),
    )


def _classic(plan: Plan, firewall: Resource, kind: str, own: Sequence[Range]) -> Iterator[Ranked]:
    for collection in plan.of(_CLASSIC[_KINDS.index(kind)]):
        truth = named(plan, collection, "azure_firewall_name", firewall)
        if truth is Truth.UNKNOWN:
            yield (-1,), unread(f"{collection.address}: which firewall it is of is {LATER}", collection.location)
        elif truth is Truth.YES:
            yield from _collection(collection, collection.node, collection.unknown, kind, (0, 0), own)


def _of_policy(plan: Plan, firewall: Resource, kind: str, own: Sequence[Range]) -> Iterator[Ranked]:
    policies, known = plan.linked(firewall, "firewall_policy_id", _POLICY)
    depth = 0
    while policies and depth < _DEEPEST:
        yield from _groups(plan, policies[0], kind, -depth, own)
        parents, shown = plan.linked(policies[0], "base_policy_id", _POLICY)
        known, policies, depth = known and shown, parents, depth + 1
    if not known or policies:
        yield (-_DEEPEST - 1,), unread(f"{firewall.address}: a policy of it is not in the plan", firewall.location)


def _groups(plan: Plan, policy: Resource, kind: str, parent: int, own: Sequence[Range]) -> Iterator[Ranked]:
    for group in plan.of(_POLICY_GROUP):
        truth = plan.links(group, "firewall_policy_id", policy)
        listed, marks = group.get(kind), group.mark(kind)
        priority = text(group.node, "priority")
        if truth is Truth.NO:
            continue
        if truth is Truth.UNKNOWN or group.unsaid(kind) or not priority.isdecimal():
            yield (parent, -1), unread(f"{group.address}: its policy, rules or priority are {LATER}", group.location)
            continue
        for number, item in enumerate(listed.items if listed is not None else ()):
            mark = marks.at(number) if marks is not None else None
            yield from _collection(group, item, mark, kind, (parent, int(priority)), own)


def _collection(
    owner: Resource, node: Node, mark: Node | None, kind: str, rank: tuple[int, int], own: Sequence[Range]
) -> Iterator[Ranked]:
    priority, verdict = text(node, "priority"), _VERDICTS.get(text(node, "action").lower())
    place = owner.document.locate(node)
    name = f"{owner.address}, {text(node, 'name') or kind} of priority {priority}, {text(node, 'action')}"
    if later(mark, "priority", "action") or not priority.isdecimal() or verdict is None:
        yield (rank[0], -1), unread(f"{name}: its priority or action is {LATER}", place)
        return
    rules, marks = node.get("rule"), mark.get("rule") if mark is not None else None
    if marks is not None and marks.text == "true":
        yield (*rank, int(priority)), unread(f"{name}: its rules are {LATER}", place)
    read = _network if kind == _KINDS[0] else _application
    for number, rule in enumerate(rules.items if rules is not None else ()):
        own_mark = marks.at(number) if marks is not None else None
        condition = Both((source_condition(rule, own_mark, own), read(rule, own_mark)))
        words = f"{name}, rule {text(rule, 'name') or number + 1}"
        yield (*rank, int(priority)), FilterRule(condition, verdict, "", words, owner.document.locate(rule))


def _network(rule: Node, mark: Node | None) -> Condition:
    keys = ("destination_addresses", "destination_ip_groups", "destination_fqdns", "destination_ports", "protocols")
    if later(mark, *keys):
        return Perhaps(f"its destination, port or protocol is {LATER}")
    places: list[Condition] = [_destination(w) for w in strings(rule.get(keys[0]))]
    places += [Perhaps(f"addresses of {w}") for key in keys[1:3] for w in strings(rule.get(key))]
    ports = [p for p in strings(rule.get(keys[3])) if p]
    names = [p.lower() for p in strings(rule.get(keys[4]))]
    if "any" in names:
        names = ["tcp", "udp", "icmp"] if ports not in ([], ["*"]) else ["*"]
    return Both((Either(tuple(places)), Either(tuple(ports_of(name, ports) for name in names))))


def _destination(written: str) -> Condition:
    block = parse_range(written)
    if written == "*":
        return ANY
    return Addresses({block.family: block.spans}) if block is not None else Perhaps(f"the service tag {written}")


def _application(rule: Node, mark: Node | None) -> Condition:
    """Return the condition of a rule of names: which addresses they have is not in the plan."""
    if later(mark, "protocol", "protocols"):
        return Both((Traffic(connections("TCP", Spans(((1, 65535),)))), Perhaps(f"its ports are {LATER}")))
    asked = [p for key in ("protocol", "protocols") if (n := rule.get(key)) is not None for p in n.items]
    ports = [int(text(p, "port")) for p in asked if text(p, "port").isdecimal()]
    wanted = [
        w for key in ("target_fqdns", "destination_fqdns", "destination_fqdn_tags", "fqdn_tags") for w in strings(rule.get(key))
    ]
    taken = connections("TCP", Spans.of((p, p) for p in ports)) if asked else connections("TCP", Spans(((80, 80), (443, 443))))
    return Both((Traffic(taken), Perhaps(f"the names {', '.join(wanted) or 'of the rule'}")))
