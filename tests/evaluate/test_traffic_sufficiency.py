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


PROXY = coverage(9e9, id="proxy", logged=True, unproving="only what goes through this proxy is logged", truncated=True)


def test_a_log_that_proves_nothing_neither_helps_nor_harms() -> None:
    assert doubts(coverage(), PROXY) == []
    assert doubts(coverage(60), PROXY) == ["observation_window@observed"]
    assert doubts(PROXY) == ["observation_coverage@proxy"]
    assert observed(coverage(60), PROXY) == 60


def test_a_complete_log_counts_like_a_capture() -> None:
    assert doubts(coverage(logged=True, drops=None)) == []


def test_a_long_capture_of_something_else_does_not_lengthen_the_window() -> None:
    short, elsewhere = coverage(60), coverage(90_000, id="lab", addresses=("192.0.2.1",))
    assert observed_seconds(Scene(air_gapped().model(captures=[short, elsewhere]))) == 60


def observed(*captures: SourceCoverage, wanted: float = 86_400) -> float:
    return observed_seconds(Scene(air_gapped().model(captures=captures)), wanted)


def test_a_stray_packet_long_before_the_others_does_not_stretch_the_window() -> None:
    stretched = coverage(90_000, pauses=(89_970.0,))
    assert observed(stretched) == 30
    scene = Scene(air_gapped().model(stage=Stage.OPERATE, captures=[stretched]))
    (found,) = traffic_doubts(CONTROL, scene, lambda _: Truth.YES, AS_OF)
    assert found.text == (
        "Traffic was watched for 30 seconds; this profile asks for 24 hours. "
        "egress.pcapng shows no packet for 25 hours, which is not counted."
    )


def test_pauses_up_to_half_of_the_wanted_window_count() -> None:
    assert observed(coverage(90_000, pauses=(43_200.0,))) == 90_000
    assert observed(coverage(90_000, pauses=(43_201.0, 43_200.0))) == 46_799


def test_an_empty_capture_without_times_never_counts() -> None:
    bare = coverage(0, id="empty", packets=0, addresses=(), first_time="", last_time="")
    assert doubts(bare, coverage()) == ["observation_coverage@empty", "evidence_undated@empty"]
    assert doubts(replace(bare, canary=Sighting.DATA), coverage())[0] == "observation_coverage@empty"


def test_a_capture_of_nothing_but_local_noise_is_empty() -> None:
    noise = coverage(id="noise", packets=3, skipped=(("link_local:arp", 2), ("link_local:stp", 1)), sees=("lab",))
    assert doubts(noise, coverage())[0] == "observation_coverage@noise"


def test_a_second_vantage_of_another_year_shows_nothing_of_an_empty_one() -> None:
    empty = coverage(id="empty", packets=0, addresses=())
    old = coverage(first_time="2025-11-21T00:00:00Z", last_time="2025-11-22T12:00:00Z")
    assert doubts(empty, old)[0] == "observation_coverage@empty"


def test_an_empty_vantage_counts_only_while_the_other_saw_the_zone_at_work() -> None:
    empty = coverage(125_000, id="empty", vantage="perimeter", packets=0, addresses=())
    inside = coverage(90_000, id="inside", vantage="inside", first_time="2026-11-21T00:00:00Z", last_time="2026-11-22T01:00:00Z")
    assert observed(empty, inside) == 90_000
    late = replace(inside, first_time="2026-11-22T11:00:00Z", last_time="2026-11-23T12:00:00Z")
    assert observed(empty, late) == 3_600


def test_the_window_is_the_least_over_the_vantages_relied_on() -> None:
    inside, perimeter = coverage(90_000, id="inside", vantage="inside"), coverage(30, id="perimeter", vantage="perimeter")
    assert observed(inside, perimeter) == 30
    assert observed(inside, perimeter, coverage(86_400, id="again", vantage="perimeter")) == 86_400


def test_a_capture_from_after_the_day_judged_is_not_taken() -> None:
    assert doubts(coverage(last_time="2026-11-23T12:00:00.000001Z")) == ["observation_stale@egress.pcapng"]
    assert doubts(coverage(last_time="2026-11-23T12:00:00Z")) == []


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
