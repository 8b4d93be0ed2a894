"""``auditor profiles test``: says what differs and what is lacking, and exits by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main
from tests.evaluate.test_examples import EXAMPLES, PROFILE


def test_shipped_profiles_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles", "test", "regulated-perimeter", "us-residency"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "regulated-perimeter: 15 of 15 expected verdicts hold (profiles/regulated-perimeter.examples.yaml)",
        "us-residency: 32 of 32 expected verdicts hold (profiles/us-residency.examples.yaml)",
    ]


def test_a_verdict_that_differs_gives_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(PROFILE.replace("extends: vendor-managed\n", ""), encoding="utf-8")
    text = (
        EXAMPLES.replace(", VM-01: unknown", "")
        .replace("title: Calls", 'title: "Calls \\e[31m"')
        .replace("exists: yes", "exists: no")
    )
    Path("mine.examples.yaml").write_text(text, encoding="utf-8")
    assert main(["profiles", "test", "mine.yaml"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "mine: 2 of 3 expected verdicts hold (mine.examples.yaml)"
    assert "  mine.examples.yaml:15: MY-01 says pass, expected fail: Calls" in out
    assert "  MY-01: no example expects unknown" in out
    assert "\x1b" not in out


def test_a_profile_without_examples_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text(PROFILE.replace("extends: vendor-managed\n", ""), encoding="utf-8")
    assert main(["profiles", "test", str(tmp_path / "mine.yaml")]) == 2
    assert "has no examples" in capsys.readouterr().err
