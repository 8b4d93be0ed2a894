from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema

from auditor.facts.assessment import Assessment
from auditor.report import gitlab
from auditor.report.escape import clean
from auditor.report.gitlab import render_gitlab
from tests.report import samples, verdicts

SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "pattern": "^[^/]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""Written from GitLab's page on the report format: GitLab publishes no schema of it."""


def _issues(assessment: Assessment) -> list[dict[str, Any]]:
    issues: list[dict[str, Any]] = json.loads(render_gitlab(assessment))
    jsonschema.Draft202012Validator(SCHEMA).validate(issues)
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == len(prints)
    return issues


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.gitlab.json", render_gitlab(coder, "deploy/prod").decode())
    golden("cursor.gitlab.json", render_gitlab(cursor).decode())


def test_each_verdict_has_its_severity() -> None:
    assessment = verdicts.build()
    assert [(i["check_name"], i["severity"]) for i in _issues(assessment)] == [
        ("F-1", "critical"),
        ("U-1", "major"),
        ("U-2", "major"),
    ]
    low = tuple(dataclasses.replace(f, severity="low") for f in assessment.findings)
    assert _issues(dataclasses.replace(assessment, findings=low))[0]["severity"] == "major"


def test_hostile_text_is_shown_literally(coder: Assessment) -> None:
    issues = _issues(samples.hostile(coder))
    assert all(clean(i["description"]) == i["description"] and "<script>" in i["description"] for i in issues)
    assert len(issues) == len(_issues(coder))


def test_the_worst_are_kept(coder: Assessment) -> None:
    many = tuple(dataclasses.replace(coder.findings[0], id=f"AG-01@{n}", severity="low") for n in range(gitlab.MOST_ISSUES))
    issues = _issues(dataclasses.replace(coder, findings=(*many, coder.findings[1])))
    assert (len(issues), issues[0]["severity"]) == (gitlab.MOST_ISSUES, "critical")
