"""A folder of parts: whole or not there, the same bytes each time, and nothing of an unfinished source counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.errors import UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.lake import writing
from auditor.traffic.lake.folder import write_folder
from auditor.traffic.lake.reducing import reduce_table
from auditor.traffic.lake.schema import ALL
from auditor.traffic.lake.writing import markers, source_written, write_source
from auditor.traffic.logs import LogSource
from auditor.traffic.sources import MARKERS
from auditor.traffic.times import rfc3339
from tests.conftest import ROOT
from tests.traffic.lake.rows import random_table
from tests.traffic.test_log_rows import zeek

TOLD = {"source": "a", "files": [["a", "0" * 64]], "log_format": "", "window_seconds": 9e9}
SHA = "ab" * 32
CAPTURE = next((ROOT / "fixtures" / "deployments" / "coder-mislabelled" / "traffic").glob("*.pcapng"))


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_source_is_parted_by_day_and_named_by_its_digest(tmp_path: Path) -> None:
    table = random_table(1, 50, ("a.pcap",))
    parts = write_source(tmp_path, table, range(50), SHA, TOLD)
    days = sorted({rfc3339(start)[:10] for start in table.columns["start"]})
    assert len(days) > 1
    assert parts == [f"day={day}/source={SHA[:16]}/part-{SHA}-0.parquet" for day in days]
    assert sorted(tree(tmp_path)) == sorted([*parts, f"{MARKERS}/{SHA}.json"])


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two", "two"):
        write_source(tmp_path / name, random_table(1, 50, ("a.pcap",)), range(50), SHA, TOLD)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_many_rows_of_a_day_make_several_parts_and_a_later_run_with_fewer_leaves_none_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = random_table(1, 50, ("a.pcap",))
    monkeypatch.setattr(writing, "ROWS_A_PART", 7)
    many = write_source(tmp_path, table, range(50), SHA, TOLD)
    monkeypatch.setattr(writing, "ROWS_A_PART", 1000)
    few = write_source(tmp_path, table, range(50), SHA, TOLD)
    assert len(many) > len(few)
    assert sorted(p for p in tree(tmp_path) if p.startswith("day=")) == few
    assert reduce_table(str(tmp_path)).rows == 50


def test_every_column_comes_back_as_it_was(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    table = random_table(4, 30)
    writing.write_file(table, tmp_path / "t.parquet")
    back = pq.read_table(tmp_path / "t.parquet")
    assert tuple(back.column_names) == ALL
    for name in ALL:
        if name in table.columns:
            assert back[name].to_pylist() == table.columns[name]
    assert set(back["fingerprint"].to_pylist()) == {"", "ca978112ca1bbdca", "3e23e8160039594a"}  # digests, no payload


def test_a_part_without_its_marker_does_not_count_and_a_marker_without_its_part_neither(tmp_path: Path) -> None:
    table = random_table(1, 50, ("a.pcap",))
    write_source(tmp_path, table, range(50), SHA, TOLD)
    other = "cd" * 32
    lone = write_source(tmp_path, table, range(50), other, {**TOLD, "source": "b", "files": [["b", "1" * 64]]})
    (tmp_path / MARKERS / f"{other}.json").unlink()
    reduced = reduce_table(str(tmp_path))
    assert reduced.rows == 50
    assert f"{len(lone)} parts of sources that were not written to their end do not count" in reduced.notes
    (tmp_path / lone[0]).unlink()
    next(tmp_path.glob(f"day=*/*/part-{SHA}-0.parquet")).unlink()
    assert list(markers(tmp_path)) == []
    assert source_written(tmp_path, SHA) is False
    with pytest.raises(UnreadableError, match="no table"):
        reduce_table(str(tmp_path))


def test_a_first_source_that_was_killed_before_its_marker_counts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written last never is; the folder is one of sources from its first part on, not a heap of files that count."""
    monkeypatch.setattr("auditor.traffic.lake.writing.json.dumps", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_source(tmp_path, random_table(1, 50, ("a.pcap",)), range(50), SHA, TOLD)
    assert [name for name in tree(tmp_path) if name.endswith(".parquet")]
    with pytest.raises(UnreadableError, match="no table"):
        reduce_table(str(tmp_path))


def test_a_marker_that_points_elsewhere_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / MARKERS).mkdir()
    for number, text in enumerate(
        ['{"version": 1, "parts": ["../x"]}', '{"version": 1, "parts": ["/x"]}', "[]", "{", '{"version": 9}']
    ):
        (tmp_path / MARKERS / f"{number}.json").write_text(text)
    assert list(markers(tmp_path)) == []


def test_what_is_there_whole_is_not_read_again(tmp_path: Path) -> None:
    sources: list[CaptureSource | LogSource] = [CaptureSource("c", str(CAPTURE), "", ()), zeek(tmp_path)]
    folder = tmp_path / "lake"
    first = list(write_folder(sources, folder))
    before = tree(folder)
    assert list(write_folder(sources, folder)) == ["c: already there", "conn.log: already there"]
    assert tree(folder) == before
    assert [note for note in first if " flows in " in note]


KILLED = """
import os, signal, sys
from pathlib import Path
from auditor.traffic.lake import writing
from tests.traffic.lake.rows import random_table

writing.ROWS_A_PART = 5
at, kind = int(sys.argv[2]), sys.argv[3]
import pyarrow.parquet as pq
whole, count = pq.write_table, 0

def dying(table, where, **options):
    global count
    count += 1
    whole(table, where, **options)
    if count == at:
        if kind == "torn":
            with open(where, "r+b") as file:
                file.truncate(100)
        os.kill(os.getpid(), signal.SIGKILL)

pq.write_table = dying
writing.write_source(Path(sys.argv[1]), random_table(1, 50, ("a.pcap",)), range(50), "ab" * 32,
                     {"source": "a", "files": [["a", "0" * 64]], "log_format": "", "window_seconds": 9e9})
"""


@pytest.mark.parametrize(("at", "kind"), [(1, "torn"), (4, "torn"), (4, "whole")])
def test_a_run_that_is_killed_leaves_nothing_that_counts_and_can_be_run_again(tmp_path: Path, at: int, kind: str) -> None:
    folder, clean = tmp_path / "lake", tmp_path / "clean"
    command = [sys.executable, "-c", KILLED, str(folder), str(at), kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120, env={**os.environ, "PYTHONPATH": "."})
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(folder.rglob(".*.unfinished"))
    assert len(list(folder.rglob("part-*.parquet"))) == at - 1
    assert not list((folder / MARKERS).iterdir())
    for place in (folder, clean):
        write_source(place, random_table(1, 50, ("a.pcap",)), range(50), SHA, TOLD)
    parts = {name for marker in markers(folder) for name in marker["parts"]}
    assert {p: data for p, data in tree(folder).items() if p in parts} == {p: d for p, d in tree(clean).items() if p in parts}
    assert reduce_table(str(folder)).edges == reduce_table(str(clean)).edges
