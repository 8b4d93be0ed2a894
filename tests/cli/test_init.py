"""``auditor init``: what the files tell, with its place; what they cannot tell stays a question."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.manifest import load_manifest

DEPLOYMENTS = Path(__file__).resolve().parents[2] / "fixtures" / "deployments"
TERRAFORM = """resource "aws_subnet" "workers" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_security_group_rule" "office" {
  cidr_block = "10.99.0.0/16"
}
resource "aws_subnet" "everybody" {
  cidr_block = "0.0.0.0/0"
}
"""
COMPOSE = """services:
  proxy:
    image: ghcr.io/berriai/litellm:v1.80.0
  search: {image: "example/unknown:1"}
"""
EXPECTED = """# Drafted by auditor init. Facts name the file that tells them; each question is for a person to answer.
version: "1"
deployment: shop

# Question: what is the deployment called, and to whom (a contract, a web page, an architecture paper)?
# claim: {label: self-hosted, profile: fully-self-hosted}

# Question: who operates the places below, on whose machines, and in which countries is data processed and stored?
# Question: which of them count as inside?
# zones:
#   inside:
#     operator: customer
#     hosted_by: ?
#     processing: [?]
#     storage: [?]
#     networks:
#       - "10.1.0.0/16"  # from main.tf:2
#     hosts: ["*.example.internal"]
# perimeter: [inside]

# Question: in which zone does each of them run? Add zone: to each.
systems:
  # LiteLLM proxy, from compose.yaml:3
  # Its names are those of its services in these files; others of the deployment reach it under them.
  - {id: litellm, product: litellm, version: "1.80.0", components: {gateway: {hosts: [proxy]}}}

# Question: what are these processes, and do they send anything outside? The catalog does not know them.
# components:
#   - {id: search, plane: ?, role: ?, zone: inside}  # compose.yaml:4 (example/unknown:1)

inputs:
  - {path: compose.yaml}
  - {path: main.tf}

# Question: which sources of settings do not exist here (managed settings, project files)?
# absent: [managed-settings]

# Question: against what is it to be judged? auditor profiles list
# profiles: [fully-self-hosted]
"""


def run(*arguments: str) -> int:
    return int(main(list(arguments)))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "main.tf").write_text(TERRAFORM)
    (folder / "compose.yaml").write_text(COMPOSE)
    return folder


def test_a_draft_whole(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("init", str(shop)) == 0
    assert capsys.readouterr().out == EXPECTED


def test_a_draft_loads_as_it_is_and_grants_nothing(shop: Path) -> None:
    assert run("init", str(shop), "-o", str(shop / "auditor.yaml")) == 0
    manifest = load_manifest(shop / "auditor.yaml")
    assert [(s.id, s.product, s.version) for s in manifest.systems] == [("litellm", "litellm", "1.80.0")]
    assert (manifest.zones, manifest.claim, manifest.absent) == ((), None, ())
    assert run("check", str(shop), "-q", "--stage", "change", "--profile", "fully-self-hosted") != 0


def test_a_manifest_that_is_there_is_not_replaced(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "auditor.yaml").write_text("version: 1\n")
    assert run("init", str(shop)) == 2
    assert "auditor.yaml is there already" in capsys.readouterr().err
    (shop / "auditor.yaml").write_text("")
    assert run("init", str(shop)) == 0, "a shell makes the file before the draft is written to it"
    assert run("init", str(shop), "-o", str(shop / "main.tf")) == 2
    assert (shop / "main.tf").read_text() == TERRAFORM


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    folder = tmp_path / "a: {b"
    folder.mkdir()
    (folder / "x'} #\n- y.yaml").write_text('services: {"s\\n- evil": {image: "a\\nb: c"}}\n')
    (folder / "yes: {}").write_text("A=1")
    assert run("init", str(folder), "-o", str(folder / "auditor.yaml")) == 0
    manifest = load_manifest(folder / "auditor.yaml")
    assert manifest.deployment == "a-b"
    assert [i.path for i in manifest.inputs] == ["yes: {}"]
    assert "not examined: x'} #" in (folder / "auditor.yaml").read_text()


def test_nothing_to_draft_from(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("x")
    assert run("init", str(tmp_path)) == 4


def test_the_vantage_follows_from_the_addresses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(DEPLOYMENTS / "coder-air-gapped" / "traffic", tmp_path / "traffic")
    assert run("init", str(tmp_path)) == 0
    out = capsys.readouterr().out
    assert (
        "(sees:)? 5 private sources, 0 of them to 0 public addresses\n  - {capture: traffic/inside.pcap, vantage: internal}\n"
        in out
    )
    assert "(sees:)? it holds no flow\n  - {capture: traffic/perimeter.pcapng}\n" in out


def test_services_that_call_each_other_are_no_unknown_destinations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "compose.yaml").write_text("""services:
  gate:
    image: litellm/litellm:v1.80.0
    command: [--config, /app/config.yaml]
    volumes: ["./config.yaml:/app/config.yaml"]
  models: {image: "ollama/ollama:0.12.3"}
""")
    model = "{model_name: a, litellm_params: {model: ollama/llama3, api_base: 'http://%s:11434'}}"
    for host, unexplained in (("models", False), ("elsewhere", True)):
        (tmp_path / "config.yaml").write_text(f"model_list: [{model % host}]\n")
        run("check", str(tmp_path / "compose.yaml"), str(tmp_path / "config.yaml"), "-p", "fully-self-hosted")
        assert (f"What {host} is for is not known" in capsys.readouterr().out) is unexplained
