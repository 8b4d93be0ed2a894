"""Traps H9 and H10 for Google Cloud: the implied allowance, priorities, targets, the metadata server."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Governed
from tests.network.bench import tcp, udp
from tests.network.clouds.test_aws import plan
from tests.network.rule_sets import governed, outcome, reaches

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PUBLIC = "203.0.113.7"
Values = dict[str, Any]
INSTANCE: tuple[str, Values] = (
    "google_compute_instance.agent",
    {"name": "agent-1", "tags": ["agent"], "network_interface": [{"network": "net"}]},
)
DENY_ALL: Values = {"priority": 2000, "deny": [{"protocol": "all"}], "destination_ranges": ["0.0.0.0/0", "::/0"]}


def rule(name: str, **said: Any) -> tuple[str, Values]:
    """Return an egress rule of the instance's network."""
    return f"google_compute_firewall.{name}", {"direction": "EGRESS", "network": "net", **said}


def agent(*rules: tuple[str, Values], **more: Any) -> Governed:
    """Return the instance under ``rules``."""
    return governed("google_compute_instance.agent", plan__json=plan(INSTANCE, *rules, **more))


def test_h9_without_a_rule_all_is_allowed_and_it_says_nothing_of_itself() -> None:
    assert (reaches(agent(), PUBLIC, ALL), agent().restricts) == (YES, False)


def test_h9_the_lowest_priority_counts_and_a_denial_first_at_the_same() -> None:
    allow = {"allow": [{"protocol": "tcp", "ports": ["443", "8000-8100"]}], "destination_ranges": ["203.0.113.0/24"]}
    found = agent(rule("a", priority=1000, **allow), rule("d", **DENY_ALL))
    assert [reaches(found, PUBLIC, c) for c in (tcp(443), tcp(8050), tcp(80), udp(443))] == [YES, YES, NO, NO]
    assert [reaches(found, a, tcp(443)) for a in ("198.51.100.1", "2001:db8::1")] == [NO, NO]
    same = agent(rule("a", priority=2000, **allow), rule("d", **DENY_ALL))
    assert reaches(same, PUBLIC, tcp(443)) is NO
    assert outcome(found, PUBLIC).strength(tcp(80)) == "network_policy"


def test_h9_a_rule_without_a_destination_is_of_ipv4() -> None:
    six = rule("d", **{**DENY_ALL, "destination_ranges": ["::/0"]})
    assert [reaches(agent(six), a, tcp(443)) for a in (PUBLIC, "2001:db8::1")] == [YES, NO]
    unsaid = agent(rule("d", priority=2000, deny=[{"protocol": "all"}]))
    assert [reaches(unsaid, a, tcp(443)) for a in (PUBLIC, "2001:db8::1")] == [NO, UNKNOWN]


def test_h9_the_metadata_server_is_always_reached_and_its_resolver_asks_others() -> None:
    found = agent(rule("d", **DENY_ALL))
    assert found.resolver is not None
    assert (reaches(found, "169.254.169.254", tcp(80)), found.resolver.forwards) == (YES, YES)


@pytest.mark.parametrize(
    ("said", "truth"),
    [
        ({"target_tags": ["agent"]}, NO),
        ({"target_tags": ["other"]}, YES),
        ({"target_service_accounts": ["a@b"]}, UNKNOWN),
        ({"network": "elsewhere"}, YES),
        ({"network": "projects/p/global/networks/net"}, NO),
        ({"disabled": "true"}, YES),
        ({"direction": "INGRESS"}, YES),
    ],
)
def test_h9_a_rule_counts_for_its_targets_alone(said: Values, truth: Truth) -> None:
    assert reaches(agent(rule("d", **{**DENY_ALL, **said})), PUBLIC, ALL) is truth


def test_h9_firewall_policies_stand_above_and_are_not_read() -> None:
    policy = ("google_compute_network_firewall_policy_rule.p", {"priority": 1})
    assert reaches(agent(rule("d", **DENY_ALL), policy), PUBLIC, ALL) is UNKNOWN


def test_h10_a_range_that_is_known_later_is_unknown() -> None:
    later = {"google_compute_firewall.d": {"destination_ranges": True}}
    found = agent(rule("d", priority=1, deny=[{"protocol": "tcp"}]), unknown=later)
    assert [reaches(found, PUBLIC, c) for c in (tcp(443), udp(53))] == [UNKNOWN, YES]
