"""Values of charts: where a product's configuration stands in them, also below a parent chart."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main

PROXY = "proxy_config: {model_list: [{model_name: m, litellm_params: {model: mistral/mistral-large-latest}}]}"
IMAGE = "image: {repository: ghcr.io/berriai/litellm, tag: v1.92.0}"


def told(folder: Path, text: str, capsys: pytest.CaptureFixture[str], name: str = "values.yaml") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    assert main(["model", "--full", str(folder)]) == 0
    return capsys.readouterr().out


def test_the_block_that_a_chart_writes_into_a_file_is_that_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(tmp_path, f"{IMAGE}\n{PROXY}\nenvVars: {{LITELLM_OFFLINE_MODE: 'True'}}\n", capsys)
    assert "LiteLLM proxy 1.92.0 in values.yaml" in out
    assert "contacts api.mistral.ai" in out
    assert "switched off raw.githubusercontent.com" in out
    assert "No input shows" not in out
    assert "Not examined" not in out


def test_names_of_secrets_leave_their_variables_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(tmp_path, f"{IMAGE}\n{PROXY}\nenvironmentSecrets: [keys]\n", capsys)
    assert "environmentSecrets takes keys, whose names are not read" in out


def test_values_below_a_parent_chart_are_read_and_the_parent_is_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    block = f"litellm-helm:\n  {IMAGE}\n  {PROXY}\n"
    parent = "These are the values of a chart that a parent chart takes in: what the parent starts besides is open"
    out = told(tmp_path / "a", block, capsys)
    assert "contacts api.mistral.ai" in out
    assert parent in out
    assert parent not in told(tmp_path / "b", f"{IMAGE}\n{PROXY}\n", capsys)
    assert "LiteLLM" not in told(
        tmp_path / "c", f"{block}---\nservices: {{ollama: {{image: ollama/ollama}}}}\n", capsys, "compose.yaml"
    )


def test_a_values_file_that_only_takes_variables_in_is_the_chart_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    objects = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: coder-env}\ndata: {CODER_OIDC_ISSUER_URL: 'https://id.vendor.example'}\n"
    (tmp_path / "map.yaml").write_text(objects)
    out = told(tmp_path, "coder: {envFrom: [{configMapRef: {name: coder-env}}]}\n", capsys)
    assert "contacts id.vendor.example" in out


def test_what_is_open_leaves_the_usual_host_possible(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = PROXY.removesuffix("}") + ", litellm_settings: {callbacks: [langsmith]}}"
    out = told(tmp_path, f"{IMAGE}\n{settings}\nenvironmentSecrets: [keys]\n", capsys)
    assert "may contact api.smith.langchain.com" in out
    assert "unless the open value says otherwise" in out


def test_the_name_that_a_chart_is_reached_by_is_no_destination(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hosts = (
        "ingress: {enabled: true, hosts: [{host: llm.public.example}], annotations: {auth-url: 'https://auth.vendor.example'}}"
    )
    out = told(tmp_path, f"{IMAGE}\n{PROXY}\n{hosts}\n", capsys)
    assert "llm.public.example" not in out
    assert "may contact auth.vendor.example" in out


def stack(*servers: tuple[str, str]) -> str:
    """Return values of vLLM's chart with a server for each (model, value of VLLM_NO_USAGE_STATS)."""
    image = "repository: vllm/vllm-openai, tag: v0.33.0"
    entries = (
        f"    - {{name: m{n}, {image}, modelURL: {model}, env: [{{name: VLLM_NO_USAGE_STATS, value: '{off}'}}]}}\n"
        for n, (model, off) in enumerate(servers)
    )
    return "servingEngineSpec:\n  modelSpec:\n" + "".join(entries)


@pytest.mark.parametrize(
    ("first", "second", "answer"), [("1", "1", "no"), ("1", "0", "unknown"), ("0", "1", "unknown"), ("0", "0", "yes")]
)
def test_every_server_that_a_chart_makes_of_a_list_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: str, second: str, answer: str
) -> None:
    out = told(tmp_path, stack(("/models/a", first), ("/models/b", second)), capsys)
    assert f"[{answer}] vllm/model-server -> stats.vllm.ai" in out
    assert "values key servingEngineSpec" not in out


def test_a_model_that_only_the_second_server_fetches_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(tmp_path, stack(("/models/a", "1"), ("Qwen/Qwen3-8B", "1")), capsys)
    assert "[unknown] vllm/model-server -> huggingface.co: download of model weights" in out
    assert "Qwen/Qwen3-8B" in out
