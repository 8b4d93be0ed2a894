"""Agents of editors, and those of the command line that share their services: every switch both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, changed

Files = dict[str, tuple[str, Any]]
Strings = dict[str, str | None]
NO_SERVERS: tuple[str, Any] = ("", {"mcpServers": {}})
BENCHES = {
    "copilot-cli": Bench(
        product="copilot-cli",
        version="1.0.102",
        image="corp/copilot",
        command=("copilot",),
        files={".copilot/mcp-config.json": NO_SERVERS},
        facts={"web_tools": "off", "remote_used": "off", "feedback_used": "off"},
    ),
    "continue": Bench(
        product="continue",
        version="1.5.47",
        image="corp/continue",
        command=("cn",),
        files={".continue/config.yaml": ("", "models: []\n")},
        facts={"hub": "off"},
    ),
    "cline": Bench(
        product="cline",
        version="3.0.65",
        image="corp/cline",
        command=("cline",),
        files={"cline_mcp_settings.json": NO_SERVERS},
        facts={"providers": "inside", "account": "off", "prompt_storage": "off"},
    ),
    "roo-code": Bench(
        product="roo-code",
        version="3.52",
        image="corp/roo",
        env={"ROO_CODE_CLOUD_TOKEN": ""},
        files={".roo/mcp.json": NO_SERVERS},
        facts={"providers": "inside", "telemetry": "off", "cloud": "off"},
    ),
    "goose": Bench(
        product="goose",
        version="1.9",
        image="corp/goose",
        command=("goose", "run"),
        env={"GOOSE_PROVIDER": "ollama", "OLLAMA_HOST": "https://m.corp.example"},
        files={"goose/config.yaml": ("", "extensions: {}\n")},
    ),
    "openhands": Bench(
        product="openhands",
        version="1.16.0",
        image="all-hands-ai/openhands:1.16.0",
        env={"LLM_BASE_URL": "https://m.corp.example", "LLM_MODEL": "openai/gpt"},
        facts={"consent": "off", "cloud_used": "off", "git_hosts": "inside"},
    ),
    "zed": Bench(
        product="zed",
        version="1.0",
        image="corp/zed",
        command=("zed",),
        files={"zed/settings.json": ("", {})},
        facts={"signed_in": "off", "own_keys": "off", "collaboration": "off"},
    ),
    "amazon-q": Bench(
        product="amazon-q",
        version="1.0",
        image="corp/q",
        command=("q", "chat"),
        files={"amazon-q/settings.json": ("", {})},
        facts={"code_scan": "off"},
    ),
    "kiro": Bench(
        product="kiro",
        version="2.0",
        image="corp/kiro",
        command=("kiro-cli",),
        files={".kiro/settings/mcp.json": NO_SERVERS},
        facts={"region": "us-east-1", "plan": "enterprise", "web_tools": "off", "prompt_logging": "off"},
    ),
}
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
CLINE_TELEMETRY: Outward = {
    "telemetry.otel": ("otel.cline.bot", ON),
    "telemetry:data.cline.bot": ("data.cline.bot", ON),
    "telemetry:us.i.posthog.com": ("us.i.posthog.com", ON),
}
IMAGES: Outward = {"images:docker.openhands.dev": ("docker.openhands.dev", ON), "images:ghcr.io": ("ghcr.io", ON)}
SENTRY: Outward = {"errors": ("o4505462064283648.ingest.us.sentry.io", ON)}
Q_TELEMETRY: Outward = {
    "telemetry:client-telemetry.us-east-1.amazonaws.com": ("client-telemetry.us-east-1.amazonaws.com", ON),
    "telemetry:cognito-identity.us-east-1.amazonaws.com": ("cognito-identity.us-east-1.amazonaws.com", ON),
}
Q_SERVICE: Outward = {
    "inference": ("q.us-east-1.amazonaws.com", ON),
    "sharing": ("q.us-east-1.amazonaws.com", ON),
    "telemetry.service": ("q.us-east-1.amazonaws.com", ON),
}
Q_UPDATES = (
    "aws-language-servers.us-east-1.amazonaws.com",
    "aws-toolkit-language-servers.amazonaws.com",
    "desktop-release.q.us-east-1.amazonaws.com",
    "idetoolkits-hostedfiles.amazonaws.com",
    "idetoolkits.amazonwebservices.com",
)
CRASH: Outward = {"crash": ("", ON)}
METRICS: Outward = {"metrics": ("api.zed.dev", ON)}
ZED_UPDATE: Outward = {"update": ("cloud.zed.dev", ON)}
UPDATE: Outward = {"update": ("", ON)}
DOCS: Outward = {"docs": ("goose-docs.ai", ON)}
MCP: Outward = {"mcp:x": ("mcp.example.net", ON)}
START: dict[str, Outward] = {
    "copilot-cli": {**COPILOT, **COPILOT_SERVICE, "matching": ("origin-tracker.githubusercontent.com", OPEN)},
    "continue": {**SENTRY, "telemetry": ("app.posthog.com", ON)},
    "cline": {
        **CLINE_TELEMETRY,
        **UPDATE,
        "marketplace": ("cline.github.io", ON),
        "marketplace.mcp": ("api.cline.bot", ON),
        "models:models.dev": ("models.dev", ON),
        "models:openrouter.ai": ("openrouter.ai", ON),
        "plugins": ("github.com", ON),
    },
    "roo-code": {},
    "goose": DOCS,
    "openhands": {**IMAGES, "prices": ("raw.githubusercontent.com", OPEN), "skills": ("github.com", OPEN)},
    "zed": {
        **CRASH,
        **METRICS,
        **ZED_UPDATE,
        "extensions": ("api.zed.dev", ON),
        "runtimes:api.github.com": ("api.github.com", ON),
        "runtimes:github.com": ("github.com", ON),
        "runtimes:nodejs.org": ("nodejs.org", ON),
    },
    "amazon-q": {
        **Q_SERVICE,
        **Q_TELEMETRY,
        "inference.old": ("codewhisperer.us-east-1.amazonaws.com", ON),
        "sign-in": ("oidc.us-east-1.amazonaws.com", ON),
        **{f"update:{host}": (host, ON) for host in Q_UPDATES},
    },
}
"""What each bench does before a switch is turned; everything about Kiro is open, because third parties tell it."""

SERVER = {"mcpServers": {"x": {"url": "https://mcp.example.net"}}}
WHOLE = {"appBaseUrl": "https://c.corp.example", "apiBaseUrl": "https://a.corp.example", "mcpBaseUrl": "https://p.corp.example"}
PART = {k: v for k, v in WHOLE.items() if k != "mcpBaseUrl"}
HIDDEN = {"marketplace.mcp": ("api.cline.bot", ON)}
OTEL = {"otel": ("o.example.net", ON)}
INSIDE_MODEL = {"name": "own", "provider": "openai", "apiBase": "https://m.corp.example"}
FILE: list[tuple[str, str, Any, Outward, Outward]] = [
    ("copilot-cli", ".copilot/mcp-config.json", SERVER, MCP, {}),
    (
        "continue",
        ".continue/config.yaml",
        {"models": [], "allowAnonymousTelemetry": False},
        {},
        {"telemetry": ("app.posthog.com", ON)},
    ),
    (
        "continue",
        ".continue/config.yaml",
        {"models": [{"name": "big", "provider": "anthropic"}, INSIDE_MODEL]},
        {"inference:big": ("api.anthropic.com", ON)},
        {},
    ),
    (
        "continue",
        ".continue/config.yaml",
        {"context": [{"provider": "web"}, {"provider": "code"}]},
        {"web:web": ("proxy-server-blue-l6vsfbzhba-uw.a.run.app", ON)},
        {},
    ),
    (
        "continue",
        ".continue/config.yaml",
        {"mcpServers": [{"name": "x", "url": "https://mcp.example.net"}]},
        MCP,
        {},
    ),
    ("cline", "cline_mcp_settings.json", SERVER, MCP, {}),
    ("cline", ".cline/endpoints.json", WHOLE, {}, {**CLINE_TELEMETRY, **HIDDEN}),
    # The vendor's telemetry stops with a whole endpoints.json only.
    ("cline", ".cline/endpoints.json", PART, {}, {}),
    ("roo-code", ".roo/mcp.json", SERVER, MCP, {}),
    ("goose", "goose/config.yaml", {"GOOSE_TELEMETRY_ENABLED": True}, {"telemetry": ("us.i.posthog.com", OPEN)}, {}),
    ("goose", "goose/config.yaml", {"GOOSE_DOCS_ROOT": "https://d.corp.example"}, {}, DOCS),
    ("goose", "goose/config.yaml", {"extensions": {"x": {"uri": "https://mcp.example.net"}}}, MCP, {}),
    ("goose", "goose/config.yaml", {"otel_exporter_otlp_endpoint": "https://o.example.net"}, OTEL, {}),
    ("zed", "zed/settings.json", {"telemetry": {"metrics": False}}, {}, METRICS),
    ("zed", "zed/settings.json", {"telemetry": {"diagnostics": False}}, {}, CRASH),
    ("zed", "zed/settings.json", {"auto_update": False}, {}, ZED_UPDATE),
    # AI off stops no telemetry.
    ("zed", "zed/settings.json", {"disable_ai": True}, {}, {}),
    (
        "zed",
        "zed/settings.json",
        {"language_models": {"openai": {"api_url": "https://m.example.net/v1"}}},
        {"inference.provider:openai": ("m.example.net", ON)},
        {},
    ),
    (
        "zed",
        "zed/settings.json",
        {"disable_ai": True, "language_models": {"openai": {"api_url": "https://m.example.net/v1"}}},
        {},
        {},
    ),
    (
        "zed",
        "zed/settings.json",
        {"language_models": {"openai_compatible": {"own": {"api_url": "https://m.example.net/v1"}}}},
        {"inference.compatible:own": ("m.example.net", ON)},
        {},
    ),
    (
        "zed",
        "zed/settings.json",
        {"language_models": {"bedrock": {"region": "eu-west-1"}}},
        {"inference.bedrock": ("bedrock-runtime.eu-west-1.amazonaws.com", ON)},
        {},
    ),
    (
        "zed",
        "zed/settings.json",
        {"edit_predictions": {"provider": "codestral"}},
        {"edit-prediction.codestral": ("codestral.mistral.ai", ON)},
        {},
    ),
    (
        "zed",
        "zed/settings.json",
        {"edit_predictions": {"provider": "copilot"}},
        {"edit-prediction.copilot": ("copilot-proxy.githubusercontent.com", ON)},
        {},
    ),
    ("zed", "zed/settings.json", {"context_servers": {"x": {"url": "https://mcp.example.net"}}}, MCP, {}),
    ("amazon-q", "amazon-q/settings.json", {"telemetry.enabled": False}, {}, Q_TELEMETRY),
    # Sent all the same, marked as opted out.
    ("amazon-q", "amazon-q/settings.json", {"codeWhisperer.shareCodeWhispererContentWithAWS": False}, {}, {}),
    (
        "amazon-q",
        "amazon-q/settings.json",
        {"api.q.service": {"endpoint": "https://q.corp.example", "region": "us-east-1"}},
        {},
        Q_SERVICE,
    ),
]
ENVIRONMENT: list[tuple[str, Files, Strings, Outward, Outward]] = [
    ("copilot-cli", {}, {"COPILOT_OFFLINE": "true"}, {}, {**COPILOT, **COPILOT_SERVICE}),
    ("copilot-cli", {}, {"COPILOT_OFFLINE": "yes"}, {}, {}),
    ("copilot-cli", {}, {"COPILOT_PROVIDER_BASE_URL": "https://m.corp.example"}, {}, COPILOT),
    ("copilot-cli", {}, {"CAFE_METRICS": "false"}, {}, {"telemetry.cafe": ("cafe.github.com", ON)}),
    ("copilot-cli", {}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}, OTEL, {}),
    ("copilot-cli", {}, {"GH_HOST": "corp.ghe.com"}, {}, {"experiments": ("default.exp-tas.com", ON)}),
    ("continue", {}, {"CONTINUE_TELEMETRY_ENABLED": "0"}, {}, {"telemetry": ("app.posthog.com", ON)}),
    ("continue", {}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}, {}, {}),
    (
        "continue",
        {},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net", "CONTINUE_METRICS_ENABLED": "true"},
        OTEL,
        {},
    ),
    # One variable is no self-hosted mode: the vendor's telemetry goes on.
    ("cline", {}, {"CLINE_API_BASE_URL": "https://a.corp.example"}, {}, {}),
    ("cline", {}, {"CLINE_NO_AUTO_UPDATE": "1"}, {}, UPDATE),
    ("cline", {}, {"CLINE_OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net"}, {}, {}),
    (
        "cline",
        {".cline/endpoints.json": ("", WHOLE)},
        {"CLINE_OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net", "CLINE_OTEL_TELEMETRY_ENABLED": "1"},
        OTEL,
        {**CLINE_TELEMETRY, **HIDDEN},
    ),
    ("goose", {}, {"GOOSE_PROVIDER": "openai"}, {"inference.openai": ("api.openai.com", ON)}, {}),
    ("goose", {}, {"GOOSE_PROVIDER": "openai", "OPENAI_HOST": "https://m.corp.example"}, {}, {}),
    (
        "goose",
        {},
        {"GOOSE_PROVIDER": None},
        {
            "inference.anthropic": ("api.anthropic.com", OPEN),
            "inference.databricks": ("", OPEN),
            "inference.google": ("generativelanguage.googleapis.com", OPEN),
            "inference.openai": ("api.openai.com", OPEN),
            "inference.other": ("", OPEN),
        },
        {},
    ),
    ("goose", {}, {"GOOSE_PLANNER_PROVIDER": "openai"}, {"inference.planner": ("", ON)}, {}),
    ("goose", {}, {"GOOSE_EDITOR_HOST": "https://m.example.net"}, {"inference.editor": ("m.example.net", ON)}, {}),
    (
        "goose",
        {},
        {"SECURITY_PROMPT_CLASSIFIER_ENDPOINT": "https://c.example.net"},
        {"classifier": ("c.example.net", ON)},
        {},
    ),
    ("goose", {}, {"LANGFUSE_PUBLIC_KEY": "pk-0"}, {"langfuse": ("cloud.langfuse.com", ON)}, {}),
    ("goose", {}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://o.example.net", "OTEL_SDK_DISABLED": "true"}, {}, {}),
    ("openhands", {}, {"LLM_BASE_URL": None}, {"inference.default": ("", ON)}, {}),
    (
        "openhands",
        {},
        {"LLM_BASE_URL": None, "LLM_MODEL": "openhands/sonnet"},
        {"inference.openhands": ("llm-proxy.app.all-hands.dev", ON), "critic": ("us.i.posthog.com", OPEN)},
        {},
    ),
    ("openhands", {}, {"LMNR_PROJECT_API_KEY": "key-0"}, {"laminar": ("api.lmnr.ai", ON)}, {}),
    ("openhands", {}, {"TAVILY_API_KEY": "key-0"}, {"search": ("mcp.tavily.com", ON)}, {}),
    ("openhands", {}, {"GRAYSWAN_API_KEY": "key-0"}, {"guard": ("api.grayswan.ai", ON)}, {}),
    ("openhands", {}, {"OTEL_ENDPOINT": "https://o.example.net"}, OTEL, {}),
    ("openhands", {}, {"EXTENSIONS_PATH": "/opt/skills"}, {}, {"skills": ("github.com", OPEN)}),
    ("openhands", {}, {"LITELLM_LOCAL_MODEL_COST_MAP": "true"}, {}, {"prices": ("raw.githubusercontent.com", OPEN)}),
    ("openhands", {}, {"AGENT_SERVER_IMAGE_REPOSITORY": "registry.corp.example/agent-server"}, {}, IMAGES),
    (
        "openhands",
        {},
        {"AGENT_SERVER_IMAGE_REPOSITORY": "ghcr.io/openhands/agent-server"},
        {"images.own": ("ghcr.io", ON)},
        IMAGES,
    ),
    ("openhands", {}, {"OH_TELEMETRY_CONSENT": "granted"}, {"agent-telemetry": ("us.i.posthog.com", ON)}, {}),
    ("openhands", {}, {"OH_TELEMETRY_CONSENT": "granted", "DO_NOT_TRACK": "1"}, {}, {}),
    (
        "openhands",
        {},
        {"SANDBOX_REMOTE_RUNTIME_API_URL": "https://r.example.net"},
        {"runtime": ("r.example.net", ON)},
        {},
    ),
    ("zed", {}, {"ZED_SERVER_URL": "https://z.corp.example"}, {}, METRICS),
    ("amazon-q", {}, {"Q_DISABLE_TELEMETRY": ""}, {}, Q_TELEMETRY),
    ("amazon-q", {}, {"AMAZON_Q_SIGV4": "1"}, {}, {"telemetry.service": ("q.us-east-1.amazonaws.com", ON)}),
]
ANSWERS: list[tuple[str, Strings, Outward, Outward]] = [
    ("copilot-cli", {"web_tools": "on"}, {"web": ("", ON)}, {}),
    ("copilot-cli", {"feedback_used": "on"}, {"feedback": ("uploads.github.com", ON)}, {}),
    ("continue", {"hub": "on"}, {"hub": ("api.continue.dev", ON)}, {}),
    ("continue", {"hub": None}, {"hub": ("api.continue.dev", OPEN)}, {}),
    ("cline", {"account": "on"}, {"account": ("app.cline.bot", ON), "inference.cline": ("api.cline.bot", ON)}, {}),
    ("cline", {"providers": "outside"}, {"inference.provider": ("", ON)}, {}),
    ("cline", {"prompt_storage": "on"}, {"prompt-storage": ("", ON)}, {}),
    ("roo-code", {"telemetry": "on"}, {"telemetry": ("ph.roocode.com", ON)}, {}),
    (
        "roo-code",
        {"cloud": "on"},
        {
            "cloud": ("app.roocode.com", ON),
            "cloud.service": ("cloud-api.roocode.com", ON),
            "cloud.sign-in": ("clerk.roocode.com", ON),
            "inference.roo": ("api.roocode.com", ON),
        },
        {},
    ),
    (
        "openhands",
        {"consent": "on"},
        {"analytics": ("us.i.posthog.com", ON), "analytics.web": ("us.i.posthog.com", ON)},
        {},
    ),
    ("openhands", {"cloud_used": "on"}, {"cloud": ("app.all-hands.dev", ON)}, {}),
    ("openhands", {"git_hosts": "outside"}, {"git": ("", ON)}, {}),
    (
        "zed",
        {"signed_in": "on"},
        {
            "inference.zed": ("cloud.zed.dev", ON),
            "edit-prediction": ("cloud.zed.dev", ON),
            "account:cloud.zed.dev": ("cloud.zed.dev", OPEN),
            "account:zed.dev": ("zed.dev", OPEN),
        },
        {},
    ),
    ("zed", {"own_keys": "on"}, {"inference.own-key": ("", OPEN)}, {}),
    ("zed", {"collaboration": "on"}, {"collaboration": ("collab.zed.dev", OPEN)}, {}),
    (
        "amazon-q",
        {"code_scan": "on"},
        {
            f"{flow}:{host}": (host, ON)
            for flow, hosts in {
                "code-scan": (
                    "amazonq-code-scan-us-east-1-29121b44f7b.s3.amazonaws.com",
                    "amazonq-code-scan-eu-central-1-9374e402cc5.s3.amazonaws.com",
                ),
                "code-transformation": (
                    "amazonq-code-transformation-us-east-1-c6160f047e0.s3.amazonaws.com",
                    "amazonq-code-transformation-eu-central-1-a0a89cc2b94.s3.amazonaws.com",
                ),
            }.items()
            for host in hosts
        },
        {},
    ),
]


def moves(product: str, bench: Bench, folder: Path) -> tuple[Outward, Outward]:
    return changed(START[product], bench.outward(folder))


@pytest.mark.parametrize("product", START)
def test_an_agent_as_it_comes_has_exactly_these_flows(tmp_path: Path, product: str) -> None:
    assert BENCHES[product].outward(tmp_path) == START[product]


@pytest.mark.parametrize(("product", "name", "content", "appears", "vanishes"), FILE)
def test_a_key_of_a_file_moves_exactly_its_flows(
    tmp_path: Path, product: str, name: str, content: Any, appears: Outward, vanishes: Outward
) -> None:
    assert moves(product, BENCHES[product].but(files={name: ("", content)}), tmp_path) == (appears, vanishes)


@pytest.mark.parametrize(("product", "files", "env", "appears", "vanishes"), ENVIRONMENT)
def test_a_variable_moves_exactly_its_flows(
    tmp_path: Path, product: str, files: Files, env: Strings, appears: Outward, vanishes: Outward
) -> None:
    assert moves(product, BENCHES[product].but(env=env, files=files), tmp_path) == (appears, vanishes)


@pytest.mark.parametrize(("product", "facts", "appears", "vanishes"), ANSWERS)
def test_an_answer_moves_exactly_its_flows(
    tmp_path: Path, product: str, facts: Strings, appears: Outward, vanishes: Outward
) -> None:
    assert moves(product, BENCHES[product].but(facts=facts), tmp_path) == (appears, vanishes)


def test_nothing_that_third_parties_tell_of_kiro_is_certain(tmp_path: Path) -> None:
    outward = BENCHES["kiro"].outward(tmp_path)
    assert {truth for _, truth in outward.values()} == {OPEN}
    assert {"inference.us", "inference.old.us", "management.us", "telemetry", "content:runtime.us-east-1.kiro.dev"} <= set(
        outward
    )
