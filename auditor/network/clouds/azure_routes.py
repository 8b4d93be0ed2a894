"""Effective routes of a subnet of Azure, as a list of which the first that takes a destination counts.

Source: Azure documentation, "Virtual network traffic routing" (read in November 2026): the longest prefix counts; of equal ones
a user-defined route before those of a gateway before the system's; next hop ``None`` drops; routes of service endpoints are
longer than any other; the system leads 0.0.0.0/0 to the Internet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from auditor.documents import Node
from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, Range, parse_block
from auditor.network.clouds.azure_network import Place, brings_routes, named, strings
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import ANY, LATER, later
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Perhaps
from auditor.network.netfilter.terms import family
from auditor.network.nodes import text

_LONGEST = 129
_TABLE = "azurerm_route_table"


class Hop(StrEnum):
    """Where a route leads."""

    OUT = "out"
    """On to the Internet or into the network."""
    NOWHERE = "nowhere"
    FIREWALL = "firewall"
    """To a firewall of the plan, whose rules then decide."""
    UNREAD = "unread"
    """To something whose rules are not read."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route."""

    where: Condition
    hop: Hop
    text: str
    location: FileLocation
    firewall: Resource | None = None


def routes(plan: Plan, place: Place) -> tuple[Route, ...]:
    """Return the routes of a subnet, the longest first; what the plan leaves open may lead anywhere."""
    if place.subnet is None:
        why = f"the plan does not show the subnet of {place.interface.address}"
        return (Route(ANY, Hop.UNREAD, why, place.interface.location),)
    found: list[tuple[int, int, Route]] = []
    for link in plan.of("azurerm_subnet_route_table_association"):
        truth = plan.links(link, "subnet_id", place.subnet)
        if truth is not Truth.NO:
            found += _of_table(plan, link, truth)
    found += _of_system(plan, place, place.subnet)
    return tuple(route for _, _, route in sorted(found, key=lambda f: (-f[0], f[1])))


def _of_table(plan: Plan, link: Resource, truth: Truth) -> Iterator[tuple[int, int, Route]]:
    tables, known = plan.linked(link, "route_table_id", _TABLE)
    if truth is not Truth.YES or not known or len(tables) != 1:
        yield _LONGEST, 0, Route(ANY, Hop.UNREAD, f"{link.address}: which table and subnet it joins is {LATER}", link.location)
        return
    table = tables[0]
    listed, marks = table.get("route"), table.mark("route")
    if table.unsaid("route"):
        why = f"{table.address}: its own routes are {LATER}; whether a dynamic block gives it some is not in the plan"
        yield _LONGEST, 0, Route(ANY, Hop.UNREAD, why, table.location)
    for number, item in enumerate(listed.items if listed is not None else ()):
        mark = marks.at(number) if marks is not None else None
        yield _one(plan, table, item, mark, table.references("route"))
    for route in plan.of("azurerm_route"):
        mine = named(plan, route, "route_table_name", table)
        if mine is Truth.YES:
            yield _one(plan, route, route.node, route.unknown, route.references("next_hop_in_ip_address"))
        elif mine is Truth.UNKNOWN:
            yield _LONGEST, 0, Route(ANY, Hop.UNREAD, f"{route.address}: which table it is in is {LATER}", route.location)


def _one(plan: Plan, owner: Resource, node: Node, mark: Node | None, references: Sequence[str]) -> tuple[int, int, Route]:
    at, prefix, kind = owner.document.locate(node), text(node, "address_prefix"), text(node, "next_hop_type").lower()
    block = parse_block(prefix)
    if later(mark, "address_prefix", "next_hop_type") or block is None:
        shown = f"{owner.address}: where {prefix or 'a route'} lies or leads is {LATER}, or a service tag"
        return _LONGEST, 0, Route(ANY, Hop.UNREAD, shown, at)
    shown = f"{owner.address}: {prefix} leads to {text(node, 'next_hop_type')}"
    where = Addresses({block.family: block.spans})
    if kind == "virtualappliance":
        firewall = _firewall(plan, text(node, "next_hop_in_ip_address"), references)
        return _length(block), 0, Route(where, Hop.FIREWALL if firewall else Hop.UNREAD, shown, at, firewall)
    hop = {"none": Hop.NOWHERE, "internet": Hop.OUT, "vnetlocal": Hop.OUT}.get(kind, Hop.UNREAD)
    return _length(block), 0, Route(where, hop, shown, at)


def _firewall(plan: Plan, address: str, references: Sequence[str]) -> Resource | None:
    """Return the firewall of the plan that has an address, ``None`` where none surely has."""
    found = []
    for firewall in plan.of("azurerm_firewall"):
        listed = firewall.get("ip_configuration")
        own = {text(i, "private_ip_address") for i in (listed.items if listed is not None else ())} - {""}
        if (address in own) if address else any(r.startswith(f"{firewall.block}.") for r in references):
            found.append(firewall)
    return found[0] if len(found) == 1 else None


def _of_system(plan: Plan, place: Place, subnet: Resource) -> Iterator[tuple[int, int, Route]]:
    """Yield what Azure itself adds; private addresses outside of the network are left open, since peers may be made elsewhere."""
    network, at = place.network, subnet.location
    space = [b for s in strings(network.get("address_space") if network is not None else None) if (b := parse_block(s))]
    for block in space:
        words = f"{subnet.address}: the network's own addresses"
        yield _length(block), 2, Route(Addresses({block.family: block.spans}), Hop.OUT, words, at)
    if network is None or network.open("address_space"):
        why = "which addresses are the network's own is not in the plan"
        yield _LONGEST, 1, Route(Perhaps(why), Hop.OUT, why, at)
    if strings(subnet.get("service_endpoints")) or (subnet.says("service_endpoints") and subnet.open("service_endpoints")):
        words = f"{subnet.address}: service endpoints lead to public addresses of services"
        yield _LONGEST, 0, Route(Perhaps("which addresses these are"), Hop.OUT, words, at)
    if brings_routes(plan, network):
        words = "a gateway may bring routes that the plan does not show"
        yield _LONGEST, 1, Route(Perhaps(words), Hop.UNREAD, words, at)
    for peering in plan.of("azurerm_virtual_network_peering"):
        yield from _peered(plan, peering)
    six = not space or any(b.family == FAMILIES[1] for b in space) or network is None or network.open("address_space")
    for number in FAMILIES if six else FAMILIES[:1]:
        yield 0, 2, Route(Both((family(number),)), Hop.OUT, "the system's route to the Internet", at)
    if not six:
        yield 0, 2, Route(family(FAMILIES[1]), Hop.NOWHERE, f"{subnet.address}: its network has no IPv6", at)


def _peered(plan: Plan, peering: Resource) -> Iterator[tuple[int, int, Route]]:
    remote, known = plan.linked(peering, "remote_virtual_network_id", "azurerm_virtual_network")
    spaces = [parse_block(s) for r in remote for s in strings(r.get("address_space"))]
    words = f"{peering.address}: addresses of a peered network"
    for block in spaces:
        if block is not None:
            yield _length(block), 2, Route(Addresses({block.family: block.spans}), Hop.OUT, words, peering.location)
    if not known or not spaces or None in spaces:
        yield _LONGEST, 1, Route(Perhaps("which addresses these are"), Hop.OUT, words, peering.location)


def _length(block: Range) -> int:
    """Return how many bits all addresses of a block have in common."""
    return {4: 32, 6: 128}[block.family] - (block.last - block.first).bit_length()
