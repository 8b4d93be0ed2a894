"""The committed deployments agree with themselves: inputs exist, captures are small, truth is what the lab would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from fixtures.lab.deployments import SCENARIOS
from fixtures.lab.record import MAXIMUM_BYTES
from fixtures.lab.scenario import Do, Scenario
from fixtures.lab.truth import Truth, read

ROOT = Path(__file__).resolve().parents[2] / "fixtures" / "deployments"
NAMES = sorted(SCENARIOS)


def _manifest(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / name / "auditor.yaml").read_text(encoding="utf-8"))
    return content


def test_every_deployment_has_its_scenario_and_back() -> None:
    assert sorted(path.parent.name for path in ROOT.glob("*/auditor.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_input_that_a_manifest_names_is_there(name: str) -> None:
    folder = ROOT / name
    named = [entry[key] for entry in _manifest(name)["inputs"] for key in ("path", "file", "capture", "document") if key in entry]
    assert named
    assert [entry for entry in named if not (folder / entry).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_captures_are_two_small_ones_of_two_formats(name: str) -> None:
    captures = {path.name: path.read_bytes() for path in sorted((ROOT / name / "traffic").iterdir())}
    assert sorted(captures) == ["inside.pcap", "perimeter.pcapng"]
    assert all(len(content) <= MAXIMUM_BYTES for content in captures.values())
    assert captures["inside.pcap"][:4] == bytes.fromhex("d4c3b2a1")
    assert captures["perimeter.pcapng"][:4] == bytes.fromhex("0a0d0d0a")


def _ends(scenario: Scenario) -> set[tuple[str, str, int, str]]:
    """Return (source, name, port, kind) of everything that a scenario does, without its lookups."""
    return {
        (node.workload, action.name, action.port, "attempt" if action.do is Do.CONNECT else "data")
        for node in scenario.inside
        for action in node.actions
    }


def _lookups(entry: Truth) -> bool:
    return (entry.port, entry.transport, entry.destination_name) == (53, "udp", "")


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_truth_is_what_the_scenario_does(name: str) -> None:
    entries = [entry for entry in read(ROOT / name / "truth.json") if not _lookups(entry)]
    assert {(entry.source, entry.destination_name, entry.port, entry.kind) for entry in entries} == _ends(SCENARIOS[name]())


@pytest.mark.parametrize("name", NAMES)
def test_expectations_hold_no_frames_digests_or_bytes(name: str) -> None:
    text = (ROOT / name / "expected.json").read_text(encoding="utf-8")
    expected = json.loads(text)
    assert expected["deployment"] == name
    assert expected["runs"]
    for word in ("sha256", "frame", "bytes", "payload"):
        assert word not in text


def test_the_unproven_pool_differs_only_in_the_dashboards_word() -> None:
    proven, unproven = _manifest("cursor-self-hosted-workers"), _manifest("cursor-self-hosted-workers-unproven")
    proven["inputs"] = [entry for entry in proven["inputs"] if "document" not in entry]
    unproven["deployment"] = proven["deployment"]
    assert proven == unproven
