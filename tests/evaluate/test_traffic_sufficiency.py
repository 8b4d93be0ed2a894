"""Silence counts only when a capture was long enough, whole, recent, and could have seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate import load_profile
from auditor.evaluate.matching import Scene
from auditor.evaluate.traffic_sufficiency import observed_seconds, traffic_doubts
from auditor.facts.observation import SourceCoverage
from auditor.facts.profile import Control, Parameter
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Sighting, Stage
from tests.evaluate.builder import AS_OF, air_gapped, coverage, gap

CONTROL: Control = next(c for c in load_profile("in-network").controls if c.id == "INW-01")


def doubts(*captures: SourceCoverage, control: Control = CONTROL) -> list[str]:
    scene = Scene(air_gapped().model(stage=Stage.OPERATE, captures=captures))
    return [f"{u.kind.value}@{u.subject}" for u in traffic_doubts(control, scene, lambda _: Truth.YES, AS_OF)]


@pytest.mark.parametrize(
    ("captures", "expected"),
    [
        ([], ["observation_missing@observed"]),
        ([coverage()], []),
        ([coverage(86_399)], ["observation_window@observed"]),
        ([coverage(truncated=True)], ["observation_coverage@egress.pcapng"]),
        ([coverage(drops=3)], ["observation_coverage@egress.pcapng"]),
        ([coverage(packets=0, addresses=())], ["observation_coverage@egress.pcapng", "observation_window@observed"]),
        ([coverage(packets=0, addresses=(), canary=Sighting.DATA)], []),
        (
            [coverage(packets=0, addresses=(), canary=Sighting.NONE_COVERED), coverage(id="in")],
            ["observation_coverage@egress.pcapng"],
        ),
        ([coverage(packets=0, addresses=()), coverage(id="inside.pcap")], []),  # a second vantage saw the zone at work
        ([coverage(packets=0, addresses=()), coverage(id="lab", sees=("lab",))], ["observation_coverage@egress.pcapng"]),
    ],
)
def test_what_voids_silence(captures: list[SourceCoverage], expected: list[str]) -> None:
    assert doubts(*captures) == expected


def test_a_long_capture_of_something_else_does_not_lengthen_the_window() -> None:
    short, elsewhere = coverage(60), coverage(90_000, id="lab", addresses=("192.0.2.1",))
    assert observed_seconds(Scene(air_gapped().model(captures=[short, elsewhere]))) == 60


def test_age_is_judged_against_as_of() -> None:
    aged = replace(CONTROL, parameters=(Parameter("max_age", ("2d",)),))
    assert doubts(coverage(), control=aged) == []
    stale = replace(CONTROL, parameters=(Parameter("max_age", ("23h",)),))
    assert doubts(coverage(), control=stale) == ["observation_stale@egress.pcapng"]
    assert doubts(coverage(last_time=""), control=aged) == ["evidence_undated@egress.pcapng"]


def test_a_source_that_no_capture_could_see_is_named_once() -> None:
    mini = air_gapped()
    off = mini.rows["coder/control-plane>vendor/telemetry#telemetry"]
    blind = mini.with_row(replace(off, sighting=Sighting.NONE_UNCOVERED))
    for gaps, expected in (([], ["observation_coverage"]), ([gap(Basis.OBSERVED)], [])):  # reconciliation's own gap says it
        scene = Scene(blind.model(stage=Stage.OPERATE, captures=[coverage()], gaps=gaps))
        found = traffic_doubts(CONTROL, scene, lambda _: Truth.YES, AS_OF)
        assert [u.kind.value for u in found] == expected
