"""Taking evidence away never makes a verdict better; the ladder is one; ids are unique."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.evaluate import assess, load_ladder
from auditor.facts.assessment import Assessment
from auditor.facts.inventory import Component
from auditor.facts.model import Model
from auditor.facts.places import Place
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, RowName, Sighting, Stage
from tests.evaluate.builder import INSIDE, NOWHERE, VENDOR, component, context, coverage, gap, model, row, seen

LADDER = load_ladder()
ORDER = ("pass", "unknown", "fail")
PLACES: tuple[Place, ...] = (INSIDE, INSIDE, VENDOR, NOWHERE)
TRUTHS = st.sampled_from([Truth.YES, Truth.YES, Truth.NO, Truth.UNKNOWN])
CLASSES = (DataClass.PROMPT, DataClass.USAGE, DataClass.CREDENTIAL, DataClass.REPOSITORY)


@st.composite
def components(draw: st.DrawFn) -> tuple[Component, ...]:
    """Return up to six components of any plane and place."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        plane = draw(st.sampled_from([*Plane, None]))
        role = draw(st.sampled_from([Role.MODEL_SERVER, Role.MODEL_GATEWAY, Role.WORKSPACE, Role.AGENT_LOOP]))
        made = component(f"s{number}/part", plane, role, draw(st.sampled_from(PLACES)), draw(TRUTHS))
        found.append(made)
    return tuple(found)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Return a small deployment in operation with every kind of evidence."""
    parts = draw(components())
    ids = st.sampled_from([c.id for c in parts])
    rows: dict[str, FlowRow] = {}
    for _ in range(draw(st.integers(0, 5))):
        source, destination = draw(ids), draw(ids)
        if source == destination:
            continue
        made = row(source, destination, exists=draw(TRUTHS), sends=draw(st.sets(st.sampled_from(CLASSES), max_size=2)))
        made = replace(made, required=draw(TRUTHS))
        if draw(st.booleans()):
            made = seen(made)
        if draw(st.integers(0, 3)) == 0:
            made = replace(made, sends_at_least=())
        if draw(st.integers(0, 4)) == 0:
            made = replace(made, sighting=Sighting.ATTEMPT, name=RowName.ATTEMPTED)
        rows[made.id] = made
    return model(
        parts,
        tuple(rows.values()),
        stage=Stage.OPERATE,
        permitted=draw(TRUTHS),
        captures=[coverage(draw(st.sampled_from([60, 90_000])))],
    )


REMOVALS: tuple[Callable[[Model], Model], ...] = (
    lambda m: replace(m, coverage=()),
    lambda m: replace(m, coverage=tuple(replace(c, window_seconds=1.0) for c in m.coverage)),
    lambda m: replace(m, coverage=tuple(replace(c, truncated=True) for c in m.coverage)),
    lambda m: replace(m, coverage=tuple(replace(c, packets=0) for c in m.coverage)),
    lambda m: replace(m, gaps=(gap(Basis.CONFIGURED),)),
    lambda m: replace(m, gaps=(gap(Basis.OBSERVED),)),
    lambda m: replace(m, manifest=replace(m.manifest, assumed=True)),
    lambda m: replace(
        m,
        channels=tuple(replace(c, permission=replace(c.permission, permitted=Truth.UNKNOWN)) for c in m.channels),
    ),
    lambda m: replace(m, components=tuple(replace(c, present=_forgotten(c.present)) for c in m.components)),
    lambda m: replace(m, components=tuple(replace(c, plane=None) for c in m.components)),
    lambda m: replace(m, components=tuple(replace(c, place=replace(c.place, inside=None)) for c in m.components)),
    lambda m: replace(m, components=tuple(replace(c, place=replace(c.place, operator="", hosted_by="")) for c in m.components)),
)
"""Each takes some evidence or fact away."""


def _forgotten(value: Truth) -> Truth:
    return Truth.UNKNOWN if value is Truth.NO else value


def judged(given_model: Model) -> Assessment:
    return assess(given_model, LADDER, context(ladder=LADDER))


@settings(max_examples=60, deadline=None)
@given(given_model=models(), removal=st.sampled_from(REMOVALS))
def test_taking_evidence_away_never_yields_a_pass(given_model: Model, removal: Callable[[Model], Model]) -> None:
    before = {c.id: c.verdict for c in judged(given_model).controls}
    after = judged(removal(given_model))
    settled = ("pass", "not_applicable")
    gained = [c.id for c in after.controls if c.verdict in settled and before[c.id] != c.verdict]
    assert gained == []


@settings(max_examples=60, deadline=None)
@given(given_model=models())
def test_each_rung_implies_the_one_below(given_model: Model) -> None:
    verdicts = [ORDER.index(r.verdict) for r in judged(given_model).ladder]
    assert verdicts == sorted(verdicts)


@settings(max_examples=60, deadline=None)
@given(given_model=models())
def test_ids_are_unique_and_every_reference_resolves(given_model: Model) -> None:
    found = judged(given_model)
    findings = [f.id for f in found.findings]
    unknowns = [u.id for u in found.unknowns]
    evidence = {e.id for e in found.evidence}
    assert len(set(findings)) == len(findings)
    assert len(set(unknowns)) == len(unknowns)
    assert {f for c in found.controls for f in c.findings} == set(findings)
    assert {u for c in found.controls for u in c.unknowns} <= set(unknowns)
    assert all(f.evidence and set(f.evidence) <= evidence for f in found.findings)
    assert [c.id for c in found.controls if c.verdict == "unknown" and not c.unknowns] == []
    assert [c.id for c in found.controls if c.verdict == "fail" and not c.findings] == []
