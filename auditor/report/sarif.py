"""SARIF 2.1.0 as GitHub code scanning takes it (OASIS sarif-v2.1.0; GitHub "SARIF support for code scanning").

GitHub refuses a file in which one result has no physical location, shows every result as an alert whatever its
``kind`` and knows no suppressions: so each result has a place, and what passes or is waived is left out and counted.
"""

from __future__ import annotations

import json
import re
from typing import Any

from auditor.facts.assessment import Assessment, ControlRecord, FindingRecord
from auditor.report import words
from auditor.report.alerts import Alert, AlertKind, alerts, told
from auditor.report.change import MOST_STEPS, change_view
from auditor.report.escape import clean, relative_reference, shortened
from auditor.report.names import Names
from auditor.report.spots import Spot, Spots

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5000
"""GitHub shows so many of a run and refuses more than 25 000; at this number the file stays below its 10 MB (gzip)."""
MOST_LOCATIONS = 100
"""Related locations and steps of a path that are shown of one result; GitHub refuses more than 1000 and 10 000."""
MOST_TAGS = 10
LONGEST_TEXT = 1024
SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""GitHub reads text: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low."""

Json = dict[str, Any]


def render_sarif(assessment: Assessment, root: str = "") -> bytes:
    """Return the SARIF log with one run; ``root`` is the deployment's folder below the root of the repository."""
    spots = Spots(assessment, root)
    found = alerts(assessment, spots)
    names = Names(assessment)
    shown = found[:MOST_RESULTS]
    rules = _rules(assessment)
    numbers = {rule["id"]: n for n, rule in enumerate(rules)}
    run: Json = {
        "tool": {"driver": _driver(assessment.tool, rules)},
        "automationDetails": {"id": f"auditor/{re.sub(r'[^A-Za-z0-9._-]+', '-', assessment.deployment)[:100]}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(assessment, len(found) - len(shown), spots)],
        "results": [_result(alert, numbers[_rule_id(alert.control, alert.kind)], names, spots) for alert in shown],
        "properties": _properties(assessment),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(log, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def _driver(tool: str, rules: list[Json]) -> Json:
    version = _text(tool.removeprefix("auditor "))
    return {"name": "auditor", **({"version": version} if version else {}), "rules": rules}


def _rule_id(control: ControlRecord, kind: AlertKind) -> str:
    """Return a rule's id: what is not proven is a rule of its own, so that it has its own severity and filter."""
    identity = _text(control.id) or "control"
    return identity if kind is AlertKind.FAIL else f"{identity}/unknown"


def _rules(assessment: Assessment) -> list[Json]:
    return [_rule(control, kind) for control in assessment.controls for kind in AlertKind]


def _rule(control: ControlRecord, kind: AlertKind) -> Json:
    title = control.title or control.sentence or control.id or "control"
    sentence = control.sentence or title
    advice = " ".join(t for t in (control.rationale, control.remediation) if t) or sentence
    if kind is AlertKind.UNKNOWN:
        title, sentence = f"Not proven: {title}", f"Not shown either way, hence no pass: {sentence}"
    severity = control.severity if kind is AlertKind.FAIL or control.on_unknown == "block" else "low"
    references = [_text(reference) for reference, _ in control.maps]
    return {
        "id": _rule_id(control, kind),
        "shortDescription": {"text": _text(title)},
        "fullDescription": {"text": _text(sentence)},
        "help": {"text": _text(advice)},
        "defaultConfiguration": {"level": _level(kind, kind is AlertKind.FAIL or control.on_unknown == "block", severity)},
        "properties": {
            "tags": list(dict.fromkeys(["security", "data-residency", *filter(None, references)]))[:MOST_TAGS],
            "precision": "very-high" if kind is AlertKind.FAIL else "medium",
            "security-severity": SECURITY_SEVERITY.get(severity, SECURITY_SEVERITY["medium"]),
        },
    }


def _level(kind: AlertKind, blocking: bool, severity: str) -> str:
    """Return the level: a low fail and an unknown that does not block are warnings, all else is an error."""
    if kind is AlertKind.FAIL:
        return "warning" if severity == "low" else "error"
    return "error" if blocking else "warning"


def _result(alert: Alert, rule: int, names: Names, spots: Spots) -> Json:
    finding = alert.finding
    result: Json = {
        "ruleId": _rule_id(alert.control, alert.kind),
        "ruleIndex": rule,
        "kind": "fail" if alert.kind is AlertKind.FAIL else "open",
        "level": _level(alert.kind, alert.blocking, alert.severity),
        "message": {"text": _text(told(alert))},
        "locations": [{**_location(alert.spot), **_logical(finding, names)}],
        "partialFingerprints": {"primaryLocationLineHash": f"{alert.fingerprint[:32]}:1"},
        "properties": {"verdict": alert.kind.name.lower(), "blocking": alert.blocking, "auditorId": _text(alert.id)},
    }
    if names.known:
        result["baselineState"] = "unchanged" if alert.excused else "updated" if alert.known else "new"
    if alert.known:
        result["properties"]["known"] = _text(alert.known)
    if finding is not None:
        related = [(spot, text) for spot, text in spots.all_of(finding) if spot != alert.spot][:MOST_LOCATIONS]
        if related:
            result["relatedLocations"] = [_location(spot, text) for spot, text in related]
        if names.is_path(finding):
            result["codeFlows"] = [{"threadFlows": [{"locations": _steps(finding, names, spots)}]}]
        result["properties"]["data"] = [clean(data) for data in finding.data]
        result["properties"]["bases"] = [clean(basis) for basis in finding.bases]
    return result


def _steps(finding: FindingRecord, names: Names, spots: Spots) -> list[Json]:
    steps = []
    for flow in [names.flows[row] for row in finding.rows if row in names.flows][:MOST_LOCATIONS]:
        data = words.sends_words(flow.sends_at_least, flow.sends_at_most)
        text = f"{names.end(flow.source)} → {names.end(flow.destination)}: {data}"
        steps.append({"location": _location(spots.of_flow(flow), text)})
    return steps


def _location(spot: Spot, text: str = "") -> Json:
    region = {"startLine": spot.line, "startColumn": spot.column, "endLine": spot.line, "endColumn": spot.column + 1}
    artifact = {"uri": relative_reference(spot.path) or "auditor.yaml"}
    place: Json = {"physicalLocation": {"artifactLocation": artifact, "region": region}}
    return {**place, "message": {"text": _text(text)}} if text else place


def _logical(finding: FindingRecord | None, names: Names) -> Json:
    """Return the components that a finding is about as logical locations."""
    if finding is None:
        return {}
    ends = [e for row in finding.rows if row in names.flows for e in (names.flows[row].source, names.flows[row].destination)]
    identities = [i for i in dict.fromkeys([finding.subject, *ends]) if i][:MOST_LOCATIONS]
    logical = [{"name": _text(names.end(i)), "fullyQualifiedName": _text(i), "kind": "module"} for i in identities]
    return {"logicalLocations": logical} if logical else {}


def _invocation(assessment: Assessment, left_out: int, spots: Spots) -> Json:
    """Return whether everything named was read, and a notification for what was not."""
    unread = [(f"Not examined: {n.path}: {n.reason}", "error" if n.named else "warning") for n in assessment.not_examined]
    if left_out:
        unread.insert(0, (f"{left_out} more results are left out here; they stand in the assessment.", "warning"))
    notes = [{"level": level, "message": {"text": _text(text)}} for text, level in unread[:MOST_LOCATIONS]]
    successful = not any(n.named for n in assessment.not_examined)
    where = {"locations": [_location(spots.manifest())]}
    return {"executionSuccessful": successful, "toolExecutionNotifications": [{**note, **where} for note in notes]}


def _properties(assessment: Assessment) -> Json:
    effective = [control.effective for control in assessment.controls]
    return {
        "deployment": clean(assessment.deployment),
        "stage": clean(assessment.stage),
        "asOf": clean(assessment.as_of),
        "digest": clean(assessment.digest),
        "controls": {verdict: effective.count(verdict) for verdict in words.VERDICT_ORDER},
        **({"base": clean(assessment.base.commit), "change": _change(assessment)} if assessment.base else {}),
        "waivedFindings": sum(1 for finding in assessment.findings if finding.waived_by),
    }


def _change(assessment: Assessment) -> list[str]:
    change = change_view(assessment)
    return [_text(step) for step in change.steps[:MOST_STEPS]] if change else []


def _text(text: str) -> str:
    """Return ``text`` for a message: no link of SARIF's message syntax (section 3.11.6), at most 1024 characters."""
    return shortened(clean(text).replace("](", "\\]("), LONGEST_TEXT)
