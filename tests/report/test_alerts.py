from __future__ import annotations

import dataclasses

from auditor.facts.assessment import Assessment
from auditor.report.alerts import AlertKind, alerts
from auditor.report.spots import Spots
from tests.report import verdicts


def test_only_what_fails_or_is_open_raises_an_alert_worst_first() -> None:
    assessment = verdicts.build()
    found = [(alert.id, alert.kind, alert.blocking) for alert in alerts(assessment, Spots(assessment))]
    assert found == [
        ("F-1@x>y#any", AlertKind.FAIL, True),
        ("U-1@unknown", AlertKind.UNKNOWN, True),
        ("U-2@unknown", AlertKind.UNKNOWN, False),
    ]


def test_a_failed_control_without_a_finding_of_its_own_is_told_all_the_same() -> None:
    assessment = dataclasses.replace(verdicts.build(), findings=())
    first = alerts(assessment, Spots(assessment))[0]
    assert (first.id, first.kind, first.text) == ("F-1@fail", AlertKind.FAIL, "Does not hold: What does not hold.")


def test_a_fingerprint_outlives_lines_times_and_hops(coder: Assessment) -> None:
    evidence = tuple(dataclasses.replace(e, line=e.line + 7, first_time="2027-01-01T00:00:00Z") for e in coder.evidence)
    findings = tuple(dataclasses.replace(f, rows=f.rows[-1:]) for f in coder.findings)
    moved = dataclasses.replace(coder, evidence=evidence, findings=findings, as_of="2027-01-01T00:00:00Z")
    before = [alert.fingerprint for alert in alerts(coder, Spots(coder))]
    assert [alert.fingerprint for alert in alerts(moved, Spots(moved))] == before
    assert len(set(before)) == len(before)
    elsewhere = dataclasses.replace(coder, deployment="another")
    assert not set(before) & {alert.fingerprint for alert in alerts(elsewhere, Spots(elsewhere))}
