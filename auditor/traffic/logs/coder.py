"""Coder's ``boundary_request`` lines: what agents inside a workspace asked for, as coderd logs it (JSON or human form).

Source: Coder documentation, "Agent Boundaries", audit logs (read 2026-11): decision, workspace_id, workspace_name, owner,
template_id, template_version_id, http_method, http_url, event_time, matched_rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.traffic.logs.access_lines import split_url
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED, LogInput
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.proxied import Request, flow_of
from auditor.traffic.logs.record import Action, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import CODER_LINE, note_words
from auditor.traffic.logs.values import Values

_EVENT = "boundary_request"
_PAIR = re.compile(r'([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))')
_KNOWN = frozenset(
    {
        "decision", "workspace_id", "workspace_name", "owner", "template_id", "template_version_id", "http_method",
        "http_url", "event_time", "matched_rule", "session_id", "agent_id", "agent_name", "request_id", "trace", "span",
    }
)  # fmt: skip
_ACTIONS = {"allow": Action.PASSED, "deny": Action.DENIED}


def _recognise(head: Head) -> bool:
    return any(record.get("msg") == _EVENT for record in head.objects) or any(_human(line) is not None for line in head.lines)


def _human(line: str) -> Mapping[str, Any] | None:
    """Return the fields of a line in human form, ``None`` for a line about something else."""
    at = line.find(f" {_EVENT}")
    if at < 0:
        return None
    found = {name: quoted or plain for name, quoted, plain in _PAIR.findall(line[at:])}
    return found if "http_url" in found else None


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        for line, fields in _records(file):
            task.coverage.records += 1
            for name in fields.keys() - _KNOWN:
                task.coverage.word(task.coverage.unknown_fields, name)
            flow = flow_of(_request(Place(file.id, line), Values(fields, task.coverage)), task.coverage)
            if flow is not None:
                yield flow


def _records(file: LogInput) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if file.head().objects:
        for line, record in records(file):
            fields = record.get("fields")
            if record.get("msg") == _EVENT and isinstance(fields, dict):
                note_words(record.keys() - CODER_LINE, file.coverage)
                yield line, {"event_time": record.get("ts"), **fields}
            else:
                file.coverage.passed_over["other_line"] += 1
        return
    for number, text in file.lines(longest=LONGEST_MATCHED):
        found = _human(text)
        if found is not None:
            yield number, found
        else:
            file.coverage.passed_over["other_line"] += 1


def _request(place: Place, values: Values) -> Request:
    time = values.moment("event_time")
    values.coverage.saw(time)
    decision = values.text("decision").lower()
    if decision not in _ACTIONS:
        values.coverage.note(f"decision:{decision}")
    target, path = split_url(values.text("http_url"))
    rule = values.text("matched_rule")
    return Request(
        place=place,
        start=time,
        end=time,
        client=("", None),
        method=values.text("http_method"),
        target=target,
        path=path,
        action=_ACTIONS.get(decision, Action.UNSAID),
        word=decision,
        reason="denied" if decision == "deny" else "",
        protocol="",
        reporter="boundary",
        source=Workload("", values.text("workspace_name") or values.text("workspace_id"), "workspace", "", values.text("owner")),
        evidence=(("rule", rule),) if rule else (),
    )


FORMAT = LogFormat(
    "coder_boundary",
    "Coder agent boundary requests",
    _recognise,
    _read,
    (Blind.CLIENTS, Blind.COUNTS, Blind.NOT_PROXIED),
)
