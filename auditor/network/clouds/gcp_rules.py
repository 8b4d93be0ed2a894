"""Firewall rules of Google Cloud: those of networks, and those of policies, as conditions on what one interface sends.

Sources: Google Cloud documentation, "VPC firewall rules", "Firewall policy rules" (read in November 2026).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.documents import Node
from auditor.facts.truth import Truth
from auditor.network.addresses import parse_block
from auditor.network.clouds.gcp_network import Interface
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import ANY, LATER, blocks, later, ports_of, unread
from auditor.network.netfilter.conditions import Both, Condition, Either, Perhaps
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.terms import family
from auditor.network.nodes import text

ANYWHERE = Either((family(4), Both((family(6), Perhaps("whether a rule without a destination takes IPv6")))))
"""Where a rule leads that names no destination: 0.0.0.0/0, and a rule is of one address family."""
_ACTIONS = {"allow": Verdict.ACCEPT, "deny": Verdict.DROP, "goto_next": Verdict.RETURN}
_DEFAULT = 1000
_FURTHER = ("dest_fqdns", "dest_region_codes", "dest_threat_intelligences", "dest_address_groups")
_NARROWER = (
    *("dest_network_type", "dest_network_scope", "dest_network_context", "src_network_type", "src_network_scope"),
    *("src_network_context", "src_networks", "src_fqdns", "src_region_codes", "src_threat_intelligences"),
    *("src_address_groups", "src_secure_tags"),
)


def network_rules(plan: Plan, interface: Interface) -> list[FilterRule]:
    """Return the rules of an interface's network by priority, a denial before an allowance of the same."""
    found = [item for rule in plan.of("google_compute_firewall") for item in _network_rule(rule, interface)]
    return [rule for _, _, rule in sorted(found, key=lambda f: f[:2])]


def _network_rule(rule: Resource, interface: Interface) -> Iterator[tuple[int, int, FilterRule]]:
    direction = text(rule.node, "direction")
    if rule.open("direction") or rule.open("priority") or rule.open("disabled"):
        yield -1, 0, unread(f"{rule.address}: its direction, priority or whether it counts is {LATER}", rule.location)
        return
    if direction != "EGRESS" or text(rule.node, "disabled") == "true":
        return
    meant = _targets(rule, interface)
    if meant is None:
        return
    priority = int(text(rule.node, "priority") or _DEFAULT)
    where = _where(rule.node, rule.unknown, "destination_ranges", ())
    for key, verdict in (("deny", Verdict.DROP), ("allow", Verdict.ACCEPT)):
        listed, marks = rule.get(key), rule.mark(key)
        if marks is not None and marks.text == "true":
            yield priority, 0, unread(f"{rule.address}: what it takes is {LATER}", rule.location)
        for number, item in enumerate(listed.items if listed is not None else ()):
            taken = _traffic(item, marks.at(number) if marks is not None else None, "protocol")
            condition = Both((meant, where, sources(rule.node, rule.unknown, "source_ranges", interface), taken))
            words = f"{rule.address}, priority {priority}, {key}"
            yield priority, verdict is Verdict.ACCEPT, FilterRule(condition, verdict, "", words, rule.document.locate(item))


def _targets(rule: Resource, interface: Interface) -> Condition | None:
    """Return whether a rule is meant for an interface: by network, and by tag where it names tags; ``None`` when it is not."""
    here = interface.lies_in(rule)
    listed = rule.get("target_tags")
    tags = {i.text for i in listed.items} if listed is not None else set()
    if here is Truth.NO or (tags and interface.tags is not None and not tags & interface.tags and not rule.open("target_tags")):
        return None
    accounts = rule.get("target_service_accounts")
    others = (accounts is not None and accounts.items) or rule.open("target_service_accounts") or rule.open("target_tags")
    if here is Truth.UNKNOWN or others or (tags and interface.tags is None):
        return Perhaps("whether its network and targets are this instance's")
    return ANY


def policy_rule(
    owner: Resource, node: Node, mark: Node | None, interface: Interface, *, sure: Truth
) -> Iterator[tuple[int, FilterRule]]:
    """Yield (priority, rule) for one rule of a policy that is, or may be, on the way; ``goto_next`` returns to the next level."""
    place = owner.document.locate(node)
    priority, action = text(node, "priority"), text(node, "action").lower()
    words = f"{owner.address}, priority {priority}, {action or 'without action'}"
    if later(mark, "direction", "priority", "disabled", "action"):
        yield -1, unread(f"{words}: its direction, priority, action or whether it counts is {LATER}", place)
        return
    if text(node, "direction") != "EGRESS" or text(node, "disabled") == "true":
        return
    match = node.get("match")
    asked = match.items[0] if match is not None and match.items else match
    marks = mark.at("match", 0) if mark is not None else None
    verdict = _ACTIONS.get(action, Verdict.UNREAD)
    parts = [*_policy_targets(node, mark, interface), *_matched(asked, marks, interface)]
    if sure is not Truth.YES:
        parts.append(Perhaps("whether the policy is that of the instance's network, folder or organisation"))
    if asked is None:
        parts.append(Perhaps("what it takes"))
    number = int(priority) if priority.isdecimal() else -1
    yield number, FilterRule(Both(tuple(parts)), verdict if number >= 0 else Verdict.UNREAD, words, words, place)


def _policy_targets(node: Node, mark: Node | None, interface: Interface) -> Iterator[Condition]:
    if later(mark, "target_resources", "target_service_accounts", "target_secure_tags"):
        yield Perhaps(f"its targets are {LATER}")
    resources = node.get("target_resources")
    if resources is not None and resources.items:
        names = {i.text.rpartition("/")[2] for i in resources.items}
        yield (
            Perhaps("whether its targets are this instance's network")
            if interface.name in names or not interface.name
            else Either(())
        )
    for key in ("target_service_accounts", "target_secure_tags", "target_secure_tag"):
        given = node.get(key)
        if given is not None and given.items:
            yield Perhaps("whether its targets are this instance")


def _matched(asked: Node | None, mark: Node | None, interface: Interface) -> Iterator[Condition]:
    if asked is None:
        return
    yield _where(asked, mark, "dest_ip_ranges", _FURTHER)
    yield sources(asked, mark, "src_ip_ranges", interface)
    for key in _NARROWER:
        value = asked.get(key)
        if later(mark, key) or (value is not None and (value.text or value.items)):
            yield Perhaps(f"its condition {key}")
    for key in ("layer4_configs", "layer4_config"):
        listed, marks = asked.get(key), mark.get(key) if mark is not None else None
        if marks is not None and marks.text == "true":
            yield Perhaps(f"its protocols are {LATER}")
        elif listed is not None:
            each = [_traffic(i, marks.at(n) if marks is not None else None, "ip_protocol") for n, i in enumerate(listed.items)]
            yield Either(tuple(each)) if each else ANY


def _where(node: Node, mark: Node | None, key: str, further: tuple[str, ...]) -> Condition:
    """Return the destinations of a rule: any of its blocks, names, groups; anywhere where it has none."""
    listed = node.get(key)
    found = list(blocks(listed, open_=later(mark, key)))
    for other in further:
        given = node.get(other)
        if later(mark, other) or (given is not None and given.items):
            found.append(Perhaps(f"its destinations by {other}"))
    return Either(tuple(found)) if found else ANYWHERE


def sources(node: Node, mark: Node | None, key: str, interface: Interface) -> Condition:
    """Return whether a rule takes what an interface sends: an egress rule may name ranges of sources too."""
    if later(mark, key):
        return Perhaps(f"its sources are {LATER}")
    listed = node.get(key)
    if listed is None or not listed.items:
        return ANY
    taken: list[Condition] = []
    for item in listed.items:
        block = parse_block(item.text)
        near = [b for b in interface.own if block is not None and b.family == block.family]
        if block is None or not near or any(block.spans & b.spans and not block.spans.covers(b.spans) for b in near):
            number = family(block.family) if block is not None else ANY
            taken.append(Both((number, Perhaps("whether its source is this instance"))))
        elif any(block.spans.covers(b.spans) for b in near):
            taken.append(family(block.family))
    return Either(tuple(taken))


def _traffic(item: Node, mark: Node | None, key: str) -> Condition:
    if later(mark, key, "ports"):
        return Perhaps(f"its protocol or port is {LATER}")
    listed = item.get("ports")
    return ports_of(text(item, key), [p.text for p in (listed.items if listed is not None else ())])
