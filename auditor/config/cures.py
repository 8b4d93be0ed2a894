"""What would stop a flow or send it elsewhere: each switch is tried, not guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.catalog.conditions import Ask, Atom, AtomKind, atoms
from auditor.catalog.product import FlowDefinition
from auditor.catalog.settings import SettingDefinition
from auditor.config.changes import UNSET
from auditor.config.destination import Destination
from auditor.config.switching import switched, umbrellas
from auditor.config.values import falsy_text, truthy_text
from auditor.facts.flows import Cure
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import UnknownKind

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def cures_for(flow: FlowDefinition, destination: Destination, context: SystemContext) -> tuple[Cure, ...]:
    """Return the cures, switches first; a flow without any says so with the kind ``none`` or ``network``.

    A switch that only exchanges one flow for another (the next model provider) is no cure.
    """
    found = [*_switches(flow, destination, context), *_redirects(flow, context), *_contracts(flow, destination, context)]
    if flow.cure is not None:
        found.append(Cure(flow.cure.kind, flow.cure.text, flow.cure.fact, flow.cure.value))
    if found:
        return tuple(dict.fromkeys(found))
    if destination.component.startswith(f"{context.system}/"):
        return ()
    if flow.required is Truth.YES:
        return (Cure("none", f"Nothing stops it: {context.product.title} does not work without it"),)
    return (Cure("network", f"Block it at the network: {context.product.title} has no switch for it"),)


def _switches(flow: FlowDefinition, destination: Destination, context: SystemContext) -> list[Cure]:
    asked = [a for a in atoms(flow.on) if a.kind is AtomKind.SETTING]
    asked += [Atom(AtomKind.SETTING, s.id, Ask.FALSY) for s in umbrellas(flow, context)]
    tries: list[tuple[SettingDefinition, str | None]] = []
    for atom in asked:
        definition = context.product.setting(atom.name)
        if definition is not None:
            tries.extend((definition, value) for value in opposites(atom, definition))
    cures: list[Cure] = []
    for definition, value in tries:
        if any(c.setting == definition.id for c in cures):
            continue
        # A switch that needs others beside it is no cure by itself.
        changed = context.with_change(definition.id, value)
        if switched(flow, changed, destination.item).truth is Truth.NO and not _opens(definition, changed, context):
            cures.append(switch_cure(definition, value))
    return cures


def _opens(definition: SettingDefinition, changed: SystemContext, context: SystemContext) -> bool:
    """Return whether the switch turns on a flow that was off."""
    asking = (f for f in context.product.flows if any(a.name == definition.id for a in atoms(f.on)))
    return any(
        not f.to.for_each and switched(f, context, None).truth is Truth.NO and switched(f, changed, None).truth is not Truth.NO
        for f in asking
    )


def opposites(atom: Atom, definition: SettingDefinition) -> list[str | None]:
    """Return the values that may change the answer to ``atom``, likeliest first; ``None`` unsets the setting."""
    if definition.is_list:
        return [*definition.empty_values, ""]
    no, yes = falsy_text(definition.truthiness), truthy_text(definition.truthiness)
    if atom.test in (Ask.EQUALS, Ask.MATCHES, Ask.CONTAINS):
        others: list[str | None] = [v for v in definition.allowed if v != atom.value]
        equal = [atom.value] if atom.test is Ask.EQUALS else []
        return [*others, *equal, None]
    return [no, yes] if atom.test is Ask.TRUTHY else [yes, no]


def _redirects(flow: FlowDefinition, context: SystemContext) -> list[Cure]:
    keys = [*flow.redirect, *([flow.to.setting] if flow.to.setting else [])]
    if flow.to.for_each:
        keys.append(flow.to.for_each)
    cures: list[Cure] = []
    for key in keys:
        definition = context.product.setting(key)
        if definition is None or (key == flow.to.for_each and not any(f.url for f in definition.item)):
            continue
        name = definition.names.env[:1] or definition.names.path[:1] or definition.names.flag[:1] or (definition.id,)
        what = f"every entry of {definition.title or name[0]}" if definition.is_list else name[0]
        cures.append(Cure("redirect", f"Point {what} at a host inside the perimeter", key, ""))
    return cures


def _contracts(flow: FlowDefinition, destination: Destination, context: SystemContext) -> list[Cure]:
    """A fact that another answer of would turn the flow off: a contract or a dashboard has to say so."""
    cures: list[Cure] = []
    decision = switched(flow, context, destination.item)
    if not any(g.kind is UnknownKind.FACT_UNKNOWN or g.atom.kind is AtomKind.FACT for g in decision.grounds):
        return cures
    for atom in (a for a in atoms(flow.on) if a.kind is AtomKind.FACT):
        question = next((f for f in context.product.facts if f.id == atom.name), None)
        for answer in question.answers if question is not None else ():
            changed = context.with_change(f"fact:{atom.name}", answer)
            if question is not None and switched(flow, changed, destination.item).truth is Truth.NO:
                step = question.settled_by[0] if question.settled_by else question.question
                cures.append(Cure("contract", f"Have it answered {answer}: {step}", atom.name, answer))
                break
    return cures


def switch_cure(definition: SettingDefinition, value: str | None) -> Cure:
    """Return the cure that gives a setting ``value``; an empty one stands for any text that the customer knows."""
    names = definition.names
    name = next((n for group in (names.env, names.path, names.flag, names.helm) for n in group), definition.id)
    if not value:
        return Cure("setting", f"Unset {name}", definition.id, UNSET)
    if (
        falsy_text(definition.truthiness) is None
        and not definition.is_bool
        and value not in (*definition.allowed, *definition.empty_values)
    ):
        # Any text will do, and which one only the customer knows.
        return Cure("setting", f"Set {name}", definition.id, "")
    return Cure("setting", f"Set {name}={value}", definition.id, value)
