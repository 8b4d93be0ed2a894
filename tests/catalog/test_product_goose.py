"""goose: what it does as it comes, and every switch both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, Turn

DOCS: Outward = {"docs": ("goose-docs.ai", ON)}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
OTEL = {"otel": ("o.example.net", ON)}
BENCH = Bench(
    product="goose",
    version="1.9",
    image="corp/goose",
    command=("goose", "run"),
    env={"GOOSE_PROVIDER": "ollama", "OLLAMA_HOST": "https://m.corp.example"},
    files={"goose/config.yaml": ("", "extensions: {}\n")},
)
START: Outward = DOCS
TURNS = (
    Turn(files={"goose/config.yaml": ("", {"GOOSE_TELEMETRY_ENABLED": True})}, appears={"telemetry": ("us.i.posthog.com", OPEN)}),
    Turn(files={"goose/config.yaml": ("", {"GOOSE_DOCS_ROOT": "https://d.corp.example"})}, vanishes=DOCS),
    Turn(files={"goose/config.yaml": ("", {"extensions": {"x": {"uri": "https://mcp.example.net", "enabled": False}}})}),
    Turn(
        files={"goose/config.yaml": ("", {"extensions": {"x": {"uri": "https://mcp.example.net", "enabled": True}}})}, appears=MCP
    ),
    Turn(files={"goose/config.yaml": ("", {"extensions": {"x": {"uri": "https://mcp.example.net"}}})}, appears=MCP),
    Turn(files={"goose/config.yaml": ("", {"otel_exporter_otlp_endpoint": "https://o.example.net"})}, appears=OTEL),
    Turn(env={"GOOSE_PROVIDER": "openai"}, appears={"inference.openai": ("api.openai.com", ON)}),
    Turn(env={"GOOSE_PROVIDER": "openai", "OPENAI_HOST": "https://m.corp.example"}),
    Turn(
        env={"GOOSE_PROVIDER": None},
        appears={
            "inference.anthropic": ("api.anthropic.com", OPEN),
            "inference.databricks": ("", OPEN),
            "inference.google": ("generativelanguage.googleapis.com", OPEN),
            "inference.openai": ("api.openai.com", OPEN),
            "inference.other": ("", OPEN),
        },
    ),
    Turn(env={"GOOSE_PLANNER_PROVIDER": "openai"}, appears={"inference.planner": ("", ON)}),
    Turn(env={"GOOSE_EDITOR_HOST": "https://m.example.net"}, appears={"inference.editor": ("m.example.net", ON)}),
    Turn(env={"SECURITY_PROMPT_CLASSIFIER_ENDPOINT": "https://c.example.net"}, appears={"classifier": ("c.example.net", ON)}),
    Turn(env={"LANGFUSE_PUBLIC_KEY": "pk-0"}, appears={"langfuse": ("cloud.langfuse.com", ON)}),
    Turn(env={"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net", "OTEL_SDK_DISABLED": "true"}),
)


def test_it_comes_with_exactly_these_flows(tmp_path: Path) -> None:
    assert BENCH.outward(tmp_path) == START


@pytest.mark.parametrize("turn", TURNS)
def test_a_switch_moves_exactly_its_flows(tmp_path: Path, turn: Turn) -> None:
    assert turn.moved(BENCH, START, tmp_path) == (turn.appears, turn.vanishes)
