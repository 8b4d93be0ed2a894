"""``auditor harden`` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

DEPLOYMENT = str(ROOT / "fixtures" / "deployments" / "coder-direct-provider")
ARGUMENTS = ("--to", "in-network", "--stage", "change", "--as-of", "2026-11-24")


@pytest.mark.parametrize(
    ("sink", "line"),
    [
        ("nftables", "table inet auditor_egress {"),
        ("squid", "http_access deny all"),
        ("settings", "# coder/providers = https://model-server.in-network.invalid"),
    ],
)
def test_each_sink(sink: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harden", DEPLOYMENT, *ARGUMENTS, "--emit", sink, "-o", str(tmp_path / "out")]) == 0
    assert line in (tmp_path / "out").read_text(encoding="utf-8").splitlines()
    assert capsys.readouterr().err == f"{sink} for in-network: {tmp_path / 'out'}\n"


def test_policies_need_pods(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harden", DEPLOYMENT, *ARGUMENTS, "--emit", "cilium"]) == 2
    assert "or emit nftables or squid" in capsys.readouterr().err
    assert main(["harden", DEPLOYMENT, *ARGUMENTS, "--emit", "iptables"]) == 2
