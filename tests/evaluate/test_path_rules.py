"""Paths: what a finding says of the way, what an uncertain way asks, and when there is a path at all."""

from __future__ import annotations

from dataclasses import replace

from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Found
from auditor.evaluate.path_rules import forbidden_paths, path_exists
from auditor.facts.flows import Cure
from auditor.facts.inventory import Unknown
from auditor.facts.profile import ComponentSelector, PathSelector, SelectorKey, Term, Values
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, UnknownKind
from tests.evaluate.builder import VENDOR, at, component, model, row, seen

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
PROMPT = DataClass.PROMPT
PARTS = (
    component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE),
    component("coder/agent-loop", Plane.AGENT_LOOP, Role.AGENT_LOOP),
    component("coder/ai-gateway", Plane.INFERENCE, Role.MODEL_GATEWAY),
    component("vendor/api", Plane.SUPPORTING, Role.TELEMETRY_SINK, VENDOR),
)
FIRST = replace(seen(row("coder/workspace", "coder/agent-loop", "session", sends=[PROMPT])), evidence=(at(1),))
SECOND = replace(row("coder/agent-loop", "coder/ai-gateway", "chat", sends=[PROMPT]), evidence=(at(2), at(1)))
THIRD = replace(row("coder/ai-gateway", "vendor/api", "export", sends=[PROMPT]), evidence=(at(3),), declared=YES)
WAY = (FIRST, SECOND, THIRD)


def of(key: SelectorKey, value: str) -> ComponentSelector:
    return ComponentSelector((Term(key, Values((value,))),))


START, GOAL = of(SelectorKey.PLANE, "execution"), of(SelectorKey.PERIMETER, "outside")
OUT = PathSelector(START, GOAL)
CONTENT = replace(OUT, data=("content",))
FALLBACK = at(99, "profile.yaml")


def found(selector: PathSelector, *rows: FlowRow) -> Found:
    return forbidden_paths(selector, Scene(model(PARTS, rows)), FALLBACK)


def test_a_finding_tells_the_whole_way_with_all_that_speaks_for_it() -> None:
    cure = Cure("setting", "telemetry", "off")
    (violation,) = found(OUT, FIRST, replace(SECOND, cures=(cure,)), replace(THIRD, cures=(cure,))).violations
    assert violation.title == (
        "From coder workspace to vendor api, run by Vendor Inc. (law of US): a path by way of coder agent-loop "
        "and coder ai-gateway (configured and documented)."
    )
    assert (violation.source, violation.destination) == ("coder/workspace", "vendor/api")
    assert violation.rows == (FIRST.id, SECOND.id, THIRD.id)
    assert violation.evidence == (at(1), at(2), at(3))
    assert violation.bases == (Basis.DECLARED, Basis.CONFIGURED, Basis.OBSERVED)
    assert violation.cures == (cure,)


def test_one_hop_has_no_way_between_and_falls_back_to_the_line_of_the_profile() -> None:
    direct = replace(row("coder/workspace", "vendor/api", "export", sends=[PROMPT]), evidence=())
    (violation,) = found(OUT, direct).violations
    assert violation.title == "From coder workspace to vendor api, run by Vendor Inc. (law of US): a path (configured)."
    assert violation.evidence == (FALLBACK,)
    assert violation.bases == (Basis.CONFIGURED,)


def test_data_has_to_go_every_hop_of_the_way() -> None:
    assert len(found(CONTENT, *WAY).violations) == 1
    usage = replace(THIRD, sends_at_least=(DataClass.USAGE,), sends_at_most=(DataClass.USAGE,))
    assert found(CONTENT, FIRST, SECOND, usage) == Found()
    answered = replace(usage, receives=(PROMPT,))
    assert found(CONTENT, FIRST, SECOND, answered) == Found()
    off = replace(SECOND, exists=NO)
    assert found(CONTENT, FIRST, off, THIRD) == Found()


OPEN = Unknown(UnknownKind.SETTING_UNKNOWN, "export", "whether it is on")


def subjects(*rows: FlowRow, selector: PathSelector = OUT) -> list[str]:
    result = found(selector, *rows)
    assert result.violations == ()
    return [u.subject for u in result.unknowns]


def test_an_uncertain_way_asks_about_each_hop_that_is_not_certain_and_no_other() -> None:
    maybe = replace(SECOND, exists=UNKNOWN)
    assert subjects(FIRST, maybe, THIRD) == [SECOND.id]
    assert subjects(FIRST, maybe, replace(THIRD, exists=UNKNOWN, unknowns=(OPEN,))) == [SECOND.id, "export"]
    assert subjects(FIRST, maybe, replace(THIRD, unknowns=(OPEN,))) == [SECOND.id, "export"]


def test_a_way_of_certain_hops_with_uncertain_data_asks_about_its_end() -> None:
    weak = replace(SECOND, sends_at_least=())
    found_ = found(CONTENT, FIRST, weak, THIRD)
    assert found_.violations == ()
    assert [u.subject for u in found_.unknowns] == [THIRD.id]
    assert found_.unknowns[0].text.startswith("A fact about vendor/api")


def test_a_path_is_there_only_when_it_is_certain() -> None:
    assert path_exists(OUT, Scene(model(PARTS, WAY)))
    assert not path_exists(OUT, Scene(model(PARTS, (FIRST, replace(SECOND, exists=UNKNOWN), THIRD))))
    assert not path_exists(OUT, Scene(model(PARTS, (FIRST, THIRD))))


def test_an_intermediary_is_named_where_the_way_leads_over_it() -> None:
    over = replace(OUT, intermediary=of(SelectorKey.ROLE, "model_gateway"))
    assert [v.rows for v in found(over, *WAY).violations] == [tuple(r.id for r in WAY)]
    direct = row("coder/workspace", "vendor/api", "export", sends=[PROMPT])
    assert found(over, direct) == Found()
