"""What a nameless destination is sent rules planes out; what nothing explains rules out nothing."""

from __future__ import annotations

from dataclasses import replace

from auditor.evaluate.matching import Scene
from auditor.evaluate.plausibility import impossible_planes
from auditor.facts.profile import ComponentSelector, SelectorKey, Term, Values
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Plane, Role
from tests.evaluate.builder import NOWHERE, component, model, row

UPLOAD = row("w/worker", "unknown:store", "artefact upload", exists=Truth.UNKNOWN, sends=[DataClass.ARTIFACT])
ALL = {"execution", "inference", "agent_loop", "control_plane"}


def test_artefacts_alone_rule_out_every_working_plane() -> None:
    assert impossible_planes([UPLOAD], []) == ALL


def test_what_it_is_sent_keeps_planes_possible() -> None:
    prompts = replace(UPLOAD, sends_at_most=(DataClass.PROMPT,))
    assert impossible_planes([UPLOAD, prompts], []) == {"execution", "control_plane"}


def test_unexplained_traffic_or_traffic_of_its_own_rules_out_nothing() -> None:
    assert impossible_planes([replace(UPLOAD, flow="")], []) == frozenset()
    assert impossible_planes([replace(UPLOAD, sends_at_most=())], []) == frozenset()
    assert impossible_planes([UPLOAD], [UPLOAD]) == frozenset()
    assert impossible_planes([replace(UPLOAD, exists=Truth.NO)], []) == frozenset()


def test_a_selector_of_a_ruled_out_plane_does_not_match() -> None:
    parts = (component("w/worker", Plane.EXECUTION, Role.WORKER), component("unknown:store", None, None, NOWHERE))
    scene = Scene(model(parts, [UPLOAD]))
    execution = ComponentSelector((Term(SelectorKey.PLANE, Values(("execution",))),))
    supporting = ComponentSelector((Term(SelectorKey.PLANE, Values(("execution", "supporting"))),))
    assert scene.test(execution)(("unknown:store",)) is Truth.NO
    assert scene.test(supporting)(("unknown:store",)) is Truth.UNKNOWN


def test_one_row_that_may_carry_anything_keeps_every_plane_possible() -> None:
    assert impossible_planes([UPLOAD, replace(UPLOAD, flow="")], []) == frozenset()
    fetched = replace(UPLOAD, sends_at_most=(), receives=(DataClass.SOFTWARE,))
    assert impossible_planes([fetched], []) == ALL
    assert impossible_planes([UPLOAD], [replace(UPLOAD, exists=Truth.NO)]) == ALL
    assert impossible_planes([UPLOAD], [replace(UPLOAD, exists=Truth.YES)]) == frozenset()
