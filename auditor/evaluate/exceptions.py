"""Waivers and attestations: what each one does, and its fate. The raw verdict always stays.

A waiver names one finding exactly. An attestation fills one unknown of one control and never lifts a breach.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.errors import Diagnostic, InvalidInputError
from auditor.evaluate.expiry import InForce, days_left, in_force, instant
from auditor.evaluate.finding_digest import FindingDigests
from auditor.evaluate.outcome import Outcome
from auditor.evaluate.words import counted
from auditor.facts.assessment import ExceptionRecord
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import LONGEST_EXCEPTION_DAYS, Attestation, Waiver
from auditor.facts.profile import Control
from auditor.facts.vocabulary import Verdict

SOON = 30
"""Days before its end from which on an exception is told to expire soon."""

_WILDCARD = re.compile(r"[*?]")
_NO_FINDING = ("unused", "it matches no finding")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Judged:
    """A control with its raw outcome and what waivers and attestations make of it."""

    control: Control
    outcome: Outcome
    effective: Verdict
    waived: tuple[tuple[str, str], ...] = ()
    """(finding id, waiver id), in order of findings."""
    attested: tuple[tuple[str, str], ...] = ()
    """(subject of the unknown, attestation id)."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Finding id to the digest of what it is about."""


def finding_id(control: str, key: str) -> str:
    """Return the stable id of a finding."""
    return f"{control}@{key}"


def with_exceptions(
    control: Control,
    outcome: Outcome,
    digests: FindingDigests,
    waivers: Sequence[Waiver],
    attestations: Sequence[Attestation],
    as_of: str,
) -> Judged:
    """Return the outcome with the exceptions that are in force applied; a waiver of what has changed since is not."""
    about = {finding_id(control.id, key): digest for key, digest in digests.of_all(control, outcome.violations).items()}
    mine = (w for w in reversed(waivers) if w.control == control.id and _waiver_holds(w, as_of))
    granted = {w.target: w.id for w in mine if about.get(w.target) == w.digest}
    ids = list(about)
    waived = tuple((i, granted[i]) for i in ids if i in granted)
    stated = {a.subject: a.id for a in reversed(attestations) if _meant(a, control) and attestation_holds(a, as_of)}
    subjects = dict.fromkeys(u.subject for u in outcome.unknowns)
    attested = tuple((s, stated[s]) for s in subjects if s in stated)
    effective = _effective(outcome, len(ids) - len(waived), len(subjects) - len(attested))
    return Judged(control, outcome, effective, waived, attested, about)


def _effective(outcome: Outcome, breaches: int, questions: int) -> Verdict:
    if outcome.verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        return outcome.verdict
    if breaches:
        return Verdict.FAIL
    return Verdict.UNKNOWN if questions else Verdict.PASS


def _meant(attestation: Attestation, control: Control) -> bool:
    return attestation.control in (control.id, f"{control.owner}/{control.id}")


def attestation_holds(attestation: Attestation, as_of: str) -> bool:
    """Return whether ``attestation`` is in force at ``as_of``."""
    validity = _validity(attestation.date, attestation.expires, as_of, attestation.evidence)
    return validity is InForce.YES and not _too_long(attestation.date, attestation.expires)


def _waiver_holds(waiver: Waiver, as_of: str) -> bool:
    return not _refusal(waiver) and _validity(waiver.created, waiver.expires, as_of, waiver.evidence) is InForce.YES


def _validity(starts: str, expires: str, as_of: str, evidence: Evidence) -> InForce:
    try:
        return in_force(starts, expires, as_of)
    except ValueError as error:
        path, line, column = _place(evidence)
        raise InvalidInputError(
            Diagnostic(
                what=f"a date is missing or malformed: {error}",
                why="every exception must expire",
                next_step="write dates as 2026-12-31",
                path=path,
                line=line,
                column=column,
            )
        ) from error


def _refusal(waiver: Waiver) -> str:
    """Return why ``waiver`` is refused whatever its date; empty when it is sound."""
    if not waiver.target or _WILDCARD.search(waiver.target):
        return "a waiver names one finding exactly: no wildcard, no empty target"
    if not waiver.target.startswith(f"{waiver.control}@"):
        return f"its target is no finding of {waiver.control}"
    if not waiver.created:
        return "it does not say when it was granted"
    if _validity(waiver.created, waiver.expires, waiver.created, waiver.evidence) is InForce.EXPIRED:
        return "it expires before it was granted"
    if not _DIGEST.fullmatch(waiver.digest):
        return "it does not name the digest of the finding that it was granted on"
    return _too_long(waiver.created, waiver.expires)


def _too_long(starts: str, expires: str) -> str:
    if starts and instant(expires) - instant(starts) > dt.timedelta(days=LONGEST_EXCEPTION_DAYS):
        return f"it runs longer than {LONGEST_EXCEPTION_DAYS} days"
    return ""


def _until(expires: str, as_of: str) -> str:
    left = days_left(expires, as_of)
    return f"until {expires}" if left > SOON else f"until {expires}: expires soon, {counted(left, 'day')} left after today"


def exception_records(
    waivers: Sequence[Waiver], attestations: Sequence[Attestation], judged: Sequence[Judged], known: frozenset[str], as_of: str
) -> tuple[ExceptionRecord, ...]:
    """Return every waiver and attestation with its fate, by kind and id; ``known`` are all control ids there are."""
    records = [_waiver_record(w, judged, known, as_of) for w in waivers]
    records.extend(_attestation_record(a, judged, known, as_of) for a in attestations)
    return tuple(sorted(records, key=lambda r: (r.kind, r.id, r.target)))


def _waiver_record(waiver: Waiver, judged: Sequence[Judged], known: frozenset[str], as_of: str) -> ExceptionRecord:
    refusal = _refusal(waiver)
    validity = InForce.YES if refusal else _validity(waiver.created, waiver.expires, as_of, waiver.evidence)
    if refusal:
        status, note = "refused", refusal
    elif validity is InForce.EXPIRED:
        status, note = "expired", f"in force until {waiver.expires}"
    elif waiver.control not in known:
        status, note = "orphaned", f"no control is named {waiver.control}"
    elif validity is InForce.NOT_YET:
        status, note = "unused", f"in force from {waiver.created}"
    elif any(waiver.target == finding for j in judged for finding, _ in j.waived):
        status, note = "in_force", _until(waiver.expires, as_of)
    else:
        now = next((j.digests[waiver.target] for j in judged if waiver.target in j.digests), "")
        status, note = ("void", f"what it was granted on has changed; the digest is now {now}") if now else _NO_FINDING
    path, line, _ = _place(waiver.evidence)
    return ExceptionRecord(
        id=waiver.id,
        kind="waiver",
        control=waiver.control,
        target=waiver.target,
        reason=waiver.reason,
        by=waiver.approver,
        ticket=waiver.ticket,
        created=waiver.created,
        expires=waiver.expires,
        status=status,
        note=note,
        path=path,
        line=line,
    )


def _attestation_record(a: Attestation, judged: Sequence[Judged], known: frozenset[str], as_of: str) -> ExceptionRecord:
    validity = _validity(a.date, a.expires, as_of, a.evidence)
    too_long = _too_long(a.date, a.expires)
    mine = [j for j in judged if _meant(a, j.control)]
    if too_long:
        status, note = "refused", too_long
    elif validity is InForce.EXPIRED:
        status, note = "expired", f"in force until {a.expires}; what it stated is unknown again"
    elif a.control.rpartition("/")[2] not in known:
        status, note = "orphaned", f"no control is named {a.control}"
    elif validity is InForce.NOT_YET:
        status, note = "unused", f"in force from {a.date}"
    elif any(a.subject == subject for j in mine for subject, _ in j.attested):
        status, note = "in_force", _until(a.expires, as_of)
    elif any(_breached(a.subject, j) for j in mine):
        status, note = "refused", "the evidence shows a breach, and an attestation never lifts one"
    else:
        status, note = "unused", "it matches no open question of this control"
    path, line, _ = _place(a.evidence)
    return ExceptionRecord(
        id=a.id,
        kind="attestation",
        control=a.control,
        target=a.subject,
        reason=a.statement,
        by=a.by,
        ticket="",
        created=a.date,
        expires=a.expires,
        status=status,
        note=note,
        path=path,
        line=line,
    )


def _breached(subject: str, judged: Judged) -> bool:
    return any(
        subject in (finding_id(judged.control.id, v.key), v.subject, v.source, v.destination, *v.rows)
        or any(row.startswith(f"{subject}:") for row in v.rows)
        for v in judged.outcome.violations
    )


def _place(evidence: Evidence) -> tuple[str, int, int]:
    location = evidence.location
    return (location.path, location.line, location.column) if isinstance(location, FileLocation) else ("", 0, 0)
