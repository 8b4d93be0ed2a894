"""Addresses in networks: longest prefix, both families, equal owners side by side."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.identify.networks import NetworkIndex, parse_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("[fd00::1]", "fd00::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("api.example", None),
        ("", None),
        ("010.0.0.1", None),
    ],
)
def test_parse_address(text: str, expected: str | None) -> None:
    found = parse_address(text)
    assert (str(found) if found else None) == expected


NETWORKS = st.lists(
    st.tuples(st.ip_addresses(v=4, network="10.0.0.0/28"), st.integers(26, 32), st.sampled_from("abc")), max_size=8
)


@given(NETWORKS, st.ip_addresses(v=4, network="10.0.0.0/27"))
def test_the_index_finds_what_a_scan_finds(
    drawn: list[tuple[ipaddress.IPv4Address, int, str]], address: ipaddress.IPv4Address
) -> None:
    entries = [(ipaddress.ip_network((a, length), strict=False), owner) for a, length, owner in drawn]
    holding = [(n.prefixlen, owner) for n, owner in entries if address in n]
    longest = max((length for length, _ in holding), default=None)
    expected = tuple(sorted({owner for length, owner in holding if length == longest}))
    assert NetworkIndex((str(n), owner) for n, owner in entries).owners(address) == expected


def test_families_do_not_mix() -> None:
    index = NetworkIndex([("0.0.0.0/0", "four"), ("::/0", "six")])
    assert index.owners(ipaddress.ip_address("fd00::1")) == ("six",)
    assert index.owners(ipaddress.ip_address("10.0.0.1")) == ("four",)
