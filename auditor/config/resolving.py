"""Scopes and defaults -> the effective value of one setting (DESIGN: closed inventory)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from auditor.catalog.settings import Merge, SettingDefinition
from auditor.config.agreement import agreed, content, meaning
from auditor.config.changes import hypothetical
from auditor.config.effective import Effective, FieldValue, Item, Sighting, place, unless
from auditor.config.layers import processes_of
from auditor.config.references import dereference
from auditor.config.scope_views import ScopeView
from auditor.config.sighting import sight, sightings, split
from auditor.config.values import is_truthy, strictness
from auditor.config.worlds import World, worlds
from auditor.facts.evidence import Evidence
from auditor.facts.settings import SettingSource, SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def resolve(definition: SettingDefinition, context: SystemContext) -> Effective:
    """Return the value that the product acts on, with the chain that led to it.

    Each process and file is resolved by itself; what they disagree on is unknown (``config.agreement``).
    """
    seen = [_follow(s, context) for v in context.views for s in _all_of(v, definition)]
    if definition.id in context.changes:
        default = _default(definition, context)
        return hypothetical(definition, context.system, context.changes[definition.id], default, _chain(seen, ()))
    applies = context.decide(definition.applies)
    if applies.truth is Truth.NO:
        reason = f"{definition.first_name} is not read here ({applies.reason})"
        return Effective(context.system, definition, SettingState.DEFAULT, None, Truth.NO, reason, chain=_chain(seen, ()))
    stands = context.standing(definition.id)
    views = stands.read_by(definition, context.version)
    found = agreed(definition, [(w, _in(w, definition, context)) for w in worlds(definition, views, meaning)])
    chain = _chain(seen, found.evidence)
    doubted = [d for d in stands.doubts if any(s.scope == d.scope for s in seen)]
    if found.state is SettingState.UNKNOWN and doubted:
        reason = "; ".join(dict.fromkeys((found.reason, *(d.reason for d in doubted))))
        steps = tuple(dict.fromkeys(step for d in doubted for step in d.settled_by))
        found = replace(found, reason=reason, settled_by=steps or found.settled_by)
    if applies.truth is Truth.UNKNOWN and found.is_known and found.state is SettingState.SET:
        name = found.definition.id if not seen else seen[-1].name
        reason = f"whether {name} is read depends on what is not known: {applies.reason}"
        return replace(_unknown(definition, context.system, reason, Truth.UNKNOWN), chain=chain)
    return replace(found, chain=chain)


def _all_of(view: ScopeView, definition: SettingDefinition) -> list[Sighting]:
    joined = replace(view, launches=processes_of(view.launches))
    return list(sightings(joined, definition))


def _in(world: World, definition: SettingDefinition, context: SystemContext) -> Effective:
    """Return the value in one combination of processes and files."""
    seen = [_follow(s, context) for v in world.views if (s := sight(v, definition)) is not None]
    winner = _merge(definition, seen)
    above = _unseen_above(winner, definition, world, context) if winner is not None else []
    if winner is not None and above:
        reason = (
            f"{winner.name} at {place(winner.evidence)}, unless {_titles(above)}, which is named and not shown, says otherwise"
        )
        steps = tuple(_supply(v) for v in above)
        return _unknown(definition, context.system, reason, Truth.YES, (winner.evidence,), steps)
    if winner is not None:
        return _from_sighting(definition, context.system, winner)
    return _unset(definition, context, world.views)


def _unseen_above(winner: Sighting, definition: SettingDefinition, world: World, context: SystemContext) -> list[ScopeView]:
    """Return the scopes above the winner that a flag or variable names, so that they are there, and that nobody shows."""
    if definition.merge is not Merge.HIGHEST_WINS:
        return []
    ids = [v.scope.id for v in world.views]
    higher = world.views[len(ids) - ids[::-1].index(winner.scope) :]
    return [v for v in higher if context.is_missing(v) and context.is_named(v.scope)]


def _follow(seen: Sighting, context: SystemContext) -> Sighting:
    return dereference(seen, context) if context.product.references else seen


def _merge(definition: SettingDefinition, seen: list[Sighting]) -> Sighting | None:
    if not seen:
        return None
    if definition.merge in (Merge.UNION, Merge.INTERSECTION, Merge.BY_KEY):
        return _merge_lists(definition, seen)
    if definition.merge is Merge.STRICTEST_WINS:
        return min(reversed(seen), key=lambda s: strictness(definition, s.text))
    wanted = {Merge.DENY_WINS: Truth.NO, Merge.FORCE_ON_WINS: Truth.YES, Merge.STICKY_TRUE: Truth.YES}.get(definition.merge)
    for sighting in reversed(seen) if wanted is not None else ():
        if sighting.text is not None and is_truthy(sighting.text, definition.truthiness) is wanted:
            return sighting
    if wanted is not None and any(s.text is None for s in seen):
        return next(s for s in reversed(seen) if s.text is None)
    return seen[-1]


def _merge_lists(definition: SettingDefinition, seen: list[Sighting]) -> Sighting:
    last = seen[-1]
    unknown = next((s for s in seen if s.items is None), None)
    if unknown is not None:
        return unknown
    if definition.merge is Merge.BY_KEY:
        return replace(last, items=_by_key(i for s in seen for i in s.items or ()))
    layers = tuple(s.items or () for s in seen)
    items = [i for layer in layers for i in layer]
    if definition.merge is Merge.INTERSECTION:
        sets = [{content(i) for i in layer} for layer in layers]
        items = [i for i in layers[-1] if all(content(i) in values for values in sets)]
    numbered = tuple(replace(i, index=n) for n, i in enumerate(items))
    return Sighting(last.scope, last.name, last.text, last.evidence, last.redacted, last.reason, numbered, layers=layers)


def _by_key(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return one entry for each name, in order of first appearance: what a later one does not say, earlier ones do."""
    found: dict[str, Item] = {}
    for item in items:
        before = found.get(item.text("key"))
        fields = item.fields if before is None else {**before.fields, **item.fields}
        found[item.text("key")] = replace(item, index=len(found) if before is None else before.index, fields=fields)
    return tuple(found.values())


def _from_sighting(definition: SettingDefinition, system: str, seen: Sighting) -> Effective:
    where = place(seen.evidence)
    if seen.text is None or (definition.is_list and seen.items is None):
        reason = f"{seen.name} at {where}: {seen.reason or 'its value is not in the inputs'}"
        return _unknown(definition, system, reason, Truth.YES if seen.surely else Truth.UNKNOWN, (seen.evidence,))
    if definition.allowed and seen.text not in definition.allowed and not definition.is_list:
        reason = f"{seen.name}={seen.text} at {where} is none of the values that are known: {', '.join(definition.allowed)}"
        return _unknown(definition, system, reason, Truth.YES, (seen.evidence,))
    shown = "(secret)" if seen.redacted or definition.secret else seen.text
    if definition.is_list and seen.items is not None and not seen.text:
        shown = f"{len(seen.items)} {'entry' if len(seen.items) == 1 else 'entries'}"
    return Effective(
        system=system,
        definition=definition,
        state=SettingState.SET,
        text=seen.text,
        is_set=Truth.YES,
        reason=f"{seen.name}={shown} at {where}",
        redacted=seen.redacted,
        items=seen.items or (),
        layers=seen.layers,
        evidence=(seen.evidence,),
        who=definition.who,
    )


def _unset(definition: SettingDefinition, context: SystemContext, views: Sequence[ScopeView]) -> Effective:
    name = definition.first_name
    opaque = [o for v in views for o in v.opaque]
    if opaque:
        steps = tuple(dict.fromkeys(o.settled_by for o in opaque))
        reason = f"{name} may be set where nobody can see it: {opaque[0].reason}"
        return _unknown(definition, context.system, reason, Truth.UNKNOWN, tuple(o.evidence for o in opaque), steps)
    default = _default(definition, context)
    missing = [v for v in views if context.is_missing(v) and not v.scope.presumed_absent]
    if default is None:
        steps = tuple(_supply(v) for v in missing)
        unset = Truth.UNKNOWN if missing else Truth.NO
        return _unknown(definition, context.system, f"{name} is unset, and its default is not known", unset, (), steps)
    says = f"default {default or '(empty list)' if definition.is_list else default or '(none)'}"
    steps = (*definition.settled_by, *(_supply(v) for v in missing))
    fact = Evidence(Basis.DECLARED, definition.fact.location(), f"{name} unset: {says}")
    return Effective(
        system=context.system,
        definition=definition,
        state=SettingState.ASSUMED_DEFAULT if missing else SettingState.DEFAULT,
        text=default or None,
        is_set=Truth.UNKNOWN if missing else Truth.NO,
        reason=f"{name} unset; {says}" + unless(_titles(missing)),
        unseen=_titles(missing),
        items=_default_items(definition, default, fact),
        evidence=(fact,),
        settled_by=steps if missing else (),
        who=missing[0].scope.who if missing else definition.who,
    )


def _default(definition: SettingDefinition, context: SystemContext) -> str | None:
    """Return the default's text, empty when there is none, ``None`` when it cannot be known."""
    if definition.default_unknown:
        return None
    for rule in definition.defaults:
        truth = context.decide(rule.when).truth
        if truth is Truth.YES:
            return rule.value
        if truth is Truth.UNKNOWN:
            return rule.value if len({r.value for r in definition.defaults}) == 1 else None
    return ""


def _default_items(definition: SettingDefinition, default: str, fact: Evidence) -> tuple[Item, ...]:
    return split(definition, default, FieldValue(default, fact)) or () if definition.is_list else ()


def _unknown(
    definition: SettingDefinition,
    system: str,
    reason: str,
    is_set: Truth,
    evidence: tuple[Evidence, ...] = (),
    steps: tuple[str, ...] = (),
) -> Effective:
    settled = (*definition.settled_by, *steps) or (f"Supply the value of {definition.first_name}",)
    return Effective(
        system,
        definition,
        SettingState.UNKNOWN,
        None,
        is_set,
        reason,
        evidence=evidence,
        settled_by=settled,
        who=definition.who,
    )


def _chain(seen: list[Sighting], used: tuple[Evidence, ...]) -> tuple[SettingSource, ...]:
    return tuple(
        SettingSource(s.scope, s.name, "(secret)" if s.redacted else s.text or "", s.evidence, s.evidence in used) for s in seen
    )


def _supply(view: ScopeView) -> str:
    stated = f", or list {view.scope.id} under absent:" if view.scope.kind.can_be_absent else ""
    return " ".join(view.scope.settled_by) or f"Supply the {view.scope.title} under inputs:{stated}"


def _titles(views: list[ScopeView]) -> str:
    return " or ".join(f"the {v.scope.title}" for v in views)
