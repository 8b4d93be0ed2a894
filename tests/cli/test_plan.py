"""``auditor plan`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENTS = ROOT / "fixtures" / "deployments"
ARGUMENTS = ("--stage", "change", "--as-of", "2026-11-24")


def test_a_plan_in_three_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = [part for form in ("json", "markdown", "terminal") for part in ("-o", f"{form}:{tmp_path / form}")]
    deployment = str(DEPLOYMENTS / "coder-direct-provider")
    assert main(["plan", deployment, "--to", "in-network", *ARGUMENTS, *outputs]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Plan for coder-direct-provider to In-network (in-network)\n")
    assert (tmp_path / "terminal").read_text(encoding="utf-8") == out
    assert json.loads((tmp_path / "json").read_text(encoding="utf-8"))["then"] == "pass"
    assert "- [ ] " in (tmp_path / "markdown").read_text(encoding="utf-8")


def test_an_unknown_profile_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(DEPLOYMENTS / "coder-air-gapped"), "--to", "air-gaped", *ARGUMENTS]) == 2
    assert "air-gaped" in capsys.readouterr().err
    assert main(["plan", str(DEPLOYMENTS / "coder-air-gapped"), *ARGUMENTS]) == 2


def test_without_a_manifest_there_is_nothing_to_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "coder.env").write_text("CODER_TELEMETRY_ENABLE=true\n", encoding="utf-8")
    for command in (["plan"], ["harden", "--emit", "settings"]):
        assert main([command[0], str(tmp_path), "--to", "air-gapped", *command[1:], *ARGUMENTS]) == 2
        assert "a plan needs a manifest" in capsys.readouterr().err
