"""What the baseline already knew, in words: beside a finding, a control or an open point, in every format."""

from __future__ import annotations

import datetime as dt

from auditor.facts.assessment import Assessment, BaselineRecord, UnknownRecord
from auditor.facts.gate import KnownRecord
from auditor.report import words

_DAY = len("2026-11-24")
_SOON = 30
"""Days before an entry lapses from which on its last day is told, as with waivers."""


class Known:
    """Index over the baseline of one assessment; empty without one."""

    def __init__(self, assessment: Assessment) -> None:
        self._baseline = assessment.baseline
        self._today = assessment.as_of[:_DAY]
        self._known = {k.id: k for k in assessment.baseline.known} if assessment.baseline else {}
        self._lapsed = {k.id: k for k in assessment.baseline.lapsed} if assessment.baseline else {}
        self._findings = [f for f in assessment.findings if not f.waived_by]

    def __bool__(self) -> bool:
        """Return whether there is a baseline."""
        return self._baseline is not None

    def excuses(self, identity: str) -> bool:
        """Return whether the baseline knew a finding or control, not for too long: the gate lets it through."""
        return identity in self._known

    def words(self, identity: str) -> str:
        """Return since when a finding or control is known, who answers for it, and whether it lapsed; empty where it is new."""
        return self._told(self._known.get(identity)) or self._told_lapsed(self._lapsed.get(identity))

    def of_open_point(self, unknown: UnknownRecord) -> str:
        """Return since when an open point is known: where every control that it leaves open is known as a whole."""
        names = [control.rpartition("/")[2] for control in unknown.controls]
        found = [entry for entry in map(self._known.get, names) if entry is not None]
        if found and len(found) == len(names):
            return self._told(max(found, key=lambda k: k.since))
        old = [self._lapsed[name] for name in names if name in self._lapsed]
        return self._told_lapsed(min(old, key=lambda k: k.since)) if old and len(found) + len(old) == len(names) else ""

    def summary(self) -> str:
        """Return one sentence about the baseline; empty without one."""
        if self._baseline is None:
            return ""
        mine = [f.id for f in self._findings]
        old, lapsed = ([name for name in mine if name in held] for held in (self._known, self._lapsed))
        day = words.time_words(self._baseline.as_of)
        new = words.plural(len(mine) - len(old) - len(lapsed), "finding")
        parts = [f"Measured against the assessment of {day}: {new} new", f"{len(old)} known since then or earlier"]
        parts += [f"{len(lapsed)} known for more than {self._baseline.days} days and no longer let through"] if lapsed else []
        nobody = sum(1 for entry in self._known.values() if not entry.owner)
        parts += [f"nobody is named to answer for {nobody} of what is let through"] if nobody else []
        return ", ".join(parts)

    def _told(self, entry: KnownRecord | None) -> str:
        if entry is None or self._baseline is None:
            return ""
        left, last = _days_left(entry, self._baseline, self._today)
        soon = f", let through until {last}" if left <= _SOON else ""
        return f"known since {entry.since}, {_owner(entry)}{soon}"

    def _told_lapsed(self, entry: KnownRecord | None) -> str:
        if entry is None or self._baseline is None:
            return ""
        return f"known since {entry.since}, {_owner(entry)}, for more than {self._baseline.days} days: no longer let through"


def _owner(entry: KnownRecord) -> str:
    return f"owner {entry.owner}" if entry.owner else "nobody is named to answer for it"


def _days_left(entry: KnownRecord, baseline: BaselineRecord, today: str) -> tuple[int, str]:
    """Return for how many days after today an entry is let through, and the last of them; many, where a text is no date."""
    try:
        last = dt.date.fromisoformat(entry.since) + dt.timedelta(days=baseline.days)
        return (last - dt.date.fromisoformat(today)).days, last.isoformat()
    except (ValueError, OverflowError):
        return _SOON + 1, ""
