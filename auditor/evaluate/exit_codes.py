"""The exit code of an assessment (DESIGN.md section 4): 4 named evidence unreadable > 1 fail > 3 blocking unknown > 0."""

from __future__ import annotations

from auditor.facts.assessment import Assessment, ControlRecord, ProfileRecord
from auditor.facts.gate import PROFILE_PREFIX
from auditor.facts.vocabulary import OnUnknown, Severity, Verdict

HOLDS, FAILS, OPEN, UNREADABLE = 0, 1, 3, 4


def exit_code(assessment: Assessment, fail_on: Severity | None = None, exit_zero: bool = False) -> int:
    """Return the exit code over all profiles; what the baseline of ``assessment`` knew gives neither 1 nor 3.

    ``fail_on`` leaves breaches below that severity out of 1 only; ``exit_zero`` turns 1 and 3 into 0, never 4.
    """
    if assessment.exit_code == UNREADABLE or any(item.named and not item.set_aside for item in assessment.not_examined):
        return UNREADABLE
    if exit_zero:
        return HOLDS
    gate = _Gate(assessment)
    if any(gate.fails(control, fail_on) for control in assessment.controls):
        return FAILS
    unproven = any(gate.unproven(profile) for profile in assessment.profiles)
    return OPEN if unproven or any(gate.blocks(control) for control in assessment.controls) else HOLDS


class _Gate:
    """What of an assessment is new: everything, where there is no baseline."""

    def __init__(self, assessment: Assessment) -> None:
        self._known = frozenset(k.id for k in assessment.baseline.known) if assessment.baseline else frozenset()
        self._blocking = frozenset(c.id for c in assessment.controls if _unknown_blocks(c))
        self._standing: dict[str, list[str]] = {}
        for finding in assessment.findings:
            if not finding.waived_by:
                self._standing.setdefault(finding.control, []).append(finding.id)

    def fails(self, control: ControlRecord, fail_on: Severity | None) -> bool:
        """Return whether ``control`` fails at this severity or worse by something new."""
        order = list(Severity)
        worst = fail_on or order[-1]
        grave = order.index(Severity(control.severity)) <= order.index(worst)
        return control.effective == Verdict.FAIL.value and grave and not self._breaches_known(control)

    def blocks(self, control: ControlRecord) -> bool:
        """Return whether ``control`` is left unknown by something new; findings that were known hide no new question."""
        hidden = control.effective == Verdict.FAIL.value and _blocks(control) and self._breaches_known(control)
        return (_unknown_blocks(control) or hidden) and control.id not in self._known

    def unproven(self, profile: ProfileRecord) -> bool:
        """Return whether nothing fails, blocks or passes in ``profile``, and that is new."""
        empty = profile.verdict == Verdict.UNKNOWN.value and not self._blocking.intersection(profile.controls)
        return empty and f"{PROFILE_PREFIX}{profile.id}" not in self._known

    def _breaches_known(self, control: ControlRecord) -> bool:
        standing = self._standing.get(control.id, [])
        return control.id in self._known or (bool(standing) and self._known.issuperset(standing))


def _blocks(control: ControlRecord) -> bool:
    return control.on_unknown == OnUnknown.BLOCK.value


def _unknown_blocks(control: ControlRecord) -> bool:
    return control.effective == Verdict.UNKNOWN.value and _blocks(control)
