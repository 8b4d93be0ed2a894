"""Controls that no deployment can meet together: told when the profile is loaded, before anyone is judged by them.

Only what is certain is told: a requirement that something be there, of which what is asked at the same time leaves nothing.
Controls with a condition are left aside, because they may never apply together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.evaluate.matching import classes_of
from auditor.evaluate.resolving import resolved
from auditor.evaluate.wholly import wholly
from auditor.facts.profile import (
    ComponentSelector,
    Control,
    FlowSelector,
    Forbid,
    Require,
    Selector,
    StoreSelector,
    Term,
    Values,
)


@dataclass(frozen=True, slots=True)
class _Needed:
    """Something that a control needs to be there."""

    control: Control
    what: Selector
    """All that it must match at once."""


def contradictions(controls: Sequence[Control]) -> Iterator[tuple[Control, str]]:
    """Yield (the later control, what is wrong) for each pair that no deployment can meet, and each control that none can."""
    always = [resolved(c) for c in controls if c.when is None]
    originals = {c.id: c for c in controls}
    order = {c.id: number for number, c in enumerate(controls)}
    needed = [n for c in always for n in _needed(c)]
    for need in needed:
        if _impossible(need.what):
            yield originals[need.control.id], f"no deployment can meet {need.control.id}: what it asks excludes itself"
            return
        for other in always:
            wrong = _against(need, other)
            if wrong:
                later = max(need.control.id, other.id, key=lambda id_: order[id_])
                yield originals[later], wrong


def _needed(control: Control) -> Iterator[_Needed]:
    what = control.requirement
    if isinstance(what, Require):
        yield _Needed(control, _both(_both(what.where, what.every), what.some))


def _against(need: _Needed, other: Control) -> str:
    """Return why ``other`` excludes what is needed, nothing when it does not."""
    what = other.requirement
    if isinstance(what, Forbid) and _implies(need.what, what.what):
        return f"{need.control.id} requires what {other.id} forbids"
    if not isinstance(what, Require) or what.every is None or other.id == need.control.id:
        return ""
    if _implies(need.what, what.where) and _impossible(_both(need.what, what.every)):
        return f"{need.control.id} requires what {other.id} excludes"
    return ""


def _both(one: Selector, other: Selector | None) -> Selector:
    """Return what matches ``one`` and, as a requirement asks it, all of ``other``."""
    match one, other:
        case ComponentSelector(), ComponentSelector():
            return _terms(one, other)
        case FlowSelector(), FlowSelector():
            return replace(
                one,
                source=_terms(one.source, other.source),
                destination=_terms(one.destination, other.destination),
                data=one.data or other.data,
                direction=one.direction if one.data else other.direction,
            )
        case StoreSelector(), StoreSelector():
            return replace(one, at=_terms(one.at, other.at), data=one.data or other.data, country=one.country or other.country)
        case _:
            return one


def _terms(one: ComponentSelector, other: ComponentSelector) -> ComponentSelector:
    return ComponentSelector((*one.terms, *wholly(other).terms))


def _impossible(what: Selector) -> bool:
    """Return whether nothing can match ``what``."""
    match what:
        case ComponentSelector():
            pairs = ((a, b) for a in what.terms for b in what.terms if a.key is b.key and a is not b)
            return any(_exclude(a.values, b.values) for a, b in pairs)
        case FlowSelector():
            return _impossible(what.source) or _impossible(what.destination)
        case StoreSelector():
            return _impossible(what.at)


def _exclude(one: Values, other: Values) -> bool:
    """Return whether no value, and no set of countries, meets both; two negations always leave something."""
    mine, others = set(one.any_of), set(other.any_of)
    if not one.negated and not other.negated:
        return not mine & others
    return not one.negated and other.negated and mine <= others


def _implies(specific: Selector, general: object) -> bool:
    """Return whether whatever matches ``specific`` certainly matches ``general``, a selector of any noun."""
    match specific, general:
        case ComponentSelector(), ComponentSelector():
            return all(any(_narrower(mine, term) for mine in specific.terms) for term in general.terms)
        case FlowSelector(), FlowSelector():
            same = (specific.names, specific.sightings, specific.required) == (general.names, general.sightings, general.required)
            ends = _implies(specific.source, general.source) and _implies(specific.destination, general.destination)
            direction = specific.direction is general.direction and _data_within(specific.data, general.data)
            return same and ends and direction and general.strength in (None, specific.strength)
        case StoreSelector(), StoreSelector():
            data = not general.data or (bool(specific.data) and _data_within(specific.data, general.data))
            country = general.country in (None, specific.country)
            return data and country and _implies(specific.at, general.at)
        case _:
            return False


def _data_within(specific: tuple[str, ...], general: tuple[str, ...]) -> bool:
    """Return whether one of ``specific`` is one of ``general``; with and without data a flow means different ends."""
    return bool(specific) == bool(general) and classes_of(specific) <= classes_of(general)


def _narrower(specific: Term, general: Term) -> bool:
    """Return whether the one term can only match where the other does."""
    mine, others = set(specific.values.any_of), set(general.values.any_of)
    if specific.key is not general.key:
        return False
    if specific.values.negated:
        return general.values.negated and others <= mine
    return not mine & others if general.values.negated else mine <= others
