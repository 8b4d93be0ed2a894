"""Logs of requests: Coder's agent boundaries, HTTP archives, CloudTrail and Bedrock. Records are written by us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action, Blind
from tests.traffic.logs.reader import json_lines, read, told
from tests.traffic.logs.samples import MITMPROXY, tnetstring

_FIELDS = {
    "decision": "allow",
    "workspace_id": "w-1",
    "workspace_name": "dev",
    "owner": "alice",
    "template_id": "t-1",
    "template_version_id": "v-1",
    "http_method": "POST",
    "http_url": "https://api.example.org/v1/messages?beta=1",
    "event_time": "2026-09-21T10:00:01.25Z",
    "matched_rule": "domain=api.example.org",
}


def _slog(**fields: Any) -> dict[str, Any]:
    return {"ts": "2026-09-21T10:00:02Z", "level": "INFO", "msg": "boundary_request", "fields": {**_FIELDS, **fields}}


def test_coders_boundary_lines_tell_workspace_and_decision(tmp_path: Path) -> None:
    denied = _slog(decision="deny", http_url="https://evil.example.org/x", matched_rule="")
    outcome = read(tmp_path, {"coderd.log": json_lines([{"ts": "x", "level": "INFO", "msg": "started"}, _slog(), denied])})
    assert outcome.format == "coder_boundary"
    one, two = outcome.flows
    assert told(one) == {
        "start": 1789984801250000000,
        "end": 1789984801250000000,
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "name": "api.example.org",
        "name_rung": NameRung.PROXY_AUTHORITY,
        "action": Action.PASSED,
        "action_word": "allow",
        "reporter": "boundary",
        "source": one.source,
        "path": "/v1/messages",
        "evidence": (("rule", "domain=api.example.org"),),
    }
    assert (one.source.name, one.source.kind, one.source.owner) == ("dev", "workspace", "alice")
    assert (two.name, two.attempt_reason, two.sighting) == ("evil.example.org", "denied", Sighting.ATTEMPT)
    assert outcome.coverage.passed_over == {"other_line": 1}
    assert Blind.NOT_PROXIED in outcome.coverage.blind


def test_coders_human_form_is_read_as_well(tmp_path: Path) -> None:
    pairs = " ".join(
        f'{name}="{value}"' if "=" in value or ":" in value else f"{name}={value}" for name, value in _FIELDS.items()
    )
    text = f"2026-09-21 10:00:02.000 [info]  coderd.agentrpc: boundary_request  {pairs}\n"
    text += "2026-09-21 10:00:03.000 [info]  coderd: started\n"
    (tmp_path / "json").mkdir()
    human = read(tmp_path, {"coderd.log": text})
    assert told(human.flow) == told(read(tmp_path / "json", {"coderd.log": json_lines([_slog()])}).flow)


def _entry(**fields: Any) -> dict[str, Any]:
    usual = {
        "startedDateTime": "2026-09-21T10:00:01.250Z",
        "time": 150.5,
        "serverIPAddress": "192.0.2.10",
        "connection": "443",
        "request": {
            "method": "POST",
            "url": "https://api.example.org/v1/chat?key=x",
            "httpVersion": "HTTP/2",
            "headersSize": 200,
            "bodySize": 1000,
        },
        "response": {"status": 200, "headersSize": -1, "bodySize": 9000, "content": {"size": 12000}},
    }
    return {**usual, **fields}


def _archive(*entries: dict[str, Any]) -> str:
    head = {"version": "1.2", "creator": {"name": "recorder", "version": "1"}, "pages": []}
    return json.dumps({"log": {**head, "entries": list(entries), "comment": "that [is] all"}}, indent=1)


def test_har_entries_tell_host_path_and_sizes(tmp_path: Path) -> None:
    outcome = read(
        tmp_path,
        {"session.har": _archive(_entry(), _entry(request={"method": "GET", "url": "https://api.example.org/v1/models"}))},
    )
    assert outcome.format == "har"
    one, two = outcome.flows
    assert told(one) == {
        "start": 1789984801250000000,
        "end": 1789984801400500000,
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
        "translated_dst": ("192.0.2.10", None),
        "path": "/v1/chat",
        "evidence": (("http_version", "HTTP/2"),),
    }
    assert (two.path, two.payload_out) == ("/v1/models", None)
    assert not outcome.coverage.skipped


def test_a_har_entry_without_answer_or_server_never_left(tmp_path: Path) -> None:
    blocked = _entry(serverIPAddress="", response={"status": 0, "headersSize": -1, "bodySize": -1})
    flow = read(tmp_path, {"session.har": _archive(blocked)}).flow
    assert (flow.attempt_reason, flow.action, flow.payload_in) == ("failed", Action.FAILED, None)


def test_a_cut_har_is_read_up_to_the_cut(tmp_path: Path) -> None:
    whole = _archive(_entry(), _entry(time=7))
    outcome = read(tmp_path, {"session.har": whole[: whole.index('"time": 7') + 5]})
    assert (len(outcome.flows), outcome.coverage.truncated, outcome.coverage.skipped) == (1, True, {"cut_line": 1})


def test_mitmproxys_flow_files_tell_client_server_and_path(tmp_path: Path) -> None:
    messages = [[True, b"hello", 1.0], [False, b"hi", 2.0]]
    tcp = {
        **MITMPROXY,
        "type": "tcp",
        "messages": messages,
        "server_conn": {**MITMPROXY["server_conn"], "timestamp_start": 1790000000.5},
    }
    dead = {**MITMPROXY, "response": None, "server_conn": {}, "error": {"msg": "no route"}}
    text = "".join(map(tnetstring, [MITMPROXY, tcp, dead, {**MITMPROXY, "type": "dns"}]))
    outcome = read(tmp_path, {"flows.mitm": text + "99:cut"})
    assert outcome.format == "mitmproxy"
    one, two, three = outcome.flows
    assert told(one) == {
        "start": 1790000000250000000,
        "end": 1790000001500000000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "payload_out": 6,
        "payload_in": 10,
        "name": "api.example.org",
        "name_rung": NameRung.HTTP_HOST,
        "app_protocol": "http",
        "action": Action.PASSED,
        "action_word": "200",
        "translated_dst": ("192.0.2.10", 443),
        "path": "/v1/chat",
    }
    assert (two.app_protocol, two.name_rung, two.payload_out, two.payload_in) == ("tls", NameRung.SNI, 5, 2)
    assert (three.attempt_reason, three.action_word) == ("failed", "no route")
    coverage = outcome.coverage
    assert (coverage.passed_over, coverage.skipped, coverage.truncated) == ({"type:dns": 1}, {"cut_line": 1}, True)
    assert (coverage.lines, coverage.files[0].lines) == (4, 4)


def _trail(**fields: Any) -> dict[str, Any]:
    usual = {
        "eventVersion": "1.09",
        "eventTime": "2026-09-21T10:00:01Z",
        "eventSource": "bedrock.amazonaws.com",
        "eventName": "Converse",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "10.0.0.5",
        "requestID": "r-1",
        "recipientAccountId": "123456789012",
        "userIdentity": {"arn": "arn:aws:sts::123456789012:assumed-role/agent/session", "accountId": "123456789012"},
        "requestParameters": {"modelId": "eu.anthropic.claude"},
        "additionalEventData": {"inferenceRegion": "eu-west-3"},
        "tlsDetails": {"clientProvidedHostHeader": "bedrock-runtime.eu-central-1.amazonaws.com"},
        "vpcEndpointId": "vpce-1",
    }
    return {**usual, **fields}


def test_cloudtrail_tells_where_inference_ran(tmp_path: Path) -> None:
    other = _trail(eventSource="s3.amazonaws.com", eventName="GetObject")
    outcome = read(
        tmp_path, {"trail.json": json.dumps({"Records": [_trail(), other, _trail(errorCode="AccessDenied", requestID="r-2")]})}
    )
    assert outcome.format == "cloudtrail"
    one, two = outcome.flows
    assert told(one) == {
        "start": 1789984801000000000,
        "end": 1789984801000000000,
        "src_addr": "10.0.0.5",
        "dst_port": 443,
        "transport": Transport.TCP,
        "name": "bedrock-runtime.eu-central-1.amazonaws.com",
        "name_rung": NameRung.HTTP_HOST,
        "app_protocol": "tls",
        "action": Action.PASSED,
        "reporter": "123456789012",
        "flow_key": "r-1",
        "source": one.source,
        "evidence": (
            ("inference_region", "eu-west-3"),
            ("model", "eu.anthropic.claude"),
            ("operation", "Converse"),
            ("region", "eu-central-1"),
            ("service", "bedrock.amazonaws.com"),
            ("vpc_endpoint", "vpce-1"),
        ),
        "ran_in": "bedrock-runtime.eu-west-3.amazonaws.com",
    }
    assert (one.source.name, one.source.kind) == ("session", "identity")
    assert (two.action, two.sighting) == (Action.DENIED, Sighting.DATA), "a refused call has carried its prompt to the provider"
    assert outcome.coverage.passed_over == {"source:s3.amazonaws.com": 1}


def test_bedrocks_invocation_log_names_the_endpoint_by_service_and_region(tmp_path: Path) -> None:
    record = {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-09-21T10:00:01Z",
        "accountId": "123456789012",
        "identity": {"arn": "arn:aws:iam::123456789012:role/agent"},
        "region": "us-east-1",
        "requestId": "r-1",
        "operation": "InvokeModel",
        "modelId": "m",
        "input": {"inputTokenCount": 10},
        "output": {"outputTokenCount": 20},
        "inferenceRegion": "us-west-2",
    }
    outcome = read(tmp_path, {"invocations.json": json_lines([record])})
    assert (outcome.flow.name, outcome.flow.name_rung) == ("bedrock-runtime.us-east-1.amazonaws.com", NameRung.ADDRESS_RANGE)
    assert ("inference_region", "us-west-2") in outcome.flow.evidence
    assert ("output_tokens", "20") in outcome.flow.evidence
    assert outcome.coverage.notes == {"name_from_service_and_region": 1}
