"""What a control speaks of: whose gaps matter to it, and when there is nothing to judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.scopes import anything_to_judge, scope_of
from auditor.facts.inventory import Component, Store
from auditor.facts.profile import (
    ComponentSelector,
    Condition,
    EvidenceSelector,
    Exists,
    FlowSelector,
    Forbid,
    PathSelector,
    Require,
    RequireEvidence,
    Requirement,
    SelectorKey,
    StoreSelector,
    Term,
    Values,
)
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, UnknownKind, Verdict
from tests.evaluate.builder import AS_OF, NOWHERE, VENDOR, component, gap, model, row
from tests.evaluate.test_sufficiency import control

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
LOOP = component("coder/agent-loop", Plane.AGENT_LOOP, Role.AGENT_LOOP)
SERVER = component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR)
SPACE = component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE)
DARK = component("addr:192.0.2.9", None, None, NOWHERE)
PARTS = (LOOP, SERVER, SPACE, DARK)


def of(key: SelectorKey, value: str) -> ComponentSelector:
    return ComponentSelector((Term(key, Values((value,))),))


IN_LOOP, IN_INFERENCE = of(SelectorKey.PLANE, "agent_loop"), of(SelectorKey.PLANE, "inference")
NOBODY = of(SelectorKey.PRODUCT, "nothing")
OUTSIDE_INFERENCE = ComponentSelector((*IN_INFERENCE.terms, *of(SelectorKey.PERIMETER, "inside").terms))
FLOW = FlowSelector(IN_LOOP, IN_INFERENCE)


def scope(requirement: Requirement) -> list[Truth]:
    test = scope_of(requirement, Scene(model(PARTS)))
    return [test(part.id) for part in PARTS]


@pytest.mark.parametrize(
    ("requirement", "loop", "server", "space", "dark"),
    [
        (Forbid(FLOW), YES, YES, NO, YES),
        (Require(FLOW), YES, YES, NO, YES),
        (Require(OUTSIDE_INFERENCE), NO, YES, NO, UNKNOWN),  # the plane alone: any other fact may be the hidden one's
        (Require(of(SelectorKey.OPERATOR, "vendor")), YES, YES, YES, YES),
        (RequireEvidence(EvidenceSelector(IN_LOOP, (Basis.CONFIGURED,))), YES, NO, NO, UNKNOWN),
        (Forbid(IN_LOOP), YES, YES, YES, YES),
        (Forbid(PathSelector(IN_LOOP, IN_INFERENCE)), YES, YES, YES, YES),
        (Forbid(StoreSelector()), YES, YES, YES, YES),
        (Require(StoreSelector()), YES, YES, YES, YES),
    ],
)
def test_whose_gaps_matter(requirement: Requirement, loop: Truth, server: Truth, space: Truth, dark: Truth) -> None:
    assert scope(requirement) == [loop, server, space, dark]


CONTENT_OUT = row("coder/agent-loop", "vendor/api", sends=[DataClass.PROMPT])
KEPT = Store("logs", "logs", "coder/agent-loop", (DataClass.USAGE,), ("DE",), "", "")


def empty(requirement: Requirement, *rows: FlowRow, parts: tuple[Component, ...] = PARTS, stores: tuple[Store, ...] = ()) -> bool:
    given = replace(control(Basis.CONFIGURED), requirement=requirement)
    found = anything_to_judge(given, Scene(model(parts, rows, stores=stores)))
    assert found is None or found.kind is UnknownKind.NOTHING_TO_JUDGE
    return found is not None


def test_there_is_something_to_judge_when_one_end_is_certainly_there() -> None:
    assert not empty(Forbid(FlowSelector(IN_LOOP, NOBODY)))
    assert not empty(Forbid(FlowSelector(NOBODY, IN_INFERENCE)))
    assert empty(Forbid(FlowSelector(NOBODY, NOBODY)))
    assert empty(Forbid(FLOW), parts=(DARK,))  # it may be either, and is certainly neither
    assert not empty(RequireEvidence(EvidenceSelector(IN_LOOP, (Basis.CONFIGURED,))))
    assert empty(RequireEvidence(EvidenceSelector(NOBODY, (Basis.CONFIGURED,))))
    assert not empty(Forbid(IN_LOOP))
    assert empty(Forbid(IN_LOOP), parts=())


def test_a_path_has_to_be_there_for_certain() -> None:
    path = Forbid(PathSelector(IN_LOOP, IN_INFERENCE))
    assert not empty(path, CONTENT_OUT)
    assert empty(path, replace(CONTENT_OUT, exists=UNKNOWN))
    assert empty(path)


def test_stores_are_judged_where_there_is_one() -> None:
    assert empty(Forbid(StoreSelector()))
    assert not empty(Forbid(StoreSelector()), stores=(KEPT,))


def verdict(
    requirement: Requirement,
    *rows: FlowRow,
    parts: tuple[Component, ...] = PARTS,
    stores: tuple[Store, ...] = (),
    when: Condition | None = None,
    is_open: bool = False,
) -> tuple[Verdict, list[str]]:
    made = model(parts, rows, stores=stores, gaps=[gap()] if is_open else [])
    outcome = Judge(Scene(made), AS_OF).outcome(replace(control(Basis.CONFIGURED), requirement=requirement, when=when))
    return outcome.verdict, [u.subject for u in outcome.unknowns]


def test_a_breach_stands_although_nothing_is_certainly_in_scope() -> None:
    """A workload that is no known component sends: no component is certainly in scope, and the flow is one all the same."""
    from_workload = replace(CONTENT_OUT, source="ghost", source_candidates=("ghost",))
    made = model((SERVER,), [from_workload])
    ghost = replace(model((SPACE,)).workloads[0], id="ghost")
    inside = of(SelectorKey.PERIMETER, "inside")
    given = replace(control(Basis.CONFIGURED), requirement=Forbid(FlowSelector(inside, of(SelectorKey.OPERATOR, "vendor"))))
    scene = Scene(replace(made, workloads=(ghost,), components=()))
    outcome = Judge(scene, AS_OF).outcome(given)
    assert outcome.verdict is not Verdict.PASS
    paired = replace(given, requirement=Forbid(FlowSelector(inside, inside)))
    two = replace(from_workload, destination="ghost", destination_candidates=("ghost",))
    only = Scene(replace(model((DARK,), [two]), workloads=(ghost,)))
    assert Judge(only, AS_OF).outcome(paired).verdict is Verdict.FAIL


def test_stores_are_judged_without_any_component() -> None:
    assert verdict(Forbid(StoreSelector(data=("content",))), parts=(), stores=(KEPT,))[0] is Verdict.PASS


def test_evidence_that_is_required_passes_where_nothing_is_missing() -> None:
    evidence = RequireEvidence(EvidenceSelector(IN_LOOP, (Basis.CONFIGURED,)))
    assert verdict(evidence) == (Verdict.PASS, [])
    assert verdict(evidence, is_open=True)[0] is Verdict.UNKNOWN
    nothing = RequireEvidence(EvidenceSelector(NOBODY, (Basis.CONFIGURED,)))
    assert verdict(nothing) == (Verdict.UNKNOWN, ["X-01"])


def test_a_condition_that_is_denied_on_incomplete_evidence_says_what_is_missing_and_not_that_it_is_undecided() -> None:
    absent = Exists(of(SelectorKey.PRODUCT, "nothing"))
    no_dark = (LOOP, SPACE)  # of which the product is known
    assert verdict(Forbid(IN_LOOP), parts=no_dark, when=absent) == (Verdict.NOT_APPLICABLE, [])
    assert verdict(Forbid(IN_LOOP), parts=no_dark, when=absent, is_open=True) == (Verdict.UNKNOWN, ["configured gap"])
    assert verdict(Forbid(IN_LOOP), when=absent) == (Verdict.UNKNOWN, ["X-01"])
