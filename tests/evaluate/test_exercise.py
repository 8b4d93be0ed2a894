"""A plane counts as at work only by channels that it has to itself, with data both ways, from inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.exercise import exercised_channels
from auditor.evaluate.matching import Scene
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Plane, Role, Sighting
from tests.evaluate.builder import VENDOR, air_gapped, component, model, row, seen

WORK = seen(row("coder/workspace", "coder/control-plane", "agent connection"))
PARTS = tuple(air_gapped().components.values())


def count(rows: list[FlowRow], plane: Plane = Plane.EXECUTION) -> int:
    return exercised_channels(Scene(model(PARTS, rows)))[plane]


def test_a_channel_that_starts_or_ends_in_the_plane_counts_for_it() -> None:
    assert count([WORK]) == 1
    assert count([WORK], Plane.CONTROL_PLANE) == 1
    assert count([WORK], Plane.INFERENCE) == 0


@pytest.mark.parametrize("sighting", [Sighting.ATTEMPT, Sighting.NONE_COVERED, Sighting.NONE_UNCOVERED])
def test_without_data_nothing_counts(sighting: Sighting) -> None:
    assert count([replace(WORK, sighting=sighting)]) == 0


def test_data_one_way_only_does_not_count() -> None:
    built = model(PARTS, [WORK])
    one_way = replace(built, channels=(replace(built.channels[0], payload_in=0),))
    assert exercised_channels(Scene(one_way))[Plane.EXECUTION] == 0


def test_a_channel_shared_with_another_plane_does_not_count() -> None:
    other = replace(WORK, id="other", source="coder/agent-loop", source_candidates=("coder/agent-loop",), purpose="chat")
    assert count([WORK, other]) == 0
    assert count([WORK, replace(other, configured=Truth.NO)]) == 1  # switched off: no rival
    assert count([WORK, replace(other, configured=Truth.UNKNOWN)]) == 0  # may be on


def test_traffic_that_nothing_intends_proves_no_work() -> None:
    assert count([replace(WORK, flow="")]) == 0


def test_an_end_that_is_not_certain_does_not_count() -> None:
    assert count([replace(WORK, source_candidates=("coder/agent-loop", "coder/workspace"))]) == 0


def test_two_ends_outside_prove_nothing() -> None:
    outside = (component("vendor/vm", Plane.EXECUTION, Role.WORKSPACE, VENDOR), component("vendor/api", None, None, VENDOR))
    assert exercised_channels(Scene(model(outside, [seen(row("vendor/vm", "vendor/api"))])))[Plane.EXECUTION] == 0


def test_data_that_went_out_or_back_alone_does_not_count() -> None:
    built = model(PARTS, [WORK])
    for missing in ("payload_out", "payload_in"):
        one_way = replace(built, channels=(replace(built.channels[0], **{missing: 0}),))  # type: ignore[arg-type]
        assert exercised_channels(Scene(one_way))[Plane.EXECUTION] == 0
    attempt = replace(built, channels=(replace(built.channels[0], sighting=Sighting.ATTEMPT),))
    assert exercised_channels(Scene(attempt))[Plane.EXECUTION] == 0


def test_a_flow_that_a_document_alone_intends_is_work() -> None:
    declared = replace(WORK, configured=Truth.NO, declared=Truth.YES)
    assert count([declared]) == 1
    assert count([replace(declared, declared=Truth.NO)]) == 0
    assert count([replace(declared, declared=Truth.UNKNOWN)]) == 0


def test_an_end_inside_has_to_be_inside_whichever_candidate_it_is() -> None:
    parts = (*PARTS, component("vendor/vm", Plane.EXECUTION, Role.WORKSPACE, VENDOR))
    either = replace(WORK, source_candidates=("coder/workspace", "vendor/vm"))
    out = replace(either, destination="vendor/telemetry", destination_candidates=("vendor/telemetry",))
    assert exercised_channels(Scene(model(parts, [either])))[Plane.EXECUTION] == 1  # its other end is inside for certain
    assert exercised_channels(Scene(model(parts, [out])))[Plane.EXECUTION] == 0
    from_outside = replace(WORK, source="vendor/vm", source_candidates=("vendor/vm",))
    assert exercised_channels(Scene(model(parts, [from_outside])))[Plane.EXECUTION] == 1
