"""A run that is killed at any moment leaves a folder that counts whole sources alone, and the next run makes it whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from auditor.traffic.lake.reducing import reduce_table
from auditor.traffic.lake.writing import markers
from tests.traffic.lake.test_writing import tree
from tests.traffic.wire import CLIENT, SERVER, START

pytestmark = pytest.mark.slow
KILLS = 6
SOURCES = 4
FLOWS = 4_000


def logs(folder: Path) -> list[Path]:
    """Write flow logs of several days, each with as many flows as the others."""
    made = []
    for source in range(SOURCES):
        lines = []
        for number in range(FLOWS):
            begin = START + source * 7 + number * 90
            ends = f"{CLIENT} {SERVER} {1024 + number} {443 + source}"
            lines.append(f"2 123456789010 eni-0a1b2c3d {ends} 6 5 900 {begin} {begin + 1} ACCEPT OK\n")
        path = folder / f"{source}.log"
        path.write_text("".join(lines))
        made.append(path)
    return made


def run(paths: list[Path], lake: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "auditor", "flows", *map(str, paths), "-q", "--output", f"parquet:{lake}/"]
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def counted(lake: Path) -> int:
    """Return the rows that count; a folder in which nothing is whole is no table."""
    if not list(markers(lake)):
        if lake.exists():
            with pytest.raises(UnreadableError, match="no table"):
                reduce_table(str(lake))
        return 0
    return reduce_table(str(lake)).rows


def killed_at(process: subprocess.Popen[bytes], lake: Path, files: int) -> bool:
    """Kill a run once it has made so many files; return whether it came to that."""
    while process.poll() is None:
        if sum(path.is_file() for path in lake.rglob("*")) >= files:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        time.sleep(0.001)
    return False


def finished(lake: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(lake).items() if not name.endswith(".unfinished")}


def test_a_run_that_is_killed_at_any_moment_is_finished_by_the_next(tmp_path: Path) -> None:
    paths = logs(tmp_path)
    assert run(paths, tmp_path / "whole").wait(timeout=240) == 0
    wanted = finished(tmp_path / "whole")
    chance, lake, before, killed = random.Random(8), tmp_path / "lake", 0, 0  # noqa: S311 -- moments of a test
    for _ in range(KILLS):
        there = len(tree(lake)) if lake.exists() else 0
        killed += killed_at(run(paths, lake), lake, there + chance.randrange(1, max(2, len(wanted) - there + 1)))
        rows = counted(lake)
        assert rows % FLOWS == 0  # whole sources alone
        assert rows >= before  # and none is lost again
        before = rows
        if rows == SOURCES * FLOWS:
            assert finished(lake) == wanted
            shutil.rmtree(lake)
            before = 0
    assert killed >= KILLS // 2
    assert run(paths, lake).wait(timeout=240) == 0
    assert finished(lake) == wanted
