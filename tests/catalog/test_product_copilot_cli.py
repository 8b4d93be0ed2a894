"""GitHub Copilot on the command line: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, Turn

NO_SERVERS: tuple[str, Any] = ("", {"mcpServers": {}})
COPILOT: Outward = {
    f"inference.copilot:{host}": (host, ON)
    for host in (
        "api.githubcopilot.com",
        "api.individual.githubcopilot.com",
        "api.business.githubcopilot.com",
        "api.enterprise.githubcopilot.com",
    )
}
COPILOT_SERVICE: Outward = {
    "control": ("api.github.com", ON),
    "mcp.github": ("api.githubcopilot.com", ON),
    "experiments": ("default.exp-tas.com", ON),
    "telemetry": ("copilot-telemetry.githubusercontent.com", ON),
    "telemetry.cafe": ("cafe.github.com", ON),
    "telemetry.collector": ("collector.github.com", ON),
    "update:api.github.com": ("api.github.com", ON),
    "update:github.com": ("github.com", ON),
}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
SERVER = {"mcpServers": {"x": {"url": "https://mcp.example.net"}}}
OTEL = {"otel": ("o.example.net", ON)}
BENCH = Bench(
    product="copilot-cli",
    version="1.0.102",
    image="corp/copilot",
    command=("copilot",),
    files={".copilot/mcp-config.json": NO_SERVERS},
    facts={"web_tools": "off", "remote_used": "off", "feedback_used": "off"},
)
START: Outward = {**COPILOT, **COPILOT_SERVICE, "matching": ("origin-tracker.githubusercontent.com", OPEN)}
TURNS = (
    Turn(files={".copilot/mcp-config.json": ("", SERVER)}, appears=MCP),
    Turn(env={"COPILOT_OFFLINE": "true"}, vanishes={**COPILOT, **COPILOT_SERVICE}),
    Turn(env={"COPILOT_OFFLINE": "yes"}),
    Turn(env={"COPILOT_PROVIDER_BASE_URL": "https://m.corp.example"}, vanishes=COPILOT),
    Turn(env={"CAFE_METRICS": "false"}, vanishes={"telemetry.cafe": ("cafe.github.com", ON)}),
    Turn(env={"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}, appears=OTEL),
    Turn(
        env={"GH_HOST": "corp.ghe.com"},
        appears={
            "control": ("corp.ghe.com", ON),
            "inference.enterprise": ("", ON),
            "telemetry.cafe.enterprise": ("cafe.corp.ghe.com", ON),
        },
        vanishes={**COPILOT, "experiments": ("default.exp-tas.com", ON), "telemetry.cafe": ("cafe.github.com", ON)},
    ),
    Turn(
        env={"COPILOT_OFFLINE": "true", "COPILOT_PROVIDER_BASE_URL": "https://m.example.net"},
        appears={"inference.own": ("m.example.net", ON)},
        vanishes={**COPILOT, **COPILOT_SERVICE},
    ),
    Turn(facts={"web_tools": "on"}, appears={"web": ("", ON)}),
    Turn(facts={"feedback_used": "on"}, appears={"feedback": ("uploads.github.com", ON)}),
)


def test_destinations_of_one_flow_share_its_open_questions(tmp_path: Path) -> None:
    bench = BENCH.but(facts={"remote_used": None})
    flows = [f for key, f in bench.flows(tmp_path).items() if key.startswith("remote:")]
    assert len(flows) == 2
    (unknown,) = {u for f in flows for u in f.unknowns}
    assert unknown.subject == "sys/remote"
    assert unknown.text == (
        'Whether GitHub Copilot (command line) has the flow "remote sessions" is not known: '
        'the question "Do users start remote sessions?" has no answer'
    )


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
