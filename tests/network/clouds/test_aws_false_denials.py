"""What AWS lets through though a careless reader finds it denied (facts H7, H8, H10): nothing here may be answered with no."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.facts.truth import Truth
from auditor.network import ALL, Governed
from tests.network.bench import tcp, udp
from tests.network.clouds.test_aws import HTTPS, INSTANCE, INTERNET, OUT, PUBLIC, PUBLIC6, agent, network, plan
from tests.network.rule_sets import governed, reaches

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
Values = dict[str, Any]
GROUP: tuple[str, Values] = ("aws_security_group.g", {"id": "sg-1", "egress": [OUT]})


def acl(*rules: Values, more: Values | None = None) -> tuple[str, Values]:
    """Return the network ACL of the subnet."""
    return "aws_network_acl.n", {"id": "acl-1", "subnet_ids": ["subnet-1"], "egress": list(rules), **(more or {})}


DENY: Values = {"rule_no": 100, "action": "deny", "protocol": "-1", "cidr_block": "0.0.0.0/0", "from_port": 0, "to_port": 0}


def test_an_acl_does_not_stop_what_stays_in_the_subnet_nor_the_services_of_the_network() -> None:
    parts = network(INTERNET)
    parts[1] = ("aws_subnet.a", {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"})
    found = governed("aws_instance.agent", plan__json=plan(INSTANCE, GROUP, *parts, acl(DENY)))
    asked = [("10.0.1.9", tcp(80)), ("10.0.2.9", tcp(80)), ("169.254.169.254", tcp(80)), ("10.0.0.2", udp(53)), (PUBLIC, tcp(80))]
    assert [reaches(found, a, c) for a, c in asked] == [YES, NO, YES, YES, NO]


def test_neither_groups_stop_questions_to_the_networks_resolver() -> None:
    asked = [("10.0.0.2", udp(53)), ("10.0.0.2", tcp(53)), ("10.0.0.2", tcp(443)), ("10.0.0.3", udp(53))]
    assert [reaches(agent(), a, c) for a, c in asked] == [YES, YES, NO, NO]


def test_members_of_a_group_have_global_addresses_in_ipv6_and_in_networks_of_public_blocks() -> None:
    groups = {"protocol": "tcp", "from_port": 443, "to_port": 443, "security_groups": ["sg-2"]}
    six = ({"ipv6_cidr_block": "::/0", "egress_only_gateway_id": "eigw-1"}, INTERNET)
    parts = network(*six)
    parts[0] = ("aws_vpc.net", {"id": "vpc-1", "cidr_block": "198.51.0.0/16", "ipv6_cidr_block": "2001:db8:7::/56"})
    group = ("aws_security_group.g", {"id": "sg-1", "egress": [groups]})
    found = governed("aws_instance.agent", plan__json=plan(INSTANCE, group, *parts))
    assert [reaches(found, a, tcp(443)) for a in ("198.51.3.4", "2001:db8:7::5", PUBLIC, PUBLIC6)] == [UNKNOWN, UNKNOWN, NO, NO]
    parts[0][1]["assign_generated_ipv6_cidr_block"] = "true"
    del parts[0][1]["ipv6_cidr_block"]
    later = governed("aws_instance.agent", plan__json=plan(INSTANCE, group, *parts))
    assert reaches(later, PUBLIC6, tcp(443)) is UNKNOWN


@pytest.mark.parametrize(
    "more",
    [
        ("aws_network_interface_sg_attachment.x", {"security_group_id": "sg-9", "network_interface_id": "eni-7"}),
        ("aws_network_interface_attachment.x", {"instance_id": "i-1", "network_interface_id": "eni-7"}),
        ("aws_network_interface.x", {"subnet_id": "subnet-9", "attachment": [{"instance": "i-1", "device_index": 1}]}),
    ],
)
def test_further_interfaces_and_groups_have_rules_of_their_own(more: tuple[str, Values]) -> None:
    own = (INSTANCE[0], {**INSTANCE[1], "id": "i-1"})
    group = ("aws_security_group.g", {"id": "sg-1", "egress": []})
    assert reaches(governed("aws_instance.agent", plan__json=plan(own, group, *network(INTERNET), more)), PUBLIC, ALL) is UNKNOWN


def test_an_attachment_to_another_instance_changes_nothing() -> None:
    own = (INSTANCE[0], {**INSTANCE[1], "id": "i-1", "primary_network_interface_id": "eni-1"})
    group = ("aws_security_group.g", {"id": "sg-1", "egress": []})
    others = (
        ("aws_instance.other", {"id": "i-2"}),
        ("aws_network_interface_sg_attachment.x", {"security_group_id": "sg-9", "network_interface_id": "eni-7"}),
        ("aws_network_interface_attachment.x", {"instance_id": "i-2", "network_interface_id": "eni-8"}),
    )
    assert reaches(governed("aws_instance.agent", plan__json=plan(own, group, *network(INTERNET), *others)), PUBLIC, ALL) is NO


@pytest.mark.parametrize("later", [{"rule_number": True}, {"rule_action": True}, {"egress": True}, {"network_acl_id": True}])
def test_a_rule_of_an_acl_that_is_known_only_in_part_denies_nothing(later: Values) -> None:
    said = {"rule_number": 50, "rule_action": "deny", "egress": "true", "network_acl_id": "acl-1", "protocol": "-1"}
    rule = {k: v for k, v in said.items() if k not in later} | {"cidr_block": "0.0.0.0/0"}
    allow = {**DENY, "action": "allow"}
    parts = (INSTANCE, GROUP, *network(INTERNET), acl(allow), ("aws_network_acl_rule.r", rule))
    expressions: Values = {"aws_network_acl_rule.r": {key: {"references": ["var.x"]} for key in later}}
    text = plan(*parts, unknown={"aws_network_acl_rule.r": later}, expressions=expressions)
    assert reaches(governed("aws_instance.agent", plan__json=text), PUBLIC, ALL) is UNKNOWN


def test_routes_that_a_vpn_gateway_tells_are_in_no_table() -> None:
    vgw = {"aws_vpn_gateway_route_propagation.p": {"vpn_gateway_id": "vgw-1", "route_table_id": "rtb-1"}}
    assert reaches(agent(OUT, routes=(), more=tuple(vgw.items())), PUBLIC, ALL) is UNKNOWN
    parts = network()
    parts[2][1]["propagating_vgws"] = ["vgw-1"]
    assert reaches(governed("aws_instance.agent", plan__json=plan(INSTANCE, GROUP, *parts)), PUBLIC, ALL) is UNKNOWN


def test_a_gateway_endpoint_may_be_put_into_a_table_by_a_resource_of_its_own() -> None:
    more = (
        ("aws_vpc_endpoint.s3", {"id": "vpce-1", "service_name": "com.amazonaws.eu-central-1.s3"}),
        ("aws_vpc_endpoint_route_table_association.a", {"vpc_endpoint_id": "vpce-1", "route_table_id": "rtb-1"}),
    )
    assert reaches(agent(OUT, routes=(), more=more), PUBLIC, tcp(443)) is UNKNOWN


def test_a_route_whose_table_is_not_known_may_be_in_any() -> None:
    route = ("aws_route.r", {"destination_cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"})
    unknown: Values = {"aws_route.r": {"route_table_id": True}}
    for reference in ("aws_vpc.net.main_route_table_id", "module.net.tables", "each.value"):
        expressions = {"aws_route.r": {"route_table_id": {"references": [reference]}}}
        text = plan(INSTANCE, GROUP, *network(), route, unknown=unknown, expressions=expressions)
        assert reaches(governed("aws_instance.agent", plan__json=text), PUBLIC, ALL) is UNKNOWN


def _counted(reference: list[str]) -> Governed:
    """Return an instance whose subnet is associated with one of two tables, of which the second leads out."""
    parts = [
        *network()[:2],
        ("aws_route_table.t[0]", {"id": "rtb-1", "route": []}),
        ("aws_route_table.t[1]", {"id": "rtb-2", "route": [INTERNET]}),
        ("aws_route_table_association.x[1]", {"subnet_id": "subnet-1"}),
    ]
    return governed(
        "aws_instance.agent",
        plan__json=plan(
            INSTANCE,
            GROUP,
            *parts,
            unknown={"aws_route_table_association.x[1]": {"route_table_id": True}},
            expressions={"aws_route_table_association.x": {"route_table_id": {"references": reference}}},
        ),
    )


def test_which_of_several_tables_an_index_means_is_not_guessed() -> None:
    assert reaches(_counted(["aws_route_table.t", "count.index"]), PUBLIC, ALL) is UNKNOWN
    first, second = (_counted([f"aws_route_table.t[{n}].id", f"aws_route_table.t[{n}]", "aws_route_table.t"]) for n in (0, 1))
    assert (reaches(first, PUBLIC, ALL), reaches(second, PUBLIC, ALL)) == (NO, YES)


def test_a_subnet_whose_association_is_not_known_may_have_any_table() -> None:
    link = ("aws_route_table_association.y", {"route_table_id": "rtb-9"})
    parts = [*network()[:2], link]
    expressions: Values = {link[0]: {"subnet_id": {"references": ["each.value"]}}}
    text = plan(INSTANCE, GROUP, *parts, unknown={link[0]: {"subnet_id": True}}, expressions=expressions)
    assert reaches(governed("aws_instance.agent", plan__json=text), PUBLIC, ALL) is UNKNOWN


def test_the_default_network_of_an_account_leads_out() -> None:
    parts = [("aws_default_vpc.net", {"id": "vpc-1", "cidr_block": "172.31.0.0/16"}), network()[1]]
    assert reaches(governed("aws_instance.agent", plan__json=plan(INSTANCE, GROUP, *parts)), PUBLIC, ALL) is UNKNOWN


def test_a_route_to_blocks_that_were_added_to_the_network_is_local() -> None:
    more = ("aws_vpc_ipv4_cidr_block_association.b", {"vpc_id": "vpc-1", "cidr_block": "100.64.0.0/16"})
    assert reaches(agent(OUT, routes=(), more=(more,)), "100.64.3.4", tcp(443)) is YES
    parts = network()
    parts[0] = ("aws_vpc.net", {"id": "vpc-1"})
    pooled = governed("aws_instance.agent", plan__json=plan(INSTANCE, GROUP, *parts))
    assert reaches(pooled, "10.0.9.9", tcp(443)) is UNKNOWN


def test_routes_acls_and_groups_that_dynamic_blocks_may_fill_are_open() -> None:
    for address, key, more, asked in (
        ("aws_route_table.t", "route", [], PUBLIC),
        ("aws_network_acl.n", "egress", [acl(DENY)], "10.0.77.9"),
    ):
        parts = [(a, {k: v for k, v in values.items() if (a, k) != (address, key)}) for a, values in [*network(), *more]]
        text = plan(INSTANCE, GROUP, *parts, unknown={address: {key: True}}, expressions={address: {"tags": {}}})
        assert reaches(governed("aws_instance.agent", plan__json=text), asked, ALL) is UNKNOWN
    inline: Values = {"aws_security_group.g": {"egress": [True]}}
    text = plan(INSTANCE, ("aws_security_group.g", {"id": "sg-1", "egress": [{}]}), *network(INTERNET), unknown=inline)
    assert reaches(governed("aws_instance.agent", plan__json=text), PUBLIC, ALL) is UNKNOWN


@pytest.mark.parametrize("mark", ['"errored": true', '"complete": false'])
def test_a_plan_that_is_not_whole_denies_nothing(mark: str) -> None:
    whole = plan(INSTANCE, ("aws_security_group.g", {"id": "sg-1", "egress": [HTTPS]}), *network(INTERNET))
    cut = whole.replace('"format_version"', f'{mark},\n "format_version"', 1)
    assert [reaches(governed("aws_instance.agent", plan__json=t), PUBLIC, tcp(80)) for t in (whole, cut)] == [NO, UNKNOWN]
