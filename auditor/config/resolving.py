"""Scopes and defaults -> the effective value of one setting (DESIGN: closed inventory)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.catalog.settings import Merge, SettingDefinition
from auditor.config.changes import hypothetical
from auditor.config.effective import Effective, FieldValue, Item, Sighting, place
from auditor.config.references import dereference
from auditor.config.scope_views import ScopeView
from auditor.config.sighting import sight, split
from auditor.config.values import is_truthy
from auditor.facts.evidence import Evidence
from auditor.facts.settings import SettingSource, SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def resolve(definition: SettingDefinition, context: SystemContext) -> Effective:
    """Return the value that the product acts on, with the chain that led to it."""
    views = [v for v in context.views if v.may_hold(definition)]
    seen = [s for v in context.views if (s := _sight(v, definition, context)) is not None]
    honoured = [s for s in seen if not definition.only_from or s.scope in definition.only_from]
    applies = context.decide(definition.applies)
    if definition.id in context.changes:
        return hypothetical(
            definition, context.system, context.changes[definition.id], _default(definition, context), _chain(seen, None)
        )
    if applies.truth is Truth.NO:
        reason = f"{_first_name(definition)} is not read by this version ({applies.reason})"
        return Effective(context.system, definition, SettingState.DEFAULT, None, Truth.NO, reason, chain=_chain(seen, None))
    winner = _merge(definition, honoured)
    if winner is not None:
        effective = _from_sighting(definition, context.system, winner, _chain(seen, winner))
        if applies.truth is Truth.UNKNOWN and effective.is_known:
            reason = f"whether {winner.name} is read depends on what is not known: {applies.reason}"
            return _unknown(definition, context.system, reason, effective.chain, Truth.UNKNOWN)
        return effective
    return _unset(definition, context, views, _chain(seen, None))


def _sight(view: ScopeView, definition: SettingDefinition, context: SystemContext) -> Sighting | None:
    seen = sight(view, definition)
    return dereference(seen, context) if seen is not None and context.product.references else seen


def _merge(definition: SettingDefinition, seen: list[Sighting]) -> Sighting | None:
    if not seen:
        return None
    if definition.merge in (Merge.UNION, Merge.INTERSECTION):
        return _merge_lists(definition, seen)
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
    items = [i for s in seen for i in s.items or ()]
    if definition.merge is Merge.INTERSECTION:
        sets = [{i.text("value") for i in s.items or ()} for s in seen]
        items = [i for i in last.items or () if all(i.text("value") in values for values in sets)]
    return Sighting(last.scope, last.name, last.text, last.evidence, last.redacted, last.reason, tuple(items))


def _from_sighting(definition: SettingDefinition, system: str, seen: Sighting, chain: tuple[SettingSource, ...]) -> Effective:
    where = place(seen.evidence)
    if seen.text is None or (definition.is_list and seen.items is None):
        reason = f"{seen.name} at {where}: {seen.reason or 'its value is not in the inputs'}"
        return _unknown(definition, system, reason, chain, Truth.YES if seen.surely else Truth.UNKNOWN, (seen.evidence,))
    if definition.allowed and seen.text not in definition.allowed and not definition.is_list:
        reason = f"{seen.name}={seen.text} at {where} is none of the values that are known: {', '.join(definition.allowed)}"
        return _unknown(definition, system, reason, chain, Truth.YES, (seen.evidence,))
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
        chain=chain,
        evidence=(seen.evidence,),
        who=definition.who,
    )


def _unset(
    definition: SettingDefinition, context: SystemContext, views: list[ScopeView], chain: tuple[SettingSource, ...]
) -> Effective:
    name = _first_name(definition)
    opaque = [o for v in views for o in v.opaque]
    if opaque:
        steps = tuple(dict.fromkeys(o.settled_by for o in opaque))
        reason = f"{name} may be set where nobody can see it: {opaque[0].reason}"
        return _unknown(definition, context.system, reason, chain, Truth.UNKNOWN, tuple(o.evidence for o in opaque), steps)
    default = _default(definition, context)
    missing = [v for v in views if context.is_missing(v)]
    if default is None:
        steps = tuple(_supply(v) for v in missing)
        unset = Truth.UNKNOWN if missing else Truth.NO
        return _unknown(definition, context.system, f"{name} is unset, and its default is not known", chain, unset, (), steps)
    says = f"default {default or '(empty list)' if definition.is_list else default or '(none)'}"
    steps = (*definition.settled_by, *(_supply(v) for v in missing))
    fact = Evidence(Basis.DECLARED, definition.fact.location(), f"{name} unset: {says}")
    return Effective(
        system=context.system,
        definition=definition,
        state=SettingState.ASSUMED_DEFAULT if missing else SettingState.DEFAULT,
        text=default or None,
        is_set=Truth.UNKNOWN if missing else Truth.NO,
        reason=f"{name} unset; {says}" + (f", unless {_titles(missing)} sets it" if missing else ""),
        items=_default_items(definition, default, fact),
        chain=chain,
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
    chain: tuple[SettingSource, ...],
    is_set: Truth,
    evidence: tuple[Evidence, ...] = (),
    steps: tuple[str, ...] = (),
) -> Effective:
    settled = (*definition.settled_by, *steps) or (f"Supply the value of {_first_name(definition)}",)
    return Effective(
        system,
        definition,
        SettingState.UNKNOWN,
        None,
        is_set,
        reason,
        chain=chain,
        evidence=evidence,
        settled_by=settled,
        who=definition.who,
    )


def _chain(seen: list[Sighting], winner: Sighting | None) -> tuple[SettingSource, ...]:
    return tuple(
        SettingSource(
            s.scope,
            s.name,
            "(secret)" if s.redacted else s.text or "",
            s.evidence,
            winner is not None and s.evidence == winner.evidence,
        )
        for s in seen
    )


def _first_name(definition: SettingDefinition) -> str:
    names = definition.names
    return next(
        (n for group in (names.env, names.path, names.flag, names.helm, names.registry, names.mdm) for n in group), definition.id
    )


def _supply(view: ScopeView) -> str:
    stated = f", or list {view.scope.id} under absent:" if view.scope.kind.can_be_absent else ""
    return " ".join(view.scope.settled_by) or f"Supply the {view.scope.title} under inputs:{stated}"


def _titles(views: list[ScopeView]) -> str:
    return " or ".join(f"the {v.scope.title}" for v in views)
