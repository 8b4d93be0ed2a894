"""H5, H6: a proxy that a variable names is asked for by its own rules, and told as a way out where these leave one."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.facts.permits import PermitAnswer
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.pipeline.explaining import explain

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
COMPOSE = """\
services:
  agent:
    image: agent
    environment: {HTTPS_PROXY: "http://squid:3128"}
    networks: [inner]
  squid:
    image: squid
    networks: [inner, outer]
networks:
  inner: {internal: true}
  outer: {}
"""
SQUID = """\
http_port 3128
acl ok dstdomain -n .vendor.example
acl tls port 443
http_access allow ok tls
http_access deny all
"""


def _asked(folder: Path, destination: str, squid: str = SQUID, compose: str = COMPOSE, port: int = 443) -> list[PermitAnswer]:
    (folder / "compose.yaml").write_text(compose, encoding="utf-8")
    if squid:
        (folder / "squid.conf").write_text(squid, encoding="utf-8")
    return list(explain((folder,), "compose/agent", destination, (), (Transport.TCP, port)).answers)


def test_the_rules_of_the_proxy_decide_what_is_reached_by_it(tmp_path: Path) -> None:
    direct, via = _asked(tmp_path, "api.vendor.example")
    assert (direct.permitted is YES, via.permitted, via.destination) == (False, YES, "api.vendor.example via squid:3128")
    places = [r.location.path for r in via.reasons if r.location is not None]
    assert places == ["compose.yaml", "squid.conf"]
    assert any("http_access allow ok tls" in r.text for r in via.reasons)
    assert _asked(tmp_path, "other.example")[1].permitted is NO
    assert _asked(tmp_path, "api.vendor.example", port=22)[1].permitted is NO


def test_without_the_rules_of_the_proxy_it_is_unknown(tmp_path: Path) -> None:
    _, via = _asked(tmp_path, "api.vendor.example", squid="")
    assert (via.permitted, via.would_change) == (UNKNOWN, ("Supply the rules of squid:3128.",))
    elsewhere = _asked(tmp_path, "api.vendor.example", squid=SQUID.replace("3128", "8080"))
    assert elsewhere[1].permitted is UNKNOWN


def test_a_proxy_that_is_not_reached_relays_nothing(tmp_path: Path) -> None:
    far = COMPOSE.replace("http://squid:3128", "http://192.0.2.9:3128")
    assert _asked(tmp_path, "api.vendor.example", compose=far)[1].permitted is NO


@pytest.mark.parametrize(
    ("squid", "told"),
    [
        (SQUID, True),
        ("http_port 3128\nhttp_access deny all\n", False),
        ("", True),
    ],
)
def test_a_proxy_that_leads_outside_is_told_as_a_way_through(squid: str, told: bool, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE, encoding="utf-8")
    if squid:
        (tmp_path / "squid.conf").write_text(squid, encoding="utf-8")
    through = explain((tmp_path,), "compose/agent", "").through
    assert any(t.startswith("squid:3128 (HTTPS_PROXY send") for t in through) is told
