"""A verdict holds in every world that the facts allow: no unknown, once known, turns a pass into a fail or a fail into a pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from hypothesis import event, given, settings
from hypothesis import strategies as st

from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.facts.inventory import Component, Store
from auditor.facts.model import Model
from auditor.facts.places import Countries, Place
from auditor.facts.profile import (
    ComponentSelector,
    Condition,
    Direction,
    Exists,
    FlowSelector,
    Forbid,
    Junction,
    PathSelector,
    Require,
    Requirement,
    Selector,
    SelectorKey,
    StoreSelector,
    Term,
    Values,
)
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role, Verdict
from auditor.graph.deployment import DeploymentGraph
from tests.evaluate.builder import AS_OF, component, model, row
from tests.evaluate.test_wholly import control

Drawn = TypeVar("Drawn")
COUNTRIES = ("DE", "FR", "US")
CLASSES = (DataClass.PROMPT, DataClass.SOURCE_CODE, DataClass.USAGE)
PLANES = (Plane.INFERENCE, Plane.EXECUTION)
ROLES = (Role.MODEL_SERVER, Role.WORKSPACE)
OPERATORS = ("customer", "vendor")
WORDS: dict[SelectorKey, tuple[str, ...]] = {
    SelectorKey.ID: ("s0/part", "s1/part", "o2/part"),
    SelectorKey.ROLE: tuple(ROLES),
    SelectorKey.PLANE: tuple(PLANES),
    SelectorKey.PERIMETER: ("inside", "outside"),
    SelectorKey.OPERATOR: OPERATORS,
    SelectorKey.HOSTED_BY: OPERATORS,
    SelectorKey.OPERATOR_COUNTRY: COUNTRIES,
    SelectorKey.PROCESSING: COUNTRIES,
    SelectorKey.STORAGE: COUNTRIES,
}
TRUTHS = st.sampled_from([*[Truth.YES] * 4, Truth.NO, Truth.UNKNOWN])
KEYS = st.sampled_from([*WORDS, *[SelectorKey.PROCESSING, SelectorKey.STORAGE, SelectorKey.OPERATOR_COUNTRY] * 3])
"""Sets of countries are where a world has most ways to turn out."""
ONE_COUNTRY = st.none() | st.sampled_from(COUNTRIES).map(lambda country: (country,))
SETS = st.one_of(st.none(), *[st.sets(st.sampled_from(COUNTRIES), min_size=1).map(lambda s: tuple(sorted(s)))] * 4)
CLASS_SETS = st.sets(st.sampled_from(CLASSES)).map(lambda s: tuple(c for c in CLASSES if c in s))


@st.composite
def values(draw: st.DrawFn, words: Sequence[str], *, negatable: bool = True) -> Values:
    """Return values of a key, negated as often as not."""
    any_of = tuple(sorted(draw(st.sets(st.sampled_from(words), min_size=1, max_size=2))))
    return Values(any_of, negated=negatable and draw(st.booleans()))


@st.composite
def component_selectors(draw: st.DrawFn, least: int = 0) -> ComponentSelector:
    """Return up to two terms over any key."""
    keys = draw(st.sets(KEYS, min_size=least, max_size=2))
    ordered = [key for key in SelectorKey if key in keys]
    return ComponentSelector(tuple(Term(k, draw(values(WORDS[k], negatable=k is not SelectorKey.PERIMETER))) for k in ordered))


@st.composite
def flow_selectors(draw: st.DrawFn) -> FlowSelector:
    """Return a flow selector over ends, data and whether it is required."""
    data = draw(st.sampled_from([(), ("content",), ("content.prompt",), ("metadata",)]))
    return FlowSelector(
        source=draw(component_selectors()),
        destination=draw(component_selectors()),
        data=data,
        direction=draw(st.sampled_from(list(Direction))) if data else Direction.SENDS,
        required=draw(st.sampled_from([None, None, True, False])),
    )


@st.composite
def store_selectors(draw: st.DrawFn) -> StoreSelector:
    """Return a store selector."""
    return StoreSelector(
        at=draw(component_selectors()),
        data=draw(st.sampled_from([(), ("content",), ("metadata",)])),
        country=draw(st.none() | values(COUNTRIES)),
    )


@st.composite
def requirements(draw: st.DrawFn) -> Requirement:
    """Return any requirement of the language but that on evidence."""
    noun = draw(st.sampled_from(["component", "flow", "store", "path"]))
    if noun == "path":
        return Forbid(
            PathSelector(draw(component_selectors(1)), draw(component_selectors(1)), draw(st.none() | component_selectors(1)))
        )
    kinds: dict[str, st.SearchStrategy[Selector]] = {
        "component": component_selectors(1),
        "flow": flow_selectors(),
        "store": store_selectors(),
    }
    selector = kinds[noun]
    if draw(st.booleans()):
        return Forbid(draw(selector))
    every, some = draw(st.none() | selector), draw(st.none() | selector)
    return Require(draw(selector), every=every, some=some, at_least=draw(st.integers(1, 2)))


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Return a condition, denied as often as not."""
    exists = Exists(draw(component_selectors(1) | flow_selectors()))
    return Junction("not", (exists,)) if draw(st.booleans()) else exists


@st.composite
def deployments(draw: st.DrawFn, countries: st.SearchStrategy[Countries] = SETS) -> Model:
    """Return a small deployment of which much is not known."""
    parts = []
    for number in range(draw(st.integers(1, 3))):
        inside = draw(st.sampled_from([True, True, False, False, None]))
        place = Place(
            inside,
            draw(st.sampled_from(["", *OPERATORS * 3])),
            draw(st.sampled_from(["", *OPERATORS * 3])),
            draw(countries),
            draw(countries),
            draw(st.sampled_from(["", *COUNTRIES])),
        )
        made = component(
            f"{'s' if inside else 'o'}{number}/part",
            draw(st.sampled_from([None, *PLANES * 3])),
            draw(st.sampled_from([None, *ROLES * 3])),
            place,
            draw(TRUTHS),
        )
        # Outside every system a component takes part by its flows alone, wherever it is: nothing to refine there.
        parts.append(replace(made, system="s") if inside is None else made)
    ids = tuple(c.id for c in parts)
    rows = [draw(flow_rows(ids, number, countries)) for number in range(draw(st.integers(0, 3)))]
    stores = [
        Store(f"store{n}", "", draw(st.sampled_from(ids)), draw(CLASS_SETS), draw(countries), "", "", draw(TRUTHS))
        for n in range(draw(st.integers(0, 2)))
    ]
    return model(parts, rows, stores=stores)


@st.composite
def flow_rows(draw: st.DrawFn, ids: tuple[str, ...], number: int, countries: st.SearchStrategy[Countries]) -> FlowRow:
    """Return a row between any two ends, either of which may be one of several components."""
    source, destination = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
    made = row(source, destination, f"work {number}", exists=draw(TRUTHS))
    least = draw(CLASS_SETS)
    most = tuple(c for c in CLASSES if c in least or c in draw(CLASS_SETS))
    return replace(
        made,
        flow=made.flow if draw(st.booleans()) else "",
        source_candidates=_candidates(draw, source, ids),
        destination_candidates=_candidates(draw, destination, ids),
        sends_at_least=least,
        sends_at_most=most,
        receives=draw(CLASS_SETS),
        required=draw(TRUTHS),
        configured=draw(TRUTHS),
        processing=draw(countries),
    )


def _candidates(draw: st.DrawFn, end: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({end, *(draw(st.sets(st.sampled_from(ids), max_size=1)))}))


class Refiner:
    """Draws one world that the facts of a model allow."""

    def __init__(self, draw: st.DrawFn, known: Model) -> None:
        self._draw = draw
        self._ruled_out = Scene(known)._planes_ruled_out()

    def one(self, known: Drawn, unknown: Drawn, options: Sequence[Drawn]) -> Drawn:
        """Return ``known``, or one of the options where it is the unknown one."""
        return self._draw(st.sampled_from(list(options))) if known == unknown else known

    def truth(self, known: Truth) -> Truth:
        """Return yes or no."""
        return self.one(known, Truth.UNKNOWN, (Truth.YES, Truth.NO))

    def countries(self, known: Countries) -> Countries:
        """Return the one country where it happens."""
        return (self._draw(st.sampled_from(known or COUNTRIES)),)

    def component(self, c: Component) -> Component:
        """Return a component of which everything is known."""
        planes = [p for p in PLANES if p not in self._ruled_out.get(c.id, ())] or [Plane.SUPPORTING]
        place = Place(
            self.one(c.place.inside, None, (True, False)),
            self.one(c.place.operator, "", OPERATORS),
            self.one(c.place.hosted_by, "", OPERATORS),
            self.countries(c.place.processing),
            self.countries(c.place.storage),
            self.one(c.place.operator_country, "", COUNTRIES),
        )
        plane, role = self.one(c.plane, None, planes), self.one(c.role, None, ROLES)
        return replace(c, plane=plane, role=role, present=self.truth(c.present), place=place)

    def row(self, r: FlowRow) -> FlowRow:
        """Return a row of which everything is known."""
        sent = tuple(c for c in r.sends_at_most if c in r.sends_at_least or self._draw(st.booleans()))
        source, destination = (self._draw(st.sampled_from(c)) for c in (r.source_candidates, r.destination_candidates))
        return replace(
            r,
            source=source,
            source_candidates=(source,),
            destination=destination,
            destination_candidates=(destination,),
            exists=self.truth(r.exists),
            configured=self.truth(r.configured),
            required=self.truth(r.required),
            sends_at_least=sent,
            sends_at_most=sent,
            receives=r.receives or (() if r.flow else self._draw(CLASS_SETS)),
            processing=self.countries(r.processing),
        )

    def store(self, s: Store) -> Store:
        """Return a store of which everything is known."""
        return replace(s, country=self.countries(s.country), exists=self.truth(s.exists))


@st.composite
def worlds(draw: st.DrawFn, known: Model) -> Model:
    """Return a model of one world that ``known`` allows."""
    refine = Refiner(draw, known)
    rows = tuple(refine.row(r) for r in known.rows)
    return replace(
        known,
        components=tuple(refine.component(c) for c in known.components),
        rows=rows,
        stores=tuple(refine.store(s) for s in known.stores),
        graph=DeploymentGraph(rows),
    )


@settings(max_examples=300, deadline=None)
@given(data=st.data(), known=deployments(), requirement=requirements(), when=st.none() | conditions())
def test_what_passes_fails_in_no_world(
    data: st.DataObject, known: Model, requirement: Requirement, when: Condition | None
) -> None:
    asked = control(requirement, when)
    verdict = Judge(Scene(known), AS_OF).outcome(asked).verdict
    event(verdict.value)
    if verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE):
        return
    for _ in range(4):
        world = data.draw(worlds(known))
        assert Judge(Scene(world), AS_OF).outcome(asked).verdict is not Verdict.FAIL


@settings(max_examples=300, deadline=None)
@given(data=st.data(), known=deployments(ONE_COUNTRY), requirement=requirements(), when=st.none() | conditions())
def test_what_fails_passes_in_no_world(
    data: st.DataObject, known: Model, requirement: Requirement, when: Condition | None
) -> None:
    """A set of countries of which some are not allowed fails on purpose, so places have one country here."""
    asked = control(requirement, when)
    verdict = Judge(Scene(known), AS_OF).outcome(asked).verdict
    event(verdict.value)
    if verdict is not Verdict.FAIL:
        return
    for _ in range(4):
        world = data.draw(worlds(known))
        assert Judge(Scene(world), AS_OF).outcome(asked).verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
