"""What a pipeline must be told: unwaived findings and controls left unknown, worst first.

Shared by every format that reports single problems (SARIF, GitHub annotations, GitLab code quality). What passes, does
not apply or is waived raises no alert; ``docs/formats.md`` holds the mapping of verdicts to each format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from auditor.facts.assessment import Assessment, ControlRecord, FindingRecord, UnknownRecord
from auditor.report import words
from auditor.report.known import Known
from auditor.report.names import sorted_findings
from auditor.report.spots import Spot, Spots

_OPEN_SHOWN = 3


class AlertKind(Enum):
    """Why there is an alert, the graver first."""

    FAIL = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Alert:
    """One problem; its texts are hostile until escaped by the sink."""

    kind: AlertKind
    id: str
    """Finding id, or ``CONTROL@unknown``, or ``CONTROL@fail`` for a failed control without a finding of its own."""
    control: ControlRecord
    severity: str
    blocking: bool
    """A fail, or an unknown that blocks its profile."""
    text: str
    help: str
    spot: Spot
    finding: FindingRecord | None
    deployment: str
    known: str
    """Since when the baseline knows it, also where that is too long; empty where it is new, or where there is no baseline."""
    excused: bool
    """Whether the baseline lets it through."""

    @property
    def since(self) -> str:
        """Return ``known`` as the beginning of a sentence."""
        return self.known[:1].upper() + self.known[1:]

    @property
    def fingerprint(self) -> str:
        """Return a digest that stays when lines move, times change or hops are added: rule, ends of the flow, data class."""
        return hashlib.sha256(f"{self.deployment}\x00{self.id}".encode("utf-8", "backslashreplace")).hexdigest()


def alerts(assessment: Assessment, spots: Spots) -> tuple[Alert, ...]:
    """Return the alerts: findings by severity, then unknown controls, blocking ones first, by severity; ties by id.

    Among alerts of one kind what a baseline lets through comes last.
    """
    known = Known(assessment)
    controls = {control.id: control for control in assessment.controls}
    standing = [f for f in sorted_findings(assessment.findings) if not f.waived_by]
    found = [_of_finding(f, controls[f.control], spots, assessment.deployment, known) for f in standing if f.control in controls]
    told = {alert.control.id for alert in found}
    unknowns = {unknown.id: unknown for unknown in assessment.unknowns}
    for control in assessment.controls:
        if control.effective == "unknown" or (control.effective == "fail" and control.id not in told):
            points = [unknowns[u] for u in control.unknowns if u in unknowns]
            found.append(_of_control(control, points, spots.manifest(), assessment.deployment, known))
    rank = {severity: n for n, severity in enumerate(words.SEVERITY_ORDER)}
    return tuple(sorted(found, key=lambda a: (a.kind.value, a.excused, not a.blocking, rank.get(a.severity, len(rank)), a.id)))


def _of_finding(finding: FindingRecord, control: ControlRecord, spots: Spots, deployment: str, known: Known) -> Alert:
    return Alert(
        kind=AlertKind.FAIL,
        id=finding.id,
        control=control,
        severity=finding.severity,
        blocking=True,
        text=finding.title or control.sentence,
        help=sentences(cure.text for cure in finding.cures) or control.remediation,
        spot=spots.of_finding(finding),
        finding=finding,
        deployment=deployment,
        known=known.words(finding.id),
        excused=known.excuses(finding.id),
    )


def _of_control(control: ControlRecord, points: list[UnknownRecord], spot: Spot, deployment: str, known: Known) -> Alert:
    failed = control.effective == "fail"
    steps = dict.fromkeys(step for point in points for step in point.settled_by)
    say = "Does not hold" if failed else "Not proven"
    return Alert(
        kind=AlertKind.FAIL if failed else AlertKind.UNKNOWN,
        id=f"{control.id}@{control.effective}",
        control=control,
        severity=control.severity,
        blocking=failed or control.on_unknown == "block",
        text=f"{say}: {control.sentence or control.title}" + (f" {control.reason}" if control.reason else ""),
        help=sentences(list(steps)[:_OPEN_SHOWN]) or control.remediation,
        spot=spot,
        finding=None,
        deployment=deployment,
        known=known.words(control.id),
        excused=known.excuses(control.id),
    )


def told(alert: Alert) -> str:
    """Return what an alert says: what is wrong, since when that is known, what mends it."""
    return sentences((alert.text, alert.since, alert.help))


def sentences(texts: Iterable[str]) -> str:
    """Return the texts as sentences in one line, each once."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in dict.fromkeys(texts) if text)
