"""``auditor questions`` from the command line: questions out, drafts back, one clear message for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENT = str(ROOT / "fixtures" / "deployments" / "cursor-self-hosted-workers-unproven")
ARGUMENTS = ("--stage", "change", "--as-of", "2026-11-24")


def test_questions_and_drafts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = tmp_path / "answers.yaml"
    assert main(["questions", DEPLOYMENT, *ARGUMENTS, "--for", "platform", "-o", f"answers:{template}"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# Open questions: cursor-self-hosted-workers-unproven\n")
    assert "## For the platform team" in out
    assert "## For the vendor" not in out
    text = template.read_text(encoding="utf-8")
    filled = text.replace('answer: "", by: "", date: ""', 'answer: "holds", by: "ops", date: "2026-11-20"')
    question = filled.index("Require), or only allow")
    start = filled.index('answer: "holds"', question)
    template.write_text(filled[:start] + 'answer: "on"' + filled[start + len('answer: "holds"') :], encoding="utf-8")
    target = tmp_path / "attestations.yaml"
    assert main(["questions", DEPLOYMENT, *ARGUMENTS, "--answers", str(template), "-o", f"attestations:{target}"]) == 0
    out = capsys.readouterr().out
    assert 'value: "on"' in out
    assert target.read_text(encoding="utf-8") in out


def test_mistakes_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questions", DEPLOYMENT, *ARGUMENTS, "-o", f"manifest:{tmp_path / 'a'}"]) == 2
    assert "drafts are written with --answers" in capsys.readouterr().err
    (tmp_path / "a.yaml").write_text(
        "version: 1\nanswers:\n  - {id: Q-0000000000, answer: holds, by: me, date: 2026-11-20}\n", encoding="utf-8"
    )
    assert main(["questions", DEPLOYMENT, *ARGUMENTS, "--answers", str(tmp_path / "a.yaml")]) == 2
    error = capsys.readouterr().err
    assert "Q-0000000000 is no open question" in error
    assert "a.yaml:3:" in error
