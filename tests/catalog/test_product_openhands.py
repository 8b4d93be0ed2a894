"""OpenHands: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main
from tests.catalog.bench import ON, OPEN, Bench, Outward, Turn

IMAGES: Outward = {"images:docker.openhands.dev": ("docker.openhands.dev", ON), "images:ghcr.io": ("ghcr.io", ON)}
OTEL = {"otel": ("o.example.net", ON)}
BENCH = Bench(
    product="openhands",
    version="1.16.0",
    image="all-hands-ai/openhands:1.16.0",
    env={"LLM_BASE_URL": "https://m.corp.example", "LLM_MODEL": "openai/gpt"},
    facts={"consent": "off", "cloud_used": "off", "git_hosts": "inside"},
)
START: Outward = {**IMAGES, "prices": ("raw.githubusercontent.com", OPEN), "skills": ("github.com", OPEN)}
TURNS = (
    Turn(env={"LLM_BASE_URL": None}, appears={"inference.openai": ("api.openai.com", ON)}),
    Turn(env={"LLM_BASE_URL": None, "LLM_MODEL": "elsewhere/m"}, appears={"inference.default": ("", ON)}),
    Turn(env={"LLM_BASE_URL": None, "LLM_MODEL": "claude-4"}, appears={"inference.anthropic": ("api.anthropic.com", ON)}),
    Turn(env={"LLM_BASE_URL": None, "LLM_MODEL": "openrouter/x/y"}, appears={"inference.openrouter": ("openrouter.ai", ON)}),
    Turn(
        env={"LLM_BASE_URL": None, "LLM_MODEL": "bedrock/global.anthropic.claude-4", "AWS_REGION_NAME": "eu-central-1"},
        appears={"inference.bedrock": ("bedrock-runtime.eu-central-1.amazonaws.com", ON)},
    ),
    Turn(
        env={"SANDBOX_RUNTIME_CONTAINER_IMAGE": "docker.all-hands.dev/all-hands-ai/runtime:1"},
        appears={"images.runtime": ("docker.all-hands.dev", ON)},
        vanishes=IMAGES,
    ),
    Turn(
        files={"config.toml": ("", '[core]\n[llm]\nmodel = "m"\n[mcp]\nshttp_servers = [{url = "https://t.example.net"}]\n')},
        appears={"mcp.http:https://t.example.net": ("t.example.net", ON)},
    ),
    Turn(
        env={"LLM_BASE_URL": None, "LLM_MODEL": "openhands/sonnet"},
        appears={"inference.openhands": ("llm-proxy.app.all-hands.dev", ON), "critic": ("us.i.posthog.com", OPEN)},
    ),
    Turn(env={"LLM_OLLAMA_BASE_URL": "https://o.example.net"}, appears={"inference.ollama": ("o.example.net", ON)}),
    Turn(env={"LMNR_PROJECT_API_KEY": "key-0"}, appears={"laminar": ("api.lmnr.ai", ON)}),
    Turn(env={"TAVILY_API_KEY": "key-0"}, appears={"search": ("mcp.tavily.com", ON)}),
    Turn(env={"GRAYSWAN_API_KEY": "key-0"}, appears={"guard": ("api.grayswan.ai", ON)}),
    Turn(env={"OTEL_ENDPOINT": "https://o.example.net"}, appears=OTEL),
    Turn(env={"EXTENSIONS_PATH": "/opt/skills"}, vanishes={"skills": ("github.com", OPEN)}),
    Turn(env={"LITELLM_LOCAL_MODEL_COST_MAP": "true"}, vanishes={"prices": ("raw.githubusercontent.com", OPEN)}),
    Turn(env={"AGENT_SERVER_IMAGE_REPOSITORY": "registry.corp.example/agent-server"}, vanishes=IMAGES),
    Turn(
        env={"AGENT_SERVER_IMAGE_REPOSITORY": "ghcr.io/openhands/agent-server"},
        appears={"images.own": ("ghcr.io", ON)},
        vanishes=IMAGES,
    ),
    Turn(env={"OH_TELEMETRY_CONSENT": "granted"}, appears={"agent-telemetry": ("us.i.posthog.com", ON)}),
    Turn(env={"OH_TELEMETRY_CONSENT": "granted", "DO_NOT_TRACK": "1"}),
    Turn(env={"SANDBOX_REMOTE_RUNTIME_API_URL": "https://r.example.net"}, appears={"runtime": ("r.example.net", ON)}),
    Turn(facts={"consent": "on"}, appears={"analytics": ("us.i.posthog.com", ON), "analytics.web": ("us.i.posthog.com", ON)}),
    Turn(facts={"cloud_used": "on"}, appears={"cloud": ("app.all-hands.dev", ON)}),
    Turn(facts={"git_hosts": "outside"}, appears={"git": ("", ON)}),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)


def test_where_a_global_profile_runs_is_not_known(tmp_path: Path) -> None:
    env = {"LLM_BASE_URL": None, "LLM_MODEL": "bedrock/global.anthropic.claude-4", "AWS_REGION_NAME": "eu-central-1"}
    flow = BENCH.but(env=env).flows(tmp_path)["inference.bedrock"]
    assert (flow.processing, "global inference profile" in flow.processing_reason) == (None, True)


def test_a_server_shows_the_sandboxes_that_it_makes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A compose file with the server alone once told nothing of where its models are."""
    text = "services: {o: {image: 'all-hands-ai/openhands:1.16.0', environment: {LLM_MODEL: anthropic/claude-4}}}\n"
    (tmp_path / "compose.yaml").write_text(text)
    assert main(["model", str(tmp_path)]) == 0
    assert "contacts api.anthropic.com" in capsys.readouterr().out
