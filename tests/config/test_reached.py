"""Under which names the services of compose files and clusters are known, and which names say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.config.discovery import recognise_systems
from auditor.documents import read_tree

POD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: llm, namespace: models}
spec:
  template:
    metadata: {labels: {app: llm, tier: gpu}}
    spec: {containers: [{name: server, image: "vllm/vllm-openai:v0.20.0"}%s]}
---
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: %s}
spec: %s
"""
IN_CLUSTER = {"llm", "llm.models", "llm.models.svc", "llm.models.svc.cluster.local"}


def hosts(folder: Path, text: str, name: str = "compose.yaml") -> dict[str, set[str]]:
    """Return (system/component → names) of one file."""
    (folder / name).write_text(text)
    found = recognise_systems(read_tree(folder, folder).documents, load_catalog())
    return {f"{s.id}/{c.id}": set(c.hosts) for s in found for c in s.components}


def test_a_service_of_compose_has_all_its_names(tmp_path: Path) -> None:
    text = """services:
  Proxy:
    image: litellm/litellm:v1.80.0
    container_name: litellm-1
    hostname: gate.corp.example
    networks: {back: {aliases: [models, gw]}}
"""
    assert hosts(tmp_path, text) == {"litellm/gateway": {"proxy", "litellm-1", "gate.corp.example", "models", "gw"}}


def test_two_services_of_one_product_are_names_of_one_system(tmp_path: Path) -> None:
    text = "services: {a: {image: 'vllm/vllm-openai:v0.20.0'}, b: {image: 'vllm/vllm-openai:v0.20.0'}}\n"
    assert hosts(tmp_path, text) == {"vllm/model-server": {"a", "b"}}


def test_a_name_that_two_products_claim_is_nobodys(tmp_path: Path) -> None:
    text = """services:
  one: {image: 'vllm/vllm-openai:v0.20.0', networks: {n: {aliases: [llm]}}}
  two: {image: 'ollama/ollama:0.12.3', networks: {n: {aliases: [llm]}}}
"""
    assert hosts(tmp_path, text) == {"vllm/model-server": {"one"}, "ollama/model-server": {"two"}}


@pytest.mark.parametrize("name", ["*", "*.example", "{region}.example", "a b", "-x", "a/b"])
def test_a_name_that_no_resolver_takes_is_none(tmp_path: Path, name: str) -> None:
    text = f'services: {{vllm: {{image: "vllm/vllm-openai:v0.20.0", container_name: "{name}"}}}}\n'
    assert hosts(tmp_path, text) == {"vllm/model-server": {"vllm"}}


@pytest.mark.parametrize(
    ("service", "namespace", "spec", "second", "expected"),
    [
        ("llm", "models", "{selector: {app: llm}}", "", IN_CLUSTER),
        ("llm", "models", "{selector: {app: other}}", "", set()),
        ("llm", "other", "{selector: {app: llm}}", "", set()),
        ("llm", "models", "{}", "", set()),
        ("llm", "models", "{selector: {app: llm}, type: ExternalName, externalName: api.openai.com}", "", set()),
        ("llm", "models", "{selector: {app: llm}}", ", {name: side, image: envoy}", set()),
    ],
    ids=["selected", "other labels", "other namespace", "no selector", "an outer name", "one of two containers"],
)
def test_a_service_of_a_cluster_names_the_pods_that_it_surely_sends_to(
    tmp_path: Path, service: str, namespace: str, spec: str, second: str, expected: set[str]
) -> None:
    found = hosts(tmp_path, POD % (second, service, namespace, spec), "rendered.yaml")
    assert found == ({"vllm/model-server": expected} if expected else {})


def test_the_short_name_of_two_services_means_neither(tmp_path: Path) -> None:
    other = "---\napiVersion: v1\nkind: Service\nmetadata: {name: llm, namespace: shop}\nspec: {selector: {app: x}}\n"
    found = hosts(tmp_path, POD % ("", "llm", "models", "{selector: {app: llm}}") + other, "rendered.yaml")
    assert found == {"vllm/model-server": IN_CLUSTER - {"llm"}}


def test_the_name_of_an_environment_file_alone_says_nothing(tmp_path: Path) -> None:
    assert hosts(tmp_path, "LITELLM_MASTER_KEY_SET=1\nLITELLM_MODE=x\n", ".env") == {}
