"""Selectors are three-valued: what is not known of a component never matches for certain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.matching import Scene, agree, countries_match, matches
from auditor.facts.places import Countries, Place
from auditor.facts.profile import ComponentSelector, SelectorKey, Term, Values
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role
from tests.evaluate.builder import INSIDE, NOWHERE, VENDOR, component, model, row

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def select(key: SelectorKey, *values: str, negated: bool = False) -> ComponentSelector:
    return ComponentSelector((Term(key, Values(values, negated)),))


GATEWAY = component("coder/ai-gateway", Plane.INFERENCE, Role.MODEL_GATEWAY)
BLANK = replace(component("addr:192.0.2.1", None, None, NOWHERE), system="", product="")


@pytest.mark.parametrize(
    ("key", "value", "other"),
    [
        (SelectorKey.ID, "coder/ai-gateway", "coder/workspace"),
        (SelectorKey.PRODUCT, "coder", "litellm"),
        (SelectorKey.ROLE, "model_gateway", "proxy"),
        (SelectorKey.PLANE, "inference", "execution"),
        (SelectorKey.PERIMETER, "inside", "outside"),
        (SelectorKey.OPERATOR, "customer", "vendor"),
        (SelectorKey.HOSTED_BY, "customer", "vendor"),
        (SelectorKey.OPERATOR_COUNTRY, "DE", "US"),
        (SelectorKey.PROCESSING, "DE", "US"),
        (SelectorKey.STORAGE, "DE", "US"),
    ],
)
def test_every_key_is_three_valued(key: SelectorKey, value: str, other: str) -> None:
    assert matches(select(key, value), GATEWAY) is YES
    assert matches(select(key, other, value), GATEWAY) is YES
    assert matches(select(key, other), GATEWAY) is NO
    if key is not SelectorKey.PERIMETER:
        assert matches(select(key, value, negated=True), GATEWAY) is NO
        assert matches(select(key, other, negated=True), GATEWAY) is YES
    if key is not SelectorKey.ID:
        assert matches(select(key, value), BLANK) is UNKNOWN
        assert matches(select(key, value, negated=True), BLANK) is UNKNOWN


def test_terms_are_a_conjunction() -> None:
    both = ComponentSelector((*select(SelectorKey.PLANE, "inference").terms, *select(SelectorKey.OPERATOR, "vendor").terms))
    assert matches(both, GATEWAY) is NO
    assert matches(both, replace(GATEWAY, place=VENDOR)) is YES
    assert matches(both, replace(GATEWAY, place=replace(VENDOR, operator=""))) is UNKNOWN
    assert matches(both, replace(GATEWAY, plane=None, place=INSIDE)) is NO  # one no decides


@pytest.mark.parametrize(
    ("countries", "within", "beyond"),
    [
        (("DE",), YES, NO),
        (("DE", "FR"), YES, NO),
        (("DE", "US"), UNKNOWN, YES),  # partly outside: never proven within, certainly also beyond
        (("US",), NO, YES),
        (None, UNKNOWN, UNKNOWN),
    ],
)
def test_country_sets(countries: Countries, within: Truth, beyond: Truth) -> None:
    allowed = ("DE", "FR")
    assert countries_match(Values(allowed), countries) is within
    assert countries_match(Values(allowed, negated=True), countries) is beyond


@pytest.mark.parametrize(
    ("countries", "shown", "some_within", "some_beyond", "all_within", "all_beyond"),
    [
        (None, ("US",), UNKNOWN, YES, NO, UNKNOWN),  # seen abroad: whatever else is not known, it is not all at home
        (None, ("DE",), YES, UNKNOWN, UNKNOWN, NO),  # seen at home proves nothing of the rest
        (None, ("DE", "US"), YES, YES, NO, NO),
        (("DE", "US"), ("US",), UNKNOWN, YES, NO, UNKNOWN),
        (("DE", "US"), ("DE",), YES, YES, UNKNOWN, NO),
        (("DE",), ("DE",), YES, NO, YES, NO),
        (("US",), ("US",), NO, YES, NO, YES),
        (("US",), (), NO, YES, NO, YES),
        (None, (), UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_countries_that_logs_show(
    countries: Countries,
    shown: tuple[str, ...],
    some_within: Truth,
    some_beyond: Truth,
    all_within: Truth,
    all_beyond: Truth,
) -> None:
    """An observation proves presence, never absence; ``all_…`` is how a requirement asks (``wholly``)."""
    within, beyond = Values(("DE", "FR")), Values(("DE", "FR"), negated=True)
    assert countries_match(within, countries, shown) is some_within
    assert countries_match(beyond, countries, shown) is some_beyond
    assert countries_match(replace(within, whole=True), countries, shown) is all_within
    assert countries_match(replace(beyond, whole=True), countries, shown) is all_beyond


def test_a_component_is_where_logs_show_it_processing() -> None:
    abroad = replace(GATEWAY, place=replace(INSIDE, processing=None, processed=("US",)))
    not_german = ComponentSelector((Term(SelectorKey.PROCESSING, Values(("DE",), negated=True)),))
    assert matches(not_german, abroad) is YES
    assert matches(not_german, replace(abroad, place=replace(abroad.place, processed=()))) is UNKNOWN


def test_an_end_with_several_candidates_matches_only_if_all_do() -> None:
    other = component("vendor/gateway", Plane.INFERENCE, Role.MODEL_GATEWAY, VENDOR)
    scene = Scene(model([GATEWAY, other]))
    inside = scene.test(select(SelectorKey.PERIMETER, "inside"))
    plane = scene.test(select(SelectorKey.PLANE, "inference"))
    assert inside(("coder/ai-gateway",)) is YES
    assert inside(("vendor/gateway",)) is NO
    assert inside(("coder/ai-gateway", "vendor/gateway")) is UNKNOWN
    assert plane(("coder/ai-gateway", "vendor/gateway")) is YES
    assert inside(("addr:198.51.100.7",)) is UNKNOWN


def test_the_ends_of_a_row_are_its_candidates_else_who_is_named() -> None:
    given = replace(row("x", "z"), source_candidates=(), destination_candidates=("a/b", "c/d"))
    either = replace(given, id="y", source_candidates=("a/b", "c/d"), destination_candidates=())
    both = ("a/b", "c/d")
    assert Scene(model([], [given, either])).ends == (((given.source,), both), (both, (given.destination,)))


def test_agreement_of_nobody_is_unknown() -> None:
    assert agree([]) is UNKNOWN


def test_a_workload_without_component_is_where_its_zone_is() -> None:
    built = model([component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE)])
    bare = replace(built, components=())
    scene = Scene(bare)
    assert scene.test(select(SelectorKey.PERIMETER, "inside"))(("coder/workspace",)) is YES
    assert scene.test(select(SelectorKey.PLANE, "execution"))(("coder/workspace",)) is UNKNOWN


def test_nothing_is_known_of_a_place_without_facts() -> None:
    assert matches(select(SelectorKey.HOSTED_BY, "customer"), replace(GATEWAY, place=Place(True))) is UNKNOWN


def test_what_rules_a_plane_out_answers_only_for_that_plane() -> None:
    """A destination that only ever gets usage counts runs no commands, whatever else it may be."""
    sink = replace(component("vendor/sink", None, None, VENDOR), system="")
    scene = Scene(model([GATEWAY, sink], [row("coder/ai-gateway", "vendor/sink", sends=[DataClass.USAGE])]))
    end = ("vendor/sink",)
    assert scene.test(select(SelectorKey.PLANE, "execution"))(end) is NO
    assert scene.test(select(SelectorKey.PLANE, "supporting"))(end) is UNKNOWN
    assert scene.test(select(SelectorKey.PLANE, "execution", "supporting"))(end) is UNKNOWN
    assert scene.test(select(SelectorKey.PLANE, "execution", negated=True))(end) is UNKNOWN
    assert scene.test(select(SelectorKey.PERIMETER, "outside"))(end) is YES
    both = ComponentSelector((*select(SelectorKey.PLANE, "execution").terms, *select(SelectorKey.OPERATOR, "vendor").terms))
    assert scene.test(both)(end) is NO
