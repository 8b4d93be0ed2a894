"""One control against one model: a raw verdict with everything that it stands on."""

from __future__ import annotations

from typing import TypeVar

from auditor.evaluate.component_rules import component_items, forbidden_components
from auditor.evaluate.conditions import condition_holds
from auditor.evaluate.flow_items import flow_items
from auditor.evaluate.flow_rules import forbidden_flows
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Found, Outcome, Violation, distinct, merged
from auditor.evaluate.path_rules import forbidden_paths
from auditor.evaluate.presence import Presence
from auditor.evaluate.quantifiers import judge_items, nothing_to_judge
from auditor.evaluate.scopes import anything_to_judge, scope_of
from auditor.evaluate.sentences import demanded
from auditor.evaluate.store_rules import forbidden_stores, store_items
from auditor.evaluate.sufficiency import insufficiencies
from auditor.evaluate.words import counted
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Unknown
from auditor.facts.profile import (
    ComponentSelector,
    Control,
    FlowSelector,
    Forbid,
    PathSelector,
    Require,
    RequireEvidence,
    Selector,
    StoreSelector,
)
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, UnknownKind, Verdict

Selected = TypeVar("Selected", ComponentSelector, FlowSelector, StoreSelector)


class Judge:
    """A model prepared once for many controls."""

    def __init__(self, scene: Scene, as_of: str) -> None:
        self.scene = scene
        self.presence = Presence(scene)
        self.as_of = as_of

    def outcome(self, control: Control) -> Outcome:
        """Return the raw verdict of ``control`` (parameters resolved).

        A breach stands whatever evidence is missing; missing evidence never makes a pass.
        """
        gaps = insufficiencies(control, self.scene, scope_of(control.requirement, self.scene), self.as_of)
        applies = Truth.YES if control.when is None else condition_holds(control.when, self.scene, self.presence)
        if control.when is not None and not self.scene.model.components:
            gaps = (*gaps, nothing_to_judge(control.id))
        if applies is Truth.NO and not gaps:
            return Outcome(Verdict.NOT_APPLICABLE, "its condition does not hold")
        if applies is not Truth.YES:
            return _undecided_condition(control, applies, gaps)
        found = self._found(control, is_open=bool(gaps))
        violations = merged(list(found.violations))
        unknowns = distinct([*found.unknowns, *gaps])
        if violations:
            return Outcome(Verdict.FAIL, _first(violations), violations, unknowns)
        if unknowns:
            return Outcome(Verdict.UNKNOWN, f"{counted(len(unknowns), 'question')} open: {unknowns[0].text}", (), unknowns)
        return Outcome(Verdict.PASS, "nothing speaks against it, and the evidence that it needs is complete")

    def _found(self, control: Control, *, is_open: bool) -> Found:
        fallback = _control_line(control)
        match control.requirement:
            case Require():
                return self._required(control.requirement, control, fallback, is_open=is_open)
            case Forbid(what):
                found = self._forbidden(what, fallback)
            case RequireEvidence():
                found = Found()
        nothing = None if found.violations else anything_to_judge(control, self.scene)
        return found if nothing is None else Found((), (*found.unknowns, nothing))

    def _forbidden(self, what: ComponentSelector | FlowSelector | PathSelector | StoreSelector, fallback: Evidence) -> Found:
        match what:
            case ComponentSelector():
                return forbidden_components(what, self.scene, self.presence, fallback)
            case FlowSelector():
                return forbidden_flows(what, self.scene, fallback)
            case PathSelector():
                return forbidden_paths(what, self.scene, fallback)
            case StoreSelector():
                return forbidden_stores(what, self.scene, fallback)

    def _required(self, what: Require, control: Control, fallback: Evidence, *, is_open: bool) -> Found:
        match what.where:
            case ComponentSelector():
                every, some = _same(ComponentSelector, what.every), _same(ComponentSelector, what.some)
                items = component_items(what.where, self.scene, self.presence, fallback, every=every, some=some)
            case FlowSelector():
                flows = _same(FlowSelector, what.every), _same(FlowSelector, what.some)
                items = flow_items(what.where, *flows, self.scene, fallback)
            case StoreSelector():
                stores = _same(StoreSelector, what.every), _same(StoreSelector, what.some)
                items = store_items(what.where, *stores, self.scene, fallback)
        return judge_items(what, items, control.id, demanded(control), is_open=is_open)


def _same(kind: type[Selected], selector: Selector | None) -> Selected | None:
    """Return ``selector``, which the reader made of the same noun as its ``where``."""
    if selector is not None and not isinstance(selector, kind):
        raise TypeError(f"a requirement mixes nouns: {selector!r}")
    return selector


def _undecided_condition(control: Control, applies: Truth, gaps: tuple[Unknown, ...]) -> Outcome:
    """Return unknown: the condition itself is undecided, or evidence is missing for what it denies."""
    text = "Whether this control applies is not known: its condition is undecided."
    steps = ("Settle the other open questions of the components that the condition names.",)
    own = [Unknown(UnknownKind.FACT_UNKNOWN, control.id, text, steps, Party.PLATFORM)] if applies is Truth.UNKNOWN else []
    return Outcome(Verdict.UNKNOWN, "whether it applies is not known", (), distinct([*own, *gaps]))


def _first(violations: tuple[Violation, ...]) -> str:
    return f"{counted(len(violations), 'finding')}, first: {violations[0].title}"


def _control_line(control: Control) -> Evidence:
    """Return the evidence of last resort: the line of the profile that asks for what is missing."""
    return Evidence(Basis.DECLARED, control.location, f"{control.id} of profile {control.owner}: {control.title}")
