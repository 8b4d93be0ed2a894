"""Firewall policies of Google Cloud, and what its rules let through though a careless reader finds it denied (facts H9, H10)."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Governed
from tests.network.bench import tcp, udp
from tests.network.clouds.test_aws import plan
from tests.network.clouds.test_gcp import DENY_ALL, INSTANCE, PUBLIC, agent, rule
from tests.network.rule_sets import governed, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
Values = dict[str, Any]
Part = tuple[str, Values]
ABOVE, NET = "google_compute_firewall_policy", "google_compute_network_firewall_policy"
PROJECT: Part = ("google_project.p", {"project_id": "prj", "folder_id": "1"})
FOLDER: Part = ("google_folder.f", {"id": "folders/1", "name": "folders/1", "parent": "organizations/9"})
ANYWHERE = {"dest_ip_ranges": ["0.0.0.0/0", "::/0"], "layer4_configs": [{"ip_protocol": "all"}]}


def policy(kind: str, name: str, *rules: Values, target: str) -> list[Part]:
    """Return a policy with its rules and what it is attached to."""
    link = "attachment_target"
    return [
        (f"{kind}.{name}", {"name": name, "id": f"x/{name}"}),
        (f"{kind}_association.{name}", {"firewall_policy": name, link: target}),
        *((f"{kind}_rule.{name}{n}", {"firewall_policy": name, "direction": "EGRESS", **r}) for n, r in enumerate(rules)),
    ]


def does(priority: int, action: str, **said: Any) -> Values:
    match = {**ANYWHERE, **{k: v for k, v in said.items() if k.startswith(("dest_", "src_", "layer4"))}}
    more = {k: v for k, v in said.items() if not k.startswith(("dest_", "src_", "layer4"))}
    return {"priority": priority, "action": action, "match": [match], **more}


def under(*parts: Part, network: Values | None = None) -> Governed:
    """Return the instance in a project, folder and organisation that the plan shows."""
    own = (INSTANCE[0], {**INSTANCE[1], "project": "prj", "zone": "europe-west3-a"})
    made = [("google_compute_network.net", {"name": "net", **network})] if network is not None else []
    found = governed("google_compute_instance.agent", plan__json=plan(own, PROJECT, FOLDER, *made, *parts))
    return Governed(found.subject, found.layers[:1], found.peers, found.restricts, found.resolver)


def test_the_organisation_decides_before_folders_and_networks() -> None:
    organisation = policy(ABOVE, "o", does(10, "allow", dest_ip_ranges=["203.0.113.0/24"]), target="organizations/9")
    folder = policy(ABOVE, "f", does(10, "deny"), target="folders/1")
    found = under(*folder, *organisation)
    assert [reaches(found, a, ALL) for a in (PUBLIC, "198.51.100.1")] == [YES, NO]
    assert "Google Cloud firewall: google_compute_firewall_policy_rule.f0, priority 10, deny" in reasons(found, "198.51.100.1")
    assert reaches(under(*organisation, rule("d", **DENY_ALL)), PUBLIC, ALL) is YES
    denied = policy(ABOVE, "o", does(10, "deny"), target="organizations/9")
    assert reaches(under(*denied, rule("a", priority=1, allow=[{"protocol": "all"}])), PUBLIC, ALL) is NO


def test_goto_next_and_what_no_rule_takes_go_on() -> None:
    organisation = policy(ABOVE, "o", does(10, "goto_next"), does(20, "deny"), target="organizations/9")
    assert reaches(under(*organisation), PUBLIC, ALL) is YES
    assert reaches(under(*organisation, rule("d", **DENY_ALL)), PUBLIC, ALL) is NO
    part = policy(
        ABOVE, "o", does(10, "deny", layer4_configs=[{"ip_protocol": "tcp", "ports": ["443"]}]), target="organizations/9"
    )
    assert [reaches(under(*part), PUBLIC, c) for c in (tcp(443), tcp(80), udp(443))] == [NO, YES, YES]


def test_a_policy_of_another_folder_is_not_asked_and_one_of_unknown_place_may_be() -> None:
    assert reaches(under(*policy(ABOVE, "o", does(10, "deny"), target="folders/7")), PUBLIC, ALL) is YES
    allowing = policy(ABOVE, "o", does(10, "allow"), target="organizations/9")
    alone = plan(INSTANCE, *allowing, rule("d", **DENY_ALL))
    assert reaches(governed("google_compute_instance.agent", plan__json=alone), PUBLIC, ALL) is UNKNOWN


def test_network_policies_come_after_the_networks_rules_or_before_as_it_says() -> None:
    allowing = policy(NET, "n", does(10, "allow"), target="projects/prj/global/networks/net")
    closed = rule("d", **DENY_ALL)
    after, before = ({"network_firewall_policy_enforcement_order": f"{w}_CLASSIC_FIREWALL"} for w in ("AFTER", "BEFORE"))
    assert [reaches(under(*allowing, closed, network=n), PUBLIC, ALL) for n in (after, before, {})] == [NO, YES, NO]
    assert reaches(under(*allowing, closed), PUBLIC, ALL) is UNKNOWN
    denying = policy(NET, "n", does(10, "deny"), target="net")
    assert reaches(under(*denying, network=after), PUBLIC, ALL) is NO
    assert reaches(under(*policy(NET, "n", does(10, "deny"), target="other"), network=after), PUBLIC, ALL) is YES


def test_regional_policies_count_in_their_region_alone() -> None:
    kind = "google_compute_region_network_firewall_policy"
    for region, truth in (("europe-west3", NO), ("us-east1", YES)):
        parts = policy(kind, "r", does(10, "deny"), target="net")
        parts[1][1]["region"] = region
        assert reaches(under(*parts, network={}), PUBLIC, ALL) is truth


def test_a_policy_with_its_rules_in_it() -> None:
    whole = (f"{ABOVE}_with_rules.o", {"name": "o", "rule": [{"direction": "EGRESS", **does(10, "deny")}]})
    link = (f"{ABOVE}_association.o", {"firewall_policy": "o", "attachment_target": "organizations/9"})
    assert reaches(under(whole, link), PUBLIC, ALL) is NO


@pytest.mark.parametrize(
    "said",
    [
        {"target_service_accounts": ["a@b"]},
        {"target_secure_tags": [{"name": "tagValues/1"}]},
        {"dest_fqdns": ["api.example"], "dest_ip_ranges": []},
        {"dest_region_codes": ["US"], "dest_ip_ranges": []},
        {"dest_network_scope": "INTERNET"},
        {"src_ip_ranges": ["10.9.0.0/16"]},
        {"layer4_configs": [{"ip_protocol": "esp"}]},
    ],
)
def test_what_narrows_a_rule_of_a_policy_denies_nothing_for_sure(said: Values) -> None:
    assert reaches(under(*policy(ABOVE, "o", does(10, "deny", **said), target="organizations/9")), PUBLIC, ALL) is not NO


@pytest.mark.parametrize(
    "said",
    [{"action": "apply_security_profile_group"}, {"action": ""}, {"priority": ""}],
)
def test_an_action_that_is_not_read_decides_nothing(said: Values) -> None:
    one = {**does(10, "deny"), **said}
    assert reaches(under(*policy(ABOVE, "o", one, target="organizations/9")), PUBLIC, ALL) is UNKNOWN


@pytest.mark.parametrize(
    ("said", "truth"), [({"disabled": "true"}, YES), ({"direction": "INGRESS"}, YES), ({"target_resources": ["x/other"]}, YES)]
)
def test_a_rule_that_is_off_or_meant_for_others_is_not_asked(said: Values, truth: Truth) -> None:
    assert reaches(under(*policy(ABOVE, "o", does(10, "deny", **said), target="organizations/9")), PUBLIC, ALL) is truth


def test_a_policy_that_the_plan_does_not_show_may_do_anything() -> None:
    link = (f"{ABOVE}_association.o", {"firewall_policy": "elsewhere", "attachment_target": "organizations/9"})
    assert reaches(under(link, rule("d", **DENY_ALL)), PUBLIC, ALL) is UNKNOWN


@pytest.mark.parametrize(
    ("sources", "truth"),
    [
        (["10.9.0.0/16"], YES),
        (["10.1.0.0/16"], NO),
        (["10.1.2.128/25"], UNKNOWN),
        (["0.0.0.0/0"], NO),
        (["2001:db8::/32"], YES),
    ],
)
def test_an_egress_rule_is_meant_for_its_sources_alone(sources: list[str], truth: Truth) -> None:
    own = (INSTANCE[0], {**INSTANCE[1], "network_interface": [{"network": "net", "subnetwork": "sub"}]})
    sub = ("google_compute_subnetwork.s", {"name": "sub", "network": "net", "ip_cidr_range": "10.1.2.0/24"})
    four = {**DENY_ALL, "destination_ranges": ["0.0.0.0/0"], "source_ranges": sources}
    found = governed("google_compute_instance.agent", plan__json=plan(own, sub, rule("d", **four)))
    assert reaches(found, PUBLIC, tcp(443)) is truth


def test_an_instance_with_two_interfaces_sends_by_either() -> None:
    own = (INSTANCE[0], {**INSTANCE[1], "network_interface": [{"network": "net"}, {"network": "wide"}]})
    text = plan(own, rule("d", **DENY_ALL))
    assert reaches(governed("google_compute_instance.agent", plan__json=text), PUBLIC, ALL) is UNKNOWN
    both = plan(own, rule("d", **DENY_ALL), rule("e", **{**DENY_ALL, "network": "wide"}))
    assert reaches(governed("google_compute_instance.agent", plan__json=both), PUBLIC, ALL) is NO


@pytest.mark.parametrize("later", [{"direction": True}, {"disabled": True}, {"priority": True}, {"deny": True}])
def test_a_rule_that_is_known_only_in_part_may_allow(later: Values) -> None:
    first = rule("x", priority=1, **{k: v for k, v in {"deny": [{"protocol": "all"}]}.items() if k not in later})
    found = agent(first, rule("d", **DENY_ALL), unknown={"google_compute_firewall.x": later})
    assert reaches(found, PUBLIC, tcp(443)) is UNKNOWN


def test_a_rule_of_a_network_of_the_same_name_in_another_project_is_another() -> None:
    own = (INSTANCE[0], {**INSTANCE[1], "project": "prj"})
    other = rule("d", **{**DENY_ALL, "network": "projects/elsewhere/global/networks/net"})
    assert reaches(governed("google_compute_instance.agent", plan__json=plan(own, other)), PUBLIC, ALL) is YES
