"""What the baseline already knew, in words: beside a finding, a control or an open point, in every format."""

from __future__ import annotations

from auditor.facts.assessment import Assessment, UnknownRecord
from auditor.facts.gate import KnownRecord
from auditor.report import words


class Known:
    """Index over the baseline of one assessment; empty without one."""

    def __init__(self, assessment: Assessment) -> None:
        self._baseline = assessment.baseline
        self._known = {k.id: k for k in assessment.baseline.known} if assessment.baseline else {}
        self._findings = [f for f in assessment.findings if not f.waived_by]

    def __bool__(self) -> bool:
        """Return whether there is a baseline."""
        return self._baseline is not None

    def words(self, identity: str) -> str:
        """Return since when a finding or control is known, and who answers for it; empty where it is new."""
        return known_words(self._known.get(identity))

    def of_open_point(self, unknown: UnknownRecord) -> str:
        """Return since when an open point is known: where every control that it leaves open is known as a whole."""
        entries = [self._known.get(control.rpartition("/")[2]) for control in unknown.controls]
        found = [entry for entry in entries if entry is not None]
        if not found or len(found) < len(entries):
            return ""
        return known_words(max(found, key=lambda k: k.since))

    def summary(self) -> str:
        """Return one sentence about the baseline; empty without one."""
        if self._baseline is None:
            return ""
        old = sum(1 for finding in self._findings if finding.id in self._known)
        day = words.time_words(self._baseline.as_of)
        new = words.plural(len(self._findings) - old, "finding")
        return f"Measured against the assessment of {day}: {new} new, {old} known since then or earlier"


def known_words(entry: KnownRecord | None) -> str:
    """Return ``known since DATE, owner NAME``."""
    if entry is None:
        return ""
    return f"known since {entry.since}" + (f", owner {entry.owner}" if entry.owner else "")
