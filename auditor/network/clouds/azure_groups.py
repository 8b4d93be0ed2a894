"""Rules of Azure's network security groups for what leaves (facts H9).

Source: Azure documentation, "Network security groups": rules by priority, the lowest number first, then the default ones
AllowVnetOutBound, AllowInternetOutBound, DenyAllOutBound.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.clouds.azure_network import Place, Tags, named, strings
from auditor.network.clouds.azure_sources import source_condition
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import LATER, later, ports_of, unread
from auditor.network.netfilter.conditions import Both, Condition, Either, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text

GROUP = "azurerm_network_security_group"


def group_rules(plan: Plan, group: Resource, place: Place, tags: Tags) -> Iterator[FilterRule]:
    """Yield the rules of a group by priority, the default ones last."""
    found: list[tuple[int, FilterRule]] = []
    listed, marks = group.get("security_rule"), group.mark("security_rule")
    if group.unsaid("security_rule"):
        why = f"{group.address}: its own rules are {LATER}; whether a dynamic block gives it some is not in the plan"
        found.append((-1, unread(why, group.location)))
    for number, item in enumerate(listed.items if listed is not None else ()):
        found += _rule(group, item, marks.at(number) if marks is not None else None, place, tags)
    for rule in plan.of("azurerm_network_security_rule"):
        truth = named(plan, rule, "network_security_group_name", group)
        if truth is Truth.YES:
            found += _rule(rule, rule.node, rule.unknown, place, tags)
        elif truth is Truth.UNKNOWN:
            found.append((-1, unread(f"{rule.address}: which group it is in is {LATER}", rule.location)))
    yield from (rule for _, rule in sorted(found, key=lambda f: f[0]))
    yield FilterRule(tags.virtual_network(), Verdict.ACCEPT, "", "AllowVnetOutBound", group.location)
    yield FilterRule(tags.internet(), Verdict.ACCEPT, "", "AllowInternetOutBound", group.location)


def _rule(owner: Resource, node: Node, mark: Node | None, place: Place, tags: Tags) -> Iterator[tuple[int, FilterRule]]:
    at = owner.document.locate(node)
    priority = text(node, "priority")
    words = f"{owner.address}, rule {text(node, 'name')} of priority {priority}, {text(node, 'access')}"
    if later(mark, "direction", "priority", "access"):
        yield -1, unread(f"{words}: its direction, priority or access is {LATER}", at)
        return
    if text(node, "direction").lower() != "outbound":
        return
    verdict = {"allow": Verdict.ACCEPT, "deny": Verdict.DROP}.get(text(node, "access").lower())
    if not priority.isdecimal() or verdict is None:
        yield -1, unread(f"{words}: its priority or access is not understood", at)
        return
    asked = (source_condition(node, mark, place.own), _where(node, mark, tags), _traffic(node, mark))
    yield int(priority), FilterRule(Both(asked), verdict, "", words, at)


def _where(node: Node, mark: Node | None, tags: Tags) -> Condition:
    keys = ("destination_address_prefix", "destination_address_prefixes", "destination_application_security_group_ids")
    if later(mark, *keys):
        return Perhaps(f"its destination is {LATER}")
    written = [w for key in keys[:2] for w in strings(node.get(key)) if w]
    found = [tags.condition(w) for w in written]
    if strings(node.get(keys[2])):
        found.append(Both((tags.virtual_network(), Perhaps("members of an application security group"))))
    return Either(tuple(found))


def _traffic(node: Node, mark: Node | None) -> Condition:
    keys = ("protocol", "destination_port_range", "destination_port_ranges")
    if later(mark, *keys):
        return Perhaps(f"protocol or port is {LATER}")
    ports = [p for key in keys[1:] for p in strings(node.get(key)) if p]
    protocol = text(node, "protocol")
    if protocol == "*" and ports not in ([], ["*"]):
        return Either(tuple(ports_of(name, ports) for name in ("tcp", "udp", "sctp")))
    return ports_of(protocol, ports)
