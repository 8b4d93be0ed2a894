"""Errors become one clear message and the exit code of the contract."""

from __future__ import annotations

import click
import pytest

from auditor.cli.boundary import CRASH, explain, run
from auditor.errors import (
    AuditorError,
    Diagnostic,
    InvalidInputError,
    NothingToAuditError,
    UnreadableError,
    UsageError,
)

SOMETHING = Diagnostic(what="a", why="b", next_step="c", path="p.yaml", line=3, column=7)


def _group(error: Exception | None) -> click.Group:
    @click.group()
    def group() -> None:
        pass

    @group.command()
    def go() -> int:
        if error is not None:
            raise error
        return 3

    return group


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError(SOMETHING), 2),
        (InvalidInputError(SOMETHING), 2),
        (UnreadableError(SOMETHING), 4),
        (NothingToAuditError(SOMETHING), 4),
        (click.UsageError("x"), 2),
        (KeyError("x"), CRASH),
        (None, 3),
    ],
)
def test_exit_codes(error: Exception | None, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(_group(error), ["go"]) == code
    assert ("Traceback" in capsys.readouterr().err) == (code == CRASH)


def test_a_message_says_what_where_why_and_what_next() -> None:
    assert explain(SOMETHING) == "error: a\n  --> p.yaml:3:7\n  = why: b\n  = help: c"


def test_hostile_text_in_a_message_is_shown_and_not_obeyed() -> None:
    text = explain(Diagnostic(what="\x1b[31mred\u202e", path="a\nb"))
    assert text == "error: \\u001b[31mred\\u202e\n  --> a\\u000ab"


def test_an_error_needs_a_diagnostic() -> None:
    with pytest.raises(ValueError, match="at least one"):
        AuditorError()
