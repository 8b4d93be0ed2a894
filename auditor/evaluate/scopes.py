"""What a control speaks of: which gaps of the inventory concern it, and whether there is anything to judge."""

from __future__ import annotations

from collections.abc import Callable

from auditor.evaluate.matching import Scene
from auditor.evaluate.path_rules import path_exists
from auditor.evaluate.quantifiers import nothing_to_judge
from auditor.facts.inventory import Unknown
from auditor.facts.profile import (
    ComponentSelector,
    Control,
    FlowSelector,
    Forbid,
    PathSelector,
    Require,
    RequireEvidence,
    Requirement,
    SelectorKey,
    StoreSelector,
)
from auditor.facts.truth import Truth

ScopeTest = Callable[[str], Truth]


def scope_of(requirement: Requirement, scene: Scene) -> ScopeTest:
    """Return which components the control speaks of, as widely as a gap in their inventory could matter.

    A hidden flow starts or ends at a component that the selector names; a hidden component can hang on any other,
    so only a requirement on one plane leaves the gaps of the other planes aside.
    """
    match requirement:
        case Forbid(FlowSelector() as what):
            return _either(what.source, what.destination, scene)
        case Require(where=FlowSelector() as where):
            return _either(where.source, where.destination, scene)
        case Require(where=ComponentSelector() as where):
            return _planes(where, scene)
        case RequireEvidence(what):
            return _one(what.of, scene)
        case _:
            return lambda _: Truth.YES


def anything_to_judge(control: Control, scene: Scene) -> Unknown | None:
    """Return the unknown of an empty scope, ``None`` when something is certainly there to judge.

    Scope by mere possibility would let a forgotten fact turn "nothing to judge" into a pass.
    """
    match control.requirement:
        case Forbid(FlowSelector() as what):
            found = _certain(what.source, scene) or _certain(what.destination, scene)
        case Forbid(PathSelector() as what):
            found = path_exists(what, scene)
        case Forbid(StoreSelector()):
            found = bool(scene.model.stores)
        case RequireEvidence(what):
            found = _certain(what.of, scene)
        case _:
            found = bool(scene.model.components)
    return None if found else nothing_to_judge(control.id)


def _certain(selector: ComponentSelector, scene: Scene) -> bool:
    test = scene.test(selector)
    return any(test((c.id,)) is Truth.YES for c in scene.model.components)


def _one(selector: ComponentSelector, scene: Scene) -> ScopeTest:
    test = scene.test(selector)
    return lambda component: test((component,))


def _either(one: ComponentSelector, other: ComponentSelector, scene: Scene) -> ScopeTest:
    first, second = scene.test(one), scene.test(other)

    def test(component: str) -> Truth:
        return Truth.NO if {first((component,)), second((component,))} == {Truth.NO} else Truth.YES

    return test


def _planes(where: ComponentSelector, scene: Scene) -> ScopeTest:
    planes = tuple(t for t in where.terms if t.key is SelectorKey.PLANE)
    return _one(ComponentSelector(planes), scene)
