"""Logs that repeat themselves, end inside a record, and hold lines of other logs: everything is counted, by every reader."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize("name", ["cloudtrail", "har"])
def test_a_document_that_is_written_three_times_counts_once(tmp_path: Path, name: str) -> None:
    document = SAMPLES[name]
    once, thrice = _read(tmp_path, name, document), _read(tmp_path, name, f"{document}\n{document} {document}\n")
    assert once.flows
    assert (thrice.flows, thrice.lookups) == (once.flows, once.lookups)
    assert thrice.coverage.passed_over["repeated_record"] == 2 * once.coverage.records


@pytest.mark.parametrize(
    ("tail", "counted"),
    [
        ("", {}),
        ("\n \n", {}),
        ("\nnot of this log", {"not_json": 1}),
        ("}", {"not_json": 1}),
        ('\n{"log": {"version": "1.2"}}', {"not_json": 1}),
    ],
)
def test_what_follows_an_archive_is_counted(tmp_path: Path, tail: str, counted: dict[str, int]) -> None:
    once, more = _read(tmp_path, "har", SAMPLES["har"]), _read(tmp_path, "har", SAMPLES["har"].rstrip() + tail)
    assert more.flows == once.flows
    assert more.coverage.skipped == counted


def test_members_behind_the_entries_of_an_archive_are_its_own(tmp_path: Path) -> None:
    document = json.loads(SAMPLES["har"])
    document["log"]["comment"], document["log"]["pages"] = "} ] not the end", [{"id": "p" * 5000}]
    found = _read(tmp_path, "har", json.dumps(document, indent=1))
    assert len(found.flows) == len(_read(tmp_path, "har", SAMPLES["har"]).flows)
    assert found.coverage.skipped == {}


@pytest.mark.parametrize("end", ["]", "]}", '], "pages": [{"id": "p'])
def test_an_archive_that_is_cut_behind_its_entries_says_so(tmp_path: Path, end: str) -> None:
    entries = json.dumps(json.loads(SAMPLES["har"])["log"]["entries"])
    found = _read(tmp_path, "har", '{"log": {"creator": {"name": "x"}, "entries": ' + entries.removesuffix("]") + end)
    assert found.coverage.skipped == {"cut_line": 1}
    assert found.coverage.truncated
    assert found.flows
