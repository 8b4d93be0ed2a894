"""Sixteen ways to look local and not be: ``auditor check`` finds each in the trap, and not once it is cured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from tests.catalog.bench import Bench
from tests.catalog.test_products_claude_code import CLOSED as CLAUDE
from tests.catalog.test_products_claude_code import managed
from tests.catalog.test_products_gateways import PROXY, SERVER, model, proxy
from tests.catalog.test_products_servers import BENCHES, TAGS

DERIVED = {"name": "our-coder", "remote_host": "https://ollama.com:443", "remote_model": "qwen3-coder:480b"}
OLLAMA = BENCHES["ollama"].but(files={"tags.json": ("GET /api/tags", {"models": [*TAGS["models"], DERIVED]})})
INSIDE = "http://10.0.0.9:8000/v1"
"""An address in the bench's own network."""


@dataclass(frozen=True)
class Rule:
    """One way to look local, how it is found, and what makes it true."""

    case: str
    profile: str
    trap: Bench
    words: tuple[str, ...]
    """What the findings and open questions about the trap say, and those about the cured deployment do not."""
    cured: Bench


def to(name: str, **params: str) -> Bench:
    return proxy(None, model(name, **params))


def router(big: dict[str, str], **settings: Any) -> Bench:
    return proxy(None, model("big", **big), litellm_settings=settings)


CLOUD, HOME = {"model": "openai/gpt-4.1"}, {"model": "openai/qwen", "api_base": INSIDE}
GLOBAL = {"model": "bedrock/global.anthropic.claude-sonnet-5", "aws_region_name": "eu-central-1"}
REGIONAL = {"model": "bedrock/anthropic.claude-sonnet-5", "aws_region_name": "eu-central-1"}
LANGFUSE = Bench(
    product="langfuse",
    version="3.0",
    image="langfuse/langfuse:3.0.0",
    env={
        "TELEMETRY_ENABLED": "false",
        "LANGFUSE_S3_EVENT_UPLOAD_ENDPOINT": "http://10.0.0.9:9000",
        "LANGFUSE_S3_MEDIA_UPLOAD_ENDPOINT": "http://10.0.0.9:9000",
    },
)
AZURE = {"model": "azure/gpt", "api_base": "https://acme-sweden.openai.azure.com"}
SNOWFLAKE = {"model": "snowflake/claude", "api_base": "https://acme-main.eu-central-1.snowflakecomputing.com/api/v2"}
RULES = [
    Rule(
        "1-ollama-cloud-model",
        "in-network",
        OLLAMA.but(env={"OLLAMA_NO_CLOUD": None}),
        ("requests of the model our-coder", "ollama"),
        OLLAMA,
    ),
    Rule(
        "2-lm-link",
        "in-network",
        BENCHES["lm-studio"].but(facts={"link": None}),
        ("Is LM Link on",),
        BENCHES["lm-studio"],
    ),
    Rule(
        "3-default-fallback",
        "in-network",
        router(CLOUD, default_fallbacks=["big"]),
        ("openai/gpt-4.1 (default fallback", "OpenAI"),
        router(HOME, default_fallbacks=["big"]),
    ),
    Rule(
        "3-same-name",
        "in-network",
        proxy(None, model("coder", **CLOUD)),
        ("one of 2 deployments that share the load of coder", "OpenAI"),
        proxy(None, model("coder", **HOME)),
    ),
    Rule(
        "4-long-prompts",
        "in-network",
        router(CLOUD, context_window_fallbacks=[{"coder": ["big"]}]),
        ("context window fallback for coder", "OpenAI"),
        router(HOME, context_window_fallbacks=[{"coder": ["big"]}]),
    ),
    Rule("5-global-profile", "eu-residency", to("big", **GLOBAL), ("global inference profile",), to("big", **REGIONAL)),
    Rule(
        "6-azure-sku",
        "eu-residency",
        to("big", model="azure/gpt", api_base="https://acme-sweden.openai.azure.com"),
        ("the SKU of the deployment decides it",),
        to("big", **REGIONAL),
    ),
    Rule(
        "7-claude-platform-on-aws",
        "eu-residency",
        to("big", model="anthropic/claude", api_base="https://aws-external-anthropic.eu-central-1.api.aws"),
        ("anthropic/model_server", "a parameter of the request decides it"),
        to("big", **REGIONAL),
    ),
    Rule(
        "7-claude-in-foundry",
        "eu-residency",
        to("big", model="azure_ai/claude", api_base="https://acme.services.ai.azure.com/anthropic"),
        ("the SKU of the deployment decides it",),
        to("big", **REGIONAL),
    ),
    Rule(
        "8-mistral",
        "eu-residency",
        to("big", model="mistral/mistral-large"),
        ("promises no country",),
        to("big", model="mistral/mistral-large", api_base="https://api.eu.mistral.ai/v1"),
    ),
    Rule(
        "9-storage-project",
        "eu-residency",
        to("big", model="openai/gpt", api_base="https://jp.api.openai.com/v1"),
        ("a setting of the account decides it",),
        to("big", **REGIONAL),
    ),
    Rule(
        "10-vllm",
        "air-gapped",
        SERVER.but(env={"VLLM_NO_USAGE_STATS": None}),
        ("usage statistics to the vLLM project",),
        SERVER,
    ),
    Rule(
        "10-tgi",
        "air-gapped",
        BENCHES["tgi"].but(command=("--model-id", "/models/qwen")),
        ("usage statistics to Hugging Face",),
        BENCHES["tgi"],
    ),
    Rule(
        "10-ray",
        "air-gapped",
        BENCHES["ray-serve"].but(env={"RAY_USAGE_STATS_ENABLED": None}),
        ("usage statistics to the Ray project",),
        BENCHES["ray-serve"],
    ),
    Rule(
        "10-litellm",
        "air-gapped",
        PROXY.but(env={"LITELLM_OFFLINE_MODE": None}),
        ("cost map of the models",),
        PROXY,
    ),
    Rule(
        "10-localai",
        "air-gapped",
        BENCHES["localai"].but(env={"LOCALAI_AUTOLOAD_GALLERIES": None}),
        ("lists of models",),
        BENCHES["localai"],
    ),
    Rule(
        "10-langfuse",
        "air-gapped",
        LANGFUSE.but(env={"TELEMETRY_ENABLED": None}),
        ("usage statistics to Langfuse",),
        LANGFUSE,
    ),
    Rule(
        "10-hub-library",
        "air-gapped",
        SERVER.but(command=("--model", "org/qwen"), env={"HF_HUB_OFFLINE": None, "HF_HUB_DISABLE_TELEMETRY": "1"}),
        ("download of model weights from Hugging Face",),
        SERVER.but(command=("--model", "org/qwen")),
    ),
    Rule(
        "10-vllm-true-is-not-1",
        "air-gapped",
        SERVER.but(env={"VLLM_NO_USAGE_STATS": "true"}),
        ("usage statistics to the vLLM project",),
        SERVER,
    ),
    Rule(
        "11-langfuse-otel",
        "eu-residency",
        proxy(None, litellm_settings={"success_callback": ["langfuse_otel"]}),
        ("langfuse/telemetry_sink@us",),
        proxy(None, litellm_settings={"success_callback": ["langfuse"]}),
    ),
    Rule(
        "12-preflight",
        "air-gapped",
        CLAUDE.but(files=managed(skipWebFetchPreflight=None, permissions=None)),
        ("preflight",),
        CLAUDE,
    ),
    Rule(
        "13-stdio-tool",
        "in-network",
        CLAUDE.but(files={".mcp.json": ("", {"mcpServers": {"sh": {"command": "npx"}}})}, absent=("sys/user", "sys/project")),
        ("local MCP server sh",),
        CLAUDE,
    ),
    Rule(
        "13-localhost-collector",
        "in-network",
        proxy(None, litellm_settings={"callbacks": ["otel"]}),
        ("What listens on localhost:4317",),
        proxy({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://10.0.0.8:4318"}, litellm_settings={"callbacks": ["otel"]}),
    ),
    Rule(
        "14-nim-without-address",
        "in-network",
        to("big", model="nvidia_nim/meta/llama"),
        ("nvidia_nim/meta/llama", "NVIDIA"),
        to("big", model="nvidia_nim/meta/llama", api_base=INSIDE),
    ),
    Rule(
        "15-tailscale-address",
        "in-network",
        to("big", model="openai/qwen", api_base="http://100.100.1.2:8000/v1"),
        ("100.100.1.2",),
        to("big", **HOME),
    ),
    Rule(
        "15-private-link",
        "in-network",
        to("big", model="openai/x", api_base="https://vpce-1a2b.bedrock-runtime.eu-central-1.vpce.amazonaws.com"),
        ("Amazon Bedrock behind a private address",),
        to("big", **HOME),
    ),
    Rule(
        "16-snowflake",
        "eu-residency",
        to("big", model="snowflake/claude", api_base="https://acme.snowflakecomputing.com/api/v2"),
        ("snowflake/model_server", "a setting of the account decides it"),
        to("big", **REGIONAL),
    ),
]


SKU_WORDS = ("the SKU of the deployment decides it", "any region of Azure")
FOUNDRY_WORDS = ("anthropic/model_server", "a parameter of the request decides it", *SKU_WORDS)
ACCOUNT_WORDS = ("a setting of the account decides it",)
CROSS_REGION = (*ACCOUNT_WORDS, "other regions may process")


def deployed(sku: str) -> dict[str, tuple[str, str]]:
    """Return Terraform of an account in Sweden with one deployment of that SKU."""
    account = 'name = "acme-sweden"\n  custom_subdomain_name = "acme-sweden"\n  location = "swedencentral"\n  kind = "OpenAI"'
    model = f'model {{\n    format = "OpenAI"\n    name = "gpt-4o"\n  }}\n  sku {{\n    name = "{sku}"\n  }}'
    owner = "cognitive_account_id = azurerm_cognitive_account.m.id"
    text = (
        f'resource "azurerm_cognitive_account" "m" {{\n  {account}\n}}\n'
        f'resource "azurerm_cognitive_deployment" "g" {{\n  name = "gpt"\n  {owner}\n  {model}\n}}\n'
    )
    return {"main.tf": ("", text)}


def cross_region(value: str) -> dict[str, tuple[str, str]]:
    """Return Terraform that sets the parameter of the account of the host."""
    provider = 'provider "snowflake" {\n  organization_name = "ACME"\n  account_name = "MAIN"\n}\n'
    key = f'key = "CORTEX_ENABLED_CROSS_REGION"\n  value = "{value}"'
    return {"main.tf": ("", f'{provider}resource "snowflake_account_parameter" "x" {{\n  {key}\n}}\n')}


NEAR = [
    ("6-one-region", to("big", **AZURE).but(files=deployed("Standard")), SKU_WORDS),
    ("6-zone-of-the-union", to("big", **AZURE).but(files=deployed("DataZoneStandard")), SKU_WORDS),
    ("6-own-host", to("big", model="azure/gpt", api_base="https://openai.azure.corp.example/v1"), SKU_WORDS),
    (
        "7-own-host",
        to("big", model="anthropic/x", api_base="https://aws-external-anthropic.eu-central-1.corp.example"),
        FOUNDRY_WORDS,
    ),
    ("7-own-gateway", to("big", model="anthropic/x", api_base="http://10.0.0.9:8000"), FOUNDRY_WORDS),
    ("7-own-gateway-of-foundry", to("big", model="azure_ai/x", api_base="http://10.0.0.9:8000/anthropic"), FOUNDRY_WORDS),
    ("7-claude-of-bedrock", to("big", **REGIONAL), FOUNDRY_WORDS),
    ("9-own-server-of-that-interface", to("big", **HOME), ACCOUNT_WORDS),
    ("9-own-host", to("big", model="openai/gpt", api_base="https://jp.api.openai.com.corp.example/v1"), ACCOUNT_WORDS),
    ("16-disabled", to("big", **SNOWFLAKE).but(files=cross_region("DISABLED")), CROSS_REGION),
    ("16-own-host", to("big", model="openai/x", api_base="https://snowflakecomputing.corp.example/v1"), CROSS_REGION),
    (
        "10-own-langfuse",
        proxy({"LANGFUSE_HOST": "http://10.0.0.8:3000"}, litellm_settings={"callbacks": ["langfuse"]}),
        ("langfuse/",),
    ),
]
"""Deployments that look like a trap and are none; of each trap the twin that differs in one word is below."""
TWINS = [
    ("6-the-world", to("big", **AZURE).but(files=deployed("GlobalStandard")), SKU_WORDS),
    ("16-group-of-regions", to("big", **SNOWFLAKE).but(files=cross_region("AWS_EU")), CROSS_REGION),
    ("16-unset", to("big", **SNOWFLAKE), CROSS_REGION),
]


def judged(bench: Bench, profile: str, folder: Path) -> str:
    """Return what ``auditor check`` finds and leaves open, as text, and require a deployment that is read without error."""
    bench.configuration(folder)
    output = folder.parent / f"{folder.name}.json"
    arguments = ["check", str(folder), "--profile", profile, "--stage", "change", "--as-of", "2026-11-26", "-q"]
    assert main([*arguments, "-o", f"json:{output}"]) in {0, 1, 3}
    record = json.loads(output.read_text())
    found = [f for f in record["findings"] if not f["waived_by"]] + [u for u in record["unknowns"] if u["blocking"]]
    return json.dumps(found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.case)
def test_what_only_looks_local_is_found_until_it_is_cured(tmp_path: Path, rule: Rule) -> None:
    trap, cured = judged(rule.trap, rule.profile, tmp_path / "trap"), judged(rule.cured, rule.profile, tmp_path / "cured")
    assert [word for word in rule.words if word not in trap] == []
    assert [word for word in rule.words if word in cured] == []


@pytest.mark.parametrize(("bench", "words"), [pytest.param(*n[1:], id=n[0]) for n in NEAR])
def test_what_looks_like_a_trap_and_is_none_is_left_alone(tmp_path: Path, bench: Bench, words: tuple[str, ...]) -> None:
    said = judged(bench, "eu-residency", tmp_path / "near")
    assert [word for word in words if word in said] == []


@pytest.mark.parametrize(("bench", "words"), [pytest.param(*n[1:], id=n[0]) for n in TWINS])
def test_and_its_twin_that_is_one_is_found(tmp_path: Path, bench: Bench, words: tuple[str, ...]) -> None:
    said = judged(bench, "eu-residency", tmp_path / "twin")
    assert any(word in said for word in words)


def test_every_rule_has_its_trap() -> None:
    assert {int(rule.case.split("-")[0]) for rule in RULES} == set(range(1, 17))
