"""Several captures read at once tell what they tell one after the other."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic import names, parallel, reading
from auditor.traffic.observe import flow_table
from auditor.traffic.parallel import read_in_processes
from tests.traffic.test_names import address, lookup
from tests.traffic.wire import Connection, client_hello, pcap, records, save, udp


def _sources(folder: Path, count: int = 3) -> list[CaptureSource]:
    """Write captures that partly show the same flows, and answers that repeat at their borders."""
    found = []
    for n in range(count):
        connection = Connection(client_port=50_000 + n % 2)
        frames = [*lookup("a.example", address("a.example")), *connection.handshake(), connection.say(records(client_hello()))]
        frames += [udp(b"x" * (10 + n), sport=41_000 + n), *lookup(f"b{n % 2}.example", address("a.example"))]
        found.append(save(folder, pcap(frames), f"{n}.pcap"))
    return found


def _told(sources: list[CaptureSource]) -> Any:
    table, readings, lookups = flow_table(sources)
    return table.columns, readings, lookups.answers()


def test_processes_tell_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = _sources(tmp_path)
    one_by_one = _told(sources)
    monkeypatch.setattr(reading, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(reading, "_processors", lambda: 2)
    used = []

    def noted(*args: Any, **options: Any) -> Any:
        used.append(args)
        return read_in_processes(*args, **options)

    monkeypatch.setattr(parallel, "read_in_processes", noted)
    assert _told(sources) == one_by_one
    assert len(used) == 1
    assert len(one_by_one[1]) == 3


def test_more_answers_than_are_kept_are_read_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MOST_ANSWERS", 3)
    assert read_in_processes(_sources(tmp_path, 2), None, 1, local=True) is None


def test_the_search_for_cycles_goes_on_afterwards(tmp_path: Path) -> None:
    assert gc.isenabled()
    flow_table(_sources(tmp_path, 1))
    assert gc.isenabled()
    with pytest.raises(UnreadableError):
        flow_table([save(tmp_path, b"no capture", "bad.pcap")])
    assert gc.isenabled()


def test_progress_is_that_of_all_captures(tmp_path: Path) -> None:
    sources = _sources(tmp_path, 2)
    told: list[tuple[str, int, int]] = []
    assert read_in_processes(sources, lambda *words: told.append(words), 2, local=False) is not None
    size = sum(Path(source.path).stat().st_size for source in sources)
    assert told[-1] == ("2 captures", size, size)


def test_a_capture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    good = _sources(tmp_path, 1)
    bad = save(tmp_path, b"no capture", "bad.pcap")
    with pytest.raises(UnreadableError, match=r"bad\.pcap: not a pcap or pcapng file"):
        read_in_processes([*good, bad], None, 2, local=False)


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_stopped_is_an_error_and_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_begin", _die)
    with pytest.raises(UnreadableError, match="cannot read the captures"):
        read_in_processes(_sources(tmp_path, 2), None, 2, local=False)
