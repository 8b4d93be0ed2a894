"""``auditor check --baseline``: a real deployment with findings gets a gate that fails for new ones only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENT = ROOT / "fixtures" / "deployments" / "coder-mislabelled"
ARGUMENTS = ("--stage", "change", "-q")


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    saved = ("--as-of", "2026-11-01", "--owner", "Platform team", "-o", f"json:{path}")
    assert main(["check", str(DEPLOYMENT), *ARGUMENTS, *saved]) == 1
    return path


def test_the_same_deployment_passes_and_every_finding_keeps_date_and_owner(baseline: Path, tmp_path: Path) -> None:
    gate = ("--as-of", "2026-11-24", "--baseline", str(baseline), "-o", f"json:{tmp_path / 'now.json'}")
    assert main(["check", str(DEPLOYMENT), *ARGUMENTS, *gate]) == 0
    now = json.loads((tmp_path / "now.json").read_text(encoding="utf-8"))
    assert now["exit_code"] == 1
    assert now["baseline"]["path"] == "baseline.json"
    known = {k["id"]: (k["since"], k["owner"]) for k in now["baseline"]["known"]}
    assert {f["id"] for f in now["findings"]} <= set(known)
    assert set(known.values()) == {("2026-11-01", "Platform team")}


def test_after_its_days_everything_fails_again(baseline: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gate = ("--baseline", str(baseline), "--baseline-days", "30")
    assert main(["check", str(DEPLOYMENT), *ARGUMENTS, *gate, "--as-of", "2026-11-30"]) == 0
    arguments = ["--stage", "change", *gate, "--as-of", "2026-12-02", "-o", f"json:{tmp_path / 'now.json'}"]
    assert main(["check", str(DEPLOYMENT), *arguments]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "since 2026-11-01, owner Platform team, for more than 30 days: no longer let through" in shown
    now = json.loads((tmp_path / "now.json").read_text(encoding="utf-8"))["baseline"]
    assert (now["days"], now["known"], bool(now["lapsed"])) == (30, [], True)


def test_days_without_a_baseline_or_beyond_a_year_are_refused(baseline: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(DEPLOYMENT), "--baseline-days", "30"]) == 2
    assert "--baseline-days speaks of a baseline" in capsys.readouterr().err
    assert main(["check", str(DEPLOYMENT), "--baseline", str(baseline), "--baseline-days", "367"]) == 2
    assert "1<=x<=366" in capsys.readouterr().err


def test_a_new_leak_fails_and_is_the_only_new_finding(baseline: Path, tmp_path: Path) -> None:
    shutil.copytree(DEPLOYMENT, tmp_path / "deployment")
    config = tmp_path / "deployment" / "config" / "litellm.yaml"
    more = "  - {model_name: large, litellm_params: {model: anthropic/claude-sonnet-4-5, api_key: x}}\n\nlitellm_settings"
    config.write_text(config.read_text(encoding="utf-8").replace("\nlitellm_settings", more), encoding="utf-8")
    gate = ("--as-of", "2026-11-24", "--baseline", str(baseline), "-o", f"json:{tmp_path / 'now.json'}")
    assert main(["check", str(tmp_path / "deployment"), *ARGUMENTS, *gate]) == 1
    now = json.loads((tmp_path / "now.json").read_text(encoding="utf-8"))
    known = {k["id"] for k in now["baseline"]["known"]}
    new = [f["id"] for f in now["findings"] if f["id"] not in known]
    assert new
    assert all("anthropic" in identity for identity in new)


@pytest.mark.parametrize(
    ("text", "code", "said"), [("{}", 2, "not an assessment/v1 file"), (None, 4, "cannot read the baseline")]
)
def test_a_baseline_that_is_none_is_refused_before_any_work(
    text: str | None, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "baseline.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "nothing"), *ARGUMENTS, "--baseline", str(path)]) == code
    assert said in capsys.readouterr().err
