"""Kiro: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.catalog.bench import OPEN, Bench

NO_SERVERS: tuple[str, Any] = ("", {"mcpServers": {}})
BENCH = Bench(
    product="kiro",
    version="2.0",
    image="corp/kiro",
    command=("kiro-cli",),
    files={".kiro/settings/mcp.json": NO_SERVERS},
    facts={"region": "us-east-1", "plan": "enterprise", "web_tools": "off", "prompt_logging": "off"},
)


def test_nothing_that_third_parties_tell_of_kiro_is_certain(tmp_path: Path) -> None:
    outward = BENCH.outward(tmp_path)
    assert {truth for _, truth in outward.values()} == {OPEN}
    assert {"inference.us", "inference.old.us", "management.us", "telemetry", "content:runtime.us-east-1.kiro.dev"} <= set(
        outward
    )
