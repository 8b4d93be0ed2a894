"""The decision block: each requirement of the chosen profile for each column."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.compare.reading import Reading
from auditor.facts.assessment import Assessment, ControlRecord
from auditor.facts.comparison import OutcomeRecord, RequirementRecord

_CURE_ORDER = ("setting", "redirect", "contract", "network", "none")


def requirements(readings: Sequence[Reading], profile: str) -> tuple[RequirementRecord, ...]:
    """Return one record for each control of ``profile``, in the profile's order."""
    first = readings[0].assessment
    controls = {c.id: c for c in first.controls}
    order = next(p.controls for p in first.profiles if p.id == profile)
    return tuple(
        RequirementRecord(
            control=identifier,
            title=controls[identifier].title,
            sentence=controls[identifier].sentence,
            severity=controls[identifier].severity,
            outcomes=tuple(_outcome(reading, identifier) for reading in readings),
        )
        for identifier in order
    )


def _outcome(reading: Reading, identifier: str) -> OutcomeRecord:
    control = next(c for c in reading.assessment.controls if c.id == identifier)
    fact, cure, kind = _first_fact(reading.assessment, control)
    return OutcomeRecord(reading.column, control.effective, fact, cure, kind)


def _first_fact(assessment: Assessment, control: ControlRecord) -> tuple[str, str, str]:
    """Return (blocking fact, cure, kind of cure) of the first thing that keeps a control from passing."""
    if control.effective == "fail":
        finding = next(f for f in assessment.findings if f.id in control.findings and not f.waived_by)
        cures = sorted(finding.cures, key=lambda c: _CURE_ORDER.index(c.kind))
        if not cures:
            return finding.title, "No cure is known.", "none"
        return finding.title, cures[0].text, cures[0].kind
    if control.effective == "unknown":
        unknown = next((u for u in assessment.unknowns if u.id in control.unknowns), None)
        if unknown is None:
            return control.reason, "", "evidence"
        return unknown.text, unknown.settled_by[0] if unknown.settled_by else "", "evidence"
    return "", "", ""
