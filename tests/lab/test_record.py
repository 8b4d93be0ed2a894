"""A fresh recording: what the traffic stage finds in it is what the lab sent, and back."""

from __future__ import annotations

import ipaddress
import os
import subprocess
from pathlib import Path

import pytest

from auditor.facts.observation import CaptureSource, Observation, ObservedEdge
from auditor.facts.vocabulary import Sighting
from auditor.traffic import observe
from fixtures.lab.deployments import SCENARIOS
from fixtures.lab.record import missing, record
from fixtures.lab.truth import Truth

pytestmark = [pytest.mark.root, pytest.mark.slow]

RECORDED = ("coder-air-gapped", "coder-mislabelled")
Key = tuple[str, str, str, int, str, str, bool]


@pytest.fixture(params=RECORDED, scope="module")
def recording(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, tuple[Truth, ...], Observation]:
    """Record one deployment and read both of its captures."""
    lacks = missing()
    if lacks:
        pytest.skip(f"the lab cannot run here: it lacks {', '.join(lacks)}")
    folder = tmp_path_factory.mktemp("lab")
    truth = record(SCENARIOS[request.param](), folder)
    sources = [_source(folder, "perimeter.pcapng"), _source(folder, "inside.pcap")]
    return request.param, truth, observe(sources)


def _source(folder: Path, name: str) -> CaptureSource:
    return CaptureSource(f"traffic/{name}", str(folder / "traffic" / name), name.partition(".")[0], ("corp",))


def _noise(edge: ObservedEdge) -> bool:
    """Return whether an edge is neighbour discovery or multicast of the kernels: never sent by the lab's programs."""
    ends = [ipaddress.ip_address(end.address) for end in (edge.source, edge.destination) if end.address]
    return any(end.is_link_local or end.is_multicast or end.is_unspecified for end in ends) or "icmp" in edge.source.transport


def _seen(edge: ObservedEdge) -> Key:
    end = edge.destination
    kind = "data" if edge.sighting is Sighting.DATA else "attempt"
    name = "" if edge.name_hidden else end.name
    return (edge.source.address, name, end.address, end.port, end.transport.value, kind, edge.name_hidden)


def _sent(entry: Truth) -> Key:
    end = (entry.destination_name, entry.destination_address, entry.port, entry.transport)
    return (entry.source_address, *end, entry.kind, entry.hidden_name)


def test_what_was_found_is_what_was_sent_and_nothing_else(recording: tuple[str, tuple[Truth, ...], Observation]) -> None:
    _, truth, observation = recording
    assert sorted(_seen(edge) for edge in observation.edges if not _noise(edge)) == sorted(_sent(entry) for entry in truth)


def test_no_byte_that_was_sent_is_missing_and_held_channels_are_told_apart(
    recording: tuple[str, tuple[Truth, ...], Observation],
) -> None:
    _, truth, observation = recording
    edges = {_seen(edge): edge for edge in observation.edges}
    for entry in truth:
        edge = edges[_sent(entry)]
        assert edge.payload_out is not None
        assert edge.payload_in is not None
        assert edge.payload_out >= entry.payload_out_at_least, entry
        assert edge.payload_in >= entry.payload_in_at_least, entry
        assert edge.held_open is entry.held_open, entry


def test_the_perimeter_of_the_air_gap_saw_nothing_and_can_say_so(recording: tuple[str, tuple[Truth, ...], Observation]) -> None:
    name, _, observation = recording
    coverage = {source.id: source for source in observation.coverage}
    perimeter, inside = coverage["traffic/perimeter.pcapng"], coverage["traffic/inside.pcap"]
    assert (perimeter.packets == 0) is (name == "coder-air-gapped")
    assert perimeter.drops == 0
    assert 20 <= perimeter.window_seconds <= 120
    assert 20 <= inside.window_seconds <= 120
    assert {"10.20.1.10", "10.20.1.20", "10.20.2.10", "10.20.8.11", "10.20.8.12"} <= set(inside.addresses)


def test_the_lab_leaves_no_namespace_behind(recording: tuple[str, tuple[Truth, ...], Observation]) -> None:
    assert recording
    left = subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True, timeout=10).stdout
    assert f"aud-{os.getpid():x}-" not in left
