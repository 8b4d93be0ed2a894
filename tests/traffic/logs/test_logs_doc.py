"""docs/logs.md is held to the code: formats, blindness, the column map, limits."""

from __future__ import annotations

import re

import yaml

from auditor.facts.blindness import Blind
from auditor.traffic.logs import coverage, folding, inputs, suricata, zeek_names
from auditor.traffic.logs.column_map import COLUMNS, TIMES, column_map
from auditor.traffic.logs.registry import FORMATS
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")


def _rows(name: str) -> list[list[str]]:
    table = TEXT.split(f"<!-- logs: {name} -->\n")[1].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_the_page_names_every_format_and_what_it_cannot_see() -> None:
    described = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[2])) for row in _rows("formats")}
    assert described == {known.name: {clause.value for clause in known.blind} for known in FORMATS}


def test_the_page_says_what_every_blindness_means() -> None:
    assert {row[0].strip("`"): row[1] for row in _rows("blind")} == {clause.value: clause.sentence for clause in Blind}


def test_the_page_names_every_column_and_kind_of_time_of_a_map() -> None:
    listed = TEXT.split("`columns` knows ")[1].split(";")[0]
    assert tuple(re.findall(r"`(\w+)`", listed)) == COLUMNS
    assert [word for word in TIMES if not re.search(rf"time: .*\b{word}\b", TEXT)] == []


def test_the_map_of_the_page_is_accepted() -> None:
    block = TEXT.split("```yaml\n")[1].split("```")[0]
    found = column_map(yaml.load(block, yaml.BaseLoader))  # noqa: S506 -- it makes nothing but texts, lists and mappings
    assert (found.kind, found.delimiter, found.zone, found.payload) == ("csv", ";", "+02:00", True)


def test_the_page_names_the_limits() -> None:
    limits = TEXT.split("## Limits")[1]
    for number in (folding.MOST_LIVE, zeek_names.MOST_JOINED, suricata.MOST_JOINED, inputs.MOST_REMEMBERED):
        assert f"{number:,}" in limits
    assert f"{inputs.LONGEST_LINE // 2**20} MiB" in limits
    assert f"{inputs.LONGEST_MATCHED // 2**10} KiB" in limits
    assert f"{coverage.MOST_WORDS:,} words" in TEXT
    assert f"{folding.SILENCE // 10**9} s ends a flow" in TEXT
