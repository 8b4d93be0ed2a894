"""Envoy's access log as text and JSON. Lines are written by us in the documented forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action, Blind
from auditor.traffic.sources import log_source
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


@pytest.mark.parametrize(
    "keys",
    [
        {"authority": ":authority", "path": "x-envoy-origin-path", "request_id": "x-request-id"},
        {"start_time": "@timestamp", "upstream_service_time": "upstream_service_time", "path": "path"},
    ],
    ids=["envoy_gateway", "contour"],
)
def test_the_keys_of_gateways_are_those_of_istio(tmp_path: Path, keys: dict[str, str]) -> None:
    (tmp_path / "gateway").mkdir()
    record = _record(request_id="r-1", upstream_service_time="3")
    theirs = {keys.get(key, key): value for key, value in record.items()}
    ours = read(tmp_path, {"a.json": json_lines([record])})
    outcome = read(tmp_path / "gateway", {"a.json": json_lines([theirs])})
    assert outcome.format == "envoy"
    assert told(outcome.flow) == told(ours.flow)
    assert outcome.coverage.unknown_fields == {}


@pytest.mark.parametrize(
    ("fields", "reason", "action"),
    [
        ({"response_code": 403, "response_code_details": "direct_response", "upstream_host": None}, "denied", Action.DENIED),
        ({"response_code": 403, "upstream_host": "192.0.2.10:443"}, "", Action.PASSED),
        ({"response_code": 301, "upstream_host": None}, "no_payload", Action.PASSED),
        ({"response_code": 400, "upstream_host": "-"}, "failed", Action.FAILED),
        ({"response_code": 503, "response_flags": "UF,URX"}, "", Action.PASSED),
        ({"response_code": 0, "response_flags": "UF,URX"}, "failed", Action.FAILED),
        ({"upstream_host": "tcp://192.0.2.10:443"}, "", Action.PASSED),
        ({"upstream_host": "/var/run/model.sock"}, "", Action.PASSED),
    ],
)
def test_where_nobody_was_contacted_nothing_was_passed_on(
    tmp_path: Path, fields: dict[str, Any], reason: str, action: Action
) -> None:
    flow = read(tmp_path, {"access.json": json_lines([_record(**fields)])}).flow
    assert (flow.attempt_reason, flow.action) == (reason, action)


def test_the_upstream_host_of_old_versions_is_an_address(tmp_path: Path) -> None:
    flow = read(tmp_path, {"a.json": json_lines([_record(upstream_host="tcp://192.0.2.10:443")])}).flow
    assert flow.translated_dst == ("192.0.2.10", 443)


_TEXT = (
    "%START_TIME(%s.%3f)% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_DIRECT_REMOTE_PORT% "
    '"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%" %RESPONSE_CODE% %RESPONSE_FLAGS% out=%BYTES_RECEIVED% '
    "in=%BYTES_SENT% %DURATION%ms to=%REQ(:AUTHORITY):64% by=%UPSTREAM_REMOTE_ADDRESS% at %DOWNSTREAM_LOCAL_ADDRESS%\n"
)
_DICTIONARY = {
    "when": "%START_TIME%",
    "client": {"address": "%DOWNSTREAM_REMOTE_ADDRESS%"},
    "asked": "%REQ(:AUTHORITY)%",
    "verb": "%REQ(:METHOD)%",
    "target": "%REQ(:PATH)%",
    "code": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "sent": "%BYTES_RECEIVED%",
    "got": "%BYTES_SENT%",
    "took": "%DURATION%",
    "ip": "%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "port": "%UPSTREAM_REMOTE_PORT%",
    "listener": "%DOWNSTREAM_LOCAL_ADDRESS%",
    "both": "%PROTOCOL% %REQUESTED_SERVER_NAME%",
}


def test_any_format_string_or_dictionary_that_the_user_hands_over_is_read(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    line = (
        '1789984801.250 10.0.0.5 50000 "POST /v1/chat?key=x" 200 - out=1200 in=9000 150ms to=api.example.org '
        "by=192.0.2.10:443 at 192.0.2.10:443\n"
    )
    text = read(tmp_path, {"a.log": f"{line}other\n{line[:80]}"}, format="envoy", columns={"fields": _TEXT})
    record = {
        "when": "2026-09-21T10:00:01.250Z", "client": {"address": "10.0.0.5:50000"}, "asked": "api.example.org", "verb": "POST",
        "target": "/v1/chat?key=x", "code": 200, "flags": "-", "sent": 1200, "got": 9000, "took": 150, "ip": "192.0.2.10",
        "port": 443, "listener": "192.0.2.10:443", "both": "HTTP/1.1 -", "mood": 1,
    }  # fmt: skip
    columns = {"fields": _DICTIONARY}
    as_json = read(tmp_path / "json", {"a.json": json_lines([record])}, format="envoy", columns=columns)
    usual = read(tmp_path / "json", {"b.json": json_lines([_record(upstream_cluster=None)])})
    assert told(text.flow) == told(as_json.flow) == told(usual.flow)
    assert (text.coverage.skipped, as_json.coverage.unknown_fields) == ({"no_access_line": 1, "cut_line": 1}, {"mood": 1})


@pytest.mark.parametrize("fields", ["", "no operator", "%START_TIME%%DURATION%", "%START_TIME% %DURATION%", {"a": "%DURATION%"}])
def test_a_format_that_tells_no_destination_is_refused(tmp_path: Path, fields: object) -> None:
    (tmp_path / "a.log").write_text(_PLAIN)
    with pytest.raises(InvalidInputError, match="column map: fields"):
        log_source("a.log", str(tmp_path / "a.log"), columns={"kind": "envoy", "fields": fields})
