"""Traps H7, H8 and H10: security groups, network ACLs, routes and endpoints of AWS, as a plan of Terraform shows them."""

from __future__ import annotations

import json
from typing import Any

from auditor.facts.truth import Truth
from auditor.network import ALL, ICMP, Governed
from tests.network.bench import tcp, udp
from tests.network.rule_sets import governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PUBLIC, PUBLIC6 = "203.0.113.7", "2001:db8::7"
Values = dict[str, Any]
OUT = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
HTTPS = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["203.0.113.0/24"]}
INTERNET = {"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}


def plan(*resources: tuple[str, Values], unknown: Values | None = None, expressions: Values | None = None) -> str:
    """Return a plan of resources by address; ``unknown`` and ``expressions`` are by address too."""
    listed = [
        {"address": a, "mode": "managed", "type": a.split(".")[0], "name": a.split(".")[1], "values": v} for a, v in resources
    ]
    changes = [{"address": a, "change": {"after_unknown": u}} for a, u in (unknown or {}).items()]
    given = [{"address": a, "expressions": e} for a, e in (expressions or {}).items()]
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": listed}},
            "resource_changes": changes,
            "configuration": {"root_module": {"resources": given}},
        },
        indent=1,
    )


def network(*routes: Values, more: tuple[tuple[str, Values], ...] = ()) -> list[tuple[str, Values]]:
    """Return a network with one subnet and its table of routes."""
    return [
        ("aws_vpc.net", {"id": "vpc-1", "cidr_block": "10.0.0.0/16"}),
        ("aws_subnet.a", {"id": "subnet-1", "vpc_id": "vpc-1"}),
        ("aws_route_table.t", {"id": "rtb-1", "vpc_id": "vpc-1", "route": list(routes)}),
        ("aws_route_table_association.x", {"subnet_id": "subnet-1", "route_table_id": "rtb-1"}),
        *more,
    ]


INSTANCE: tuple[str, Values] = (
    "aws_instance.agent",
    {"subnet_id": "subnet-1", "vpc_security_group_ids": ["sg-1"], "tags": {"Name": "agent-1"}},
)


def agent(*egress: Values, routes: tuple[Values, ...] = (INTERNET,), more: tuple[tuple[str, Values], ...] = ()) -> Governed:
    """Return an instance whose group has these rules and whose subnet these routes."""
    group = ("aws_security_group.g", {"id": "sg-1", "egress": list(egress)})
    return governed("aws_instance.agent", plan__json=plan(INSTANCE, group, *network(*routes, more=more)))


def test_h7_groups_only_allow_and_are_united() -> None:
    found = agent(HTTPS, {**HTTPS, "from_port": 22, "to_port": 22})
    assert [reaches(found, PUBLIC, c) for c in (tcp(443), tcp(22), tcp(80), udp(443), ICMP)] == [YES, YES, NO, NO, NO]
    assert reaches(found, "198.51.100.1", tcp(443)) is NO
    assert outcome(found, PUBLIC).strength(tcp(80)) == "network_policy"


def test_h7_without_a_rule_nothing_leaves_and_minus_one_is_everything() -> None:
    assert reaches(agent(), PUBLIC, ALL) is NO
    assert reaches(agent(OUT), PUBLIC, ALL) is YES


def test_h7_a_group_whose_egress_is_computed_may_get_it_by_a_dynamic_block_that_plans_do_not_show() -> None:
    parts = (INSTANCE, ("aws_security_group.g", {"id": "sg-1"}), *network(INTERNET))
    unknown: Values = {"aws_security_group.g": {"egress": True}}
    silent: Values = {"aws_security_group.g": {"name": {"constant_value": "g"}}}
    said = governed("aws_instance.agent", plan__json=plan(*parts, unknown=unknown, expressions=silent))
    assert reaches(said, PUBLIC, ALL) is UNKNOWN
    assert any("dynamic block" in reason for reason in reasons(said, PUBLIC))


def test_h7_ipv6_has_blocks_of_its_own() -> None:
    six = ({"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}, {"ipv6_cidr_block": "::/0", "egress_only_gateway_id": "eigw-1"})
    assert [reaches(agent(OUT, routes=six), a, tcp(443)) for a in (PUBLIC, PUBLIC6)] == [YES, NO]
    both = {**OUT, "ipv6_cidr_blocks": ["::/0"]}
    assert [reaches(agent(both, routes=six), a, tcp(443)) for a in (PUBLIC, PUBLIC6)] == [YES, YES]


def test_h7_prefix_lists_and_other_groups_are_not_decided() -> None:
    lists = {"protocol": "tcp", "from_port": 443, "to_port": 443, "prefix_list_ids": ["pl-1"]}
    assert reaches(agent(lists), PUBLIC, tcp(443)) is UNKNOWN
    groups = {"protocol": "tcp", "from_port": 443, "to_port": 443, "security_groups": ["sg-2"]}
    assert [reaches(agent(groups), a, tcp(443)) for a in (PUBLIC, "10.0.3.4")] == [NO, UNKNOWN]


def test_h7_rules_of_their_own_resources_count_and_ingress_does_not() -> None:
    more = (
        ("aws_security_group_rule.e", {"type": "egress", "security_group_id": "sg-1", **HTTPS}),
        ("aws_security_group_rule.i", {"type": "ingress", "security_group_id": "sg-1", **OUT}),
        (
            "aws_vpc_security_group_egress_rule.n",
            {"security_group_id": "sg-1", "ip_protocol": "udp", "from_port": 123, "to_port": 123, "cidr_ipv4": "0.0.0.0/0"},
        ),
    )
    found = agent(more=more)
    assert [reaches(found, PUBLIC, c) for c in (tcp(443), udp(123), tcp(80))] == [YES, YES, NO]


def test_h7_the_resolver_and_metadata_are_not_stopped_by_groups() -> None:
    found = agent()
    assert found.resolver is not None
    assert (found.resolver.forwards, reaches(found, "169.254.169.254", tcp(80))) == (YES, YES)
    off = [("aws_vpc.net", {"id": "vpc-1", "cidr_block": "10.0.0.0/16", "enable_dns_support": "false"})]
    text = plan(INSTANCE, ("aws_security_group.g", {"id": "sg-1", "egress": []}), *off, *network()[1:])
    quiet = governed("aws_instance.agent", plan__json=text).resolver
    assert quiet is not None
    assert quiet.forwards is NO


def test_h7_a_group_that_the_plan_does_not_show_is_unknown() -> None:
    text = plan(("aws_instance.agent", {"subnet_id": "subnet-1", "vpc_security_group_ids": ["sg-9"]}), *network(INTERNET))
    assert reaches(governed("aws_instance.agent", plan__json=text), PUBLIC, tcp(443)) is UNKNOWN


def test_h8_without_a_route_there_is_no_way_out() -> None:
    sealed = agent(OUT, routes=())
    assert (reaches(sealed, PUBLIC, ALL), outcome(sealed, PUBLIC).strength(ALL)) == (NO, "no_route")
    assert reaches(sealed, "10.0.9.9", tcp(5432)) is YES
    nat = agent(OUT, routes=({"cidr_block": "203.0.113.0/24", "nat_gateway_id": "nat-1"},))
    assert [reaches(nat, a, ALL) for a in (PUBLIC, "198.51.100.1")] == [YES, NO]


def test_h8_the_longest_route_counts_and_where_it_leads_may_not_be_read() -> None:
    routes = ({"cidr_block": "0.0.0.0/0", "gateway_id": "igw-1"}, {"cidr_block": "203.0.113.0/24", "transit_gateway_id": "tgw-1"})
    assert [reaches(agent(OUT, routes=routes), a, ALL) for a in (PUBLIC, "198.51.100.1")] == [UNKNOWN, YES]


def test_h8_a_subnet_without_a_table_has_the_main_one_of_its_network() -> None:
    group = ("aws_security_group.g", {"id": "sg-1", "egress": [OUT]})
    text = plan(INSTANCE, group, *network(INTERNET)[:2])
    assert reaches(governed("aws_instance.agent", plan__json=text), PUBLIC, ALL) is NO
    elsewhere = plan(INSTANCE, group, ("aws_subnet.a", {"id": "subnet-1", "vpc_id": "vpc-9"}))
    assert reaches(governed("aws_instance.agent", plan__json=elsewhere), PUBLIC, ALL) is UNKNOWN


def test_h8_network_acls_are_asked_by_number() -> None:
    def rule(number: int, action: str, block: str) -> Values:
        return {"rule_no": number, "action": action, "protocol": "-1", "cidr_block": block, "from_port": 0, "to_port": 0}

    acl = {
        "id": "acl-1",
        "subnet_ids": ["subnet-1"],
        "egress": [rule(200, "allow", "0.0.0.0/0"), rule(100, "deny", "203.0.113.0/24")],
    }
    found = agent(OUT, more=(("aws_network_acl.n", acl),))
    assert [reaches(found, a, ALL) for a in (PUBLIC, "198.51.100.1")] == [NO, YES]
    assert "AWS network ACL: aws_network_acl.n, rule 100, deny" in reasons(found, PUBLIC)


def test_h8_a_gateway_endpoint_is_a_private_way_to_a_public_service() -> None:
    endpoint = {"vpc_endpoint_type": "Gateway", "service_name": "com.amazonaws.eu-central-1.s3", "route_table_ids": ["rtb-1"]}
    found = agent(OUT, routes=(), more=(("aws_vpc_endpoint.s3", endpoint),))
    assert reaches(found, PUBLIC, tcp(443)) is UNKNOWN
    assert any("com.amazonaws.eu-central-1.s3" in r for r in reasons(found, PUBLIC))


def test_h10_what_is_known_only_after_the_run_is_unknown() -> None:
    group = {"id": "sg-1", "egress": [{"protocol": "tcp", "from_port": 443, "to_port": 443}]}
    said = {"aws_security_group.g": {"egress": [{"cidr_blocks": True}]}}
    text = plan(INSTANCE, ("aws_security_group.g", group), *network(INTERNET), unknown=said)
    found = governed("aws_instance.agent", plan__json=text)
    assert [reaches(found, PUBLIC, c) for c in (tcp(443), tcp(80))] == [UNKNOWN, NO]
    assert any("known only after the run" in r for r in reasons(found, PUBLIC))


def test_h10_ids_that_are_not_known_yet_are_followed_by_reference() -> None:
    def refers(to: str) -> Values:
        return {"references": [f"{to}.id", to]}

    parts: list[tuple[str, Values]] = [
        ("aws_instance.agent", {}),
        ("aws_security_group.g", {"egress": [HTTPS]}),
        ("aws_vpc.net", {"cidr_block": "10.0.0.0/16"}),
        ("aws_subnet.a", {}),
        ("aws_route_table.t", {"route": [{"cidr_block": "0.0.0.0/0"}]}),
        ("aws_route_table_association.x", {}),
    ]
    unknown: Values = {
        "aws_instance.agent": {"subnet_id": True, "vpc_security_group_ids": True},
        "aws_subnet.a": {"id": True, "vpc_id": True},
        "aws_route_table.t": {"id": True, "route": [{"gateway_id": True}]},
        "aws_route_table_association.x": {"subnet_id": True, "route_table_id": True},
    }
    expressions: Values = {
        "aws_instance.agent": {"subnet_id": refers("aws_subnet.a"), "vpc_security_group_ids": refers("aws_security_group.g")},
        "aws_security_group.g": {"egress": [{"protocol": {"constant_value": "tcp"}}]},
        "aws_subnet.a": {"vpc_id": refers("aws_vpc.net")},
        "aws_route_table.t": {"route": [{"gateway_id": refers("aws_internet_gateway.i")}]},
        "aws_route_table_association.x": {"subnet_id": refers("aws_subnet.a"), "route_table_id": refers("aws_route_table.t")},
    }
    found = governed("aws_instance.agent", plan__json=plan(*parts, unknown=unknown, expressions=expressions))
    assert [reaches(found, PUBLIC, c) for c in (tcp(443), tcp(80))] == [YES, NO]
    expressions["aws_instance.agent"]["vpc_security_group_ids"] = refers("var.groups")
    open_ = governed("aws_instance.agent", plan__json=plan(*parts, unknown=unknown, expressions=expressions))
    assert reaches(open_, PUBLIC, tcp(80)) is UNKNOWN


def test_an_instance_is_asked_by_its_address_or_name() -> None:
    found = agent(OUT)
    assert (found.subject.id, found.subject.names) == ("aws_instance.agent", ("agent", "agent-1"))
