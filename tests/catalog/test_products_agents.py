"""Agents of the command line: every switch both ways, and exactly the flows that appear, move or vanish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, changed

FILES = {
    "codex": "home/dev/.codex/config.toml",
    "gemini-cli": ".gemini/settings.json",
    "opencode": "opencode.json",
    "aider": ".aider.conf.yml",
}
BENCHES = {
    "codex": Bench(
        product="codex",
        version="0.169.0",
        image="corp/codex",
        command=("codex",),
        files={"home/dev/.codex/config.toml": ("", "")},
        absent=("sys/system", "sys/managed"),
        facts={"auth": "chatgpt", "feedback_used": "on", "remote_used": "off"},
    ),
    "gemini-cli": Bench(
        product="gemini-cli",
        version="0.61.0",
        image="corp/gemini",
        command=("gemini",),
        env={"GEMINI_API_KEY": "not-a-real-key-00"},
        files={".gemini/settings.json": ("", {})},
        absent=("sys/user",),
        facts={"auth": "no", "web_tools": "off"},
    ),
    "opencode": Bench(
        product="opencode",
        version="1.18.33",
        image="corp/opencode",
        command=("opencode",),
        files={"opencode.json": ("", {})},
        absent=("sys/remote", "sys/user"),
        facts={"provider_defaults": "none", "share_used": "off", "packages": "yes"},
    ),
    "aider": Bench(
        product="aider",
        version="0.86.2",
        image="paulgauthier/aider:v0.86.2",
        command=("aider", "--model", "gemini/pro"),
        files={".aider.conf.yml": ("", "check-update: true\n")},
        absent=("sys/config_home",),
    ),
}
Strings = dict[str, str | None]
CHATGPT: Outward = {"inference.chatgpt": ("chatgpt.com", ON)}
PLUGINS: Outward = {"plugins:chatgpt.com": ("chatgpt.com", ON), "plugins:github.com": ("github.com", ON)}
SIGN_IN: Outward = {"sign-in:auth.openai.com": ("auth.openai.com", ON), "sign-in:chatgpt.com": ("chatgpt.com", ON)}
ANALYTICS: Outward = {"analytics": ("chatgpt.com", ON)}
METRICS: Outward = {"metrics": ("ab.chatgpt.com", ON)}
SEARCH: Outward = {"web-search.chatgpt": ("chatgpt.com", ON)}
GEMINI: Outward = {"inference.gemini": ("generativelanguage.googleapis.com", ON)}
GEMINI_USAGE: Outward = {"usage": ("play.googleapis.com", ON)}
UPDATE: Outward = {"update:api.github.com": ("api.github.com", ON), "update:opencode.ai": ("opencode.ai", ON)}
MODELS: Outward = {"models": ("models.opencode.ai", ON)}
SHARE: Outward = {"share": ("opncd.ai", ON)}
OTEL: Outward = {"otel": ("o.example.net", ON)}
CHECK: Outward = {"update-check": ("", ON)}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
START: dict[str, Outward] = {
    "codex": {
        **ANALYTICS,
        **METRICS,
        **CHATGPT,
        **PLUGINS,
        **SIGN_IN,
        **SEARCH,
        "announcement": ("raw.githubusercontent.com", ON),
        "assets": ("persistent.oaistatic.com", OPEN),
        "feedback": ("o33249.ingest.us.sentry.io", ON),
        "update-check": ("api.github.com", ON),
    },
    "gemini-cli": {**GEMINI, **GEMINI_USAGE, "update": ("", ON)},
    "opencode": {**MODELS, **UPDATE, "syntax": ("raw.githubusercontent.com", OPEN)},
    "aider": {
        **CHECK,
        # Whether a Terraform module chose the provider is not known from a process.
        "inference.anthropic": ("api.anthropic.com", OPEN),
        "inference.google": ("generativelanguage.googleapis.com", ON),
        "prices": ("raw.githubusercontent.com", ON),
    },
}
"""What each bench does before a switch is turned."""

FILE: list[tuple[str, Any, Outward, Outward]] = [
    ("codex", "[analytics]\nenabled = false\n", {}, {**ANALYTICS, **METRICS}),
    ("codex", "[analytics]\nenabled = true\n", {}, {}),
    ("codex", '[otel]\nmetrics_exporter = "none"\n', {}, METRICS),
    ("codex", "[feedback]\nenabled = false\n", {}, {"feedback": ("o33249.ingest.us.sentry.io", ON)}),
    ("codex", "check_for_update_on_startup = false\n", {}, {"update-check": ("api.github.com", ON)}),
    ("codex", 'web_search = "disabled"\n', {}, SEARCH),
    ("codex", 'web_search = "live"\n', {}, {}),
    ("codex", 'openai_base_url = "https://m.corp.example/v1"\n', {}, {}),
    ("codex", 'chatgpt_base_url = "https://m.corp.example/v1"\n', {}, {**CHATGPT, **SEARCH}),
    ("codex", '[mcp_servers.x]\nurl = "https://mcp.example.net"\nenabled = false\n', {}, {}),
    ("codex", '[mcp_servers.x]\nurl = "https://mcp.example.net"\nenabled = true\n', MCP, {}),
    ("opencode", {"mcp": {"x": {"type": "remote", "url": "https://mcp.example.net", "enabled": False}}}, {}, {}),
    ("opencode", {"mcp": {"x": {"type": "remote", "url": "https://mcp.example.net", "enabled": True}}}, MCP, {}),
    ("codex", "[features]\napps = false\n", {}, {}),
    ("codex", "[features]\napps = false\nplugins = false\n", {}, PLUGINS),
    ("codex", "[sandbox_workspace_write]\nnetwork_access = true\n", {"egress": ("", ON)}, {}),
    (
        "codex",
        'model_provider = "own"\n[model_providers.own]\nbase_url = "https://m.example.net/v1"\n',
        {"inference.own:own": ("m.example.net", ON)},
        {**CHATGPT, **SEARCH},
    ),
    ("codex", 'model_provider = "own"\n[model_providers.own]\nbase_url = "https://m.corp.example"\n', {}, {**CHATGPT, **SEARCH}),
    (
        "codex",
        'model_provider = "amazon-bedrock"\n[model_providers.amazon-bedrock.aws]\nregion = "eu-central-1"\n',
        {"inference.bedrock": ("bedrock-mantle.eu-central-1.api.aws", ON)},
        {**CHATGPT, **SEARCH},
    ),
    ("codex", '[mcp_servers.x]\nurl = "https://mcp.example.net"\n', MCP, {}),
    ("codex", '[otel.exporter.otlp-http]\nendpoint = "https://o.example.net"\n', {"otel.logs": ("o.example.net", ON)}, {}),
    ("gemini-cli", {"privacy": {"usageStatisticsEnabled": False}}, {}, GEMINI_USAGE),
    ("gemini-cli", {"privacy": {"usageStatisticsEnabled": "no"}}, {"usage": ("play.googleapis.com", OPEN)}, {}),
    ("gemini-cli", {"general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False}}, {}, {"update": ("", ON)}),
    # Whoever only tells of updates has looked for them.
    ("gemini-cli", {"general": {"enableAutoUpdate": False}}, {}, {}),
    ("gemini-cli", {"general": {"enableAutoUpdate": True}}, {}, {}),
    ("gemini-cli", {"telemetry": {"enabled": True, "otlpEndpoint": "https://o.example.net"}}, OTEL, {}),
    ("gemini-cli", {"telemetry": {"enabled": False, "otlpEndpoint": "https://o.example.net"}}, {}, {}),
    ("gemini-cli", {"mcpServers": {"x": {"httpUrl": "https://mcp.example.net"}}}, MCP, {}),
    ("opencode", {"model": "anthropic/claude"}, {"inference.model:anthropic/claude": ("api.anthropic.com", ON)}, {}),
    ("opencode", {"small_model": "zai-coding-plan/glm-5"}, {"inference.small:zai-coding-plan/glm-5": ("api.z.ai", ON)}, {}),
    ("opencode", {"model": "own/m"}, {}, {}),
    ("opencode", {"model": "amazon-bedrock/x"}, {"inference.model:amazon-bedrock/x": ("", ON)}, {}),
    ("opencode", {"agent": {"r": {"model": "opencode-go/x"}}}, {"inference.agents:r": ("", ON)}, {}),
    (
        "opencode",
        {"model": "openai/gpt", "provider": {"openai": {"options": {"baseURL": "https://gateway.corp.example/v1"}}}},
        {},
        {},
    ),
    ("opencode", {"autoupdate": False}, {}, UPDATE),
    ("opencode", {"autoupdate": "notify"}, {}, {}),
    ("opencode", {"share": "auto"}, SHARE, {}),
    ("opencode", {"share": "auto", "enterprise": {"url": "https://s.corp.example"}}, {}, {}),
    (
        "opencode",
        {"provider": {"x": {"options": {"baseURL": "https://m.example.net"}}}},
        {"inference:x": ("m.example.net", ON)},
        {},
    ),
    ("opencode", {"lsp": True}, {"lsp": ("github.com", ON)}, {}),
    ("opencode", {"lsp": False}, {}, {}),
    ("opencode", {"mcp": {"x": {"url": "https://mcp.example.net"}}}, MCP, {}),
    ("aider", "check-update: false\n", {}, CHECK),
    ("aider", "analytics: true\n", {"analytics": ("us.i.posthog.com", ON)}, {}),
]
ENVIRONMENT: list[tuple[str, Any, Strings, Outward, Outward]] = [
    ("codex", "", {"CODEX_OSS_BASE_URL": "https://m.example.net"}, {}, {}),
    (
        "codex",
        'model_provider = "ollama"\n',
        {"CODEX_OSS_BASE_URL": "https://m.example.net"},
        {"inference.oss": ("m.example.net", ON)},
        {**CHATGPT, **SEARCH},
    ),
    # The environment wins over the file.
    (
        "gemini-cli",
        {"telemetry": {"enabled": True, "otlpEndpoint": "https://o.example.net"}},
        {"GEMINI_TELEMETRY_ENABLED": "false"},
        {},
        {},
    ),
    ("aider", "check-update: true\n", {"AIDER_CHECK_UPDATE": "false"}, {}, CHECK),
    (
        "gemini-cli",
        {},
        {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_LOCATION": "europe-west4"},
        {"inference.vertex": ("europe-west4-aiplatform.googleapis.com", ON)},
        GEMINI,
    ),
    (
        "gemini-cli",
        {},
        {"GOOGLE_GENAI_USE_VERTEXAI": "true", "GOOGLE_CLOUD_LOCATION": "global"},
        {"inference.vertex-global": ("aiplatform.googleapis.com", ON)},
        GEMINI,
    ),
    ("gemini-cli", {}, {"GOOGLE_GEMINI_BASE_URL": "https://m.corp.example"}, {}, GEMINI),
    ("opencode", {}, {"OPENCODE_DISABLE_MODELS_FETCH": "1"}, {}, MODELS),
    ("opencode", {}, {"OPENCODE_DISABLE_MODELS_FETCH": "yes"}, {}, {}),
    ("opencode", {}, {"OPENCODE_MODELS_URL": "https://m.corp.example"}, {}, MODELS),
    ("opencode", {}, {"OPENCODE_DISABLE_AUTOUPDATE": "true"}, {}, UPDATE),
    ("opencode", {"share": "auto"}, {"OPENCODE_DISABLE_SHARE": "1"}, {}, {}),
    ("opencode", {"share": "disabled"}, {"OPENCODE_AUTO_SHARE": "1"}, SHARE, {}),
    ("opencode", {}, {"OPENCODE_API_KEY": "not-a-real-key-00"}, {"inference.zen": ("opencode.ai", ON)}, {}),
    ("opencode", {}, {"OPENCODE_ENABLE_EXA": "1"}, {"search.exa": ("mcp.exa.ai", ON)}, {}),
    ("opencode", {}, {"OPENCODE_ENABLE_PARALLEL": "true"}, {"search.parallel": ("search.parallel.ai", ON)}, {}),
    (
        "opencode",
        {},
        {"OPENCODE_EXPERIMENTAL": "1"},
        {"search.exa": ("mcp.exa.ai", ON), "search.parallel": ("search.parallel.ai", ON)},
        {},
    ),
    ("opencode", {}, {"OPENCODE_DISABLE_EMBEDDED_WEB_UI": "1"}, {"web-ui": ("app.opencode.ai", ON)}, {}),
    ("opencode", {"lsp": True}, {"OPENCODE_DISABLE_LSP_DOWNLOAD": "1"}, {}, {}),
]
FLAGS: list[tuple[str, Any, tuple[str, ...], Outward, Outward]] = [
    ("aider", "check-update: true\n", ("--no-check-update",), {}, CHECK),
    ("aider", "analytics: true\n", ("--analytics-disable",), {}, {}),
    ("aider", "analytics: true\n", ("--analytics-posthog-host", "https://p.corp.example"), {}, {}),
    (
        "aider",
        "check-update: true\n",
        ("--openai-api-base", "https://m.example.net/v1"),
        {"inference.openai": ("m.example.net", ON)},
        {},
    ),
    ("aider", "check-update: true\n", ("--openai-api-base", "https://m.corp.example/v1"), {}, {}),
]
ANSWERS: list[tuple[str, Strings, Outward, Outward]] = [
    (
        "codex",
        {"auth": "key"},
        {"inference.api": ("api.openai.com", ON), "web-search": ("api.openai.com", ON)},
        {**ANALYTICS, **CHATGPT, **PLUGINS, **SIGN_IN, **SEARCH},
    ),
    (
        "codex",
        {"remote_used": "on"},
        {"remote:chatgpt.com": ("chatgpt.com", ON), "remote:codex-portals.api.openai.com": ("codex-portals.api.openai.com", ON)},
        {},
    ),
    ("gemini-cli", {"web_tools": "on"}, {"web": ("", ON)}, {}),
    ("opencode", {"provider_defaults": "some"}, {"inference.default": ("", ON)}, {}),
    ("opencode", {"provider_defaults": None}, {"inference.default": ("", OPEN)}, {}),
    ("opencode", {"share_used": "on"}, SHARE, {}),
    ("opencode", {"packages": "no"}, {"plugins": ("", ON)}, {}),
    ("opencode", {"packages": None}, {"plugins": ("", OPEN)}, {}),
]


def moves(product: str, bench: Bench, folder: Path) -> tuple[Outward, Outward]:
    return changed(START[product], bench.outward(folder))


@pytest.mark.parametrize("product", BENCHES)
def test_an_agent_as_it_comes_has_exactly_these_flows(tmp_path: Path, product: str) -> None:
    assert BENCHES[product].outward(tmp_path) == START[product]


@pytest.mark.parametrize(("product", "content", "appears", "vanishes"), FILE)
def test_a_key_of_its_file_moves_exactly_its_flows(
    tmp_path: Path, product: str, content: Any, appears: Outward, vanishes: Outward
) -> None:
    bench = BENCHES[product].but(files={FILES[product]: ("", content)})
    assert moves(product, bench, tmp_path) == (appears, vanishes)


@pytest.mark.parametrize(("product", "content", "env", "appears", "vanishes"), ENVIRONMENT)
def test_a_variable_moves_exactly_its_flows(
    tmp_path: Path, product: str, content: Any, env: Strings, appears: Outward, vanishes: Outward
) -> None:
    bench = BENCHES[product].but(env=env, files={FILES[product]: ("", content)})
    assert moves(product, bench, tmp_path) == (appears, vanishes)


@pytest.mark.parametrize(("product", "content", "flags", "appears", "vanishes"), FLAGS)
def test_a_flag_moves_exactly_its_flows(
    tmp_path: Path, product: str, content: Any, flags: tuple[str, ...], appears: Outward, vanishes: Outward
) -> None:
    known = BENCHES[product]
    bench = known.but(command=(*known.command, *flags), files={FILES[product]: ("", content)})
    assert moves(product, bench, tmp_path) == (appears, vanishes)


@pytest.mark.parametrize(("product", "facts", "appears", "vanishes"), ANSWERS)
def test_an_answer_moves_exactly_its_flows(
    tmp_path: Path, product: str, facts: Strings, appears: Outward, vanishes: Outward
) -> None:
    assert moves(product, BENCHES[product].but(facts=facts), tmp_path) == (appears, vanishes)


@pytest.mark.parametrize(
    ("product", "env", "words", "scopes"),
    [
        ("opencode", {}, (), []),
        ("opencode", {"OPENCODE_CONFIG_CONTENT": '{"share": "auto"}'}, (), []),
        ("opencode", {"OPENCODE_CONFIG_CONTENT": "${CONTENT}"}, (), ["inline"]),
        ("opencode", {"OPENCODE_CONFIG": "/etc/other.json"}, (), ["named"]),
        ("gemini-cli", {}, (), []),
        ("gemini-cli", {"GEMINI_CLI_SYSTEM_SETTINGS_PATH": "/home/dev/own.json"}, (), ["relocated"]),
        ("codex", {}, (), []),
        ("codex", {}, ("-c", "analytics.enabled=true"), []),
        ("codex", {}, ("-c", "analytics.enabled=true", "-c", "model_providers.x.base_url=https://x.example.net"), ["overrides"]),
        ("codex", {}, ("-c", "mcp_servers={}"), ["overrides"]),
        ("codex", {}, ("--profile", "fast"), ["profile"]),
    ],
)
def test_what_wins_over_the_file_and_is_not_shown_keeps_it_open(
    tmp_path: Path, product: str, env: Strings, words: tuple[str, ...], scopes: list[str]
) -> None:
    bench = BENCHES[product].but(env=env, command=(*BENCHES[product].command, *words))
    subjects = {g.unknown.subject.removeprefix("sys/") for g in bench.configuration(tmp_path).gaps}
    wins = {"inline", "named", "relocated", "overrides", "profile"}
    assert sorted(subjects & wins) == scopes
