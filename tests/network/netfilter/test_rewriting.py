"""Where rules that change destinations lead, as both tools write it."""

from __future__ import annotations

import pytest

from auditor.network.addresses import Range, parse_range
from auditor.network.netfilter.rewriting import Rewriting, redirected_to, rewritten_to
from auditor.network.spans import Spans
from tests.network.bench import tcp, udp


@pytest.mark.parametrize(
    ("written", "place", "ports"),
    [
        ("192.0.2.1", "192.0.2.1", ()),
        ("192.0.2.1:80", "192.0.2.1", ((80, 80),)),
        ("192.0.2.1-192.0.2.9:80-90", "192.0.2.1-192.0.2.9", ((80, 90),)),
        (":8080", "", ((8080, 8080),)),
        ("2001:db8::1", "2001:db8::1", ()),
        ("[2001:db8::1]:443", "2001:db8::1", ((443, 443),)),
        ("[2001:db8::1]-[2001:db8::9]:443", "2001:db8::1-2001:db8::9", ((443, 443),)),
        ("192.0.2.1:https", "192.0.2.1", ((443, 443),)),
    ],
)
def test_destinations_that_are_written_out(written: str, place: str, ports: tuple[tuple[int, int], ...]) -> None:
    assert rewritten_to(written, None) == Rewriting(parse_range(place) if place else None, Spans(ports))


@pytest.mark.parametrize("written", ["", "192.0.2.1:80-90/8080", "proxy.example:80", "$PROXY", "192.0.2.1:nothing", "[192.0.2.1"])
def test_what_is_not_written_out_leads_nowhere_known(written: str) -> None:
    assert rewritten_to(written, None) is None


def test_an_address_of_the_other_family_leads_nowhere_known() -> None:
    assert rewritten_to("192.0.2.1", 6) is None


def test_connections_become_others_and_back() -> None:
    there = Rewriting(None, Spans(((8080, 8080),)))
    assert there.onward(tcp(80, 81)) == tcp(8080)
    assert there.back(tcp(80, 81), tcp(8080)) == tcp(80, 81)
    assert not there.back(tcp(80), udp(8080))
    same = Rewriting(parse_range("192.0.2.1"))
    assert (same.onward(tcp(80)), same.back(tcp(80, 81), tcp(80))) == (tcp(80), tcp(80))


def test_a_redirection_leads_to_the_host_itself() -> None:
    found = redirected_to(":3128")
    assert found is not None
    assert [found.place_for(Range(f, 5, 9)).text() for f in (4, 6)] == ["127.0.0.1", "::1"]
    assert (found.text(), redirected_to("no port")) == ("the host itself, port 3128", None)
