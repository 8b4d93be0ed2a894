"""Flows, one hop each: which rows match a selector, and what leaves a match undecided."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace

from auditor.evaluate.doubts import doubts
from auditor.evaluate.matching import Scene, classes_of, countries_match
from auditor.evaluate.outcome import Found, Violation
from auditor.evaluate.row_index import Ends, RowForms
from auditor.evaluate.shared_calls import certain_of_one
from auditor.evaluate.telling import flow_title
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Unknown
from auditor.facts.permission import Strength
from auditor.facts.profile import ComponentSelector, Direction, FlowSelector, SelectorKey, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.facts.vocabulary import Basis, DataClass, Sighting, in_order


@dataclass(frozen=True, slots=True)
class RowMatch:
    """How a row answers a flow selector, seen in the direction in which the data goes."""

    truth: Truth
    with_dialling: bool
    """Whether the data goes from the one who dials."""
    data: tuple[DataClass, ...]
    """Wanted classes that certainly go; empty when the selector names none."""
    exists: Truth
    carried: Truth

    def ends(self, row: FlowRow) -> tuple[str, str]:
        """Return from where and to where the data of ``row`` goes."""
        return (row.source, row.destination) if self.with_dialling else (row.destination, row.source)


NO_MATCH = RowMatch(Truth.NO, with_dialling=True, data=(), exists=Truth.NO, carried=Truth.NO)
"""Of a row that does not match nobody asks more."""

RowTest = Callable[[FlowRow], RowMatch]
EndsTest = Callable[[FlowRow], Truth]

_WAYS: Mapping[Direction, tuple[bool, ...]] = {
    Direction.SENDS: (True,),
    Direction.RECEIVES: (False,),
    Direction.ANY: (True, False),
}
"""Whether data goes with the dialling, when the one who dials is the ``from`` of the selector."""


def forbidden_flows(selector: FlowSelector, scene: Scene, fallback: Evidence) -> Found:
    """Return a violation for each row that certainly matches, unknowns for each that may."""
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    test = _form_test(selector, scene)
    shared = certain_of_one(selector, scene, lambda row: test(row).truth)
    for row, match in matching_rows(selector, scene):
        if match.truth is Truth.YES or row.id in shared:
            violations.append(row_violation(shared.get(row.id, row), match, scene, fallback))
        else:
            unknowns.extend(doubts(row, match.exists, match.carried, scene))
    return Found(tuple(violations), tuple(unknowns))


def matching_rows(selector: FlowSelector, scene: Scene) -> list[tuple[FlowRow, RowMatch]]:
    """Return, in order, each row that matches or may."""
    forms, test = _forms(selector, scene), _form_test(selector, scene)
    answers = [test(row) for row in forms.first]
    found = [
        (at, a) for positions, a in zip(forms.positions, answers, strict=True) if a.truth is not Truth.NO for at in positions
    ]
    return [(forms.rows[at], answer) for at, answer in sorted(found, key=operator.itemgetter(0))]


def row_test(selector: FlowSelector, scene: Scene, *, of_member: bool = False) -> RowTest:
    """Return the test of the rows of ``scene`` against ``selector``.

    ``of_member`` asks what a row is that counts already (below ``all`` and ``any``): whether data goes is then not asked again.
    """
    forms, test = _forms(selector, scene), _form_test(selector, scene, of_member=of_member)
    answers: dict[int, RowMatch] = {}

    def answer(row: FlowRow) -> RowMatch:
        number = forms.numbers[row.id]
        if number not in answers:
            answers[number] = test(row)
        return answers[number]

    return answer


def _forms(selector: FlowSelector, scene: Scene) -> RowForms:
    """Return the rows by all that ``selector`` can ask: components that are alike are told apart only where it asks for an id."""
    terms = (*selector.source.terms, *selector.destination.terms)
    if any(term.key is SelectorKey.ID for term in terms):
        return scene.once("rows by form and id", lambda s: _row_forms(s, lambda ends: ends))
    return rows_by_form(scene)


def rows_by_form(scene: Scene) -> RowForms:
    """Return the rows by all that a selector without an id can ask; made once."""
    return scene.once("rows by form", lambda s: _row_forms(s, s.kinds))


def _row_forms(scene: Scene, of_ends: Callable[[Ends], Ends]) -> RowForms:
    strengths = {channel.id: channel.permission.strength for channel in scene.model.channels}
    found = zip(scene.model.rows, scene.ends, strict=True)
    forms = (_form(row, of_ends(source), of_ends(end), strengths.get(row.channel)) for row, (source, end) in found)
    return RowForms(scene.model.rows, forms)


def _form(row: FlowRow, source: Ends, destination: Ends, strength: Strength | None) -> Hashable:
    """Return all of ``row`` that ``_form_test`` may look at."""
    return (
        source,
        destination,
        row.exists,
        row.configured,
        row.required,
        row.name,
        row.sighting,
        row.sends_at_least,
        row.sends_at_most,
        row.receives,
        bool(row.flow),
        row.processing,
        row.processed,
        strength,
    )


def _placeless(selector: ComponentSelector) -> ComponentSelector:
    """Return the selector without the place of processing, which a flow may decide by itself."""
    if all(term.key is not SelectorKey.PROCESSING for term in selector.terms):
        return selector
    return replace(selector, terms=tuple(t for t in selector.terms if t.key is not SelectorKey.PROCESSING))


def _form_test(selector: FlowSelector, scene: Scene, *, of_member: bool = False) -> RowTest:
    """Return the test of one row of each form."""
    forward = _ends(selector.source, selector.destination, scene)
    backward = _ends(selector.destination, selector.source, scene)
    wanted = classes_of(selector.data)
    ahead_ways = _WAYS[selector.direction]
    back_ways = tuple(not way for way in ahead_ways)

    def test(row: FlowRow) -> RowMatch:
        exists = all_of((counts(selector, row, of_member=of_member), _strength(selector.strength, row, scene)))
        if exists is Truth.NO:
            return NO_MATCH
        ahead = _one_way(row, forward, wanted, exists, ahead_ways)
        if not wanted or ahead.truth is Truth.YES:
            return ahead
        back = _one_way(row, backward, wanted, exists, back_ways)
        return back if any_of((ahead.truth, back.truth)) is not ahead.truth else ahead

    return test


def counts(selector: FlowSelector, row: FlowRow, *, of_member: bool) -> Truth:
    """Return whether the row counts: by its name or sighting where the selector asks for these, else if data goes."""
    parts = [Truth.YES] if of_member else []
    if selector.names:
        parts.append(Truth.of(row.name in selector.names))
    if selector.sightings:
        parts.append(Truth.of(row.sighting in selector.sightings))
    if selector.required is not None:
        needed = row.required if selector.required else negate(row.required)
        parts.append(all_of((needed, any_of((row.exists, row.configured)))))
    return all_of(parts) if parts else row.exists


def carries(row: FlowRow, wanted: frozenset[DataClass], *, out: bool) -> tuple[Truth, tuple[DataClass, ...]]:
    """Return whether the row carries a wanted class with (``out``) or against its dialling, and which for certain."""
    carried = row.sends_at_least if out else row.receives
    sure = () if wanted.isdisjoint(carried) else in_order(wanted.intersection(carried))
    if sure:
        return Truth.YES, sure
    may = not wanted.isdisjoint(row.sends_at_most) if out else not row.flow and not row.receives
    return (Truth.UNKNOWN if may else Truth.NO), ()


def _ends(initiator: ComponentSelector, destination: ComponentSelector, scene: Scene) -> EndsTest:
    """Return the test of both ends; what a flow itself decides of the place of processing counts for its destination."""
    at_source = scene.test(initiator)
    decided = tuple(t.values for t in destination.terms if t.key is SelectorKey.PROCESSING)
    at_destination = scene.test(_placeless(destination))

    def test(row: FlowRow) -> Truth:
        source = at_source(row.source_candidates or (row.source,))
        found = all_of((source, at_destination(row.destination_candidates or (row.destination,))))
        if found is Truth.NO or not decided:
            return found
        return all_of((found, *(countries_match(values, row.processing, row.processed) for values in decided)))

    return test


def _one_way(row: FlowRow, ends: EndsTest, wanted: frozenset[DataClass], exists: Truth, ways: tuple[bool, ...]) -> RowMatch:
    """Match the row with the ends as given; ``ways`` says for each wanted way whether data goes with the dialling."""
    matched = ends(row)
    if matched is Truth.NO:
        return NO_MATCH
    if not wanted:
        return RowMatch(all_of((exists, matched)), with_dialling=True, data=(), exists=exists, carried=Truth.YES)
    found = [carries(row, wanted, out=way) for way in ways]
    carried = any_of([truth for truth, _ in found])
    if carried is Truth.NO:
        return NO_MATCH
    sure = found[0][1] if len(found) == 1 else in_order(c for _, data in found for c in data)
    return RowMatch(all_of((exists, matched, carried)), with_dialling=ways[0], data=sure, exists=exists, carried=carried)


def _strength(wanted: Values | None, row: FlowRow, scene: Scene) -> Truth:
    if wanted is None:
        return Truth.YES
    channel = scene.channels.get(row.channel)
    if channel is None or channel.permission.strength is None:
        return Truth.UNKNOWN
    found = Truth.of(channel.permission.strength.value in wanted.any_of)
    return negate(found) if wanted.negated else found


def row_violation(row: FlowRow, match: RowMatch, scene: Scene, fallback: Evidence) -> Violation:
    """Return the violation that the row is; its evidence falls back to its channel, then to the profile line."""
    made: dict[Hashable, Violation] = scene.once("violations by row", lambda _: {})
    key = (row.id, row.processed, match.with_dialling, match.data)
    known = made.get(key)
    if known is not None:  # many controls forbid the same row
        return known
    channel = scene.channels.get(row.channel)
    evidence = row.evidence or (channel.evidence if channel else ())
    if not evidence:
        return _row_violation(row, match, scene, (fallback,))
    made[key] = _row_violation(row, match, scene, evidence)
    return made[key]


def _row_violation(row: FlowRow, match: RowMatch, scene: Scene, evidence: tuple[Evidence, ...]) -> Violation:
    source, destination = match.ends(row)
    return Violation(
        source=source,
        destination=destination,
        title=flow_title(row, source, destination, match.data, scene),
        rows=(row.id,),
        subject="",
        data=match.data,
        bases=bases_of(row),
        cures=row.cures,
        evidence=evidence,
    )


def bases_of(row: FlowRow) -> tuple[Basis, ...]:
    """Return the bases that speak for the row."""
    return _bases(row.declared, row.configured, row.permitted, row.sighting)


@functools.cache
def _bases(declared: Truth, configured: Truth, permitted: Truth, sighting: Sighting) -> tuple[Basis, ...]:
    speaks = (
        (Basis.DECLARED, declared is Truth.YES),
        (Basis.CONFIGURED, configured is Truth.YES),
        (Basis.PERMITTED, permitted is Truth.YES),
        (Basis.OBSERVED, sighting in (Sighting.DATA, Sighting.ATTEMPT)),
    )
    return tuple(basis for basis, spoken in speaks if spoken)
