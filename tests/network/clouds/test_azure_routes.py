"""Effective routes of Azure and the firewall that they may lead to (facts H8, H9)."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, ICMP, Governed
from tests.network.bench import tcp, udp
from tests.network.clouds.test_aws import plan
from tests.network.clouds.test_azure import BASE, MACHINE, ON_NIC, PUBLIC, agent, group, rule
from tests.network.rule_sets import governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
OTHER, SIX = "198.51.100.1", "2001:db8::7"
Values = dict[str, Any]
LINK: tuple[str, Values] = ("azurerm_subnet_route_table_association.t", {"subnet_id": "sub-1", "route_table_id": "rt-1"})


def route(prefix: str, hop: str, **more: str) -> Values:
    return {"name": "r", "address_prefix": prefix, "next_hop_type": hop, **more}


def table(*routes: Values, **more: Any) -> tuple[str, Values]:
    return "azurerm_route_table.r", {"id": "rt-1", "name": "rt", "route": list(routes), **more}


def test_a_default_route_to_nowhere_leaves_no_way_out_of_its_family() -> None:
    found = agent(LINK, table(route("0.0.0.0/0", "None")))
    assert [reaches(found, a, ALL) for a in (PUBLIC, SIX, "10.1.9.9")] == [NO, YES, YES]
    assert outcome(found, PUBLIC).strength(ALL) == "no_route"
    assert "Azure routes: azurerm_route_table.r: 0.0.0.0/0 leads to None" in reasons(found, PUBLIC)
    assert [reaches(found, a, udp(53)) for a in ("168.63.129.16", "169.254.169.254")] == [YES, YES]


def test_the_longest_prefix_counts_and_a_route_of_its_own_resource_too() -> None:
    more = ("azurerm_route.x", {**route("203.0.113.0/24", "Internet"), "route_table_name": "rt"})
    found = agent(LINK, table(route("0.0.0.0/0", "None")), more)
    assert [reaches(found, a, ALL) for a in (PUBLIC, OTHER)] == [YES, NO]
    unlinked = (more[0], {**more[1], "route_table_name": "elsewhere"})
    assert reaches(agent(LINK, table(route("0.0.0.0/0", "None")), unlinked), PUBLIC, ALL) is NO


def test_without_a_table_the_system_leads_to_the_internet_and_private_addresses_stay_open() -> None:
    found = agent(group(1), ON_NIC)
    assert [reaches(found, a, tcp(443)) for a in (PUBLIC, SIX)] == [YES, YES]
    four = [*BASE[:3], ("azurerm_virtual_network.v", {"name": "net", "address_space": ["10.1.0.0/16"]})]
    assert [reaches(governed(MACHINE, plan__json=plan(*four)), a, ALL) for a in (PUBLIC, SIX)] == [YES, NO]


@pytest.mark.parametrize(
    ("hop", "more"),
    [
        ("VirtualAppliance", {"next_hop_in_ip_address": "10.1.9.4"}),
        ("VirtualNetworkGateway", {}),
    ],
)
def test_what_leads_to_an_appliance_or_gateway_is_unknown_and_named(hop: str, more: dict[str, str]) -> None:
    found = agent(LINK, table(route("0.0.0.0/0", hop, **more)))
    assert reaches(found, PUBLIC, ALL) is UNKNOWN
    assert any(f"0.0.0.0/0 leads to {hop}" in reason for reason in reasons(found, PUBLIC))


@pytest.mark.parametrize(
    "more",
    [
        ("azurerm_virtual_network_gateway.g", {"name": "g"}),
        ("azurerm_virtual_network_peering.p", {"remote_virtual_network_id": "elsewhere", "use_remote_gateways": "true"}),
        ("azurerm_route.x", {"address_prefix": "203.0.113.0/24", "next_hop_type": "Internet"}),
    ],
)
def test_routes_that_the_plan_does_not_show_may_be_longer(more: tuple[str, Values]) -> None:
    assert reaches(agent(LINK, table(route("0.0.0.0/0", "None")), more), PUBLIC, ALL) is UNKNOWN


def test_service_endpoints_lead_past_a_default_route() -> None:
    parts = [*BASE]
    parts[2] = (BASE[2][0], {**BASE[2][1], "service_endpoints": ["Microsoft.Storage"]})
    found = governed(MACHINE, plan__json=plan(*parts, LINK, table(route("0.0.0.0/0", "None"))))
    assert reaches(found, PUBLIC, tcp(443)) is UNKNOWN
    assert any("service endpoints" in reason for reason in reasons(found, PUBLIC))


def test_tables_and_routes_that_are_known_later_are_open() -> None:
    expressions: Values = {LINK[0]: {"route_table_id": {"references": ["var.table"]}}}
    text = plan(
        *BASE,
        (LINK[0], {"subnet_id": "sub-1"}),
        table(route("0.0.0.0/0", "None")),
        unknown={LINK[0]: {"route_table_id": True}},
        expressions=expressions,
    )
    assert reaches(governed(MACHINE, plan__json=text), PUBLIC, ALL) is UNKNOWN
    tagged = agent(LINK, table(route("AzureCloud", "Internet"), route("0.0.0.0/0", "None")))
    assert reaches(tagged, PUBLIC, ALL) is UNKNOWN


FIREWALL: tuple[str, Values] = (
    "azurerm_firewall.f",
    {"name": "fw", "id": "fw-1", "firewall_policy_id": "pol-1", "ip_configuration": [{"private_ip_address": "10.1.9.4"}]},
)
POLICY: tuple[str, Values] = ("azurerm_firewall_policy.p", {"id": "pol-1"})
TO_FIREWALL = route("0.0.0.0/0", "VirtualAppliance", next_hop_in_ip_address="10.1.9.4")


def network_rule(**said: Any) -> Values:
    given = {"name": "n", "protocols": ["TCP"], "source_addresses": ["10.1.0.0/16"], "destination_addresses": ["203.0.113.0/24"]}
    return {**given, "destination_ports": ["443"], **said}


def collection(priority: int, action: str, *rules: Values) -> Values:
    return {"name": f"c{priority}", "priority": priority, "action": action, "rule": list(rules)}


def behind(*groups: Values, more: tuple[tuple[str, Values], ...] = ()) -> Governed:
    """Return the machine behind a firewall whose policy has these groups of collections."""
    own = [
        (f"azurerm_firewall_policy_rule_collection_group.g{n}", {"firewall_policy_id": "pol-1", "priority": 100 * (n + 1), **g})
        for n, g in enumerate(groups)
    ]
    return agent(LINK, table(TO_FIREWALL), FIREWALL, POLICY, *own, *more)


def test_network_rules_of_a_firewall_decide_what_routes_lead_to_it() -> None:
    found = behind({"network_rule_collection": [collection(100, "Allow", network_rule())]})
    asked = [(PUBLIC, tcp(443)), (PUBLIC, tcp(22)), (OTHER, tcp(22)), (PUBLIC, udp(443)), (PUBLIC, ICMP), ("10.1.3.3", tcp(22))]
    assert [reaches(found, a, c) for a, c in asked] == [YES, NO, NO, NO, NO, YES]
    assert outcome(found, OTHER).strength(tcp(22)) == "network_policy"
    assert reaches(found, OTHER, tcp(443)) is UNKNOWN  # names of Azure's infrastructure
    assert reaches(found, SIX, tcp(22)) is YES


def test_lower_priorities_first_and_network_rules_before_those_of_names() -> None:
    names = {
        "name": "a",
        "source_addresses": ["*"],
        "destination_fqdns": ["*.example"],
        "protocols": [{"type": "Https", "port": 443}],
    }
    groups = (
        {"application_rule_collection": [collection(100, "Deny", names)]},
        {
            "network_rule_collection": [
                collection(200, "Deny", network_rule(destination_addresses=["*"], destination_ports=["*"], protocols=["Any"])),
                collection(100, "Allow", network_rule()),
            ]
        },
    )
    found = behind(*groups)
    assert [reaches(found, a, tcp(443)) for a in (PUBLIC, OTHER)] == [YES, NO]


def test_rules_of_names_may_let_any_address_through_at_their_ports() -> None:
    names = {"source_addresses": ["*"], "destination_fqdns": ["api.example"], "protocols": [{"type": "Http", "port": 8080}]}
    found = behind({"application_rule_collection": [collection(100, "Allow", names)]})
    assert [reaches(found, PUBLIC, c) for c in (tcp(8080), tcp(8081), udp(8080))] == [UNKNOWN, NO, NO]
    assert any("the names api.example" in reason for reason in reasons(found, PUBLIC))


@pytest.mark.parametrize(
    "rule_",
    [
        {"source_addresses": ["10.9.0.0/16"], "destination_addresses": ["*"]},
    ],
)
def test_a_firewall_rule_is_meant_for_its_sources_alone(rule_: Values) -> None:
    open_ = collection(200, "Allow", network_rule(destination_addresses=["*"], destination_ports=["*"]))
    closed = collection(100, "Deny", network_rule(**rule_))
    assert reaches(behind({"network_rule_collection": [closed, open_]}), PUBLIC, tcp(443)) is YES


@pytest.mark.parametrize(
    "more",
    [
        ("azurerm_firewall_policy.p", {"id": "pol-1", "base_policy_id": "pol-9"}),
        ("azurerm_firewall_network_rule_collection.n", {"priority": 100}),
    ],
)
def test_a_parent_policy_or_collection_that_is_not_placed_leaves_it_open(more: tuple[str, Values]) -> None:
    parts = [LINK, table(TO_FIREWALL), FIREWALL, more] + ([] if more[0].startswith("azurerm_firewall_policy") else [POLICY])
    assert reaches(agent(*parts), PUBLIC, tcp(22)) is UNKNOWN


def test_classic_collections_belong_to_the_firewall_by_name() -> None:
    classic = (
        "azurerm_firewall_network_rule_collection.n",
        {"azure_firewall_name": "fw", **collection(100, "Allow", network_rule(destination_ports=["22", "8000-8100"]))},
    )
    plain = ("azurerm_firewall.f", {k: v for k, v in FIREWALL[1].items() if k != "firewall_policy_id"})
    found = agent(LINK, table(TO_FIREWALL), plain, classic)
    assert [reaches(found, PUBLIC, c) for c in (tcp(22), tcp(8050), tcp(25))] == [YES, YES, NO]


def test_groups_and_the_firewall_must_both_allow() -> None:
    open_ = {
        "network_rule_collection": [collection(100, "Allow", network_rule(destination_addresses=["*"], destination_ports=["*"]))]
    }
    assert reaches(behind(open_), PUBLIC, tcp(22)) is YES
    assert reaches(behind(open_, more=(group(1, rule(100, "Deny", "Internet", ports="22")), ON_NIC)), PUBLIC, tcp(22)) is not YES
    assert reaches(behind(open_, more=(group(1, rule(100, "Deny", ports="22")), ON_NIC)), PUBLIC, tcp(22)) is NO
