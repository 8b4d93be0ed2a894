"""The recipes for pipelines: valid by the schemas of those who run them, and executed here as far as that goes.

What a checkout holds is hostile: no text of it becomes part of a script, and no file of it is imported or run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests import repositories
from tests.conftest import ROOT

SHIPPED = ROOT / "fixtures" / "deployments" / "coder-air-gapped"
VALUES = "config/coder-values.yaml"
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
_BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]
"""What GitHub makes of ``shell: bash``."""


def _loaded(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def _schema(name: str) -> Any:
    return json.loads((ROOT / "third_party" / name).read_text(encoding="utf-8"))


ACTION: Mapping[str, Any] = _loaded("action.yml")
GITLAB: Mapping[str, Any] = _loaded("ci/gitlab.yml")
HOOK: Mapping[str, Any] = _loaded(".pre-commit-hooks.yaml")[0]
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one deployment without captures, and a file that nobody may import."""
    folder = tmp_path / "checkout" / "deploy" / "prod"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("traffic"))
    manifest = folder / "auditor.yaml"
    lines = [line for line in manifest.read_text(encoding="utf-8").splitlines() if "capture:" not in line]
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    trap = f"open({str(tmp_path / 'ran')!r}, 'w').close()\nraise SystemExit(0)\n"
    for name in ("click.py", "yaml.py", "sitecustomize.py", "auditor.py", "json.py"):
        (tmp_path / "checkout" / name).write_text(trap, encoding="utf-8")
    repositories.commit(tmp_path / "checkout")
    return tmp_path / "checkout"


def _leak(checkout: Path) -> None:
    values = checkout / "deploy" / "prod" / VALUES
    text = values.read_text(encoding="utf-8")
    changed = text.replace('CODER_TELEMETRY_ENABLE\n      value: "false"', 'CODER_TELEMETRY_ENABLE\n      value: "true"')
    assert changed != text
    values.write_text(changed, encoding="utf-8")


def _program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


# GitHub


class _Runner:
    """As much of a runner of GitHub as a composite action needs."""

    def __init__(self, checkout: Path, base: str = "") -> None:
        self.checkout, self._base = checkout, base
        self.temp = checkout.parent / "runner"
        self.temp.mkdir()
        self.files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run every step; a Python that stands in for the machine's makes environments without a network."""
        for path in self.files.values():
            path.write_text("", encoding="utf-8")
        fake = self.temp / "bin"
        inner = f'case "$2" in pip) echo "$@" >>{self.temp}/pip;; *) exec {sys.executable} "$@";; esac'
        make = f'case "$1$2" in -mvenv) mkdir -p "$3/bin"; cp {fake}/inner "$3/bin/python";; *) exec {sys.executable} "$@";; esac'
        _program(fake, "inner", inner)
        _program(fake, "python3", make)
        env = {
            "PATH": f"{fake}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "HOME": str(self.temp),
            **{name: str(path) for name, path in self.files.items()},
        }
        done: subprocess.CompletedProcess[str] | None = None
        for step in ACTION["runs"]["steps"]:
            script = self.temp / "script.sh"
            script.write_text(step["run"], encoding="utf-8")
            own = {key: self._evaluated(str(value), inputs) for key, value in step.get("env", {}).items()}
            done = subprocess.run(
                [*_BASH, str(script)], cwd=self.checkout, env=env | own, capture_output=True, text=True, check=False, timeout=120
            )
            if done.returncode:
                break
        assert done is not None
        return done

    def _evaluated(self, text: str, inputs: Mapping[str, str]) -> str:
        return _EXPRESSION.sub(lambda m: self._expression(m.group(1), inputs), text)

    def _expression(self, text: str, inputs: Mapping[str, str]) -> str:
        """Return the first of the alternatives that is not empty."""
        for part in (word.strip() for word in text.split("||")):
            scope, _, name = part.partition(".")
            known = {"inputs": inputs.get(name, ACTION["inputs"].get(name, {}).get("default", "")), "github": self._base}
            if known[scope]:
                return str(known[scope])
        return ""

    def outputs(self) -> dict[str, str]:
        """Return what the action put out."""
        lines = self.files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


def test_the_action_is_valid() -> None:
    jsonschema.Draft7Validator(_schema("schemastore/github-action.json")).validate(ACTION)


def test_no_input_becomes_part_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert not _EXPRESSION.search(step["run"])
        assert "uses" not in step, "nothing is taken from elsewhere that no digest holds"
    used = {
        name
        for step in ACTION["runs"]["steps"]
        for v in step.get("env", {}).values()
        for name in re.findall(r"inputs\.([a-z-]+)", v)
    }
    assert used == set(ACTION["inputs"])


def test_the_page_describes_every_input() -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    table = page.split("<!-- inputs: action.yml -->\n")[1].split("\n\n")[0]
    described = [name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])]
    assert sorted(described) == sorted(ACTION["inputs"])


def test_the_action_judges_a_pull_request_by_the_words_of_its_base(checkout: Path) -> None:
    base = repositories.commit(checkout)
    _leak(checkout)
    manifest = checkout / "deploy" / "prod" / "auditor.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + f"ignore: [{VALUES}]\n", encoding="utf-8")
    runner = _Runner(checkout, base)
    done = runner.run(path="deploy/prod", profiles="air-gapped\nvendor-managed\n")
    assert done.returncode == 1, done.stderr
    outputs = runner.outputs()
    assert outputs["exit-code"] == "1"
    results = json.loads(Path(outputs["sarif"]).read_text(encoding="utf-8"))["runs"][0]["results"]
    places = {(r["ruleId"], r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for r in results}
    assert {("AG-01", f"deploy/prod/{VALUES}"), ("CHANGE-01", "deploy/prod/auditor.yaml")} <= places
    errors = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert f"file=deploy/prod/{VALUES},line=20" in errors[0]
    assert "## What the change does" in runner.files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    profiles = {p["id"] for p in json.loads(Path(outputs["assessment"]).read_text(encoding="utf-8"))["profiles"]}
    assert profiles == {"air-gapped", "vendor-managed", "change"}
    assert "--require-hashes -r" in (runner.temp / "pip").read_text(encoding="utf-8")
    assert not (checkout.parent / "ran").exists()


def test_the_action_passes_what_changes_nothing(checkout: Path) -> None:
    runner = _Runner(checkout, repositories.commit(checkout))
    done = runner.run(path="deploy/prod")
    assert (done.returncode, runner.outputs()["exit-code"]) == (0, "0"), done.stderr
    assert runner.run(path="deploy/prod", base="none").returncode == 0


def test_the_action_takes_every_input(checkout: Path) -> None:
    base = repositories.commit(checkout)
    _leak(checkout)
    (checkout / "waivers.yaml").write_text("version: 1\nwaivers: []\n", encoding="utf-8")
    runner = _Runner(checkout, base)
    first = runner.run(path="deploy/prod", base="none", output="out folder", stage="predeploy")
    assert first.returncode in (1, 3)
    assert runner.outputs()["sarif"] == "out folder/auditor.sarif"
    shutil.copy(checkout / "out folder" / "auditor.json", checkout / "baseline.json")
    again = {
        "path": "deploy/prod",
        "stage": "predeploy",
        "baseline": "baseline.json",
        "waivers": "waivers.yaml",
        "fail-on": "low",
    }
    assert runner.run(**again).returncode == 1, "neither baseline nor waivers stand at the base"
    assert runner.run(**again, **{"policy-approved": "true"}).returncode == 0


@pytest.mark.parametrize("text", ["$(touch ran)", "`touch ran`", '"; touch ran; "', "a\ntouch ran", "'$IFS'"])
def test_a_hostile_input_stays_a_word(checkout: Path, text: str) -> None:
    runner = _Runner(checkout)
    done = runner.run(path=text, profiles=text, baseline=text)
    assert done.returncode in (2, 4)
    assert runner.outputs() == {"exit-code": str(done.returncode)}
    assert not list(checkout.parent.rglob("ran"))


# pre-commit


def test_the_hook_has_the_fields_that_pre_commit_knows() -> None:
    assert set(HOOK) == {"id", "name", "description", "entry", "args", "language", "pass_filenames", "require_serial"}
    assert (HOOK["language"], HOOK["pass_filenames"]) == ("python", False)


def test_the_hook_fails_for_a_leak_and_says_where(checkout: Path) -> None:
    command = [sys.executable, "-P", "-m", *shlex.split(HOOK["entry"]), "deploy/prod"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    passed = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=60)
    _leak(checkout)
    failed = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert (passed.returncode, failed.returncode) == (0, 1)
    assert f"--> {VALUES}:20" in failed.stdout


@pytest.mark.slow
def test_pre_commit_installs_and_runs_the_hook(checkout: Path) -> None:
    """By pre-commit itself, from a repository as its users name it; without a network: what auditor needs lies on the path."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed; pre-commit needs it")
    home = checkout.parent
    hooks = home / "auditor"
    for name in ("auditor", "profiles"):
        shutil.copytree(ROOT / name, hooks / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, hooks / name)
    revision = repositories.commit(hooks)
    hook = {"id": HOOK["id"], "args": ["deploy/prod"], "files": "^deploy/prod/"}
    repos = {"repos": [{"repo": hooks.as_uri(), "rev": revision, "hooks": [hook]}]}
    (checkout / ".pre-commit-config.yaml").write_text(yaml.safe_dump(repos), encoding="utf-8")
    offline = {
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": sysconfig.get_path("purelib"),
    }
    alone = {"PRE_COMMIT_HOME": str(home / "cache"), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    env = os.environ | offline | alone

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=300)

    def committed() -> subprocess.CompletedProcess[str]:
        assert run("git", "add", "--all").returncode == 0
        return run(sys.executable, "-P", "-m", "pre_commit", "run", "--all-files")

    passed = committed()
    assert passed.returncode == 0, passed.stdout
    assert re.search(rf"^{HOOK['name']}\.+Passed$", passed.stdout, re.MULTILINE)
    _leak(checkout)
    failed = committed()
    assert failed.returncode == 1, failed.stdout
    assert f"--> {VALUES}:20" in failed.stdout
    assert "- exit code: 1" in failed.stdout
    shutil.rmtree(checkout / "deploy")
    skipped = committed()
    assert (skipped.returncode, "(no files to check)Skipped" in skipped.stdout) == (0, True), "nothing of the deployment is there"
    assert not (home / "ran").exists()


# GitLab


def test_the_gitlab_job_is_valid() -> None:
    jsonschema.Draft7Validator(_schema("gitlab/gitlab-ci.json")).validate(GITLAB)


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_gitlab_job_judges_a_merge_request(checkout: Path, shell: str) -> None:
    from dulwich.refs import Ref
    from dulwich.repo import Repo

    base = repositories.commit(checkout)
    with Repo(str(checkout)) as repository:
        repository.refs[Ref(b"refs/remotes/origin/release")] = repository[base.encode()].id
    _leak(checkout)
    tools = checkout.parent / "tools"
    _program(tools, "auditor", f'PYTHONPATH={ROOT} exec {sys.executable} -P -m auditor "$@"')
    variables = {k: str(v) for k, v in GITLAB["variables"].items()}
    env = os.environ | variables | {"PATH": f"{tools}:{os.environ['PATH']}"}
    env |= {
        "AUDITOR_PATH": "deploy/prod",
        "AUDITOR_OPTIONS": "-q --fail-on high",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "release",
    }
    script = "set -e\n" + "\n".join(GITLAB["auditor"]["script"])
    done = subprocess.run([shell], input=script, cwd=checkout, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    reports = GITLAB["auditor"]["artifacts"]["reports"]
    issues = json.loads((checkout / reports["codequality"]).read_text(encoding="utf-8"))
    assert [i["location"]["path"] for i in issues] == [f"deploy/prod/{VALUES}"]
    assert (checkout / reports["junit"]).is_file()
    assert all((checkout / path).is_file() for path in GITLAB["auditor"]["artifacts"]["paths"])


# container


def test_the_container_copies_what_there_is_and_runs_as_nobody() -> None:
    lines = re.sub(r"\\\n", " ", CONTAINER).splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert "USER 65534:65534" in lines
    assert [line for line in lines if "pip install" in line and "--require-hashes" not in line] == []
    assert sum(line.startswith("FROM ${PYTHON}") for line in lines) == sum(line.startswith("FROM ") for line in lines)


def test_what_the_container_runs_judges_and_imports_nothing_of_what_it_judges(checkout: Path) -> None:
    """The last stage by hand: package and profiles where it puts them, its environment, its wrapper."""
    root = checkout.parent / "container"
    for source, target in re.findall(r"^COPY (\S+) /opt/auditor/(share/\S+)$", CONTAINER, re.MULTILINE):
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / source, root / target)
    made = re.search(r"RUN printf '(.*?)' >/opt/auditor/bin/auditor", CONTAINER)
    assert made is not None
    wrapper = made.group(1).replace("\\n", "\n").replace("/opt/auditor/bin/python", sys.executable)
    (root / "bin").mkdir()
    (root / "bin" / "auditor").write_text(wrapper, encoding="utf-8")
    (root / "bin" / "auditor").chmod(0o755)
    declared = re.search(r"^ENV (.*)$", CONTAINER, re.MULTILINE)
    assert declared is not None
    pairs = dict(word.split("=", 1) for word in shlex.split(declared.group(1)) if not word.startswith("PATH="))
    env = {name: value.replace("/opt/auditor", str(root)) for name, value in pairs.items()}
    done = subprocess.run(
        [str(root / "bin" / "auditor"), "check", "deploy/prod", "--stage", "change", "-q", "-v"],
        cwd=checkout,
        env=env | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "judged by air-gapped 1, shipped" in done.stderr
    assert not (checkout.parent / "ran").exists()
    assert (root / "share" / "profiles").is_dir()
