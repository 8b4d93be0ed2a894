"""The ladder read off an assessment: the strictest rung that holds, and the first control that stops the next."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.evaluate.loading import ladder, shipped_profiles
from auditor.facts.assessment import Assessment, ControlRecord, ProfileRecord
from auditor.facts.spectrum import SCHEMA, ObstacleRecord, Spectrum, StandingRecord
from auditor.facts.vocabulary import Verdict


def beside_the_ladder() -> tuple[str, ...]:
    """Return the shipped profiles that are no rung: residency and the regulated perimeter."""
    return tuple(name for name in shipped_profiles() if name not in ladder())


def spectrum_of(assessment: Assessment) -> Spectrum:
    """Return where the deployment stands; ``assessment`` judged every rung and every profile beside them.

    A rung counts as held only with all rungs below it.
    """
    profiles = {p.id: p for p in assessment.profiles}
    rungs = tuple(_standing(profiles[name], assessment) for name in ladder())
    held = _held(rungs)
    return Spectrum(
        schema=SCHEMA,
        tool=assessment.tool,
        as_of=assessment.as_of,
        stage=assessment.stage,
        deployment=assessment.deployment,
        assumed=assessment.assumed,
        digest=assessment.digest,
        rungs=rungs,
        strictest=rungs[held - 1].profile if held else "",
        next=rungs[held].profile if held < len(rungs) else "",
        beside=tuple(_standing(profiles[name], assessment) for name in beside_the_ladder()),
    )


def _held(rungs: Sequence[StandingRecord]) -> int:
    """Return how many rungs hold from the loosest on."""
    return next((number for number, rung in enumerate(rungs) if rung.verdict != Verdict.PASS.value), len(rungs))


def _standing(profile: ProfileRecord, assessment: Assessment) -> StandingRecord:
    stopping = next((c for c in assessment.controls if c.id == profile.first_blocking), None)
    return StandingRecord(
        profile=profile.id,
        title=profile.title,
        version=profile.version,
        verdict=profile.verdict,
        sentence=profile.sentence,
        counts=profile.counts,
        obstacle=None if stopping is None else _obstacle(stopping, assessment),
    )


def _obstacle(control: ControlRecord, assessment: Assessment) -> ObstacleRecord:
    finding = next((f for f in assessment.findings if f.control == control.id and not f.waived_by), None)
    open_ones = [u for u in assessment.unknowns if u.id in control.unknowns] if finding is None else []
    first = next((u for number in control.unknowns for u in open_ones if u.id == number), None)
    return ObstacleRecord(
        control=control.id,
        severity=control.severity,
        verdict=control.effective,
        sentence=control.sentence,
        because=finding.title if finding is not None else first.text if first is not None else control.reason,
        finding=finding.id if finding is not None else "",
        settled_by=first.settled_by if first is not None else (),
        remediation=control.remediation,
    )
