"""``auditor collect``: the script is read-only, its bundle holds no secret, and init takes the bundle up as live."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.documents import read_bundle
from auditor.errors import UnreadableError
from auditor.report.collect_recipes import RECIPES
from auditor.report.collect_script import render_script

ALL = [recipe.id for recipe in RECIPES]
PODS = {
    "apiVersion": "v1",
    "kind": "PodList",
    "items": [
        {
            "metadata": {
                "name": "a",
                "managedFields": [{"manager": "x"}],
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2-applied", "kept": "yes"},
            },
            "spec": {
                "containers": [
                    {
                        "image": "ghcr.io/berriai/litellm:v1.80.0",
                        "env": [
                            {"name": "OPENAI_API_KEY", "value": "hunter2-key"},
                            {"name": "DATABASE_URL", "value": "postgres://llm:hunter2-db@db.corp.example/llm"},
                            {"name": "TOKEN_URL", "value": "https://login.example/token"},
                            {"name": "CONFIG", "value": "master_key: hunter2-file\nmodel: m"},
                        ],
                    }
                ]
            },
        }
    ],
}


def run(*arguments: str) -> int:
    return int(main(list(arguments)))


def bundle(folder: Path, programs: dict[str, str], *names: str) -> tuple[Path, str]:
    """Run the script with stand-ins for the programs that it asks; return the bundle and what it said on stderr."""
    tools = folder / "bin"
    tools.mkdir()
    for name, text in programs.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    script = folder / "collect.sh"
    script.write_text(render_script(names))
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "CODER_URL": "http://coder.invalid", "CODER_SESSION_TOKEN": "hunter2"}
    target = folder / "deployment" / "live"
    target.parent.mkdir()
    done = subprocess.run(["sh", str(script), str(target)], env=environment, capture_output=True, text=True, check=True)
    return target, done.stderr


def test_the_list_in_the_help_is_the_recipes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("collect", "--help") == 0
    assert f"NAME is one of: {', '.join(ALL)}" in capsys.readouterr().out
    assert sorted(ALL) == ALL


def test_every_command_only_reads() -> None:
    allowed = re.compile(
        r"kubectl get \S+ [\w .-]+|coder_get /\S+|litellm_get /\S+|docker compose config --format json|nft list ruleset"
    )
    for recipe in RECIPES:
        for step in recipe.steps:
            assert allowed.fullmatch(step.command), step.command
            assert not set("\"'$`\\;&|<>,\n") & set(step.command + step.origin + step.file)
            assert "secret" not in step.command.lower()


def test_the_script_is_valid_short_and_the_same_each_time() -> None:
    text = render_script(ALL)
    assert text == render_script(reversed(ALL))
    subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    assert len(text.splitlines()) < 120


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_a_bundle_holds_no_secret_and_records_what_was_asked(tmp_path: Path) -> None:
    stand_in = f"[ \"$2\" = pods ] || exit 1\ncat <<'END'\n{json.dumps(PODS)}\nEND"
    target, said = bundle(tmp_path, {"kubectl": stand_in}, "kubernetes")
    assert sorted(p.name for p in target.iterdir()) == ["bundle.csv", "pods.json"]
    text = (target / "pods.json").read_text()
    assert "hunter2" not in text
    for kept in ("https://login.example/token", "postgres://redacted@db.corp.example/llm", "model: m", '"kept": "yes"'):
        assert kept in text
    assert "not collected: kubectl get services" in said
    (row,) = list(csv.DictReader((target / "bundle.csv").read_text().splitlines()))
    assert row["command"] == "kubectl get pods --all-namespaces --output json"
    assert row["from"] == "kubectl get pods"
    (item,) = read_bundle(target / "bundle.csv", "bundle.csv")
    assert (item.file, item.origin) == ("pods.json", "kubectl get pods")


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_token_is_no_argument_of_a_program_and_init_reads_the_bundle_as_live(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in = 'case "$*" in *hunter2*) exit 1;; esac\ncat >/dev/null\necho "[]"'
    target, said = bundle(tmp_path, {"curl": stand_in}, "coder")
    assert said == ""
    assert run("init", str(target.parent)) == 0
    date = next(csv.DictReader((target / "bundle.csv").read_text().splitlines()))["collected"][:10]
    line = f'  - {{file: live/coder-ai-providers.json, state: live, collected: "{date}", from: "GET /api/v2/ai/providers"}}\n'
    assert line in capsys.readouterr().out


def test_a_changed_file_of_a_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pods.json").write_text("{}")
    header = "file,sha256,collected,host,from,command\n"
    (tmp_path / "bundle.csv").write_text(header + f'"pods.json","{"0" * 64}","2026-11-20T00:00:00Z","h","f","c"\n')
    with pytest.raises(UnreadableError, match="not the file that was collected"):
        read_bundle(tmp_path / "bundle.csv", "bundle.csv")
    (tmp_path / "bundle.csv").write_text(header + '"../pods.json","0","2026-11-20","h","f","c"\n')
    with pytest.raises(UnreadableError, match="misses a part"):
        read_bundle(tmp_path / "bundle.csv", "bundle.csv")


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("collect", "--for", "coder,heron") == 2
    assert 'nothing is known to collect for "heron"' in capsys.readouterr().err
