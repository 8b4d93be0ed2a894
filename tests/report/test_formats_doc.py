"""``docs/formats.md`` says what is so: every format, and excerpts that stand in the goldens."""

from __future__ import annotations

import dataclasses
import re

import pytest

from auditor.cli.formats import AssessmentFormat
from auditor.facts.difference import CauseKind, Difference
from tests.conftest import ROOT
from tests.report.conftest import GOLDEN

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(r"<!-- excerpt: (\S+) -->\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_page_lists_every_format_in_the_order_of_the_registry() -> None:
    table = PAGE.split("| format | for whom |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE) == list(AssessmentFormat)


def test_the_tables_of_verdicts_have_a_column_for_every_format_that_shows_verdicts() -> None:
    section = PAGE.split("## What a verdict becomes")[1].split("## Paths")[0]
    columns = [
        form for head in re.findall(r"^\| verdict (.*)$", section, re.MULTILINE) for form in re.findall(r"`([a-z-]+)`", head)
    ]
    lists = {form for form in AssessmentFormat if form.startswith("csv-")}
    shown = {AssessmentFormat.JSON, AssessmentFormat.HTML, AssessmentFormat.TERMINAL}
    assert columns == [form for form in AssessmentFormat if form not in lists | shown]


def test_every_format_for_machines_has_an_excerpt() -> None:
    sections = re.findall(r"^## ([a-z-]+)$", PAGE, re.MULTILINE)
    assert sections == [form for form in AssessmentFormat if form not in ("json", "html", "terminal")]
    assert len(EXCERPTS) == len(sections) + 1  # the difference


@pytest.mark.parametrize(("name", "text"), EXCERPTS, ids=[name for name, _ in EXCERPTS])
def test_an_excerpt_stands_in_the_golden_file(name: str, text: str) -> None:
    assert text in (GOLDEN / name).read_text(encoding="utf-8")


def test_the_page_describes_the_record_of_a_difference() -> None:
    section = PAGE.split("## What moved")[1]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    described = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert described == [field.name for field in dataclasses.fields(Difference)]
    assert [kind for kind in CauseKind if f"`{kind}`" not in section] == []
