"""Model servers: every switch both ways, and exactly the flows that appear, move or vanish."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.bench import ON, OPEN, Bench, Outward, only

HUB = "huggingface.co"
BENCHES = {
    "ollama": Bench(
        product="ollama",
        version="0.12",
        image="ollama/ollama:0.12.0",
        env={"OLLAMA_NO_CLOUD": "1"},
        facts={"cloud_models": "none", "web_tools": "off"},
    ),
    "tgi": Bench(
        product="tgi",
        version="3.3",
        image="ghcr.io/huggingface/text-generation-inference:3.3.0",
        command=("--model-id", "/models/qwen", "--usage-stats", "off"),
    ),
    "sglang": Bench(
        product="sglang",
        version="0.5",
        image="lmsysorg/sglang:v0.5.0",
        command=("python3", "-m", "sglang.launch_server", "--model-path", "/models/qwen"),
    ),
    "llama-cpp": Bench(
        product="llama-cpp", version="b6000", image="ghcr.io/ggml-org/llama.cpp:server", command=("-m", "/models/qwen.gguf")
    ),
    "localai": Bench(
        product="localai",
        version="3.4",
        image="localai/localai:v3.4.0",
        env={"LOCALAI_AUTOLOAD_GALLERIES": "false", "LOCALAI_AUTOLOAD_BACKEND_GALLERIES": "false"},
        facts={"cloud_models": "none"},
    ),
    "lm-studio": Bench(
        product="lm-studio",
        version="0.3",
        image="corp/lm-studio",
        command=("lms", "server", "start"),
        facts={"link": "off", "downloads": "off"},
    ),
    "nim": Bench(product="nim", version="1.8", image="nvcr.io/nim/meta/llama:1.8.0", facts={"telemetry": "off"}),
    "triton": Bench(
        product="triton",
        version="24.09",
        image="nvcr.io/nvidia/tritonserver:24.09-py3",
        command=("tritonserver", "--model-repository=/models"),
        facts={"phone_home": "off"},
    ),
    "ray-serve": Bench(
        product="ray-serve",
        version="2.60",
        image="rayproject/ray:2.60.0",
        command=("ray", "start", "--head", "--block"),
        env={"RAY_USAGE_STATS_ENABLED": "0"},
        facts={"applications": "inside"},
    ),
}
TAGS = {"models": [{"name": "qwen:7b", "model": "qwen:7b", "size": 1}]}
BENCHES["ollama"] = BENCHES["ollama"].but(files={"tags.json": ("GET /api/tags", TAGS)})
STAY: dict[str, Outward] = {
    "ollama": {"pull": ("registry.ollama.ai", ON)},
    "nim": {"telemetry": ("", OPEN)},
    "triton": {"phone-home": ("", OPEN)},
}
"""What no switch of the server takes away: a pull that anybody may start, and what weak facts leave open."""
Strings = dict[str, str | None]
RECOMMENDED: Outward = {"recommendations": ("ollama.com", ON)}
USAGE: Outward = {"usage": (HUB, ON)}
DOWNLOAD: Outward = {"model-download": (HUB, ON)}
RAY: Outward = {"usage": ("usage-stats.ray.io", ON)}
NGC: Outward = {"model-download:api.ngc.nvidia.com": ("api.ngc.nvidia.com", ON), "model-download:nvcr.io": ("nvcr.io", ON)}
SGLANG = ("python3", "-m", "sglang.launch_server", "--model-path", "Qwen/Qwen3")
TGI = ("--model-id", "Qwen/Qwen3", "--usage-stats", "off")

ENVIRONMENT: list[tuple[str, Strings, Outward]] = [
    ("ollama", {"OLLAMA_NO_CLOUD": None}, RECOMMENDED),
    ("ollama", {"OLLAMA_NO_CLOUD": "0"}, RECOMMENDED),
    ("ollama", {"OLLAMA_NO_CLOUD": "true"}, {}),
    ("ray-serve", {"RAY_USAGE_STATS_ENABLED": None}, RAY),
    ("ray-serve", {"RAY_USAGE_STATS_ENABLED": "1"}, RAY),
    ("ray-serve", {"RAY_USAGE_STATS_ENABLED": "1", "RAY_USAGE_STATS_REPORT_URL": "https://u.corp.example"}, {}),
    (
        "localai",
        {"LOCALAI_AUTOLOAD_GALLERIES": None},
        {"galleries:raw.githubusercontent.com": ("raw.githubusercontent.com", ON), "galleries:github.com": ("github.com", ON)},
    ),
    ("localai", {"LOCALAI_P2P": "true"}, {"mesh": ("", ON)}),
    ("localai", {"LOCALAI_FEDERATED": "true"}, {"mesh": ("", ON)}),
    ("localai", {"LOCALAI_P2P": "false"}, {}),
    ("nim", {"NGC_API_KEY": "nvapi-not-a-real-key-0000"}, NGC),
    ("llama-cpp", {"LLAMA_ARG_HF_REPO": "org/model"}, DOWNLOAD),
    ("llama-cpp", {"LLAMA_ARG_HF_REPO": "org/model", "LLAMA_ARG_OFFLINE": "1"}, {}),
    ("llama-cpp", {"LLAMA_ARG_RPC": "gpu.example.net:50052"}, {"rpc:gpu.example.net": ("gpu.example.net", ON)}),
]
COMMANDS: list[tuple[str, tuple[str, ...], Strings, Outward]] = [
    ("tgi", ("--model-id", "/models/qwen"), {}, USAGE),
    ("tgi", ("--model-id", "/models/qwen", "--usage-stats", "no-stack"), {}, USAGE),
    ("tgi", ("--model-id", "/models/qwen"), {"USAGE_STATS": "off"}, {}),
    ("tgi", ("--model-id", "/models/qwen"), {"HF_HUB_OFFLINE": "1"}, {}),
    ("tgi", TGI, {}, DOWNLOAD),
    ("tgi", TGI, {"HF_HUB_OFFLINE": "1"}, {}),
    ("tgi", TGI, {"HF_ENDPOINT": "https://hub.corp.example"}, {}),
    ("sglang", SGLANG, {}, {**DOWNLOAD, "hub-telemetry": (HUB, OPEN)}),
    ("sglang", SGLANG, {"HF_HUB_OFFLINE": "1"}, {}),
    ("sglang", SGLANG, {"HF_HUB_DISABLE_TELEMETRY": "1"}, DOWNLOAD),
    ("sglang", SGLANG, {"HF_ENDPOINT": "https://hub.corp.example"}, {}),
    (
        "sglang",
        SGLANG,
        {"SGLANG_USE_MODELSCOPE": "true", "DO_NOT_TRACK": "1"},
        {"model-download.modelscope": ("modelscope.cn", ON)},
    ),
    ("llama-cpp", ("-hf", "org/model"), {}, DOWNLOAD),
    ("llama-cpp", ("-hf", "org/model", "--offline"), {}, {}),
    ("llama-cpp", ("-dr", "ai/qwen"), {}, {"model-download.docker": ("registry-1.docker.io", ON)}),
    ("llama-cpp", ("-mu", "https://m.example.net/m.gguf"), {}, {"model-download.url": ("m.example.net", ON)}),
    ("llama-cpp", ("-m", "/m", "--rpc", "gpu.corp.example:50052"), {}, {}),
    ("ray-serve", ("ray", "start", "--head", "--disable-usage-stats"), {"RAY_USAGE_STATS_ENABLED": "1"}, {}),
]
ANSWERS: list[tuple[str, Strings, Strings, Outward]] = [
    ("ollama", {"OLLAMA_NO_CLOUD": None}, {"cloud_models": "some"}, {**RECOMMENDED, "cloud": ("ollama.com", ON)}),
    ("ollama", {"OLLAMA_NO_CLOUD": None}, {"cloud_models": None}, {**RECOMMENDED, "cloud": ("ollama.com", OPEN)}),
    ("ollama", {}, {"cloud_models": None, "web_tools": None}, {}),
    ("ollama", {"OLLAMA_NO_CLOUD": None}, {"web_tools": "on"}, {**RECOMMENDED, "web-tools": ("ollama.com", ON)}),
    (
        "ollama",
        {"OLLAMA_NO_CLOUD": None, "OLLAMA_CLOUD_BASE_URL": "https://proxy.example.net"},
        {"cloud_models": "some"},
        {**RECOMMENDED, "cloud": ("proxy.example.net", ON)},
    ),
    ("lm-studio", {}, {"link": "on"}, {"link": ("", ON)}),
    ("lm-studio", {}, {"link": None}, {"link": ("", OPEN)}),
    ("lm-studio", {}, {"downloads": "on"}, {"models": (HUB, ON), "account": ("lmstudio.ai", ON)}),
    ("localai", {}, {"cloud_models": "some"}, {"cloud": ("", ON)}),
    ("ray-serve", {}, {"applications": "outside"}, {"applications": ("", ON)}),
]


def more(product: str, outward: Outward) -> Outward:
    return {**STAY.get(product, {}), **outward}


@pytest.mark.parametrize("product", BENCHES)
def test_a_server_with_everything_off_is_closed(tmp_path: Path, product: str) -> None:
    assert BENCHES[product].outward(tmp_path) == more(product, {})
    assert BENCHES[product].configuration(tmp_path).gaps == ()


@pytest.mark.parametrize(("product", "env", "appears"), ENVIRONMENT)
def test_a_variable_opens_exactly_its_flows(tmp_path: Path, product: str, env: Strings, appears: Outward) -> None:
    assert BENCHES[product].but(env=env).outward(tmp_path) == more(product, appears)


@pytest.mark.parametrize(("product", "command", "env", "appears"), COMMANDS)
def test_an_argument_opens_exactly_its_flows(
    tmp_path: Path, product: str, command: tuple[str, ...], env: Strings, appears: Outward
) -> None:
    assert BENCHES[product].but(env=env, command=command).outward(tmp_path) == more(product, appears)


@pytest.mark.parametrize(("product", "env", "facts", "appears"), ANSWERS)
def test_an_answer_opens_exactly_its_flows(tmp_path: Path, product: str, env: Strings, facts: Strings, appears: Outward) -> None:
    assert BENCHES[product].but(env=env, facts=facts).outward(tmp_path) == more(product, appears)


@pytest.mark.parametrize(("env", "appears"), [({"OLLAMA_NO_CLOUD": None}, True), ({}, False)])
def test_a_model_made_from_a_cloud_model_is_found_by_its_manifest(tmp_path: Path, env: Strings, appears: bool) -> None:
    derived = {"name": "our-coder", "remote_host": "https://ollama.com:443", "remote_model": "qwen3-coder:480b"}
    bench = BENCHES["ollama"].but(env=env, files={"tags.json": ("GET /api/tags", {"models": [*TAGS["models"], derived]})})
    found = {"cloud.model:our-coder": ("ollama.com", ON)}
    assert bench.outward(tmp_path) == more("ollama", {**RECOMMENDED, **found} if appears else {})


def test_without_the_manifests_the_inventory_is_open(tmp_path: Path) -> None:
    bench = BENCHES["ollama"].but(files={"tags.json": ("", "{}")})
    assert [g.unknown.subject for g in bench.configuration(tmp_path).gaps] == ["sys/manifests"]


SERVICE = """
apiVersion: ray.io/v1
kind: RayService
metadata: {name: llm}
spec:
  serveConfigV2: |
    applications:
      - name: a
        import_path: ray.serve.llm:build_openai_app
        runtime_env: RUNTIME
        args: {llm_configs: [{model_loading_config: {model_id: m, model_source: SOURCE}}]}
  rayClusterConfig:
    headGroupSpec: {template: {spec: {containers: [{name: head, image: "rayproject/ray-llm:2.46.0"}]}}}
"""


@pytest.mark.parametrize(
    ("runtime", "source", "appears"),
    [
        ("{}", "/models/qwen", {}),
        ("{}", "s3://bucket/qwen", {}),
        ("{}", "Qwen/Qwen3-8B", {"models:Qwen/Qwen3-8B": ("huggingface.co", ON)}),
        (
            "{working_dir: 'https://code.example.net/a.zip'}",
            "/models/qwen",
            {"code:https://code.example.net/a.zip": ("code.example.net", ON)},
        ),
        ("{working_dir: /apps}", "/models/qwen", {}),
        ("{pip: [vllm]}", "/models/qwen", {"packages": ("", ON)}),
    ],
)
def test_what_a_service_of_ray_loads_is_read_from_its_object(tmp_path: Path, runtime: str, source: str, appears: Outward) -> None:
    bench = BENCHES["ray-serve"].but(files={"service.yaml": ("", SERVICE.replace("RUNTIME", runtime).replace("SOURCE", source))})
    assert only(bench.outward(tmp_path), "models", "code", "packages") == appears
