"""The fold from groups to edges: order-free, grouping-free, and no untold count is taken for 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.facts.evidence import FrameLocation, LineLocation
from auditor.facts.observation import ObservedEdge
from auditor.facts.vocabulary import NameRung, Sighting
from auditor.traffic.edges import MOST_LOCATORS, SourceFile, fold
from auditor.traffic.groups import Group, attempt, held

FILES = {"a.pcap": SourceFile("a" * 64), "b.pcap": SourceFile("b" * 64), "log": SourceFile("c" * 64, "zeek")}
FILES |= {f"log.{n}": SourceFile(str(n) * 64, "zeek") for n in range(9)}


def group(**changes: Any) -> Group:
    key = ("10.0.0.1", "203.0.113.9", 443, "tcp", None, None, "x.example", "", "", "")
    kinds = ("a.pcap", "", "sni", "syn", "tls", False, "", True, "", "")
    counts = (1, 0, 3, 2, 100, 50, 220, 130)
    base = Group._make((*key, *kinds, *counts, 10, 20, 10, False, (1, 2), ("a.pcap",)))
    return base._replace(**changes)


def only(groups: Sequence[Group]) -> ObservedEdge:
    (edge,) = fold(groups, FILES)
    return edge


def test_known_counts_add_up_and_untold_ones_are_counted_apart() -> None:
    told, untold = group(), group(payload_out=None, payload_in=None, wire_out=500, untold=1)
    edge = only([told, untold])
    assert (edge.payload_out, edge.payload_in, edge.wire_out, edge.untold, edge.flows) == (100, 50, 720, 1, 2)


def test_a_count_that_no_flow_tells_is_unknown_and_not_zero() -> None:
    edge = only([group(payload_out=None, packets_in=None, untold=1)])
    assert (edge.payload_out, edge.packets_in, edge.payload_in, edge.untold) == (None, None, 50, 1)


def test_a_flow_that_another_vantage_saw_better_adds_evidence_alone() -> None:
    edge = only([group(sources=("a.pcap", "b.pcap")), group(source_id="b.pcap", counted=False, payload_out=7, frames=(9,))])
    assert (edge.flows, edge.payload_out, edge.source_ids) == (1, 100, ("a.pcap", "b.pcap"))
    assert [(w.capture, w.frames, w.payload_out) for w in edge.locators if isinstance(w, FrameLocation)] == [
        ("a.pcap", (1, 2), 100),
        ("b.pcap", (9,), 7),
    ]


def test_a_log_is_located_by_its_lines_with_what_it_tells() -> None:
    edge = only([group(source_id="log", frames=(7, 3), payload_out=None, untold=1)])
    (where,) = edge.locators
    assert isinstance(where, LineLocation)
    assert (where.source, where.log, where.lines, where.format) == ("log", "log", (3, 7), "zeek")
    assert (where.payload_out, where.payload_in, where.wire_out) == (None, 50, 220)
    assert (where.name, where.rung) == ("x.example", NameRung.SNI)


def test_a_long_rotated_set_hides_no_other_source() -> None:
    rotated = [group(source_id="log", file=f"log.{n}", sources=("log",)) for n in range(9)]
    edge = only([*rotated, group(source_id="z.pcap", sources=("z.pcap",))._replace(source_id="b.pcap")])
    assert len(edge.locators) == MOST_LOCATORS
    (first, *rest) = edge.locators
    assert isinstance(first, FrameLocation)
    assert (first.capture, first.frames, first.payload_out) == ("b.pcap", (1, 2), 100)
    assert [where.log for where in rest if isinstance(where, LineLocation)] == [f"log.{n}" for n in range(4)]


def test_the_first_protocol_by_time_is_that_of_the_edge() -> None:
    later, earlier, mute = (
        group(start=5, app_protocol="tls"),
        group(start=4, app_protocol="http"),
        group(start=1, app_protocol=""),
    )
    assert only([later, earlier, mute]).app_protocol == "http"


@pytest.mark.parametrize(
    ("reasons", "expected"), [(["unanswered", "refused"], "refused"), (["no_payload", "denied"], "denied"), (["refused", ""], "")]
)
def test_the_most_telling_reason_of_an_attempt_goes_first_and_data_before_all(reasons: list[str], expected: str) -> None:
    edge = only([group(attempt=reason) for reason in reasons])
    assert (edge.attempt_reason, edge.sighting) == (expected, Sighting.ATTEMPT if expected else Sighting.DATA)


@pytest.mark.parametrize(
    ("state", "transport", "out", "back", "expected"),
    [
        ("closed", "tcp", 5, 0, ""),
        ("closed", "tcp", 0, 0, "no_payload"),
        ("refused", "tcp", 0, 0, "refused"),
        ("unanswered", "tcp", 0, 0, "unanswered"),
        ("icmp_unreachable", "udp", 9, 0, ""),
        ("unsaid", "tcp", None, None, ""),
        ("unsaid", "tcp", None, 0, ""),
        ("unanswered", "tcp", None, None, "unanswered"),
        ("denied", "tcp", 0, 900, "denied"),
        ("denied", "tcp", None, None, "denied"),
        ("failed", "tcp", None, None, "failed"),
    ],
)
def test_what_is_an_attempt(state: str, transport: str, out: int | None, back: int | None, expected: str) -> None:
    """In doubt data flowed; bytes of a proxy's own error page make no data of what it denied."""
    assert attempt(state, transport, out, back) == expected


@pytest.mark.parametrize(
    ("seconds", "window", "expected"), [(20, 9e9, True), (19.9, 9e9, False), (10, 16, True), (10, 17, False), (9, 9, False)]
)
def test_what_is_held_open(seconds: float, window: float, expected: bool) -> None:
    assert held(seconds, window) is expected


COUNT = st.none() | st.integers(0, 9)
GROUPS = st.builds(
    group,
    dst_addr=st.sampled_from(["203.0.113.9", "2001:db8::1"]),
    dst_port=st.sampled_from([None, 53, 443]),
    vlan=st.sampled_from([None, 0, 7]),
    source_id=st.sampled_from(["a.pcap", "b.pcap", "log"]),
    name_rung=st.sampled_from(["sni", "dns_same_client"]),
    orientation_rule=st.sampled_from(["syn", "log"]),
    app_protocol=st.sampled_from(["", "tls", "http"]),
    hidden=st.booleans(),
    attempt=st.sampled_from(["", "denied", "refused"]),
    payload_out=COUNT,
    packets_out=COUNT,
    start=st.integers(0, 5),
    end=st.integers(5, 9),
    held=st.booleans(),
    frames=st.lists(st.integers(1, 30), min_size=1, max_size=5).map(tuple),
)


@given(st.lists(GROUPS, min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_groups_does_not_matter(groups: list[Group], random: object) -> None:
    shuffled = list(groups)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert fold(shuffled, FILES) == fold(groups, FILES)
