"""Routes of Google Cloud: the default one, the Internet gateway, translation, Private Google Access (facts H8)."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Governed
from tests.network.bench import tcp
from tests.network.clouds.test_aws import plan
from tests.network.rule_sets import governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PUBLIC, OTHER, SIX = "203.0.113.7", "198.51.100.1", "2001:db8::7"
Values = dict[str, Any]
Part = tuple[str, Values]
OUTSIDE: Values = {"access_config": [{}]}


def agent(
    *more: Part, network: Values | None = None, subnetwork: Values | None = None, interface: Values | None = None
) -> Governed:
    """Return an instance in a network and subnetwork that the plan makes."""
    parts: list[Part] = [
        (
            "google_compute_instance.agent",
            {"tags": ["agent"], "network_interface": [{"network": "net", "subnetwork": "sub", **(interface or {})}]},
        ),
        ("google_compute_network.n", {"name": "net", **(network or {})}),
        ("google_compute_subnetwork.s", {"name": "sub", "network": "net", "ip_cidr_range": "10.1.0.0/24", **(subnetwork or {})}),
    ]
    return governed("google_compute_instance.agent", plan__json=plan(*parts, *more))


def test_without_an_external_address_and_translation_there_is_no_way_out() -> None:
    sealed = agent()
    assert [reaches(sealed, a, ALL) for a in (PUBLIC, SIX, "10.1.0.9", "169.254.169.254")] == [NO, NO, YES, YES]
    assert outcome(sealed, PUBLIC).strength(ALL) == "no_route"
    assert reaches(sealed, "10.9.9.9", tcp(443)) is UNKNOWN
    assert [reaches(agent(interface=OUTSIDE), a, ALL) for a in (PUBLIC, SIX)] == [YES, NO]


def test_a_network_without_default_route_has_only_its_own() -> None:
    without = {"delete_default_routes_on_create": "true"}
    assert reaches(agent(network=without, interface=OUTSIDE), PUBLIC, ALL) is NO
    own = (
        "google_compute_route.r",
        {"network": "net", "dest_range": "203.0.113.0/24", "next_hop_gateway": "default-internet-gateway"},
    )
    found = agent(own, network=without, interface=OUTSIDE)
    assert [reaches(found, a, ALL) for a in (PUBLIC, OTHER)] == [YES, NO]


@pytest.mark.parametrize(
    "nat",
    [
        {"router": "r", "source_subnetwork_ip_ranges_to_nat": "ALL_SUBNETWORKS_ALL_IP_RANGES"},
        {"router": "r", "source_subnetwork_ip_ranges_to_nat": "LIST_OF_SUBNETWORKS"},
        {"router": "elsewhere"},
    ],
)
def test_translation_may_lead_out(nat: Values) -> None:
    router = ("google_compute_router.r", {"name": "r", "network": "net"})
    found = agent(router, ("google_compute_router_nat.n", nat))
    assert reaches(found, PUBLIC, ALL) is UNKNOWN
    assert any("google_compute_router_nat.n" in reason for reason in reasons(found, PUBLIC))


def test_translation_of_another_network_leads_nobody_out() -> None:
    router = ("google_compute_router.r", {"name": "r", "network": "wide"})
    assert reaches(agent(router, ("google_compute_router_nat.n", {"router": "r"})), PUBLIC, ALL) is NO


def test_private_google_access_leads_to_google() -> None:
    found = agent(subnetwork={"private_ip_google_access": "true"})
    assert reaches(found, PUBLIC, tcp(443)) is UNKNOWN
    assert any("Private Google Access" in reason for reason in reasons(found, PUBLIC))
    assert (
        reaches(
            agent(subnetwork={"private_ip_google_access": "true"}, network={"delete_default_routes_on_create": "true"}),
            PUBLIC,
            ALL,
        )
        is NO
    )


def test_ipv6_only_where_the_subnetwork_has_it() -> None:
    assert reaches(agent(subnetwork={"stack_type": "IPV4_IPV6"}), SIX, ALL) is UNKNOWN
    assert reaches(agent(subnetwork={"stack_type": "IPV4_ONLY"}), SIX, ALL) is NO


@pytest.mark.parametrize(
    "more",
    [
        ("google_compute_vpn_tunnel.t", {"name": "t"}),
        ("google_compute_router_peer.p", {"router": "r"}),
        ("google_compute_network_peering.p", {"network": "net", "import_custom_routes": "true"}),
        ("google_compute_route.r", {"network": "net", "dest_range": "0.0.0.0/0", "next_hop_ip": "10.1.0.5", "priority": 10}),
        ("google_compute_route.r", {"dest_range": "0.0.0.0/0", "next_hop_gateway": "default-internet-gateway", "priority": 10}),
    ],
)
def test_what_brings_other_routes_leaves_it_open(more: Part) -> None:
    assert reaches(agent(more), PUBLIC, ALL) is UNKNOWN


def test_a_peered_network_brings_its_subnetworks_alone() -> None:
    assert reaches(agent(("google_compute_network_peering.p", {"network": "net"})), PUBLIC, ALL) is NO


def test_a_route_for_other_tags_is_not_this_instances() -> None:
    said = {"network": "net", "dest_range": "0.0.0.0/0", "next_hop_ip": "10.1.0.5", "priority": 10}
    assert reaches(agent(("google_compute_route.r", {**said, "tags": ["other"]})), PUBLIC, ALL) is NO
    assert reaches(agent(("google_compute_route.r", {**said, "tags": ["agent"]})), PUBLIC, ALL) is UNKNOWN


def test_a_network_that_is_not_in_the_plan_is_taken_to_lead_out() -> None:
    alone = ("google_compute_instance.agent", {"network_interface": [{"network": "net"}]})
    found = governed("google_compute_instance.agent", plan__json=plan(alone))
    assert reaches(found, PUBLIC, ALL) is YES
    assert any("taken to lead out" in text for layer in found.layers for text in layer.assumed)


def test_ids_that_are_not_known_yet_are_followed_by_reference() -> None:
    net = {"references": ["google_compute_network.n.id", "google_compute_network.n"]}
    sub = {"references": ["google_compute_subnetwork.s.id", "google_compute_subnetwork.s"]}
    parts: list[Part] = [
        ("google_compute_instance.agent", {"network_interface": [{}]}),
        ("google_compute_network.n", {"name": "net"}),
        ("google_compute_subnetwork.s", {"name": "sub", "ip_cidr_range": "10.1.0.0/24"}),
        ("google_compute_firewall.f", {"direction": "EGRESS", "deny": [{"protocol": "tcp", "ports": ["22"]}]}),
    ]
    unknown: Values = {
        "google_compute_instance.agent": {"network_interface": [{"subnetwork": True, "network_ip": True}]},
        "google_compute_subnetwork.s": {"network": True},
        "google_compute_firewall.f": {"network": True},
    }
    expressions: Values = {
        "google_compute_instance.agent": {"network_interface": [{"subnetwork": sub}]},
        "google_compute_subnetwork.s": {"network": net},
        "google_compute_firewall.f": {"network": net},
    }
    found = governed("google_compute_instance.agent", plan__json=plan(*parts, unknown=unknown, expressions=expressions))
    assert [reaches(found, a, tcp(443)) for a in (PUBLIC, "10.1.0.9")] == [NO, YES]
    assert reaches(found, "10.1.0.9", tcp(22)) is NO
