"""NetFlow and IPFIX through nfdump: its CSV and JSON, and real captures turned into flows by it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.observation import CaptureSource
from auditor.facts.vocabulary import Sighting, Transport
from auditor.traffic import observe
from auditor.traffic.logs import Action
from tests.traffic.logs.reader import Outcome, captures, json_lines, read, told

_CSV = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"
CAPTURES = captures()


def _record(**fields: Any) -> dict[str, Any]:
    usual = {
        "type": "FLOW",
        "sampled": 0,
        "export_sysid": 3,
        "first": "2026-09-21T10:00:01.936",
        "last": "2026-09-21T10:00:02.541",
        "in_packets": 30,
        "in_bytes": 26577,
        "proto": 6,
        "tcp_flags": "...AP.SF",
        "src_port": 37692,
        "dst_port": 443,
        "src4_addr": "10.0.0.5",
        "dst4_addr": "192.0.2.10",
        "label": "<none>",
    }
    return {**usual, **fields}


def test_json_records_of_both_directions_are_one_flow(tmp_path: Path) -> None:
    back = _record(src4_addr="192.0.2.10", dst4_addr="10.0.0.5", src_port=443, dst_port=37692, in_packets=20, in_bytes=9000)
    outcome = read(tmp_path, {"flows.json": json.dumps([back, _record()], indent=1)})
    assert outcome.format == "nfdump"
    assert told(outcome.flow) == {
        "start": 1789984801936000000,
        "end": 1789984802541000000,
        "src_addr": "10.0.0.5",
        "src_port": 37692,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "orientation_rule": "service_port",
        "packets_out": 30,
        "packets_in": 20,
        "wire_out": 26577,
        "wire_in": 9000,
        "state": "closed",
        "reporter": "3",
    }
    assert outcome.coverage.notes["time_without_zone"] == 2


def test_who_sent_the_first_syn_dialled_whatever_the_ports(tmp_path: Path) -> None:
    ends = {"src4_addr": "10.0.0.5", "dst4_addr": "192.0.2.10", "src_port": 1571, "dst_port": 2999}
    turned = {"src4_addr": "192.0.2.10", "dst4_addr": "10.0.0.5", "src_port": 2999, "dst_port": 1571}
    out, back = _record(**ends, first="2026-09-21T10:00:01.936"), _record(**turned, first="2026-09-21T10:00:01.937")
    for records in ([out, back], [back, out]):
        flow = read(tmp_path, {"flows.json": json.dumps(records, indent=1)}).flow
        assert (flow.src_addr, flow.dst_port, flow.orientation_rule) == ("10.0.0.5", 2999, "syn")
    both = [out, {**back, "first": out["first"]}]
    assert read(tmp_path, {"flows.json": json.dumps(both, indent=1)}).flow.orientation_rule == "lower_port"


def test_csv_and_json_of_the_same_flows_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    row = "2026-09-21 10:00:01,2026-09-21 10:00:02,0.605,10.0.0.5,192.0.2.10,37692,443,TCP,...AP.SF,0,0,30,26577,0,0\n"
    one = read(tmp_path, {"flows.csv": f"{_CSV}{row}Summary\nflows,bytes,packets,avg_bps,avg_pps,avg_bpp\n1,26577,30,1,2,3\n"})
    two = read(tmp_path / "json", {"flows.json": json_lines([_record(first="2026-09-21T10:00:01", last="2026-09-21T10:00:02")])})
    assert {**told(one.flow), "reporter": "3"} == told(two.flow)
    assert one.coverage.passed_over == {"header": 2, "title": 1, "summary": 1}
    assert not one.coverage.skipped


def test_the_newer_csv_names_are_read(tmp_path: Path) -> None:
    text = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,flows\n"
    text += "2026-09-21 10:00:01.936,0.605,TCP,10.0.0.5,37692,192.0.2.10,443,30,26577,1\n"
    flow = read(tmp_path, {"flows.csv": text}).flow
    assert (flow.src_port, flow.packets_out, flow.end) == (37692, 30, 1789984802541000000)


def test_a_record_of_both_directions_counts_both(tmp_path: Path) -> None:
    flow = read(tmp_path, {"flows.json": json_lines([_record(out_packets=20, out_bytes=9000)])}).flow
    assert (flow.packets_in, flow.wire_in, flow.loss_flags) == (20, 9000, ())


@pytest.mark.parametrize(
    ("fields", "reason", "action"),
    [
        ({"tcp_flags": "......S.", "in_packets": 2, "in_bytes": 120}, "unanswered", Action.UNSAID),
        ({"fwd_status": 130}, "denied", Action.DENIED),
        ({"fwd_status": 140}, "failed", Action.FAILED),
        ({"event": "DENIED"}, "denied", Action.DENIED),
        ({"fwd_status": 66}, "", Action.UNSAID),
    ],
)
def test_attempts_are_told_by_flags_and_forwarding_status(
    tmp_path: Path, fields: dict[str, Any], reason: str, action: Action
) -> None:
    flow = read(tmp_path, {"flows.json": json_lines([_record(**fields)])}).flow
    assert (flow.attempt_reason, flow.action, flow.sighting) == (reason, action, Sighting.ATTEMPT if reason else Sighting.DATA)


def test_translations_samples_and_icmp(tmp_path: Path) -> None:
    translated = _record(src4_xlt_ip="203.0.113.1", src_xlt_port=61000, dst4_xlt_ip="192.0.2.10")
    flow = read(tmp_path, {"flows.json": json_lines([translated])}).flow
    assert (flow.translated_src, flow.translated_dst) == (("203.0.113.1", 61000), None)
    outcome = read(tmp_path, {"flows.json": json_lines([_record(sampled=1)])})
    assert (outcome.flow.loss_flags, bool(outcome.coverage.sampled)) == (("one_way", "sampled"), True)
    row = "2026-09-21 10:00:01,2026-09-21 10:00:02,0.605,10.0.0.5,192.0.2.10,0,8.0,ICMP,........,0,0,3,252,0,0\n"
    flow = read(tmp_path, {"flows.csv": _CSV + row}).flow
    assert (flow.transport, flow.dst_port, flow.evidence) == (Transport.ICMP, 0, (("icmp", "8/0"),))


def test_damage_is_counted(tmp_path: Path) -> None:
    row = "2026-09-21 10:00:01,2026-09-21 10:00:02,0.605,10.0.0.5,192.0.2.10,37692,443,TCP,...AP.SF,0,0,30,26577,0,0\n"
    rows = [row, "rubbish\n", row.replace("10.0.0.5", "nobody"), row.replace(":02,", ":00,"), row[:50]]
    coverage = read(tmp_path, {"flows.csv": _CSV + "".join(rows)}).coverage
    assert coverage.skipped == {"wrong_number_of_fields": 1, "cut_line": 1, "no_address": 1}
    assert coverage.notes["end_before_start"] == 1


def _edges(outcome: Outcome) -> Counter[tuple[object, ...]]:
    edges: Counter[tuple[object, ...]] = Counter()
    for flow in outcome.flows:
        if flow.transport in (Transport.TCP, Transport.UDP):
            key = (flow.src_addr, flow.dst_addr, flow.dst_port, flow.transport)
            edges[*key, "packets_out"] += flow.packets_out or 0
            edges[*key, "packets_in"] += flow.packets_in or 0
            edges[*key, "wire_out"] += flow.wire_out or 0
            edges[*key, "wire_in"] += flow.wire_in or 0
    return edges


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.skipif(not (shutil.which("nfpcapd") and shutil.which("nfdump")), reason="nfdump is not installed")
def test_a_capture_turned_into_netflow_has_the_edges_of_the_capture(tmp_path: Path, capture: Path) -> None:
    """What nfpcapd makes of a real capture, exported as JSON, adds up to what we see in the capture itself."""
    subprocess.run(["nfpcapd", "-r", str(capture), "-l", str(tmp_path)], check=True, capture_output=True, timeout=60)
    command = ["nfdump", "-R", str(tmp_path), "-o", "json"]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, env={"TZ": "UTC"})
    outcome = read(tmp_path, {"flows.json": done.stdout}, format="nfdump")  # an empty capture gives an empty array
    seen: Counter[tuple[object, ...]] = Counter()
    for edge in observe([CaptureSource("capture", str(capture), "", ())]).edges:
        kind = edge.destination.transport
        if kind in (Transport.TCP, Transport.UDP):
            key = (edge.source.address, edge.destination.address, edge.destination.port, kind)
            for name in ("packets_out", "packets_in", "wire_out", "wire_in"):
                seen[*key, name] += getattr(edge, name)
    found = _edges(outcome)
    assert {key: found[key] for key in seen} == dict(seen)
