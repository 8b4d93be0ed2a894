"""``auditor model``: what was recognised, where it goes, what is open; whole outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.cli import main

COMPOSE = """services:
  proxy:
    image: ghcr.io/berriai/litellm:v1.80.0
    command: [--config, /app/config.yaml]
    environment: {LITELLM_OFFLINE_MODE: "true", TRACES: "https://traces.example/v1"}
    configs: [{source: proxy, target: /app/config.yaml}]
  search:
    image: example/unknown:1
    environment: {UPSTREAM_URL: "https://search.example"}
configs:
  proxy:
    content: |
      model_list:
        - model_name: m
          litellm_params: {model: openai/gpt-4o, api_base: os.environ/BASE}
"""


def run(*arguments: str) -> int:
    return int(main(list(arguments)))


def test_the_picture_of_a_compose_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    assert run("model", str(tmp_path / "compose.yaml")) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "Recognised\n  LiteLLM proxy 1.80.0 in compose.yaml\n"
        "  not recognised: search (example/unknown:1) at compose.yaml:8\n"
        "  no manifest: what is inside is not known, every host with a public form counts as outside\n"
    )
    for line in (
        "  may contact search.example, not in the catalog\n      UPSTREAM_URL (compose.yaml:9)\n",
        "  may contact traces.example, not in the catalog\n      TRACES (compose.yaml:5)\n",
        "  may contact api.openai.com, openai model_server, processing not known: the operator promises no country; ",
        "a setting of the account decides it, not the host\n      litellm/models:m, unless the open value says otherwise\n",
        "  and 5 that switches turn off (--full)\n",
    ):
        assert line in out


BEDROCK = """model_list:
  - model_name: a
    litellm_params: {model: bedrock/eu.anthropic.claude-sonnet-4-20250514-v1:0, aws_region_name: eu-central-1}
  - model_name: b
    litellm_params: {model: bedrock/MODEL, aws_region_name: eu-central-1}
litellm_settings: {drop_params: true}
"""
PLACES = [
    ("anthropic.claude-3-haiku-20240307-v1:0", "processing in CH DE ES FR GB IE IT SE"),
    ("us.anthropic.claude-3-haiku-20240307-v1:0", "processing in CH DE ES FR GB IE IT SE US"),
    ("global.anthropic.claude-sonnet-4-20250514-v1:0", "processing not known: "),
]


@pytest.mark.parametrize(("model", "said"), PLACES)
def test_a_destination_is_processed_wherever_one_of_its_flows_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, said: str
) -> None:
    (tmp_path / "litellm.yaml").write_text(BEDROCK.replace("MODEL", model))
    assert run("model", str(tmp_path)) == 0
    assert f"contacts bedrock-runtime.eu-central-1.amazonaws.com, aws model_server, {said}" in capsys.readouterr().out


def test_open_questions_stand_below_what_settles_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "managed-settings.json").write_text("{}")
    assert run("model", str(tmp_path)) == 0
    out = capsys.readouterr().out
    _, _, opened = out.partition("by what would settle it\n")
    counts = [int(line.split(":")[0]) for line in opened.splitlines() if line.startswith("  ") and line[2].isdigit()]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) < sum(counts) > 20
    assert f"Open ({sum(counts)}), by what" in out
    assert run("model", str(tmp_path), "--full") == 0
    full = capsys.readouterr().out
    assert full.count("Whether Claude Code has the flow ") > 20
    assert "(--full)" not in full


MIXED = {
    "agent.env": "CLAUDE_CODE_USE_FOUNDRY=1\nCLAUDE_CODE_USE_BEDROCK=1\n",
    "litellm.yaml": """model_list:
  - {model_name: a, litellm_params: {model: bedrock/anthropic.claude-3-haiku-20240307-v1:0}}
  - {model_name: b, litellm_params: {model: bedrock/us-east-1/anthropic.claude-v2, aws_region_name: eu-central-1}}
  - {model_name: c, litellm_params: {model: mystery/model}}
  - {model_name: d, litellm_params: {model: azure/gpt-4o, api_base: "nothing of a host"}}
litellm_settings: {success_callback: [s3, langfuse], drop_params: true}
""",
}


def test_every_open_question_has_a_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in MIXED.items():
        (tmp_path / name).write_text(text)
    assert run("model", str(tmp_path), "-o", "json:-") == 0
    unknowns = json.loads(capsys.readouterr().out)["unknowns"]
    assert len([u for u in unknowns if "goes is not known" in u["text"]]) >= 6
    assert [u["text"] for u in unknowns if not u["settled_by"]] == []


def test_json_holds_everything_and_is_the_same_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    texts = []
    for _ in range(2):
        assert run("model", str(tmp_path), "-o", "json:-") == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    record = json.loads(texts[0])
    assert list(record) == [
        "schema", "deployment", "assumed", "systems", "processes", "settings", "flows", "destinations", "unknowns",
        "not_examined",
        "idle",
    ]  # fmt: skip
    assert [p["systems"] for p in record["processes"]] == [["litellm"], []]
    assert {d["host"]: d["state"] for d in record["destinations"]}["search.example"] == "unknown"


def test_a_deployment_with_a_manifest_knows_what_is_inside(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("model", "fixtures/deployments/coder-air-gapped", "-o", "json:-") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["deployment"], record["assumed"]) == ("coder-air-gapped", False)
    assert [d["host"] for d in record["destinations"] if d["state"] == "yes"] == []


BAD = [(["none.yaml"], 2), ([], 2), (["."], 4), ([".", "-o", "xml:x"], 2)]


@pytest.mark.parametrize(("arguments", "code"), BAD)
def test_bad_input_ends_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("model", *arguments) == code
    assert "Traceback" not in capsys.readouterr().err


def test_entries_of_a_list_are_told_by_their_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = ", ".join(f"{{model_name: {name}, litellm_params: {{model: openai/x}}}}" for name in ("fast", "smart"))
    (tmp_path / "litellm.yaml").write_text(f"model_list: [{entries}]\n")
    assert main(["model", str(tmp_path)]) == 0
    assert "litellm/models = fast, smart: model_list=2 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("stack.yaml", 'AWSTemplateFormatVersion: "2010-09-09"\nResources: {T: {Type: "AWS::SageMaker::Endpoint"}}\n'),
        ("stack.json", '{"Resources": {"T": {"Type": "AWS::SageMaker::Endpoint"}, "R": {"Type": "AWS::IAM::Role"}}}'),
    ],
)
def test_what_a_template_of_cloudformation_makes_and_nobody_reads_is_named(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "other.yaml").write_text("Resources: [a]\n")
    main(["model", str(tmp_path)])
    out = capsys.readouterr().out
    assert f"{name}: what runs in AWS::SageMaker::Endpoint is not modelled" in out
    assert "other.yaml: no recognised product explains this file" in out
