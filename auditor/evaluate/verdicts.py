"""From controls to the verdict of a profile: any fail, else any blocking unknown, else pass."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.evaluate.exceptions import Judged
from auditor.facts.vocabulary import OnUnknown, Severity, Verdict

ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS, Verdict.NOT_APPLICABLE)
"""Worst first."""


def profile_verdict(judged: Sequence[Judged]) -> Verdict:
    """Return the effective verdict over all controls; nothing that passes is unknown, never a pass."""
    found = {j.effective for j in judged}
    if Verdict.FAIL in found:
        return Verdict.FAIL
    if any(blocks(j) for j in judged) or Verdict.PASS not in found:
        return Verdict.UNKNOWN
    return Verdict.PASS


def blocks(judged: Judged) -> bool:
    """Return whether the control is unknown and its unknown blocks the profile."""
    return judged.effective is Verdict.UNKNOWN and judged.control.on_unknown is OnUnknown.BLOCK


def worst_first(judged: Sequence[Judged]) -> list[Judged]:
    """Return the controls by effective verdict, then severity, then the order of the profile."""
    severities = list(Severity)
    return sorted(judged, key=lambda j: (ORDER.index(j.effective), severities.index(j.control.severity)))


def first_blocking(judged: Sequence[Judged]) -> str:
    """Return the id of the control that stops the profile first, empty when none does."""
    stopping = [j for j in worst_first(judged) if j.effective is Verdict.FAIL or blocks(j)]
    if stopping:
        return stopping[0].control.id
    if profile_verdict(judged) is Verdict.PASS:
        return ""
    return next((j.control.id for j in worst_first(judged)), "")


def tally(judged: Sequence[Judged]) -> tuple[tuple[str, int], ...]:
    """Return (verdict, number of controls), in the fixed order fail, unknown, pass, not applicable."""
    return tuple((v.value, sum(j.effective is v for j in judged)) for v in ORDER)
