"""Progress stays on stderr, in the form that was asked for, and never enters a result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.cli.progress import ProgressForm, ProgressJson, progress_of
from tests.conftest import ROOT

DEPLOYMENT = ROOT / "fixtures" / "deployments" / "coder-air-gapped"
ARGUMENTS = ("check", str(DEPLOYMENT), "--stage", "change", "--as-of", "2026-11-24")


def test_json_lines_name_stages_and_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, "-q", "--progress", "json", "-o", f"json:{tmp_path / 'a.json'}"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert [json.loads(line) for line in err.splitlines()] == [
        {"event": "stage", "stage": "reading"},
        {"event": "stage", "stage": "judging"},
        {"event": "end", "exit_code": 0},
    ]


def test_json_lines_of_long_work_are_one_a_percent(capsys: pytest.CaptureFixture[str]) -> None:
    progress = ProgressJson()
    for done in range(100_001):
        progress("a.pcap", done, 100_000)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(lines) == 101
    assert lines[-1] == {"event": "progress", "what": "a.pcap", "done": 100_000, "total": 100_000}


@pytest.mark.parametrize(
    ("form", "told"),
    [("log", "auditor: reading\nauditor: judging\n"), ("none", ""), ("auto", "")],
)
def test_other_forms(form: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, "-q", "--progress", form]) == 0
    assert capsys.readouterr() == ("", told)


def test_verbose_tells_what_was_read_and_by_what_it_was_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ARGUMENTS, "-q", "-v"]) == 0
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert (out, lines[:2]) == ("", ["auditor: reading", "auditor: judging"])
    assert any(line.startswith("auditor: read manifest auditor.yaml (") for line in lines)
    assert any(line.startswith("auditor: not examined traffic/perimeter.pcapng: ") for line in lines)
    assert any(line.startswith("auditor: judged by air-gapped 1, shipped (sha256 ") for line in lines)


def test_quiet_and_verbose_decide_only_where_nothing_was_asked_for() -> None:
    kinds = {
        (form, verbose): type(progress_of(form, True, verbose)).__name__ for form in ProgressForm for verbose in (False, True)
    }
    assert kinds == {
        (ProgressForm.AUTO, False): "ProgressLine",
        (ProgressForm.AUTO, True): "ProgressLog",
        (ProgressForm.LOG, False): "ProgressLog",
        (ProgressForm.LOG, True): "ProgressLog",
        (ProgressForm.JSON, False): "ProgressJson",
        (ProgressForm.JSON, True): "ProgressJson",
        (ProgressForm.NONE, False): "Silent",
        (ProgressForm.NONE, True): "Silent",
    }


def test_progress_changes_no_result(tmp_path: Path) -> None:
    written = []
    for form in ProgressForm:
        path = tmp_path / form
        assert main([*ARGUMENTS, "-q", "-v", "--progress", form.value, "-o", f"json:{path}"]) == 0
        written.append(path.read_bytes())
    assert len(set(written)) == 1
