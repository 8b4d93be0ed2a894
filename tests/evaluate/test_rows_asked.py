"""Every question that a flow selector may ask of a row, one at a time, with all three answers."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from auditor.evaluate.flow_rules import bases_of, carries, counts, forbidden_flows, matching_rows
from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene, agree, store_matches
from auditor.facts.inventory import Store
from auditor.facts.permission import Permission, Strength
from auditor.facts.places import CUSTOMER, Operator
from auditor.facts.profile import (
    ComponentSelector,
    Direction,
    FlowSelector,
    Require,
    SelectorKey,
    StoreSelector,
    Term,
    Values,
)
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, RowName, Sighting, Verdict
from tests.evaluate.builder import AS_OF, NOWHERE, VENDOR, at, component, model, row, seen
from tests.evaluate.test_sufficiency import control

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PROMPT, COMPLETION, USAGE = DataClass.PROMPT, DataClass.COMPLETION, DataClass.USAGE
SPACE = component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE)
TWIN = component("coder/workspace-2", Plane.EXECUTION, Role.WORKSPACE)
SERVER = component("vendor/api", Plane.INFERENCE, Role.MODEL_SERVER, VENDOR)
PARTS = (SPACE, TWIN, SERVER)
OUT = row("coder/workspace", "vendor/api", "chat", sends=[PROMPT])


def of(key: SelectorKey, *values: str, negated: bool = False) -> ComponentSelector:
    return ComponentSelector((Term(key, Values(values, negated)),))


INSIDE, OUTSIDE = of(SelectorKey.PERIMETER, "inside"), of(SelectorKey.PERIMETER, "outside")
ANY = ComponentSelector()


def truth(selector: FlowSelector, *rows: FlowRow) -> list[Truth]:
    return [match.truth for _, match in matching_rows(selector, Scene(model(PARTS, rows)))]


def test_who_asks_for_an_id_tells_components_apart_that_are_alike() -> None:
    other = row("coder/workspace-2", "vendor/api", "chat", sends=[PROMPT])
    one = ComponentSelector((*of(SelectorKey.ID, "coder/workspace-2").terms, *of(SelectorKey.PLANE, "execution").terms))
    found = matching_rows(FlowSelector(one, OUTSIDE), Scene(model(PARTS, [OUT, other])))
    assert [(r.source, m.truth) for r, m in found] == [("coder/workspace-2", YES)]
    scene = Scene(model(PARTS, [OUT, other]))
    assert [scene.test(one)((part.id,)) for part in PARTS] == [NO, YES, NO]


@pytest.mark.parametrize(("of_flow", "of_place", "matches"), [("US", "DE", YES), ("DE", "US", None)])
def test_where_a_flow_is_processed_goes_before_where_its_destination_processes(
    of_flow: str, of_place: str, matches: Truth | None
) -> None:
    abroad = ComponentSelector((*OUTSIDE.terms, *of(SelectorKey.PROCESSING, "DE", negated=True).terms))
    server = replace(SERVER, place=replace(VENDOR, processing=(of_place,)))
    scene = Scene(model((SPACE, server), [replace(OUT, processing=(of_flow,))]))
    found = [match.truth for _, match in matching_rows(FlowSelector(INSIDE, abroad), scene)]
    assert found == ([] if matches is None else [matches])


def test_a_place_that_is_certainly_another_decides_although_the_end_is_not_known() -> None:
    dark = replace(component("addr:192.0.2.9", None, None, NOWHERE), system="")
    to_dark = replace(row("coder/workspace", "addr:192.0.2.9", sends=[PROMPT]), processing=("DE",))
    abroad = ComponentSelector((*OUTSIDE.terms, *of(SelectorKey.PROCESSING, "DE", negated=True).terms))
    assert matching_rows(FlowSelector(INSIDE, abroad), Scene(model((SPACE, dark), [to_dark]))) == []


def test_an_end_that_nothing_is_known_of_matches_whoever_asks_nothing() -> None:
    ghost = replace(OUT, source="addr:192.0.2.9", source_candidates=())
    assert truth(FlowSelector(ANY, OUTSIDE, ("content",)), ghost) == [YES]
    assert truth(FlowSelector(INSIDE, OUTSIDE, ("content",)), ghost) == [UNKNOWN]
    from_space = replace(OUT, source_candidates=())
    assert truth(FlowSelector(INSIDE, OUTSIDE, ("content",)), from_space) == [YES]
    to_server = replace(OUT, destination_candidates=())
    assert truth(FlowSelector(INSIDE, OUTSIDE, ("content",)), to_server) == [YES]


def test_rows_whose_ends_have_no_candidates_are_told_apart_by_their_ends() -> None:
    bare = [replace(OUT, id=end, source=end, source_candidates=()) for end in ("coder/workspace", "addr:192.0.2.9")]
    found = matching_rows(FlowSelector(INSIDE, OUTSIDE, ("content",)), Scene(model(PARTS, bare)))
    assert {r.id: m.truth for r, m in found} == {"coder/workspace": YES, "addr:192.0.2.9": UNKNOWN}
    gone = [replace(OUT, id=end, destination=end, destination_candidates=()) for end in ("vendor/api", "coder/workspace-2")]
    found = matching_rows(FlowSelector(INSIDE, OUTSIDE, ("content",)), Scene(model(PARTS, gone)))
    assert {r.id: m.truth for r, m in found} == {"vendor/api": YES}


def test_of_several_candidates_all_have_to_match() -> None:
    either = replace(OUT, source="coder/coderd", source_candidates=("coder/workspace", "vendor/api"))
    assert truth(FlowSelector(INSIDE, ANY, ("content",)), either) == [UNKNOWN]
    both = replace(either, source_candidates=("coder/workspace", "coder/workspace-2"))
    assert truth(FlowSelector(INSIDE, ANY, ("content",)), both) == [YES]


def test_agreement() -> None:
    assert agree([YES]) is YES
    assert agree([NO]) is NO
    assert agree([YES, YES]) is YES
    assert agree([YES, NO]) is UNKNOWN


@pytest.mark.parametrize(
    ("at_least", "at_most", "receives", "sends", "comes", "either"),
    [
        ((PROMPT,), (PROMPT,), (), YES, NO, YES),
        ((), (PROMPT,), (), UNKNOWN, NO, UNKNOWN),
        ((), (), (PROMPT,), NO, YES, YES),
        ((), (PROMPT,), (PROMPT,), UNKNOWN, YES, YES),
        ((), (USAGE,), (COMPLETION,), NO, NO, NO),
    ],
)
def test_data_by_the_way_it_goes(
    at_least: tuple[DataClass, ...],
    at_most: tuple[DataClass, ...],
    receives: tuple[DataClass, ...],
    sends: Truth,
    comes: Truth,
    either: Truth,
) -> None:
    given = replace(OUT, sends_at_least=at_least, sends_at_most=at_most, receives=receives)
    for direction, expected in ((Direction.SENDS, sends), (Direction.RECEIVES, comes), (Direction.ANY, either)):
        found = truth(FlowSelector(INSIDE, OUTSIDE, ("content.prompt",), direction), given)
        assert found == ([] if expected is NO else [expected])


def test_who_dials_does_not_decide_which_way_data_goes() -> None:
    """``to`` dials here, and the data that it receives is what ``from`` sends."""
    dialled = replace(row("vendor/api", "coder/workspace", sends=[USAGE]), receives=(PROMPT,))
    assert truth(FlowSelector(INSIDE, OUTSIDE, ("content.prompt",)), dialled) == [YES]
    assert truth(FlowSelector(INSIDE, OUTSIDE, ("metadata.usage",)), dialled) == []
    both = FlowSelector(ANY, ANY, ("content.prompt",))
    assert truth(both, replace(dialled, sends_at_least=(), sends_at_most=(PROMPT,))) == [YES]


@pytest.mark.parametrize(
    ("flow", "receives", "expected"), [("f", (), NO), ("", (), UNKNOWN), ("", (USAGE,), NO), ("f", (USAGE,), NO)]
)
def test_what_comes_back_is_open_only_where_nothing_models_it(
    flow: str, receives: tuple[DataClass, ...], expected: Truth
) -> None:
    given = replace(OUT, flow=flow, receives=receives)
    assert carries(given, frozenset({PROMPT}), out=False) == (expected, ())


@pytest.mark.parametrize(("required", "exists", "configured"), list(itertools.product(Truth, Truth, Truth)))
@pytest.mark.parametrize("wanted", [True, False])
def test_a_required_flow_counts_where_it_is_or_is_meant_to_be(
    required: Truth, exists: Truth, configured: Truth, wanted: bool
) -> None:
    given = replace(OUT, required=required, exists=exists, configured=configured)
    needed = required if wanted else {YES: NO, NO: YES, UNKNOWN: UNKNOWN}[required]
    there = YES if YES in (exists, configured) else UNKNOWN if UNKNOWN in (exists, configured) else NO
    expected = NO if NO in (needed, there) else UNKNOWN if UNKNOWN in (needed, there) else YES
    assert counts(FlowSelector(required=wanted), given, of_member=False) is expected


@pytest.mark.parametrize("exists", list(Truth))
def test_a_row_counts_by_its_name_or_sighting_where_these_are_asked_for_else_as_it_exists(exists: Truth) -> None:
    given = replace(OUT, exists=exists, name=RowName.BLOCKED, sighting=Sighting.ATTEMPT)
    assert counts(FlowSelector(), given, of_member=False) is exists
    assert counts(FlowSelector(), given, of_member=True) is YES
    assert counts(FlowSelector(names=(RowName.BLOCKED,)), given, of_member=False) is YES
    assert counts(FlowSelector(names=(RowName.SILENT,)), given, of_member=False) is NO
    assert counts(FlowSelector(sightings=(Sighting.ATTEMPT, Sighting.DATA)), given, of_member=False) is YES
    assert counts(FlowSelector(sightings=(Sighting.DATA,)), given, of_member=False) is NO
    both = FlowSelector(names=(RowName.BLOCKED,), sightings=(Sighting.DATA,))
    assert counts(both, given, of_member=False) is NO


@pytest.mark.parametrize(
    ("held", "plain", "negated"), [(Strength.SANDBOX, YES, NO), (Strength.NO_ROUTE, NO, YES), (None, UNKNOWN, UNKNOWN)]
)
def test_strength(held: Strength | None, plain: Truth, negated: Truth) -> None:
    made = model(PARTS, [OUT])
    held_so = replace(made, channels=(replace(made.channels[0], permission=Permission(YES, held, (), "")),))
    for values, expected in ((Values(("sandbox",)), plain), (Values(("sandbox",), negated=True), negated)):
        found = [m.truth for _, m in matching_rows(FlowSelector(strength=values), Scene(held_so))]
        assert found == ([] if expected is NO else [expected])
    nowhere = Scene(replace(made, channels=()))
    assert [m.truth for _, m in matching_rows(FlowSelector(strength=Values(("sandbox",))), nowhere)] == [UNKNOWN]


@pytest.mark.parametrize(
    ("facts", "bases"),
    [
        ({"declared": YES}, (Basis.DECLARED,)),
        ({"configured": YES}, (Basis.CONFIGURED,)),
        ({"permitted": YES}, (Basis.PERMITTED,)),
        ({"sighting": Sighting.DATA}, (Basis.OBSERVED,)),
        ({"sighting": Sighting.ATTEMPT}, (Basis.OBSERVED,)),
        ({"sighting": Sighting.NONE_UNCOVERED}, ()),
        ({"declared": UNKNOWN, "configured": UNKNOWN, "permitted": UNKNOWN}, ()),
    ],
)
def test_bases_that_speak_for_a_row(facts: dict[str, object], bases: tuple[Basis, ...]) -> None:
    silent = replace(OUT, declared=NO, configured=NO, permitted=NO, sighting=Sighting.NONE_COVERED)
    assert bases_of(replace(silent, **facts)) == bases  # type: ignore[arg-type]


def test_evidence_is_the_rows_else_its_channels_else_the_line_of_the_profile() -> None:
    of_profile, of_channel = at(99, "profile.yaml"), at(50, "capture")
    made = model(PARTS, [OUT])
    told = replace(made, channels=(replace(made.channels[0], evidence=(of_channel,)),))
    bare = replace(OUT, evidence=())
    selector = FlowSelector(INSIDE, OUTSIDE)
    for given, expected in (
        (told, OUT.evidence),
        (replace(told, rows=(bare,)), (of_channel,)),
        (replace(made, rows=(bare,)), (of_profile,)),
        (replace(made, rows=(bare,), channels=()), (of_profile,)),
    ):
        (violation,) = forbidden_flows(selector, Scene(given), of_profile).violations
        assert violation.evidence == expected


def required(where: FlowSelector, *rows: FlowRow, **asked: FlowSelector) -> Verdict:
    given = replace(control(Basis.CONFIGURED), requirement=Require(where, **asked))  # type: ignore[arg-type]
    return Judge(Scene(model(PARTS, rows)), AS_OF).outcome(given).verdict


def test_a_flow_that_may_not_be_there_is_not_counted() -> None:
    where = FlowSelector(INSIDE, OUTSIDE)
    assert required(where, OUT) is Verdict.PASS
    assert required(where, replace(OUT, exists=UNKNOWN)) is Verdict.UNKNOWN


def test_what_is_asked_of_a_member_asks_not_again_whether_data_goes() -> None:
    """A blocked flow moves no data, and counts where it is asked for by its name."""
    blocked = replace(OUT, exists=NO, name=RowName.BLOCKED)
    where = FlowSelector(names=(RowName.BLOCKED,))
    assert required(where, blocked, some=FlowSelector(INSIDE, OUTSIDE)) is Verdict.PASS
    assert required(where, blocked, every=FlowSelector(INSIDE, OUTSIDE)) is Verdict.PASS
    assert required(where, blocked, some=FlowSelector(OUTSIDE, INSIDE)) is Verdict.FAIL


def test_stores_match_by_what_they_hold() -> None:
    scene = Scene(model(PARTS))
    logs = Store("logs", "logs", "coder/workspace", (USAGE,), ("DE",), "", "")
    assert store_matches(StoreSelector(), logs, scene) is YES
    assert store_matches(StoreSelector(data=("metadata.usage",)), logs, scene) is YES
    assert store_matches(StoreSelector(data=("content",)), logs, scene) is NO
    assert store_matches(StoreSelector(at=OUTSIDE), logs, scene) is NO


def test_a_scene_takes_workloads_in_known_zones_that_are_no_components() -> None:
    made = model(PARTS)
    (known, *_) = made.workloads
    strange = (replace(known, id="elsewhere", zone=""), replace(known, id="ghost"))
    scene = Scene(replace(made, workloads=(*made.workloads, *strange)))
    assert set(scene.workloads) == {"ghost"}


def test_the_customer_is_the_customer_whatever_it_is_called() -> None:
    made = replace(model(PARTS), operators=(Operator(CUSTOMER, "Acme", "DE"), Operator("vendor", "Vendor Inc.", "US")))
    scene = Scene(made)
    assert scene.operator(CUSTOMER) == "the customer"
    assert scene.operator("vendor") == "Vendor Inc."


def test_planes_are_ruled_out_of_what_lies_outside_every_system_alone() -> None:
    upload = row("coder/workspace", "unknown:store", sends=[DataClass.ARTIFACT])
    dark = component("unknown:store", None, None, NOWHERE)
    execution = of(SelectorKey.PLANE, "execution")
    assert Scene(model((SPACE, dark), [upload])).test(execution)(("unknown:store",)) is NO
    own = replace(dark, system="coder")
    assert Scene(model((SPACE, own), [upload])).test(execution)(("unknown:store",)) is UNKNOWN
    dials = row("unknown:store", "coder/workspace", sends=[USAGE])
    assert Scene(model((SPACE, dark), [upload, dials])).test(execution)(("unknown:store",)) is UNKNOWN
    loop = of(SelectorKey.ROLE, "agent_loop")
    assert Scene(model((SPACE, dark), [upload])).test(loop)(("unknown:store",)) is UNKNOWN
    not_execution = of(SelectorKey.PLANE, "execution", negated=True)
    assert Scene(model((SPACE, dark), [upload])).test(not_execution)(("unknown:store",)) is UNKNOWN


def test_rows_come_in_the_order_of_the_model() -> None:
    rows = [seen(row("coder/workspace", "vendor/api", name, sends=[PROMPT])) for name in "cab"]
    found = matching_rows(FlowSelector(INSIDE, OUTSIDE), Scene(model(PARTS, [*rows, OUT])))
    assert [r.purpose for r, _ in found] == ["a", "b", "c", "chat"]
