"""Conditions are Kleene: every junction over all three truths, and what stands below ``not``."""

from __future__ import annotations

import itertools

import pytest

from auditor.evaluate.conditions import condition_holds
from auditor.evaluate.matching import Scene
from auditor.evaluate.presence import Presence
from auditor.facts.profile import ComponentSelector, Exists, FlowSelector, Junction, SelectorKey, Term, Values
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Plane, Role
from tests.evaluate.builder import component, model, row

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
THREE = {"there": YES, "gone": NO, "perhaps": UNKNOWN}
SCENE = Scene(model([component(name, Plane.EXECUTION, Role.WORKSPACE, present=truth) for name, truth in THREE.items()]))


def is_there(name: str) -> Exists:
    return Exists(ComponentSelector((Term(SelectorKey.ID, Values((name,))),)))


def holds(condition: Exists | Junction) -> Truth:
    return condition_holds(condition, SCENE, Presence(SCENE))


@pytest.mark.parametrize(("one", "other"), list(itertools.product(THREE, THREE)))
def test_truth_tables(one: str, other: str) -> None:
    truths = {THREE[one], THREE[other]}
    parts = (is_there(one), is_there(other))
    assert holds(Junction("all", parts)) is (NO if NO in truths else UNKNOWN if UNKNOWN in truths else YES)
    assert holds(Junction("any", parts)) is (YES if YES in truths else UNKNOWN if UNKNOWN in truths else NO)
    assert holds(Junction("not", parts[:1])) is {YES: NO, NO: YES, UNKNOWN: UNKNOWN}[THREE[one]]


@pytest.mark.parametrize("exists", [YES, NO, UNKNOWN])
def test_a_flow_exists_as_its_row_does(exists: Truth) -> None:
    scene = Scene(model([component(n, Plane.EXECUTION, Role.WORKSPACE) for n in ("a", "b")], [row("a", "b", exists=exists)]))
    assert condition_holds(Exists(FlowSelector()), scene, Presence(scene)) is exists
