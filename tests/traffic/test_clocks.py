"""Sources whose clocks differ: noticed, told, and their flows not counted twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.facts.observation import Observation
from auditor.traffic import log_source, observe
from auditor.traffic.observe import flow_table
from auditor.traffic.publish import source_notes
from tests.traffic.wire import CLIENT, SERVER, START, Connection, pcap, save

HOUR = 3600.0


def zeek(number: int, at: float) -> str:
    told = {
        "ts": START + at + number, "uid": f"C{number}", "id.orig_h": CLIENT, "id.orig_p": 50000 + number, "id.resp_h": SERVER,
        "id.resp_p": 443, "proto": "tcp", "duration": 0.2, "orig_bytes": 4, "resp_bytes": 900, "conn_state": "SF", "orig_pkts": 5,
        "orig_ip_bytes": 300, "resp_pkts": 3, "resp_ip_bytes": 1100, "history": "ShADadFf",
    }  # fmt: skip
    return json.dumps(told) + "\n"


def sources(folder: Path, shifts: list[float]) -> list[object]:
    """Return a capture of one flow a second, and a Zeek log in which each of them lies apart by its shift."""
    frames = []
    for number in range(len(shifts)):
        connection = Connection(client_port=50000 + number, isn=1000 + number)
        flow = [*connection.handshake(), connection.say(b"ask "), connection.answer(b"y" * 900)]
        frames += [(number + at / 1000, frame) for at, frame in enumerate(flow)]
    (folder / "conn.log").write_text("".join(zeek(number, shift) for number, shift in enumerate(shifts)))
    return [save(folder, pcap(frames), "a.pcap"), log_source("conn.log", str(folder / "conn.log"))]


def seen(folder: Path, shifts: list[float]) -> Observation:
    return observe(sources(folder, shifts))  # type: ignore[arg-type]


@pytest.mark.parametrize(("shift", "way"), [(HOUR, "ahead of"), (-HOUR, "behind"), (7.25, "ahead of")])
def test_a_shifted_clock_is_told_by_both_and_no_flow_counts_twice(tmp_path: Path, shift: float, way: str) -> None:
    found = seen(tmp_path, [shift] * 4)
    (edge,) = found.edges
    assert (edge.flows, edge.payload_in, edge.source_ids) == (4, 3600, ("a.pcap", "conn.log"))
    (log,) = (c for c in found.coverage if c.id == "conn.log")
    assert log.unproving == f"its clock is {abs(shift):.1f} s {way} that of a.pcap, by 4 flows that both show"
    assert edge.last_time < "2023-11-14T22:13:30Z"  # the packets' times, as they were recorded


def test_both_sources_say_so_beside_the_table(tmp_path: Path) -> None:
    _, readings, _ = flow_table(sources(tmp_path, [HOUR] * 3))  # type: ignore[arg-type]
    notes = [note for reading in readings for note in source_notes(reading) if "clock" in note]
    assert notes == [
        "a.pcap: its clock is 3600.0 s behind that of conn.log, by 3 flows that both show",
        "conn.log: its silence proves nothing: its clock is 3600.0 s ahead of that of a.pcap, by 3 flows that both show",
    ]


@pytest.mark.parametrize(
    "shifts",
    [[HOUR] * 2, [HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR], [0.0, 0.0, HOUR, HOUR, HOUR][:4], [HOUR, HOUR, 9 * HOUR, 9 * HOUR]],
    ids=["too few", "no one time", "half at once", "two times"],
)
def test_what_does_not_agree_is_no_shifted_clock(tmp_path: Path, shifts: list[float]) -> None:
    found = seen(tmp_path, shifts)
    assert sum(edge.flows for edge in found.edges) == len(shifts) + sum(shift != 0 for shift in shifts)
    assert not any("clock" in coverage.unproving for coverage in found.coverage)


def test_clocks_that_agree_are_not_spoken_of(tmp_path: Path) -> None:
    found = seen(tmp_path, [1.5] * 5)
    assert [edge.flows for edge in found.edges] == [5]
    assert not any(coverage.unproving for coverage in found.coverage)
