"""Firewall policies of Google Cloud: of the organisation, of folders, and of networks, in the order in which they are asked.

Source: Google Cloud documentation, "Evaluation order for firewall policies and rules" (read in November 2026): the organisation's
policy, those of folders from the top down, then the network's own rules before its global and regional policies, or, with the
order BEFORE_CLASSIC_FIREWALL, after them; ``goto_next`` and what no rule takes go on to the next level.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.truth import Truth
from auditor.network.clouds.gcp_network import Interface
from auditor.network.clouds.gcp_rules import network_rules, policy_rule
from auditor.network.clouds.plan import Plan, Resource
from auditor.network.clouds.traffic import ANY, LATER, unread
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.nodes import text

_DEEPEST = 10
"""Folders in folders: Google Cloud allows ten levels."""
_ABOVE = ("google_compute_firewall_policy_association", "google_compute_firewall_policy", "google_compute_firewall_policy_rule")
_GLOBAL = (
    "google_compute_network_firewall_policy_association",
    "google_compute_network_firewall_policy",
    "google_compute_network_firewall_policy_rule",
)
_REGIONAL = (
    "google_compute_region_network_firewall_policy_association",
    "google_compute_region_network_firewall_policy",
    "google_compute_region_network_firewall_policy_rule",
)
_ORDER = "network_firewall_policy_enforcement_order"
_WITH_RULES = "_with_rules"
_LEGACY = ("google_compute_organization_security_policy_rule", "google_compute_organization_security_policy_association")


@dataclass(frozen=True, slots=True)
class Level:
    """The rules of one level; what none takes goes on to the next."""

    name: str
    rules: tuple[FilterRule, ...]


def levels(plan: Plan, interface: Interface) -> Iterator[Level]:
    """Yield all levels that an interface's packets pass, in their order."""
    legacy = tuple(unread(f"{r.address}: policies of this old form are not read", r.location) for r in plan.of(*_LEGACY))
    if legacy:
        yield Level("organisation security policies", legacy)
    yield from _hierarchical(plan, interface)
    own = Level("VPC firewall rules", tuple(network_rules(plan, interface)))
    policies = [level for kinds in (_GLOBAL, _REGIONAL) for level in _of_network(plan, interface, kinds)]
    network = interface.network
    order = text(network.node, _ORDER) if network is not None else ""
    if order == "BEFORE_CLASSIC_FIREWALL":
        yield from (*policies, own)
    elif order == "AFTER_CLASSIC_FIREWALL" or not policies or (network is not None and not network.open(_ORDER)):
        yield from (own, *policies)
    else:
        # Which of both comes first is a setting of a network that is not shown: what either takes may be decided by the other.
        why = "whether rules of the network or its firewall policies are asked first is not in the plan"
        doubted = tuple(unread(f"{r.text}: {why}", r.location) for level in policies for r in level.rules)
        yield Level(own.name, (*doubted[:1], *own.rules))
        yield from policies


def _hierarchical(plan: Plan, interface: Interface) -> Iterator[Level]:
    """Yield the policies of the organisation and of folders, the highest first; those of unknown place in doubt, before all."""
    above, complete = _ancestors(plan, interface.project)
    placed: list[tuple[int, Level]] = []
    for link in plan.of(_ABOVE[0]):
        target = text(link.node, "attachment_target")
        named = _node_of(plan, link, target)
        known = named in above
        if named and complete and not known:
            continue
        rank = above.index(named) if known else -1
        for policy, sure in _policies(plan, link, "firewall_policy", _ABOVE[1]):
            truth = sure if known else Truth.UNKNOWN
            placed.append(
                (rank, Level(f"{link.address}", _rules(plan, policy, _ABOVE[2], "firewall_policy", interface, truth, link)))
            )
    yield from (level for _, level in sorted(placed, key=lambda p: p[0]))


def _node_of(plan: Plan, link: Resource, target: str) -> str:
    """Return what a policy is attached to (``folders/1``, ``organizations/2``), empty where that is not known."""
    if target:
        return target if "/" in target else f"folders/{target}"
    folders, known = plan.linked(link, "attachment_target", "google_folder")
    return folders[0].address if known and len(folders) == 1 else ""


def _ancestors(plan: Plan, project: str) -> tuple[list[str], bool]:
    """Return organisation and folders above a project, the highest first, and whether these are all that there are."""
    found = [p for p in plan.of("google_project") if project and text(p.node, "project_id") == project]
    if len(found) != 1:
        return [], False
    path: list[str] = []
    organisation, folder = text(found[0].node, "org_id"), text(found[0].node, "folder_id")
    step = f"organizations/{organisation}" if organisation else f"folders/{folder.removeprefix('folders/')}" if folder else ""
    linked, known = plan.linked(found[0], "folder_id", "google_folder")
    current = linked[0] if known and len(linked) == 1 else None
    while (step or current is not None) and len(path) <= _DEEPEST:
        current = current or next(
            (f for f in plan.of("google_folder") if step in (text(f.node, "id"), text(f.node, "name"))), None
        )
        path.append(step if current is None else step or current.address)
        if current is None:
            break
        step = text(current.node, "parent")
        parents, shown = plan.linked(current, "parent", "google_folder")
        current = parents[0] if shown and len(parents) == 1 else None
    return path[::-1], bool(path) and path[-1].startswith("organizations/")


def _of_network(plan: Plan, interface: Interface, kinds: tuple[str, str, str]) -> Iterator[Level]:
    for link in plan.of(kinds[0]):
        here = interface.lies_in(link, "attachment_target")
        region = text(link.node, "region")
        zone = text(interface.instance.node, "zone").rpartition("/")[2]
        if here is Truth.NO or (region and zone and not zone.startswith(f"{region.rpartition('/')[2]}-")):
            continue
        for policy, sure in _policies(plan, link, "firewall_policy", kinds[1]):
            truth = Truth.YES if here is Truth.YES and sure is Truth.YES else Truth.UNKNOWN
            yield Level(link.address, _rules(plan, policy, kinds[2], "firewall_policy", interface, truth, link))


def _policies(plan: Plan, link: Resource, key: str, kind: str) -> Iterator[tuple[Resource | None, Truth]]:
    """Yield the policy that an association names; ``None`` where the plan does not show it."""
    types = (kind, f"{kind}{_WITH_RULES}")
    written = text(link.node, key)
    found = [p for p in plan.of(*types) if written and _is_named(p, written)]
    linked, known = plan.linked(link, key, *types)
    meant = {p.address: p for p in (*found, *linked)}
    if len(meant) == 1 and (found or known):
        yield next(iter(meant.values())), Truth.YES
    else:
        yield None, Truth.UNKNOWN


def _is_named(policy: Resource, written: str) -> bool:
    names = {text(policy.node, key) for key in ("id", "name", "self_link", "firewall_policy_id", "network_firewall_policy_id")}
    return written in names or written.rpartition("/")[2] in names - {""}


def _rules(
    plan: Plan, policy: Resource | None, kind: str, key: str, interface: Interface, truth: Truth, link: Resource
) -> tuple[FilterRule, ...]:
    """Return the rules of a policy by priority; one that the plan does not show may do anything."""
    if policy is None:
        return (unread(f"{link.address}: the policy that it joins is not in the plan", link.location),)
    found: list[tuple[int, FilterRule]] = []
    if policy.type.endswith(_WITH_RULES):
        listed, marks = policy.get("rule"), policy.mark("rule")
        if policy.unsaid("rule"):
            found.append((-1, unread(f"{policy.address}: its rules are {LATER}", policy.location)))
        for number, item in enumerate(listed.items if listed is not None else ()):
            mark = marks.at(number) if marks is not None else None
            found += policy_rule(policy, item, mark, interface, sure=truth)
    for rule in plan.of(kind):
        written = text(rule.node, key)
        mine = Truth.of(_is_named(policy, written)) if written else plan.links(rule, key, policy)
        if not written and rule.get(key) is None and not rule.references(key):
            mine = Truth.UNKNOWN
        if mine is not Truth.NO:
            both = truth if mine is Truth.YES else Truth.UNKNOWN
            found += policy_rule(rule, rule.node, rule.unknown, interface, sure=both)
    return tuple(rule for _, rule in sorted(found, key=lambda f: f[0]))


def unplaced(plan: Plan) -> tuple[FilterRule, ...]:
    """Return that rules of policies without an association in the plan may be on the way of anything."""
    alone = [(kind, rule) for link, kind, rule in (_ABOVE, _GLOBAL, _REGIONAL) if next(plan.of(link), None) is None]
    found = [each for kind, rule in alone for each in plan.of(rule, f"{kind}{_WITH_RULES}")]
    return tuple(unread(f"{each.address}: what its policy is attached to is not in the plan", each.location) for each in found)


def jumps(found: list[Level], place: Resource) -> tuple[FilterRule, ...]:
    """Return rules that ask one level after the other."""
    return tuple(FilterRule(ANY, Verdict.JUMP, level.name, level.name, place.location) for level in found if level.rules)
