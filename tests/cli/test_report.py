"""An assessment suffices: rendered again from its JSON, every report is the same to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main
from auditor.cli.formats import AssessmentFormat
from auditor.cli.options import typed_root

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENTS = ROOT / "fixtures" / "deployments"


@pytest.mark.parametrize("name", ["coder-mislabelled", "cursor-self-hosted-workers"])
def test_a_report_made_again_is_the_same(tmp_path: Path, name: str) -> None:
    first = [f"{form}:{tmp_path / form}" for form in AssessmentFormat]
    again = [f"{form}:{tmp_path / form}.again" for form in AssessmentFormat]
    arguments = ["check", str(DEPLOYMENTS / name), "--as-of", "2026-11-24", "-q"]
    assert main([*arguments, *(word for output in first for word in ("-o", output))]) == 1
    assert main(["report", str(tmp_path / "json"), "-q", *(word for output in again for word in ("-o", output))]) == 0
    for form in AssessmentFormat:
        assert (tmp_path / form).read_bytes() == (tmp_path / f"{form}.again").read_bytes()


def test_the_gate_can_be_loosened_only_for_fail_and_unknown(tmp_path: Path) -> None:
    quiet = ["--as-of", "2026-11-24", "-q"]
    leaking = str(DEPLOYMENTS / "coder-mislabelled")
    open_question = str(DEPLOYMENTS / "coder-air-gapped")
    assert main(["check", leaking, *quiet]) == 1
    assert main(["check", leaking, *quiet, "--exit-zero"]) == 0
    assert main(["check", open_question, *quiet]) == 3
    assert main(["check", open_question, *quiet, "--exit-zero"]) == 0
    assert main(["check", str(tmp_path / "none"), *quiet, "--exit-zero"]) == 2


def test_severity_lowers_a_fail_and_nothing_else() -> None:
    """INW-01 is critical in the leaking deployment, so the gate stays shut."""
    arguments = ["check", str(DEPLOYMENTS / "coder-mislabelled"), "--as-of", "2026-11-24", "-q"]
    assert main([*arguments, "--fail-on", "critical"]) == 1


def test_loosening_the_window_needs_a_reason_and_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", str(DEPLOYMENTS / "coder-air-gapped"), "--as-of", "2026-11-24", "--parameter", "observed_window=20s"]
    assert main([*arguments, "-q"]) == 2
    assert "reason" in capsys.readouterr().err
    json_path = tmp_path / "assessment.json"
    assert main([*arguments, "--reason", "lab capture", "-q", "-o", f"json:{json_path}"]) == 3
    assert "lab capture" in json_path.read_text()


def test_paths_in_machine_formats_begin_at_the_folder_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A gate runs at the root of a repository; ``-`` writes to stdout, and nothing else goes there with --quiet."""
    monkeypatch.chdir(ROOT)
    arguments = ["--stage", "change", "--as-of", "2026-11-24", "-q", "-o", "junit:-", "-o", f"json:{tmp_path / 'a'}"]
    deployment = "fixtures/deployments/coder-mislabelled"
    assert main(["check", deployment, *arguments]) == 1
    typed = capsysbinary.readouterr().out
    assert f'file="{deployment}/config/litellm.yaml" line="8"'.encode() in typed
    assert main(["report", str(tmp_path / "a"), "-q", "-o", "junit:-", "--source-root", deployment]) == 0
    assert capsysbinary.readouterr().out == typed
    assert main(["check", str(ROOT / deployment), *arguments]) == 1
    assert b'file="config/litellm.yaml" line="8"' in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    ("path", "root"),
    [("deploy/v1.2", "deploy/v1.2"), ("deploy/auditor.yaml", "deploy"), (".", ""), ("../x", ""), ("/deploy", ""), ("a.yaml", "")],
)
def test_only_a_relative_folder_is_a_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, root: str) -> None:
    (tmp_path / "deploy" / "v1.2").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert typed_root(Path(path)) == root
