from __future__ import annotations

import dataclasses

from auditor.facts.assessment import Assessment
from auditor.report.map_model import MOST_BOXES, Map, build_map
from auditor.report.names import Names
from auditor.report.view import build_view
from tests.report import samples


def mapped(assessment: Assessment) -> Map:
    """Return the map of an assessment."""
    names = Names(assessment)
    return build_map(assessment, build_view(assessment, names).flows, names)


def crowded(assessment: Assessment, count: int) -> Assessment:
    """Return ``assessment`` with ``count`` more components, each with a flow to the first one."""
    more = tuple(samples.component(f"x/w{n}", f"Worker {n}", "execution", "worker", samples.place()) for n in range(count))
    channels = tuple(samples.channel(c.id, assessment.components[0].id, "db", 5432) for c in more)
    flows = tuple(samples.flow(channel, "state", "confirmed") for channel in channels)
    return dataclasses.replace(
        assessment,
        components=(*assessment.components, *more),
        channels=(*assessment.channels, *channels),
        flows=(*assessment.flows, *flows),
    )


def test_bands_are_zones_then_operators_then_what_is_not_established(coder: Assessment, cursor: Assessment) -> None:
    assert [(b.title, b.kind) for b in mapped(coder).bands] == [
        ("corp", "inside"),
        ("dev", "inside"),
        ("Anthropic PBC", "outside"),
        ("Other operators", "outside"),
        ("Place not established", "unknown"),
    ]
    assert [(b.title, b.kind) for b in mapped(cursor).bands] == [
        ("workers", "inside"),
        ("Anysphere, Inc.", "outside"),
        ("Other operators", "outside"),
    ]


def test_what_is_switched_off_is_not_drawn(coder: Assessment) -> None:
    drawn = {flow.purpose for line in mapped(coder).lines for flow in line.flows}
    assert "licence usage reports" not in drawn
    assert len(drawn) == len({flow.purpose for flow in coder.flows}) - 1


def test_an_end_that_no_component_explains_has_a_box(coder: Assessment) -> None:
    channel = samples.channel("addr:10.20.1.99", "git/server", "git.corp.example", source_candidates=())
    flow = samples.flow(channel, "", "undeclared")
    content = mapped(dataclasses.replace(coder, channels=(*coder.channels, channel), flows=(*coder.flows, flow)))
    box = next(box for box in content.boxes if box.id == "addr:10.20.1.99")
    assert (box.band, box.plane, box.certain) == ("?", "", False)


def test_a_box_of_an_unlisted_zone_stays_on_the_map(coder: Assessment) -> None:
    lost = samples.component("y/z", "Lost", "execution", "worker", samples.place("nowhere"))
    content = mapped(dataclasses.replace(coder, components=(*coder.components, lost)))
    assert next(box.band for box in content.boxes if box.id == "y/z") == "?"


def test_above_a_size_boxes_of_a_cell_and_parallel_lines_are_merged(coder: Assessment) -> None:
    assert not mapped(coder).merged
    content = mapped(crowded(coder, 40))
    assert content.merged
    assert len(content.boxes) <= MOST_BOXES
    assert sum(len(box.members) for box in content.boxes) == len(coder.components) + 40
    drawn = len(coder.flows) - 1 + 40
    assert sum(len(line.flows) for line in content.lines) + content.hidden == drawn
    assert len({(line.source, line.target) for line in content.lines}) == len(content.lines)


def test_a_merged_box_outside_tells_who_and_where(coder: Assessment) -> None:
    """Whoever looks at a merged map still sees whose machines and which country: two names, else how many."""
    for operators, told in ((2, "operator-0, operator-1"), (3, "3 operators")):
        others = tuple(
            samples.component(
                f"o{n}/x", f"Other {n}", "supporting", "worker", samples.outside(f"operator-{n % operators}", "US", "US")
            )
            for n in range(40)
        )
        channels = tuple(samples.channel(coder.components[0].id, other.id, f"{n}.example") for n, other in enumerate(others))
        flows = tuple(samples.flow(channel, "state", "confirmed") for channel in channels)
        content = mapped(dataclasses.replace(coder, components=(coder.components[0], *others), flows=flows, channels=channels))
        box = next(box for box in content.boxes if "Other 0" in box.members[0])
        assert (box.title, box.lines) == ("40 components", (told, "US"))
        assert box.members[0] == "Other 0 (operator-0, US)"


def test_a_merged_line_shows_the_worst_of_its_flows(coder: Assessment) -> None:
    flow = next(f for f in coder.flows if f.purpose == "Claude Code inference")
    again = dataclasses.replace(flow, id="again", purpose="again", name="confirmed")
    content = mapped(crowded(dataclasses.replace(coder, flows=(*coder.flows, again)), 40))
    line = next(line for line in content.lines if {f.purpose for f in line.flows} >= {"again"})
    assert (line.style, len(line.flows)) == ("violation", 2)
