"""Routes of AWS: which table a subnet has, and where it leads (facts H8).

Sources: Amazon VPC User Guide, "Route tables" (the longest prefix counts, a local route for each block of the network, the main
table for subnets without one of their own), "Gateway endpoints", "Route propagation" (from a VPN gateway, in no plan).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.documents import Node
from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, parse_block
from auditor.network.clouds.aws_network import NETWORKS, PRIVATE_ADDRESSES, addresses
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import LATER, given, unread
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text

_FIRST = 129
"""Longer than any prefix: asked before all routes."""
_TABLES = ("aws_route_table", "aws_default_route_table")
_TARGETS = (
    *("gateway_id", "nat_gateway_id", "egress_only_gateway_id", "transit_gateway_id", "vpc_endpoint_id"),
    *("network_interface_id", "vpc_peering_connection_id", "carrier_gateway_id", "local_gateway_id", "core_network_arn"),
)
_OUT = ("nat_gateway_id", "egress_only_gateway_id")
_KEYS = ("cidr_block", "ipv6_cidr_block", "destination_prefix_list_id")
_ROUTE_KEYS = ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id")


def table_rules(plan: Plan, subnet: Resource) -> tuple[FilterRule, ...] | None:
    """Return the routes of a subnet: its table's, else those of its network's main table; ``None`` where neither is shown."""
    networks, known = plan.linked(subnet, "vpc_id", *NETWORKS)
    network = networks[0] if known and len(networks) == 1 else None
    own = [
        (link, truth) for link in plan.of("aws_route_table_association") if (truth := _names(plan, link, subnet)) is not Truth.NO
    ]
    if own:
        return _one_table(plan, own, network)
    if network is None:
        return None
    main = [
        (link, truth)
        for link in plan.of("aws_main_route_table_association")
        if (truth := plan.links(link, "vpc_id", network)) is not Truth.NO
    ]
    if main:
        return _one_table(plan, main, network)
    defaults = [(t, truth) for t in plan.of("aws_default_route_table") if (truth := _is_main(plan, t, network)) is not Truth.NO]
    if defaults:
        sure = len(defaults) == 1 and defaults[0][1] is Truth.YES
        return _route_rules(plan, defaults[0][0], network) if sure else None
    # The main table of a network that a run makes has the local route alone; that of an account's default network leads out.
    return _route_rules(plan, None, network) if network.type == "aws_vpc" else None


def _names(plan: Plan, link: Resource, subnet: Resource) -> Truth:
    return Truth.NO if link.get("gateway_id") is not None else plan.links(link, "subnet_id", subnet)


def _is_main(plan: Plan, table: Resource, network: Resource) -> Truth:
    named = text(table.node, "default_route_table_id")
    main = {text(network.node, key) for key in ("default_route_table_id", "main_route_table_id")} - {""}
    if named and main:
        return Truth.of(named in main)
    linked = plan.links(table, "default_route_table_id", network)
    return linked if table.references("default_route_table_id") else Truth.UNKNOWN


def _one_table(plan: Plan, links: Sequence[tuple[Resource, Truth]], network: Resource | None) -> tuple[FilterRule, ...] | None:
    """Return the routes of the one table that associations name, ``None`` where it is not exactly one for sure."""
    if len(links) != 1 or links[0][1] is not Truth.YES:
        return None
    tables, whole = plan.linked(links[0][0], "route_table_id", *_TABLES)
    return _route_rules(plan, tables[0], network) if whole and len(tables) == 1 else None


def _route_rules(plan: Plan, table: Resource | None, network: Resource | None) -> tuple[FilterRule, ...]:
    """Return routes, the longest first; without a table only the local route is there (facts H8)."""
    found: list[tuple[int, FilterRule]] = []
    if network is not None:
        words = f"{network.address}: its own addresses"
        found.append((_FIRST, _route(addresses(plan, network), Verdict.ACCEPT, words, network.location)))
    elif table is not None:
        why = "addresses of a network that the plan does not show"
        found.append((_FIRST, _route(PRIVATE_ADDRESSES, Verdict.UNREAD, why, table.location)))
    if table is not None:
        found += list(_routes_of(plan, table))
    return tuple(rule for _, rule in sorted(found, key=lambda f: -f[0]))


def _routes_of(plan: Plan, table: Resource) -> Iterator[tuple[int, FilterRule]]:
    marks = table.mark("route")
    if table.unsaid("route"):
        yield _FIRST, unread(f"{table.address}: whether a dynamic block gives it routes is not in the plan", table.location)
    listed = table.get("route")
    for number, item in enumerate(listed.items if listed is not None else ()):
        mark = marks.at(number) if marks is not None else None
        yield _one_route(table, item, mark, table.references("route"), _KEYS)
    for route in plan.of("aws_route"):
        truth = plan.links(route, "route_table_id", table)
        if truth is not Truth.NO:
            references = tuple(r for key in _TARGETS for r in route.references(key))
            length, rule = _one_route(route, route.node, route.unknown, references, _ROUTE_KEYS)
            yield length, rule if truth is Truth.YES else _doubted(rule, "which table it is in")
    yield from _propagated(plan, table)
    yield from _endpoints(plan, table)


def _doubted(rule: FilterRule, why: str) -> FilterRule:
    return FilterRule(Both((rule.condition, Perhaps(why))), rule.verdict, rule.target, rule.text, rule.location)


def _propagated(plan: Plan, table: Resource) -> Iterator[tuple[int, FilterRule]]:
    """Yield that routes may come from a VPN gateway: which ones, its peers say at run time."""
    gateways = table.get("propagating_vgws")
    if (gateways is not None and gateways.items) or (table.says("propagating_vgws") and table.open("propagating_vgws")):
        yield _FIRST, unread(f"{table.address} takes routes from a VPN gateway, which tells them at run time", table.location)
    for link in plan.of("aws_vpn_gateway_route_propagation"):
        if plan.links(link, "route_table_id", table) is not Truth.NO:
            yield _FIRST, unread(f"{link.address} takes routes from a VPN gateway, which tells them at run time", link.location)


def _endpoints(plan: Plan, table: Resource) -> Iterator[tuple[int, FilterRule]]:
    for endpoint in plan.of("aws_vpc_endpoint"):
        if text(endpoint.node, "vpc_endpoint_type") not in ("", "Gateway"):
            continue
        through = [plan.links(endpoint, "route_table_ids", table)]
        for link in plan.of("aws_vpc_endpoint_route_table_association"):
            ends = (plan.links(link, "vpc_endpoint_id", endpoint), plan.links(link, "route_table_id", table))
            through.append(Truth.NO if Truth.NO in ends else Truth.UNKNOWN)
        if any(truth is not Truth.NO for truth in through):
            words = f"{endpoint.address} leads to the addresses of {text(endpoint.node, 'service_name') or 'a service'}"
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
    targets = [key for key in _TARGETS if given(node, mark, key)]
    out = bool(targets) and all(
        key in _OUT or (key == "gateway_id" and _internet(text(node, key), references)) for key in targets
    )
    verdict = Verdict.ACCEPT if out else Verdict.UNREAD
    leads = ", ".join(key.removesuffix("_id") for key in targets) or "nowhere that is read"
    words = f"{owner.address}: {written or 'a destination'} leads to {leads}"
    return (_length(block) if block is not None else _FIRST), _route(where, verdict, words, place)


def _length(block: Range) -> int:
    """Return how many bits all addresses of a block have in common."""
    return {4: 32, 6: 128}[block.family] - (block.last - block.first).bit_length()


def _internet(written: str, references: Sequence[str]) -> bool:
    if written:
        return written.startswith(("igw-", "eigw-"))
    gateways = [r for r in references if "gateway" in r.partition(".")[0] or r.startswith("aws_vpn")]
    return bool(gateways) and all(
        r.startswith(("aws_internet_gateway.", "aws_nat_gateway.", "aws_egress_only")) for r in gateways
    )


def _route(where: Condition, verdict: Verdict, words: str, place: FileLocation) -> FilterRule:
    return FilterRule(where, verdict, words if verdict is Verdict.UNREAD else "", words, place)
