"""Networks of Azure: whose interface lies in which subnet and network, and what the tags VirtualNetwork and Internet stand for.

Sources: Azure documentation, "Virtual network service tags" (``VirtualNetwork`` is the network's own space, that of peered and
connected ones, what a gateway brings, and the prefixes of user-defined routes, 0.0.0.0/0 among them), read in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, PRIVATE, Range, parse_block
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import ANY
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Not, Perhaps
from auditor.network.nodes import text
from auditor.network.spans import Spans

_GATEWAYS = (
    *("azurerm_virtual_network_gateway", "azurerm_virtual_network_gateway_connection", "azurerm_route_server"),
    *("azurerm_virtual_hub_connection", "azurerm_express_route_circuit", "azurerm_local_network_gateway"),
)
"""What brings routes that no plan shows."""
_PEERING = "azurerm_virtual_network_peering"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one interface lies."""

    interface: Resource
    subnet: Resource | None
    """``None`` where the plan does not show it, or shows several."""
    network: Resource | None
    own: tuple[Range, ...]
    """Blocks in which its own address surely lies; empty where they are not known."""


def place_of(plan: Plan, interface: Resource) -> Place:
    """Return where an interface lies."""
    subnets = _subnets(plan, interface)
    subnet = subnets[0] if subnets is not None and len(subnets) == 1 else None
    found = [] if subnet is None else [n for n in plan.of("azurerm_virtual_network") if _holds(plan, n, subnet) is Truth.YES]
    network = found[0] if len(found) == 1 else None
    own = tuple(b for b in map(parse_block, _own_addresses(interface, subnet)) if b is not None)
    return Place(interface, subnet, network, own)


def _holds(plan: Plan, network: Resource, subnet: Resource) -> Truth:
    return named(plan, subnet, "virtual_network_name", network)


def _subnets(plan: Plan, interface: Resource) -> tuple[Resource, ...] | None:
    listed = interface.get("ip_configuration")
    ids = {text(item, "subnet_id") for item in (listed.items if listed is not None else ())} - {""}
    known = [s for s in plan.of("azurerm_subnet") if text(s.node, "id") in ids]
    if ids:
        return tuple(known) if len(known) == len(ids) else None
    bases = {".".join(r.split(".")[:2]) for r in interface.references("ip_configuration")}
    referred = tuple(s for s in plan.of("azurerm_subnet") if s.module == interface.module and s.block in bases)
    return referred or None


def _own_addresses(interface: Resource, subnet: Resource | None) -> Iterator[str]:
    listed = interface.get("ip_configuration")
    given = [text(i, "private_ip_address") for i in (listed.items if listed is not None else ())]
    if given and all(given):
        yield from given
        return
    yield from strings(subnet.get("address_prefixes") if subnet is not None else None)


def named(plan: Plan, source: Resource, key: str, target: Resource) -> Truth:
    """Return whether an argument that holds a name means a resource; names count within their resource group."""
    written, name = text(source.node, key), text(target.node, "name")
    if not (written and name):
        linked = plan.links(source, key, target)
        return linked if source.get(key) is not None or source.says(key) else Truth.UNKNOWN
    groups = {text(r.node, "resource_group_name") for r in (source, target)} - {""}
    return Truth.of(written.lower() == name.lower() and len(groups) < 2)  # noqa: PLR2004 -- one group, or none that is shown


def strings(node: Node | None) -> tuple[str, ...]:
    """Return the texts of a list, of a text its own."""
    if node is None:
        return ()
    return tuple(i.text for i in node.items) or ((node.text,) if node.text else ())


@dataclass(frozen=True, slots=True)
class Tags:
    """What the service tags of rules stand for, seen from one network."""

    inside: Condition
    """Private addresses and the network's own space."""
    further: tuple[Condition, ...]
    """What else may count as the network: prefixes of routes, peers, what a gateway brings."""

    def virtual_network(self) -> Condition:
        """Return the condition of the tag ``VirtualNetwork``."""
        return Both((Either((self.inside, *self.further)), Perhaps("addresses of the virtual network")))

    def internet(self) -> Condition:
        """Return the condition of the tag ``Internet``: what surely is no part of the network, and what perhaps is none."""
        surely = Not(Either((self.inside, *self.further)))
        return Both((Not(self.inside), Either((surely, Perhaps("whether routes make it a part of the virtual network")))))

    def condition(self, written: str) -> Condition:
        """Return the condition of a prefix, a range or a tag."""
        if written in ("*", "Any", "any"):
            return ANY
        tags = {"internet": self.internet, "virtualnetwork": self.virtual_network}
        block = parse_block(written)
        if block is not None:
            return Addresses({block.family: block.spans})
        tag = tags.get(written.lower())
        return tag() if tag is not None else Perhaps(f"the service tag {written}")


def tags(plan: Plan, place: Place) -> Tags:
    """Return what tags stand for where an interface lies."""
    space = [b for s in strings(place.network.get("address_space") if place.network else None) if (b := parse_block(s))]
    blocks = [*PRIVATE, *space]
    inside = Addresses({f: Spans.of(pair for b in blocks if b.family == f for pair in b.spans.pairs) for f in FAMILIES})
    return Tags(inside, tuple(_further(plan, place)))


def _further(plan: Plan, place: Place) -> Iterator[Condition]:
    """Yield what may count as the network besides its own space; anything, where the plan shows too little."""
    network = place.network
    if network is None or network.open("address_space") or next(plan.of(*_GATEWAYS), None) is not None:
        yield ANY
        return
    for peering in plan.of(_PEERING):
        remote, known = plan.linked(peering, "remote_virtual_network_id", "azurerm_virtual_network")
        spaces = [strings(r.get("address_space")) for r in remote]
        if not known or not all(spaces):
            yield ANY
        yield from (Addresses({b.family: b.spans}) for s in spaces for b in map(parse_block, s) if b is not None)
    for table in plan.of("azurerm_route_table"):
        listed = table.get("route")
        prefixes = [text(i, "address_prefix") for i in (listed.items if listed is not None else ())]
        yield from _prefixes(["", *prefixes] if table.unsaid("route") else prefixes)
    yield from _prefixes([text(route.node, "address_prefix") for route in plan.of("azurerm_route")])


def _prefixes(written: list[str]) -> Iterator[Condition]:
    for prefix in written:
        block = parse_block(prefix)
        yield Addresses({block.family: block.spans}) if block is not None else ANY


def brings_routes(plan: Plan, network: Resource | None) -> bool:
    """Return whether a gateway may bring routes that the plan does not show."""
    shared = any(text(p.node, "use_remote_gateways") == "true" or p.open("use_remote_gateways") for p in plan.of(_PEERING))
    return network is None or shared or next(plan.of(*_GATEWAYS), None) is not None
