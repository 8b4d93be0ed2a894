"""Claude Code: providers, the umbrella switch with its exceptions, what is turned on again, and where settings count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.facts.vocabulary import DataClass
from tests.catalog.bench import ON, OPEN, Bench, Outward, changed, classes

SETTINGS: dict[str, Any] = {
    "env": {
        "ANTHROPIC_BASE_URL": "https://gateway.corp.example",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": "1",
        "DISABLE_UPDATES": "1",
    },
    "skipWebFetchPreflight": True,
    "permissions": {"deny": ["WebFetch", "WebSearch"]},
}


def managed(**changes: Any) -> dict[str, tuple[str, Any]]:
    """Return managed settings with some keys changed; variables under ``env`` are merged, ``None`` takes one away."""
    env = {**SETTINGS["env"], **changes.pop("env", {})}
    found = {**SETTINGS, **changes, "env": {key: value for key, value in env.items() if value is not None}}
    return {"managed-settings.json": ("", {key: value for key, value in found.items() if value is not None})}


CLOSED = Bench(
    product="claude-code",
    version="2.1.330",
    image="registry.corp.example/build/workspace",
    command=("claude",),
    files=managed(),
    facts={"auth": "gateway", "egress": "inside", "remote_control_used": "off", "feedback_used": "off", "chrome_used": "off"},
    absent=("sys/user", "sys/project", "sys/mcp", "sys/mcp_project", "sys/mcp_managed"),
)
BASE: dict[str, str | None] = {"ANTHROPIC_BASE_URL": None}
TELEMETRY: Outward = {
    "telemetry.events": ("api.anthropic.com", ON),
    "flags": ("api.anthropic.com", ON),
    "fast-mode": ("api.anthropic.com", ON),
    "docs:code.claude.com": ("code.claude.com", ON),
    "docs:raw.githubusercontent.com": ("raw.githubusercontent.com", ON),
    "artifacts": ("anthropic/object_store", OPEN),
}


def test_managed_settings_close_it(tmp_path: Path) -> None:
    assert CLOSED.outward(tmp_path) == {}
    assert CLOSED.configuration(tmp_path).gaps == ()


@pytest.mark.parametrize(
    ("changes", "appears"),
    [
        ({"env": BASE}, {"inference.anthropic": ("api.anthropic.com", ON)}),
        ({"env": {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": None}}, TELEMETRY),
        ({"env": {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "0"}}, {}),
        (
            {"env": {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": None, "DISABLE_TELEMETRY": "1"}},
            {key: value for key, value in TELEMETRY.items() if key != "telemetry.events"},
        ),
        ({"env": {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}}, {"telemetry.events": ("api.anthropic.com", ON)}),
        (
            {"env": {"CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": None}},
            {"plugins:downloads.claude.ai": ("downloads.claude.ai", ON), "plugins:github.com": ("github.com", ON)},
        ),
        (
            {"env": {"FORCE_AUTOUPDATE_PLUGINS": "1"}},
            {"plugins:downloads.claude.ai": ("downloads.claude.ai", ON), "plugins:github.com": ("github.com", ON)},
        ),
        # An allowlist without entries keeps every marketplace out; one with entries may name the official one.
        ({"env": {"CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": None}, "strictKnownMarketplaces": []}, {}),
        (
            {"env": {"CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": None}, "strictKnownMarketplaces": [{"source": "x"}]},
            {"plugins:downloads.claude.ai": ("downloads.claude.ai", ON), "plugins:github.com": ("github.com", ON)},
        ),
        ({"env": {"DISABLE_UPDATES": None}}, {}),
        ({"permissions": None}, {"webfetch.fetch": ("", ON)}),
        (
            {"permissions": None, "skipWebFetchPreflight": False},
            {"webfetch.check": ("api.anthropic.com", ON), "webfetch.fetch": ("", ON)},
        ),
        (
            {"env": {"CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.example.net"}},
            {"otel": ("otlp.example.net", ON)},
        ),
        ({"env": {"HTTPS_PROXY": "http://proxy.example.net:3128"}}, {"proxy": ("proxy.example.net", ON)}),
        (
            {"hooks": {"Stop": [{"hooks": [{"type": "http", "url": "https://hooks.example.net"}]}]}},
            {"hooks:hooks.example.net": ("hooks.example.net", ON)},
        ),
    ],
)
def test_a_switch_opens_exactly_its_flows(tmp_path: Path, changes: dict[str, Any], appears: Outward) -> None:
    assert appears == CLOSED.but(files=managed(**changes)).outward(tmp_path)


@pytest.mark.parametrize(
    ("env", "flow", "host"),
    [
        (
            {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1"},
            "inference.bedrock",
            "bedrock-runtime.eu-central-1.amazonaws.com",
        ),
        ({"CLAUDE_CODE_USE_MANTLE": "1", "AWS_REGION": "eu-west-1"}, "inference.mantle", "bedrock-mantle.eu-west-1.api.aws"),
        ({"CLAUDE_CODE_USE_VERTEX": "1"}, "inference.vertex", "us-east5-aiplatform.googleapis.com"),
        ({"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "global"}, "inference.vertex-global", "aiplatform.googleapis.com"),
        ({"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "eu"}, "inference.vertex-eu", "aiplatform.eu.rep.googleapis.com"),
        (
            {"CLAUDE_CODE_USE_FOUNDRY": "1", "ANTHROPIC_FOUNDRY_RESOURCE": "acme"},
            "inference.foundry",
            "acme.services.ai.azure.com",
        ),
        (
            {"CLAUDE_CODE_USE_ANTHROPIC_AWS": "1", "AWS_REGION": "eu-west-1"},
            "inference.aws-platform",
            "aws-external-anthropic.eu-west-1.api.aws",
        ),
        ({"CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": "1"}, "inference.google-claude", "claude.googleapis.com"),
        (
            {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": "https://vpce.example.net"},
            "inference.bedrock",
            "vpce.example.net",
        ),
    ],
)
def test_a_provider_takes_the_place_of_the_api(tmp_path: Path, env: dict[str, str | None], flow: str, host: str) -> None:
    before = CLOSED.but(files=managed(env=BASE)).outward(tmp_path / "before")
    added, gone = changed(before, CLOSED.but(files=managed(env={**BASE, **env})).outward(tmp_path / "after"))
    assert {flow: (host, ON)} == added
    assert list(gone) == ["inference.anthropic"]


@pytest.mark.parametrize(
    ("region", "flow", "host"),
    [
        ("us-central1", "inference.vertex-model:HAIKU_4_5", "us-central1-aiplatform.googleapis.com"),
        ("global", "inference.vertex-model-global:HAIKU_4_5", "aiplatform.googleapis.com"),
        ("eu", "inference.vertex-model-multi:HAIKU_4_5", "aiplatform.eu.rep.googleapis.com"),
    ],
)
def test_a_model_has_a_region_of_its_own_at_google(tmp_path: Path, region: str, flow: str, host: str) -> None:
    vertex: dict[str, str | None] = {**BASE, "CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "europe-west1"}
    before = CLOSED.but(files=managed(env=vertex)).outward(tmp_path / "before")
    after = CLOSED.but(files=managed(env={**vertex, "VERTEX_REGION_CLAUDE_HAIKU_4_5": region})).outward(tmp_path / "after")
    assert changed(before, after) == ({flow: (host, ON)}, {})


@pytest.mark.parametrize(
    ("env", "countries"),
    [
        ({}, None),
        ({"ANTHROPIC_MODEL": "opus"}, None),
        ({"ANTHROPIC_MODEL": "anthropic.claude-x"}, ("DE",)),
        ({"ANTHROPIC_MODEL": "jp.anthropic.claude-x"}, ("JP",)),
        ({"ANTHROPIC_BEDROCK_REGION_PREFIX": "jp"}, ("JP",)),
        ({"ANTHROPIC_BEDROCK_REGION_PREFIX": "global"}, None),
        ({"ANTHROPIC_BEDROCK_REGION_PREFIX": "jp", "ANTHROPIC_MODEL": "anthropic.claude-x"}, None),
    ],
)
def test_the_profile_of_bedrock_decides_the_country(
    tmp_path: Path, env: dict[str, str], countries: tuple[str, ...] | None
) -> None:
    bedrock: dict[str, str | None] = {**BASE, "CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1"}
    flow = CLOSED.but(files=managed(env={**bedrock, **env})).flows(tmp_path)["inference.bedrock"]
    assert (flow.processing, bool(flow.processing_reason)) == (countries, True)


def test_the_small_model_may_run_elsewhere(tmp_path: Path) -> None:
    bedrock: dict[str, str | None] = {**BASE, "CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-central-1"}
    env = {**bedrock, "ANTHROPIC_SMALL_FAST_MODEL_AWS_REGION": "us-east-1"}
    host = "bedrock-runtime.us-east-1.amazonaws.com"
    assert CLOSED.but(files=managed(env=env)).outward(tmp_path)["inference.bedrock-small"] == (host, ON)


def test_telemetry_stops_with_a_cloud_provider_and_not_with_a_base_url(tmp_path: Path) -> None:
    off: dict[str, str | None] = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": None}
    behind_url = CLOSED.but(files=managed(env=off)).outward(tmp_path / "url")
    bedrock = CLOSED.but(files=managed(env={**off, "CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-west-1"})).outward(
        tmp_path / "bedrock"
    )
    assert ("telemetry.events" in behind_url, "telemetry.events" in bedrock) == (True, False)


def test_switches_raise_what_telemetry_carries(tmp_path: Path) -> None:
    env = {"CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.example.net"}
    carried: list[set[DataClass]] = []
    for number, raised in enumerate(({}, {"OTEL_LOG_USER_PROMPTS": "1"}, {"OTEL_LOG_RAW_API_BODIES": "1"})):
        flow = CLOSED.but(files=managed(env={**env, **raised})).flows(tmp_path / str(number))["otel"]
        carried.append(set(flow.sends_at_least))
    assert set(classes("content.prompt")) == carried[1] - carried[0]
    assert set(classes("content.prompt", "content.completion", "content.source_code")) == carried[2] - carried[0]


def test_the_env_block_of_a_file_wins_over_the_shell(tmp_path: Path) -> None:
    bench = CLOSED.but(env={"ANTHROPIC_BASE_URL": "https://elsewhere.example.net"})
    assert bench.outward(tmp_path) == {}


def test_a_managed_key_in_a_project_is_not_honoured(tmp_path: Path) -> None:
    project = {".claude/settings.json": ("", {"forceLoginGatewayUrl": "https://gateway.example.net"})}
    configuration = CLOSED.but(files=project).configuration(tmp_path)
    setting = next(s for s in configuration.settings if s.key == "gateway_url")
    assert (setting.value, [s.used for s in setting.chain]) == ("", [False])


def test_an_unread_list_of_mcp_servers_keeps_it_open(tmp_path: Path) -> None:
    bench = CLOSED.but(absent=("sys/user", "sys/project"))
    both = ("mcp", "mcp.stdio", "mcp.project", "mcp.project-stdio")
    assert bench.outward(tmp_path) == dict.fromkeys(both, ("", OPEN))
    gaps = [g.unknown.subject for g in bench.configuration(tmp_path).gaps]
    assert gaps == ["sys/mcp", "sys/mcp_managed", "sys/mcp_project"]


def test_mcp_servers_by_address_and_by_command(tmp_path: Path) -> None:
    servers = {
        "mcpServers": {
            "exa": {"url": "https://mcp.exa.ai/mcp"},
            "wiki": {"url": "https://mcp.corp.example"},
            "sh": {"command": "npx"},
        }
    }
    bench = CLOSED.but(files={".mcp.json": ("", servers)})
    assert bench.outward(tmp_path) == {"mcp.project:exa": ("mcp.exa.ai", ON), "mcp.project-stdio:sh": ("", OPEN)}


@pytest.mark.parametrize(
    ("facts", "appears"),
    [
        ({"egress": "outside"}, {"egress"}),
        # The base URL stands in managed settings, so the program starts without it, and asks for the organisation's.
        ({"auth": "account"}, {"sign-in:claude.ai", "sign-in:claude.com", "sign-in:platform.claude.com", "connectors", "policy"}),
        ({"feedback_used": "on", "remote_control_used": "on"}, set[str]()),
    ],
)
def test_an_answer_opens_exactly_its_flows(tmp_path: Path, facts: dict[str, str | None], appears: set[str]) -> None:
    assert appears == set(CLOSED.but(facts=facts).outward(tmp_path))
