"""Networks of AWS (VPC): their blocks, their resolver, the interfaces of instances, and what is there whatever rules say.

Sources: Amazon VPC User Guide, "VPC CIDR blocks", "Amazon DNS server" (the base of the network's block plus two), "Network ACL
basics" and "Security groups" (neither stops the resolver, metadata, time and their like), read in November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, PRIVATE, Range, parse_block
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import unread
from auditor.network.connections import connections
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.terms import family
from auditor.network.nodes import text
from auditor.network.spans import Spans

NETWORKS = ("aws_vpc", "aws_default_vpc")
PRIVATE_ADDRESSES = Addresses({f: Spans.of(pair for r in PRIVATE if r.family == f for pair in r.spans.pairs) for f in FAMILIES})
_FOUR, _SIX = FAMILIES
_LINK_LOCAL = ("169.254.0.0/16", "fd00:ec2::/32")
_QUESTIONS = Traffic(connections("TCP", Spans(((53, 53),))) | connections("UDP", Spans(((53, 53),))))
_RESOLVER = 2
"""Which address of a network's block is the resolver's."""
_MORE_BLOCKS = {"aws_vpc_ipv4_cidr_block_association": "cidr_block", "aws_vpc_ipv6_cidr_block_association": "ipv6_cidr_block"}


def always_there(place: Resource, why: str, network: Resource | None) -> tuple[FilterRule, ...]:
    """Return rules for the services that are reached whatever groups, ACLs and routes say (facts H7)."""
    found = [b for b in map(parse_block, _LINK_LOCAL) if b is not None]
    local = FilterRule(
        Addresses({b.family: b.spans for b in found}),
        Verdict.ACCEPT,
        "",
        f"metadata, names and time of AWS: {why}",
        place.location,
    )
    if network is not None and text(network.node, "enable_dns_support") == "false":
        return (local,)
    block = parse_block(text(network.node, "cidr_block")) if network is not None else None
    where: Condition = Both((PRIVATE_ADDRESSES, Perhaps("which address the network's resolver has")))
    if block is not None:
        at = block.first + _RESOLVER
        where = Addresses({block.family: Spans(((at, at),))})
    return local, FilterRule(Both((where, _QUESTIONS)), Verdict.ACCEPT, "", f"the resolver of the network: {why}", place.location)


def blocks(plan: Plan, network: Resource) -> tuple[tuple[Range, ...], tuple[int, ...]]:
    """Return the blocks of a network, and the families of which it may have others."""
    known: list[Range] = []
    later: set[int] = set()
    sources = [(network, "cidr_block", _FOUR), (network, "ipv6_cidr_block", _SIX)]
    for kind, key in _MORE_BLOCKS.items():
        linked = ((link, plan.links(link, "vpc_id", network)) for link in plan.of(kind))
        sources += [(link, key, _FOUR if key == "cidr_block" else _SIX) for link, truth in linked if truth is not Truth.NO]
    for resource, key, number in sources:
        block = parse_block(text(resource.node, key))
        asked = resource is not network or number == _FOUR or text(resource.node, "assign_generated_ipv6_cidr_block") == "true"
        if block is not None:
            known.append(block)
        elif asked or resource.says(key):
            later.add(number)
    return tuple(known), tuple(sorted(later))


def addresses(plan: Plan, network: Resource) -> Condition:
    """Return the condition that a destination lies in a network; what of its blocks is not known yet may be any."""
    known, later = blocks(plan, network)
    spans = {f: Spans.of(pair for b in known if b.family == f for pair in b.spans.pairs) for f in FAMILIES}
    others = (Both((family(f), Perhaps(f"which blocks {network.address} gets"))) for f in later)
    return Either((Addresses(spans), *others))


def members(plan: Plan) -> Condition:
    """Return where members of a security group may be: at private addresses, or in any network of the plan.

    Their IPv6 addresses are global ones; only where every network that is shown has none can they have none.
    """
    shown = tuple(plan.of(*NETWORKS))
    six = not shown or any(not plan.linked(s, "vpc_id", *NETWORKS)[1] for s in plan.of("aws_subnet"))
    places: list[Condition] = [PRIVATE_ADDRESSES, *(addresses(plan, n) for n in shown), *([family(_SIX)] if six else [])]
    return Both((Either(tuple(places)), Perhaps("members of a security group")))


def further_interfaces(plan: Plan, instance: Resource) -> Iterator[FilterRule]:
    """Yield for each interface that an instance may have besides its first one that other rules hold there."""
    blocks_ = ("network_interface", "secondary_network_interface")
    listed = [i for key in blocks_ if (i := instance.get(key)) is not None and i.items]
    if listed or any(instance.says(key) and instance.unsaid(key) for key in blocks_):
        yield unread(
            f"{instance.address} has interfaces of their own, with groups and subnets that are not read", instance.location
        )
    for link in plan.of("aws_network_interface_attachment"):
        if plan.links(link, "instance_id", instance) is not Truth.NO:
            yield unread(f"{link.address} may give {instance.address} another interface", link.location)
    for interface in plan.of("aws_network_interface"):
        attached = interface.get("attachment")
        if (attached is not None and attached.items) or interface.open("attachment"):
            yield unread(f"{interface.address} may be attached to {instance.address}", interface.location)
