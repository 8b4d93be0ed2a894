"""Virtual machines of Azure with the network security groups of their interface and subnet (facts H9, H10).

Sources: Azure documentation, "Network security groups": rules by priority, the lowest number first; the group of the interface
and that of the subnet must both allow; default rules AllowVnetOutBound, AllowInternetOutBound, DenyAllOutBound; without a group
everything is allowed; 168.63.129.16 and 169.254.169.254 are the platform's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import PRIVATE, parse_block
from auditor.network.clouds.plan import Plan, Resource, is_open, read_plan
from auditor.network.clouds.traffic import ANY, LATER, ports_of, unread
from auditor.network.layers import Governed, Resolver, Subject
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Not, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text
from auditor.network.ordered_rules import OrderedRules
from auditor.network.spans import Spans

MACHINES = ("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine")
_GROUP = "azurerm_network_security_group"
_ASSUMED = (
    "the plan is carried out whole, and nothing is changed by other hands",
    "routes and address translation are not read, and taken to lead out: no denial rests on them",
    "no security admin rule of a network manager that the plan does not show allows what is denied",
)
_PRIVATE = Addresses({f: Spans.of(p for r in PRIVATE if r.family == f for p in r.spans.pairs) for f in (4, 6)})
_PLATFORM = ("168.63.129.16", "169.254.169.254")


def read_azure(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the virtual machines of every plan or state."""
    for document in documents:
        if document.kind is DocumentKind.TERRAFORM_PLAN:
            plan = read_plan(document)
            for machine in plan.of(*MACHINES):
                yield _governed(plan, machine)


def _governed(plan: Plan, machine: Resource) -> Governed:
    interfaces, whole = plan.linked(machine, "network_interface_ids", "azurerm_network_interface")
    layers: list[OrderedRules] = []
    for interface in interfaces:
        subnets = _subnets(plan, interface)
        owners = [("azurerm_network_interface_security_group_association", "network_interface_id", interface)]
        owners += [("azurerm_subnet_network_security_group_association", "subnet_id", s) for s in subnets or ()]
        for kind, key, owner in owners:
            layers += _associated(plan, kind, key, owner)
        if subnets is None:
            layers.append(
                _layer((unread(f"the plan does not show the subnet of {interface.address}", interface.location),), interface)
            )
    if not whole or not interfaces:
        layers.append(_layer((unread(f"the plan does not show the interfaces of {machine.address}", machine.location),), machine))
    names = (machine.address.rpartition(".")[2], text(machine.node, "name"))
    why = f"{machine.address} may ask the platform's resolver (168.63.129.16), which asks others"
    subject = Subject(machine.address, tuple(n for n in dict.fromkeys(names) if n), machine.location)
    found = tuple(layers) or (
        _layer((FilterRule(ANY, Verdict.ACCEPT, "", "no network security group: all is allowed", machine.location),), machine),
    )
    return Governed(subject, found, restricts=bool(layers), resolver=Resolver(Truth.YES, why, machine.location))


def _above(plan: Plan) -> Iterator[FilterRule]:
    """Yield what may let through before a group is asked (AlwaysAllow): rules of network managers, which are not read."""
    for rule in plan.of("azurerm_network_manager_admin_rule"):
        yield unread(f"{rule.address}: rules of network managers are not read", rule.location)


def _subnets(plan: Plan, interface: Resource) -> tuple[Resource, ...] | None:
    listed = interface.get("ip_configuration")
    ids = {text(item, "subnet_id") for item in (listed.items if listed is not None else ())} - {""}
    known = [s for s in plan.of("azurerm_subnet") if text(s.node, "id") in ids]
    if ids:
        return tuple(known) if len(known) == len(ids) else None
    bases = {".".join(r.split(".")[:2]) for r in interface.references("ip_configuration")}
    referred = tuple(s for s in plan.of("azurerm_subnet") if s.address.removeprefix(s.module).partition("[")[0] in bases)
    return referred or None


def _associated(plan: Plan, kind: str, key: str, owner: Resource) -> Iterator[OrderedRules]:
    for link in plan.of(kind):
        owners, known = plan.linked(link, key, owner.type)
        groups, whole = plan.linked(link, "network_security_group_id", _GROUP)
        if owner not in owners:
            if not known:
                yield _layer((unread(f"{link.address}: whom it is for is {LATER}", link.location),), link)
            continue
        for group in groups:
            yield _layer((*_above(plan), *_group_rules(plan, group)), group)
        if not whole or not groups:
            yield _layer((unread(f"{link.address}: the plan does not show its group", link.location),), link)


def _layer(rules: tuple[FilterRule, ...], owner: Resource) -> OrderedRules:
    own = [b for b in map(parse_block, _PLATFORM) if b is not None]
    first = Addresses({4: Spans.of(p for b in own for p in b.spans.pairs)})
    platform = FilterRule(first, Verdict.ACCEPT, "", "the platform's own addresses are always reached", owner.location)
    return OrderedRules(
        "Azure network security group", Strength.NETWORK_POLICY, (platform, *rules), Verdict.DROP, owner.location, _ASSUMED
    )


def _group_rules(plan: Plan, group: Resource) -> Iterator[FilterRule]:
    """Yield the rules of a group by priority, the default ones last."""
    found: list[tuple[int, FilterRule]] = []
    listed, marks = group.get("security_rule"), group.unknown.get("security_rule") if group.unknown is not None else None
    if marks is not None and marks.text == "true" and (group.expressions is None or group.says("security_rule")):
        found.append((-1, unread(f"{group.address}: its rules are {LATER}", group.location)))
    for number, item in enumerate(listed.items if listed is not None else ()):
        found += _rule(group, item, marks.at(number) if marks is not None else None)
    for rule in plan.of("azurerm_network_security_rule"):
        named = plan.linked(rule, "network_security_group_name", _GROUP)[0]
        if group in named or (text(rule.node, "network_security_group_name") or "\0") == text(group.node, "name"):
            found += _rule(rule, rule.node, rule.unknown)
    yield from (rule for _, rule in sorted(found, key=lambda f: f[0]))
    yield FilterRule(
        Both((_PRIVATE, Perhaps("addresses of the virtual network"))), Verdict.ACCEPT, "", "AllowVnetOutBound", group.location
    )
    yield FilterRule(Not(_PRIVATE), Verdict.ACCEPT, "", "AllowInternetOutBound", group.location)


def _rule(owner: Resource, node: Node, mark: Node | None) -> Iterator[tuple[int, FilterRule]]:
    if text(node, "direction").lower() != "outbound":
        return
    place = owner.document.locate(node)
    priority = text(node, "priority")
    words = f"{owner.address}, rule {text(node, 'name')} of priority {priority}, {text(node, 'access')}"
    verdict = {"allow": Verdict.ACCEPT, "deny": Verdict.DROP}.get(text(node, "access").lower())
    if not priority.isdecimal() or verdict is None:
        yield -1, unread(f"{words}: known only after the run", place)
        return
    yield int(priority), FilterRule(Both((_where(node, mark), _traffic(node, mark))), verdict, "", words, place)


def _where(node: Node, mark: Node | None) -> Condition:
    keys = ("destination_address_prefix", "destination_address_prefixes", "destination_application_security_group_ids")
    if mark is not None and any(is_open(mark.get(key)) for key in keys):
        return Perhaps(f"its destination is {LATER}")
    several = node.get("destination_address_prefixes")
    written = [text(node, keys[0]), *(i.text for i in (several.items if several is not None else ()))]
    groups = node.get(keys[2])
    found = [_prefix(w) for w in written if w]
    if groups is not None and groups.items:
        found.append(Both((_PRIVATE, Perhaps("members of an application security group"))))
    return Either(tuple(found))


def _prefix(written: str) -> Condition:
    tags: dict[str, Condition] = {
        "*": ANY,
        "internet": Not(_PRIVATE),
        "virtualnetwork": Both((_PRIVATE, Perhaps("addresses of the virtual network"))),
    }
    block = parse_block(written)
    if block is not None:
        return Addresses({block.family: block.spans})
    return tags.get(written.lower(), Perhaps(f"the service tag {written}"))


def _traffic(node: Node, mark: Node | None) -> Condition:
    keys = ("protocol", "destination_port_range", "destination_port_ranges")
    if mark is not None and any(is_open(mark.get(key)) for key in keys):
        return Perhaps(f"protocol or port is {LATER}")
    several = node.get("destination_port_ranges")
    ports = [p for p in (text(node, keys[1]), *(i.text for i in (several.items if several is not None else ()))) if p]
    protocol = text(node, "protocol")
    if protocol == "*" and ports not in ([], ["*"]):
        return Either(tuple(ports_of(name, ports) for name in ("tcp", "udp", "sctp")))
    return ports_of(protocol, ports)
