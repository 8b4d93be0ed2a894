"""``auditor diff``: two real assessments, before and after a fallback to a cloud model was removed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENT = ROOT / "fixtures" / "deployments" / "coder-mislabelled"
ARGUMENTS = ("--stage", "change", "--as-of", "2026-11-24", "-q")


def test_a_removed_fallback_is_told_with_who_loses_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(DEPLOYMENT, tmp_path / "new")
    config = tmp_path / "new" / "config" / "litellm.yaml"
    text = config.read_text(encoding="utf-8")
    local, rest = text.split("  # Added in March", 1)
    middle, general = rest[rest.index("litellm_settings") :].split("router_settings", 1)
    config.write_text(local + middle + general[general.index("general_settings") :], encoding="utf-8")
    assert main(["check", str(DEPLOYMENT), *ARGUMENTS, "-o", f"json:{tmp_path / 'old.json'}"]) == 1
    assert main(["check", str(tmp_path / "new"), *ARGUMENTS, "-o", f"json:{tmp_path / 'new.json'}"]) == 1
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "-o", f"json:{tmp_path / 'd.json'}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  configuration: config/litellm.yaml changed" in lines
    assert any(line.startswith("  - OpenAI no longer receives: source code, prompts") for line in lines)
    found = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert {f["change"] for f in found["findings"]} == {"vanished"}
    assert [c["subject"] for c in found["changed"]] == ["config/litellm.yaml"]


def test_a_document_that_is_withdrawn_is_the_cause_of_what_is_no_longer_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answers stand in the manifest and rest on the document: both are told, and each as likely."""
    shutil.copytree(DEPLOYMENT.with_name("coder-direct-provider"), tmp_path / "old")
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    manifest = tmp_path / "new" / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8")
    before, rest = text.split("  - document: docs/platform-review.md")
    manifest.write_text(before + "\nabsent:" + rest.split("absent:")[1], encoding="utf-8")
    for side, code in (("old", 0), ("new", 3)):
        assert main(["check", str(tmp_path / side), *ARGUMENTS, "-o", f"json:{tmp_path / side}.json"]) == code
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "-o", f"json:{tmp_path / 'd.json'}"]) == 0
    assert "likely because docs/platform-review.md was removed (document)" in capsys.readouterr().out
    moves = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))["moves"]
    named = next(move for move in moves if move["id"].endswith("VM-01"))
    assert [(c["kind"], c["subject"], c["certainty"]) for c in named["causes"]] == [
        ("document", "docs/platform-review.md", "likely"),
        ("manifest", "auditor.yaml", "likely"),
    ]


def test_a_file_that_is_no_assessment_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    assert main(["diff", str(tmp_path / "a.json"), str(tmp_path / "a.json")]) == 2
    assert "not an assessment/v1 file" in capsys.readouterr().err
    assert main(["diff", str(tmp_path / "none.json"), str(tmp_path / "a.json")]) == 4
