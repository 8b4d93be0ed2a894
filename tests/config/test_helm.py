"""Values of charts: where a product's configuration stands in them, also below a parent chart."""

# ruff: noqa: E501 -- lines of YAML in texts stay whole

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


INSTALLERS = {
    "flux": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: chat}\nspec: {chart: {spec: {chart: open-webui}}, values: {VALUES}}\n",
    "argo": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: chat}\nspec:\n  source:\n    chart: open-webui\n    helm:\n      values: |\n        VALUES\n",
    "argo-object": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: chat}\nspec: {sources: [{chart: open-webui, helm: {valuesObject: {VALUES}}}]}\n",
    "k3s": "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {name: chat}\nspec:\n  chart: oci://ghcr.io/open-webui/helm-charts/open-webui\n  valuesContent: |-\n    VALUES\n",
    "helmfile": "releases: [{name: chat, chart: open-webui/open-webui, values: [{replicaCount: 1}, {VALUES}]}]\n",
    "fleet": "helm: {chart: open-webui, values: {VALUES}}\n",
    "kustomization": "helmCharts: [{name: open-webui, valuesInline: {VALUES}}]\n",
    "umbrella-values": "open-webui: {VALUES}\n",
}


def test_values_that_an_installer_carries_are_the_chart_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in INSTALLERS.items():
        own = f"extraEnvVars: [{{name: OPENAI_API_BASE_URLS, value: 'https://{name}.example.net/v1'}}]"
        (tmp_path / f"{name}.yaml").write_text(text.replace("VALUES", own))
    out = told(tmp_path, "a: 1\n", capsys, "other.json")
    assert {name for name in INSTALLERS if f"contacts {name}.example.net" not in out} == set()


def test_what_an_installer_takes_from_elsewhere_is_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = INSTALLERS["flux"].replace("{VALUES}", "{enableOpenaiApi: 'false'}, valuesFrom: [{kind: Secret, name: more}]")
    out = told(tmp_path, given, capsys, "flux.yaml")
    assert "what valuesFrom of the HelmRelease chat sets is not in it" in out
    assert "contacts api.openai.com" not in out


def test_a_release_without_values_has_the_defaults_of_its_chart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = INSTALLERS["flux"].replace(", values: {VALUES}", "")
    assert "contacts api.openai.com" in told(tmp_path, bare, capsys, "flux.yaml")


def test_variables_of_the_values_win_over_what_a_chart_makes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = "openaiBaseApiUrl: https://inside.example.net\nextraEnvVars: {OPENAI_API_BASE_URLS: {value: 'https://outside.example.net'}}\n"
    out = told(tmp_path, values, capsys)
    assert "contacts outside.example.net" in out
    assert "inside.example.net" not in out


UNKNOWN = """
controllers:
  chat:
    containers:
      app: {image: {registry: ghcr.io, repository: open-webui/open-webui, tag: 0.6.1}, env: {OPENAI_API_BASE_URL: 'https://map.example.net/v1'}}
proxy:
  image: ghcr.io/open-webui/open-webui:0.6.1
  extraEnv: [{name: OPENAI_API_BASE_URL, value: 'https://list.example.net/v1'}]
image: {chat: {repository: ghcr.io/open-webui/open-webui}, other: {repository: registry.example.net/other}}
chat: {environment: {OPENAI_API_BASE_URL: {value: 'https://beside.example.net/v1'}, WEBUI_URL: {secretKeyRef: {name: s, key: k}}}}
sidecar: {image: {repository: registry.example.net/sidecar}, env: {SINK_URL: 'https://sink.example.net'}}
"""


def test_blocks_of_an_unknown_chart_that_name_an_image_are_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(tmp_path, UNKNOWN, capsys)
    assert "Open WebUI 0.6.1 in values.yaml" in out or "Open WebUI in values.yaml" in out
    assert {h for h in ("map", "list", "beside") if f" {h}.example.net" not in out} == set()
    assert "may contact sink.example.net" in out  # nobody knows the sidecar, and its value is told all the same
    assert "whose chart the catalog does not describe" in out
    assert "values.yaml: no recognised product explains this file" in out
    assert "map.example.net (values.yaml" not in out  # what the product reads is told once


def test_a_block_that_a_known_chart_reads_is_no_second_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "whose chart the catalog does not describe" not in told(tmp_path, f"{IMAGE}\n{PROXY}\n", capsys)


def test_the_name_of_an_ingress_below_any_block_is_no_destination(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = "api: {ingress: {hosts: [{host: chat.public.example}]}, upstream: {host: api.vendor.example}}\n"
    out = told(tmp_path, values, capsys)
    assert "chat.public.example" not in out
    assert "api.vendor.example" in out


def test_a_block_that_is_only_called_like_a_chart_is_not_its_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = f"litellm: {{{IMAGE}, models: [{{model_name: a, litellm_params: {{model: openai/x}}}}]}}\n"
    out = told(tmp_path, values, capsys)
    assert "LiteLLM proxy 1.92.0 in values.yaml" in out
    assert "values.yaml: no recognised product explains this file" in out
