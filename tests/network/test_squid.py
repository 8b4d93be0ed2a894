"""Trap H6: what Squid relays. The first line that matches decides, and the default is the opposite of the last."""

from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.network import (
    ICMP,
    Answers,
    Connections,
    Source,
    read_cluster,
    read_platform,
    sealed_at,
    ways_out,
)
from tests.network.bench import tcp, udp
from tests.network.rule_sets import governed, outcome, reaches, reasons

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ADDRESS = "203.0.113.7"
BASE = "acl localnet src 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16\nacl SSL_ports port 443\nacl Safe_ports port 80 443\n"
USUAL = "http_access deny !Safe_ports\nhttp_access deny CONNECT !SSL_ports\n"


def asked(*lines: str, host: str = "api.vendor.example", ports: Connections = tcp(443), base: str = BASE) -> Truth:  # noqa: B008 -- frozen
    """Return whether a client may reach a host through the proxy."""
    return reaches(governed("squid", squid__conf=base + "\n".join(lines) + "\n"), ADDRESS, ports, name=host)


def test_h6_the_first_line_that_matches_decides() -> None:
    allowed, denied = (
        "acl a dstdomain .vendor.example\nhttp_access allow a",
        "acl d dstdomain api.vendor.example\nhttp_access deny d",
    )
    assert (asked(allowed, denied, "http_access deny all"), asked(denied, allowed, "http_access deny all")) == (YES, NO)


def test_h6_a_line_behind_deny_all_is_dead() -> None:
    assert asked("http_access deny all", "http_access allow all") is NO


def test_h6_an_include_may_decide_anything_from_there_on() -> None:
    assert asked("include /etc/squid/conf.d/*.conf", "http_access deny all") is UNKNOWN
    assert asked("http_access deny all", "include /etc/squid/conf.d/*.conf") is NO


def test_h6_without_a_host_element_any_host_is_allowed() -> None:
    assert asked(USUAL, "http_access allow localnet", "http_access deny all") is YES


@pytest.mark.parametrize(("pattern", "apex", "below"), [(".vendor.example", YES, YES), ("vendor.example", YES, NO)])
def test_h6_a_leading_dot_takes_the_apex_too(pattern: str, apex: Truth, below: Truth) -> None:
    lines = (f"acl a dstdomain {pattern}", "http_access allow localnet a", "http_access deny all")
    assert (asked(*lines, host="vendor.example"), asked(*lines, host="x.y.vendor.example")) == (apex, below)


def test_h6_a_tunnel_is_checked_by_host_and_port_alone_and_either_way_counts() -> None:
    assert asked(USUAL, "http_access allow all", ports=tcp(8443)) is NO
    assert asked("http_access deny CONNECT", "http_access allow all") is YES
    assert asked("acl g method GET CONNECT", "http_access deny g", "http_access allow all") is UNKNOWN
    given = governed("squid", squid__conf="http_access allow all\n").layers[0].assumed
    assert "a tunnel (CONNECT) is checked by host and port alone, not by what is spoken inside" in given


@pytest.mark.parametrize(
    ("lines", "truth"),
    [
        (("http_access allow none",), UNKNOWN),
        (("acl n port 1", "http_access allow n"), NO),
        (("acl n port 1", "http_access deny n"), YES),
    ],
)
def test_h6_without_a_match_the_opposite_of_the_last_line_holds(lines: tuple[str, ...], truth: Truth) -> None:
    assert asked(*lines) is truth


@pytest.mark.parametrize(
    "element",
    [
        "time MTWHF",
        "proxy_auth REQUIRED",
        "dstdom_regex vendor",
        'dstdomain "/etc/squid/allowed.txt"',
        "url_regex .",
        "src 10.9.0.0/16",
    ],
)
def test_an_element_that_is_not_read_is_unknown_and_named(element: str) -> None:
    found = governed("squid", squid__conf=f"acl x {element}\nhttp_access allow x\nhttp_access deny all\n")
    assert reaches(found, ADDRESS, tcp(443), name="api.vendor.example") is UNKNOWN
    assert any(
        f"not decided from the file: {element.partition(' ')[0]} x" in s.text
        for s in outcome(found, ADDRESS, "api.vendor.example").decision.steps
    )


def test_an_address_is_told_from_a_name() -> None:
    elements = "acl in dst 203.0.113.0/24\nacl a dstdomain .vendor.example\n"
    lines = f"{BASE}{elements}http_access deny in\nhttp_access allow a\nhttp_access deny all\n"
    found = governed("squid", squid__conf=lines)
    assert (reaches(found, ADDRESS, tcp(443)), reaches(found, "198.51.100.1", tcp(443))) == (NO, UNKNOWN)


def test_a_proxy_relays_tcp_alone_and_its_rules_hold_only_who_uses_it() -> None:
    found = governed("squid", squid__conf="http_access allow all\n")
    assert [reaches(found, ADDRESS, c) for c in (tcp(443), udp(443), ICMP)] == [YES, NO, NO]
    assert outcome(found, ADDRESS).strength(udp(443)) == "tool_setting"
    assert "a proxy relays TCP alone" in reasons(found, ADDRESS)


@pytest.mark.parametrize("line", ["url_rewrite_program /usr/bin/elsewhere", "icap_service s reqmod_precache icap://127.0.0.1/s"])
def test_h6_a_program_that_changes_requests_leaves_all_open(line: str) -> None:
    rules = "acl ok dstdomain ok.example\nhttp_access allow ok\nhttp_access deny all\n"
    assert reaches(governed("squid", squid__conf=rules), "203.0.113.7", tcp(443), name="other.example") is Truth.NO
    found = governed("squid", squid__conf=f"{rules}{line}\n")
    assert reaches(found, "203.0.113.7", tcp(443), name="other.example") is Truth.UNKNOWN


def test_h6_lines_under_a_condition_may_not_count() -> None:
    found = governed("squid", squid__conf="if 0\nhttp_access deny all\nendif\nhttp_access allow all\n")
    assert reaches(found, "203.0.113.7", tcp(443), name="other.example") is Truth.UNKNOWN


def test_p16_an_element_of_addresses_makes_the_proxy_look_up_what_it_then_denies() -> None:
    by_address = governed("squid", squid__conf="acl near dst 10.0.0.0/8\nhttp_access allow near\nhttp_access deny all\n")
    assert by_address.resolver is not None
    assert by_address.resolver.forwards is Truth.UNKNOWN
    by_name = governed("squid", squid__conf="acl ok dstdomain -n ok.example\nhttp_access allow ok\nhttp_access deny all\n")
    assert by_name.resolver is None


def test_a_list_of_names_alone_is_a_way_out_to_whatever_addresses_they_have() -> None:
    found = governed("squid", squid__conf="acl ok dstdomain -n .vendor.example\nhttp_access allow ok\nhttp_access deny all\n")
    assert reaches(found, "203.0.113.7", tcp(443)) is Truth.UNKNOWN
    answers = Answers(read_cluster((), read_platform(())), (found,))
    assert list(ways_out(answers, Source.governed(found)))
    assert sealed_at(answers, [Source.governed(found)]) is None


@pytest.mark.parametrize("element", ["dstdomain ok.example", "dstdom_regex ok"])
def test_p16_an_element_of_names_makes_the_proxy_look_up_addresses_in_reverse(element: str) -> None:
    found = governed("squid", squid__conf=f"acl ok {element}\nhttp_access allow ok\nhttp_access deny all\n")
    assert found.resolver is not None
    assert (found.resolver.forwards, "in reverse" in found.resolver.text) == (Truth.UNKNOWN, True)


def test_p16_an_element_that_looks_nothing_up_takes_no_name_and_denies_no_address_for_sure() -> None:
    near = "acl near dst -n 10.0.0.0/8\n"
    allowing = governed("squid", squid__conf=f"{near}http_access allow near\nhttp_access deny all\n")
    assert allowing.resolver is None
    assert reaches(allowing, "203.0.113.7", tcp(443)) is Truth.NO
    assert reaches(allowing, "10.0.0.7", tcp(443), name="a.example") is Truth.NO
    assert reaches(allowing, "10.0.0.7", tcp(443)) is not Truth.NO
    denying = governed("squid", squid__conf=f"{near}http_access deny near\nhttp_access allow all\n")
    assert reaches(denying, "10.0.0.7", tcp(443), name="a.example") is Truth.YES
    assert reaches(denying, "10.0.0.7", tcp(443)) is Truth.UNKNOWN
