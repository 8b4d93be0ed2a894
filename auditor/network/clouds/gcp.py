"""Instances of Google Cloud with the firewall rules, policies and routes on their way out (facts H8, H9, H10).

Sources: Google Cloud documentation, "VPC firewall rules": egress is allowed where no rule says otherwise, the lowest priority
number counts first, a denial before an allowance of the same priority, the metadata server is always reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, parse_block
from auditor.network.clouds.doors import doors
from auditor.network.clouds.gcp_network import Interface, interfaces
from auditor.network.clouds.gcp_policies import jumps, levels, unplaced
from auditor.network.clouds.gcp_routes import INTERNET, route_rules
from auditor.network.clouds.plan import Plan, Resource, read_plan
from auditor.network.clouds.traffic import unread
from auditor.network.layers import Governed, OneOf, Resolver, Subject
from auditor.network.netfilter.conditions import Addresses
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text
from auditor.network.ordered_rules import OrderedRules
from auditor.network.spans import Spans

_ASSUMED = (
    "the plan is carried out whole, and nothing is changed by other hands",
    "no firewall policy of the organisation or a folder that the plan does not show allows what is denied",
)
_UNROUTED = "routes of a network that the plan does not make are taken to lead out: no denial rests on them"
_ENDPOINTS = ("google_compute_forwarding_rule", "google_compute_global_forwarding_rule")
_METADATA = ("169.254.169.254", "fd20:ce::254")


def read_gcp(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the instances of every plan or state."""
    for document in documents:
        if document.kind is DocumentKind.TERRAFORM_PLAN:
            plan = read_plan(document)
            for instance in plan.of("google_compute_instance"):
                yield _governed(plan, instance)


def _governed(plan: Plan, instance: Resource) -> Governed:
    place = instance.location
    ways = [tuple(_interface(plan, interface)) for interface in interfaces(plan, instance)]
    layers = ways[0] if len(ways) == 1 else (OneOf("one of several interfaces", tuple(ways)),)
    names = (instance.address.rpartition("google_compute_instance.")[2], text(instance.node, "name"))
    why = f"{instance.address} may ask the metadata server's resolver, which asks others and which firewall rules do not stop"
    subject = Subject(instance.address, tuple(n for n in dict.fromkeys(names) if n), place)
    restricts = any(_stops(layer) for way in ways for layer in way)
    found = doors(plan, layers, lambda _: Truth.UNKNOWN, *_ENDPOINTS)
    return Governed(subject, layers, restricts=restricts, resolver=Resolver(Truth.YES, why, place), doors=found)


def _stops(layer: OrderedRules) -> bool:
    rules = (*layer.rules, *(rule for _, more in layer.others for rule in more))
    return any(rule.verdict in (Verdict.DROP, Verdict.UNREAD) for rule in rules)


def _interface(plan: Plan, interface: Interface) -> Iterator[OrderedRules]:
    place, assumed = interface.instance.location, (*_ASSUMED, *(() if interface.network is not None else (_UNROUTED,)))
    cut = () if plan.cut is None else (unread(*plan.cut),)
    found = list(levels(plan, interface))
    rules = (*cut, _metadata(place), *unplaced(plan), *jumps(found, interface.instance))
    others = tuple((level.name, level.rules) for level in found)
    yield OrderedRules("Google Cloud firewall", Strength.NETWORK_POLICY, rules, Verdict.ACCEPT, place, assumed, others)
    if interface.network is not None:
        routes, gateway = route_rules(plan, interface, interface.network)
        given = (*cut, _metadata(place), *routes)
        yield OrderedRules("Google Cloud routes", Strength.NO_ROUTE, given, Verdict.DROP, place, assumed, ((INTERNET, gateway),))


def _metadata(place: FileLocation) -> FilterRule:
    found = [b for b in map(parse_block, _METADATA) if b is not None]
    where = {f: Spans.of(p for b in found if b.family == f for p in b.spans.pairs) for f in FAMILIES}
    return FilterRule(Addresses(where), Verdict.ACCEPT, "", "the metadata server is always reached", place)
