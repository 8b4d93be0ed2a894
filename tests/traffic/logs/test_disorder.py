"""Logs that repeat themselves, end inside a record, and hold lines of other logs: everything is counted, by every reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.traffic.logs.reader import Outcome, read
from tests.traffic.logs.samples import MAP, SAMPLES

_DOCUMENTS = ("cloudtrail", "har", "mitmproxy")
"""Formats whose file is one document: it has no lines that could be repeated or foreign."""
_SINGLE = sorted(name for name in SAMPLES if name not in (*_DOCUMENTS, "map") and SAMPLES[name].count("\n") <= 1)
"""Formats whose sample is one record on one line."""


def _read(folder: Path, name: str, content: str) -> Outcome:
    return read(folder, {"a.log": content}, format=name, columns=MAP if name == "map" else {})


@pytest.mark.parametrize("name", _SINGLE)
def test_a_record_that_is_written_three_times_counts_once(tmp_path: Path, name: str) -> None:
    line = SAMPLES[name].rstrip("\n") + "\n"
    once, thrice = _read(tmp_path, name, line), _read(tmp_path, name, line * 3)
    assert (thrice.flows, thrice.lookups) == (once.flows, once.lookups)
    assert thrice.coverage.passed_over["repeated_line"] == 2


@pytest.mark.parametrize("name", _SINGLE)
def test_a_last_record_that_is_cut_is_counted_and_those_before_it_stand(tmp_path: Path, name: str) -> None:
    line = SAMPLES[name].rstrip("\n") + "\n"
    once, cut = _read(tmp_path, name, line), _read(tmp_path, name, line + line[: len(line) // 2].rstrip() + "\n")
    assert (cut.flows, cut.lookups) == (once.flows, once.lookups)
    counted = sum((cut.coverage.skipped + cut.coverage.passed_over).values())
    assert counted == sum((once.coverage.skipped + once.coverage.passed_over).values()) + 1


@pytest.mark.parametrize("name", _SINGLE)
def test_lines_of_other_logs_are_counted_and_take_nothing_away(tmp_path: Path, name: str) -> None:
    line = SAMPLES[name].rstrip("\n") + "\n"
    others = "".join(SAMPLES[other].rstrip("\n") + "\n" for other in ("squid", "bind", "hubble") if other != name)
    once, mixed = _read(tmp_path, name, line), _read(tmp_path, name, line + others)
    assert (mixed.flows[: len(once.flows)], mixed.lookups[: len(once.lookups)]) == (once.flows, once.lookups)
    extra = sum((mixed.coverage.skipped + mixed.coverage.passed_over).values()) + len(mixed.flows) + len(mixed.lookups)
    assert extra - len(once.flows) - len(once.lookups) >= others.count("\n")
