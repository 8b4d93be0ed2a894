"""Envoy's access log as text and JSON. Lines are written by us in the documented forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action, Blind
from tests.traffic.logs.reader import json_lines, read, told

_PLAIN = (
    '[2026-09-21T10:00:01.250Z] "POST /v1/chat?key=x HTTP/2" 200 - 1200 9000 150 148 "10.0.0.5" "agent/1.0" "id-1" '
    '"api.example.org:443" "192.0.2.10:443"\n'
)
_ISTIO = (
    '[2026-09-21T10:00:01.250Z] "POST /v1/chat?key=x HTTP/1.1" 200 - via_upstream - "-" 1200 9000 150 148 "-" "agent/1.0" "id-1" '
    '"api.example.org" "192.0.2.10:443" outbound|443||api.example.org 10.0.0.5:41000 192.0.2.10:443 10.0.0.5:50000 - default\n'
)


def _record(**fields: Any) -> dict[str, Any]:
    usual = {
        "start_time": "2026-09-21T10:00:01.250Z",
        "method": "POST",
        "path": "/v1/chat?key=x",
        "protocol": "HTTP/1.1",
        "response_code": 200,
        "response_flags": "-",
        "response_code_details": "via_upstream",
        "bytes_received": 1200,
        "bytes_sent": 9000,
        "duration": 150,
        "authority": "api.example.org",
        "upstream_host": "192.0.2.10:443",
        "upstream_cluster": "outbound|443||api.example.org",
        "downstream_local_address": "192.0.2.10:443",
        "downstream_remote_address": "10.0.0.5:50000",
    }
    return {**usual, **fields}


def test_istios_text_and_json_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    text = read(tmp_path, {"access.log": _ISTIO})
    as_json = read(tmp_path / "json", {"access.log": json_lines([_record()])})
    assert (text.format, as_json.format) == ("envoy", "envoy")
    assert told(text.flow) == told(as_json.flow)
    assert told(text.flow) == {
        "start": 1789984801250000000,
        "end": 1789984801400000000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "payload_out": 1200,
        "payload_in": 9000,
        "name": "api.example.org",
        "name_rung": NameRung.HTTP_HOST,
        "app_protocol": "http",
        "action": Action.PASSED,
        "action_word": "200",
        "path": "/v1/chat",
        "translated_dst": ("192.0.2.10", 443),
        "evidence": (("upstream_cluster", "outbound|443||api.example.org"),),
    }


def test_the_default_text_does_not_tell_the_client(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"access.log": _PLAIN})
    assert (outcome.flow.src_addr, outcome.flow.name, outcome.flow.dst_port) == ("", "api.example.org", 443)
    assert outcome.flow.evidence == (("x_forwarded_for", "10.0.0.5"),), "what a client says of itself is no address of it"
    assert Blind.CLIENTS in outcome.coverage.blind


@pytest.mark.parametrize(
    ("fields", "reason", "action"),
    [
        ({"response_code": 403, "response_flags": "UAEX", "upstream_host": None}, "denied", Action.DENIED),
        (
            {"response_code": 403, "response_code_details": "rbac_access_denied_matched_policy[none]", "upstream_host": None},
            "denied",
            Action.DENIED,
        ),
        ({"response_code": 502, "upstream_cluster": "BlackHoleCluster", "upstream_host": "-"}, "denied", Action.DENIED),
        ({"response_code": 503, "response_flags": "UF"}, "failed", Action.FAILED),
        ({"response_code": 404, "response_flags": "NR", "upstream_host": None}, "failed", Action.FAILED),
        ({"response_code": 200, "response_flags": "DC"}, "", Action.PASSED),
    ],
)
def test_flags_tell_what_was_passed_on(tmp_path: Path, fields: dict[str, Any], reason: str, action: Action) -> None:
    flow = read(tmp_path, {"access.json": json_lines([_record(**fields)])}).flow
    assert (flow.attempt_reason, flow.action, flow.sighting) == (reason, action, Sighting.ATTEMPT if reason else Sighting.DATA)


@pytest.mark.parametrize(
    ("fields", "name", "address", "rung", "protocol"),
    [
        ({"authority": "-", "requested_server_name": "api.example.org"}, "api.example.org", "", NameRung.SNI, "tls"),
        ({"authority": None}, "", "192.0.2.10", NameRung.NONE, ""),
        ({"method": "CONNECT", "authority": "m.example.org:443"}, "m.example.org", "", NameRung.PROXY_AUTHORITY, "http_connect"),
    ],
)
def test_the_destination_is_named_by_what_was_shown(
    tmp_path: Path, fields: dict[str, Any], name: str, address: str, rung: NameRung, protocol: str
) -> None:
    flow = read(tmp_path, {"access.json": json_lines([_record(**fields)])}).flow
    assert (flow.name, flow.dst_addr, flow.name_rung, flow.app_protocol, flow.dst_port) == (name, address, rung, protocol, 443)


def test_damage_and_unknown_fields_are_counted(tmp_path: Path) -> None:
    coverage = read(tmp_path, {"access.log": f"{_PLAIN}something else\n{_PLAIN[:60]}"}).coverage
    assert coverage.skipped == {"no_access_line": 1, "cut_line": 1}
    coverage = read(
        tmp_path,
        {
            "access.json": json_lines(
                [_record(mood="good"), _record(authority="-", upstream_host="-", downstream_local_address="-")]
            )
        },
    ).coverage
    assert (coverage.unknown_fields, coverage.skipped) == ({"mood": 1}, {"no_destination": 1})
