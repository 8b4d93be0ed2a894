"""``auditor plan``: the mended deployment as a record, each step with what it alone stops, breaks and opens; pure."""

from __future__ import annotations

from auditor.facts.plan import SCHEMA, IrreplaceableRecord, Plan, StepRecord
from auditor.pipeline.mending import Mended, Workshop, mend, verdict
from auditor.pipeline.request import Inputs
from auditor.planning.telling import controls_of, in_order, irreplaceable_records, step_record


def plan(inputs: Inputs, profile: str, as_of: str) -> Plan:
    """Return the steps after which the profile named ``profile`` (one of ``inputs.profiles``) holds, or what is irreplaceable.

    Raises:
        UsageError: there is no manifest.
        InvalidInputError: as ``judge``.
    """
    wanted = next(p for p in inputs.profiles if profile in (p.id, p.origin))
    workshop = Workshop(inputs, wanted, as_of)
    mended = mend(workshop)
    assessment = mended.before.assessment
    return Plan(
        schema=SCHEMA,
        tool=assessment.tool,
        as_of=assessment.as_of,
        stage=assessment.stage,
        deployment=assessment.deployment,
        profile=wanted.id,
        profile_title=wanted.title,
        now=verdict(mended.before),
        then=verdict(mended.after if mended.satisfied else mended.before),
        exact=mended.exact,
        effort=sum(a.effort for a in mended.chosen) if mended.satisfied else 0,
        steps=steps_of(mended, workshop, inputs) if mended.satisfied else (),
        irreplaceable=() if mended.satisfied else _left(mended),
    )


def steps_of(mended: Mended, workshop: Workshop, inputs: Inputs) -> tuple[StepRecord, ...]:
    """Return the chosen actions as steps, in their order."""
    products = {s.id: s.product for s in inputs.manifest.systems}
    before = mended.before.model
    return in_order(
        step_record(a, before, workshop.alone(a), controls_of(a, mended.chosen, mended.obstacles), products, inputs.catalog)
        for a in mended.chosen
    )


def _left(mended: Mended) -> tuple[IrreplaceableRecord, ...]:
    titles = {c.id: c.title for c in mended.before.model.components}
    return irreplaceable_records(mended.impossible, titles)
