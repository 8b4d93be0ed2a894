"""Zed: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, Turn

CRASH: Outward = {"crash": ("", ON)}
METRICS: Outward = {"metrics": ("api.zed.dev", ON)}
ZED_UPDATE: Outward = {"update": ("cloud.zed.dev", ON)}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
BENCH = Bench(
    product="zed",
    version="1.0",
    image="corp/zed",
    command=("zed",),
    files={"zed/settings.json": ("", {})},
    facts={"signed_in": "off", "own_keys": "off", "collaboration": "off"},
)
START: Outward = {
    **CRASH,
    **METRICS,
    **ZED_UPDATE,
    "extensions": ("api.zed.dev", ON),
    "runtimes:api.github.com": ("api.github.com", ON),
    "runtimes:github.com": ("github.com", ON),
    "runtimes:nodejs.org": ("nodejs.org", ON),
}
TURNS = (
    Turn(files={"zed/settings.json": ("", {"telemetry": {"metrics": False}})}, vanishes=METRICS),
    Turn(files={"zed/settings.json": ("", {"telemetry": {"diagnostics": False}})}, vanishes=CRASH),
    Turn(files={"zed/settings.json": ("", {"auto_update": False})}, vanishes=ZED_UPDATE),
    # AI off stops no telemetry.
    Turn(files={"zed/settings.json": ("", {"disable_ai": True})}),
    Turn(
        files={"zed/settings.json": ("", {"language_models": {"openai": {"api_url": "https://m.example.net/v1"}}})},
        appears={"inference.provider:openai": ("m.example.net", ON)},
    ),
    Turn(
        files={
            "zed/settings.json": (
                "",
                {"disable_ai": True, "language_models": {"openai": {"api_url": "https://m.example.net/v1"}}},
            )
        }
    ),
    Turn(
        files={
            "zed/settings.json": (
                "",
                {"language_models": {"openai_compatible": {"own": {"api_url": "https://m.example.net/v1"}}}},
            )
        },
        appears={"inference.compatible:own": ("m.example.net", ON)},
    ),
    Turn(
        files={"zed/settings.json": ("", {"language_models": {"bedrock": {"region": "eu-west-1"}}})},
        appears={"inference.bedrock": ("bedrock-runtime.eu-west-1.amazonaws.com", ON)},
    ),
    Turn(
        files={"zed/settings.json": ("", {"edit_predictions": {"provider": "codestral"}})},
        appears={"edit-prediction.codestral": ("codestral.mistral.ai", ON)},
    ),
    Turn(
        files={"zed/settings.json": ("", {"edit_predictions": {"provider": "copilot"}})},
        appears={"edit-prediction.copilot": ("copilot-proxy.githubusercontent.com", ON)},
    ),
    Turn(files={"zed/settings.json": ("", {"context_servers": {"x": {"url": "https://mcp.example.net", "enabled": False}}})}),
    Turn(
        files={"zed/settings.json": ("", {"context_servers": {"x": {"url": "https://mcp.example.net", "enabled": True}}})},
        appears=MCP,
    ),
    Turn(files={"zed/settings.json": ("", {"context_servers": {"x": {"url": "https://mcp.example.net"}}})}, appears=MCP),
    Turn(
        env={"ZED_SERVER_URL": "https://z.corp.example"},
        vanishes={**METRICS, "update": ("cloud.zed.dev", ON), "extensions": ("api.zed.dev", ON)},
    ),
    Turn(
        facts={"signed_in": "on"},
        appears={
            "inference.zed": ("cloud.zed.dev", ON),
            "edit-prediction": ("cloud.zed.dev", ON),
            "account:cloud.zed.dev": ("cloud.zed.dev", OPEN),
            "account:zed.dev": ("zed.dev", OPEN),
        },
    ),
    Turn(facts={"own_keys": "on"}, appears={"inference.own-key": ("", OPEN)}),
    Turn(facts={"collaboration": "on"}, appears={"collaboration": ("collab.zed.dev", OPEN)}),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
