"""Suricata eve.json (facts F7). Records are written by us in the documented forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action
from tests.traffic.logs.reader import Outcome, json_lines, read, told

Event = dict[str, Any]
_TIME = "2026-09-21T10:00:{:02}.123456+0200"


def _event(kind: str, second: int = 5, flow_id: int = 77, **fields: Any) -> Event:
    return {
        "timestamp": _TIME.format(second),
        "flow_id": flow_id,
        "in_iface": "eth0",
        "event_type": kind,
        "src_ip": "10.0.0.5",
        "src_port": 50000,
        "dest_ip": "192.0.2.10",
        "dest_port": 443,
        "proto": "TCP",
        "host": "sensor-1",
        **fields,
    }


def _flow(**fields: Any) -> Event:
    flow = {
        "pkts_toserver": 9,
        "pkts_toclient": 8,
        "bytes_toserver": 1100,
        "bytes_toclient": 4600,
        "start": _TIME.format(1),
        "end": _TIME.format(4),
        "age": 3,
        "state": "closed",
        "reason": "timeout",
        "alerted": False,
    }
    tcp = {"tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1b", "syn": True, "ack": True, "state": "closed"}
    usual = {"app_proto": "tls", "flow": flow, "tcp": tcp, "community_id": "1:abc=", "vlan": [100]}
    return _event("flow", **{**usual, **fields})


def _read(folder: Path, *events: Event) -> Outcome:
    return read(folder, {"eve.json": json_lines(events)})


def test_a_flow_and_its_other_events_are_one_record(tmp_path: Path) -> None:
    tls = _event("tls", tls={"sni": "API.example.org", "version": "TLS 1.3", "subject": "CN=x"})
    outcome = _read(tmp_path, tls, _flow())
    assert outcome.format == "suricata"
    assert told(outcome.flow) == {
        "start": 1789977601123456000,
        "end": 1789977604123456000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "vlan": 100,
        "orientation_rule": "syn",
        "packets_out": 9,
        "packets_in": 8,
        "wire_out": 1100,
        "wire_in": 4600,
        "state": "closed",
        "name": "api.example.org",
        "name_rung": NameRung.SNI,
        "server_name": "API.example.org",
        "app_protocol": "tls",
        "reporter": "sensor-1",
        "community_id": "1:abc=",
        "flow_key": "77",
    }


def test_f7_ipv6_is_made_canonical_and_a_failed_protocol_is_none(tmp_path: Path) -> None:
    ends = {"src_ip": "2001:0db8:0000:0000:0000:0000:0000:0005", "dest_ip": "2001:0db8:0000:0000:0000:0000:0000:0010"}
    flow = _read(tmp_path, _flow(app_proto="failed", **ends)).flow
    assert (flow.src_addr, flow.dst_addr, flow.app_protocol, flow.hidden) == ("2001:db8::5", "2001:db8::10", "", False)


_UDP: Event = {"src_ip": "10.0.0.5", "src_port": 40000, "dest_ip": "10.0.0.53", "dest_port": 53, "proto": "UDP"}
_BACK: Event = {"src_ip": "10.0.0.53", "src_port": 53, "dest_ip": "10.0.0.5", "dest_port": 40000, "proto": "UDP"}
_ANSWERS = [
    {"rrname": "api.example.org", "rrtype": "CNAME", "ttl": 60, "rdata": "cdn.example.net"},
    {"rrname": "cdn.example.net", "rrtype": "A", "ttl": 60, "rdata": "192.0.2.10"},
    {"rrname": "cdn.example.net", "rrtype": "A", "ttl": 60, "rdata": "192.0.2.11"},
]
_SHAPES: dict[str, list[Event]] = {
    "1": [
        _event("dns", **_UDP, dns={"type": "query", "id": 9, "rrname": "API.example.org", "rrtype": "A", "tx_id": 0}),
        *(_event("dns", **_BACK, dns={"type": "answer", "id": 9, "rcode": "NOERROR", **answer}) for answer in _ANSWERS),
    ],
    "2": [
        _event("dns", **_UDP, dns={"version": 2, "type": "query", "id": 9, "rrname": "API.example.org", "rrtype": "A"}),
        _event(
            "dns",
            **_BACK,
            dns={
                "version": 2,
                "type": "answer",
                "id": 9,
                "rcode": "NOERROR",
                "rrname": "API.example.org",
                "rrtype": "A",
                "answers": _ANSWERS,
                "grouped": {"A": ["192.0.2.10", "192.0.2.11"], "CNAME": ["cdn.example.net"]},
            },
        ),
    ],
    "3": [
        _event(
            "dns",
            **_UDP,
            dns={"version": 3, "type": "request", "id": 9, "queries": [{"rrname": "API.example.org", "rrtype": "A"}]},
        ),
        _event(
            "dns",
            **_UDP,
            dns={
                "version": 3,
                "type": "response",
                "id": 9,
                "rcode": "NOERROR",
                "answers": _ANSWERS,
                "queries": [{"rrname": "API.example.org", "rrtype": "A"}],
            },
        ),
    ],
}


@pytest.mark.parametrize("version", sorted(_SHAPES))
def test_f7_all_shapes_of_dns_events_tell_the_same(tmp_path: Path, version: str) -> None:
    outcome = _read(tmp_path, *_SHAPES[version])
    assert {(x.client, x.name, x.server) for x in outcome.lookups} == {("10.0.0.5", "api.example.org", "10.0.0.53")}
    assert [address for x in outcome.lookups for address in x.addresses] == ["192.0.2.10", "192.0.2.11"]
    assert (outcome.lookups[0].outcome, outcome.lookups[-1].outcome) == ("", "NOERROR")
    assert outcome.coverage.versions == {f"dns {version}": len(_SHAPES[version])}


def test_f7_a_flow_seen_from_its_middle_says_so(tmp_path: Path) -> None:
    tcp = {"tcp_flags_ts": "18", "tcp_flags_tc": "18", "state": "established"}
    flow = _read(tmp_path, _flow(tcp=tcp)).flow
    assert (flow.orientation_rule, flow.loss_flags, flow.state) == ("log", ("midstream",), "established")


@pytest.mark.parametrize(
    ("tcp", "back", "reason"),
    [
        ({"tcp_flags_ts": "02", "tcp_flags_tc": "14", "state": "closed"}, 1, "refused"),
        ({"tcp_flags_ts": "02", "tcp_flags_tc": "00", "state": "syn_sent"}, 0, "unanswered"),
        ({"tcp_flags_ts": "1a", "tcp_flags_tc": "1a", "state": "established"}, 3, ""),
    ],
)
def test_attempts_are_told_by_flags(tmp_path: Path, tcp: Event, back: int, reason: str) -> None:
    flow = _flow(tcp=tcp, app_proto="unknown")
    flow["flow"] = {**flow["flow"], "pkts_toclient": back}
    found = _read(tmp_path, flow).flow
    assert (found.attempt_reason, found.sighting) == (reason, Sighting.ATTEMPT if reason else Sighting.DATA)


def test_what_was_dropped_and_never_answered_is_denied(tmp_path: Path) -> None:
    flow = _flow(
        flow={"pkts_toserver": 2, "pkts_toclient": 0, "start": _TIME.format(1), "action": "drop"}, tcp={"tcp_flags_ts": "02"}
    )
    found = _read(tmp_path, flow).flow
    assert (found.attempt_reason, found.action, found.action_word) == ("denied", Action.DENIED, "drop")


def test_proxies_quic_and_http_name_the_destination(tmp_path: Path) -> None:
    connect = _event(
        "http", flow_id=1, http={"http_method": "CONNECT", "url": "model.example.org:443", "hostname": "model.example.org"}
    )
    plain = _event("http", flow_id=2, http={"http_method": "POST", "url": "/v1/chat?key=x", "hostname": "web.example.org"})
    quic = _event("quic", flow_id=3, proto="UDP", quic={"version": "1", "sni": "q.example.org"})
    events = [
        connect,
        plain,
        quic,
        *(_flow(flow_id=number, app_proto=app) for number, app in ((1, "http"), (2, "http"), (3, "quic"))),
    ]
    assert [(f.name, f.name_rung, f.app_protocol, f.path) for f in _read(tmp_path, *events).flows] == [
        ("model.example.org", NameRung.PROXY_AUTHORITY, "http_connect", ""),
        ("web.example.org", NameRung.HTTP_HOST, "http", "/v1/chat"),
        ("q.example.org", NameRung.SNI, "quic", ""),
    ]


def test_a_flow_that_had_not_ended_is_told_by_its_other_events(tmp_path: Path) -> None:
    outcome = _read(tmp_path, _event("tls", tls={"sni": "api.example.org"}), _event("drop", flow_id=8, drop={"reason": "rules"}))
    assert [(f.name, f.packets_out, f.attempt_reason, f.start) for f in outcome.flows] == [
        ("api.example.org", None, "", 1789977605123456000),
        ("", None, "denied", 1789977605123456000),
    ]
    assert outcome.coverage.notes == {"flow_event_missing": 2}


def test_netflow_events_count_only_where_no_flow_event_tells_the_same(tmp_path: Path) -> None:
    record = {"pkts": 9, "bytes": 1100, "start": _TIME.format(1), "end": _TIME.format(4)}
    lone = _event("netflow", flow_id=5, netflow=record, tcp={"tcp_flags": "1b"})
    outcome = _read(tmp_path, _event("netflow", netflow=record), lone, _flow())
    assert sorted((f.flow_key, f.packets_out, f.packets_in) for f in outcome.flows) == [("5", 9, None), ("77", 9, 8)]
    assert outcome.coverage.passed_over == {"netflow_of_a_flow": 1}


def test_dropped_packets_are_counted_over_a_restart(tmp_path: Path) -> None:
    stats = [
        _event("stats", stats={"capture": {"kernel_packets": 1000, "kernel_drops": drops}}, mark=n)
        for n, drops in enumerate((5, 12, 3))
    ]
    coverage = _read(tmp_path, _flow(), *stats).coverage
    assert (coverage.lost, coverage.lossless) == (15, False)


def test_other_events_unknown_fields_and_damage_are_counted(tmp_path: Path) -> None:
    text = json_lines(
        [_flow(mood="good"), _event("anomaly", anomaly={"type": "decode"}), _event("alert", alert={}), _flow(src_ip="x")]
    )
    coverage = read(tmp_path, {"eve.json": text + "no json at all, but a whole line\n{}\n" + '{"timestamp": "2026'}).coverage
    assert coverage.passed_over == {"event:anomaly": 1, "event:alert": 1, "event:unnamed": 1}
    assert coverage.unknown_fields == {"mood": 1}
    assert coverage.skipped == {"no_address": 1, "not_json": 1, "cut_line": 1}


def _seen(kind: str, ends: tuple[str, int, str, int], **fields: Any) -> dict[str, Any]:
    named = dict(zip(("src_ip", "src_port", "dest_ip", "dest_port"), ends, strict=True))
    return {"timestamp": "2026-09-21T10:00:01.5+0000", "flow_id": 7, "event_type": kind, "proto": "TCP", **named, **fields}


_DIALLED, _TURNED = ("10.0.0.5", 50000, "192.0.2.10", 443), ("192.0.2.10", 443, "10.0.0.5", 50000)


@pytest.mark.parametrize(
    ("event", "rule", "name", "protocol"),
    [
        (_seen("ssh", _DIALLED, ssh={}), "log", "", "ssh"),
        (_seen("alert", _DIALLED, alert={}, tls={"sni": "a.example.org"}, app_proto="tls"), "service_port", "a.example.org",
         "tls"),
        (_seen("alert", _TURNED, alert={}, direction="to_client"), "log", "", ""),
        (_seen("fileinfo", _TURNED, fileinfo={}, http={"hostname": "b.example.org", "url": "/"}), "service_port", "b.example.org",
         "http"),
        (_seen("drop", _TURNED, drop={}), "service_port", "", ""),
    ],
)  # fmt: skip
def test_any_event_of_a_flow_that_no_flow_event_tells_shows_it(
    tmp_path: Path, event: dict[str, Any], rule: str, name: str, protocol: str
) -> None:
    outcome = read(tmp_path, {"eve.json": json_lines([event])})
    flow = outcome.flow
    assert ((flow.src_addr, flow.src_port, flow.dst_addr, flow.dst_port), flow.orientation_rule) == (_DIALLED, rule)
    assert (flow.name, flow.app_protocol) == (name, protocol)
    assert outcome.coverage.passed_over == {}
    ended = _seen("flow", _DIALLED, flow={"pkts_toserver": 1, "pkts_toclient": 1})
    both = read(tmp_path, {"eve.json": json_lines([event, ended])})
    assert len(both.flows) == 1, "the flow event tells it better"
    late = read(tmp_path, {"eve.json": json_lines([ended, event])})
    assert len(late.flows) == 1
    assert late.coverage.passed_over + late.coverage.notes, "what comes behind its flow is counted"
