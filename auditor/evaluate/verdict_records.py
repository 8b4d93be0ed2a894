"""Controls, findings, profiles, claim and ladder as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.errors import Diagnostic, InvalidInputError
from auditor.evaluate.claims import judged_sentence
from auditor.evaluate.exceptions import Judged, finding_id
from auditor.evaluate.outcome import strongest_first
from auditor.evaluate.records import cure_records
from auditor.evaluate.register import EvidenceRegister
from auditor.evaluate.sentences import sentence
from auditor.evaluate.unknown_records import unknown_id
from auditor.evaluate.verdicts import first_blocking, profile_verdict, tally
from auditor.evaluate.words import joined
from auditor.facts.assessment import ClaimRecord, ControlRecord, FindingRecord, ProfileRecord, RungRecord
from auditor.facts.manifest import Claim
from auditor.facts.profile import Profile
from auditor.facts.vocabulary import Severity, Stage

JudgedById = Mapping[str, Judged]


def of_profile(profile: Profile, judged: JudgedById) -> list[Judged]:
    """Return the judged controls of ``profile`` in its order."""
    return [judged[c.id] for c in profile.controls]


def finding_records(
    judged: Sequence[Judged], profiles: Sequence[Profile], register: EvidenceRegister
) -> tuple[FindingRecord, ...]:
    """Return every breach, by severity and id."""
    found = []
    for j in judged:
        waived = dict(j.waived)
        holders = tuple(p.id for p in profiles if any(c.id == j.control.id for c in p.controls))
        for violation in j.outcome.violations:
            number = finding_id(j.control.id, violation.key)
            found.append((j, violation, number, waived.get(number, ""), holders))
    severities = list(Severity)
    found.sort(key=lambda f: (severities.index(f[0].control.severity), f[2]))
    return tuple(
        FindingRecord(
            id=number,
            control=j.control.id,
            profiles=holders,
            severity=j.control.severity.value,
            title=violation.title,
            rows=violation.rows,
            subject=violation.subject,
            data=tuple(d.value for d in violation.data),
            bases=tuple(b.value for b in violation.bases),
            waived_by=waiver,
            cures=cure_records(violation.cures),
            evidence=register.ids(strongest_first(violation.evidence)),
            digest=j.digests.get(number, ""),
        )
        for j, violation, number, waiver, holders in found
    )


def control_records(judged: Sequence[Judged], stage: Stage) -> tuple[ControlRecord, ...]:
    """Return every control judged, in the order of the profiles."""
    return tuple(
        ControlRecord(
            id=j.control.id,
            title=j.control.title,
            sentence=sentence(j.control),
            severity=j.control.severity.value,
            on_unknown=j.control.on_unknown.value,
            verdict=j.outcome.verdict.value,
            effective=j.effective.value,
            reason=j.outcome.reason,
            needed=tuple(b.value for b in j.control.evidence.at(stage)),
            findings=tuple(finding_id(j.control.id, v.key) for v in j.outcome.violations),
            unknowns=tuple(unknown_id(u) for u in j.outcome.unknowns),
            attested_by=tuple(dict.fromkeys(a for _, a in j.attested)),
            maps=tuple((m.id, m.strength) for m in j.control.maps),
            rationale=j.control.rationale,
            remediation=j.control.remediation,
        )
        for j in judged
    )


def profile_records(
    profiles: Sequence[Profile], judged: JudgedById, stage: Stage, origins: Mapping[str, str], captures: int = 0
) -> tuple[ProfileRecord, ...]:
    """Return each profile's verdict; ``captures`` are those that the manifest names."""
    records = []
    for profile in profiles:
        mine = of_profile(profile, judged)
        named_by = origins.get(profile.id, "")
        records.append(
            ProfileRecord(
                id=profile.id,
                title=profile.title,
                version=profile.version,
                sha256=profile.sha256,
                valid_until=profile.valid_until,
                extends=profile.extends,
                parameters=tuple((p.name, ", ".join(p.values), p.reason) for p in profile.parameters),
                controls=tuple(c.id for c in profile.controls),
                verdict=profile_verdict(mine).value,
                sentence=f"{judged_sentence(profile.title, mine, stage, captures)}{_relaxed(profile)}",
                counts=tally(mine),
                first_blocking=first_blocking(mine),
                origin=f"{profile.origin}, {named_by}" if named_by else profile.origin,
                relaxed=tuple((r.control, r.what, r.reason) for r in profile.relaxed),
            )
        )
    return tuple(records)


def _relaxed(profile: Profile) -> str:
    """Return what the profile asks less than those that it extends: a verdict never hides it."""
    if not profile.relaxed:
        return ""
    return f" Relaxed against {joined(profile.extends)}: {'; '.join(f'{r.control} {r.what}' for r in profile.relaxed)}."


def claim_record(
    claim: Claim | None, profiles: Sequence[Profile], judged: JudgedById, stage: Stage, captures: int = 0
) -> ClaimRecord | None:
    """Return the judgement of the claim, ``None`` when nothing is claimed; ``captures`` are those that the manifest names.

    Raises:
        InvalidInputError: the claim stands for a profile that was not loaded.
    """
    if claim is None:
        return None
    profile = next((p for p in profiles if claim.profile in (p.id, p.origin)), None)
    if profile is None:
        at = claim.location
        step = "name a shipped profile or the path of a profile file"
        raise InvalidInputError(Diagnostic(f"no profile {claim.profile!r} for the claim", "", step, at.path, at.line, at.column))
    mine = of_profile(profile, judged)
    return ClaimRecord(
        label=claim.label,
        profile=profile.id,
        verdict=profile_verdict(mine).value,
        sentence=f"""{judged_sentence(f'"{claim.label}"', mine, stage, captures)}{_relaxed(profile)}""",
        path=claim.location.path,
        line=claim.location.line,
    )


def ladder_records(ladder: Sequence[Profile], judged: JudgedById) -> tuple[RungRecord, ...]:
    """Return every rung, loosest first, with the control that stops it."""
    return tuple(
        RungRecord(p.id, p.title, profile_verdict(mine).value, first_blocking(mine))
        for p in ladder
        for mine in (of_profile(p, judged),)
    )
