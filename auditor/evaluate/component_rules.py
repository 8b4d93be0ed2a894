"""Components: what may not be there, and what those that are there must be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Found, Violation
from auditor.evaluate.presence import Presence, component_doubts
from auditor.evaluate.quantifiers import Item
from auditor.evaluate.telling import component_title
from auditor.evaluate.wholly import wholly
from auditor.facts.evidence import Evidence
from auditor.facts.flows import Cure
from auditor.facts.inventory import Component, Unknown
from auditor.facts.profile import ComponentSelector
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of
from auditor.facts.vocabulary import Basis


def forbidden_components(selector: ComponentSelector, scene: Scene, presence: Presence, fallback: Evidence) -> Found:
    """Return a violation for each component that is there and matches, doubts for each that may."""
    violations: list[Violation] = []
    unknowns: list[Unknown] = []
    for item in component_items(selector, scene, presence, fallback):
        if item.member is Truth.YES:
            violations.append(item.breach(""))
        elif item.member is Truth.UNKNOWN:
            unknowns.extend(item.doubt())
    return Found(tuple(violations), tuple(unknowns))


def component_items(
    where: ComponentSelector,
    scene: Scene,
    presence: Presence,
    fallback: Evidence,
    *,
    every: ComponentSelector | None = None,
    some: ComponentSelector | None = None,
) -> list[Item]:
    """Return every component that may be there and belong to ``where`` as an item of a requirement."""
    belongs, counts = scene.test(where), scene.test(wholly(where))
    meets, meets_one = (None if s is None else scene.test(wholly(s)) for s in (every, some))
    items = []
    for component in scene.model.components:
        end = (component.id,)
        matched = belongs(end)
        if matched is Truth.NO:
            continue
        present = presence.of(component)
        member = all_of((present, matched))
        if member is Truth.NO:
            continue
        items.append(
            Item(
                id=component.id,
                member=member,
                counted=all_of((present, counts(end))),
                every=Truth.YES if meets is None else meets(end),
                some=Truth.YES if meets_one is None else meets_one(end),
                breach=partial(_breach, component, presence, fallback, scene),
                doubt=partial(_doubt, component, present, presence),
            )
        )
    return items


def _doubt(component: Component, present: Truth, presence: Presence) -> tuple[Unknown, ...]:
    return component_doubts(component, present, presence.rows(component))


def _breach(component: Component, presence: Presence, fallback: Evidence, scene: Scene, lacking: str) -> Violation:
    rows = [row for row in presence.rows(component) if row.exists is Truth.YES]
    seen = (e for row in rows for e in row.evidence if e.basis is Basis.OBSERVED)
    evidence = tuple(dict.fromkeys((*presence.evidence(component), *seen)))
    bases = {e.basis for e in evidence}
    return Violation(
        source=component.id,
        destination="",
        title=component_title(component, lacking, scene),
        rows=tuple(row.id for row in rows),
        subject=component.id,
        data=(),
        bases=tuple(b for b in Basis if b in bases),
        cures=_cures(rows),
        evidence=evidence or (fallback,),
    )


def _cures(rows: Sequence[FlowRow]) -> tuple[Cure, ...]:
    """Return what would move the component: nothing, where one flow to it has no substitute, whatever cures the others."""
    cures = tuple(dict.fromkeys(c for row in rows for c in row.cures))
    return tuple(c for c in cures if c.kind == "none") or cures
