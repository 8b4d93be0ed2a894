"""Rules of AWS's security groups and network ACLs for what leaves."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.addresses import parse_block
from auditor.network.clouds.aws_network import members
from auditor.network.clouds.plan import Plan, Resource, is_open
from auditor.network.clouds.traffic import LATER, given, later, unread
from auditor.network.connections import ALL, ALL_PORTS, ICMP_TYPES, UNNAMED, Connections, connections
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.protocols import protocol_number
from auditor.network.nodes import text
from auditor.network.spans import Spans


def group_rules(plan: Plan, group: Resource) -> Iterator[FilterRule]:
    """Yield what a security group allows to leave; a group without such rules allows nothing (facts H7)."""
    yield from _inline(plan, group)
    for rule in plan.of("aws_security_group_rule", "aws_vpc_security_group_egress_rule"):
        truth = plan.links(rule, "security_group_id", group)
        if truth is not Truth.NO and (later(rule.unknown, "type") or text(rule.node, "type") in ("", "egress")):
            sure = _group_condition(plan, rule.node, rule.unknown)
            condition = sure if truth is Truth.YES else Both((sure, Perhaps("which group it belongs to")))
            yield FilterRule(condition, Verdict.ACCEPT, "", f"{rule.address} allows it", rule.location)


def _inline(plan: Plan, group: Resource) -> Iterator[FilterRule]:
    listed, marks = group.get("egress"), group.mark("egress")
    if group.unsaid("egress"):
        why = Perhaps(f"its own egress is {LATER}; whether a dynamic block gives it some is not in the plan")
        yield FilterRule(why, Verdict.ACCEPT, "", f"{group.address} allows it", group.location)
        return
    for number, item in enumerate(listed.items if listed is not None else ()):
        condition = _group_condition(plan, item, marks.at(number) if marks is not None else None)
        words = f"{group.address}, egress rule {number + 1}, allows it"
        yield FilterRule(condition, Verdict.ACCEPT, "", words, group.document.locate(item))


def _group_condition(plan: Plan, node: Node, mark: Node | None) -> Condition:
    if later(mark):
        return Perhaps(f"the rule is {LATER}")
    peers: list[Condition] = []
    for key in ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"):
        peers += _blocks(node.get(key), mark.get(key) if mark is not None else None)
    for key in ("prefix_list_ids", "prefix_list_id"):
        if given(node, mark, key):
            peers.append(Perhaps("addresses of a prefix list"))
    for key in ("security_groups", "source_security_group_id", "referenced_security_group_id", "self"):
        if given(node, mark, key) and text(node, key) != "false":
            peers.append(members(plan))
    return Both((_traffic(node, mark), Either(tuple(peers))))


def _blocks(node: Node | None, mark: Node | None) -> Iterator[Condition]:
    if is_open(mark):
        yield Perhaps(f"an address block is {LATER}")
    for item in (node.items or ((node,) if node.text else ())) if node is not None else ():
        block = parse_block(item.text)
        yield Addresses({block.family: block.spans}) if block is not None else Perhaps(f"the block {item.text}")


def _traffic(node: Node, mark: Node | None) -> Condition:
    """Return protocol and ports; with ``-1`` ports do not count (facts H7)."""
    fields = ("protocol", "ip_protocol", "from_port", "to_port", "icmp_type")
    if later(mark, *fields):
        return Perhaps(f"protocol or port is {LATER}")
    name = text(node, "protocol") or text(node, "ip_protocol")
    if name in ("-1", "all"):
        return Traffic(ALL)
    number = protocol_number(name)
    first, last = _number(text(node, "from_port")), _number(text(node, "to_port"))
    if number in (1, 58):
        kind = _number(text(node, "icmp_type")) if text(node, "icmp_type") else first
        icmp = Traffic(Connections(icmp=ICMP_TYPES if kind is None or kind < 0 else Spans(((kind, kind),)) & ICMP_TYPES))
        return Both((icmp, Addresses({4 if number == 1 else 6: Spans(((0, 2**128 - 1),))})))
    ports = ALL_PORTS if first is None or last is None or first < 0 else Spans.of([(first, last)]) & ALL_PORTS
    by_number = {6: "TCP", 17: "UDP", 132: "SCTP"}
    return Traffic(connections(by_number[number], ports)) if number in by_number else Perhaps(f"protocol {name}", UNNAMED)


def _number(written: str) -> int | None:
    return int(written) if written.lstrip("-").isdigit() else None


def acl_rules(plan: Plan, acl: Resource) -> tuple[FilterRule, ...]:
    """Return the rules of a network ACL for what leaves, by their number; one whose number is not known may be anywhere."""
    found: list[tuple[int, FilterRule]] = []
    listed, marks = acl.get("egress"), acl.mark("egress")
    if acl.unsaid("egress"):
        why = f"{acl.address}: its own egress is {LATER}; whether a dynamic block gives it some is not in the plan"
        found.append((0, unread(why, acl.location)))
    for number, item in enumerate(listed.items if listed is not None else ()):
        mark = marks.at(number) if marks is not None else None
        found.append(_acl_rule(acl, item, mark, Truth.YES))
    for rule in plan.of("aws_network_acl_rule"):
        truth = plan.links(rule, "network_acl_id", acl)
        if truth is not Truth.NO and (later(rule.unknown, "egress") or text(rule.node, "egress") == "true"):
            found.append(_acl_rule(rule, rule.node, rule.unknown, truth))
    return tuple(rule for _, rule in sorted(found, key=lambda f: f[0]))


def _acl_rule(owner: Resource, node: Node, mark: Node | None, mine: Truth) -> tuple[int, FilterRule]:
    """Return a rule with its number; what of it is not known makes that it may or may not take a packet, and do either."""
    action = text(node, "action") or text(node, "rule_action")
    number = _number(text(node, "rule_no") or text(node, "rule_number"))
    place = owner.document.locate(node)
    shown = f"{owner.address}, rule {'?' if number is None else number}, {action or 'does something that is not read'}"
    if number is None or mine is not Truth.YES or later(mark, "rule_no", "rule_number", "action", "rule_action", "egress"):
        return 0, unread(f"{shown}: its number, action or list is {LATER}", place)
    keys = ("cidr_block", "ipv6_cidr_block")
    peers = [c for key in keys for c in _blocks(node.get(key), mark.get(key) if mark is not None else None)]
    verdict = {"allow": Verdict.ACCEPT, "deny": Verdict.DROP}.get(action.lower(), Verdict.UNREAD)
    return number, FilterRule(Both((_traffic(node, mark), Either(tuple(peers)))), verdict, shown, shown, place)
