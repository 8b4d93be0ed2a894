"""The spectrum: the strictest rung that holds with all below it, and the worst control of the next with its finding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from auditor.evaluate import assess, ladder, load_ladder, load_profile
from auditor.evaluate.spectrum import beside_the_ladder, spectrum_of
from auditor.facts.manifest import Waiver
from auditor.facts.model import Model
from auditor.facts.places import Place
from auditor.facts.spectrum import SCHEMA, Spectrum
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Stage
from tests.evaluate.builder import VENDOR, Mini, air_gapped, at, context, coverage, row
from tests.evaluate.test_properties import models

LADDER = load_ladder()
PROFILES = (*LADDER, *(load_profile(name) for name in beside_the_ladder()))
LINK = "coder/control-plane>vendor/telemetry#telemetry"


def taken(mini: Mini, **changes: object) -> Spectrum:
    built = mini.model(stage=Stage.OPERATE, permitted=Truth.NO, captures=[coverage(90_000)])
    return of(built, **changes)


def of(built: Model, **changes: object) -> Spectrum:
    return spectrum_of(assess(built, PROFILES, context(ladder=LADDER, **changes)))


def telemetry(*classes: DataClass, exists: Truth = Truth.YES) -> Mini:
    return air_gapped().with_row(row("coder/control-plane", "vendor/telemetry", "telemetry", exists=exists, sends=classes))


def placed(id_: str, place: Place) -> Mini:
    mini = air_gapped()
    return mini.with_component(replace(mini.components[id_], place=place))


def test_the_strictest_of_all() -> None:
    found = taken(air_gapped())
    assert (found.schema, found.strictest, found.next) == (SCHEMA, "air-gapped", "")
    assert [r.profile for r in found.rungs] == list(ladder())
    assert all(r.obstacle is None for r in found.rungs)
    assert [b.profile for b in found.beside] == ["eu-residency", "regulated-perimeter", "us-residency"]


def test_the_next_rung_names_the_control_that_stops_it_with_its_finding() -> None:
    found = taken(telemetry(DataClass.PROMPT))
    assert (found.strictest, found.next) == ("fully-self-hosted", "in-network")
    obstacle = found.rungs[3].obstacle
    assert obstacle is not None
    assert (obstacle.control, obstacle.severity, obstacle.verdict) == ("INW-01", "critical", "fail")
    assert obstacle.finding == "INW-01@coder/control-plane>vendor/telemetry#content.prompt"
    assert "prompts" in obstacle.because
    assert obstacle.settled_by == ()
    assert obstacle.sentence.startswith("Nothing inside the perimeter may send content")


def test_an_open_question_stops_a_rung_with_what_would_settle_it() -> None:
    found = taken(telemetry(DataClass.PROMPT, exists=Truth.UNKNOWN))
    obstacle = found.rungs[3].obstacle
    assert obstacle is not None
    assert (obstacle.verdict, obstacle.finding) == ("unknown", "")
    assert obstacle.because.startswith("Whether telemetry")
    assert obstacle.settled_by


def test_a_waived_finding_is_not_the_one_that_stops() -> None:
    target = f"AG-01@{LINK.partition('#')[0]}#any"
    built = telemetry(DataClass.USAGE).model(stage=Stage.OPERATE, permitted=Truth.NO, captures=[coverage(90_000)])
    digest = next(f.digest for f in assess(built, PROFILES, context()).findings if f.id == target)
    waiver = Waiver("w1", "AG-01", target, "because", "an approver", "T-1", "2026-01-01", "2026-12-31", at(1), digest)
    found = of(built, waivers=(waiver,))
    assert (found.strictest, found.next) == ("air-gapped", "")


@pytest.mark.parametrize("id_", ["coder/workspace"])
def test_no_rung_holds_where_nobody_is_named(id_: str) -> None:
    found = taken(placed(id_, replace(VENDOR, operator="an unnamed party")))
    assert (found.strictest, found.next) == ("", "vendor-managed")


@settings(max_examples=40, deadline=None)
@given(given_model=models())
def test_all_below_the_strictest_hold_and_the_next_does_not(given_model: Model) -> None:
    found = of(given_model)
    verdicts = [r.verdict for r in found.rungs]
    held = [r.profile for r in found.rungs].index(found.strictest) + 1 if found.strictest else 0
    assert verdicts[:held] == ["pass"] * held
    assert (verdicts[held] != "pass") if held < len(verdicts) else found.next == ""
    for standing in (*found.rungs, *found.beside):
        assert (standing.obstacle is None) is (standing.verdict == "pass")
        assert standing.obstacle is None or standing.obstacle.because
