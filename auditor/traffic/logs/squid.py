"""Squid's access log (native, common, combined), and the access log and ``audit.jsonl`` of gh-aw-firewall, which is a Squid.

Source: Squid configuration reference, ``logformat`` and ``access_log``, and Squid's result codes (read 2026-11);
gh-aw-firewall's schemas/audit.schema.json and its ``firewall_detailed`` format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.blindness import Blind
from auditor.traffic.logs.access_lines import common_time, end_of, split_url, tokens
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import ABSENT, address, seconds, whole
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import NOBODY, Action, LogRecord, Place, Workload
from auditor.traffic.logs.values import Values

_RESULT = r"(?:TCP|UDP|NONE|TAG|WS)[A-Z_]*"
_NATIVE = re.compile(rf"\d+\.\d{{3}} +-?\d+ \S+ {_RESULT}/\d{{3}} \d+ \S+ \S+ \S+ \S+/\S+ ")
_COMMON = re.compile(r'\S+ \S+ \S+ \[[^\]]+\] "[^"]*" \d{3} \d+ ')
_COMMON_END = re.compile(rf"{_RESULT}:\S+\Z")
_DETAILED = re.compile(rf"\d+\.\d{{3}} \S+ \S+ \S+ \S+ \S+ \d{{3}} {_RESULT}:\S+ \S+")
_NO_PEER = frozenset({"NONE", "HIER_NONE", "-", ""})
_FIRST_ERROR = 400
_AUDIT_KNOWN = frozenset({"_schema", "ts", "client", "host", "dest", "method", "status", "decision", "url", "event", "timestamp"})
_MILLISECOND = 1_000_000


def _recognise(head: Head) -> bool:
    line = head.lines[0] if head.lines else ""
    if _NATIVE.match(line) or _is_common(line) or _DETAILED.match(line):
        return True
    return any({"client", "decision", "url", "dest"} <= record.keys() for record in head.objects[:1])


def _is_common(line: str) -> bool:
    return bool(_COMMON.match(line) and _COMMON_END.match(line.rpartition(" ")[2]))


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        if file.head().objects:
            for line, record in records(file):
                yield from _taken(_audit(Place(file.id, line), Values(record, task.coverage)), task.coverage)
            continue
        number, failed = 0, 0
        for number, text in file.lines(longest=LONGEST_MATCHED):
            request = _line(Place(file.id, number), text, task.coverage)
            if request is None:
                failed = number
                task.coverage.skip("no_access_line")
            else:
                yield from _taken(request, task.coverage)
        if failed and failed == number:
            file.ends_cut("no_access_line")


def _taken(request: Request | None, coverage: LogCoverage) -> Iterator[LogRecord]:
    """Yield the flow of a request; the window is that of the lines, which stand in the order in which requests ended."""
    if request is None:
        return
    coverage.records += 1
    coverage.saw(request.end)
    coverage.reaches(request.start)
    if request.word.startswith("UDP"):
        coverage.passed_over["cache_query"] += 1
    elif request.target.startswith("error:"):
        coverage.passed_over["no_request"] += 1
    else:
        flow = flow_of(request, coverage)
        if flow is not None:
            yield flow


def _line(place: Place, text: str, coverage: LogCoverage) -> Request | None:
    if _NATIVE.match(text):
        return _native(place, text.split())
    if _is_common(text):
        return _common(place, tokens(text))
    return _detailed(place, tokens(text), coverage) if _DETAILED.match(text) else None


def _native(place: Place, fields: list[str]) -> Request:
    time, elapsed, client, result, size, method, url, user, hierarchy = fields[:9]
    code, _, status = result.partition("/")
    peer, _, upstream = hierarchy.partition("/")
    end = seconds(time)
    start = None if end is None else end - max(int(elapsed), 0) * _MILLISECOND
    base = Request(place, start, end, ("", None), method, "")
    return _judged(base, client, user, code, status, url, peer, upstream, whole(size))


def _common(place: Place, fields: list[str]) -> Request:
    client, _, user, time, request, status, size = fields[:7]
    method, _, rest = request.partition(" ")
    url = rest.rpartition(" ")[0] or rest
    code, _, peer = fields[-1].partition(":")
    end = common_time(time)
    return _judged(Request(place, end, end, ("", None), method, ""), client, user, code, status, url, peer, "", whole(size))


def _detailed(place: Place, fields: list[str], coverage: LogCoverage) -> Request:
    time, client, host, dest, _, method, status, decision, url = fields[:9]
    record = {"ts": time, "client": client, "host": host, "dest": dest, "method": method, "status": status, "url": url}
    code, _, peer = decision.partition(":")
    return _audited(place, Values({**record, "decision": code}, coverage), peer)


def _audit(place: Place, values: Values) -> Request:
    for name in values.record.keys() - _AUDIT_KNOWN:
        values.coverage.word(values.coverage.unknown_fields, name)
    values.coverage.word(values.coverage.versions, values.text("_schema") or "unsaid")
    return _audited(place, values, "")


def _audited(place: Place, values: Values, peer: str) -> Request:
    """Return the request of a record with the names of ``audit.jsonl``; a destination ``-:-`` was never contacted."""
    client, port = end_of(values.text("client"))
    upstream, upstream_port = end_of(values.text("dest"))
    end = values.moment("ts") if "ts" in values.record else values.moment("timestamp")
    code, _, told_peer = values.text("decision").partition(":")
    method, url = values.text("method"), values.text("url")
    url = url if url not in ABSENT else values.text("host")
    base = Request(place, end, end, (client, port), method, "")
    found = _judged(base, client, "", code, values.text("status"), url, peer or told_peer or (upstream and "DIRECT"), "", None)
    return replace(found, client=(client, port), upstream=(upstream, upstream_port))


def _judged(
    base: Request, client: str, user: str, code: str, status: str, url: str, peer: str, upstream: str, size: int | None
) -> Request:
    """Return the request with what Squid did: result code, status, and whether anybody was contacted for it."""
    target, path = split_url(url)
    silent = peer in _NO_PEER
    number = int(status) if status.isdigit() else 0
    refused = number >= _FIRST_ERROR or number == 0
    reason = ""
    if "DENIED" in code and "REPLY" not in code:
        reason = "denied"
    elif silent and "HIT" in code:
        reason = "no_payload"
    elif (silent or base.method == "CONNECT") and refused:
        reason = "failed"
    known = address(client)
    host = "" if known else client  # Squid may be told to log the client's name
    user = "" if user in ABSENT else user
    return replace(
        base,
        client=(known, None),
        target=target,
        path=path,
        upstream=(address(upstream), None),
        action=Action.DENIED if reason == "denied" else Action.FAILED if reason == "failed" else Action.PASSED,
        word=f"{code}/{status}",
        reason=reason,
        received=None if reason else size,
        source=Workload("", user, "user", host) if user or host else NOBODY,
        evidence=(("served_from", "cache"),) if reason == "no_payload" else (),
    )


FORMAT = LogFormat(
    "squid",
    "Squid access log, gh-aw-firewall audit log",
    _recognise,
    _read,
    (Blind.CLEARTEXT_ONLY, Blind.NOT_PROXIED),
    requests=True,
)
