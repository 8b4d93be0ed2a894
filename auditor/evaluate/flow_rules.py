"""Flows, one hop each: which rows match a selector, and what leaves a match undecided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from auditor.evaluate.doubts import doubts
from auditor.evaluate.matching import Scene, classes_of, countries_match
from auditor.evaluate.outcome import Found, Violation
from auditor.evaluate.telling import flow_title
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Unknown
from auditor.facts.profile import ComponentSelector, Direction, FlowSelector, SelectorKey, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.facts.vocabulary import Basis, DataClass, Sighting


@dataclass(frozen=True, slots=True)
class RowMatch:
    """How a row answers a flow selector, seen in the direction in which the data goes."""

    truth: Truth
    source: str
    destination: str
    data: tuple[DataClass, ...]
    """Wanted classes that certainly go; empty when the selector names none."""
    exists: Truth
    carried: Truth


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
    test = row_test(selector, scene)
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    for row in scene.model.rows:
        match = test(row)
        if match.truth is Truth.YES:
            violations.append(row_violation(row, match, scene, fallback))
        elif match.truth is Truth.UNKNOWN:
            unknowns.extend(doubts(row, match.exists, match.carried, scene))
    return Found(tuple(violations), tuple(unknowns))


def row_test(selector: FlowSelector, scene: Scene, *, of_member: bool = False) -> RowTest:
    """Return the test of rows against ``selector``; end tests are cached over all rows.

    ``of_member`` asks what a row is that counts already (below ``all`` and ``any``): whether data goes is then not asked again.
    """
    forward = _ends(selector.source, selector.destination, scene)
    backward = _ends(selector.destination, selector.source, scene)
    wanted = classes_of(selector.data)
    ahead_ways = _WAYS[selector.direction]
    back_ways = tuple(not way for way in ahead_ways)

    def test(row: FlowRow) -> RowMatch:
        exists = all_of((counts(selector, row, of_member=of_member), _strength(selector.strength, row, scene)))
        if exists is Truth.NO:
            return RowMatch(Truth.NO, row.source, row.destination, (), exists, Truth.NO)
        ahead = _one_way(row, forward, wanted, exists, ahead_ways)
        if not wanted or ahead.truth is Truth.YES:
            return ahead
        back = _one_way(row, backward, wanted, exists, back_ways)
        return back if any_of((ahead.truth, back.truth)) is not ahead.truth else ahead

    return test


def counts(selector: FlowSelector, row: FlowRow, *, of_member: bool = False) -> Truth:
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
    if out:
        sure = tuple(c for c in DataClass if c in wanted and c in row.sends_at_least)
        may = any(c in wanted for c in row.sends_at_most)
    else:
        sure = tuple(c for c in DataClass if c in wanted and c in row.receives)
        may = not row.flow and not row.receives
    return (Truth.YES if sure else Truth.UNKNOWN if may else Truth.NO), sure


def _ends(initiator: ComponentSelector, destination: ComponentSelector, scene: Scene) -> EndsTest:
    """Return the test of both ends; what a flow itself decides of the place of processing counts for its destination."""
    at_source = scene.test(initiator)
    decided = tuple(t.values for t in destination.terms if t.key is SelectorKey.PROCESSING)
    at_destination = scene.test(
        replace(destination, terms=tuple(t for t in destination.terms if t.key is not SelectorKey.PROCESSING))
    )

    def test(row: FlowRow) -> Truth:
        ends = (at_source(scene.source(row)), at_destination(scene.destination(row)))
        return all_of((*ends, *(countries_match(values, row.processing) for values in decided)))

    return test


def _one_way(row: FlowRow, ends: EndsTest, wanted: frozenset[DataClass], exists: Truth, ways: tuple[bool, ...]) -> RowMatch:
    """Match the row with the ends as given; ``ways`` says for each wanted way whether data goes with the dialling."""
    source, destination = (row.source, row.destination) if ways[0] else (row.destination, row.source)
    matched = ends(row)
    if not wanted or matched is Truth.NO:
        return RowMatch(all_of((exists, matched)), row.source, row.destination, (), exists, Truth.YES)
    found = [carries(row, wanted, out=way) for way in ways]
    carried = any_of(truth for truth, _ in found)
    sure = tuple(c for c in DataClass if any(c in data for _, data in found))
    return RowMatch(all_of((exists, matched, carried)), source, destination, sure, exists, carried)


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
    channel = scene.channels.get(row.channel)
    evidence = row.evidence or (channel.evidence if channel else ()) or (fallback,)
    return Violation(
        source=match.source,
        destination=match.destination,
        title=flow_title(row, match.source, match.destination, match.data, scene),
        rows=(row.id,),
        subject="",
        data=match.data,
        bases=bases_of(row),
        cures=row.cures,
        evidence=evidence,
    )


def bases_of(row: FlowRow) -> tuple[Basis, ...]:
    """Return the bases that speak for the row."""
    speaks = {
        Basis.DECLARED: row.declared is Truth.YES,
        Basis.CONFIGURED: row.configured is Truth.YES,
        Basis.PERMITTED: row.permitted is Truth.YES,
        Basis.OBSERVED: row.sighting in (Sighting.DATA, Sighting.ATTEMPT),
    }
    return tuple(basis for basis in Basis if speaks[basis])
