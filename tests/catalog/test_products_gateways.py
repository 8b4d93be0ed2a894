"""LiteLLM and vLLM: what looks local and is not, and every switch of the servers that an organisation runs itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.catalog import load_catalog
from auditor.config import configure, recognise_systems
from auditor.documents import read_tree
from auditor.facts.truth import Truth
from auditor.manifest import assumed_manifest
from tests.catalog.bench import ON, OPEN, Bench, Outward, changed, classes

LOCAL: dict[str, Any] = {
    "model_name": "coder",
    "litellm_params": {"model": "hosted_vllm/qwen", "api_base": "http://vllm.corp.example:8000/v1"},
}
PROXY = Bench(
    product="litellm",
    version="1.109.1",
    image="ghcr.io/berriai/litellm:v1.109.1",
    command=("--config", "/app/config.yaml"),
    env={"LITELLM_OFFLINE_MODE": "true"},
    files={"litellm.yaml": ("", {"model_list": [LOCAL]})},
)


def proxy(env: dict[str, str | None] | None = None, *models: dict[str, Any], **sections: Any) -> Bench:
    return PROXY.but(env=env, files={"litellm.yaml": ("", {"model_list": [LOCAL, *models], **sections})})


def model(name: str, **params: str) -> dict[str, Any]:
    return {"model_name": name, "litellm_params": params}


def test_a_proxy_before_a_local_model_is_closed(tmp_path: Path) -> None:
    assert PROXY.outward(tmp_path) == {}
    assert PROXY.configuration(tmp_path).gaps == ()


@pytest.mark.parametrize(
    ("env", "appears"),
    [
        (
            {"LITELLM_OFFLINE_MODE": None},
            {
                "phone.cost-map": ("raw.githubusercontent.com", ON),
                "phone.blog": ("docs.litellm.ai", ON),
                "phone.tokenizers": ("huggingface.co", ON),
                "phone.passwords": ("api.pwnedpasswords.com", OPEN),
            },
        ),
        (
            {"LITELLM_OFFLINE_MODE": "false", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOCAL_BLOG_POSTS": "True"},
            {"phone.tokenizers": ("huggingface.co", ON), "phone.passwords": ("api.pwnedpasswords.com", OPEN)},
        ),
        ({"LITELLM_LICENSE": "sk-not-a-real-licence-0000"}, {}),
        ({"LITELLM_TELEMETRY_ENDPOINT": "https://t.example.net"}, {}),
        ({"DATABASE_URL": "postgresql://db.example.net:5432/litellm"}, {"database": ("db.example.net", ON)}),
    ],
)
def test_a_variable_of_the_proxy_opens_exactly_its_flows(tmp_path: Path, env: dict[str, str | None], appears: Outward) -> None:
    assert appears == proxy(env).outward(tmp_path)


@pytest.mark.parametrize(
    ("params", "host"),
    [
        ({"model": "openai/gpt-4.1"}, "api.openai.com"),
        (
            {"model": "bedrock/global.anthropic.claude-sonnet-5", "aws_region_name": "eu-central-1"},
            "bedrock-runtime.eu-central-1.amazonaws.com",
        ),
        ({"model": "bedrock/anthropic.claude-3"}, "bedrock-runtime.us-west-2.amazonaws.com"),
        ({"model": "nvidia_nim/meta/llama"}, "integrate.api.nvidia.com"),
        ({"model": "mistral/mistral-large"}, "api.mistral.ai"),
        ({"model": "openrouter/x/y"}, "openrouter.ai"),
        ({"model": "vertex_ai/gemini-3-pro", "vertex_location": "europe-west9"}, "europe-west9-aiplatform.googleapis.com"),
        ({"model": "vertex_ai/claude-opus-5", "vertex_ai_location": "global"}, "aiplatform.googleapis.com"),
        ({"model": "vertex_ai/gemini-3-pro"}, "us-central1-aiplatform.googleapis.com"),
        ({"model": "text-bison@002", "vertex_location": "europe-west1"}, "europe-west1-aiplatform.googleapis.com"),
        ({"model": "azure/gpt"}, ""),
    ],
)
def test_a_deployment_goes_where_its_parameters_say(tmp_path: Path, params: dict[str, str], host: str) -> None:
    assert {"models:big": (host, ON)} == proxy(None, model("big", **params)).outward(tmp_path)


def test_a_location_of_vertex_is_no_country(tmp_path: Path) -> None:
    params = {"model": "vertex_ai/gemini-3-pro", "vertex_location": "europe-west9"}
    flow = proxy({"VERTEXAI_LOCATION": "us-east1"}, model("big", **params)).flows(tmp_path)["models:big"]
    assert (flow.destination.name, flow.processing) == ("europe-west9-aiplatform.googleapis.com", None)


def test_a_global_profile_leaves_the_region_of_its_host(tmp_path: Path) -> None:
    params = {"model": "bedrock/global.anthropic.claude-sonnet-5", "aws_region_name": "eu-central-1"}
    flow = proxy(None, model("big", **params)).flows(tmp_path)["models:big"]
    assert flow.processing is None
    assert "global" in flow.processing_reason


def test_fallbacks_say_what_else_arrives(tmp_path: Path) -> None:
    settings = {"fallbacks": [{"coder": ["big"]}], "context_window_fallbacks": [{"coder": ["big"]}]}
    flow = proxy(None, model("big", model="openai/gpt-4.1"), router_settings=settings).flows(tmp_path)["models:big"]
    assert flow.purpose == "model requests of big to openai/gpt-4.1 (fallback for coder, context window fallback for coder)"


@pytest.mark.parametrize(
    ("section", "env", "appears"),
    [
        ({"success_callback": ["langfuse"]}, {}, {"callbacks.success:langfuse": ("cloud.langfuse.com", ON)}),
        ({"success_callback": ["langfuse_otel"]}, {}, {"callbacks.success:langfuse_otel": ("us.cloud.langfuse.com", ON)}),
        ({"success_callback": ["langfuse"]}, {"LANGFUSE_HOST": "https://langfuse.corp.example"}, {}),
        ({"callbacks": ["prometheus"]}, {}, {}),
        (
            {"default_team_settings": [{"team_id": "a", "success_callback": ["langfuse"], "failure_callback": ["prometheus"]}]},
            {},
            {"callbacks.teams:langfuse": ("cloud.langfuse.com", ON)},
        ),
        (
            {"default_team_settings": [{"team_id": "a", "langfuse_host": "https://l.example.net"}]},
            {},
            {"callbacks.teams_langfuse:l.example.net": ("l.example.net", ON)},
        ),
        (
            {"failure_callback": ["datadog"]},
            {"DD_SITE": "datadoghq.eu"},
            {"callbacks.failure:datadog": ("http-intake.logs.datadoghq.eu", ON)},
        ),
        ({"callbacks": ["my_module.handler"]}, {}, {"callbacks:my_module.handler": ("", ON)}),
        (
            {"cache": True, "cache_params": {"type": "redis", "host": "redis.example.net"}},
            {},
            {"cache": ("redis.example.net", ON)},
        ),
    ],
)
def test_prompts_leave_by_callbacks_and_caches(
    tmp_path: Path, section: dict[str, Any], env: dict[str, str | None], appears: Outward
) -> None:
    assert appears == proxy(env, litellm_settings=section).outward(tmp_path)


@pytest.mark.parametrize(
    ("sections", "appears"),
    [
        (
            {"guardrails": [{"guardrail_name": "g", "litellm_params": {"guardrail": "lakera_v2"}}]},
            {"guardrails:g": ("api.lakera.ai", ON)},
        ),
        (
            {"search_tools": [{"search_tool_name": "s", "litellm_params": {"search_provider": "tavily"}}]},
            {"search:s": ("api.tavily.com", ON)},
        ),
        ({"mcp_servers": {"exa": {"url": "https://mcp.exa.ai/mcp"}}}, {"mcp:exa": ("mcp.exa.ai", ON)}),
        (
            {"general_settings": {"pass_through_endpoints": [{"path": "/x", "target": "https://api.cohere.com/v1"}]}},
            {"pass-through:/x": ("api.cohere.com", ON)},
        ),
    ],
)
def test_other_sections_open_exactly_their_flows(tmp_path: Path, sections: dict[str, Any], appears: Outward) -> None:
    assert appears == proxy(None, **sections).outward(tmp_path)


def test_models_in_the_database_keep_the_inventory_open(tmp_path: Path) -> None:
    bench = proxy(None, general_settings={"store_model_in_db": True})
    assert [g.unknown.subject for g in bench.configuration(tmp_path).gaps] == ["sys/model_rows"]


def test_prompts_in_the_spend_log_raise_what_the_database_gets(tmp_path: Path) -> None:
    env: dict[str, str | None] = {"DATABASE_URL": "postgresql://db.corp.example/litellm"}
    plain = proxy(env).flows(tmp_path / "plain")["database"]
    logged = proxy(env, general_settings={"store_prompts_in_spend_logs": True}).flows(tmp_path / "logged")["database"]
    added = tuple(c for c in logged.sends_at_least if c not in plain.sends_at_least)
    assert classes("content.prompt", "content.completion") == added


SERVER = Bench(
    product="vllm",
    version="0.33",
    image="vllm/vllm-openai:v0.33.0",
    command=("--model", "/models/qwen-coder"),
    env={"VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"},
    facts={"kernels": "inside", "multimodal": "off"},
)
REMOTE = ("--model", "Qwen/Qwen2.5-Coder-32B-Instruct")
HUB: Outward = {"model-download": ("huggingface.co", ON), "hub-telemetry": ("huggingface.co", OPEN)}


def test_a_server_with_everything_off_is_closed(tmp_path: Path) -> None:
    assert SERVER.outward(tmp_path) == {}
    assert SERVER.configuration(tmp_path).gaps == ()


@pytest.mark.parametrize(
    ("env", "command", "facts", "appears"),
    [
        ({"VLLM_NO_USAGE_STATS": None}, None, {}, {"usage": ("stats.vllm.ai", ON)}),
        ({"VLLM_NO_USAGE_STATS": "0"}, None, {}, {"usage": ("stats.vllm.ai", ON)}),
        ({"VLLM_NO_USAGE_STATS": None, "DO_NOT_TRACK": "1"}, None, {}, {}),
        ({"VLLM_NO_USAGE_STATS": None, "VLLM_USAGE_STATS_SERVER": "https://u.corp.example"}, None, {}, {}),
        ({"HF_HUB_OFFLINE": None}, None, {}, {}),
        ({}, REMOTE, {}, {}),
        ({"HF_HUB_OFFLINE": None}, REMOTE, {}, HUB),
        ({"HF_HUB_OFFLINE": None, "HF_ENDPOINT": "https://hub.corp.example"}, REMOTE, {}, {}),
        ({"HF_HUB_OFFLINE": None, "HF_HUB_DISABLE_TELEMETRY": "1"}, REMOTE, {}, {"model-download": ("huggingface.co", ON)}),
        ({}, None, {"kernels": None}, {"kernels": ("edge.urm.nvidia.com", OPEN)}),
        ({"VLLM_HAS_FLASHINFER_CUBIN": "1"}, None, {"kernels": None}, {}),
        ({}, (*SERVER.command, "--distributed-executor-backend", "ray"), {}, {"ray-usage": ("usage-stats.ray.io", OPEN)}),
        ({}, (*SERVER.command, "--distributed-executor-backend", "mp"), {}, {}),
        ({"RAY_USAGE_STATS_ENABLED": "0"}, (*SERVER.command, "--distributed-executor-backend", "ray"), {}, {}),
        ({}, None, {"multimodal": "on"}, {"media": ("", OPEN)}),
        (
            {},
            (*SERVER.command, "--tool-server", "tools.example.net:8080"),
            {},
            {"tools:tools.example.net": ("tools.example.net", ON)},
        ),
    ],
)
def test_a_switch_of_the_server_opens_exactly_its_flows(
    tmp_path: Path, env: dict[str, str | None], command: tuple[str, ...] | None, facts: dict[str, str | None], appears: Outward
) -> None:
    bench = SERVER.but(env=env, facts=facts, command=command or SERVER.command)
    outward = {
        key: ("huggingface.co" if end == "huggingface/registry" else end, state)
        for key, (end, state) in bench.outward(tmp_path).items()
    }
    assert appears == outward


def test_a_switch_moves_the_download_to_modelscope(tmp_path: Path) -> None:
    before = SERVER.but(env={"HF_HUB_OFFLINE": None}, command=REMOTE)
    after = before.but(env={"VLLM_USE_MODELSCOPE": "True"})
    added, gone = changed(before.outward(tmp_path / "before"), after.outward(tmp_path / "after"))
    assert (list(added), list(gone)) == (["model-download.modelscope"], ["model-download"])


def test_the_model_is_where_inference_ends(tmp_path: Path) -> None:
    component = next(c for c in SERVER.configuration(tmp_path).components if c.id == "sys/model-server")
    assert (component.present, component.place.operator) == (Truth.YES, "")


@pytest.mark.parametrize(("name", "pattern"), [("*", "openai/*"), ("openai/*", "openai/*")])
def test_a_wildcard_sends_unknown_names_to_the_provider(tmp_path: Path, name: str, pattern: str) -> None:
    assert proxy(None, model(name, model=pattern)).outward(tmp_path) == {f"models:{name}": ("api.openai.com", ON)}


@pytest.mark.parametrize("kind", ["fallbacks", "context_window_fallbacks", "content_policy_fallbacks"])
@pytest.mark.parametrize("section", ["router_settings", "litellm_settings"])
def test_every_kind_of_fallback_counts_in_both_sections(tmp_path: Path, kind: str, section: str) -> None:
    sections: dict[str, Any] = {section: {kind: [{"coder": ["big"]}]}}
    flow = proxy(None, model("big", model="openai/gpt-4.1"), **sections).flows(tmp_path)["models:big"]
    assert f"({kind.replace('_', ' ').removesuffix('s')} for coder)" in flow.purpose


def test_a_chart_that_makes_a_ray_cluster_may_report_to_the_makers_of_ray(tmp_path: Path) -> None:
    text = "servingEngineSpec: {modelSpec: [{name: m, repository: vllm/vllm-openai, modelURL: /models/m%s}]}\n"
    found = []
    for name, more in (("one", ""), ("several", ", raySpec: {enabled: true}")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "values.yaml").write_text(text % more)
        documents = read_tree(tmp_path / name, tmp_path / name).documents
        manifest = assumed_manifest("d", recognise_systems(documents, load_catalog()), ())
        flows = {f.id: f.configured for f in configure(documents, manifest, load_catalog()).flows}
        found.append(flows["vllm/ray-usage"])
    assert found == [Truth.NO, Truth.UNKNOWN]


def test_callbacks_of_every_team_are_told(tmp_path: Path) -> None:
    teams = [
        {"team_id": "a", "success_callback": ["langfuse"]},
        {"team_id": "b", "success_callback": ["langsmith"], "langfuse_host": "https://l.example.net"},
    ]
    content = {"model_list": [], "litellm_settings": {"default_team_settings": teams}}
    bench = Bench(
        product="litellm",
        version="1.109.1",
        image="ghcr.io/berriai/litellm:v1.109.1",
        command=("--config", "/app/config.yaml"),
        files={"litellm.yaml": ("", content)},
    )
    hosts = {flow.destination.name for flow in bench.flows(tmp_path).values() if flow.id.startswith("sys/callbacks.teams")}
    assert {"cloud.langfuse.com", "api.smith.langchain.com", "l.example.net"} <= hosts
