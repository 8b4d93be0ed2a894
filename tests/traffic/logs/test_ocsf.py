"""OCSF network, HTTP and DNS activity (facts F8). Events are written by us in the form of the schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action, Blind
from tests.traffic.logs.reader import json_lines, read, told

Event = dict[str, Any]


def _event(**fields: Any) -> Event:
    usual: Event = {
        "class_uid": 4001,
        "category_uid": 4,
        "activity_id": 6,
        "time": 1789984806000,
        "start_time": 1789984801250,
        "end_time": 1789984806000,
        "severity_id": 1,
        "metadata": {"version": "1.1.0", "product": {"name": "Amazon VPC"}},
        "src_endpoint": {"ip": "10.0.0.5", "port": 50000, "interface_uid": "eni-1", "instance_uid": "i-0123"},
        "dst_endpoint": {"ip": "192.0.2.10", "port": 443, "svc_name": "AMAZON", "location": {"country": "US"}},
        "connection_info": {"protocol_num": 6, "direction_id": 2, "tcp_flags": 3},
        "traffic": {"packets": 10, "bytes": 4249},
        "cloud": {"provider": "AWS", "region": "eu-central-1"},
        "action_id": 1,
        "action": "Allowed",
        "status_code": "OK",
    }
    return {**usual, **fields}


def test_f8_every_field_of_a_network_event(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"events.json": json_lines([_event()])})
    assert outcome.format == "ocsf"
    assert told(outcome.flow) == {
        "start": 1789984801250000000,
        "end": 1789984806000000000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "orientation_rule": "syn",
        "packets_out": 10,
        "wire_out": 4249,
        "state": "partial",
        "action": Action.PASSED,
        "action_word": "Allowed",
        "reporter": "eni-1",
        "loss_flags": ("one_way",),
        "source": outcome.flow.source,
        "destination": outcome.flow.destination,
        "evidence": (("country", "192.0.2.10 US"), ("region", "eu-central-1"), ("service", "192.0.2.10 AMAZON")),
    }
    assert (outcome.flow.source.name, outcome.flow.source.kind) == ("i-0123", "instance")
    assert outcome.coverage.versions == {"1.1.0": 1}


def test_f8_the_answers_leg_is_folded_and_intermediate_addresses_are_kept(tmp_path: Path) -> None:
    back = _event(
        src_endpoint={"ip": "192.0.2.10", "port": 443, "intermediate_ips": ["10.0.0.220"]},
        dst_endpoint={"ip": "10.0.0.5", "port": 50000, "interface_uid": "eni-1"},
        connection_info={"protocol_num": 6, "direction_id": 1, "tcp_flags": 18},
        traffic={"packets": 8, "bytes": 9001},
    )
    outcome = read(tmp_path, {"events.json": json_lines([back, _event()])})
    flow = outcome.flow
    assert (flow.src_addr, flow.packets_out, flow.packets_in, flow.wire_in, flow.loss_flags) == ("10.0.0.5", 10, 8, 9001, ())
    assert ("intermediate", "192.0.2.10 10.0.0.220") in flow.evidence
    assert Blind.INTERMEDIATE in outcome.coverage.blind


def test_f8_an_event_that_counts_both_ways_is_a_flow_in_the_direction_of_who_dialled(tmp_path: Path) -> None:
    traffic = {"packets_out": 9, "bytes_out": 1200, "packets_in": 8, "bytes_in": 9000}
    event = _event(traffic=traffic, connection_info={"protocol_name": "tcp", "direction_id": 1}, tls={"sni": "API.example.org"})
    flow = read(tmp_path, {"events.json": json_lines([event])}).flow
    assert (flow.src_addr, flow.orientation_rule, flow.wire_out, flow.wire_in) == ("10.0.0.5", "log", 1200, 9000)
    assert (flow.name, flow.name_rung, flow.app_protocol) == ("api.example.org", NameRung.SNI, "tls")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"action_id": 2}, "denied"),
        ({"action_id": 0, "disposition_id": 2}, "denied"),
        ({"action_id": None, "activity_id": 5}, "denied"),
        ({"action_id": None, "activity_id": 4}, "failed"),
        ({"action_id": 3}, ""),
    ],
)
def test_what_was_refused_is_an_attempt(tmp_path: Path, fields: Event, reason: str) -> None:
    flow = read(tmp_path, {"events.json": json_lines([_event(**fields)])}).flow
    assert (flow.attempt_reason, flow.sighting) == (reason, Sighting.ATTEMPT if reason else Sighting.DATA)


@pytest.mark.parametrize(
    ("traffic", "reason"),
    [
        ({"packets": 3, "bytes": 180}, "unanswered"),
        ({}, "unanswered"),
        ({"bytes": 60}, "unanswered"),
        ({"bytes": 4249}, ""),
        ({"packets": 3, "bytes": 4249}, ""),
    ],
)
def test_only_bare_syn_packets_are_no_data(tmp_path: Path, traffic: Event, reason: str) -> None:
    event = _event(traffic=traffic, connection_info={"protocol_num": 6, "tcp_flags": 2})
    assert read(tmp_path, {"events.json": json_lines([event])}).flow.attempt_reason == reason


def test_http_and_dns_activity(tmp_path: Path) -> None:
    url = {"hostname": "api.example.org", "path": "/v1/chat?key=x", "port": 443}
    http = _event(class_uid=4002, http_request={"http_method": "POST", "url": url})
    dns = _event(
        class_uid=4003,
        query={"hostname": "API.example.org.", "type": "A"},
        answers=[{"rdata": "cdn.example.net", "type": "CNAME"}, {"rdata": "192.0.2.10", "type": "A"}],
        rcode="NOERROR",
        dst_endpoint={"ip": "10.0.0.2", "port": 53},
    )
    outcome = read(tmp_path, {"events.json": json_lines([http, dns])})
    assert (outcome.flow.name, outcome.flow.path, outcome.flow.app_protocol) == ("api.example.org", "/v1/chat", "http")
    lookup = outcome.lookup
    assert (lookup.client, lookup.name, lookup.addresses, lookup.server) == (
        "10.0.0.5",
        "api.example.org",
        ("192.0.2.10",),
        "10.0.0.2",
    )
    assert lookup.time == 1789984806000000000


def test_f8_lost_records_other_classes_and_unmapped_fields_are_counted(tmp_path: Path) -> None:
    events = [
        _event(status_code="SKIPDATA"),
        _event(status_code="NODATA"),
        _event(class_uid=3002),
        _event(src_endpoint={"ip": "x"}),
        _event(mood="good", unmapped={"sublocation": "x"}),
    ]
    coverage = read(tmp_path, {"events.json": json_lines(events)}).coverage
    assert coverage.passed_over == {"skipdata": 1, "nodata": 1, "class:3002": 1}
    assert (coverage.lost_uncounted, coverage.skipped, coverage.unknown_fields) == (1, {"no_address": 1}, {"mood": 1})
