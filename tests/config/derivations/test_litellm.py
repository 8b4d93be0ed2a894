"""Where LiteLLM deployments go, by the shipped product file: a local name may hide a cloud."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.config import configure
from auditor.documents import read_tree
from auditor.facts.evidence import FileLocation
from auditor.facts.flows import IntendedFlow
from auditor.facts.manifest import Manifest, SystemEntry
from auditor.facts.truth import Truth

HERE = FileLocation("auditor.yaml", "", 1, 1)
CONFIG = """
    model_list:
      - {model_name: coder, litellm_params: {model: hosted_vllm/qwen, api_base: "http://vllm:8000/v1"}}
      - {model_name: big, litellm_params: {model: bedrock/global.anthropic.claude-x, aws_region_name: eu-central-1}}
      - {model_name: eu, litellm_params: {model: bedrock/eu.anthropic.claude-x}}
      - {model_name: gpt, litellm_params: {model: openai/gpt-x, api_base: os.environ/OPENAI_BASE}}
      - {model_name: gpt, litellm_params: {model: openai/gpt-x}}
      - {model_name: lost, litellm_params: {model: openai/gpt-x, api_base: os.environ/NOBODY}}
    litellm_settings: {context_window_fallbacks: [{coder: [big]}], default_fallbacks: [eu]}
    """
COMPOSE = """
    services:
      litellm:
        image: ghcr.io/berriai/litellm:main-stable
        command: [--config, /app/config.yaml]
        environment: {OPENAI_BASE: "https://llm.corp.example/v1"}
    """


def _flows(folder: Path, compose: str = COMPOSE, config: str = CONFIG) -> dict[str, IntendedFlow]:
    (folder / "litellm_config.yaml").write_text(textwrap.dedent(config))
    (folder / "compose.yaml").write_text(textwrap.dedent(compose))
    system = SystemEntry("llm", "litellm", "1.109.1", "corp", (), HERE)
    manifest = Manifest("d", "auditor.yaml", False, None, (), (system,), (), (), (), (), "", "")
    configuration = configure(read_tree(folder, folder).documents, manifest, load_catalog())
    return {f.id.partition(":")[2]: f for f in configuration.flows if f.id.startswith("llm/models:")}


def test_destinations(tmp_path: Path) -> None:
    shown = {key: (f.configured, f.destination.name, f.destination.port) for key, f in _flows(tmp_path).items()}
    assert shown == {
        "coder": (Truth.YES, "vllm", 8000),
        "big": (Truth.YES, "bedrock-runtime.eu-central-1.amazonaws.com", 443),
        "eu": (Truth.YES, "bedrock-runtime.us-west-2.amazonaws.com", 443),
        "gpt": (Truth.YES, "llm.corp.example", 443),
        "gpt.2": (Truth.YES, "api.openai.com", 443),
        "lost": (Truth.YES, "", 0),
    }


def test_a_region_in_the_model_id_that_another_setting_contradicts_is_open(tmp_path: Path) -> None:
    entry = "{model_name: eu, litellm_params: {model: bedrock/eu.anthropic.claude-x}}"
    (tmp_path / "same").mkdir()
    text = CONFIG.replace(
        entry, "{model_name: eu, litellm_params: {model: bedrock/%s/anthropic.claude-x, aws_region_name: us-east-1}}"
    )
    found = [
        _flows(tmp_path / "same", config=text % region)["eu"].configured_reason.partition("the model id names")[2]
        for region in ("us-east-1", "eu-west-1")
    ]
    assert found == ["", " the region eu-west-1, and aws_region_name another: which wins is not known"]


def test_fallbacks_and_shared_names_are_told(tmp_path: Path) -> None:
    flows = _flows(tmp_path)
    assert flows["big"].purpose.endswith("(context window fallback for coder)")
    assert flows["eu"].purpose.endswith("(default fallback)")
    assert flows["gpt"].purpose.endswith("(one of 2 deployments that share the load of gpt)")
    assert "NOBODY, which is not in the inputs" in flows["lost"].unknowns[0].text


def test_the_model_id_moves_the_inference(tmp_path: Path) -> None:
    flows = _flows(tmp_path)
    assert flows["eu"].processing == ("CH", "DE", "ES", "FR", "GB", "IE", "IT", "SE")
    assert flows["big"].processing is None
    assert "global inference profile" in flows["big"].processing_reason
    assert (flows["coder"].processing, flows["coder"].processing_reason) == (None, "")


def test_the_region_may_come_from_the_environment(tmp_path: Path) -> None:
    compose = COMPOSE.replace("{OPENAI_BASE", "{AWS_REGION: eu-west-3, OPENAI_BASE")
    assert _flows(tmp_path, compose)["eu"].destination.name == "bedrock-runtime.eu-west-3.amazonaws.com"


def test_a_variable_nobody_sees_leaves_defaults_assumed(tmp_path: Path) -> None:
    flows = _flows(tmp_path, COMPOSE.replace("        environment:", "        env_file: gone.env\n        environment:"))
    assert {key: f.configured for key, f in flows.items() if key in ("eu", "gpt.2", "coder")} == {
        "coder": Truth.YES,
        "eu": Truth.YES,
        "gpt.2": Truth.UNKNOWN,
    }
    assert (flows["eu"].destination.name, len(flows["eu"].unknowns)) == ("", 1)


def test_an_open_region_leaves_the_usual_one_possible(tmp_path: Path) -> None:
    hidden = COMPOSE.replace("environment: {", "environment: {AWS_REGION_NAME: , ")
    flow = _flows(tmp_path, compose=hidden)["eu"]
    assert (flow.destination.name, flow.otherwise) == ("", "bedrock-runtime.us-west-2.amazonaws.com")


PROFILE = "arn:aws:bedrock:eu-central-1:1:inference-profile"
OWN = "https://vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com"
BARE, WORLD, EU = "bedrock/anthropic.claude-x", "bedrock/global.anthropic.claude-x", "CH DE ES FR GB IE IT SE"
APAC = "AE AU ID IN JP KR MY SG TH TW"
BEDROCK = "bedrock-runtime.eu-central-1.amazonaws.com"
PLACED = [
    (BARE, "", BEDROCK, "DE"),
    ("bedrock/converse/eu.anthropic.claude-x", "", BEDROCK, EU),
    ("bedrock/us.anthropic.claude-x", "", BEDROCK, "US"),
    ("bedrock/apac.anthropic.claude-x", "", BEDROCK, APAC),
    (WORLD, "", BEDROCK, None),
    # What the request asks for is model_id, whatever the entry is called.
    (BARE, f"model_id: {PROFILE}/global.anthropic.claude-x", BEDROCK, None),
    (BARE, f"model_id: {PROFILE}/eu.anthropic.claude-x", BEDROCK, EU),
    (BARE, "model_id: os.environ/NOBODY", BEDROCK, None),
    (BARE, 'model_id: "arn:aws:bedrock:eu-central-1:1:application-inference-profile/ab"', BEDROCK, None),
    # An address of its own replaces Bedrock's.
    (BARE, 'aws_bedrock_runtime_endpoint: "https://elsewhere.example.net"', "elsewhere.example.net", None),
    (WORLD, f'aws_bedrock_runtime_endpoint: "{OWN}"', OWN.removeprefix("https://"), None),
    (BARE, "aws_bedrock_runtime_endpoint: os.environ/NOBODY", "", None),
    ("vertex_ai/gemini", "vertex_location: global", "aiplatform.googleapis.com", None),
    ("vertex_ai/gemini", "vertex_location: eu", "aiplatform.eu.rep.googleapis.com", None),
    ("vertex_ai/gemini", "vertex_location: europe-west4", "europe-west4-aiplatform.googleapis.com", None),
]


@pytest.mark.parametrize(("model", "more", "host", "countries"), PLACED)
def test_what_decides_where_a_model_of_a_cloud_runs(
    model: str, more: str, host: str, countries: str | None, tmp_path: Path
) -> None:
    region = "aws_region_name: eu-central-1" if model.startswith("bedrock") else 'api_key: ""'
    params = ", ".join(filter(None, (f"model: {model}", region, more)))
    flow = _flows(tmp_path, config=f"model_list:\n  - {{model_name: x, litellm_params: {{{params}}}}}\n")["x"]
    assert flow.destination.name == host
    assert flow.processing == (tuple(countries.split()) if countries else None)
