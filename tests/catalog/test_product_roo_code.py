"""Roo Code: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import ON, Bench, Outward, Turn

NO_SERVERS: tuple[str, Any] = ("", {"mcpServers": {}})
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
SERVER = {"mcpServers": {"x": {"url": "https://mcp.example.net"}}}
BENCH = Bench(
    product="roo-code",
    version="3.52",
    image="corp/roo",
    env={"ROO_CODE_CLOUD_TOKEN": ""},
    files={".roo/mcp.json": NO_SERVERS},
    facts={"providers": "inside", "telemetry": "off", "cloud": "off"},
)
START: Outward = {}
TURNS = (
    Turn(files={".roo/mcp.json": ("", SERVER)}, appears=MCP),
    Turn(files={".roo/mcp.json": ("", {"mcpServers": {"x": {"url": "https://mcp.example.net", "disabled": True}}})}),
    Turn(
        files={".roo/mcp.json": ("", {"mcpServers": {"x": {"url": "https://mcp.example.net", "disabled": False}}})}, appears=MCP
    ),
    Turn(facts={"telemetry": "on"}, appears={"telemetry": ("ph.roocode.com", ON)}),
    Turn(
        facts={"cloud": "on"},
        appears={
            "cloud": ("app.roocode.com", ON),
            "cloud.service": ("cloud-api.roocode.com", ON),
            "cloud.sign-in": ("clerk.roocode.com", ON),
            "inference.roo": ("api.roocode.com", ON),
        },
    ),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
