"""Cline: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import ON, Bench, Outward, Turn

NO_SERVERS: tuple[str, Any] = ("", {"mcpServers": {}})
CLINE_TELEMETRY: Outward = {
    "telemetry.otel": ("otel.cline.bot", ON),
    "telemetry:data.cline.bot": ("data.cline.bot", ON),
    "telemetry:us.i.posthog.com": ("us.i.posthog.com", ON),
}
UPDATE: Outward = {"update": ("", ON)}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
SERVER = {"mcpServers": {"x": {"url": "https://mcp.example.net"}}}
WHOLE = {"appBaseUrl": "https://c.corp.example", "apiBaseUrl": "https://a.corp.example", "mcpBaseUrl": "https://p.corp.example"}
PART = {k: v for k, v in WHOLE.items() if k != "mcpBaseUrl"}
HIDDEN = {"marketplace.mcp": ("api.cline.bot", ON)}
OTEL = {"otel": ("o.example.net", ON)}
BENCH = Bench(
    product="cline",
    version="3.0.65",
    image="corp/cline",
    command=("cline",),
    files={"cline_mcp_settings.json": NO_SERVERS},
    facts={"providers": "inside", "account": "off", "prompt_storage": "off"},
)
START: Outward = {
    **CLINE_TELEMETRY,
    **UPDATE,
    "marketplace": ("cline.github.io", ON),
    "marketplace.mcp": ("api.cline.bot", ON),
    "models:models.dev": ("models.dev", ON),
    "models:openrouter.ai": ("openrouter.ai", ON),
    "plugins": ("github.com", ON),
}
TURNS = (
    Turn(files={"cline_mcp_settings.json": ("", SERVER)}, appears=MCP),
    Turn(files={"cline_mcp_settings.json": ("", {"mcpServers": {"x": {"url": "https://mcp.example.net", "disabled": True}}})}),
    Turn(
        files={"cline_mcp_settings.json": ("", {"mcpServers": {"x": {"url": "https://mcp.example.net", "disabled": False}}})},
        appears=MCP,
    ),
    Turn(files={".cline/endpoints.json": ("", WHOLE)}, vanishes={**CLINE_TELEMETRY, **HIDDEN}),
    # The vendor's telemetry stops with a whole endpoints.json only.
    Turn(files={".cline/endpoints.json": ("", PART)}),
    # One variable is no self-hosted mode: the vendor's telemetry goes on.
    Turn(env={"CLINE_API_BASE_URL": "https://a.corp.example"}),
    Turn(env={"CLINE_NO_AUTO_UPDATE": "1"}, vanishes=UPDATE),
    Turn(env={"CLINE_OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}),
    Turn(
        env={"CLINE_OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net", "CLINE_OTEL_TELEMETRY_ENABLED": "1"},
        files={".cline/endpoints.json": ("", WHOLE)},
        appears=OTEL,
        vanishes={**CLINE_TELEMETRY, **HIDDEN},
    ),
    Turn(facts={"account": "on"}, appears={"account": ("app.cline.bot", ON), "inference.cline": ("api.cline.bot", ON)}),
    Turn(facts={"providers": "outside"}, appears={"inference.provider": ("", ON)}),
    Turn(facts={"prompt_storage": "on"}, appears={"prompt-storage": ("", ON)}),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
