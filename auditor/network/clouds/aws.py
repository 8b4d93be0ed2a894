"""Instances of AWS with the security groups, network ACLs and routes on their way out (facts H7, H8, H10).

Sources: Amazon VPC User Guide, "Security groups" (allow rules only, united over all groups, stateful; they do not stop the
Route 53 Resolver, instance metadata and the like), "Network ACLs" (by number, first match), "Route tables" (longest prefix, the
local route), "Gateway endpoints"; Terraform's AWS provider, ``aws_security_group`` (it takes away the rule that allows all).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.clouds.aws_rules import acl_rules, group_rules, link_local, route_rules
from auditor.network.clouds.plan import Plan, Resource, read_plan
from auditor.network.clouds.traffic import unread
from auditor.network.layers import Governed, Layer, Resolver, Subject
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text
from auditor.network.ordered_rules import OrderedRules

_ASSUMED = (
    "the plan is carried out whole, and nothing is changed by other hands",
    "network ACLs that the plan does not show let everything through, as the default one does",
)


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
    layers: list[Layer] = [_groups(plan, instance), _routes(plan, instance, subnet)]
    acls = _acls(plan, subnet) if subnet is not None else ()
    layers += [_acl(plan, acl) for acl in acls]
    tags = instance.get("tags")
    names = (instance.address.rpartition("aws_instance.")[2], text(tags, "Name"))
    subject = Subject(instance.address, tuple(n for n in names if n), instance.location)
    return Governed(subject, tuple(layers), resolver=_resolver(plan, instance, subnet))


def _groups(plan: Plan, instance: Resource) -> OrderedRules:
    """Return all groups of an instance as one: what any allows is allowed."""
    groups, known = plan.linked(instance, "vpc_security_group_ids", "aws_security_group", "aws_default_security_group")
    rules: list[FilterRule] = [link_local(instance, "security groups do not stop it")]
    for group in groups:
        rules += group_rules(plan, group)
    if not known or not groups:
        which = (
            "a security group that the plan does not show" if groups or not known else "the default security group of its network"
        )
        rules.append(unread(f"{instance.address} is in {which}", instance.location))
    return OrderedRules("AWS security groups", Strength.NETWORK_POLICY, tuple(rules), Verdict.DROP, instance.location, _ASSUMED)


def _acls(plan: Plan, subnet: Resource) -> tuple[Resource, ...]:
    found = [acl for acl in plan.of("aws_network_acl") if subnet in plan.linked(acl, "subnet_ids", "aws_subnet")[0]]
    for link in plan.of("aws_network_acl_association"):
        if subnet in plan.linked(link, "subnet_id", "aws_subnet")[0]:
            found += plan.linked(link, "network_acl_id", "aws_network_acl")[0]
    return tuple(found)


def _acl(plan: Plan, acl: Resource) -> OrderedRules:
    return OrderedRules("AWS network ACL", Strength.NETWORK_POLICY, acl_rules(plan, acl), Verdict.DROP, acl.location, _ASSUMED)


def _routes(plan: Plan, instance: Resource, subnet: Resource | None) -> OrderedRules:
    rules = _table_rules(plan, subnet) if subnet is not None else None
    if rules is None:
        rules = (unread(f"the plan does not show the routes of {instance.address}", instance.location),)
    local = link_local(instance, "it needs no route")
    return OrderedRules("AWS routes", Strength.NO_ROUTE, (local, *rules), Verdict.DROP, (subnet or instance).location, _ASSUMED)


def _table_rules(plan: Plan, subnet: Resource) -> tuple[FilterRule, ...] | None:
    """Return the routes of a subnet: its table's, else those of its network's main table; ``None`` where neither is shown."""
    networks, known = plan.linked(subnet, "vpc_id", "aws_vpc", "aws_default_vpc")
    network = networks[0] if known and len(networks) == 1 else None
    for link in plan.of("aws_route_table_association"):
        if subnet in plan.linked(link, "subnet_id", "aws_subnet")[0]:
            tables, whole = plan.linked(link, "route_table_id", "aws_route_table", "aws_default_route_table")
            return route_rules(plan, tables[0], network) if whole and tables else None
    if network is None:
        return None
    for link in plan.of("aws_main_route_table_association"):
        if network in plan.linked(link, "vpc_id", "aws_vpc")[0]:
            tables, whole = plan.linked(link, "route_table_id", "aws_route_table")
            return route_rules(plan, tables[0], network) if whole and tables else None
    for table in plan.of("aws_default_route_table"):
        if table.module == network.module:
            return route_rules(plan, table, network)
    return route_rules(plan, None, network)


def _resolver(plan: Plan, instance: Resource, subnet: Resource | None) -> Resolver:
    """Return the Route 53 Resolver, which every network has unless it is switched off, and which rules of groups do not stop."""
    networks = plan.linked(subnet, "vpc_id", "aws_vpc")[0] if subnet is not None else ()
    off = [n for n in networks if text(n.node, "enable_dns_support") == "false"]
    if off:
        return Resolver(Truth.NO, f"{off[0].address} has no resolver (enable_dns_support)", off[0].location)
    guard = next(plan.of("aws_route53_resolver_firewall_rule_group_association"), None)
    if guard is not None:
        why = f"what {guard.address} lets the Route 53 Resolver answer is not read"
        return Resolver(Truth.UNKNOWN, why, guard.location)
    why = f"{instance.address} may ask the Route 53 Resolver, which asks others and which security groups do not stop"
    return Resolver(Truth.YES, why, instance.location)
