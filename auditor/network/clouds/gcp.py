"""Instances of Google Cloud with the firewall rules of their network (facts H9, H10).

Sources: Google Cloud documentation, "VPC firewall rules": egress is allowed where no rule says otherwise, the lowest priority
number counts first, a denial before an allowance of the same priority, the metadata server is always reached. Firewall policies
stand above these rules and are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from auditor.documents import Document, DocumentKind, Node
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import parse_block
from auditor.network.clouds.plan import Plan, Resource, is_open, read_plan
from auditor.network.clouds.traffic import ANY, blocks, ports_of, unread
from auditor.network.layers import Governed, Resolver, Subject
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.terms import family
from auditor.network.nodes import text
from auditor.network.ordered_rules import OrderedRules

_ASSUMED = (
    "the plan is carried out whole, and nothing is changed by other hands",
    "routes and address translation are not read, and taken to lead out: no denial rests on them",
    "no firewall policy of the organisation or a folder that the plan does not show allows what is denied",
)
_ANYWHERE = Either((family(4), Both((family(6), Perhaps("whether a rule without a destination takes IPv6")))))
"""Where a rule leads that names no destination: 0.0.0.0/0, and a rule is of one address family."""
_POLICIES = ("google_compute_firewall_policy_rule", "google_compute_network_firewall_policy_rule")
_POLICIES_WHOLE = (
    *_POLICIES,
    "google_compute_region_network_firewall_policy_rule",
    "google_compute_organization_security_policy_rule",
    "google_compute_firewall_policy_with_rules",
    "google_compute_network_firewall_policy_with_rules",
    "google_compute_region_network_firewall_policy_with_rules",
)
_DEFAULT = 1000


def read_gcp(documents: Sequence[Document], platform: Mapping[str, str]) -> Iterator[Governed]:  # noqa: ARG001 -- as all readers
    """Yield the instances of every plan or state."""
    for document in documents:
        if document.kind is DocumentKind.TERRAFORM_PLAN:
            plan = read_plan(document)
            for instance in plan.of("google_compute_instance"):
                yield _governed(plan, instance)


def _governed(plan: Plan, instance: Resource) -> Governed:
    place = instance.location
    metadata = parse_block("169.254.169.254")
    first = Addresses({4: metadata.spans}) if metadata is not None else ANY
    rules = [FilterRule(first, Verdict.ACCEPT, "", "the metadata server is always reached", place)]
    rules += [unread(f"{r.address}: firewall policies are not read", r.location) for r in plan.of(*_POLICIES_WHOLE)]
    found = [
        item for r in plan.of("google_compute_firewall") if text(r.node, "direction") == "EGRESS" for item in _rules(r, instance)
    ]
    rules += [rule for _, _, rule in sorted(found, key=lambda f: f[:2])]
    layer = OrderedRules("Google Cloud firewall", Strength.NETWORK_POLICY, tuple(rules), Verdict.ACCEPT, place, _ASSUMED)
    names = (instance.address.rpartition("google_compute_instance.")[2], text(instance.node, "name"))
    why = f"{instance.address} may ask the metadata server's resolver, which asks others and which firewall rules do not stop"
    subject = Subject(instance.address, tuple(n for n in dict.fromkeys(names) if n), place)
    return Governed(subject, (layer,), restricts=bool(found), resolver=Resolver(Truth.YES, why, place))


def _rules(rule: Resource, instance: Resource) -> Iterator[tuple[int, int, FilterRule]]:
    """Yield (priority, denials first, rule) for what a firewall resource says of an instance."""
    if text(rule.node, "disabled") == "true":
        return
    meant = _targets(rule, instance)
    if meant is None:
        return
    priority = int(text(rule.node, "priority") or _DEFAULT)
    if rule.open("priority"):
        yield -1, 0, unread(f"{rule.address}: its priority is known only after the run", rule.location)
        return
    where = (
        Either(tuple(blocks(rule.get("destination_ranges"), open_=rule.open("destination_ranges"))))
        if _given(rule)
        else _ANYWHERE
    )
    for key, verdict in (("deny", Verdict.DROP), ("allow", Verdict.ACCEPT)):
        listed = rule.get(key)
        for item in listed.items if listed is not None else ():
            condition = Both((meant, where, _traffic(item, open_=rule.open(key))))
            words = f"{rule.address}, priority {priority}, {key}"
            yield priority, verdict is Verdict.ACCEPT, FilterRule(condition, verdict, "", words, rule.document.locate(item))


def _given(rule: Resource) -> bool:
    listed = rule.get("destination_ranges")
    return rule.open("destination_ranges") or (listed is not None and bool(listed.items))


def _targets(rule: Resource, instance: Resource) -> Condition | None:
    """Return whether a rule is meant for an instance: by network, and by tag where it names tags; ``None`` when it is not."""
    accounts = rule.get("target_service_accounts")
    if (accounts is not None and accounts.items) or rule.open("target_service_accounts") or rule.open("target_tags"):
        return Perhaps("whether its targets are this instance")
    tags, own = (
        {i.text for i in listed.items} if listed is not None else set()
        for listed in (rule.get("target_tags"), instance.get("tags"))
    )
    if tags and not tags & own:
        return Perhaps("whether its targets are this instance") if instance.open("tags") else None
    interfaces = instance.get("network_interface")
    there = {text(i, "network").rpartition("/")[2] for i in (interfaces.items if interfaces is not None else ())} - {""}
    named = text(rule.node, "network").rpartition("/")[2]
    if named and there:
        return ANY if named in there else None
    return Perhaps("whether its network is this instance's")


def _traffic(item: Node, *, open_: bool) -> Condition:
    if open_ and is_open(item):
        return Perhaps("protocol or port is known only after the run")
    listed = item.get("ports")
    return ports_of(text(item, "protocol"), [p.text for p in (listed.items if listed is not None else ())])
