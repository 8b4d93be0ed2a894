"""Continue: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, Turn

SENTRY: Outward = {"errors": ("o4505462064283648.ingest.us.sentry.io", ON)}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
OTEL = {"otel": ("o.example.net", ON)}
INSIDE_MODEL = {"name": "own", "provider": "openai", "apiBase": "https://m.corp.example"}
BENCH = Bench(
    product="continue",
    version="1.5.47",
    image="corp/continue",
    command=("cn",),
    files={".continue/config.yaml": ("", "models: []\n")},
    facts={"hub": "off"},
)
START: Outward = {**SENTRY, "telemetry": ("app.posthog.com", ON)}
TURNS = (
    Turn(
        files={".continue/config.yaml": ("", {"models": [], "allowAnonymousTelemetry": False})},
        vanishes={"telemetry": ("app.posthog.com", ON)},
    ),
    Turn(
        files={".continue/config.yaml": ("", {"models": [{"name": "big", "provider": "anthropic"}, INSIDE_MODEL]})},
        appears={"inference:big": ("api.anthropic.com", ON)},
    ),
    Turn(
        files={".continue/config.yaml": ("", {"context": [{"provider": "web"}, {"provider": "code"}]})},
        appears={"web:web": ("proxy-server-blue-l6vsfbzhba-uw.a.run.app", ON)},
    ),
    Turn(files={".continue/config.yaml": ("", {"mcpServers": [{"name": "x", "url": "https://mcp.example.net"}]})}, appears=MCP),
    Turn(env={"CONTINUE_TELEMETRY_ENABLED": "0"}, vanishes={"telemetry": ("app.posthog.com", ON)}),
    Turn(env={"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}),
    Turn(env={"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net", "CONTINUE_METRICS_ENABLED": "true"}, appears=OTEL),
    Turn(facts={"hub": "on"}, appears={"hub": ("api.continue.dev", ON)}),
    Turn(facts={"hub": None}, appears={"hub": ("api.continue.dev", OPEN)}),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
