"""``auditor check --deployment``: one manifest, several deployments, and what each one is judged by."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "auditor.yaml": """\
version: 1
deployments:
  dev: {overlays: []}
  prod: {overlays: [prod.yaml]}
claim: {label: self-hosted, profile: self-hosted-execution}
zones:
  corp: {operator: customer, hosted_by: customer, processing: [DE], storage: [DE], hosts: ["*.corp.example"]}
perimeter: [corp]
systems: [{product: coder, version: 2.36, zone: corp}]
inputs: [{path: config/}]
""",
    "prod.yaml": """\
claim: {profile: air-gapped}
inputs:
  - {path: config/}
  - {file: config/providers.json, state: live, collected: 2026-11-20}
  - {file: config/flags.json, from: "GET /api/v2/deployment/config"}
""",
    "config/coder.env": "CODER_TELEMETRY_ENABLE=false\n",
    "config/providers.json": "{}\n",
    "config/flags.json": '{"a": "b"}\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder whose manifest describes two deployments."""
    base = tmp_path / "both"
    (base / "config").mkdir(parents=True)
    for name, text in FILES.items():
        (base / name).write_text(text)
    return base


def auditor(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the real command line in its own process, as a user does."""
    command = [sys.executable, "-m", "auditor", "check", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def assessed(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return the assessment that a check writes."""
    done = auditor(folder, *arguments, "--as-of", "2026-11-23", "--quiet", "--output", "json:out.json", cwd=folder.parent)
    assert done.returncode in {0, 1, 3}, done.stderr
    record: dict[str, Any] = json.loads((folder.parent / "out.json").read_text())
    return record


def inputs(*kinds: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the records of input files."""
    return [
        {"path": path, "sha256": hashlib.sha256(FILES[path].encode()).hexdigest(), "kind": kind, "size": len(FILES[path])}
        for path, kind in kinds
    ]


def test_each_deployment_is_judged_by_its_own_claim_and_files(folder: Path) -> None:
    """The overlay is an input like the manifest; an exported or live state is an export, the rest configuration."""
    dev, prod = assessed(folder, "--deployment", "dev"), assessed(folder, "--deployment", "prod")
    assert [(r["deployment"], r["claim"]["profile"], r["claim"]["path"], r["claim"]["line"]) for r in (dev, prod)] == [
        ("dev", "self-hosted-execution", "auditor.yaml", 5),
        ("prod", "air-gapped", "prod.yaml", 1),
    ]
    assert dev["inputs"] == inputs(
        ("auditor.yaml", "manifest"),
        ("config/coder.env", "configuration"),
        ("config/flags.json", "configuration"),
        ("config/providers.json", "configuration"),
    )
    assert prod["inputs"] == inputs(
        ("auditor.yaml", "manifest"),
        ("config/coder.env", "configuration"),
        ("config/flags.json", "export"),
        ("config/providers.json", "export"),
        ("prod.yaml", "manifest"),
    )
    assert dev["digest"] != prod["digest"]


def test_the_only_deployment_need_not_be_named(folder: Path) -> None:
    chosen = assessed(folder, "--deployment", "prod")
    text = FILES["auditor.yaml"].replace("  dev: {overlays: []}\n", "")
    (folder / "auditor.yaml").write_text(text)
    assert (assessed(folder)["deployment"], chosen["deployment"]) == ("prod", "prod")


REFUSED = {
    ("both",): """\
error: the manifest describes several deployments: dev, prod
  --> auditor.yaml:3:3
  = help: choose one with --deployment NAME
""",
    ("both", "--deployment", "pord"): """\
error: no deployment is named "pord"
  --> auditor.yaml:3:3
  = why: the manifest describes: dev, prod
  = help: did you mean "prod"?
""",
    ("both/config", "--deployment", "prod"): """\
error: no auditor.yaml here, so there is no deployment to choose
  --> both/config
  = help: leave out --deployment, or write a manifest with deployments:
""",
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_a_choice_that_cannot_be_made_is_a_usage_error(folder: Path, arguments: tuple[str, ...]) -> None:
    done = auditor(*arguments, cwd=folder.parent)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", REFUSED[arguments])


def test_a_missing_overlay_is_told_where_the_manifest_names_it(folder: Path) -> None:
    (folder / "prod.yaml").unlink()
    done = auditor(folder.name, "--deployment", "prod", cwd=folder.parent)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        """\
error: overlay "prod.yaml" cannot be found
  --> auditor.yaml:4:21
  = why: No such file or directory
  = help: correct the path, or supply the file
""",
    )
