"""Shell scripts and pipelines: what they start is read, what else they do stays open, and nothing of it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.config.bindings import Launch
from auditor.config.discovery import recognise_systems
from auditor.config.formats import read_loose
from auditor.config.formats.helm_release import library_of
from auditor.documents import read_tree

SCRIPT = """#!/usr/bin/env bash
set -euo pipefail
IMAGE=ghcr.io/open-webui/open-webui:0.6.1
PORT=${PORT:-3000}
export OPENAI_API_BASE_URL="https://api.example.net/v1"
for each in a b; do PORT=$each; done
if [ -n "${GPU:-}" ]; then
  sudo -E docker run -dit --gpus all --name chat -p "$PORT:8080" -e OPENAI_API_BASE_URL -eWEBUI_NAME=Chat \\
    --env WEBUI_PORT="$PORT" --env-file=chat.env -e API_KEY="hunter22$X" --read-only --entrypoint /start "$IMAGE" --host 0.0.0.0
else
  echo docker run not/this:1
fi
git clone https://github.com/example/claude
OLLAMA_HOST=0.0.0.0 nohup ollama serve &
"""


def launches(folder: Path, files: dict[str, str]) -> dict[str, Launch]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    library = library_of(read_tree(folder, folder).documents, ())
    return {launch.name: launch for launch in read_loose(library)}


def values(launch: Launch) -> dict[str, str | None]:
    return {name: bound.value for name, bound in launch.env.items()}


def test_a_container_that_a_script_starts(tmp_path: Path) -> None:
    found = launches(tmp_path, {"run.sh": SCRIPT, "chat.env": "ENABLE_OLLAMA_API=false\n"})
    chat = found["chat"]
    assert chat.image == "ghcr.io/open-webui/open-webui:0.6.1"
    assert [w.text for w in chat.words] == ["/start", "--host", "0.0.0.0"]  # noqa: S104 -- a word of a script
    assert [w.text for w in chat.program] == ["/start"]
    own = values(chat)
    label = own.pop("API_KEY") or ""
    assert label.startswith("secret-")
    assert own == {
        "ENABLE_OLLAMA_API": "false",
        "OPENAI_API_BASE_URL": "https://api.example.net/v1",
        "WEBUI_NAME": "Chat",
        "WEBUI_PORT": None,  # assigned again in the loop: the script decides it
    }
    assert [w.text for w in found["ollama"].words] == ["ollama", "serve"]
    assert values(found["ollama"])["OLLAMA_HOST"] == "0.0.0.0"  # noqa: S104 -- a value in a script


def test_secrets_of_a_script_are_gone_where_it_is_read(tmp_path: Path) -> None:
    lines = (
        'docker run -e PASSWORD=\'pw one\' -e DB_PASSWORD="p2$X" --api-key "p3$Y" a/b:1',
        'TOKEN="p4$Z"',
        "export K_TOKEN=p5",
        "docker run -e API_KEY=${API_KEY:-p6} a/b:1",
        "DB_TOKEN=${X:-p7}",
        "cat <<EOF > .env\nAPI_KEY=p8\nA=$B\nEOF",
    )
    (tmp_path / "run.sh").write_text("\n".join(lines) + "\n")
    documents = read_tree(tmp_path, tmp_path).documents
    shown = repr([d.root for d in documents]) + "\n".join(line for d in documents for line in d.lines)
    assert [secret for secret in ("pw one", *(f"p{n}" for n in range(2, 9))) if secret in shown] == []


@pytest.mark.parametrize(
    "command",
    [
        "npm install -g claude", "rm -rf claude", "which claude", "git clone https://example.net/x claude", "docker ps",
        "docker compose up -d", "docker run", "docker run --name", "docker", "echo claude", "docker run $OPTIONS",
    ],
)  # fmt: skip
def test_commands_that_start_no_product(tmp_path: Path, command: str) -> None:
    (tmp_path / "run.sh").write_text(f"#!/bin/sh\nexport CLAUDE_HINT=1\n{command}\n")
    assert recognise_systems(read_tree(tmp_path, tmp_path).documents, load_catalog()) == ()


def test_what_cannot_be_read_as_a_script_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/bash\nif true; then docker run a/b:1\n")
    result = read_tree(tmp_path, tmp_path)
    assert result.documents == ()
    assert [(m.path, "fi" in m.reason) for m in result.not_examined] == [("run.sh", True)]


WORKFLOW = """
on: {workflow_dispatch: {inputs: {region: {default: eu-central-1}}}}
env: {AWS_REGION: "${{ inputs.region }}", CLAUDE_CODE_HINT: "1"}
jobs:
  review:
    runs-on: ubuntu-latest
    services:
      model: {image: "ollama/ollama:0.9.0", env: {OLLAMA_NO_CLOUD: "1"}}
    steps:
      - uses: actions/checkout@v4
      - name: agent
        uses: anthropics/claude-code-action@v1
        env: {ANTHROPIC_BASE_URL: "${{ vars.BASE }}"}
        with: {use_bedrock: "true", anthropic_api_key: "${{ secrets.KEY }}"}
      - name: shell
        run: |
          npm install -g @openai/codex
          codex exec "look at https://example.net"
        env: {OPENAI_API_KEY: "${{ secrets.KEY }}"}
      - run: Write-Host "if (" # PowerShell
"""
GITLAB = """
image: python:3
variables: {DEPTH: {value: "1", description: d}}
agent:
  image: {name: paulgauthier/aider:v0.80.0}
  variables: {OLLAMA_API_BASE: "https://models.example.net"}
  script:
    - docker run -e A=$DEPTH ghcr.io/open-webui/open-webui:main
    - [nested]
"""


def test_steps_of_a_workflow(tmp_path: Path) -> None:
    found = launches(tmp_path, {".github/workflows/a.yml": WORKFLOW})
    agent = found["review/agent"]
    assert agent.module == "anthropics/claude-code-action"
    assert values(agent) == {
        "AWS_REGION": "eu-central-1",
        "CLAUDE_CODE_HINT": "1",
        "ANTHROPIC_BASE_URL": None,
        "module:use_bedrock": "true",
        "module:anthropic_api_key": None,
    }
    assert agent.env["module:anthropic_api_key"].surely
    assert not agent.env["ANTHROPIC_BASE_URL"].surely
    assert found["model"].image == "ollama/ollama:0.9.0"
    assert "OPENAI_API_KEY" in found["codex"].env
    assert {s.product for s in recognise_systems(read_tree(tmp_path, tmp_path).documents, load_catalog())} == {
        "claude-code",
        "codex",
        "ollama",
    }


def test_jobs_of_gitlab(tmp_path: Path) -> None:
    found = launches(tmp_path, {".gitlab-ci.yml": GITLAB})
    assert found["agent"].image == "paulgauthier/aider:v0.80.0"
    assert values(found["agent"]) == {"DEPTH": "1", "OLLAMA_API_BASE": "https://models.example.net"}
    assert values(found["open-webui"]) == {"A": "1"}


def test_a_script_that_is_too_long_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("#!/bin/sh\n" + "docker run a/b:1\n" * 20_000)
    (result,) = read_tree(tmp_path, tmp_path).not_examined
    assert result.reason == "the script is too long: more than 262,144 characters"
