"""Traps H9 and H10 for Azure: default rules, priorities, both groups, service tags, the platform's own addresses."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Governed
from tests.network.bench import tcp, udp
from tests.network.clouds.test_aws import plan
from tests.network.rule_sets import governed, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PUBLIC = "203.0.113.7"
Values = dict[str, Any]
MACHINE = "azurerm_linux_virtual_machine.agent"
BASE: list[tuple[str, Values]] = [
    (MACHINE, {"name": "agent-1", "network_interface_ids": ["nic-1"]}),
    ("azurerm_network_interface.n", {"id": "nic-1", "ip_configuration": [{"subnet_id": "sub-1"}]}),
    ("azurerm_subnet.s", {"id": "sub-1", "virtual_network_name": "net", "address_prefixes": ["10.1.2.0/24"]}),
    ("azurerm_virtual_network.v", {"id": "vnet-1", "name": "net", "address_space": ["10.1.0.0/16", "2001:db8:1::/48"]}),
]
ON_NIC: tuple[str, Values] = (
    "azurerm_network_interface_security_group_association.a",
    {"network_interface_id": "nic-1", "network_security_group_id": "nsg-1"},
)
ON_SUBNET: tuple[str, Values] = (
    "azurerm_subnet_network_security_group_association.b",
    {"subnet_id": "sub-1", "network_security_group_id": "nsg-2"},
)


def rule(priority: int, access: str, to: str = "*", protocol: str = "*", ports: str = "*") -> Values:
    """Return an outbound rule."""
    return {
        "name": f"r{priority}",
        "priority": priority,
        "direction": "Outbound",
        "access": access,
        "protocol": protocol,
        "destination_port_range": ports,
        "destination_address_prefix": to,
    }


def group(number: int, *rules: Values) -> tuple[str, Values]:
    """Return a group with rules of its own."""
    return f"azurerm_network_security_group.g{number}", {
        "id": f"nsg-{number}",
        "name": f"g{number}",
        "security_rule": list(rules),
    }


def agent(*parts: tuple[str, Values], **more: Any) -> Governed:
    """Return the machine with further parts of the plan."""
    return governed(MACHINE, plan__json=plan(*BASE, *parts, **more))


def test_h9_without_a_group_all_is_allowed_and_with_one_the_default_rules_hold() -> None:
    assert (reaches(agent(), PUBLIC, ALL), agent().restricts) == (YES, False)
    found = agent(group(1), ON_NIC)
    assert (reaches(found, PUBLIC, ALL), reaches(found, "10.9.9.9", ALL)) == (YES, UNKNOWN)
    assert "Azure network security group: AllowInternetOutBound" in reasons(found, PUBLIC)


def test_h9_priorities_ports_and_protocols() -> None:
    found = agent(
        group(1, rule(200, "Deny"), rule(100, "Allow", "203.0.113.0/24", "Tcp", "443"), rule(150, "Allow", ports="53")), ON_NIC
    )
    asked = [
        (PUBLIC, tcp(443)),
        (PUBLIC, tcp(80)),
        ("198.51.100.1", tcp(443)),
        ("198.51.100.1", udp(53)),
        ("2001:db8::1", udp(53)),
    ]
    assert [reaches(found, a, c) for a, c in asked] == [YES, NO, NO, YES, YES]


def test_h9_both_groups_must_allow() -> None:
    nic, subnet = group(1, rule(100, "Allow")), group(2, rule(100, "Deny", "Internet"))
    assert reaches(agent(nic, subnet, ON_NIC), PUBLIC, ALL) is YES
    assert reaches(agent(nic, subnet, ON_NIC, ON_SUBNET), PUBLIC, ALL) is NO


@pytest.mark.parametrize(
    ("tag", "outside", "inside"),
    [
        ("Internet", NO, UNKNOWN),
        ("VirtualNetwork", YES, UNKNOWN),
        ("Storage.GermanyWestCentral", UNKNOWN, UNKNOWN),
        ("*", NO, NO),
    ],
)
def test_h9_service_tags(tag: str, outside: Truth, inside: Truth) -> None:
    found = agent(group(1, rule(100, "Deny", tag)), ON_NIC)
    assert (reaches(found, PUBLIC, ALL), reaches(found, "10.9.9.9", ALL)) == (outside, inside)


def test_h9_the_platforms_own_addresses_are_always_reached() -> None:
    found = agent(group(1, rule(100, "Deny")), ON_NIC)
    assert found.resolver is not None
    assert [reaches(found, a, udp(53)) for a in ("168.63.129.16", "169.254.169.254")] == [YES, YES]
    assert found.resolver.forwards is YES


def test_h9_rules_of_their_own_resources_count() -> None:
    own = ("azurerm_network_security_rule.r", {**rule(100, "Deny"), "network_security_group_name": "g1"})
    assert reaches(agent(group(1), own, ON_NIC), PUBLIC, ALL) is NO


def test_h10_what_is_known_later_or_not_shown_is_unknown() -> None:
    later = {"azurerm_network_security_group.g1": {"security_rule": [{"destination_address_prefix": True}]}}
    assert reaches(agent(group(1, rule(100, "Deny", to="")), ON_NIC, unknown=later), PUBLIC, ALL) is UNKNOWN
    assert reaches(agent(ON_NIC), PUBLIC, ALL) is UNKNOWN
    lone = [(MACHINE, {"network_interface_ids": ["nic-9"]})]
    assert reaches(governed(MACHINE, plan__json=plan(*lone)), PUBLIC, ALL) is UNKNOWN


def test_h9_rules_of_a_network_manager_stand_above() -> None:
    closed = (ON_NIC, group(1, rule(100, "Deny")))
    assert reaches(agent(*closed), PUBLIC, tcp(443)) is NO
    above = agent(*closed, ("azurerm_network_manager_admin_rule.r", {"action": "AlwaysAllow"}))
    assert reaches(above, PUBLIC, tcp(443)) is UNKNOWN
    assert any("azurerm_network_manager_admin_rule.r" in reason for reason in reasons(above, PUBLIC))
