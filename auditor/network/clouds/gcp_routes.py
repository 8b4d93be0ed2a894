"""Routes of a network of Google Cloud, and whether an interface has anything to leave to the Internet with (facts H8).

Sources: Google Cloud documentation, "Routes" (the longest prefix, then the lowest priority number; a default route unless
``delete_default_routes_on_create``), "External IP addresses", "Cloud NAT", "Private Google Access" (read in November 2026).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Node
from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, PRIVATE, Range, parse_block
from auditor.network.clouds.gcp_network import SUBNETWORK, Interface
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import ANY, LATER, unread
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.terms import family
from auditor.network.nodes import text
from auditor.network.spans import Spans

_FIRST = 129
_DEFAULT_PRIORITY = 1000
INTERNET = "internet"
"""The list of rules for what a route leads to the default Internet gateway."""
_BRINGS = (
    *("google_compute_router_peer", "google_compute_vpn_tunnel", "google_compute_interconnect_attachment"),
    *("google_compute_network_peering", "google_network_connectivity_policy_based_route", "google_network_connectivity_spoke"),
    "google_compute_network_peering_routes_config",
)
"""What brings routes that no plan shows; a peered network without custom routes brings its subnetworks alone."""
_PEERING, _IMPORTS = "google_compute_network_peering", "import_custom_routes"
_PRIVATE = Addresses({f: Spans.of(pair for r in PRIVATE if r.family == f for pair in r.spans.pairs) for f in FAMILIES})
_EVERY_SUBNETWORK = ("ALL_SUBNETWORKS_ALL_IP_RANGES", "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES")
Ranked = tuple[int, int, FilterRule]


def route_rules(plan: Plan, interface: Interface, network: Resource) -> tuple[tuple[FilterRule, ...], tuple[FilterRule, ...]]:
    """Return the routes of a network that the plan makes, the longest first, and what holds at its way to the Internet."""
    found: list[Ranked] = []
    for subnetwork in plan.of(SUBNETWORK):
        found += _subnetwork(interface, subnetwork)
    for route in plan.of("google_compute_route"):
        found += _route(interface, route)
    for source in plan.of(*_BRINGS):
        if source.type == _PEERING and text(source.node, _IMPORTS) in ("", "false") and not source.open(_IMPORTS):
            continue
        why = f"{source.address} may bring routes that the plan does not show"
        found.append((_FIRST, 1, FilterRule(Perhaps(why), Verdict.UNREAD, why, why, source.location)))
    place = network.location
    if text(network.node, "delete_default_routes_on_create") != "true" or network.open("delete_default_routes_on_create"):
        found.append(
            (0, _DEFAULT_PRIORITY, FilterRule(ANY, Verdict.GOTO, INTERNET, f"{network.address}: its default route", place))
        )
    inside = "private addresses may be reached through peers that are made elsewhere"
    found.append((0, -1, FilterRule(_PRIVATE, Verdict.UNREAD, inside, inside, place)))
    ordered = tuple(rule for _, _, rule in sorted(found, key=lambda f: (-f[0], f[1])))
    return ordered, tuple(_gateway(plan, interface, network))


def _subnetwork(interface: Interface, subnetwork: Resource) -> Iterator[Ranked]:
    here = interface.lies_in(subnetwork)
    ranges = [text(subnetwork.node, key) for key in ("ip_cidr_range", "ipv6_cidr_range", "internal_ipv6_prefix")]
    secondary = subnetwork.get("secondary_ip_range")
    ranges += [text(i, "ip_cidr_range") for i in (secondary.items if secondary is not None else ())]
    for block in (parse_block(r) for r in ranges if r):
        if block is not None and here is not Truth.NO:
            where: Condition = Addresses({block.family: block.spans})
            where = where if here is Truth.YES else Both((where, Perhaps("whether it is of this network")))
            words = f"{subnetwork.address}: addresses of the network"
            yield _length(block), 0, FilterRule(where, Verdict.ACCEPT, "", words, subnetwork.location)


def _route(interface: Interface, route: Resource) -> Iterator[Ranked]:
    here, prefix = interface.lies_in(route), text(route.node, "dest_range")
    listed = route.get("tags")
    tags = {i.text for i in listed.items} if listed is not None else set()
    mine = not tags or interface.tags is None or bool(tags & interface.tags)
    if here is Truth.NO or (not mine and not route.open("tags")):
        return
    block, priority = parse_block(prefix), text(route.node, "priority")
    out = text(route.node, "next_hop_gateway").rpartition("/")[2] == "default-internet-gateway"
    words = f"{route.address}: {prefix or 'a route'} leads to {'the default Internet gateway' if out else 'what is not read'}"
    sure = here is Truth.YES and not route.open("tags") and not (tags and interface.tags is None)
    if block is None or not sure or any(route.open(k) for k in ("next_hop_gateway", "priority", "dest_range")):
        why = f"{words} (part of it is {LATER})"
        where: Condition = Perhaps(why) if block is None else Both((Addresses({block.family: block.spans}), Perhaps(why)))
        yield _FIRST, 0, FilterRule(where, Verdict.UNREAD, why, words, route.location)
        return
    verdict, target = (Verdict.GOTO, INTERNET) if out else (Verdict.UNREAD, words)
    number = int(priority) if priority.isdecimal() else _DEFAULT_PRIORITY
    yield _length(block), number, FilterRule(Addresses({block.family: block.spans}), verdict, target, words, route.location)


def _gateway(plan: Plan, interface: Interface, network: Resource) -> Iterator[FilterRule]:
    """Yield what an interface has to leave with: an external address, translation, or access to Google's own services."""
    place, instance = interface.instance.location, interface.instance
    marks = interface.instance.mark("network_interface")
    listed = interface.node.get("access_config") if interface.node is not None else None
    if interface.node is None or (marks is not None and (marks.text == "true" or _open_access(marks))):
        yield unread(f"{instance.address}: whether it has an external address is {LATER}", place)
    if listed is not None and listed.items:
        yield _out(family(FAMILIES[0]), f"{instance.address} has an external IPv4 address", place)
    yield from _six(interface, place)
    for nat in plan.of("google_compute_router_nat"):
        routers, known = plan.linked(nat, "router", "google_compute_router")
        named = [r for r in plan.of("google_compute_router") if text(nat.node, "router") == (text(r.node, "name") or "\0")]
        meant = [interface.lies_in(r) for r in (*routers, *named)]
        if meant and all(m is Truth.NO for m in meant) and (known or named):
            continue
        whole = text(nat.node, "source_subnetwork_ip_ranges_to_nat") in _EVERY_SUBNETWORK and Truth.YES in meant
        sure: Condition = family(FAMILIES[0]) if whole else Perhaps("whether it translates for this instance")
        yield _out(
            Both((sure, Perhaps("whether its region is this instance's"))),
            f"{nat.address} translates its addresses",
            nat.location,
        )
    subnetwork = interface.subnetwork
    private = subnetwork is None or text(subnetwork.node, "private_ip_google_access") == "true"
    if private or (subnetwork is not None and subnetwork.open("private_ip_google_access")):
        words = f"{(subnetwork or network).address}: Private Google Access leads to the addresses of Google's services"
        yield _out(Perhaps("which addresses these are"), words, (subnetwork or network).location)
    yield FilterRule(ANY, Verdict.DROP, "", f"{instance.address} has no external address and nothing translates for it", place)


def _open_access(marks: Node) -> bool:
    """Return whether the blocks that give an external address are known only after the run; the address itself always is."""
    return any((mark := item.get("access_config")) is not None and mark.text == "true" for item in marks.items)


def _six(interface: Interface, place: FileLocation) -> Iterator[FilterRule]:
    """Yield whether it leaves by IPv6: only where its subnetwork has that family."""
    subnetwork = interface.subnetwork
    stack = text(subnetwork.node, "stack_type") if subnetwork is not None else ""
    if subnetwork is None or subnetwork.open("stack_type") or (stack and stack != "IPV4_ONLY"):
        yield _out(
            Both((family(FAMILIES[1]), Perhaps("whether it has an external IPv6 address"))), "its subnetwork has IPv6", place
        )


def _out(where: Condition, words: str, place: FileLocation) -> FilterRule:
    return FilterRule(where, Verdict.ACCEPT, "", words, place)


def _length(block: Range) -> int:
    """Return how many bits all addresses of a block have in common."""
    return {4: 32, 6: 128}[block.family] - (block.last - block.first).bit_length()
