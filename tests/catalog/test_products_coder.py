"""Coder: every switch both ways, and exactly the flows that appear, move or vanish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.facts.truth import Truth
from tests.catalog.bench import ON, OPEN, Bench, Outward, catalog, changed, classes
from tests.catalog.coder_cases import ANSWERS, CLOSED, EXPORT, SWITCHES, TUNNEL


def test_the_closed_deployment_has_no_way_out_and_no_gap(tmp_path: Path) -> None:
    closed = CLOSED.configuration(tmp_path)
    assert CLOSED.outward(tmp_path) == {}
    assert closed.gaps == ()


@pytest.mark.parametrize(("change", "appears"), [pytest.param(c, a, id=i) for i, c, a in SWITCHES])
def test_a_switch_opens_exactly_its_flows(tmp_path: Path, change: dict[str, str | None], appears: Outward) -> None:
    assert appears == CLOSED.but(env=change).outward(tmp_path)


@pytest.mark.parametrize(("fact", "answer", "appears"), ANSWERS)
def test_an_answer_opens_exactly_its_flows(tmp_path: Path, fact: str, answer: str | None, appears: Outward) -> None:
    assert appears == CLOSED.but(facts={fact: answer}).outward(tmp_path)


def provider(**fields: Any) -> Bench:
    return CLOSED.but(files={"providers.json": (EXPORT, [{"id": "3", "name": "p", "enabled": True, **fields}])})


@pytest.mark.parametrize(
    ("fields", "host"),
    [
        ({"type": "openai", "base_url": "https://eu.api.openai.com/v1"}, "eu.api.openai.com"),
        ({"type": "anthropic", "base_url": ""}, "api.anthropic.com"),
        ({"type": "openrouter", "base_url": ""}, "openrouter.ai"),
        ({"type": "vercel", "base_url": ""}, "ai-gateway.vercel.sh"),
        ({"type": "copilot", "base_url": "https://api.business.githubcopilot.com"}, "api.business.githubcopilot.com"),
        ({"type": "openai", "name": "chatgpt", "base_url": "https://chatgpt.com/backend-api/codex"}, "chatgpt.com"),
        (
            {"type": "bedrock", "base_url": "https://bedrock-runtime.eu-west-1.amazonaws.com"},
            "bedrock-runtime.eu-west-1.amazonaws.com",
        ),
        ({"type": "azure", "base_url": ""}, ""),
    ],
)
def test_an_enabled_provider_is_where_loop_and_gateway_go(tmp_path: Path, fields: dict[str, str], host: str) -> None:
    name = fields.get("name", "p")
    expected = {f"inference:{name}": (host, ON), f"gateway.inference:{name}": (host, ON)}
    searching = {f"web-search:{name}": (host, OPEN)} if fields["type"] in ("anthropic", "openai", "google") else {}
    assert {**expected, **searching} == provider(**fields).outward(tmp_path)


@pytest.mark.parametrize(
    ("name", "operator", "role"),
    [
        ("openrouter.ai", "openrouter", "model_gateway"),
        ("ai-gateway.vercel.sh", "vercel", "model_gateway"),
        ("api.individual.githubcopilot.com", "github", "model_gateway"),
        ("chatgpt.com", "openai", "model_gateway"),
        ("api.openai.com", "openai", "model_server"),
        ("api.anthropic.com", "anthropic", "model_server"),
    ],
)
def test_intermediaries_are_told_from_providers(name: str, operator: str, role: str) -> None:
    entry = catalog().endpoint_for_host(name)
    assert entry is not None
    assert (operator, role) == (entry.operator, entry.role.value)


def test_the_inference_profile_of_the_small_model_counts_by_itself(tmp_path: Path) -> None:
    settings = {"region": "eu-central-1", "model": "anthropic.claude-3", "small_fast_model": "us.anthropic.claude-3-haiku"}
    flows = provider(type="bedrock", base_url="https://bedrock-runtime.eu-central-1.amazonaws.com", settings=settings).flows(
        tmp_path
    )
    assert (flows["inference:p"].processing, flows["inference.small:p"].processing) == (("DE",), ("US",))


def test_without_the_export_the_providers_stay_open(tmp_path: Path) -> None:
    bench = Bench(**{**vars(CLOSED), "files": {}})
    configuration = bench.configuration(tmp_path)
    assert [g.unknown.subject for g in configuration.gaps] == ["sys/provider_export"]
    open_flows = {f.id for f in configuration.flows if f.configured is Truth.UNKNOWN}
    assert {"sys/inference", "sys/gateway.inference"} <= open_flows


def test_before_the_gateway_the_environment_names_the_providers(tmp_path: Path) -> None:
    env: dict[str, str | None] = {
        "CODER_AIBRIDGE_ENABLED": "true",
        "CODER_AI_GATEWAY_ALLOW_BYOK": None,
        "CODER_AIBRIDGE_ALLOW_BYOK": "false",
        "CODER_AIBRIDGE_OPENAI_KEY": "k",
        "CODER_AIBRIDGE_BEDROCK_REGION": "eu-north-1",
        "CODER_AIBRIDGE_PROVIDER_0_TYPE": "anthropic",
        "CODER_AIBRIDGE_PROVIDER_0_BASE_URL": "https://llm.corp.example",
        "CODER_AIBRIDGE_PROVIDER_1_TYPE": "anthropic",
    }
    early = Bench(**{**vars(CLOSED.but(env=env, version="2.30", image="ghcr.io/coder/coder:v2.30.1")), "files": {}})
    expected = {
        "gateway.openai": ("api.openai.com", ON),
        "gateway.bedrock": ("bedrock-runtime.eu-north-1.amazonaws.com", ON),
        "gateway.numbered:1": ("api.anthropic.com", ON),
    }
    outward = early.outward(tmp_path)
    assert expected == {key: outward[key] for key in expected}
    assert [g.unknown.subject for g in early.configuration(tmp_path).gaps] == ["sys/chat_providers"]


def test_mcp_servers_are_called_from_coderd(tmp_path: Path) -> None:
    servers = [
        {"slug": "wiki", "url": "https://mcp.corp.example/sse", "enabled": True},
        {"slug": "search", "url": "https://mcp.exa.ai/mcp", "enabled": True},
        {"slug": "old", "url": "https://mcp.example.net", "enabled": False},
    ]
    bench = CLOSED.but(files={"mcp.json": ("GET /api/v2/mcp/servers", servers)}, facts={"mcp_servers": "some"})
    assert bench.outward(tmp_path) == {"mcp:search": ("mcp.exa.ai", ON)}
    assert bench.configuration(tmp_path).gaps == ()


def test_relays_of_a_map_file_see_metadata_only(tmp_path: Path) -> None:
    relays = {
        "Regions": {"1": {"Nodes": [{"HostName": "derp.example.net"}]}, "2": {"Nodes": [{"HostName": "derp.corp.example"}]}}
    }
    bench = CLOSED.but(env={"CODER_DERP_CONFIG_PATH": "/etc/derp.json"}, files={"derp.json": ("", relays)})
    flows = bench.flows(tmp_path)
    assert bench.outward(tmp_path) == {"derp.relay.mapped:derp.example.net": ("derp.example.net", ON)}
    assert flows["derp.relay.mapped:derp.example.net"].end_to_end


def test_the_yaml_file_is_below_the_environment(tmp_path: Path) -> None:
    yaml = "networking:\n  accessURL: https://coder.corp.example\ntelemetry:\n  enable: true\nupdateCheck: true\n"
    bench = CLOSED.but(env={"CODER_CONFIG_PATH": "/etc/coder.yaml", "CODER_UPDATE_CHECK": None}, files={"coder.yaml": ("", yaml)})
    assert bench.outward(tmp_path) == {"update-check": ("api.github.com", ON)}


def test_the_chart_brings_an_access_url_unless_told_not_to(tmp_path: Path) -> None:
    env = [{"name": name, "value": value} for name, value in CLOSED.env.items() if name != "CODER_ACCESS_URL"]
    for switch, expected in (({}, {}), ({"envUseClusterAccessURL": False}, dict.fromkeys(TUNNEL, ("pit-1.try.coder.app", ON)))):
        values = {"coder": {"image": {"repo": "registry.corp.example/coder/coder"}, "env": env, **switch}}
        bench = CLOSED.but(
            files={"values.yaml": ("", values)}, absent=("sys/flags",), image="registry.corp.example/other", command=()
        )
        bench = Bench(**{**vars(bench), "env": {}})
        assert expected == bench.outward(tmp_path / str(len(switch)))


def test_settings_raise_what_a_flow_carries(tmp_path: Path) -> None:
    plain = CLOSED.flows(tmp_path / "plain")["gateway.inference:own"]
    raised = CLOSED.but(env={"CODER_AI_GATEWAY_SEND_ACTOR_HEADERS": "true"}).flows(tmp_path / "raised")["gateway.inference:own"]
    assert classes("identity.user") == tuple(c for c in raised.sends_at_least if c not in plain.sends_at_least)


def test_prompts_reach_the_log_store_when_the_gateway_logs_them(tmp_path: Path) -> None:
    for value, exists in (("false", Truth.NO), ("true", Truth.YES)):
        configuration = CLOSED.but(env={"CODER_AI_GATEWAY_STRUCTURED_LOGGING": value}).configuration(tmp_path / value)
        store = next(s for s in configuration.stores if s.id == "sys/logs.prompts")
        assert (exists, classes("content.prompt", "content.tool_io")) == (store.exists, store.classes)


def test_every_switch_is_undone_by_its_opposite(tmp_path: Path) -> None:
    open_env = {name: None for name in CLOSED.env if name != "TF_CLI_CONFIG_FILE"}
    opened = CLOSED.but(env=open_env)
    before = opened.outward(tmp_path / "open")
    for name in (
        "CODER_TELEMETRY_ENABLE",
        "CODER_UPDATE_CHECK",
        "CODER_PG_CONNECTION_URL",
        "CODER_DOCS_URL",
        "CHECKPOINT_DISABLE",
    ):
        added, gone = changed(before, opened.but(env={name: CLOSED.env[name]}).outward(tmp_path / name))
        assert (added, len(gone)) == ({}, 1), name
