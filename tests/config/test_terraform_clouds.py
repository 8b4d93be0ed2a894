"""Containers that clouds run by Terraform, and what of them only a run decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.config.bindings import Launch, Library, sources_of
from auditor.config.formats import read_launches
from auditor.config.formats.terraform_rest import unmodelled_resources
from auditor.documents import read_tree

TASK = """
variable "image" { default = "" }
variable "open" {}
locals { tag = var.image != "" ? var.image : "ghcr.io/berriai/litellm:v1.92.0" }
resource "aws_ecs_task_definition" "t" {
  family = "gateway"
  container_definitions = jsonencode([
    {
      name = "gateway", image = local.tag, command = ["--config", "/app/config.yaml"]
      environment = concat([{ name = "A", value = "one" }], [{ name = "B", value = var.open }])
      secrets = [{ name = "KEY", valueFrom = var.open }]
      logConfiguration = { logDriver = "awslogs", options = { awslogs-region = "eu-west-2" } }
    },
    { name = "side", image = "x/side", entryPoint = ["run"], command = ["--fast"], environmentFiles = [{ value = "arn" }] },
  ])
}
"""


def library(folder: Path, text: str, name: str = "main.tf") -> Library:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return Library(sources_of(read_tree(folder, folder).documents, ()))


def launches(folder: Path, text: str, name: str = "main.tf") -> list[Launch]:
    return list(read_launches(library(folder, text, name)))


def shown(launch: Launch) -> tuple[str, str, list[str], dict[str, str | None]]:
    return launch.name, launch.image, [w.text for w in launch.words], {n: b.value for n, b in launch.env.items()}


def test_a_task_of_ecs_is_read_as_far_as_it_is_decided(tmp_path: Path) -> None:
    gateway, side = launches(tmp_path, TASK)
    assert shown(gateway) == (
        "aws_ecs_task_definition.t/gateway",
        "ghcr.io/berriai/litellm:v1.92.0",
        ["--config", "/app/config.yaml"],
        {"A": "one", "B": None, "KEY": None},
    )
    assert [g.reason.partition(":")[0] for g in gateway.given] == ["its log goes to the driver awslogs"]
    assert shown(side) == ("aws_ecs_task_definition.t/side", "x/side", ["run", "--fast"], {})
    assert [o.reason for o in side.opaque] == ["environmentFiles takes variables from a file in S3, which is not in the inputs"]
    assert side.given == ()


@pytest.mark.parametrize("definitions", ["var.open", 'templatefile("x.json", {})', "jsonencode(var.open)", '"not json"'])
def test_a_task_that_only_a_run_decides_is_open(tmp_path: Path, definitions: str) -> None:
    text = f'variable "open" {{}}\nresource "aws_ecs_task_definition" "t" {{\n  container_definitions = {definitions}\n}}\n'
    (draft,) = launches(tmp_path, text)
    assert len(draft.opaque) == 1


def test_containers_and_images_that_a_run_decides_are_open(tmp_path: Path) -> None:
    head = 'variable "open" {}\n'
    listed = 'jsonencode([{ name = "a", image = "x" }, var.open])'
    task = f'resource "aws_ecs_task_definition" "t" {{\n container_definitions = {listed}\n}}\n'
    known, unknown = launches(tmp_path / "a", head + task)
    assert (known.image, [g.reason for g in unknown.given]) == ("x", ["its image is decided when Terraform runs"])
    pod = POD.format(kind="azurerm_container_app", inner="container").replace('"x/c:1"', "var.open")
    (found,) = launches(tmp_path / "b", head + pod)
    assert [g.reason for g in found.given] == ["its image is decided when Terraform runs"]


def test_variables_that_are_an_expression_are_open(tmp_path: Path) -> None:
    text = TASK.replace('concat([{ name = "A", value = "one" }], [{ name = "B", value = var.open }])', "var.open")
    gateway = launches(tmp_path, text)[0]
    assert [o.reason for o in gateway.opaque] == [
        "some of its variables are an expression: it is decided when Terraform runs",
    ]


def test_a_plan_holds_a_task_as_json(tmp_path: Path) -> None:
    containers = [{"name": "g", "image": "x/g:1", "environment": [{"name": "A", "value": "one"}], "cpu": 256}]
    values = {"container_definitions": json.dumps(containers)}
    resource = {"address": "aws_ecs_task_definition.t", "type": "aws_ecs_task_definition", "name": "t", "values": values}
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": [resource]}}}
    (task,) = launches(tmp_path, json.dumps(plan), "plan.json")
    assert shown(task) == ("aws_ecs_task_definition.t/g", "x/g:1", [], {"A": "one"})


POD = """
resource "{kind}" "r" {{
  template {{
    {inner} {{
      name  = "c"
      image = "x/c:1"
      args  = ["--serve"]
      env {{
        name  = "A"
        value = "one"
      }}
      env {{
        name        = "S"
        secret_name = "s"
      }}
    }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("kind", "inner"),
    [
        ("google_cloud_run_v2_service", "containers"),
        ("azurerm_container_app", "container"),
        ("azurerm_container_app_job", "init_container"),
        ("kubernetes_cron_job_v1", "container"),
    ],
)
def test_containers_in_the_form_of_a_pod(tmp_path: Path, kind: str, inner: str) -> None:
    (found,) = launches(tmp_path, POD.format(kind=kind, inner=inner))
    assert shown(found) == (f"{kind}.r/c", "x/c:1", ["--serve"], {"A": "one", "S": None})
    assert found.opaque == ()


def test_a_container_group_and_an_app_keep_variables_as_maps(tmp_path: Path) -> None:
    group = """
resource "azurerm_container_group" "g" {
  container {
    name = "c"
    image = "x/c:1"
    commands = ["serve"]
    environment_variables = { A = "one" }
    secure_environment_variables = { S = var.s }
  }
}
resource "aws_apprunner_service" "a" {
  source_configuration {
    image_repository {
      image_identifier = "x/a:1"
      image_configuration {
        runtime_environment_variables = { A = "one" }
        runtime_environment_secrets = { S = "arn" }
        start_command = "serve"
      }
    }
  }
}
"""
    assert [shown(x) for x in launches(tmp_path, group)] == [
        ("azurerm_container_group.g/c", "x/c:1", ["serve"], {"A": "one", "S": None}),
        ("aws_apprunner_service.a", "x/a:1", ["serve"], {"A": "one", "S": None}),
    ]


def test_blocks_that_a_run_makes_leave_the_variables_open(tmp_path: Path) -> None:
    """A pod whose variables came from ``dynamic "env"`` once looked as if it had none."""
    dynamic = 'dynamic "env" {\n for_each = var.e\n content {\n name = env.key\n value = env.value\n }\n }\n'
    text = POD.format(kind="kubernetes_deployment", inner="container").replace("env {", dynamic + "env {", 1)
    (found,) = launches(tmp_path, text)
    assert [o.reason for o in found.opaque] == ["dynamic blocks set variables (env) that are decided when Terraform runs"]


def test_what_is_read_is_no_longer_named_as_unread(tmp_path: Path) -> None:
    assert list(unmodelled_resources(library(tmp_path / "a", TASK))) == []
    other = 'resource "aws_lambda_function" "f" {}\nresource "aws_iam_role" "r" {}\n'
    assert [n.reason for n in unmodelled_resources(library(tmp_path / "b", other))] == [
        "what runs in aws_lambda_function is not modelled"
    ]
