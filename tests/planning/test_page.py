"""The page about planning names every key of its records, and no other."""

from __future__ import annotations

import dataclasses
import re

import pytest

from auditor.facts.plan import IrreplaceableRecord, Plan, StepKind, StepRecord
from auditor.facts.questions import AnswerKind, QuestionList, QuestionRecord
from auditor.facts.supposition import FlowMoveRecord, SupposedRecord, Supposition, VerdictRecord
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "planning.md").read_text(encoding="utf-8")
HEAD = {"schema", "tool", "as_of", "stage", "deployment"}
RECORDS = {
    "whatif/v1": (Supposition, (SupposedRecord, VerdictRecord, FlowMoveRecord)),
    "questions/v1": (QuestionList, (QuestionRecord,)),
    "plan/v1": (Plan, (StepRecord, IrreplaceableRecord)),
}


def table(name: str) -> list[list[str]]:
    rows = PAGE.split(f"<!-- fields: {name} -->\n")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_key_of_a_record_is_on_the_page(name: str) -> None:
    record, parts = RECORDS[name]
    rows = table(name)
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row[0])}
    assert keys == {f.name for f in dataclasses.fields(record)} - HEAD
    words = {word for row in rows for word in re.findall(r"`(\w+)`", row[1])}
    assert {f.name for part in parts for f in dataclasses.fields(part)} - words == set()


def test_every_kind_of_step_and_answer_is_on_the_page() -> None:
    steps = PAGE.split("| step | what it is | effort |")[1].split("\n\n")[0]
    assert [row.split("|")[1].strip() for row in steps.splitlines()[2:]] == [kind.value for kind in StepKind]
    assert all(f"`{kind.value}`" in PAGE for kind in AnswerKind)
