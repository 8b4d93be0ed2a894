"""Virtual machines of Azure with the security groups, routes and firewalls on their way out (facts H9, H10).

Sources: Azure documentation, "Network security groups": the group of the interface and that of the subnet must both allow;
without a group everything is allowed; 168.63.129.16 and 169.254.169.254 are the platform's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import parse_block
from auditor.network.clouds.azure_firewall import firewall_rules
from auditor.network.clouds.azure_groups import GROUP, group_rules
from auditor.network.clouds.azure_network import Place, Tags, place_of, tags
from auditor.network.clouds.azure_routes import Hop, Route, routes
from auditor.network.clouds.doors import doors
from auditor.network.clouds.plan import Plan, Resource, read_plan
from auditor.network.clouds.traffic import ANY, LATER, layer, unread
from auditor.network.layers import Governed, OneOf, Resolver, Subject
from auditor.network.netfilter.conditions import Addresses
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text
from auditor.network.ordered_rules import OrderedRules
from auditor.network.spans import Spans

MACHINES = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine")
_ASSUMED = (
    "the plan is carried out whole, and nothing is changed by other hands",
    "no security admin rule of a network manager that the plan does not show allows what is denied",
)
_PLATFORM = ("168.63.129.16", "169.254.169.254")
_ROUTED = {Hop.OUT: Verdict.ACCEPT, Hop.NOWHERE: Verdict.DROP, Hop.FIREWALL: Verdict.ACCEPT, Hop.UNREAD: Verdict.UNREAD}


def read_azure(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the virtual machines of every plan or state."""
    for document in documents:
        if document.kind is DocumentKind.TERRAFORM_PLAN:
            plan = read_plan(document)
            for machine in plan.of(*MACHINES):
                yield _governed(plan, machine)


def _governed(plan: Plan, machine: Resource) -> Governed:
    interfaces, whole = plan.linked(machine, "network_interface_ids", "azurerm_network_interface")
    ways = [tuple(_interface(plan, interface)) for interface in interfaces]
    if not whole or not interfaces:
        why = f"the plan does not show the interfaces of {machine.address}"
        ways.append((_layer(plan, (unread(why, machine.location),), machine),))
    layers = ways[0] if len(ways) == 1 else (OneOf("one of several interfaces", tuple(ways)),)
    names = (machine.address.rpartition(".")[2], text(machine.node, "name"))
    why = f"{machine.address} may ask the platform's resolver (168.63.129.16), which asks others"
    subject = Subject(machine.address, tuple(n for n in dict.fromkeys(names) if n), machine.location)
    stops = any(rule.verdict is not Verdict.ACCEPT for way in ways for each in way for rule in each.rules)
    grouped = any(each.strength is Strength.NETWORK_POLICY for way in ways for each in way)
    resolver = Resolver(Truth.YES, why, machine.location)
    found = doors(plan, layers, lambda _: Truth.UNKNOWN, "azurerm_private_endpoint")
    return Governed(subject, layers, restricts=stops or grouped, resolver=resolver, doors=found)


def _interface(plan: Plan, interface: Resource) -> Iterator[OrderedRules]:
    """Yield the layers on the way out of one interface: groups, routes, and a firewall that these lead to."""
    place = place_of(plan, interface)
    meant = tags(plan, place)
    owners = [("azurerm_network_interface_security_group_association", "network_interface_id", interface)]
    if place.subnet is not None:
        owners.append(("azurerm_subnet_network_security_group_association", "subnet_id", place.subnet))
    for kind, key, owner in owners:
        yield from _associated(plan, kind, key, owner, place, meant)
    found = routes(plan, place)
    yield _routes(plan, place, found)
    yield from _firewalls(plan, place, found)


def _above(plan: Plan) -> Iterator[FilterRule]:
    """Yield what may let through before a group is asked (AlwaysAllow): rules of network managers, which are not read."""
    for rule in plan.of("azurerm_network_manager_admin_rule"):
        yield unread(f"{rule.address}: rules of network managers are not read", rule.location)


def _associated(plan: Plan, kind: str, key: str, owner: Resource, place: Place, meant: Tags) -> Iterator[OrderedRules]:
    for link in plan.of(kind):
        truth = plan.links(link, key, owner)
        groups, whole = plan.linked(link, "network_security_group_id", GROUP)
        if truth is Truth.UNKNOWN:
            yield _layer(plan, (unread(f"{link.address}: whom it is for is {LATER}", link.location),), link)
        if truth is not Truth.YES:
            continue
        if not whole or len(groups) != 1:
            yield _layer(plan, (unread(f"{link.address}: the plan does not show its group", link.location),), link)
            continue
        yield _layer(plan, (*_above(plan), *group_rules(plan, groups[0], place, meant)), groups[0])


def _layer(plan: Plan, rules: tuple[FilterRule, ...], owner: Resource) -> OrderedRules:
    given = (_platform(owner.location), *rules)
    return layer(plan, "Azure network security group", Strength.NETWORK_POLICY, given, owner.location, _ASSUMED)


def _platform(place: FileLocation) -> FilterRule:
    own = [b for b in map(parse_block, _PLATFORM) if b is not None]
    first = Addresses({4: Spans.of(p for b in own for p in b.spans.pairs)})
    return FilterRule(first, Verdict.ACCEPT, "", "the platform's own addresses are always reached", place)


def _routes(plan: Plan, place: Place, found: Sequence[Route]) -> OrderedRules:
    rules = [FilterRule(r.where, _ROUTED[r.hop], r.text if r.hop is Hop.UNREAD else "", r.text, r.location) for r in found]
    at = (place.subnet or place.interface).location
    return layer(plan, "Azure routes", Strength.NO_ROUTE, (_platform(at), *rules), at, _ASSUMED)


def _firewalls(plan: Plan, place: Place, found: Sequence[Route]) -> Iterator[OrderedRules]:
    """Yield a layer with the rules of the firewalls for what routes lead to them; all else passes by."""
    firewalls = {r.firewall.address: r.firewall for r in found if r.firewall is not None}
    if not firewalls:
        return
    at = (place.subnet or place.interface).location
    rules = [_platform(at)]
    for route in found:
        if route.firewall is None:
            rules.append(FilterRule(route.where, Verdict.ACCEPT, "", f"{route.text}, past the firewall", route.location))
        else:
            rules.append(FilterRule(route.where, Verdict.GOTO, route.firewall.address, route.text, route.location))
    rules.append(FilterRule(ANY, Verdict.ACCEPT, "", "no route leads it to the firewall", at))
    cut = () if plan.cut is None else (unread(*plan.cut),)
    lists = tuple((address, firewall_rules(plan, f, place.own)) for address, f in firewalls.items())
    yield OrderedRules("Azure Firewall", Strength.NETWORK_POLICY, (*cut, *rules), Verdict.ACCEPT, at, _ASSUMED, lists)
