"""Hosts and places: what the facts name is known by its operator, and no label of Europe stands for one territory."""

from __future__ import annotations

import re

import pytest

from auditor.catalog import EndpointEntry, load_catalog
from auditor.catalog.library import read_library

CATALOG = load_catalog()
UNION = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)


def entry(host: str) -> EndpointEntry:
    found = CATALOG.endpoint_for_host(host)
    assert found is not None, host
    return found


@pytest.mark.parametrize(
    ("host", "identifier"),
    [
        ("eu-gb.ml.cloud.ibm.com", "ibm/model_server@eu-gb"),
        ("private.eu-de.ml.cloud.ibm.com", "ibm/model_server@eu-de"),
        ("acme.snowflakecomputing.com", "snowflake/model_server"),
        ("api.elevenlabs.io", "elevenlabs/model_server"),
        ("serving.app.predibase.com", "predibase/model_server"),
        ("adb-12.7.azuredatabricks.net", "databricks/model_server"),
        ("gateway.ai.cloudflare.com", "cloudflare/model_gateway"),
        ("ai-gateway.helicone.ai", "helicone/model_gateway"),
        ("gateway.us.posthog.com", "posthog/model_gateway"),
        ("llm-gateway.eu.assemblyai.com", "assemblyai/model_gateway@eu"),
        ("ai-gateway.vercel.sh", "vercel/model_gateway"),
        ("usage-stats.ray.io", "anyscale/telemetry_sink"),
        ("a.v2.argotunnel.com", "cloudflare/relay"),
        ("abc.ngrok-free.app", "ngrok/relay"),
        ("x.euw.devtunnels.ms", "microsoft/relay"),
        ("host.tail1.ts.net", "tailscale/relay@tailnet"),
        ("cloudflare-ech.com", "cloudflare/relay@ech"),
        ("cloudflare-dns.com", "cloudflare/resolver"),
        ("r3.o.lencr.org", "isrg/update_service"),
        ("mcp.context7.com", "upstash/tool_server"),
        ("proxy.golang.org", "google/registry@go"),
        ("bucket.s3.amazonaws.com", "aws/object_store"),
        ("acme.blob.core.windows.net", "microsoft/object_store"),
    ],
)
def test_a_host_names_its_operator_and_role(host: str, identifier: str) -> None:
    assert entry(host).id == identifier


@pytest.mark.parametrize(
    "host",
    [
        "evil-ngrok.io",
        "ngrok.io.example.net",
        "xcloudflare-dns.com",
        "snowflakecomputing.com.example.net",
        "api.eu.openai.com",
        "notts.net",
        "eu-de.ml.cloud.ibm.com.example.net",
    ],
)
def test_a_host_that_only_looks_alike_is_nobodys(host: str) -> None:
    assert CATALOG.endpoint_for_host(host) is None


@pytest.mark.parametrize(
    ("host", "processing"),
    [
        ("bedrock-runtime.eu-west-2.amazonaws.com", {"GB"}),
        ("bedrock-runtime.eu-central-2.amazonaws.com", {"CH"}),
        ("bedrock-runtime.eu-central-1.amazonaws.com", {"DE"}),
        ("eu-gb.ml.cloud.ibm.com", {"GB"}),
        ("eu-de.ml.cloud.ibm.com", {"DE"}),
        ("aiplatform.eu.rep.googleapis.com", UNION),
        ("eu.api.openai.com", UNION | {"CH", "IS", "LI", "NO"}),
        ("api.eu.mistral.ai", UNION | {"CH", "IS", "LI", "NO"}),
        ("eu.openrouter.ai", UNION | {"CH", "GB", "IS", "LI", "NO"}),
    ],
)
def test_every_label_of_europe_has_its_own_countries(host: str, processing: set[str]) -> None:
    assert set(entry(host).processing or ()) == processing


@pytest.mark.parametrize(
    "host",
    [
        "api.openai.com",
        "api.anthropic.com",
        "api.mistral.ai",
        "aws-external-anthropic.eu-central-1.api.aws",
        "acme.openai.azure.com",
        "acme.services.ai.azure.com",
        "westeurope.api.cognitive.microsoft.com",
        "aiplatform.googleapis.com",
        "europe-west3-aiplatform.googleapis.com",
        "generativelanguage.googleapis.com",
        "acme.snowflakecomputing.com",
        "openrouter.ai",
        "ai-gateway.vercel.sh",
        "gateway.ai.cloudflare.com",
        "api.telnyx.eu",
        "llm-gateway.eu.assemblyai.com",
        "eu-central-1.api.x.ai",
        "in.api.openai.com",
        "jp.api.openai.com",
    ],
)
def test_a_host_that_decides_nothing_promises_no_country(host: str) -> None:
    assert (entry(host).processing, bool(entry(host).processing_reason)) == (None, True)


@pytest.mark.parametrize(
    ("host", "storage"),
    [
        ("europe-west3-aiplatform.googleapis.com", ("DE",)),
        ("europe-west2-aiplatform.googleapis.com", ("GB",)),
        ("europe-west6-aiplatform.googleapis.com", ("CH",)),
        ("europe-nowhere1-aiplatform.googleapis.com", None),
    ],
)
def test_a_google_region_decides_storage_alone(host: str, storage: tuple[str, ...] | None) -> None:
    assert (entry(host).storage, entry(host).processing) == (storage, None)


def test_claude_platform_on_aws_is_run_by_anthropic() -> None:
    assert entry("aws-external-anthropic.eu-central-1.api.aws").operator == "anthropic"


@pytest.mark.parametrize(
    ("host", "decider"),
    [
        ("acme.openai.azure.com", "the SKU of the deployment decides it, not the host"),
        ("api.anthropic.com", "a parameter of the request decides it, not the host"),
        ("acme.snowflakecomputing.com", "a setting of the account decides it, not the host"),
        ("europe-west3-aiplatform.googleapis.com", "the id of the model decides it, not the host"),
    ],
)
def test_what_decides_the_place_is_said(host: str, decider: str) -> None:
    assert entry(host).processing_reason.endswith(decider)


def test_every_pattern_that_a_file_writes_is_found_by_a_host_of_its() -> None:
    library = read_library(None)
    for operator in library.names("endpoints"):
        for tree, _ in library.trees(f"endpoints/{operator}.yaml"):
            for pattern in (p for e in tree["endpoints"] for p in e["hosts"]):
                host = re.sub(r"\{\w+\}", "x1", pattern.replace("*", "x1"))
                assert operator in library.operators_of(".".join(host.split(".")[-2:])), pattern
                assert CATALOG.endpoint_for_host(host) is not None, pattern
