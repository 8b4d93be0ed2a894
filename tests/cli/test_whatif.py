"""``auditor whatif`` from the command line: output, exit codes, one clear message for each mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENT = str(ROOT / "fixtures" / "deployments" / "coder-mislabelled")
ARGUMENTS = ("--stage", "change", "--as-of", "2026-11-24")


def test_text_on_stdout_and_json_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "whatif.json"
    asked = ("--set", "CODER_TELEMETRY_ENABLE=false", "--unset", "coder/CODER_DERP_CONFIG_URL", "-o", f"json:{target}")
    assert main(["whatif", DEPLOYMENT, *ARGUMENTS, *asked]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "coder-mislabelled: as of 2026-11-24 (change), if\n  CODER_TELEMETRY_ENABLE (telemetry.enable) of coder were false"
    )
    record = json.loads(target.read_text(encoding="utf-8"))
    assert record["schema"] == "whatif/v1"
    assert [s["new"] for s in record["supposed"]] == ["false", "(unset)"]


def test_mistakes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["whatif", DEPLOYMENT, *ARGUMENTS]) == 2
    assert "suppose something" in capsys.readouterr().err
    assert main(["whatif", DEPLOYMENT, *ARGUMENTS, "--set", "telemetry.enable"]) == 2
    assert "write KEY=VALUE, or use --unset KEY" in capsys.readouterr().err
    assert main(["whatif", DEPLOYMENT, *ARGUMENTS, "--set", "telemetri.enable=false"]) == 2
    error = capsys.readouterr().err
    assert "did you mean telemetry.enable" in error
    assert error.count("error:") == 1
