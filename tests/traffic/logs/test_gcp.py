"""Google Cloud VPC flow logs and firewall rule logs (facts F3). Records are written by us in the documented forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from auditor.facts.vocabulary import Sighting, Transport
from auditor.traffic.logs import Action, Blind
from tests.traffic.logs.reader import json_lines, read, told

Record = dict[str, Any]
_VM = {"project_id": "agents-1", "region": "europe-west3", "vm_name": "runner-1", "zone": "europe-west3-a"}
_POD = {"cluster": {"cluster_name": "c1"}, "pod": {"pod_namespace": "agents", "pod_name": "workspace-1"}}


def _entry(**fields: Any) -> Record:
    payload: Record = {
        "connection": {"src_ip": "10.0.0.5", "src_port": 50000, "dest_ip": "192.0.2.10", "dest_port": 443, "protocol": 6},
        "reporter": "SRC",
        "bytes_sent": "1200",
        "packets_sent": "12",
        "rtt_msec": "11",
        "start_time": "2026-09-21T10:00:01.000000001Z",
        "end_time": "2026-09-21T10:00:06Z",
        "src_instance": _VM,
        "src_gke_details": _POD,
        "dest_location": {"asn": 64500, "continent": "America", "country": "usa"},
        "dest_google_service": {"type": "GOOGLE_API", "service_name": "aiplatform.googleapis.com"},
    }
    payload.update(fields)
    return {
        "insertId": "x1",
        "jsonPayload": {name: value for name, value in payload.items() if value is not None},
        "logName": "projects/agents-1/logs/compute.googleapis.com%2Fvpc_flows",
        "resource": {"type": "gce_subnetwork"},
        "timestamp": "2026-09-21T10:00:09Z",
    }


def _answer(**fields: Any) -> Record:
    back = {"src_ip": "192.0.2.10", "src_port": 443, "dest_ip": "10.0.0.5", "dest_port": 50000, "protocol": 6}
    ends = {"src_instance": None, "src_gke_details": None, "dest_instance": _VM, "dest_gke_details": _POD}
    told_back = {"dest_location": None, "dest_google_service": None, "bytes_sent": "9000", "packets_sent": "10"}
    return _entry(**{"connection": back, "reporter": "DEST", **ends, **told_back, **fields})


def test_f3_the_answer_is_a_leg_of_its_own_and_numbers_are_texts(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"flows.json": json_lines([_answer(), _entry()])})
    assert outcome.format == "gcp_vpc"
    flow = outcome.flow
    assert told(flow) == {
        "start": 1789984801000000001,
        "end": 1789984806000000000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "orientation_rule": "service_port",
        "packets_out": 12,
        "packets_in": 10,
        "payload_out": 1200,
        "payload_in": 9000,
        "reporter": "agents/workspace-1",
        "loss_flags": ("sampled",),
        "source": flow.source,
        "evidence": (
            ("asn", "192.0.2.10 64500"),
            ("country", "192.0.2.10 usa"),
            ("service", "192.0.2.10 aiplatform.googleapis.com"),
        ),
    }
    assert (flow.source.reference, flow.source.kind, flow.source.node, flow.source.owner) == (
        "agents/workspace-1",
        "pod",
        "runner-1",
        "agents-1",
    )


def test_f3_what_both_ends_report_stays_apart_by_reporter(tmp_path: Path) -> None:
    other = {"project_id": "agents-1", "vm_name": "runner-2"}
    one = _entry(dest_instance=other)
    two = _entry(dest_instance=other, reporter="DEST", packets_sent="11")
    outcome = read(tmp_path, {"flows.json": json_lines([one, two])})
    assert [(f.reporter, f.packets_out, f.destination.reference) for f in outcome.flows] == [
        ("agents/workspace-1", 12, "runner-2"),
        ("runner-2", 11, "runner-2"),
    ]
    assert outcome.coverage.reporters == {"agents/workspace-1": 1, "runner-2": 1}


def test_f3_sampled_records_void_silence(tmp_path: Path) -> None:
    coverage = read(tmp_path, {"flows.json": json_lines([_entry()])}).coverage
    assert coverage.sampled
    assert not coverage.lossless
    assert Blind.SAMPLED in coverage.blind


def test_an_array_and_bare_payloads_are_read_as_well(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    entries = [_answer(), _entry()]
    array = read(tmp_path / "a", {"flows.json": json.dumps(entries, indent=2)})
    bare = read(tmp_path, {"flows.json": json_lines(entry["jsonPayload"] for entry in entries)})
    assert told(array.flow) == told(bare.flow)
    assert array.flow.place.line == 2


def test_a_firewall_says_what_it_denied(tmp_path: Path) -> None:
    rule = {"reference": "network:vpc/firewall:deny-all", "direction": "EGRESS", "action": "DENY"}
    flows = {"reporter": None, "src_instance": None, "src_gke_details": None, "start_time": None, "end_time": None}
    counts = {"bytes_sent": None, "packets_sent": None, "rtt_msec": None, "dest_google_service": None, "dest_location": None}
    denied = _entry(disposition="DENIED", rule_details=rule, instance=_VM, **flows, **counts)
    outcome = read(tmp_path, {"firewall.json": json_lines([denied])})
    flow = outcome.flow
    assert (flow.sighting, flow.attempt_reason, flow.action, flow.action_word) == (
        Sighting.ATTEMPT,
        "denied",
        Action.DENIED,
        "DENIED",
    )
    assert (flow.source.reference, flow.reporter, flow.start) == ("runner-1", "runner-1", 1789984809000000000)
    assert flow.evidence == (("rule", "network:vpc/firewall:deny-all"),)
    assert outcome.coverage.sampled == ""


def test_other_entries_unknown_fields_and_damage_are_counted(tmp_path: Path) -> None:
    odd = [
        _entry(mood="good"),
        {"textPayload": "hello"},
        _entry(connection={"src_ip": "x", "dest_ip": "y"}),
        _entry(reporter="MOON"),
    ]
    coverage = read(tmp_path, {"flows.json": json_lines(odd)}).coverage
    assert coverage.unknown_fields == {"mood": 1}
    assert coverage.passed_over == {"other_log": 1}
    assert coverage.skipped == {"no_address": 1}
    assert coverage.notes["reporter:MOON"] == 1


def test_a_cut_array_is_read_up_to_the_cut(tmp_path: Path) -> None:
    whole = json.dumps([_entry(), _answer()], indent=1)
    outcome = read(tmp_path, {"flows.json": whole[: len(whole) - 200]})
    assert outcome.flow.packets_in is None
    assert outcome.coverage.truncated
    assert outcome.coverage.skipped == {"cut_line": 1}
