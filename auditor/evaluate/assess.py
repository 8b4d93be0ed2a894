"""The judgement of a model against profiles: pure, and the only place that knows all parts of this stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.errors import Diagnostic, InvalidInputError
from auditor.evaluate.digest import assessment_digest
from auditor.evaluate.exceptions import Judged, exception_records, with_exceptions
from auditor.evaluate.exit_codes import UNREADABLE, exit_code
from auditor.evaluate.expiry import InForce, in_force
from auditor.evaluate.finding_digest import FindingDigests
from auditor.evaluate.flow_records import channel_records, coverage_records, flow_records
from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import override, refuse_unknown
from auditor.evaluate.records import (
    component_records,
    contract_records,
    input_records,
    not_examined_records,
    operator_records,
    setting_records,
    store_records,
    workload_records,
    zone_records,
)
from auditor.evaluate.register import EvidenceRegister
from auditor.evaluate.resolving import resolved
from auditor.evaluate.unknown_records import unknown_records
from auditor.evaluate.verdict_records import claim_record, control_records, finding_records, ladder_records, profile_records
from auditor.facts.assessment import SCHEMA, Assessment, RungRecord
from auditor.facts.context import AssessmentContext
from auditor.facts.model import Model
from auditor.facts.profile import Control, Profile
from auditor.facts.vocabulary import Verdict


def assess(model: Model, profiles: Sequence[Profile], context: AssessmentContext) -> Assessment:
    """Return everything that is believed of the deployment and what each profile says to it.

    Profiles come out in the order given, once each; the claim's is added when it is a rung that was not asked
    for. The rungs of ``context.ladder`` are judged for the ladder alone.

    Raises:
        InvalidInputError: an expired or contradictory set of profiles, a loosened parameter without reason, a
            claim whose profile is not there, an exception without a proper expiry.
    """
    wanted = _requested(model, profiles, context)
    judge = Judge(Scene(model), context.as_of)
    ladder = tuple(_adjusted(p, model) for p in context.ladder)
    valid_rungs = tuple(p for p in ladder if _validity(p, context.as_of) is InForce.YES)
    controls = (resolved(c) for c in _controls((*wanted, *valid_rungs)).values())
    digests = FindingDigests(judge.scene)
    exceptions = (context.waivers, context.attestations, context.as_of)
    judged = {c.id: with_exceptions(c, judge.outcome(c), digests, *exceptions) for c in controls}
    shown = [judged[c] for c in dict.fromkeys(c.id for p in wanted for c in p.controls)]
    rungs = {r.profile: r for r in ladder_records(valid_rungs, judged)}
    expired = [RungRecord(p.id, p.title, Verdict.UNKNOWN.value, "") for p in ladder if p.id not in rungs]
    draft = _recorded(model, wanted, context, judge, judged=judged, shown=shown)
    ordered = {r.profile: r for r in (*rungs.values(), *expired)}
    whole = replace(draft, ladder=tuple(ordered[p.id] for p in ladder))
    return replace(whole, exit_code=exit_code(whole))


def _recorded(
    model: Model,
    profiles: tuple[Profile, ...],
    context: AssessmentContext,
    judge: Judge,
    *,
    judged: dict[str, Judged],
    shown: list[Judged],
) -> Assessment:
    """Return the records; evidence is numbered in the order in which they are made, findings first."""
    register = EvidenceRegister()
    findings = finding_records(shown, profiles, register)
    flows = flow_records(judge.scene, register)
    channels = channel_records(judge.scene, register)
    components = component_records(model, judge.presence, register)
    stores = store_records(model, register)
    settings = setting_records(model, register)
    known = frozenset(judged)
    captures = sum(entry.kind == "capture" for entry in model.manifest.inputs)
    return Assessment(
        schema=SCHEMA,
        tool=context.tool,
        as_of=context.as_of,
        stage=model.stage.value,
        deployment=model.manifest.deployment,
        assumed=model.manifest.assumed,
        digest=assessment_digest(model, profiles, context),
        catalog_sha256=context.catalog_sha256,
        claim=claim_record(model.manifest.claim, profiles, judged, model.stage, captures),
        inputs=input_records(context),
        zones=zone_records(model),
        operators=operator_records(model),
        workloads=workload_records(model),
        components=components,
        stores=stores,
        settings=settings,
        channels=channels,
        flows=flows,
        coverage=coverage_records(judge.scene),
        evidence=register.records(),
        profiles=profile_records(profiles, judged, model.stage, dict(context.origins), captures),
        controls=control_records(shown, model.stage),
        findings=findings,
        unknowns=unknown_records(model, shown, profiles),
        exceptions=exception_records(context.waivers, context.attestations, tuple(judged.values()), known, context.as_of),
        not_examined=not_examined_records(model),
        ladder=(),
        exit_code=UNREADABLE if context.unreadable_named else 0,
        contracts=contract_records(model),
    )


def _requested(model: Model, profiles: Sequence[Profile], context: AssessmentContext) -> tuple[Profile, ...]:
    """Return the profiles to show, adjusted by the manifest's parameters, none of them expired."""
    claim = model.manifest.claim
    chosen = {p.id: p for p in profiles}
    if claim is not None and all(claim.profile not in (p.id, p.origin) for p in profiles):
        chosen.update({p.id: p for p in context.ladder if p.id == claim.profile})
    refuse_unknown((*chosen.values(), *context.ladder), model.manifest.parameters, model.manifest.path)
    for profile in chosen.values():
        if _validity(profile, context.as_of) is not InForce.YES:
            at = profile.location
            raise InvalidInputError(
                Diagnostic(
                    what=f"profile {profile.id} expired on {profile.valid_until}",
                    why=f"judged as of {context.as_of}",
                    next_step="review the profile and set a new valid_until, or judge with --as-of",
                    path=at.path,
                    line=at.line,
                    column=at.column,
                )
            )
    return tuple(_adjusted(p, model) for p in chosen.values())


def _adjusted(profile: Profile, model: Model) -> Profile:
    return override(profile, model.manifest.parameters, model.manifest.path)


def _validity(profile: Profile, as_of: str) -> InForce:
    return in_force("", profile.valid_until, as_of)


def _controls(profiles: Sequence[Profile]) -> dict[str, Control]:
    """Return every control once.

    Raises:
        InvalidInputError: two profiles mean different things by one control id.
    """
    found: dict[str, Control] = {}
    for control in (c for p in profiles for c in p.controls):
        earlier = found.setdefault(control.id, control)
        if earlier != control:
            at = control.location
            what = f"control {control.id} is defined differently in {earlier.location.path}"
            raise InvalidInputError(Diagnostic(what, "", "give one of them another id", at.path, at.line, at.column))
    return found
