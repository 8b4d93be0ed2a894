"""Community IDs against the published baseline of the specification."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.community import community_id


def packed(address: str) -> bytes:
    return ipaddress.ip_address(address).packed


@pytest.mark.parametrize(
    ("source", "sport", "destination", "dport", "protocol", "icmp", "expected"),
    [
        ("128.232.110.120", 34855, "66.35.250.204", 80, 6, (0, 0), "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        ("192.168.1.52", 54585, "8.8.8.8", 53, 17, (0, 0), "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
        ("192.168.0.89", 0, "192.168.0.1", 0, 1, (8, 0), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
    ],
)
def test_the_baseline_of_the_specification(
    source: str, sport: int, destination: str, dport: int, protocol: int, icmp: tuple[int, int], expected: str
) -> None:
    assert community_id((packed(source), sport), (packed(destination), dport), protocol, icmp) == expected


@given(st.binary(min_size=4, max_size=4), st.binary(min_size=4, max_size=4), st.integers(0, 65535), st.integers(0, 65535))
def test_both_directions_give_the_same(one: bytes, two: bytes, sport: int, dport: int) -> None:
    for protocol in (6, 17, 132, 47):
        assert community_id((one, sport), (two, dport), protocol) == community_id((two, dport), (one, sport), protocol)
    assert community_id((one, 0), (two, 0), 1, (8, 0)) == community_id((two, 0), (one, 0), 1, (0, 0))


def test_a_message_without_an_answer_keeps_its_direction_and_its_code() -> None:
    one, two = packed("10.0.0.1"), packed("10.0.0.2")
    found = {community_id((a, 0), (b, 0), 1, (3, code)) for a, b in ((one, two), (two, one)) for code in (1, 3)}
    assert len(found) == 4


def test_a_protocol_without_ports_has_none() -> None:
    one, two = packed("10.0.0.1"), packed("10.0.0.2")
    assert community_id((one, 5), (two, 9), 47) == community_id((one, 0), (two, 0), 47)
