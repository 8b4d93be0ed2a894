"""Which rows a forbidden flow catches: data counts by the way it goes, whoever dials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.flow_rules import forbidden_flows
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Found
from auditor.facts.inventory import Unknown
from auditor.facts.profile import ComponentSelector, Direction, FlowSelector, SelectorKey, Term, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role, RowName, Sighting, UnknownKind
from tests.evaluate.builder import NOWHERE, VENDOR, at, component, model, row

WITHIN = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("inside",))),))
BEYOND = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("outside",))),))
PARTS = (
    component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE),
    component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR),
    replace(component("addr:192.0.2.9", None, None, NOWHERE), system=""),
)
OUT = row("coder/workspace", "vendor/api", "chat", sends=[DataClass.PROMPT])
CONTENT = FlowSelector(WITHIN, BEYOND, ("content",))
TRAFFIC = FlowSelector(WITHIN, BEYOND)


def judge(selector: FlowSelector, *rows: FlowRow) -> Found:
    return forbidden_flows(selector, Scene(model(PARTS, rows)), at(1, "profile.yaml"))


def kinds(found: Found) -> list[UnknownKind]:
    assert found.violations == ()
    return [u.kind for u in found.unknowns]


def test_at_least_fails_at_most_is_unknown_neither_is_nothing() -> None:
    assert [v.key for v in judge(CONTENT, OUT).violations] == ["coder/workspace>vendor/api#content.prompt"]
    assert kinds(judge(CONTENT, replace(OUT, sends_at_least=()))) == [UnknownKind.FACT_WEAK]
    assert judge(CONTENT, replace(OUT, sends_at_least=(), sends_at_most=(DataClass.USAGE,))) == Found()


def test_without_data_any_traffic_counts() -> None:
    bare = replace(OUT, sends_at_least=(), sends_at_most=())
    assert [v.key for v in judge(TRAFFIC, bare).violations] == ["coder/workspace>vendor/api#any"]
    assert judge(CONTENT, bare) == Found()


@pytest.mark.parametrize(
    ("exists", "violations", "unknowns"),
    [(Truth.YES, 1, []), (Truth.NO, 0, []), (Truth.UNKNOWN, 0, [UnknownKind.SETTING_UNKNOWN])],
)
def test_existence_is_three_valued(exists: Truth, violations: int, unknowns: list[UnknownKind]) -> None:
    found = judge(TRAFFIC, replace(OUT, exists=exists))
    assert (len(found.violations), [u.kind for u in found.unknowns]) == (violations, unknowns)


def test_data_that_an_outside_dialler_fetches_has_left_too() -> None:
    fetched = replace(row("vendor/api", "coder/workspace", "sync"), receives=(DataClass.SOURCE_CODE,))
    assert [v.key for v in judge(CONTENT, fetched).violations] == ["coder/workspace>vendor/api#content.source_code"]
    pushed = row("vendor/api", "coder/workspace", "push", sends=[DataClass.COMPLETION])
    assert judge(CONTENT, pushed) == Found()


def test_receives_and_any_ask_the_other_way() -> None:
    answer = replace(OUT, sends_at_least=(), sends_at_most=(), receives=(DataClass.COMPLETION,))
    receives = replace(CONTENT, direction=Direction.RECEIVES)
    assert judge(CONTENT, answer) == Found()
    assert [v.data for v in judge(receives, answer).violations] == [(DataClass.COMPLETION,)]
    assert judge(receives, OUT) == Found()
    both = replace(CONTENT, direction=Direction.ANY)
    assert [v.data for v in judge(both, replace(OUT, receives=(DataClass.COMPLETION,))).violations] == [
        (DataClass.PROMPT, DataClass.COMPLETION)
    ]


def test_the_rows_own_unknowns_go_before_made_ones() -> None:
    own = Unknown(UnknownKind.CONFLICT, "x", "x")
    found = judge(TRAFFIC, replace(OUT, exists=Truth.UNKNOWN, unknowns=(own,)))
    assert found.unknowns == (own,)


def test_a_place_that_is_not_known_is_unknown() -> None:
    found = judge(TRAFFIC, row("coder/workspace", "addr:192.0.2.9"))
    assert [(u.kind, u.subject) for u in found.unknowns] == [(UnknownKind.PLACE_UNKNOWN, "addr:192.0.2.9")]


def test_a_source_that_is_not_established_is_unknown() -> None:
    lost = replace(row("addr:10.0.0.1", "vendor/api"), source_candidates=())
    assert kinds(judge(TRAFFIC, lost)) == [UnknownKind.SOURCE_NOT_ESTABLISHED]


def test_candidates_on_both_sides_are_unknown_not_chosen() -> None:
    either = replace(OUT, destination_candidates=("coder/workspace", "vendor/api"))
    assert len(judge(TRAFFIC, either).unknowns) == 1


def test_a_name_or_a_sighting_counts_the_row_itself() -> None:
    tried = replace(OUT, exists=Truth.NO, configured=Truth.NO, name=RowName.ATTEMPTED, sighting=Sighting.ATTEMPT)
    assert judge(TRAFFIC, tried) == Found()
    assert len(judge(replace(TRAFFIC, names=(RowName.ATTEMPTED,)), tried).violations) == 1
    assert len(judge(replace(TRAFFIC, sightings=(Sighting.ATTEMPT,)), tried).violations) == 1
    assert judge(replace(TRAFFIC, sightings=(Sighting.DATA,)), tried) == Found()


@pytest.mark.parametrize(
    ("required", "configured", "violations", "unknowns"),
    [
        (Truth.YES, Truth.YES, 1, 0),  # blocked by the network, needed all the same
        (Truth.YES, Truth.NO, 0, 0),
        (Truth.NO, Truth.YES, 0, 0),
        (Truth.UNKNOWN, Truth.YES, 0, 1),
    ],
)
def test_a_required_flow_counts_as_intended(required: Truth, configured: Truth, violations: int, unknowns: int) -> None:
    blocked = replace(OUT, exists=Truth.NO, required=required, configured=configured)
    found = judge(replace(TRAFFIC, required=True), blocked)
    assert (len(found.violations), len(found.unknowns)) == (violations, unknowns)


def test_what_a_flow_decides_of_its_place_of_processing_goes_before_the_destination() -> None:
    abroad = ComponentSelector((Term(SelectorKey.PROCESSING, Values(("DE",), negated=True)),))
    selector = FlowSelector(WITHIN, abroad)
    assert judge(selector, replace(OUT, processing=("DE",))) == Found()
    assert len(judge(selector, replace(OUT, processing=("DE", "US"))).violations) == 1
    assert kinds(judge(selector, replace(OUT, processing=None))) == [UnknownKind.FACT_UNKNOWN]


def test_a_finding_without_evidence_of_its_own_points_at_the_profile_line() -> None:
    (violation,) = judge(TRAFFIC, replace(OUT, evidence=())).violations
    assert violation.evidence == (at(1, "profile.yaml"),)


def test_the_title_says_who_sends_what_to_whom_and_on_what_it_is_believed() -> None:
    (violation,) = judge(CONTENT, replace(OUT, sighting=Sighting.DATA)).violations
    said = "prompts (chat; configured and seen in captured traffic)."
    assert violation.title == f"From coder workspace to vendor api, run by Vendor Inc. (law of US): {said}"
