"""Templates of CloudFormation and task definitions of ECS: containers, variables, and what only the stack decides."""

# ruff: noqa: E501 -- lines of JSON in texts stay whole

from __future__ import annotations

from pathlib import Path

from auditor.config.bindings import Launch
from auditor.config.formats import read_launches, read_loose
from auditor.config.formats.helm_release import library_of
from auditor.documents import read_tree

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Image: {Type: String, Default: ghcr.io/open-webui/open-webui}
  Place: {Type: String}
  AdminPassword: {Type: String, Default: short1}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: chat
          Image: !Sub "${Image}:0.6.1"
          Command: [serve, !Ref Place]
          Environment:
            - {Name: OPENAI_API_BASE_URL, Value: !Join ["/", ["https://api.example.net", v1]]}
            - {Name: OLLAMA_BASE_URL, Value: !Sub "http://${Other.Address}:11434"}
            - {Name: WEBUI_SECRET_KEY, Value: short2}
            - {Name: DATABASE_PASSWORD, Value: !Sub "short3${Place}"}
            - {Name: FROM_VAULT, Value: "{{resolve:secretsmanager:x}}"}
          Secrets: [{Name: OPENAI_API_KEY, ValueFrom: !GetAtt Key.Arn}]
          LogConfiguration: {LogDriver: awslogs}
        - {Name: other, Image: !GetAtt Repository.Uri}
  Service:
    Type: AWS::AppRunner::Service
    Properties:
      SourceConfiguration:
        ImageRepository:
          ImageIdentifier: ollama/ollama:0.9.0
          ImageConfiguration: {RuntimeEnvironmentVariables: [{Name: OLLAMA_HOST, Value: "0.0.0.0"}]}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {MODEL_URL: "https://models.example.net"}}}
  Machine:
    Type: AWS::EC2::Instance
    Properties:
      UserData:
        Fn::Base64: !Sub |
          #!/bin/bash
          docker run -e A=${!X} -e REGION=${AWS::Region} --name gateway ghcr.io/berriai/litellm:v1.92.0
"""
TASK = """{"taskDefinition": {"family": "t", "containerDefinitions": [{"name": "chat", "image": "ghcr.io/open-webui/open-webui:0.6.1",
"environment": [{"name": "OPENAI_API_BASE_URL", "value": "https://api.example.net/v1"}], "secrets": [{"name": "K", "valueFrom": "arn:x"}]}]}}"""


def launches(folder: Path, name: str, text: str) -> dict[str, Launch]:
    (folder / name).write_text(text)
    library = library_of(read_tree(folder, folder).documents, ())
    return {launch.name: launch for launch in (*read_launches(library), *read_loose(library))}


def test_what_a_template_decides(tmp_path: Path) -> None:
    found = launches(tmp_path, "stack.yaml", TEMPLATE)
    chat = found["Task/chat"]
    assert chat.image == "ghcr.io/open-webui/open-webui:0.6.1"
    assert [w.text for w in chat.words] == ["serve", "${Place}"]
    values = {name: bound.value for name, bound in chat.env.items() if not bound.redacted}
    assert values == {
        "OPENAI_API_BASE_URL": "https://api.example.net/v1",
        "OLLAMA_BASE_URL": None,
        "FROM_VAULT": None,
        "OPENAI_API_KEY": None,
    }
    assert {name for name, bound in chat.env.items() if bound.redacted} == {"WEBUI_SECRET_KEY", "DATABASE_PASSWORD"}
    assert [o.reason.partition(":")[0] for o in chat.given] == ["its log goes to the driver awslogs"]
    assert (found["Task/other"].image, len(found["Task/other"].given)) == ("", 1)
    assert found["Service"].image == "ollama/ollama:0.9.0"
    assert found["Function"].env["MODEL_URL"].value == "https://models.example.net"
    gateway = found["gateway"]
    assert gateway.image == "ghcr.io/berriai/litellm:v1.92.0"
    assert gateway.env["REGION"].value is None


def test_secrets_of_a_template_are_gone_where_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(TEMPLATE)
    documents = read_tree(tmp_path, tmp_path).documents
    shown = repr([d.root for d in documents]) + "\n".join(line for d in documents for line in d.lines)
    assert [secret for secret in ("short1", "short2", "short3") if secret in shown] == []


def test_a_task_definition_as_json(tmp_path: Path) -> None:
    chat = launches(tmp_path, "task.json", TASK)["task/chat"]
    assert chat.image == "ghcr.io/open-webui/open-webui:0.6.1"
    assert chat.env["OPENAI_API_BASE_URL"].value == "https://api.example.net/v1"
    assert chat.env["K"].surely


def test_a_script_that_a_machine_of_terraform_is_given(tmp_path: Path) -> None:
    text = """resource "aws_instance" "gpu" {
      user_data = <<-EOT
        #!/bin/bash
        docker run -e OPENAI_API_BASE_URL=https://api.example.net/v1 -e MODEL=${var.model} --name chat ghcr.io/open-webui/open-webui:main
      EOT
    }
    variable "model" { default = "m" }
    """
    chat = launches(tmp_path, "main.tf", text)["chat"]
    assert {name: bound.value for name, bound in chat.env.items()} == {
        "OPENAI_API_BASE_URL": "https://api.example.net/v1",
        "MODEL": "m",
    }


def test_tags_of_any_other_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: !Ref b\n")
    (tmp_path / "b.yaml").write_text(TEMPLATE.replace("!GetAtt Key.Arn", "!Unknown x"))
    (tmp_path / "c.yaml").write_text("Resources: {A: {\n  Type: AWS::X, P: " + "!Sub [" * 60 + "]" * 60 + "}}\n")
    result = read_tree(tmp_path, tmp_path)
    assert result.documents == ()
    assert [m.path for m in result.not_examined] == ["a.yaml", "b.yaml", "c.yaml"]
