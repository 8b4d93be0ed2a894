"""GitLab code quality: a JSON array of issues (GitLab "Code Quality report format").

GitLab shows only the first of two issues with one fingerprint; ours are distinct, because finding ids are. What is
waived, passes or does not apply is left out.
"""

from __future__ import annotations

import json

from auditor.facts.assessment import Assessment
from auditor.report.alerts import Alert, AlertKind, alerts, told
from auditor.report.escape import clean, shortened
from auditor.report.spots import Spots

MOST_ISSUES = 5000
_LONGEST_TEXT = 1024
_GRAVE = frozenset({"critical", "high"})


def render_gitlab(assessment: Assessment, root: str = "") -> bytes:
    """Return the report, worst issues first."""
    found = alerts(assessment, Spots(assessment, root))
    issues = [
        {
            "description": shortened(clean(told(alert)), _LONGEST_TEXT),
            "check_name": clean(alert.control.id),
            "fingerprint": alert.fingerprint,
            "severity": _severity(alert),
            "location": {"path": clean(alert.spot.path), "lines": {"begin": alert.spot.line}},
        }
        for alert in found[:MOST_ISSUES]
    ]
    return (json.dumps(issues, ensure_ascii=False, indent=2) + "\n").encode()


def _severity(alert: Alert) -> str:
    """Return GitLab's word: a grave fail is critical, every other fail and every unknown is major."""
    return "critical" if alert.kind is AlertKind.FAIL and alert.severity in _GRAVE else "major"
