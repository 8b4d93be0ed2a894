"""Cilium Hubble: events folded into flows (facts F5)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action
from tests.conftest import ROOT
from tests.traffic.logs.reader import Outcome, json_lines, read, told

CORPUS = ROOT.parent / "shared" / "corpora" / "flowlogs"
_CLIENT = {
    "ID": 7,
    "identity": 1234,
    "namespace": "agents",
    "labels": ["k8s:app=workspace"],
    "pod_name": "workspace-1",
    "workloads": [{"name": "workspace", "kind": "StatefulSet"}],
}
_WORLD = {"identity": 2, "labels": ["reserved:world"]}


def _flow(second: int, **fields: Any) -> dict[str, Any]:
    flow = {
        "time": f"2026-09-21T10:00:{second:02}.000000001Z",
        "uuid": f"u{second}",
        "verdict": "FORWARDED",
        "IP": {"source": "10.1.0.5", "destination": "192.0.2.10", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 50000, "destination_port": 443, "flags": {"SYN": True}}},
        "source": _CLIENT,
        "destination": _WORLD,
        "Type": "L3_L4",
        "node_name": "node-a",
        "event_type": {"type": 4},
        "traffic_direction": "EGRESS",
        "trace_observation_point": "TO_STACK",
        "is_reply": False,
    }
    return {"flow": {name: value for name, value in {**flow, **fields}.items() if value is not None}, "node_name": "node-a"}


def _reply(second: int, **fields: Any) -> dict[str, Any]:
    back = {
        "IP": {"source": "192.0.2.10", "destination": "10.1.0.5", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 443, "destination_port": 50000, "flags": {"SYN": True, "ACK": True}}},
        "source": _WORLD,
        "destination": _CLIENT,
        "traffic_direction": "INGRESS",
        "trace_observation_point": "TO_ENDPOINT",
        "is_reply": True,
    }
    return _flow(second, **{**back, **fields})


def _read(folder: Path, *events: dict[str, Any]) -> Outcome:
    return read(folder, {"hubble.json": json_lines(events)})


def test_f5_replies_are_folded_into_the_flow_that_they_answer(tmp_path: Path) -> None:
    outcome = _read(tmp_path, _flow(1), _reply(2), _flow(3, l4={"TCP": {"source_port": 50000, "destination_port": 443}}))
    assert outcome.format == "hubble"
    flow = outcome.flow
    assert flow.place == ("hubble.json", 1, 3)
    assert told(flow) == {
        "start": 1789984801000000001,
        "end": 1789984803000000001,
        "src_addr": "10.1.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "state": "established",
        "action": Action.PASSED,
        "action_word": "FORWARDED",
        "reporter": "node-a",
        "source": flow.source,
        "destination": flow.destination,
    }
    assert (flow.source.reference, flow.source.node, flow.source.labels) == (
        "agents/workspace-1",
        "node-a",
        ("k8s:app=workspace",),
    )
    assert (flow.destination.kind, flow.destination.name, flow.destination.node) == ("reserved", "world", "")


def test_f5_redirected_and_then_forwarded_is_one_flow(tmp_path: Path) -> None:
    redirected = _flow(1, verdict="REDIRECTED", trace_observation_point=None, event_type={"type": 5}, policy_match_type=2)
    to_proxy = _flow(1, trace_observation_point="TO_PROXY", event_type={"type": 4, "sub_type": 1})
    flow = _read(tmp_path, redirected, to_proxy).flow
    assert (flow.action_word, flow.evidence) == ("REDIRECTED|FORWARDED", (("proxied", "yes"),))
    assert flow.sighting is Sighting.DATA, "whether the proxy passed it on is not shown, so it counts as data"
    whole = _read(tmp_path, redirected, to_proxy, _flow(2)).flow
    assert whole.evidence == ()


def test_f5_a_dropped_flow_is_an_attempt_and_one_dropped_packet_of_a_passing_flow_is_not(tmp_path: Path) -> None:
    dropped = _flow(1, verdict="DROPPED", drop_reason=133, drop_reason_desc="POLICY_DENIED", trace_observation_point=None)
    flow = _read(tmp_path, dropped).flow
    assert (flow.sighting, flow.attempt_reason, flow.action) == (Sighting.ATTEMPT, "denied", Action.DENIED)
    assert flow.evidence == (("drop_reason", "POLICY_DENIED"),)
    odd = _flow(1, verdict="DROPPED", drop_reason_desc="STALE_OR_UNROUTABLE_IP", trace_observation_point=None)
    assert _read(tmp_path, odd).flow.attempt_reason == "failed"
    assert _read(tmp_path, dropped, _flow(2), _reply(3)).flow.sighting is Sighting.DATA


def test_f5_absent_is_reply_is_unknown_and_the_older_reply_can_only_say_yes(tmp_path: Path) -> None:
    bare = {"TCP": {"source_port": 443, "destination_port": 50000}}
    flow = _read(tmp_path, _reply(1, is_reply=None, l4=bare)).flow
    assert (flow.src_addr, flow.orientation_rule) == ("10.1.0.5", "service_port")
    flow = _read(tmp_path, _reply(1, is_reply=None, reply=True, l4=bare)).flow
    assert (flow.src_addr, flow.orientation_rule, flow.loss_flags) == ("10.1.0.5", "log", ("one_way",))


def test_f5_both_nodes_report_one_flow(tmp_path: Path) -> None:
    outcome = _read(
        tmp_path, _flow(1), _flow(2, node_name="node-b", traffic_direction="INGRESS", trace_observation_point="TO_ENDPOINT")
    )
    assert outcome.flow.reporter == "node-a|node-b"


def test_f5_layer_seven_events_have_the_five_tuple_of_their_flow(tmp_path: Path) -> None:
    http = {"method": "POST", "url": "http://model.example.org:8080/v1/messages?beta=1", "protocol": "HTTP/1.1", "headers": []}
    request = _flow(2, Type="L7", event_type={"type": 129}, trace_observation_point=None, l7={"type": "REQUEST", "http": http})
    flow = _read(tmp_path, _flow(1), request).flow
    assert (flow.name, flow.name_rung, flow.path, flow.app_protocol) == (
        "model.example.org",
        NameRung.HTTP_HOST,
        "/v1/messages",
        "http",
    )


def test_f5_dns_seen_by_the_proxy_ties_the_name_to_the_pod(tmp_path: Path) -> None:
    ends = {
        "IP": {"source": "10.1.0.5", "destination": "10.96.0.10"},
        "l4": {"UDP": {"source_port": 40000, "destination_port": 53}},
    }
    back = {
        "IP": {"source": "10.96.0.10", "destination": "10.1.0.5"},
        "l4": {"UDP": {"source_port": 53, "destination_port": 40000}},
    }
    asked = {"query": "API.example.org.", "observation_source": "proxy", "qtypes": ["A"]}
    question = _flow(1, Type="L7", l7={"type": "REQUEST", "dns": asked}, **ends)
    told_back = {"type": "RESPONSE", "dns": {**asked, "ips": ["192.0.2.10", "192.0.2.11"], "ttl": 30}}
    answer = _reply(2, Type="L7", l7=told_back, **back)
    missing = _reply(3, Type="L7", l7={"type": "RESPONSE", "dns": {**asked, "query": "nowhere.example.org.", "rcode": 3}}, **back)
    outcome = _read(tmp_path, question, answer, missing)
    assert [(x.client, x.name, x.addresses, x.outcome, x.server) for x in outcome.lookups] == [
        ("10.1.0.5", "api.example.org", (), "", "10.96.0.10"),
        ("10.1.0.5", "api.example.org", ("192.0.2.10", "192.0.2.11"), "NOERROR", "10.96.0.10"),
        ("10.1.0.5", "nowhere.example.org", (), "NXDOMAIN", "10.96.0.10"),
    ]
    assert {lookup.workload.reference for lookup in outcome.lookups} == {"agents/workspace-1"}
    assert (outcome.flow.app_protocol, outcome.flow.transport) == ("dns", Transport.UDP)


def test_f5_a_name_counts_only_where_it_is_the_only_one(tmp_path: Path) -> None:
    flow = _read(tmp_path, _flow(1, destination_names=["Api.example.org"])).flow
    assert (flow.name, flow.name_rung) == ("api.example.org", NameRung.DNS_SAME_CLIENT)
    outcome = _read(tmp_path, _flow(1, destination_names=["api.example.org", "www.example.org"]))
    assert (outcome.flow.name, outcome.coverage.notes["several_names"]) == ("", 1)


def test_f5_lost_events_void_the_silence_of_the_log(tmp_path: Path) -> None:
    lost = {"lost_events": {"source": "HUBBLE_RING_BUFFER", "num_events_lost": "17"}, "node_name": "node-a"}
    unknown = {"lost_events": {"source": "PERF_EVENT_RING_BUFFER"}}
    outcome = _read(tmp_path, _flow(1), lost, unknown, {"node_status": {"state_change": "NODE_CONNECTED"}}, {"agent_event": {}})
    coverage = outcome.coverage
    assert (coverage.lost, coverage.lost_uncounted, coverage.lossless) == (17, 1, False)
    assert coverage.passed_over == {"lost_events": 2, "node_status": 1, "agent_event": 1}


def test_f5_a_flow_without_layer_four_keeps_its_addresses(tmp_path: Path) -> None:
    outcome = _read(tmp_path, _flow(1, l4=None))
    assert (outcome.flow.dst_addr, outcome.flow.dst_port, outcome.flow.transport) == ("192.0.2.10", None, None)
    assert outcome.coverage.notes == {"no_transport": 1}


def test_the_service_address_behind_a_socket_translation_is_kept(tmp_path: Path) -> None:
    asked = {
        "IP": {"source": "10.1.0.5", "destination": "10.96.0.20"},
        "l4": {"TCP": {"destination_port": 80}},
        "socket_cookie": "42",
    }
    given = {
        "IP": {"source": "10.1.0.5", "destination": "192.0.2.10"},
        "l4": {"TCP": {"destination_port": 443}},
        "socket_cookie": "42",
    }
    before = _flow(1, verdict="TRACED", Type="SOCK", sock_xlate_point="SOCK_XLATE_POINT_PRE_DIRECTION_FWD", **asked)
    after = _flow(1, verdict="TRANSLATED", Type="SOCK", sock_xlate_point="SOCK_XLATE_POINT_POST_DIRECTION_FWD", **given)
    outcome = _read(tmp_path, before, after, _flow(2))
    assert (outcome.flow.dst_addr, outcome.flow.translated_dst) == ("192.0.2.10", ("10.96.0.20", 80))
    assert outcome.coverage.passed_over == {"socket_translation": 2}


def test_a_port_used_again_much_later_is_another_flow(tmp_path: Path) -> None:
    later = _flow(1, time="2026-09-21T11:00:00Z")
    assert len(_read(tmp_path, _flow(1), later).flows) == 2


def test_unknown_verdicts_fields_and_lines_are_counted(tmp_path: Path) -> None:
    events = [_flow(1, verdict="PONDERED", mood="good"), _flow(2, IP={"source": "10.1.0.5"})]
    outcome = read(tmp_path, {"hubble.json": json_lines(events) + '{"flow":{"time"'})
    assert outcome.flow.action is Action.UNSAID
    coverage = outcome.coverage
    assert coverage.notes == {"verdict:PONDERED": 1}
    assert coverage.unknown_fields == {"mood": 1}
    assert coverage.skipped == {"no_address": 1, "cut_line": 1}
    assert coverage.truncated


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real Hubble flows is not here")
def test_f5_real_flows_are_read_without_loss(tmp_path: Path) -> None:
    lines, folded, records, verdicts = 0, 0, 0, Counter[str]()
    for path in sorted(CORPUS.glob("*.json")):
        outcome = read(tmp_path, {path.name: path.read_bytes()})
        coverage = outcome.coverage
        assert not coverage.skipped
        assert not coverage.unknown_fields
        assert set(coverage.notes) <= {"out_of_order"}
        lines += coverage.lines
        records += coverage.records + coverage.passed_over["repeated_line"]
        folded += sum(flow.place.lines for flow in outcome.flows) + coverage.passed_over["repeated_line"]
        keys = [
            frozenset([(f.src_addr, f.src_port), (f.dst_addr, f.dst_port), ("protocol", f.protocol_number)])
            for f in outcome.flows
        ]
        assert len(keys) == len(set(keys)), "neither replies nor REDIRECTED and FORWARDED make a second flow"
        assert all(flow.sighting is Sighting.DATA for flow in outcome.flows), "no event of the corpus was dropped"
        verdicts.update(word for flow in outcome.flows for word in flow.action_word.split("|"))
    assert (lines, records, folded) == (1916, 1916, 1916)
    assert set(verdicts) == {"FORWARDED", "REDIRECTED"}
