"""What of an assessment an earlier one already knew, so that a gate fails for what is new; pure.

Nothing here changes a verdict. A finding is known only if it stood there unwaived and reaches no further class of data
now: what a waiver excused is excused until the waiver runs out, and no longer. An open point is known only for the control
that it left open then, and not where an attestation filled it then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from auditor.errors import Diagnostic, UsageError
from auditor.facts.assessment import Assessment, ControlRecord, FindingRecord, ProfileRecord
from auditor.facts.gate import PROFILE_PREFIX, BaselineRecord, KnownRecord
from auditor.facts.manifest import LONGEST_EXCEPTION_DAYS
from auditor.facts.vocabulary import OnUnknown, Verdict

_DAY = len("2026-11-24")


def with_baseline(
    assessment: Assessment, earlier: Assessment, path: str, sha256: str, days: int = LONGEST_EXCEPTION_DAYS
) -> Assessment:
    """Return ``assessment`` with what ``earlier`` knew of it; ``path`` and ``sha256`` name the file of ``earlier``.

    What is known for more than ``days`` lapses: it counts as new until it is mended or waived.

    Raises:
        UsageError: ``earlier`` is of another deployment, or later.
    """
    _refuse_foreign(assessment, earlier, path)
    known, lapsed = _Known(assessment, earlier, days).records()
    return replace(assessment, baseline=BaselineRecord(path, sha256, earlier.as_of, earlier.digest, known, days, lapsed))


def _refuse_foreign(assessment: Assessment, earlier: Assessment, path: str) -> None:
    if earlier.deployment != assessment.deployment:
        raise UsageError(
            Diagnostic(
                what="the baseline is of another deployment",
                why=f"it is of {earlier.deployment!r}, and this is {assessment.deployment!r}",
                path=path,
                next_step="name an assessment of this deployment: auditor check DEPLOYMENT --output json:baseline.json",
            )
        )
    if earlier.as_of > assessment.as_of:
        raise UsageError(
            Diagnostic(
                what="the baseline is later than what it is to measure",
                why=f"it is as of {earlier.as_of}, and this is as of {assessment.as_of}",
                path=path,
                next_step="name an earlier assessment, or judge as of a later date with --as-of",
            )
        )


class _Known:
    """The two sides, indexed."""

    def __init__(self, now: Assessment, earlier: Assessment, days: int) -> None:
        self._now, self._earlier = now, earlier
        self._oldest = (dt.date.fromisoformat(now.as_of[:_DAY]) - dt.timedelta(days=days)).isoformat()
        self._findings = {f.id: f for f in earlier.findings}
        self._controls = {c.id: c for c in earlier.controls}
        self._profiles = {p.id: p for p in earlier.profiles}
        before = earlier.baseline
        self._history = {k.id: k for k in (*before.known, *before.lapsed)} if before else {}

    def records(self) -> tuple[tuple[KnownRecord, ...], tuple[KnownRecord, ...]]:
        """Return everything known and everything that was known for too long, each by id."""
        found = [self._entry(f.id) for f in self._now.findings if self._is_known(f)]
        found += [self._entry(f"{PROFILE_PREFIX}{p.id}") for p in self._now.profiles if self._is_known_empty(p)]
        wholes = [(c.id, self._parts(c)) for c in self._now.controls if self._is_known_whole(c)]
        known = [k for k in found if not self._is_old(k)]
        known += [replace(max(p, key=_age), id=name) for name, p in wholes if not any(map(self._is_old, p))]
        lapsed = [k for k in found if self._is_old(k)]
        lapsed += [replace(min(p, key=_age), id=name) for name, p in wholes if any(map(self._is_old, p))]
        return tuple(sorted(known, key=lambda k: k.id)), tuple(sorted(lapsed, key=lambda k: k.id))

    def _is_old(self, entry: KnownRecord) -> bool:
        """Return whether an entry is known for too long; so is one whose date is none, or later than its baseline."""
        return not _is_date(entry.since) or not self._oldest <= entry.since <= self._earlier.as_of[:_DAY]

    def _entry(self, identity: str) -> KnownRecord:
        """Return the entry of ``identity``: date and owner are those under which it first stood."""
        return self._history.get(identity) or KnownRecord(identity, self._earlier.as_of[:_DAY], self._earlier.owner)

    def _parts(self, control: ControlRecord) -> list[KnownRecord]:
        """Return the entries of the findings of a control, or its own: known since the youngest, it lapses with the oldest."""
        return [self._entry(f.id) for f in self._standing(control)] or [self._entry(control.id)]

    def _standing(self, control: ControlRecord) -> list[FindingRecord]:
        return [f for f in self._now.findings if f.control == control.id and not f.waived_by]

    def _is_known(self, finding: FindingRecord) -> bool:
        before = self._findings.get(finding.id)
        return before is not None and not finding.waived_by and not before.waived_by and set(finding.data) <= set(before.data)

    def _is_known_whole(self, control: ControlRecord) -> bool:
        """Return whether all that keeps ``control`` from passing stood in the way of it before."""
        before = self._controls.get(control.id)
        adverse = (Verdict.FAIL.value, Verdict.UNKNOWN.value)
        if before is None or control.effective not in adverse or before.effective not in adverse:
            return False
        points = _open_points(self._now, control)
        if not points <= _open_points(self._earlier, before):
            return False
        if control.effective == Verdict.UNKNOWN.value:
            return bool(points) or _same_reason(control, before)
        findings = self._standing(control)
        if findings:
            return all(self._is_known(f) for f in findings)
        return before.effective == control.effective and not before.findings and _same_reason(control, before)

    def _is_known_empty(self, profile: ProfileRecord) -> bool:
        """Return whether a profile that nothing fails, blocks or passes stood so before."""
        before = self._profiles.get(profile.id)
        if before is None:
            return False
        return _holds_nothing(profile, self._now.controls) and _holds_nothing(before, self._earlier.controls)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == _DAY


def _age(entry: KnownRecord) -> tuple[str, str]:
    return entry.since, entry.id


def _same_reason(control: ControlRecord, before: ControlRecord) -> bool:
    """Return whether a control without findings and open points stands for the same reason and asks for the same."""
    return (control.reason, control.sentence) == (before.reason, before.sentence)


def _holds_nothing(profile: ProfileRecord, controls: Iterable[ControlRecord]) -> bool:
    mine = [c for c in controls if c.id in profile.controls]
    blocked = any(c.effective == Verdict.UNKNOWN.value and c.on_unknown == OnUnknown.BLOCK.value for c in mine)
    return profile.verdict == Verdict.UNKNOWN.value and not blocked


def _open_points(side: Assessment, control: ControlRecord) -> set[str]:
    """Return the ids of the open points of ``control`` that no attestation of ``side`` fills."""
    stated = {
        e.target
        for e in side.exceptions
        if e.kind == "attestation" and e.status == "in_force" and e.control.rpartition("/")[2] == control.id
    }
    subjects = {u.id: u.subject for u in side.unknowns}
    return {u for u in control.unknowns if subjects.get(u) not in stated}
