"""Coder with every way out closed, and what each switch opens."""

from __future__ import annotations

from typing import Any

from tests.catalog.bench import ON, OPEN, Bench, Outward

PROVIDERS: list[dict[str, Any]] = [
    {"id": "1", "name": "own", "type": "openai-compat", "enabled": True, "base_url": "http://vllm.corp.example:8000/v1"},
    {"id": "2", "name": "pilot", "type": "anthropic", "enabled": False, "base_url": "https://api.anthropic.com/"},
]
EXPORT = "GET /api/v2/ai/providers"
CLOSED = Bench(
    product="coder",
    version="2.36",
    image="ghcr.io/coder/coder:v2.36.0",
    command=("server",),
    env={
        "CODER_ACCESS_URL": "https://coder.corp.example",
        "CODER_PG_CONNECTION_URL": "postgres://db.corp.example:5432/coder",
        "CODER_TELEMETRY_ENABLE": "false",
        "CODER_UPDATE_CHECK": "false",
        "CODER_DOCS_URL": "https://docs.corp.example",
        "CODER_DERP_SERVER_STUN_ADDRESSES": "disable",
        "CODER_BLOCK_DIRECT": "true",
        "CODER_OAUTH2_GITHUB_DEFAULT_PROVIDER_ENABLE": "false",
        "CODER_EXTERNAL_AUTH_GITHUB_DEFAULT_PROVIDER_ENABLE": "false",
        "CODER_DISABLE_TEMPLATE_BUILDER": "true",
        "CODER_AI_GATEWAY_ALLOW_BYOK": "false",
        "TF_CLI_CONFIG_FILE": "/home/coder/.terraformrc",
        "CHECKPOINT_DISABLE": "1",
    },
    files={"providers.json": (EXPORT, PROVIDERS)},
    facts={
        "usage_publishing": "off",
        "web_push": "off",
        "workspace_egress": "inside",
        "mcp_servers": "none",
        "terraform_mirror": "inside",
        "workspace_compute": "inside",
    },
)

STUN = ("stun.l.google.com", "stun1.l.google.com", "stun2.l.google.com", "stun3.l.google.com", "stun4.l.google.com")
GITHUB = ("api.github.com", "github.com")
TUNNEL = ("tunnel", "tunnel.agent", "tunnel.client")


def each(flow: str, hosts: tuple[str, ...], state: str = ON) -> Outward:
    return {f"{flow}:{host}": (host, state) for host in hosts}


SWITCHES: list[tuple[str, dict[str, str | None], Outward]] = [
    ("telemetry on", {"CODER_TELEMETRY_ENABLE": "true"}, {"telemetry": ("telemetry.coder.com", ON)}),
    ("telemetry unset", {"CODER_TELEMETRY_ENABLE": None}, {"telemetry": ("telemetry.coder.com", ON)}),
    ("telemetry moved", {"CODER_TELEMETRY_ENABLE": "1", "CODER_TELEMETRY_URL": "https://t.corp.example"}, {}),
    ("telemetry no boolean", {"CODER_TELEMETRY_ENABLE": "maybe"}, {"telemetry": ("telemetry.coder.com", OPEN)}),
    ("update check unset", {"CODER_UPDATE_CHECK": None}, {"update-check": ("api.github.com", ON)}),
    (
        "no access URL",
        {"CODER_ACCESS_URL": None},
        dict.fromkeys(TUNNEL, ("pit-1.try.coder.app", ON)),
    ),
    (
        "empty access URL",
        {"CODER_ACCESS_URL": ""},
        dict.fromkeys(TUNNEL, ("pit-1.try.coder.app", ON)),
    ),
    ("own tunnel", {"CODER_ACCESS_URL": None, "WGTUNNEL_HOST": "wg.corp.example"}, {}),
    ("no database", {"CODER_PG_CONNECTION_URL": None}, {"database.builtin": ("repo1.maven.org", ON)}),
    ("database by IAM", {"CODER_PG_AUTH": "awsiamrds"}, {"database.iam": ("sts.amazonaws.com", OPEN)}),
    ("documentation unset", {"CODER_DOCS_URL": None}, {"docs": ("coder.com", ON)}),
    (
        "STUN unset",
        {"CODER_DERP_SERVER_STUN_ADDRESSES": None},
        {**each("stun.control", STUN), **each("stun.workspace", STUN), **each("stun.client", STUN)},
    ),
    (
        "STUN elsewhere",
        {"CODER_DERP_SERVER_STUN_ADDRESSES": "stun.example.net:3478, stun.corp.example"},
        {f"stun.{w}:stun.example.net": ("stun.example.net", ON) for w in ("client", "control", "workspace")},
    ),
    ("direct connections", {"CODER_BLOCK_DIRECT": "false"}, {}),
    (
        "fetched DERP map",
        {"CODER_DERP_CONFIG_URL": "https://controlplane.tailscale.com/derpmap/default"},
        {"derp.map": ("controlplane.tailscale.com", ON), "derp.relay.fetched": ("", ON)},
    ),
    ("default GitHub sign-in", {"CODER_OAUTH2_GITHUB_DEFAULT_PROVIDER_ENABLE": None}, each("sign-in.github-default", GITHUB)),
    (
        "own GitHub application",
        {"CODER_OAUTH2_GITHUB_DEFAULT_PROVIDER_ENABLE": None, "CODER_OAUTH2_GITHUB_CLIENT_ID": "abc"},
        each("sign-in.github", GITHUB),
    ),
    (
        "own GitHub Enterprise",
        {"CODER_OAUTH2_GITHUB_CLIENT_ID": "abc", "CODER_OAUTH2_GITHUB_ENTERPRISE_BASE_URL": "https://ghe.corp.example"},
        {},
    ),
    (
        "default GitHub external authentication",
        {"CODER_EXTERNAL_AUTH_GITHUB_DEFAULT_PROVIDER_ENABLE": None},
        each("external-auth.github-default", GITHUB),
    ),
    ("OIDC", {"CODER_OIDC_ISSUER_URL": "https://accounts.google.com"}, {"sign-in.oidc": ("accounts.google.com", ON)}),
    (
        "GitHub Enterprise without API base URL",
        {
            "CODER_EXTERNAL_AUTH_0_TYPE": "github",
            "CODER_EXTERNAL_AUTH_0_AUTH_URL": "https://ghe.corp.example/login/oauth/authorize",
            "CODER_EXTERNAL_AUTH_0_TOKEN_URL": "https://ghe.corp.example/login/oauth/access_token",
            "CODER_EXTERNAL_AUTH_0_VALIDATE_URL": "https://ghe.corp.example/api/v3/user",
        },
        {"external-auth.api:0": ("api.github.com", ON)},
    ),
    (
        "GitLab in the cloud",
        {"CODER_EXTERNAL_AUTH_0_TYPE": "gitlab", "CODER_EXTERNAL_AUTH_0_CLIENT_ID": "abc"},
        {f"{f}:0": ("gitlab.com", ON) for f in ("external-auth", "external-auth.token", "external-auth.validate", "git")},
    ),
    ("template builder", {"CODER_DISABLE_TEMPLATE_BUILDER": None}, {"template-builder": ("registry.coder.com", ON)}),
    (
        "template builder moved",
        {"CODER_DISABLE_TEMPLATE_BUILDER": None, "CODER_TEMPLATE_BUILDER_REGISTRY_URL": "registry.corp.example"},
        {},
    ),
    (
        "no Terraform configuration",
        {"TF_CLI_CONFIG_FILE": None},
        each("terraform.providers", ("github.com", "registry.terraform.io", "releases.hashicorp.com")),
    ),
    ("Terraform's own call", {"CHECKPOINT_DISABLE": None}, {"terraform.checkpoint": ("checkpoint-api.hashicorp.com", OPEN)}),
    ("own keys", {"CODER_AI_GATEWAY_ALLOW_BYOK": None}, {"gateway.byok": ("", OPEN)}),
    ("own keys, no gateway", {"CODER_AI_GATEWAY_ALLOW_BYOK": None, "CODER_AI_GATEWAY_ENABLED": "false"}, {}),
    ("prompts in the log", {"CODER_AI_GATEWAY_STRUCTURED_LOGGING": "true"}, {"log-shipping": ("", OPEN)}),
    (
        "webhook",
        {"CODER_NOTIFICATIONS_METHOD": "webhook", "CODER_NOTIFICATIONS_WEBHOOK_ENDPOINT": "https://hooks.example.net/x"},
        {"notifications.webhook": ("hooks.example.net", ON)},
    ),
    ("webhook not chosen", {"CODER_NOTIFICATIONS_WEBHOOK_ENDPOINT": "https://hooks.example.net/x"}, {}),
    ("mail", {"CODER_EMAIL_SMARTHOST": "smtp.example.net:587"}, {"notifications.mail": ("smtp.example.net", ON)}),
    (
        "tracing",
        {"CODER_TRACE_ENABLE": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.example.net"},
        {"tracing": ("otlp.example.net", ON)},
    ),
    ("Honeycomb", {"CODER_TRACE_HONEYCOMB_API_KEY": "k"}, {"tracing.honeycomb": ("api.honeycomb.io", ON)}),
    ("proxy", {"HTTPS_PROXY": "http://proxy.example.net:3128"}, {"proxy": ("proxy.example.net", ON)}),
    ("proxy without TLS", {"HTTP_PROXY": "http://proxy.example.net:3128"}, {"proxy.plain": ("proxy.example.net", ON)}),
    ("gateway proxy", {"CODER_AI_GATEWAY_PROXY_ENABLED": "true"}, {"gateway-proxy.tunnel": ("", ON)}),
    (
        "gateway proxy with upstream",
        {"CODER_AI_GATEWAY_PROXY_ENABLED": "true", "CODER_AI_GATEWAY_PROXY_UPSTREAM": "http://up.example.net:8080"},
        {"gateway-proxy.upstream": ("up.example.net", ON)},
    ),
    (
        "seeds are not the providers",
        {"CODER_AI_GATEWAY_OPENAI_KEY": "k", "CODER_AI_GATEWAY_OPENAI_BASE_URL": "https://api.openai.com/v1"},
        {},
    ),
]

ANSWERS: list[tuple[str, str | None, Outward]] = [
    ("usage_publishing", "on", {"usage-publishing": ("tallyman-prod.coder.com", ON)}),
    ("usage_publishing", None, {"usage-publishing": ("tallyman-prod.coder.com", OPEN)}),
    ("web_push", None, {"web-push": ("", OPEN)}),
    ("workspace_egress", None, {"workspace-egress": ("", OPEN), "modules": ("registry.coder.com", OPEN)}),
    ("workspace_egress", "outside", {"workspace-egress": ("", ON), "modules": ("registry.coder.com", ON)}),
    ("workspace_compute", None, {"compute": ("", OPEN)}),
    (
        "terraform_mirror",
        None,
        each("terraform.providers", ("github.com", "registry.terraform.io", "releases.hashicorp.com"), OPEN),
    ),
]
