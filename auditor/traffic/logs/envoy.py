"""Envoy's access log: its default text, Istio's, JSON of Istio, Envoy Gateway and Contour, or a form that the user hands over.

Source: Envoy documentation, "Access logging" (format strings, response flags); Istio, "Envoy Access Logs"; Envoy Gateway,
"Proxy Access Logs"; Contour, "Access Logging"; lines of Envoy 1.40 (read and recorded 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.access_lines import end_of, tokens
from auditor.traffic.logs.envoy_format import field_of, json_format, named, text_format
from auditor.traffic.logs.fields import ABSENT, host_name
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED, LogInput
from auditor.traffic.logs.json_records import records, value_at
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import Action, LogRecord, Place
from auditor.traffic.logs.shapes import note_words
from auditor.traffic.logs.values import Values

_DEFAULT = (
    "start_time", "request", "response_code", "response_flags", "bytes_received", "bytes_sent", "duration",
    "upstream_service_time", "x_forwarded_for", "user_agent", "request_id", "authority", "upstream_host",
)  # fmt: skip
_ISTIO = (
    *_DEFAULT[:4], "response_code_details", "connection_termination_details", "upstream_transport_failure_reason", *_DEFAULT[4:],
    "upstream_cluster", "upstream_local_address", "downstream_local_address", "downstream_remote_address",
    "requested_server_name", "route_name",
)  # fmt: skip
_KNOWN = frozenset({*_ISTIO, "method", "path", "protocol", "hostname", "upstream_cluster_raw", "uber_trace_id", "grpc_status"})
_ALIASES = {
    "@timestamp": "start_time", "x_envoy_origin_path": "path", "x_envoy_original_path": "path", "x_request_id": "request_id",
    "x_envoy_upstream_service_time": "upstream_service_time", "upstream_remote_address": "upstream_host",
}  # fmt: skip
"""Keys that Envoy Gateway and Contour use, by those of Istio."""
_LINE = re.compile(r'\[\d{4}-\d\d-\d\dT[^\]]+\] "[^"]*" \d+ \S+ ')
_REFUSED_FLAGS = frozenset({"UAEX", "RL", "RLSE"})
"""Refused by an authorisation service or by a limit."""
_FAILED_FLAGS = frozenset({"UF", "UH", "NR", "NC", "DF", "UO", "UMSDR", "URX", "IH", "DPE"})
"""No healthy, known, or reachable upstream."""
_REFUSALS = frozenset({"401", "403", "407", "429"})
_FIRST_ERROR = 400
_MILLISECOND = 1_000_000


def _recognise(head: Head) -> bool:
    if head.lines and _LINE.match(head.lines[0]) and len(tokens(head.lines[0])) >= len(_DEFAULT):
        return True
    return any({"response_flags", "start_time"} <= _plain(record).keys() for record in head.objects[:1])


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON record by the names that Istio uses, as far as they are known under another spelling."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        spelt = name.replace("-", "_").lower().removeprefix(":")
        spelt = _ALIASES.get(spelt, spelt)
        found.setdefault(spelt if spelt in _KNOWN else name, value)
    return found


def _read(task: Task) -> Iterator[LogRecord]:
    told = task.columns.get("fields")
    for file in task.files:
        for line, record in _records(file) if told is None else _told(file, told):
            task.coverage.records += 1
            for name in record.keys() - _KNOWN:
                task.coverage.word(task.coverage.unknown_fields, name)
            flow = flow_of(_request(Place(file.id, line), Values(record, task.coverage)), task.coverage)
            if flow is not None:
                if not flow.src_addr:
                    task.coverage.cannot_see(Blind.CLIENTS)
                yield flow


def _records(file: LogInput) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if file.head().objects:
        for line, record in records(file):
            yield line, _plain(record)
        return
    number, failed = 0, 0
    for number, text in file.lines(longest=LONGEST_MATCHED):
        values = tokens(text) if _LINE.match(text) else []
        shape = _ISTIO if len(values) == len(_ISTIO) else _DEFAULT if len(values) == len(_DEFAULT) else ()
        if shape:
            yield number, dict(zip(shape, values, strict=True))
        else:
            failed = number
            file.coverage.skip("no_access_line")
    if failed and failed == number:
        file.ends_cut("no_access_line")


def _told(file: LogInput, told: object) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the records of a file whose format the user hands over; what it holds besides our fields is known to the user."""
    if isinstance(told, Mapping):
        keys = {key: operator for key, operator in json_format(told) if operator}
        for line, record in records(file):
            note_words(record.keys() - {key.partition(".")[0] for key, _ in json_format(told)}, file.coverage)
            yield line, named({operator: value_at(record, key) for key, operator in keys.items()})
        return
    form = text_format(str(told))
    number, failed = 0, 0
    for number, text in file.lines(longest=LONGEST_MATCHED):
        values = form.values(text) if form is not None else None
        if values is None:
            failed = number
            file.coverage.skip("no_access_line")
        else:
            yield number, named(values)
    if failed and failed == number:
        file.ends_cut("no_access_line")


def _fault(told: object) -> str:
    """Return why ``told`` is no format of Envoy's that tells a destination; empty where it is one."""
    if isinstance(told, Mapping):
        operators = [operator for _, operator in json_format(told)]
    else:
        form = text_format(told) if isinstance(told, str) else None
        operators = [operator for operator, _ in form.parts] if form is not None else []
    if not operators:
        return "it is neither a format string with operators, each apart from the next, nor a mapping of keys to operators"
    fields = {field_of(operator) for operator in operators}
    destinations = {"authority", "requested_server_name", "upstream_host", "downstream_local_address"}
    return "" if fields & destinations else "none of its operators tells a destination"


def _request(place: Place, values: Values) -> Request:
    start, duration = values.moment("start_time"), values.count("duration")
    values.coverage.saw(start)
    end = None if start is None else start + (duration or 0) * _MILLISECOND
    method, path = _asked(values)
    target, rung, protocol = _target(values, method)
    action, reason = _outcome(values)
    return Request(
        place=place,
        start=start,
        end=end,
        client=end_of(values.text("downstream_remote_address")),
        method=method,
        target=target,
        path=path.partition("?")[0],
        upstream=_upstream(values),
        action=action,
        word=f"{values.text('response_code') or '0'} {values.text('response_flags')}".strip(),
        reason=reason,
        sent=values.count("bytes_received"),
        received=None if reason else values.count("bytes_sent"),
        protocol=protocol,
        rung=rung,
        reporter=values.text("hostname"),
        evidence=_evidence(values),
    )


def _asked(values: Values) -> tuple[str, str]:
    """Return method and path: apart in JSON, in one text otherwise (``- - -`` for a connection that is not HTTP)."""
    if "request" not in values.record:
        return values.text("method"), values.text("path")
    words = values.text("request").split(" ")
    method = words[0] if words else ""
    return ("" if method in ABSENT else method), (words[1] if len(words) > 2 and words[1] not in ABSENT else "")  # noqa: PLR2004


def _target(values: Values, method: str) -> tuple[str, NameRung, str]:
    """Return authority asked for, its rung and the protocol: a host header, a server name, or else the address dialled."""
    asked, shown = values.text("authority"), values.text("requested_server_name")
    dialled = values.text("downstream_local_address")
    _, port = end_of(dialled)
    if method == "CONNECT":
        return asked, NameRung.PROXY_AUTHORITY, "http_connect"
    if asked:
        return asked if ":" in asked or port is None else f"{asked}:{port}", NameRung.HTTP_HOST, "http"
    if host_name(shown):
        return f"{shown}:{port}" if port else shown, NameRung.SNI, "tls"
    return dialled or values.text("upstream_host"), NameRung.NONE, ""


def _upstream(values: Values) -> tuple[str, int | None]:
    """Return whom Envoy contacted; old versions write ``tcp://`` in front."""
    return end_of(values.text("upstream_host").removeprefix("tcp://"))


def _outcome(values: Values) -> tuple[Action, str]:
    """Return what Envoy did, and why nothing was passed on: where it contacted nobody, it answered by itself."""
    flags = set(values.text("response_flags").split(","))
    status = values.text("response_code")
    contacted = values.text("upstream_host")
    denied = "rbac_access_denied" in values.text("response_code_details") or values.text("upstream_cluster") == "BlackHoleCluster"
    if flags & _REFUSED_FLAGS or denied:
        return Action.DENIED, "denied"
    if flags & _FAILED_FLAGS and (not contacted or ("UF" in flags and not ("URX" in flags and status not in ("", "0")))):
        return Action.FAILED, "failed"  # of several tries of a request only the last need have failed to connect
    if contacted or "upstream_host" not in values.record:
        return Action.PASSED, ""
    if status in _REFUSALS:
        return Action.DENIED, "denied"
    if status.isdigit() and 0 < int(status) < _FIRST_ERROR:
        return Action.PASSED, "no_payload"
    return Action.FAILED, "failed"


def _evidence(values: Values) -> tuple[tuple[str, str], ...]:
    found = [(name, values.text(name)) for name in ("upstream_cluster", "x_forwarded_for")]
    return tuple((name, text) for name, text in found if text)


FORMAT = LogFormat("envoy", "Envoy access log", _recognise, _read, (Blind.NOT_PROXIED,), requests=True, fault=_fault)
