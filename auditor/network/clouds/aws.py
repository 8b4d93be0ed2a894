"""Instances of AWS with the security groups, network ACLs and routes on their way out (facts H7, H8, H10).

Sources: Amazon VPC User Guide, "Security groups" (allow rules only, united over all groups, stateful), "Network ACLs" (by number,
first match, at the edge of a subnet); Terraform's AWS provider, ``aws_security_group`` (it takes away the rule that allows all).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import parse_block
from auditor.network.clouds.aws_network import NETWORKS, PRIVATE_ADDRESSES, always_there, further_interfaces
from auditor.network.clouds.aws_routes import table_rules
from auditor.network.clouds.aws_rules import acl_rules, group_rules
from auditor.network.clouds.doors import doors
from auditor.network.clouds.plan import Plan, Resource, read_plan
from auditor.network.clouds.traffic import LATER, layer, unread
from auditor.network.layers import Governed, Layer, Resolver, Subject
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text

_ASSUMED = (
    "the plan is carried out whole, and nothing is changed by other hands",
    "network ACLs that the plan does not show let everything through, as the default one does",
)
_GROUPS = ("aws_security_group", "aws_default_security_group")
_ACLS = ("aws_network_acl", "aws_default_network_acl")


def read_aws(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the instances of every plan or state."""
    for document in documents:
        if document.kind is DocumentKind.TERRAFORM_PLAN:
            plan = read_plan(document)
            for instance in plan.of("aws_instance"):
                yield _governed(plan, instance)


def _governed(plan: Plan, instance: Resource) -> Governed:
    subnets, known = plan.linked(instance, "subnet_id", "aws_subnet")
    subnet = subnets[0] if known and len(subnets) == 1 else None
    networks, shown = plan.linked(subnet, "vpc_id", *NETWORKS) if subnet is not None else ((), False)
    network = networks[0] if shown and len(networks) == 1 else None
    others = tuple(further_interfaces(plan, instance))
    layers: list[Layer] = []
    for dialect, strength, rules in (
        ("AWS security groups", Strength.NETWORK_POLICY, _groups(plan, instance, network)),
        ("AWS routes", Strength.NO_ROUTE, _routes(plan, instance, subnet)),
        *(("AWS network ACL", Strength.NETWORK_POLICY, rules) for rules in _acls(plan, subnet, network)),
    ):
        layers.append(layer(plan, dialect, strength, (*others, *rules), instance.location, _ASSUMED))
    tags = instance.get("tags")
    names = (instance.address.rpartition("aws_instance.")[2], text(tags, "Name"))
    subject = Subject(instance.address, tuple(n for n in names if n), instance.location)
    found = doors(plan, layers, lambda e: plan.links(e, "vpc_id", network) if network else Truth.UNKNOWN, "aws_vpc_endpoint")
    return Governed(subject, tuple(layers), resolver=_resolver(plan, instance, network), doors=found)


def _groups(plan: Plan, instance: Resource, network: Resource | None) -> Iterator[FilterRule]:
    """Yield the rules of all groups of an instance as one list: what any allows is allowed."""
    groups, known = plan.linked(instance, "vpc_security_group_ids", *_GROUPS)
    yield from always_there(instance, "security groups do not stop it", network)
    for group in groups:
        yield from group_rules(plan, group)
    if not known or not groups:
        unseen = "a security group that the plan does not show"
        which = unseen if groups or not known else "the default security group of its network"
        yield unread(f"{instance.address} is in {which}", instance.location)
    for link in plan.of("aws_network_interface_sg_attachment"):
        if _is_of(plan, link, instance) is not Truth.NO:
            yield unread(f"{link.address} may put {instance.address} into a further group", link.location)


def _is_of(plan: Plan, link: Resource, instance: Resource) -> Truth:
    """Return whether an attachment is of the interface of an instance."""
    named, own = (text(r.node, k) for r, k in ((link, "network_interface_id"), (instance, "primary_network_interface_id")))
    return Truth.of(named == own) if named and own else plan.links(link, "network_interface_id", instance)


def _acls(plan: Plan, subnet: Resource | None, network: Resource | None) -> Iterator[tuple[FilterRule, ...]]:
    """Yield the rules of the ACL of a subnet; what stays in the subnet meets none (source: "Network ACL basics")."""
    found = _acls_of(plan, subnet) if subnet is not None else ()
    if subnet is None or not found:
        return
    block = parse_block(text(subnet.node, "cidr_block"))
    near: Condition = Both((PRIVATE_ADDRESSES, Perhaps(f"addresses of {subnet.address}")))
    if block is not None:
        near = Addresses({block.family: block.spans})
    inside = FilterRule(near, Verdict.ACCEPT, "", f"{subnet.address}: what stays in it meets no network ACL", subnet.location)
    first = (*always_there(subnet, "network ACLs do not stop it", network), inside)
    if len(found) > 1 or found[0][1] is not Truth.YES:
        yield (
            *first,
            *(unread(f"whether {acl.address} is that of {subnet.address} is {LATER}", acl.location) for acl, _ in found),
        )
        return
    yield (*first, *acl_rules(plan, found[0][0]))


def _acls_of(plan: Plan, subnet: Resource) -> tuple[tuple[Resource, Truth], ...]:
    """Return the ACLs that a subnet surely or possibly has; later associations take the place of earlier ones."""
    found = {acl.address: (acl, plan.links(acl, "subnet_ids", subnet)) for acl in plan.of(*_ACLS)}
    for link in plan.of("aws_network_acl_association"):
        truth = plan.links(link, "subnet_id", subnet)
        named, known = plan.linked(link, "network_acl_id", *_ACLS)
        for acl in named if truth is not Truth.NO else ():
            found[acl.address] = (acl, truth if known else Truth.UNKNOWN)
    return tuple(
        each for each in found.values() if each[1] is Truth.YES or (each[1] is Truth.UNKNOWN and _given_subnets(each[0]))
    )


def _given_subnets(acl: Resource) -> bool:
    return acl.says("subnet_ids") or acl.get("subnet_ids") is not None


def _routes(plan: Plan, instance: Resource, subnet: Resource | None) -> Iterator[FilterRule]:
    rules = table_rules(plan, subnet) if subnet is not None else None
    yield from always_there(instance, "it needs no route", None)[:1]
    yield from rules or (unread(f"the plan does not show the routes of {instance.address}", instance.location),)


def _resolver(plan: Plan, instance: Resource, network: Resource | None) -> Resolver:
    """Return the Route 53 Resolver, which every network has unless it is switched off, and which rules of groups do not stop."""
    if network is not None and text(network.node, "enable_dns_support") == "false":
        return Resolver(Truth.NO, f"{network.address} has no resolver (enable_dns_support)", network.location)
    guard = next(plan.of("aws_route53_resolver_firewall_rule_group_association"), None)
    if guard is not None:
        why = f"what {guard.address} lets the Route 53 Resolver answer is not read"
        return Resolver(Truth.UNKNOWN, why, guard.location)
    why = f"{instance.address} may ask the Route 53 Resolver, which asks others and which security groups do not stop"
    return Resolver(Truth.YES, why, instance.location)
