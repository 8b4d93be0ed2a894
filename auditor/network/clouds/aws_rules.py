"""Rules of AWS's security groups, network ACLs and route tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.documents import Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.network.addresses import PRIVATE, parse_block
from auditor.network.clouds.plan import Plan, Resource, is_open
from auditor.network.clouds.traffic import LATER, unread
from auditor.network.connections import ALL, ALL_PORTS, ICMP_TYPES, UNNAMED, Connections, connections
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.protocols import protocol_number
from auditor.network.netfilter.terms import family
from auditor.network.nodes import text
from auditor.network.spans import Spans

_FIRST = 129
"""Longer than any prefix: asked before all routes."""
_TARGETS = ("gateway_id", "nat_gateway_id", "egress_only_gateway_id", "transit_gateway_id", "vpc_endpoint_id")
_MORE_TARGETS = (
    "network_interface_id",
    "vpc_peering_connection_id",
    "carrier_gateway_id",
    "local_gateway_id",
    "core_network_arn",
)
_OUT = ("nat_gateway_id", "egress_only_gateway_id")
_PRIVATE = Addresses({f: Spans.of(pair for r in PRIVATE if r.family == f for pair in r.spans.pairs) for f in (4, 6)})


def link_local(instance: Resource, why: str) -> FilterRule:
    """Return the services on link-local addresses (metadata, names, time), which are there whatever rules say (facts H7)."""
    blocks = [parse_block("169.254.0.0/16"), parse_block("fd00:ec2::/32")]
    spans = {b.family: b.spans for b in blocks if b is not None}
    return FilterRule(Addresses(spans), Verdict.ACCEPT, "", f"metadata, names and time of AWS: {why}", instance.location)


def group_rules(plan: Plan, group: Resource) -> Iterator[FilterRule]:
    """Yield what a security group allows to leave; a group without such rules allows nothing (facts H7)."""
    computed = group.unknown is not None and text(group.unknown, "egress") == "true"
    if not computed or group.expressions is None or group.says("egress"):
        yield from _inline(group)
    for rule in plan.of("aws_security_group_rule", "aws_vpc_security_group_egress_rule"):
        named, known = plan.linked(rule, "security_group_id", "aws_security_group", "aws_default_security_group")
        if (group in named or not known) and text(rule.node, "type") in ("", "egress"):
            sure = _group_condition(rule.node, rule.unknown)
            condition = sure if group in named else Both((sure, Perhaps("which group it belongs to")))
            yield FilterRule(condition, Verdict.ACCEPT, "", f"{rule.address} allows it", rule.location)


def _inline(group: Resource) -> Iterator[FilterRule]:
    listed, marks = group.get("egress"), group.unknown.get("egress") if group.unknown is not None else None
    if marks is not None and marks.text == "true":
        why = Perhaps(f"egress is {LATER}")
        yield FilterRule(why, Verdict.ACCEPT, "", f"{group.address} allows it", group.location)
        return
    for number, item in enumerate(listed.items if listed is not None else ()):
        condition = _group_condition(item, marks.at(number) if marks is not None else None)
        words = f"{group.address}, egress rule {number + 1}, allows it"
        yield FilterRule(condition, Verdict.ACCEPT, "", words, group.document.locate(item))


def _group_condition(node: Node, mark: Node | None) -> Condition:
    peers: list[Condition] = []
    for key in ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"):
        peers += _blocks(node.get(key), mark.get(key) if mark is not None else None)
    for key in ("prefix_list_ids", "prefix_list_id"):
        if _given(node, mark, key):
            peers.append(Perhaps("addresses of a prefix list"))
    for key in ("security_groups", "source_security_group_id", "referenced_security_group_id", "self"):
        if _given(node, mark, key) and text(node, key) != "false":
            peers.append(Both((_PRIVATE, Perhaps("members of a security group"))))
    return Both((_traffic(node, mark), Either(tuple(peers))))


def _given(node: Node, mark: Node | None, key: str) -> bool:
    value = node.get(key)
    there = value is not None and value.kind is not NodeKind.NULL and bool(value.text or value.items)
    return there or is_open(mark.get(key) if mark is not None else None)


def _blocks(node: Node | None, mark: Node | None) -> Iterator[Condition]:
    if is_open(mark):
        yield Perhaps(f"an address block is {LATER}")
    for item in (node.items or ((node,) if node.text else ())) if node is not None else ():
        block = parse_block(item.text)
        yield Addresses({block.family: block.spans}) if block is not None else Perhaps(f"the block {item.text}")


def _traffic(node: Node, mark: Node | None) -> Condition:
    """Return protocol and ports; with ``-1`` ports do not count (facts H7)."""
    fields = ("protocol", "ip_protocol", "from_port", "to_port", "icmp_type")
    if mark is not None and any(is_open(mark.get(key)) for key in fields):
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
    """Return the rules of a network ACL for what leaves, by their number; an unknown one may be anywhere."""
    found: list[tuple[int, FilterRule]] = []
    listed = acl.get("egress")
    marks = acl.unknown.get("egress") if acl.unknown is not None else None
    if acl.open("egress") and listed is None and acl.says("egress"):
        found.append((0, unread(f"{acl.address}: egress is {LATER}", acl.location)))
    for number, item in enumerate(listed.items if listed is not None else ()):
        mark = marks.at(number) if marks is not None else None
        found.append((_number(text(item, "rule_no")) or 0, _acl_rule(acl, item, mark, text(item, "action"))))
    for rule in plan.of("aws_network_acl_rule"):
        if text(rule.node, "egress") == "true" and acl in plan.linked(rule, "network_acl_id", "aws_network_acl")[0]:
            action = text(rule.node, "rule_action")
            found.append((_number(text(rule.node, "rule_number")) or 0, _acl_rule(rule, rule.node, rule.unknown, action)))
    return tuple(rule for _, rule in sorted(found, key=lambda f: f[0]))


def _acl_rule(owner: Resource, node: Node, mark: Node | None, action: str) -> FilterRule:
    keys = ("cidr_block", "ipv6_cidr_block")
    peers = [c for key in keys for c in _blocks(node.get(key), mark.get(key) if mark is not None else None)]
    verdict = {"allow": Verdict.ACCEPT, "deny": Verdict.DROP}.get(action.lower(), Verdict.UNREAD)
    number = text(node, "rule_no") or text(node, "rule_number")
    words = f"{owner.address}, rule {number}, {action or 'does something that is not read'}"
    return FilterRule(Both((_traffic(node, mark), Either(tuple(peers)))), verdict, words, words, owner.document.locate(node))


def route_rules(plan: Plan, table: Resource | None, network: Resource | None) -> tuple[FilterRule, ...]:
    """Return routes, the longest first; without a table only the local route is there (facts H8)."""
    found: list[tuple[int, FilterRule]] = []
    if network is not None:
        local = parse_block(text(network.node, "cidr_block"))
        if local is not None:
            own = Addresses({local.family: local.spans})
            found.append((_FIRST, _route(own, Verdict.ACCEPT, f"{network.address}: its own addresses", network.location)))
        if text(network.node, "assign_generated_ipv6_cidr_block") == "true":
            six = Both((family(6), Perhaps("which block it gets")))
            found.append((_FIRST, _route(six, Verdict.ACCEPT, f"{network.address}: its own IPv6 addresses", network.location)))
    elif table is not None:
        why = "addresses of a network that the plan does not show"
        found.append((_FIRST, _route(_PRIVATE, Verdict.UNREAD, why, table.location)))
    if table is not None:
        found += list(_routes_of(plan, table))
    return tuple(rule for _, rule in sorted(found, key=lambda f: -f[0]))


def _routes_of(plan: Plan, table: Resource) -> Iterator[tuple[int, FilterRule]]:
    marks = table.unknown.get("route") if table.unknown is not None else None
    if marks is not None and marks.text == "true" and table.says("route"):
        yield _FIRST, unread(f"{table.address}: its routes are {LATER}", table.location)
    listed = table.get("route")
    for number, item in enumerate(listed.items if listed is not None else ()):
        mark = marks.at(number) if marks is not None else None
        yield _one_route(
            table, item, mark, table.references("route"), ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id")
        )
    for route in plan.of("aws_route"):
        if table in plan.linked(route, "route_table_id", "aws_route_table", "aws_default_route_table")[0]:
            references = tuple(r for key in (*_TARGETS, *_MORE_TARGETS) for r in route.references(key))
            keys = ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")
            yield _one_route(route, route.node, route.unknown, references, keys)
    for endpoint in plan.of("aws_vpc_endpoint"):
        gateway = text(endpoint.node, "vpc_endpoint_type") in ("", "Gateway")
        if gateway and table in plan.linked(endpoint, "route_table_ids", "aws_route_table")[0]:
            words = f"{endpoint.address} leads to the addresses of {text(endpoint.node, 'service_name')}"
            yield 128, _route(Perhaps("which addresses these are"), Verdict.ACCEPT, words, endpoint.location)


def _one_route(
    owner: Resource, node: Node, mark: Node | None, references: Sequence[str], keys: Sequence[str]
) -> tuple[int, FilterRule]:
    """Return a route with the length of its prefix; where it leads is the one target that is given or known later."""
    place = owner.document.locate(node)
    written = next((text(node, key) for key in keys if text(node, key)), "")
    block = parse_block(written)
    where: Condition = (
        Addresses({block.family: block.spans}) if block is not None else Perhaps(f"the destination {written or LATER}")
    )
    targets = [key for key in (*_TARGETS, *_MORE_TARGETS) if _given(node, mark, key)]
    out = bool(targets) and all(
        key in _OUT or (key == "gateway_id" and _internet(text(node, key), references)) for key in targets
    )
    verdict = Verdict.ACCEPT if out else Verdict.UNREAD
    leads = ", ".join(key.removesuffix("_id") for key in targets) or "nowhere that is read"
    words = f"{owner.address}: {written or 'a destination'} leads to {leads}"
    return (int(written.partition("/")[2] or 0) if block is not None else _FIRST), _route(where, verdict, words, place)


def _internet(written: str, references: Sequence[str]) -> bool:
    if written:
        return written.startswith(("igw-", "eigw-"))
    gateways = [r for r in references if "gateway" in r.partition(".")[0] or r.startswith("aws_vpn")]
    return bool(gateways) and all(
        r.startswith(("aws_internet_gateway.", "aws_nat_gateway.", "aws_egress_only")) for r in gateways
    )


def _route(where: Condition, verdict: Verdict, words: str, place: FileLocation) -> FilterRule:
    return FilterRule(where, verdict, words if verdict is Verdict.UNREAD else "", words, place)
