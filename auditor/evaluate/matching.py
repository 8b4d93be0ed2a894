"""Selectors against the model, three-valued: what is not known of a component never matches for certain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar, cast

from auditor.evaluate.plausibility import impossible_planes
from auditor.evaluate.row_index import Ends, EndTest
from auditor.evaluate.words import operator_words
from auditor.facts.inventory import Component, Store, Workload
from auditor.facts.model import Model
from auditor.facts.places import CUSTOMER, Countries, Place, Zone
from auditor.facts.profile import ComponentSelector, SelectorKey, StoreSelector, Term, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.facts.vocabulary import DataClass, expand_data_classes

Made = TypeVar("Made")


class Scene:
    """A model indexed for matching; it also knows the ends that are workloads and no established component."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.components: dict[str, Component] = {c.id: c for c in model.components}
        zones = {z.id: z for z in model.zones}
        self.workloads: dict[str, Component] = {
            w.id: _stand_in(w, zones[w.zone]) for w in model.workloads if w.zone in zones and w.id not in self.components
        }
        self.channels = {c.id: c for c in model.channels}
        self.ends = self._both_ends()
        """Of each row of the model, in its order, the candidate ids of the initiator and of the destination."""
        self.titles = Counter(c.title for c in (*model.components, *self.workloads.values()))
        self._operators = {o.id: o.title for o in model.operators}
        self._tests: dict[ComponentSelector, EndTest] = {}
        self._impossible = self._planes_ruled_out()
        self._alike = _alike((*self.workloads.values(), *model.components), self._impossible)
        self._kinds: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._once: dict[str, object] = {}

    def once(self, name: str, make: Callable[[Scene], Made]) -> Made:
        """Return what ``make`` makes of the scene, made once for all controls; ``name`` names it and its type."""
        if name not in self._once:
            self._once[name] = make(self)
        return cast("Made", self._once[name])

    def known(self, end: str) -> Component | None:
        """Return what is known under the id of a row's end."""
        return self.components.get(end) or self.workloads.get(end)

    def operator(self, identifier: str) -> str:
        """Return an operator as a sentence says it: its title where it is known."""
        return operator_words(self._operators.get(identifier, identifier) if identifier != CUSTOMER else identifier)

    def test(self, selector: ComponentSelector) -> EndTest:
        """Return the (cached) test of one end: yes when all candidates match, no when none can."""
        if selector not in self._tests:
            self._tests[selector] = self._new_test(selector)
        return self._tests[selector]

    def kinds(self, candidates: tuple[str, ...]) -> tuple[str, ...]:
        """Return the candidates with each replaced by the first that is like it; of all that nothing is known of, by nothing."""
        if candidates not in self._kinds:
            self._kinds[candidates] = tuple(self._alike.get(candidate, "") for candidate in candidates)
        return self._kinds[candidates]

    def _new_test(self, selector: ComponentSelector) -> EndTest:
        cache: dict[tuple[str, ...], Truth] = {}
        one = self._one(selector)

        def test(candidates: tuple[str, ...]) -> Truth:
            if candidates not in cache:
                cache[candidates] = one(candidates[0]) if len(candidates) == 1 else agree([one(c) for c in candidates])
            return cache[candidates]

        return test

    def _one(self, selector: ComponentSelector) -> Callable[[str], Truth]:
        """Return the test of one candidate; whoever is alike in all that ``selector`` asks is asked once."""
        by_kind: dict[str, Truth] = {}
        unknown = Truth.UNKNOWN if selector.terms else Truth.YES
        alike = {} if any(term.key is SelectorKey.ID for term in selector.terms) else self._alike

        def test(end: str) -> Truth:
            found = self.known(end)
            if found is None:
                return unknown
            if end in self._impossible and _asks_only_for(selector, self._impossible[end]):
                return Truth.NO
            kind = alike.get(end, end)
            if kind not in by_kind:
                by_kind[kind] = matches(selector, found)
            return by_kind[kind]

        return test

    def _planes_ruled_out(self) -> dict[str, frozenset[str]]:
        """Return the planes ruled out for each outside destination whose plane is not known."""
        open_ones = {c.id for c in self.model.components if c.plane is None and not c.system}
        incoming: dict[str, list[FlowRow]] = {c: [] for c in open_ones}
        outgoing: dict[str, list[FlowRow]] = {c: [] for c in open_ones}
        for row in self.model.rows if open_ones else ():
            for end in open_ones.intersection(self.destination(row)):
                incoming[end].append(row)
            for end in open_ones.intersection(self.source(row)):
                outgoing[end].append(row)
        return {c: impossible_planes(incoming[c], outgoing[c]) for c in open_ones}

    def source(self, row: FlowRow) -> Ends:
        """Return the candidate ids of the initiator."""
        return row.source_candidates or (row.source,)

    def destination(self, row: FlowRow) -> Ends:
        """Return the candidate ids of the destination."""
        return row.destination_candidates or (row.destination,)

    def _both_ends(self) -> tuple[tuple[Ends, Ends], ...]:
        """Return both ends of each row; equal ends are one object, because all that is known of ends is looked up by them."""
        made: dict[Ends, Ends] = {}
        found = ((self.source(row), self.destination(row)) for row in self.model.rows)
        return tuple((made.setdefault(source, source), made.setdefault(end, end)) for source, end in found)


def _alike(components: Iterable[Component], ruled_out: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return for each component the id of the first one of which a selector without ``id`` can tell nothing else."""
    first: dict[object, str] = {}
    facts = ((c.id, (c.product, c.role, c.plane, c.place, ruled_out.get(c.id))) for c in components)
    return {identifier: first.setdefault(known, identifier) for identifier, known in facts}


def _asks_only_for(selector: ComponentSelector, ruled_out: frozenset[str]) -> bool:
    """Return whether ``selector`` asks for planes all of which are ruled out."""
    return bool(ruled_out) and any(
        t.key is SelectorKey.PLANE and not t.values.negated and ruled_out.issuperset(t.values.any_of) for t in selector.terms
    )


def agree(values: list[Truth]) -> Truth:
    """Return yes or no where all candidates say so, else unknown (also for no candidate at all)."""
    return values[0] if values and len(set(values)) == 1 else Truth.UNKNOWN


def matches(selector: ComponentSelector, component: Component) -> Truth:
    """Return the conjunction over the terms of ``selector``."""
    return all_of(term_matches(term, component) for term in selector.terms)


def term_matches(term: Term, component: Component) -> Truth:
    """Return whether one attribute of ``component`` is among (or, negated, not among) the values."""
    if term.key in (SelectorKey.PROCESSING, SelectorKey.STORAGE):
        place = component.place
        if term.key is SelectorKey.PROCESSING:
            return countries_match(term.values, place.processing, place.processed)
        return countries_match(term.values, place.storage)
    value = _ATTRIBUTE[term.key](component)
    if not value:
        return Truth.UNKNOWN
    found = Truth.of(value in term.values.any_of)
    return negate(found) if term.values.negated else found


def countries_match(values: Values, countries: Countries, shown: tuple[str, ...] = ()) -> Truth:
    """Return whether an explicit set of countries lies within the values, or (negated) outside them.

    What is ``shown`` (by logs) is certain also where the set is unknown: one country as asked is a match, except where the
    ``whole`` set must be so, which one country elsewhere denies. That nothing else is shown proves nothing.
    A set that lies only partly within is undecided. Negated it is outside as soon as one country is, so that
    ``forbid … {not: allowed}`` catches it; but undecided where the ``whole`` set must lie outside. Of no country
    at all nothing is known.
    """
    hits = [country for country in shown if (country in values.any_of) is not values.negated]
    if len(hits) < len(shown) if values.whole else hits:
        return Truth.of(not values.whole)
    if not countries:
        return Truth.UNKNOWN
    inside = set(countries) & set(values.any_of)
    if not inside or len(inside) == len(set(countries)):
        return Truth.of(bool(inside) is not values.negated)
    return Truth.YES if values.negated and not values.whole else Truth.UNKNOWN


def store_matches(selector: StoreSelector, store: Store, scene: Scene) -> Truth:
    """Return whether ``store`` matches, leaving aside whether it exists."""
    parts = [scene.test(selector.at)((store.component,))]
    if selector.data:
        parts.append(any_of(Truth.of(c in store.classes) for c in expand_data_classes(selector.data)))
    if selector.country is not None:
        parts.append(countries_match(selector.country, store.country))
    return all_of(parts)


def classes_of(names: tuple[str, ...]) -> frozenset[DataClass]:
    """Return the classes that ``names`` cover."""
    return frozenset(expand_data_classes(names))


def _perimeter(component: Component) -> str:
    inside = component.place.inside
    return "" if inside is None else "inside" if inside else "outside"


_ATTRIBUTE: Mapping[SelectorKey, Callable[[Component], str]] = {
    SelectorKey.ID: lambda c: c.id,
    SelectorKey.PRODUCT: lambda c: c.product,
    SelectorKey.ROLE: lambda c: c.role.value if c.role else "",
    SelectorKey.PLANE: lambda c: c.plane.value if c.plane else "",
    SelectorKey.PERIMETER: _perimeter,
    SelectorKey.OPERATOR: lambda c: c.place.operator,
    SelectorKey.HOSTED_BY: lambda c: c.place.hosted_by,
    SelectorKey.OPERATOR_COUNTRY: lambda c: c.place.operator_country,
}


def _stand_in(workload: Workload, zone: Zone) -> Component:
    """Return what the zone tells of a workload whose component is not established."""
    place = Place(zone.inside, zone.operator, zone.hosted_by, zone.processing, zone.storage, "", zone.id)
    return Component(workload.id, workload.title, None, None, "", "", workload.id, place)
