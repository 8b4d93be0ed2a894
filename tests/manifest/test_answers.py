"""Answer files: empty answers wait, every fault has its place."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.manifest import load_answers
from tests.conftest import ROOT


def load(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    path = tmp_path / "answers.yaml"
    path.write_text(f"version: 1\nanswers:\n{text}", encoding="utf-8")
    return [(a.question, a.answer) for a in load_answers(path, path.name)]


def test_answers_are_read_in_order_and_empty_ones_left_for_later(tmp_path: Path) -> None:
    text = (
        '  - {id: Q-0000000001, answer: "off", by: ops, date: 2026-11-20}\n'
        '  - {id: Q-0000000002, answer: ""}\n'
        "  - {id: Q-0000000003, answer: holds, by: ops, date: 2026-11-20, expires: 2026-12-31, source: a}\n"
    )
    assert load(tmp_path, text) == [("Q-0000000001", "off"), ("Q-0000000003", "holds")]


@pytest.mark.parametrize(
    ("entry", "what", "line"),
    [
        ("{id: Q-0000000001, answer: holds, date: 2026-11-20}", "an answer lacks by:", 3),
        ("{id: Q-0000000001, answer: holds, by: ops}", "an answer lacks date:", 3),
        ("{id: Q-0000000001, answer: holds, by: ops, date: 20.11.2026}", '"20.11.2026" is not a date', 3),
        ("{id: Q-0000000001, answer: holds, by: ops, date: 2026-11-20, expires: 2026-11-20}", "expires is not after date", 3),
        ("{id: Q-1, answer: holds}", "Q-1", 3),
        ("{id: Q-0000000001, answer: holds, whom: me}", "whom", 3),
    ],
)
def test_every_fault_is_located(entry: str, what: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load(tmp_path, f"  - {entry}\n")
    found = caught.value.diagnostics()
    assert [(d.path, d.line) for d in found] == [("answers.yaml", line)]
    assert what in found[0].what


def test_a_question_answered_twice_is_refused(tmp_path: Path) -> None:
    entry = "  - {id: Q-0000000001, answer: holds, by: ops, date: 2026-11-20}\n"
    with pytest.raises(InvalidInputError, match="answered twice"):
        load(tmp_path, entry * 2)


def test_the_page_describes_exactly_the_keys_of_the_schema() -> None:
    schema = json.loads((ROOT / "auditor" / "documents" / "schemas" / "answers-v1.json").read_text(encoding="utf-8"))
    table = (ROOT / "docs" / "planning.md").read_text(encoding="utf-8").split("<!-- keys-of-answers -->\n")[1].split("\n\n")[0]
    keys = schema["properties"]["answers"]["items"]["properties"]
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(keys)


def test_the_example_of_the_page_loads(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "planning.md").read_text(encoding="utf-8")
    (tmp_path / "answers.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert len(load_answers(tmp_path / "answers.yaml", "answers.yaml")) == 2
