"""Zeek: TSV and JSON of the same events, joined by uid (facts F6)."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import UnreadableError
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from tests.traffic.logs.reader import Outcome, json_lines, read, told

Event = dict[str, Any]
_ENDS = {"id.orig_h": "addr", "id.orig_p": "port", "id.resp_h": "addr", "id.resp_p": "port"}
_TYPES: dict[str, dict[str, str]] = {
    "conn": {
        "ts": "time",
        "uid": "string",
        **_ENDS,
        "proto": "enum",
        "service": "string",
        "duration": "interval",
        "orig_bytes": "count",
        "resp_bytes": "count",
        "conn_state": "string",
        "local_orig": "bool",
        "missed_bytes": "count",
        "history": "string",
        "orig_pkts": "count",
        "orig_ip_bytes": "count",
        "resp_pkts": "count",
        "resp_ip_bytes": "count",
        "tunnel_parents": "set[string]",
        "ip_proto": "count",
    },
    "ssl": {"ts": "time", "uid": "string", **_ENDS, "version": "string", "server_name": "string", "established": "bool"},
    "quic": {
        "ts": "time",
        "uid": "string",
        **_ENDS,
        "version": "string",
        "client_initial_dcid": "string",
        "server_name": "string",
    },
    "http": {"ts": "time", "uid": "string", **_ENDS, "method": "string", "host": "string", "uri": "string", "tags": "set[enum]"},
    "socks": {
        "ts": "time",
        "uid": "string",
        **_ENDS,
        "version": "count",
        "request.host": "addr",
        "request.name": "string",
        "request_p": "port",
    },
    "tunnel": {"ts": "time", "uid": "string", **_ENDS, "tunnel_type": "enum", "action": "enum"},
    "dns": {
        "ts": "time",
        "uid": "string",
        **_ENDS,
        "proto": "enum",
        "trans_id": "count",
        "query": "string",
        "qtype_name": "string",
        "rcode_name": "string",
        "answers": "vector[string]",
        "TTLs": "vector[interval]",
        "rejected": "bool",
    },
}


def _event(uid: str, client: str, port: int, server: str, dialled: int, **fields: Any) -> Event:
    ends = {"id.orig_h": client, "id.orig_p": port, "id.resp_h": server, "id.resp_p": dialled}
    return {"ts": "1790000000.123456", "uid": uid, **ends, **{name.replace("__", "."): value for name, value in fields.items()}}


_WHOLE = {
    "duration": "2.5",
    "orig_bytes": 517,
    "resp_bytes": 4096,
    "conn_state": "SF",
    "local_orig": True,
    "missed_bytes": 0,
    "history": "ShADadFf",
    "orig_pkts": 9,
    "orig_ip_bytes": 997,
    "resp_pkts": 8,
    "resp_ip_bytes": 4520,
    "ip_proto": 6,
}
EVENTS: dict[str, list[Event]] = {
    "conn": [
        _event("C1", "10.0.0.5", 50000, "192.0.2.10", 443, proto="tcp", service="ssl", **_WHOLE),
        _event(
            "C2",
            "10.0.0.5",
            50001,
            "192.0.2.11",
            443,
            proto="udp",
            service="quic,ssl",
            **{**_WHOLE, "history": "Dd", "ip_proto": 17},
        ),
        _event("C3", "10.0.0.5", 50002, "10.0.0.9", 3128, proto="tcp", service="http,ssl", **_WHOLE),
        _event("C4", "10.0.0.5", 50003, "10.0.0.9", 1080, proto="tcp", service="socks", **_WHOLE),
        _event("C5", "10.0.0.5", 50004, "192.0.2.12", 80, proto="tcp", service="http", **_WHOLE),
        _event(
            "C6", "10.0.0.5", 50005, "10.0.0.53", 53, proto="udp", service="dns", **{**_WHOLE, "history": "Dd", "ip_proto": 17}
        ),
        _event(
            "C7",
            "10.0.0.5",
            50006,
            "192.0.2.13",
            22,
            proto="tcp",
            conn_state="REJ",
            missed_bytes=0,
            history="Sr",
            orig_pkts=1,
            orig_ip_bytes=60,
            resp_pkts=1,
            resp_ip_bytes=40,
            ip_proto=6,
        ),
        _event(
            "C8", "10.0.0.5", 8, "192.0.2.14", 0, proto="icmp", **{**_WHOLE, "conn_state": "OTH", "history": "", "ip_proto": 1}
        ),
        _event("C9", "172.16.0.1", 50007, "172.16.0.2", 443, proto="tcp", service="ssl", tunnel_parents=["T1"], **_WHOLE),
        _event("T1", "10.0.0.1", 40000, "10.0.0.2", 4789, proto="udp", **{**_WHOLE, "history": "D", "ip_proto": 17}),
    ],
    "ssl": [
        _event("C1", "10.0.0.5", 50000, "192.0.2.10", 443, version="TLSv13", server_name="API.example.org", established=True),
        _event("C2", "10.0.0.5", 50001, "192.0.2.11", 443, version="TLSv13", server_name="quic.example.org", established=True),
        _event("C3", "10.0.0.5", 50002, "10.0.0.9", 3128, version="TLSv13", server_name="fronted.example.org", established=True),
        _event("C9", "172.16.0.1", 50007, "172.16.0.2", 443, version="TLSv12", established=False),
    ],
    "quic": [
        _event("C2", "10.0.0.5", 50001, "192.0.2.11", 443, version="1", client_initial_dcid="ab", server_name="quic.example.org")
    ],
    "http": [
        _event(
            "C3",
            "10.0.0.5",
            50002,
            "10.0.0.9",
            3128,
            method="CONNECT",
            host="model.example.org:443",
            uri="model.example.org:443",
            tags=[],
        ),
        _event(
            "C5", "10.0.0.5", 50004, "192.0.2.12", 80, method="POST", host="web.example.org", uri="/v1/chat?key=secret", tags=[]
        ),
    ],
    "socks": [_event("C4", "10.0.0.5", 50003, "10.0.0.9", 1080, version=5, request__name="behind.example.org", request_p=443)],
    "tunnel": [_event("T1", "10.0.0.1", 40000, "10.0.0.2", 4789, tunnel_type="Tunnel::VXLAN", action="Tunnel::DISCOVER")],
    "dns": [
        _event(
            "C6",
            "10.0.0.5",
            50005,
            "10.0.0.53",
            53,
            proto="udp",
            trans_id=7,
            query="API.example.org",
            qtype_name="A",
            rcode_name="NOERROR",
            answers=["cdn.example.net", "192.0.2.10", "TXT 3 a,b"],
            TTLs=["60.0", "60.0", "1.0"],
            rejected=False,
        ),
        _event(
            "C0",
            "10.0.0.5",
            5353,
            "224.0.0.251",
            5353,
            proto="udp",
            trans_id=0,
            query="printer.local",
            qtype_name="A",
            rejected=False,
        ),
    ],
}


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return ",".join(item.replace(",", "\\x2c") for item in value) or "(empty)"
    if kind == "bool":
        return "T" if value else "F"
    return str(value) or "(empty)"


def tsv(path: str, events: list[Event]) -> str:
    """Return ``events`` as Zeek's ASCII writer writes them."""
    types = _TYPES[path]
    head = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{path}",
        "#open\t2026-09-21-00-00-00",
    ]
    head += ["#fields\t" + "\t".join(types), "#types\t" + "\t".join(types.values())]
    rows = ["\t".join(_cell(event.get(name), kind) for name, kind in types.items()) for event in events]
    return "\n".join([*head, *rows, "#close\t2026-09-21-01-00-00"]) + "\n"


def as_json(events: list[Event], *, nested: bool = False) -> str:
    """Return ``events`` as Zeek's JSON writer writes them; times as numbers, ``id`` flat or as an object."""
    lines = []
    for event in events:
        record: dict[str, Any] = {}
        for name, value in event.items():
            number = isinstance(value, str) and name in ("ts", "duration")
            outer, dot, inner = name.partition(".")
            if nested and dot:
                record.setdefault(outer, {})[inner] = value
            else:
                record[name] = json.loads(value) if number else value
        lines.append(record)
    return json_lines(lines)


def _all_tsv() -> dict[str, str]:
    return {f"{path}.log": tsv(path, events) for path, events in EVENTS.items()}


def _comparable(outcome: Outcome) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [told(flow) for flow in outcome.flows], [told(lookup) for lookup in outcome.lookups]


@pytest.mark.parametrize("nested", [False, True])
def test_f6_tsv_and_json_of_the_same_events_are_the_same(tmp_path: Path, nested: bool) -> None:
    (tmp_path / "tsv").mkdir()
    one = read(tmp_path / "tsv", _all_tsv())
    two = read(tmp_path, {f"{path}.log": as_json(events, nested=nested) for path, events in EVENTS.items()})
    assert (one.format, two.format) == ("zeek", "zeek")
    assert len(one.flows) == len(EVENTS["conn"])
    assert _comparable(one) == _comparable(two)
    assert one.coverage.unknown_fields == two.coverage.unknown_fields == {}


def _by_uid(tmp_path: Path) -> dict[str, Any]:
    return {flow.flow_key: flow for flow in read(tmp_path, _all_tsv()).flows}


def test_every_field_of_a_connection(tmp_path: Path) -> None:
    assert told(_by_uid(tmp_path)["C1"]) == {
        "start": 1790000000123456000,
        "end": 1790000002623456000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "orientation_rule": "syn",
        "packets_out": 9,
        "packets_in": 8,
        "payload_out": 517,
        "payload_in": 4096,
        "wire_out": 997,
        "wire_in": 4520,
        "state": "closed",
        "name": "api.example.org",
        "name_rung": NameRung.SNI,
        "server_name": "API.example.org",
        "app_protocol": "tls",
        "action_word": "SF",
        "flow_key": "C1",
    }


@pytest.mark.parametrize(
    ("uid", "name", "rung", "protocol", "hidden"),
    [
        ("C2", "quic.example.org", NameRung.SNI, "quic", False),
        ("C3", "model.example.org", NameRung.PROXY_AUTHORITY, "http_connect", False),
        ("C4", "behind.example.org", NameRung.PROXY_AUTHORITY, "socks", False),
        ("C5", "web.example.org", NameRung.HTTP_HOST, "http", False),
        ("C6", "", NameRung.NONE, "dns", False),
        ("C9", "", NameRung.NONE, "tls", True),
    ],
)
def test_f6_other_logs_name_the_connection_of_the_same_uid(
    tmp_path: Path, uid: str, name: str, rung: NameRung, protocol: str, hidden: bool
) -> None:
    flow = _by_uid(tmp_path)[uid]
    assert (flow.name, flow.name_rung, flow.app_protocol, flow.hidden) == (name, rung, protocol, hidden)


def test_the_path_has_no_query_and_icmp_no_ports(tmp_path: Path) -> None:
    flows = _by_uid(tmp_path)
    assert flows["C5"].path == "/v1/chat"
    assert (flows["C8"].transport, flows["C8"].src_port, flows["C8"].dst_port) == (Transport.ICMP, 0, 0)
    assert flows["C8"].evidence == (("icmp", "8/0"),)


def test_a_refused_connection_is_an_attempt(tmp_path: Path) -> None:
    flow = _by_uid(tmp_path)["C7"]
    assert (flow.sighting, flow.attempt_reason, flow.state) == (Sighting.ATTEMPT, "refused", "refused")
    assert flow.payload_out is None, "Zeek writes no byte count for a connection without duration: that is not zero"


def test_f6_a_flow_inside_a_tunnel_keeps_the_outer_ends_and_is_not_counted_twice(tmp_path: Path) -> None:
    flows = _by_uid(tmp_path)
    assert (flows["C9"].tunnel, flows["C9"].outer_src_addr, flows["C9"].outer_dst_addr) == ("vxlan", "10.0.0.1", "10.0.0.2")
    assert (flows["T1"].app_protocol, flows["T1"].payload_out, flows["T1"].wire_out) == ("vxlan", None, None)


def test_dns_answers_tie_the_asked_name_to_addresses_and_mdns_ties_none(tmp_path: Path) -> None:
    outcome = read(tmp_path, _all_tsv())
    lookup = outcome.lookup
    assert (lookup.client, lookup.name, lookup.addresses) == ("10.0.0.5", "api.example.org", ("192.0.2.10",))
    assert (lookup.server, lookup.kind, lookup.outcome, lookup.time) == ("10.0.0.53", "A", "NOERROR", 1790000000123456000)
    assert outcome.coverage.passed_over["local_lookup"] == 1


def test_f6_rotated_and_compressed_files_are_one_source(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = read(tmp_path / "whole", _all_tsv())
    conn, ssl = EVENTS["conn"], EVENTS["ssl"]
    parts: dict[str, str | bytes] = {
        "conn.2026-09-21-00-00-00-01-00-00.log.gz": gzip.compress(tsv("conn", conn[:4]).encode()),
        "conn.2026-09-21-01-00-00-02-00-00.log.bz2": bz2.compress(tsv("conn", conn[4:]).encode()),
        "ssl.log.1": tsv("ssl", ssl[:1]) + tsv("ssl", ssl[1:]),
        **{f"{path}.log": tsv(path, EVENTS[path]) for path in ("quic", "http", "socks", "tunnel", "dns")},
    }
    outcome = read(tmp_path, parts)
    assert _comparable(outcome) == _comparable(whole)
    assert [file.lines for file in outcome.coverage.files if file.id.startswith("conn")] == [13, 15]


def test_f6_one_file_with_all_logs_is_joined_too(tmp_path: Path) -> None:
    (tmp_path / "tsv").mkdir()
    apart = read(tmp_path / "tsv", _all_tsv())
    mixed = json_lines({"_path": path, **event} for path, events in EVENTS.items() for event in events)
    together = read(tmp_path, {"events.json": mixed})
    assert _comparable(together) == _comparable(apart)


def test_f6_open_connections_are_superseded_by_their_conn_line(tmp_path: Path) -> None:
    conn = EVENTS["conn"][0]
    open_ones = [
        {**conn, "_path": "open_conn", "orig_bytes": 10},
        {**conn, "_path": "open_conn", "uid": "C99", "orig_bytes": 5, "conn_state": "S1"},
        {**conn, "_path": "open_conn", "uid": "C99", "orig_bytes": 20, "conn_state": "S1"},
    ]
    outcome = read(tmp_path, {"conn.log": json_lines([conn]), "open_conn.log": json_lines(open_ones)})
    assert {flow.flow_key: flow.payload_out for flow in outcome.flows} == {"C1": 517, "C99": 20}
    assert outcome.coverage.passed_over["superseded_by_conn"] == 1


def test_what_zeek_lost_is_counted(tmp_path: Path) -> None:
    loss = {
        "_path": "capture_loss",
        "ts": 1790000000.5,
        "ts_delta": 60.0,
        "peer": "zeek",
        "gaps": 12,
        "acks": 400,
        "percent_lost": 3.0,
    }
    stats = {"_path": "stats", "ts": 1790000001.5, "peer": "zeek", "pkts_proc": 1000, "pkts_dropped": 30}
    outcome = read(tmp_path, {"all.json": json_lines([*EVENTS["conn"][:1], loss, stats])})
    assert outcome.coverage.lost == 42
    assert not outcome.coverage.lossless
    gap = {**EVENTS["conn"][0], "missed_bytes": 100}
    assert read(tmp_path, {"conn.log": json_lines([gap])}).flow.loss_flags == ("gap",)


def test_a_connection_seen_from_its_middle_says_so(tmp_path: Path) -> None:
    flow = read(tmp_path, {"conn.log": json_lines([{**EVENTS["conn"][0], "history": "DadA^", "conn_state": "OTH"}])}).flow
    assert (flow.state, flow.loss_flags, flow.orientation_rule) == ("partial", ("midstream",), "service_port")


def test_damaged_lines_are_counted_by_reason(tmp_path: Path) -> None:
    text = tsv("conn", EVENTS["conn"][:2])
    lines = text.splitlines()
    lines.insert(9, "1790000000.1\tshort")
    lines.insert(10, lines[8])
    lines.append(lines[8].replace("10.0.0.5", "10.0.0.999"))
    lines.append(lines[8].replace("517", "many"))
    outcome = read(tmp_path, {"conn.log": "\n".join(lines)})
    assert outcome.coverage.skipped == {"wrong_number_of_fields": 1, "no_address": 1}
    assert outcome.coverage.passed_over == {"header": 9, "repeated_line": 1}
    assert outcome.coverage.notes == {"field_invalid:orig_bytes": 1, "field_invalid:id.orig_h": 1}
    assert len(outcome.flows) == 3


def test_unknown_fields_and_logs_are_reported(tmp_path: Path) -> None:
    odd = {"_path": "weird", "ts": 1790000000.5, "uid": "C1", "name": "bad_checksum"}
    outcome = read(tmp_path, {"conn.log": json_lines([{**EVENTS["conn"][0], "mood": "good"}, odd])})
    assert outcome.coverage.unknown_fields == {"conn.mood": 1}
    assert outcome.coverage.passed_over == {"log:weird": 1}


def test_a_cut_archive_is_read_up_to_the_cut(tmp_path: Path) -> None:
    conn = EVENTS["conn"][0]
    many = [
        {**conn, "uid": f"U{number}", "id.orig_p": 1024 + number % 60000, "ts": f"{1790000000 + number}.{number:06}"}
        for number in range(3000)
    ]
    whole = gzip.compress(tsv("conn", many).encode())
    outcome = read(tmp_path, {"conn.log.gz": whole[: len(whole) // 2]})
    assert 0 < len(outcome.flows) < 3000
    assert outcome.coverage.truncated
    assert outcome.coverage.skipped["compression_cut"] == 1


@pytest.mark.parametrize(
    ("server", "port", "proto", "local"),
    [
        ("224.0.0.251", 5353, "udp", "mdns"),
        ("255.255.255.255", 67, "udp", "dhcp"),
        ("239.1.2.3", 5000, "udp", "multicast"),
        ("169.254.169.254", 80, "tcp", ""),
        ("192.0.2.123", 123, "udp", ""),
        ("192.0.2.10", 443, "tcp", ""),
    ],
)
def test_what_stays_on_the_link_is_told_apart(tmp_path: Path, server: str, port: int, proto: str, local: str) -> None:
    event = _event("C1", "10.0.0.5", 50000, server, port, proto=proto, conn_state="SF")
    assert read(tmp_path, {"conn.log": json_lines([event])}).flow.local_protocol == local


def test_neighbour_discovery_stays_on_the_link(tmp_path: Path) -> None:
    event = _event("C1", "fe80::5", 135, "ff02::1:ff00:1", 0, proto="icmp", conn_state="OTH")
    assert read(tmp_path, {"conn.log": json_lines([event])}).flow.local_protocol == "nd"


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "no byte"), (b"\0\1\2\3" * 9, "no text"), (b"hello\n", "no known format"), ("\ufeffx".encode("utf-16"), "UTF-16")],
)
def test_what_is_no_log_is_refused_with_a_reason(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path, {"odd.log": content})
    diagnostic = refused.value.diagnostics()[0]
    assert diagnostic.path == "odd.log"
    assert why in diagnostic.why
    assert diagnostic.next_step
