"""A proxy's log whose clock differs: its requests are still those on the connections that packets show, and it says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.facts.observation import CaptureSource, Observation
from auditor.traffic import log_source, observe
from auditor.traffic.proxied_clocks import behind
from auditor.traffic.times import SECOND
from tests.conftest import ROOT

RECORDED = ROOT / "fixtures" / "recordings" / "proxied"


def seen(folder: Path, shift: int) -> Observation:
    """Return what the capture inside and the proxy's log of the recording show, the log's clock shifted by some seconds."""
    text = (RECORDED / "access.log").read_text()
    (folder / "access.log").write_text(re.sub(r"^(\d+)", lambda found: str(int(found[1]) + shift), text, flags=re.MULTILINE))
    inside = CaptureSource("inside.pcap", str(RECORDED / "inside.pcap"), "", ())
    return observe([inside, log_source("access.log", str(folder / "access.log"))])


def told(found: Observation) -> list[tuple[object, ...]]:
    return [(e.source.address, e.destination, e.flows, e.payload_in, e.attempt_reason, e.source_ids) for e in found.edges]


@pytest.mark.parametrize("shift", [-7200, -30, 3, 90, 3600])
def test_a_log_whose_clock_differs_tells_the_same_flows_and_says_so(tmp_path: Path, shift: int) -> None:
    found = seen(tmp_path, shift)
    assert told(found) == told(seen(tmp_path, 0))
    (log,) = (coverage for coverage in found.coverage if coverage.id == "access.log")
    assert f"its clock is {abs(shift)}" in log.unproving.replace(".0 s", "")


@dataclass(frozen=True)
class _Open:
    start: int
    end: int

    def covers(self, start: int, end: int) -> bool:
        return self.start - 2 * SECOND <= start and end <= self.end + 2 * SECOND


def test_requests_at_even_distances_tell_no_clock() -> None:
    legs = [_Open(at * 10 * SECOND, (at * 10 + 1) * SECOND) for at in range(20)]
    late = [(leg.start + 95 * SECOND, leg.end + 95 * SECOND) for leg in legs]
    assert behind((start, end, legs) for start, end in late) == 0
    uneven = [_Open(at * at * 10 * SECOND, (at * at * 10 + 1) * SECOND) for at in range(20)]
    assert behind((leg.start + 95 * SECOND, leg.end + 95 * SECOND, uneven) for leg in uneven) == -95 * SECOND


def test_two_requests_tell_no_clock() -> None:
    legs = [_Open(at * at * SECOND, (at * at + 1) * SECOND) for at in (3, 7)]
    assert behind((leg.start + 95 * SECOND, leg.end + 95 * SECOND, legs) for leg in legs) == 0
