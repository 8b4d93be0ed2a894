"""The exit code of an assessment (DESIGN.md section 4): 4 named evidence unreadable > 1 fail > 3 blocking unknown > 0."""

from __future__ import annotations

from auditor.facts.assessment import Assessment, ControlRecord
from auditor.facts.vocabulary import OnUnknown, Severity, Verdict

HOLDS, FAILS, OPEN, UNREADABLE = 0, 1, 3, 4


def exit_code(assessment: Assessment, fail_on: Severity | None = None, exit_zero: bool = False) -> int:
    """Return the exit code over all profiles.

    ``fail_on`` leaves breaches below that severity out of 1 only; ``exit_zero`` turns 1 and 3 into 0, never 4.
    """
    if assessment.exit_code == UNREADABLE or any(item.named and not item.set_aside for item in assessment.not_examined):
        return UNREADABLE
    if exit_zero:
        return HOLDS
    if any(_fails(control, fail_on) for control in assessment.controls):
        return FAILS
    unproven = any(profile.verdict == Verdict.UNKNOWN.value for profile in assessment.profiles)
    return OPEN if unproven or any(_blocks(control) for control in assessment.controls) else HOLDS


def _fails(control: ControlRecord, fail_on: Severity | None) -> bool:
    order = list(Severity)
    worst = fail_on or order[-1]
    return control.effective == Verdict.FAIL.value and order.index(Severity(control.severity)) <= order.index(worst)


def _blocks(control: ControlRecord) -> bool:
    return control.effective == Verdict.UNKNOWN.value and control.on_unknown == OnUnknown.BLOCK.value
