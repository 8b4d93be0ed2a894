"""Components that breach stand on their own evidence, and on the line of the profile only where there is none."""

from __future__ import annotations

from dataclasses import replace

from auditor.evaluate.component_rules import component_items, forbidden_components
from auditor.evaluate.matching import Scene
from auditor.evaluate.presence import Presence
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.flows import Cure
from auditor.facts.inventory import Component
from auditor.facts.profile import ComponentSelector, SelectorKey, Term, Values
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Plane, Role
from tests.evaluate.builder import VENDOR, at, component, model, row

OUTSIDE = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("outside",))),))
LINE = at(1, "profile.yaml")
VM = component("vendor/vm", Plane.EXECUTION, Role.WORKSPACE, VENDOR)


def evidence(given: Component) -> list[tuple[object, ...]]:
    scene = Scene(model((given,)))
    found = forbidden_components(OUTSIDE, scene, Presence(scene), LINE)
    return [(v.evidence, v.bases) for v in found.violations]


def test_its_own_evidence_else_the_line_of_the_profile() -> None:
    assert evidence(replace(VM, evidence=(at(7),))) == [((at(7),), (Basis.CONFIGURED,))]
    assert evidence(VM) == [((LINE,), ())]


def test_where_one_flow_has_no_substitute_no_other_cure_is_offered() -> None:
    setting, nothing = Cure("setting", "switch it off"), Cure("none", "nothing replaces it")
    work, chat = (row("coder/workspace", "vendor/vm", p) for p in ("work", "chat"))

    def cures(*offered: Cure) -> tuple[Cure, ...]:
        rows = [replace(work, cures=(setting,)), replace(chat, cures=offered)]
        scene = Scene(model((replace(VM, system=""),), rows))
        (violation,) = forbidden_components(OUTSIDE, scene, Presence(scene), LINE).violations
        return violation.cures

    assert cures(nothing) == (nothing,)
    assert cures() == (setting,)


def test_a_finding_names_the_flows_that_are_certain() -> None:
    work, chat = (row("coder/workspace", "vendor/vm", p, exists=e) for p, e in (("work", Truth.YES), ("chat", Truth.NO)))
    scene = Scene(model((replace(VM, system=""),), [work, chat]))
    assert [v.rows for v in forbidden_components(OUTSIDE, scene, Presence(scene), LINE).violations] == [(work.id,)]


def test_what_traffic_showed_of_it_stands_beside_its_own_evidence_and_what_files_say_of_its_flows_does_not() -> None:
    shown = Evidence(Basis.OBSERVED, FileLocation("flows.log", "b" * 64, 3, 1), "seen")
    work = replace(row("coder/workspace", "vendor/vm"), evidence=(at(10), shown))
    scene = Scene(model((replace(VM, system="", evidence=(at(7),)),), [work]))
    found = forbidden_components(OUTSIDE, scene, Presence(scene), LINE).violations
    assert [(v.evidence, v.bases) for v in found] == [((at(7), shown), (Basis.CONFIGURED, Basis.OBSERVED))]


def test_what_is_ruled_out_is_no_item() -> None:
    inside = component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE)
    absent = replace(VM, id="vendor/gone", present=Truth.NO)
    scene = Scene(model((inside, VM, absent)))
    assert [item.id for item in component_items(OUTSIDE, scene, Presence(scene), LINE)] == ["vendor/vm"]
