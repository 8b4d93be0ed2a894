"""``auditor spectrum`` on shipped deployments: words and JSON say the same, and it exits 0 whatever it finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENTS = ROOT / "fixtures" / "deployments"
ARGUMENTS = ("--stage", "change", "--as-of", "2026-11-24")


@pytest.mark.parametrize(
    ("name", "strictest", "following", "control"),
    [
        ("coder-air-gapped", "air-gapped", "", ""),
        ("coder-direct-provider", "fully-self-hosted", "in-network", "INW-01"),
        ("coder-mislabelled", "", "vendor-managed", "VM-01"),
    ],
)
def test_shipped_deployments(
    name: str, strictest: str, following: str, control: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spectrum", str(DEPLOYMENTS / name), *ARGUMENTS, "-o", f"json:{tmp_path / 's.json'}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert (found["schema"], found["strictest"], found["next"]) == ("spectrum/v1", strictest, following)
    holds = f"The strictest rung that holds is {strictest}: " if strictest else "No rung holds, not even the loosest."
    assert any(line.startswith(holds) for line in lines)
    stops = {r["profile"]: r["obstacle"]["control"] for r in found["rungs"] if r["obstacle"]}
    assert stops.get(following, "") == control
    shown = [line.split()[1] for line in lines[3:8]]
    assert shown == [r["profile"] for r in reversed(found["rungs"])]


def test_the_same_bytes_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        written = f"json:{tmp_path / name}"
        assert main(["spectrum", str(DEPLOYMENTS / "coder-mislabelled"), *ARGUMENTS, "-q", "-o", written]) == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_without_a_manifest_no_rung_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "coder.env"
    file.write_bytes((DEPLOYMENTS / "coder-direct-provider" / "config" / "coder.env").read_bytes())
    assert main(["spectrum", str(file), *ARGUMENTS]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "No manifest was given: what is assumed proves nothing." in lines
    assert "No rung holds, not even the loosest." in lines
