"""Whether a flow is on: its condition, the umbrellas over it, what turns it on again, and whether its ends exist."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from auditor.catalog.conditions import Ask, Atom, AtomKind
from auditor.catalog.product import FlowDefinition
from auditor.catalog.settings import SettingDefinition
from auditor.config.deciding import Decision, Ground, conjunction, disjunction
from auditor.config.effective import Item
from auditor.facts.truth import Truth

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def switched(flow: FlowDefinition, context: SystemContext, item: Item | None = None) -> Decision:
    """Return whether the flow is on. A setting that only marks the data as opted out does not turn it off."""
    off_switches = [
        context.decide(Atom(AtomKind.SETTING, s.id, Ask.FALSY))
        for s in umbrellas(flow, context)
        if context.effective(s.id) is not None
    ]
    ends = [
        context.decide(c.present)
        for name in (flow.source, flow.to.component)
        if (c := context.product.component(name)) is not None
    ]
    decision = conjunction([context.decide(flow.on, item), *off_switches, *ends])
    again = [
        context.decide(Atom(AtomKind.SETTING, s.id, Ask.TRUTHY))
        for s in context.product.settings
        if covers(s.re_enables, flow.id)
    ]
    if again and any(d.truth is not Truth.NO for d in again):
        decision = disjunction([decision, *again])
    return _opted_out(decision)


def umbrellas(flow: FlowDefinition, context: SystemContext) -> list[SettingDefinition]:
    """Return the settings whose umbrella covers the flow, in order of the file."""
    return [
        s
        for s in context.product.settings
        if s.umbrella is not None and covers(s.umbrella.covers, flow.id) and not covers(s.umbrella.excepted, flow.id)
    ]


def covers(patterns: tuple[str, ...], identifier: str) -> bool:
    """Return whether one of the ids or globs covers ``identifier``."""
    return any(fnmatchcase(identifier, p) for p in patterns)


def _opted_out(decision: Decision) -> Decision:
    if decision.truth is not Truth.NO or not decision.grounds or not all(g.opted_out for g in decision.grounds):
        return decision
    told = tuple(_told(g) for g in decision.grounds)
    return Decision(Truth.YES, told)


def _told(ground: Ground) -> Ground:
    return replace(ground, text=f"{ground.text}: that marks the data as opted out, and it is sent all the same", unseen="")
