"""The committed captures hold exactly what the lab's programs sent while they were recorded."""

from __future__ import annotations

import functools

import pytest

from auditor.facts.observation import Observation
from auditor.facts.vocabulary import Stage
from fixtures.lab.truth import Truth, read
from tests.acceptance import harness
from tests.lab.test_record import _noise, _seen, _sent


@functools.cache
def _truth(name: str) -> tuple[Truth, ...]:
    return read(harness.DEPLOYMENTS / name / "truth.json")


def _observation(name: str) -> Observation:
    found = harness.gathered(name, Stage.OPERATE).observation
    assert found is not None
    return found


@pytest.mark.parametrize("name", harness.NAMES)
def test_what_was_found_is_what_was_sent_and_nothing_else(name: str) -> None:
    found = sorted(_seen(edge) for edge in _observation(name).edges if not _noise(edge))
    assert found == sorted(_sent(entry) for entry in _truth(name))


@pytest.mark.parametrize("name", harness.NAMES)
def test_no_byte_that_was_sent_is_missing_and_held_channels_are_told_apart(name: str) -> None:
    edges = {_seen(edge): edge for edge in _observation(name).edges}
    for entry in _truth(name):
        edge = edges[_sent(entry)]
        assert edge.payload_out is not None
        assert edge.payload_in is not None
        assert edge.payload_out >= entry.payload_out_at_least, entry
        assert edge.payload_in >= entry.payload_in_at_least, entry
        assert edge.held_open is entry.held_open, entry


@pytest.mark.parametrize("name", harness.NAMES)
def test_both_vantages_were_read_to_the_end(name: str) -> None:
    coverage = {each.id: each for each in _observation(name).coverage}
    assert sorted(coverage) == ["traffic/inside.pcap", "traffic/perimeter.pcapng"]
    assert [(each.truncated, each.truncated_packets) for each in coverage.values()] == [(False, 0), (False, 0)]
    assert coverage["traffic/perimeter.pcapng"].drops == 0
    assert all(each.window_seconds > 20 for each in coverage.values())
    assert bool(coverage["traffic/perimeter.pcapng"].packets) is bool(harness.expected(name)["outside"])
