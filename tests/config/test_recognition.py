"""Which product a process or a file is known as, by the rules of the catalog."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.config.discovery import recognise_systems
from auditor.documents import read_tree


def recognised(folder: Path, name: str, text: str) -> list[str]:
    (folder / name).write_text(text)
    return [s.product for s in recognise_systems(read_tree(folder, folder).documents, load_catalog())]


@pytest.mark.parametrize(
    "variable",
    [
        "OLLAMA_BASE_URL",
        "OLLAMA_HOST",
        "OLLAMA_API_BASE",
        "OLLAMA_HOSTNAME",
        "OLLAMA_MODEL",
        "LITELLM_API_KEY",
        "LITELLM_PROXY_URL",
        "VLLM_API_BASE",
        "N8N_WEBHOOK_URL",
        "LOCALAI_BASE_URL",
        "LITELLM_IMAGE",
    ],
)
def test_who_calls_a_product_is_not_the_product(tmp_path: Path, variable: str) -> None:
    assert recognised(tmp_path, "compose.yaml", f"services: {{app: {{build: ., environment: {{{variable}: x}}}}}}\n") == []


@pytest.mark.parametrize(
    ("variable", "product"),
    [
        ("OLLAMA_KEEP_ALIVE", "ollama"),
        ("LITELLM_SALT_KEY", "litellm"),
        ("VLLM_USE_V1", "vllm"),
        ("CODER_ACCESS_URL", "coder"),
        ("AIDER_MODEL", "aider"),
        ("ENABLE_RAG_WEB_SEARCH", "open-webui"),
    ],
)
def test_what_only_the_product_reads_shows_it(tmp_path: Path, variable: str, product: str) -> None:
    text = f"services: {{app: {{build: ., environment: {{{variable}: x}}}}}}\n"
    assert recognised(tmp_path, "compose.yaml", text) == [product]


def test_a_key_with_a_text_asks_for_it(tmp_path: Path) -> None:
    head = "apiVersion: {}\nkind: AIGatewayRoute\nmetadata: {{name: r}}\n"
    assert recognised(tmp_path, "a.yaml", head.format("aigateway.envoyproxy.io/v1beta1")) == ["envoy-ai-gateway"]
    assert recognised(tmp_path, "a.yaml", head.format("gateway.envoyproxy.io/v1alpha1")) == []
