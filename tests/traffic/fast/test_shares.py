"""One capture read in shares by several processes tells what one reader tells."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.observation import CaptureSource
from auditor.traffic import reading
from auditor.traffic.fast import shares
from auditor.traffic.fast.memory import shares_of
from auditor.traffic.fast.shares import read_in_shares
from auditor.traffic.names import Lookups
from auditor.traffic.observe import flow_table
from auditor.traffic.table import FlowTable
from tests.traffic.fast.made import FLOWS, KINDS, TAGS, Made, capture_of
from tests.traffic.wire import enhanced, interface, pcap, save, section, udp


def _made(seed: int, count: int = 600) -> list[Made]:
    rng = random.Random(seed)  # noqa: S311 -- made packets
    waits = [1000] * 20 + [1_500_000_000, 301_000_000_000, -5_000_000]
    return [
        Made(
            rng.choice(KINDS), rng.randrange(FLOWS), rng.random() < 0.5, rng.choice([0x10, 0x18, 0x18, 0x02, 0x12, 0x11, 0x14]),
            rng.randrange(12) * 40, rng.choice([0, 40, 40, 80, 333]), rng.randrange(6), rng.choice([(), (), *TAGS]), 0,
            rng.choice(waits),
        )
        for _ in range(count)
    ]  # fmt: skip


def _alone(source: CaptureSource, *, local: bool) -> Any:
    table, lookups = FlowTable.packed(), Lookups()
    told = reading.read_capture(source, table, lookups, None, local=local)
    return table.columns, lookups, [told]


@pytest.mark.parametrize(("seed", "count", "form"), [(1, 2, "nano"), (2, 3, "pcapng")])
def test_shares_tell_what_one_reader_tells(tmp_path: Path, seed: int, count: int, form: str) -> None:
    source = save(tmp_path, capture_of(_made(seed), form))
    local = seed % 2 == 0
    told = read_in_shares(source, None, count, local=local)
    assert told is not None
    table, lookups, readings = told
    assert (table.columns, lookups, readings) == _alone(source, local=local)
    assert len(table) > 40


def test_every_flow_is_in_one_share() -> None:
    for count in range(2, 70):
        found = shares_of(count)
        assert found[0].low == 0
        assert found[-1].high == 1 << 16
        assert all(one.high == two.low and one.low < one.high for one, two in pairwise(found))


def test_what_needs_all_packets_is_read_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several interfaces (duplicates among all of them) and more flows than may live (which of all gives way)."""
    two = section() + interface() + interface() + b"".join(enhanced(udp(b"x"), n, n % 2) for n in range(9))
    assert read_in_shares(save(tmp_path, two, "two.pcapng"), None, 2, local=False) is None
    monkeypatch.setattr(shares, "MOST_LIVE", 20)
    many = pcap([udp(b"x", sport=1000 + n) for n in range(200)])
    assert read_in_shares(save(tmp_path, many), None, 2, local=False) is None


def test_a_digest_of_other_bytes_than_those_read_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file grew, and nobody met a packet more."""
    real = shares._read
    monkeypatch.setattr(shares, "_read", lambda *given, **options: real(*given, **options)._replace(size=1))
    assert read_in_shares(save(tmp_path, capture_of(_made(3), "nano")), None, 2, local=False) is None


def test_a_very_large_capture_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = save(tmp_path, capture_of(_made(7), "nano"))
    table, *rest = flow_table([source])
    used = []

    def noted(*args: Any, **options: Any) -> Any:
        used.append(args)
        return read_in_shares(*args, **options)

    monkeypatch.setattr(reading, "WORTH_SHARES", 1)
    monkeypatch.setattr(reading, "_processors", lambda: 2)
    monkeypatch.setattr(shares, "read_in_shares", noted)
    shared, *shared_rest = flow_table([source])
    assert (shared.columns, shared_rest) == (table.columns, rest)
    assert len(used) == 1


_READ = """
import sys
from auditor.traffic import reading
from auditor.traffic.fast import partner
if sys.argv[1] != "alone":
    reading.WORTH_SHARES, reading._processors = 1, lambda: 3
if sys.argv[1] == "killed":
    import os
    partner._serve = lambda *_: os.kill(os.getpid(), 9)
assert partner.way_to_start() == ("fork" if sys.platform == "linux" else "spawn")
from auditor.cli import main
sys.exit(main(["flows", "-q", "-o", f"csv:{sys.argv[3]}", sys.argv[2]]))
"""
"""A program of its own: here other threads run, so a copy of this process would not be started."""


def _run(way: str, source: CaptureSource, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _READ, way, source.path, str(out)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_copies_of_a_process_tell_what_one_reader_tells(tmp_path: Path) -> None:
    source = save(tmp_path, capture_of(_made(8), "nano"))
    for way in ("shared", "alone"):
        done = _run(way, source, tmp_path / f"{way}.csv")
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "shared.csv").read_text() == (tmp_path / "alone.csv").read_text()


def test_a_copy_that_is_stopped_is_an_error_and_no_silence(tmp_path: Path) -> None:
    done = _run("killed", save(tmp_path, capture_of(_made(9), "nano")), tmp_path / "flows.csv")
    assert done.returncode == 4
    assert "a process that read them was stopped from outside" in done.stderr
    assert not (tmp_path / "flows.csv").exists()
