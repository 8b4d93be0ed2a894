from __future__ import annotations

import dataclasses
import re
from typing import Any

from auditor.facts.assessment import Assessment
from auditor.report.github import render_github
from tests.report import samples, verdicts

COMMAND = re.compile(r"::(error|warning|notice) file=([^,:]*),line=(\d+),col=(\d+),title=([^,:]*)::(.*)")


def _commands(assessment: Assessment) -> list[tuple[str, ...]]:
    lines = render_github(assessment).decode().split("\n")
    assert lines.pop() == ""
    found = [COMMAND.fullmatch(line) for line in lines]
    assert None not in found
    return [match.groups() for match in found if match]


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.github", render_github(coder, "deploy/prod").decode())
    golden("cursor.github", render_github(cursor).decode())


def test_each_verdict_has_its_kind() -> None:
    assert [(kind, title.split(" ")[0]) for kind, _, _, _, title, _ in _commands(verdicts.build())] == [
        ("error", "F-1"),
        ("error", "U-1"),
        ("warning", "U-2"),
        ("notice", "W-1"),
    ]


def test_nothing_to_say_is_an_empty_file(coder: Assessment) -> None:
    assert render_github(dataclasses.replace(coder, controls=(), findings=())) == b""


def test_hostile_text_starts_no_command_of_its_own(coder: Assessment) -> None:
    hostile = samples.hostile(coder, samples.HOSTILE + "\r\n::stop-commands::x\n%0A::error::y,line=1")
    assert [command[0] for command in _commands(hostile)] == [command[0] for command in _commands(coder)]
    assert all("::stop-commands" not in line[2:].split("::", 1)[0] for line in render_github(hostile).decode().splitlines())
    assert all("%250A" in command[5] for command in _commands(hostile))


def test_the_tenth_of_a_kind_counts_the_rest(coder: Assessment) -> None:
    many = tuple(dataclasses.replace(coder.findings[0], id=f"AG-01@{n:02}") for n in range(12))
    errors = [c for c in _commands(dataclasses.replace(coder, findings=many)) if c[0] == "error"]
    # 12 findings, a failed control each for AG-02 and IN-03, two blocking unknowns: 16 in all
    assert (len(errors), errors[-1][4]) == (10, "7 more")
