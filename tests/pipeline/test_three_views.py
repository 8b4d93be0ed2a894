"""A capture at the perimeter, VPC flow logs and a proxy log of one window: one table, each flow once, all its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.facts.assessment import Assessment
from auditor.pipeline import Request, gather, judge, model
from tests.traffic.wire import CLIENT, SERVER, START, Connection, client_hello, pcap, records

PROXY, AGENT = CLIENT, "10.0.0.8"
MANIFEST = f"""\
version: 1
deployment: three-views
zones:
  corp: {{operator: customer, hosted_by: customer, processing: [DE], storage: [DE], networks: [10.0.0.0/24]}}
perimeter: [corp]
components:
  - {{id: agent, plane: execution, role: workspace, zone: corp, networks: [{AGENT}/32]}}
  - {{id: proxy, plane: supporting, role: proxy, zone: corp, networks: [{PROXY}/32]}}
inputs:
  - {{capture: perimeter.pcap, vantage: perimeter, sees: [corp]}}
  - {{log: vpc.log, vantage: interfaces, sees: [corp]}}
  - {{log: access.log, vantage: proxy, sees: [corp]}}
profiles: [in-network]
"""
_FIELDS = (
    "version interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags "
    "pkt-srcaddr pkt-dstaddr flow-direction"
)


def _record(interface: str, source: tuple[str, int], to: tuple[str, int], size: int, flags: int, way: str) -> str:
    ends = (source[0], to[0], source[1], to[1])
    told = (5, interface, *ends, 6, 6, size, START, START + 60, "ACCEPT", "OK", flags, source[0], to[0], way)
    return " ".join(map(str, told)) + "\n"


def _both(interface: str, client: tuple[str, int], server: tuple[str, int], *, mine: bool) -> str:
    ways = ("egress", "ingress") if mine else ("ingress", "egress")
    return _record(interface, client, server, 1500, 3, ways[0]) + _record(interface, server, client, 2500, 19, ways[1])


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """Return the deployment: the agent asks its proxy, which goes out; every interface logs, so inner flows twice."""
    connection = Connection()
    frames = [*connection.handshake(), connection.say(records(client_hello())), connection.answer(b"y" * 900)]
    (tmp_path / "perimeter.pcap").write_bytes(pcap(frames))
    inner = ((AGENT, 40000), (PROXY, 3128))
    lines = _both("eni-agent", *inner, mine=True) + _both("eni-proxy", *inner, mine=False)
    lines += _both("eni-proxy", (PROXY, 50000), (SERVER, 443), mine=True)
    (tmp_path / "vpc.log").write_text(_FIELDS + "\n" + lines)
    asked = f"{START}.900    800 {AGENT} TCP_TUNNEL/200 2180 CONNECT api.example.com:443 - HIER_DIRECT/{SERVER} -\n"
    (tmp_path / "access.log").write_text(asked)
    (tmp_path / "auditor.yaml").write_text(MANIFEST)
    return tmp_path


def assessed(deployment: Path) -> Assessment:
    inputs = gather(Request(paths=(deployment,)))
    return judge(model(inputs), inputs, "2023-11-15T00:00:00Z")


def test_each_leg_stands_once_with_the_evidence_of_all_who_saw_it(deployment: Path) -> None:
    found = assessed(deployment)
    evidence = {e.id: e for e in found.evidence}
    legs = {
        c.id: (c.sighting_reason.rpartition(" over ")[2], sorted({(evidence[e].kind, evidence[e].path) for e in c.evidence}))
        for c in found.channels
    }
    assert legs == {
        "agent>host:api.example.com/tcp/3128 via proxy": ("1 connection", [("lines", "access.log"), ("lines", "vpc.log")]),
        "proxy>host:api.example.com/tcp/443": (
            "1 connection",
            [("frames", "perimeter.pcap"), ("lines", "access.log"), ("lines", "vpc.log")],
        ),
    }
    out = {c.id: (c.payload_in, c.untold) for c in found.channels}
    assert out["proxy>host:api.example.com/tcp/443"] == (900, 0)
    assert out["agent>host:api.example.com/tcp/3128 via proxy"] == (2180, 1)


def test_a_request_that_has_no_room_on_the_connection_stays_apart_from_it(deployment: Path) -> None:
    log = deployment / "access.log"
    log.write_text(log.read_text().replace(" 2180 ", " 9180 "))
    assert {c.id for c in assessed(deployment).channels} == {
        "agent>proxy/tcp/3128",
        "agent>host:api.example.com/tcp/3128 via proxy",
        "proxy>host:api.example.com/tcp/443",
    }


def test_each_source_covers_what_it_can_and_the_proxy_log_nothing(deployment: Path) -> None:
    coverage = {c.id: c for c in assessed(deployment).coverage}
    assert coverage["access.log"].unproving.startswith("requests inside encrypted connections are not logged")
    assert coverage["access.log"].workloads == ()
    assert coverage["vpc.log"].unproving == ""
    assert set(coverage["vpc.log"].workloads) == {"agent", "proxy"}
    assert "questions to the cloud provider's own resolver are not logged" in coverage["vpc.log"].blind
    assert coverage["perimeter.pcap"].blind == ()


def test_a_silence_that_only_the_flow_log_covers_is_void_once_records_are_missing(deployment: Path) -> None:
    lost = f"5 eni-agent - - - - - - - {START} {START + 60} - SKIPDATA - - - -\n"
    with (deployment / "vpc.log").open("a") as log:
        log.write(lost)
    found = assessed(deployment)
    (vpc,) = (c for c in found.coverage if c.id == "vpc.log")
    assert "missing" in vpc.unproving
    assert vpc.workloads == ()
    assert any(u.kind == "observation_coverage" and u.subject == "agent" for u in found.unknowns)
