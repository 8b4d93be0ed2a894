"""What Azure lets through though a careless reader finds it denied (facts H9, H10): nothing here may be answered with no."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL
from tests.network.bench import tcp
from tests.network.clouds.test_aws import plan
from tests.network.clouds.test_azure import BASE, MACHINE, ON_NIC, PUBLIC, agent, group, rule
from tests.network.rule_sets import governed, reaches

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
Values = dict[str, Any]
TABLE: tuple[str, Values] = ("azurerm_subnet_route_table_association.t", {"subnet_id": "sub-1", "route_table_id": "rt-1"})


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ({"source_address_prefix": "*"}, NO),
        ({"source_address_prefix": "VirtualNetwork"}, NO),
        ({"source_address_prefix": "0.0.0.0/0"}, NO),
        ({"source_address_prefix": "10.1.0.0/16"}, NO),
        ({"source_address_prefixes": ["10.9.0.0/16", "10.1.2.0/24"]}, NO),
        ({"source_address_prefix": "10.9.0.0/16"}, YES),
        ({"source_address_prefix": "10.1.2.128/25"}, UNKNOWN),
        ({"source_address_prefix": "AzureLoadBalancer"}, UNKNOWN),
        ({"source_address_prefix": "*", "source_port_range": "50000"}, UNKNOWN),
        ({"source_application_security_group_ids": ["asg-1"]}, UNKNOWN),
    ],
)
def test_a_denial_is_meant_for_its_sources_alone(source: Values, truth: Truth) -> None:
    assert reaches(agent(group(1, {**rule(100, "Deny"), **source}), ON_NIC), PUBLIC, tcp(443)) is truth


def test_a_machine_with_two_interfaces_sends_by_either() -> None:
    parts: list[tuple[str, Values]] = [
        (MACHINE, {"name": "agent-1", "network_interface_ids": ["nic-1", "nic-2"]}),
        ("azurerm_network_interface.m", {"id": "nic-2", "ip_configuration": [{"subnet_id": "sub-1"}]}),
        *BASE[1:],
        group(1, rule(100, "Deny")),
    ]
    assert reaches(governed(MACHINE, plan__json=plan(*parts, ON_NIC)), PUBLIC, ALL) is UNKNOWN
    both = (ON_NIC[0] + "2", {**ON_NIC[1], "network_interface_id": "nic-2"})
    assert reaches(governed(MACHINE, plan__json=plan(*parts, ON_NIC, both)), PUBLIC, ALL) is NO


VNET_THEN_NOTHING = group(1, rule(100, "Allow", "VirtualNetwork"), rule(200, "Deny"))


@pytest.mark.parametrize(
    ("more", "truth"),
    [
        ((), NO),
        (
            (
                TABLE,
                (
                    "azurerm_route_table.r",
                    {"id": "rt-1", "route": [{"address_prefix": "0.0.0.0/0", "next_hop_type": "Internet"}]},
                ),
            ),
            UNKNOWN,
        ),
        ((("azurerm_route.r", {"address_prefix": "203.0.113.0/24", "next_hop_type": "Internet"}),), UNKNOWN),
        ((("azurerm_virtual_network_gateway.g", {"name": "g"}),), UNKNOWN),
        ((("azurerm_virtual_network_peering.p", {"remote_virtual_network_id": "elsewhere"}),), UNKNOWN),
    ],
)
def test_the_tag_of_the_network_takes_what_routes_and_gateways_bring(more: tuple[tuple[str, Values], ...], truth: Truth) -> None:
    assert reaches(agent(VNET_THEN_NOTHING, ON_NIC, *more), PUBLIC, tcp(443)) is truth


def test_the_tag_of_the_internet_spares_the_networks_own_public_block() -> None:
    parts = [*BASE[:3], ("azurerm_virtual_network.v", {"name": "net", "address_space": ["203.0.113.0/24"]})]
    closed = group(1, rule(100, "Deny", "Internet"))
    found = governed(MACHINE, plan__json=plan(*parts, closed, ON_NIC))
    assert [reaches(found, a, tcp(443)) for a in (PUBLIC, "198.51.100.1")] == [UNKNOWN, NO]


@pytest.mark.parametrize(
    "later", [{"direction": True}, {"access": True}, {"network_security_group_name": True}, {"source_address_prefix": True}]
)
def test_a_rule_that_is_known_only_in_part_may_allow(later: Values) -> None:
    said = {**rule(50, "Deny"), "network_security_group_name": "g1", "source_address_prefix": "*"}
    own = ("azurerm_network_security_rule.r", {k: v for k, v in said.items() if k not in later})
    expressions: Values = {own[0]: {key: {"references": ["var.x"]} for key in later}}
    text = plan(*BASE, group(1, rule(200, "Deny")), own, ON_NIC, unknown={own[0]: later}, expressions=expressions)
    found = reaches(governed(MACHINE, plan__json=text), PUBLIC, tcp(443))
    assert found is (NO if "source_address_prefix" in later else UNKNOWN)


def test_rules_that_a_dynamic_block_may_give_are_open() -> None:
    own = ("azurerm_network_security_group.g1", {"id": "nsg-1", "name": "g1"})
    closed = ("azurerm_network_security_rule.r", {**rule(100, "Deny"), "network_security_group_name": "g1"})
    text = plan(*BASE, own, closed, ON_NIC, unknown={own[0]: {"security_rule": True}}, expressions={own[0]: {"name": {}}})
    assert reaches(governed(MACHINE, plan__json=text), PUBLIC, tcp(443)) is UNKNOWN


def test_a_rule_of_a_group_of_the_same_name_elsewhere_is_another() -> None:
    name, values = group(1)
    mine = (name, {**values, "resource_group_name": "one"})
    other = (
        "azurerm_network_security_rule.r",
        {**rule(100, "Deny"), "network_security_group_name": "g1", "resource_group_name": "two"},
    )
    assert reaches(agent(mine, other, ON_NIC), PUBLIC, tcp(443)) is YES
