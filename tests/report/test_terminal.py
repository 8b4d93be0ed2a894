from __future__ import annotations

import re
from typing import Any

import pytest

from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import CLOSED
from auditor.report.escape import clean
from auditor.report.terminal import render_terminal
from tests.report import samples

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.txt", render_terminal(coder, 100, colour=False))
    golden("cursor.txt", render_terminal(cursor, 100, colour=False))


def test_colour_adds_sequences_and_changes_no_word(coder: Assessment) -> None:
    plain, coloured = render_terminal(coder, 100, colour=False), render_terminal(coder, 100, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert [line.rstrip() for line in ANSI.sub("", coloured).splitlines()] == plain.splitlines()


def test_the_environment_has_no_say(coder: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, coloured = render_terminal(coder, 100, colour=False), render_terminal(coder, 100, colour=True)
    for name, value in (("NO_COLOR", "1"), ("COLUMNS", "41"), ("TERM", "dumb"), ("LANG", "C")):
        monkeypatch.setenv(name, value)
    assert render_terminal(coder, 100, colour=True) == coloured
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert render_terminal(coder, 100, colour=False) == plain


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_no_line_is_wider_than_the_terminal(coder: Assessment, width: int) -> None:
    assert max(len(line) for line in render_terminal(coder, width, colour=False).splitlines()) <= width


def test_the_last_line_is_the_verdict(cursor: Assessment) -> None:
    last = render_terminal(cursor, 300, colour=False).splitlines()[-1]
    assert cursor.claim is not None
    assert last == f"? unknown: {cursor.claim.sentence}"


def test_hostile_text_controls_no_terminal(coder: Assessment) -> None:
    closed = frozenset(name for _, name in CLOSED)
    hostile = samples.replace_texts(coder, samples.HOSTILE, closed)
    text = render_terminal(hostile, 100, colour=False)
    assert clean(text.replace("\n", "")) == text.replace("\n", "")
    assert "[link=x]" in text
    assert "\\u001b[31m\\u202e\\u2028\\ud800\\u0000\\u000a" in text.replace("\n", "")
    coloured = render_terminal(hostile, 100, colour=True)
    assert clean(ANSI.sub("", coloured).replace("\n", "")) == ANSI.sub("", coloured).replace("\n", "")
