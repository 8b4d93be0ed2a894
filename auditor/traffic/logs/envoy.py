"""Envoy's access log: its default text, Istio's default text, and JSON with the names that Istio uses.

Source: Envoy documentation, "Access logging" (format strings, response flags); Istio, "Envoy Access Logs" (read 2026-11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.access_lines import end_of, tokens
from auditor.traffic.logs.fields import ABSENT, host_name
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED, LogInput
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import Action, LogRecord, Place
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
_KNOWN = frozenset({*_ISTIO, "method", "path", "protocol", "hostname", "upstream_cluster_raw"})
_LINE = re.compile(r'\[\d{4}-\d\d-\d\dT[^\]]+\] "[^"]*" \d+ \S+ ')
_REFUSED_FLAGS = frozenset({"UAEX", "RL", "RLSE"})
"""Refused by an authorisation service or by a limit."""
_FAILED_FLAGS = frozenset({"UF", "UH", "NR", "NC", "DF", "UO", "UMSDR", "URX", "IH", "DPE"})
"""No healthy, known, or reachable upstream."""
_MILLISECOND = 1_000_000


def _recognise(head: Head) -> bool:
    if head.lines and _LINE.match(head.lines[0]) and len(tokens(head.lines[0])) >= len(_DEFAULT):
        return True
    return any({"response_flags", "start_time"} <= _plain(record).keys() for record in head.objects[:1])


def _plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("-", "_").lower(): value for name, value in record.items()}


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        for line, record in _records(file):
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


def _request(place: Place, values: Values) -> Request:
    start, duration = values.iso("start_time"), values.count("duration")
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
        upstream=end_of(values.text("upstream_host")),
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


def _outcome(values: Values) -> tuple[Action, str]:
    flags = set(values.text("response_flags").split(","))
    cluster = values.text("upstream_cluster")
    contacted = bool(end_of(values.text("upstream_host"))[0])
    if flags & _REFUSED_FLAGS or "rbac_access_denied" in values.text("response_code_details") or cluster == "BlackHoleCluster":
        return Action.DENIED, "denied"
    if flags & _FAILED_FLAGS and (not contacted or "UF" in flags):
        return Action.FAILED, "failed"
    return Action.PASSED, ""


def _evidence(values: Values) -> tuple[tuple[str, str], ...]:
    found = [(name, values.text(name)) for name in ("upstream_cluster", "x_forwarded_for")]
    return tuple((name, text) for name, text in found if text)


FORMAT = LogFormat("envoy", "Envoy access log", _recognise, _read, (Blind.NOT_PROXIED,), requests=True)
