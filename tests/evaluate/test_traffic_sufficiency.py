"""Silence counts only when a capture was long enough, whole, recent, and could have seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate import load_profile
from auditor.evaluate.matching import Scene
from auditor.evaluate.traffic_sufficiency import observed_seconds, traffic_doubts
from auditor.facts.inventory import Component
from auditor.facts.observation import SourceCoverage
from auditor.facts.profile import Control, Parameter
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Plane, Role, Sighting, Stage
from tests.evaluate.builder import AS_OF, VENDOR, air_gapped, component, coverage, gap

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


def watched(*captures: SourceCoverage, **changes: object) -> float:
    made = air_gapped().model(captures=captures)
    return observed_seconds(Scene(replace(made, **changes)), 86_400)  # type: ignore[arg-type]


def test_only_workloads_inside_make_a_vantage_one_that_is_relied_on() -> None:
    """Nothing of the zone inside is shown: then the longest capture counts, whatever else it shows."""
    made = air_gapped().model()
    lab = replace(made.zones[0], id="lab", inside=False)
    guests = tuple(replace(w, zone="lab") for w in made.workloads)
    short, long = coverage(60, id="short"), coverage(90_000, id="long", vantage="other")
    assert watched(short, long, zones=(lab,), workloads=guests) == 90_000
    assert watched(short, long) == 60
    half = (*made.workloads[:1], *guests[1:])
    assert watched(short, long, zones=(*made.zones, lab), workloads=half) == 60
    elsewhere = tuple(replace(w, networks=("192.0.2.0/24",)) for w in made.workloads[:1])
    assert watched(short, long, zones=(*made.zones, lab), workloads=(*elsewhere, *guests[1:])) == 90_000


def test_any_address_in_any_network_proves_a_workload_present() -> None:
    made = air_gapped().model()
    several = tuple(replace(w, networks=("192.0.2.0/24", "fd00:20::/64", "10.20.1.99/16")) for w in made.workloads)
    shown = coverage(60, addresses=("198.51.100.7", "2001:db8::1", "10.20.1.10"))
    assert watched(shown, coverage(90_000, id="long", addresses=()), workloads=several) == 60
    none = coverage(60, addresses=("198.51.100.7", "2001:db8::1"))
    assert watched(none, coverage(90_000, id="long", addresses=()), workloads=several) == 90_000


def test_captures_of_one_vantage_follow_each_other_and_nameless_vantages_are_told_apart() -> None:
    assert observed(coverage(60, id="a"), coverage(90_000, id="b")) == 90_000
    assert observed(coverage(60, id="a", vantage=""), coverage(90_000, id="b", vantage="")) == 60


def test_an_empty_capture_is_watched_as_long_as_the_longest_overlap() -> None:
    empty = coverage(125_000, id="empty", vantage="perimeter", packets=0, addresses=())
    short = coverage(10, id="short", vantage="inside", first_time="2026-11-21T00:00:00Z", last_time="2026-11-21T00:00:10Z")
    long = coverage(3_600, id="long", vantage="inside", first_time="2026-11-21T00:00:00Z", last_time="2026-11-21T01:00:00Z")
    assert observed(empty, short, long) == 3_600


def test_noise_of_the_link_is_told_from_other_packets_that_were_skipped() -> None:
    noisy = coverage(packets=3, skipped=(("link_local:arp", 3),))
    assert doubts(noisy) == ["observation_coverage@egress.pcapng", "observation_window@observed"]
    assert doubts(coverage(packets=3, skipped=(("link_local:arp", 2), ("not_ip", 1)))) == []


def test_exactly_the_window_that_is_asked_for_is_enough() -> None:
    assert doubts(coverage(86_400)) == []


def blind(changed: FlowRow, scope: Truth = Truth.YES, *parts: Component) -> list[str]:
    mini = air_gapped()
    for part in parts:
        mini = mini.with_component(part)
    scene = Scene(mini.with_row(changed).model(stage=Stage.OPERATE, captures=[coverage()]))
    return [u.subject for u in traffic_doubts(CONTROL, scene, lambda _: scope, AS_OF)]


UNSEEN = replace(air_gapped().rows["coder/control-plane>vendor/telemetry#telemetry"], sighting=Sighting.NONE_UNCOVERED)


def test_sources_that_no_capture_could_see() -> None:
    assert blind(UNSEEN) == ["coder/control-plane"]
    assert blind(UNSEEN, Truth.UNKNOWN) == ["coder/control-plane"]
    assert blind(UNSEEN, Truth.NO) == []
    assert blind(replace(UNSEEN, sighting=Sighting.NONE_COVERED)) == []
    stranger = replace(UNSEEN, source="addr:10.20.9.9", source_candidates=("addr:10.20.9.9",))
    assert blind(stranger) == ["addr:10.20.9.9"]


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"present": Truth.UNKNOWN}, True),
        ({"present": Truth.NO}, False),
        ({"place": VENDOR}, False),
        ({"place": replace(VENDOR, inside=None)}, True),
        ({"place": VENDOR, "present": Truth.NO}, False),
    ],
)
def test_a_source_counts_that_may_be_there_and_may_be_inside(changes: dict[str, object], counts: bool) -> None:
    part = replace(component("coder/extra", Plane.SUPPORTING, Role.PROXY), **changes)  # type: ignore[arg-type]
    sends = replace(UNSEEN, id="extra", source="coder/extra", source_candidates=("coder/extra",), channel="extra")
    assert blind(sends, Truth.YES, part) == (["coder/extra"] if counts else [])


def test_one_flow_of_a_workload_that_was_seen_proves_the_sensor_for_all_of_it() -> None:
    together = replace(component("coder/extra", Plane.SUPPORTING, Role.PROXY), workload="coder/agent-loop")
    sends = replace(UNSEEN, id="extra", source="coder/extra", source_candidates=("coder/extra",), channel="extra")
    assert blind(sends, Truth.YES, together) == []
    alone = replace(together, workload="")
    assert blind(sends, Truth.YES, alone) == ["coder/extra"]


def test_who_has_no_workload_is_told_apart_from_all_others_that_have_none() -> None:
    """What lies outside has no workload either: its traffic proves nothing of a sensor for a component here."""
    alone = replace(component("coder/extra", Plane.SUPPORTING, Role.PROXY), workload="")
    sends = replace(UNSEEN, id="extra", source="coder/extra", source_candidates=("coder/extra",), channel="extra")
    answers = replace(
        sends, id="in", source="vendor/telemetry", source_candidates=("vendor/telemetry",), sighting=Sighting.DATA, channel="in"
    )
    mini = air_gapped().with_component(alone).with_row(answers)
    scene = Scene(mini.with_row(sends).model(stage=Stage.OPERATE, captures=[coverage()]))
    assert [u.subject for u in traffic_doubts(CONTROL, scene, lambda _: Truth.YES, AS_OF)] == ["coder/extra"]


def test_a_capture_of_one_moment_holds_packets_and_lasts_no_time() -> None:
    assert doubts(coverage(0.0, packets=1)) == ["observation_window@observed"]


def test_pauses_are_taken_off_only_where_a_window_is_asked_for() -> None:
    paused = coverage(90_000, pauses=(80_000.0,))
    assert observed(paused, wanted=0.0) == 90_000
    assert observed(paused) == 10_000
