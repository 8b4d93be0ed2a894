"""Terraform: what templates, modules, containers and pods start, and what only a run decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.config.bindings import Launch, Library, sources_of
from auditor.config.formats import read_launches
from auditor.documents import read_tree

TEMPLATE = """
variable "base" { default = "https://gateway.corp.example" }
variable "open" {}
variable "on" { default = false }
locals { url = "${var.base}/v1" }
data "coder_workspace" "me" {}
resource "coder_agent" "main" {
  env = { ANTHROPIC_BASE_URL = local.url, OWNER = data.coder_workspace.me.name }
  startup_script = "curl -fsSL https://code-server.dev/install.sh | sh"
}
resource "coder_env" "off" {
  count    = var.on ? 1 : 0
  agent_id = coder_agent.main.id
  name     = "NEVER"
  value    = "x"
}
resource "coder_env" "maybe" {
  count    = var.open ? 1 : 0
  agent_id = coder_agent.main.id
  name     = "MAYBE"
  value    = "x"
}
module "claude-code" {
  source      = "registry.coder.com/coder/claude-code/coder"
  use_bedrock = true
}
module "own" { source = "./own" }
resource "docker_container" "w" {
  image   = "codercom/example-base:ubuntu"
  env     = ["CODER_AGENT_TOKEN=${coder_agent.main.token}", "A=${var.base}"]
  command = ["sleep", "1"]
}
resource "kubernetes_deployment_v1" "d" {
  spec {
    template {
      spec {
        container {
          name  = "dev"
          image = "img"
          env {
            name  = "B"
            value = var.base
          }
        }
      }
    }
  }
}
resource "helm_release" "h" {
  repository = "https://charts.example"
  chart      = "stack"
}
resource "aws_instance" "vm" {
  user_data = "#!/bin/sh\\ncurl https://start.example"
}
"""


def launches(folder: Path, **files: str) -> dict[str, Launch]:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    documents = read_tree(folder, folder).documents
    return {x.name: x for x in read_launches(Library(sources_of(documents, ())))}


def test_everything_that_runs_is_found(tmp_path: Path) -> None:
    found = launches(tmp_path, main_tf=TEMPLATE)
    assert sorted(found) == [
        "aws_instance.vm", "coder_agent.main", "docker_container.w", "helm_release.h", "kubernetes_deployment_v1.d/dev",
        "module.claude-code", "module.own",
    ]  # fmt: skip
    assert "https://start.example" in found["aws_instance.vm"].words[-1].text
    assert found["module.claude-code"].env["module:use_bedrock"].value == "true"
    assert [w.text for w in found["helm_release.h"].words] == ["https://charts.example", "stack"]
    assert found["kubernetes_deployment_v1.d/dev"].env["B"].value == "https://gateway.corp.example"


def test_what_a_run_decides_stays_open(tmp_path: Path) -> None:
    env = launches(tmp_path, main_tf=TEMPLATE)["coder_agent.main"].env
    assert env["ANTHROPIC_BASE_URL"].value == "https://gateway.corp.example/v1"
    assert (env["OWNER"].value, env["OWNER"].reason) == (None, "it is decided when Terraform runs")
    assert "NEVER" not in env
    assert (env["MAYBE"].value, env["MAYBE"].surely) == (None, False)


def test_values_of_a_variables_file_win_over_defaults(tmp_path: Path) -> None:
    files = {"main_tf": TEMPLATE, "terraform_tfvars": 'base = "https://other.example"\non = true\n', "x_tfvars": 'base = "no"\n'}
    env = launches(tmp_path, **files)["coder_agent.main"].env
    assert env["ANTHROPIC_BASE_URL"].value == "https://other.example/v1"
    assert env["NEVER"].value == "x"


def test_a_module_acts_on_the_workspace_of_its_caller(tmp_path: Path) -> None:
    module = 'variable "agent_id" {}\nvariable "install_codex" { default = true }\nresource "coder_env" "k" {\n'
    module += '  agent_id = var.agent_id\n  name = "OPENAI_API_KEY"\n  value = "k"\n}\n'
    found = launches(tmp_path, main_tf=module)["workspace"]
    assert (found.env["module:install_codex"].value, found.env["module:agent_id"].value) == ("true", None)
    assert "OPENAI_API_KEY" in found.env


@pytest.mark.parametrize("expression", ["local.a", "local.b"])
def test_references_that_run_in_circles_are_undecided(tmp_path: Path, expression: str) -> None:
    text = f'locals {{\n  a = local.b\n  b = local.a\n}}\nresource "coder_agent" "x" {{\n  env = {{ A = {expression} }}\n}}\n'
    assert launches(tmp_path, main_tf=text)["coder_agent.x"].env["A"].value is None


def test_the_image_of_a_dockerfile(tmp_path: Path) -> None:
    text = "ARG V=1\nFROM vllm/vllm-openai:v${V} AS a\nENV VLLM_NO_USAGE_STATS=1\nRUN pip install x\nFROM a\n"
    text += 'CMD ["vllm", "serve", "m"]\n'
    (tmp_path / "Dockerfile").write_text(text)
    (found,) = launches(tmp_path).values()
    assert (found.image, found.env["VLLM_NO_USAGE_STATS"].value) == ("vllm/vllm-openai:v1", "1")
    assert [w.text for w in found.words] == ["vllm", "serve", "m"]
    assert [o.reason for o in found.hidden] == ["the build runs pip install x: what that puts into the image is open"]


def test_an_app_of_a_template_is_a_program_of_the_workspace(tmp_path: Path) -> None:
    text = """
resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_app" "claude" {
  agent_id = coder_agent.main.id
  slug     = "claude"
  command  = "cd /home/coder && claude"
}
"""
    words = launches(tmp_path, main_tf=text)["coder_agent.main"].words
    assert [w.text for w in words] == ["sh", "-c", "cd /home/coder && claude"]
