"""``fixtures/switches.yaml`` covers every setting of the passing deployments, and says nothing of any other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
EFFECTS = {"appears", "appears_any", "vanishes", "opens", "adds", "processing", "none"}
PASSING = ("coder-air-gapped", "coder-direct-provider", "cursor-self-hosted-workers")
VALUES = ("coder.image.repo", "coder.service.type")
"""Helm values beside the environment that decide or may seem to decide where data goes."""


def _switches() -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = yaml.safe_load((FIXTURES / "switches.yaml").read_text(encoding="utf-8"))["switches"]
    return content


def _environment(path: Path) -> set[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.partition("=")[0] for line in lines if re.match(r"[A-Z_0-9]+=", line)}


def _unit(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r"^Environment=([A-Z_0-9]+)=", text, re.MULTILINE)) | set(re.findall(r"(?<=\s)--[a-z-]+", text))


def _container(container: dict[str, Any]) -> set[str]:
    flags = {argument.partition("=")[0] for argument in container["args"]}
    return flags | {entry["name"] for entry in container["env"]}


def _providers(deployment: str) -> set[str]:
    rows = json.loads((FIXTURES / "deployments" / deployment / "config/ai-providers.json").read_text(encoding="utf-8"))
    return {f"provider:{row['name']}.{field}" for row in rows for field in ("enabled", "base_url")}


def _facts(deployment: str) -> set[str]:
    manifest = yaml.safe_load((FIXTURES / "deployments" / deployment / "auditor.yaml").read_text(encoding="utf-8"))
    states = [state for entry in manifest["inputs"] for state in entry.get("states", ())]
    return {f"fact:{state['fact']}" for state in states if "fact" in state}


def _present(deployment: str) -> set[str]:
    """Return every setting that the files of a deployment hold."""
    config = FIXTURES / "deployments" / deployment / "config"
    if deployment == "coder-air-gapped":
        values = yaml.safe_load((config / "coder-values.yaml").read_text(encoding="utf-8"))
        workload = next(yaml.safe_load_all((config / "vllm.yaml").read_text(encoding="utf-8")))
        environment = {entry["name"] for entry in values["coder"]["env"]}
        container = _container(workload["spec"]["template"]["spec"]["containers"][0])
        return environment | container | {*VALUES} | _providers(deployment) | _facts(deployment)
    if deployment == "coder-direct-provider":
        return _environment(config / "coder.env") | _providers(deployment) | _facts(deployment)
    return _environment(config / "worker.env") | _unit(config / "cursor-worker.service") | _facts(deployment)


def test_every_setting_of_a_passing_deployment_is_flipped_and_no_other() -> None:
    flipped: dict[str, set[str]] = {name: set() for name in PASSING}
    for switch in _switches():
        flipped[switch["deployment"]].add(switch["setting"])
    for name in PASSING:
        finer = {entry for entry in flipped[name] if ".settings." in entry or entry.endswith(".type")}
        assert flipped[name] - finer == _present(name) - finer, name


def test_every_switch_says_what_it_expects_and_from_where() -> None:
    for switch in _switches():
        assert switch.keys() - {"with"} == {"deployment", "system", "setting", "flip_to", "expect", "source"}, switch
        assert switch["expect"], switch
        assert switch["expect"].keys() <= EFFECTS, switch
        assert "none" not in switch["expect"] or len(switch["expect"]) == 1, switch
        assert re.match(r"(CC|EP) \d", switch["source"]), switch


def test_no_switch_is_written_twice() -> None:
    keys = [json.dumps([switch.get(part) for part in ("deployment", "setting", "flip_to", "with")]) for switch in _switches()]
    assert len(set(keys)) == len(keys)
