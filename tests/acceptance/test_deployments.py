"""Every shipped deployment is judged as ``expected.json`` says, and its traffic is all found and nothing else."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.assessment import Assessment, ChannelRecord
from auditor.facts.vocabulary import Stage
from tests.acceptance import harness

RUNS = [
    pytest.param(name, run, id=f"{name}-{run['profile']}-{run['stage']}{'-loosened' if run['parameters'] else ''}")
    for name in harness.NAMES
    for run in harness.expected(name)["runs"]
]
MISLABELLED = "coder-mislabelled"


def _parameters(run: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, each["value"], each["reason"]) for name, each in run["parameters"].items())


def _judged(name: str, run: dict[str, Any]) -> Assessment:
    inputs = harness.gathered(name, Stage(run["stage"]))
    return harness.assessed(harness.narrowed(inputs, run["profile"], _parameters(run)))


@functools.cache
def _operated(name: str) -> Assessment:
    return harness.assessed(harness.gathered(name, Stage.OPERATE))


@pytest.mark.parametrize(("name", "run"), RUNS)
def test_the_verdict_is_as_expected(name: str, run: dict[str, Any]) -> None:
    assessment = _judged(name, run)
    (profile,) = assessment.profiles
    found = {
        "exit": assessment.exit_code,
        "verdict": profile.verdict,
        "failed_planes": sorted(harness.failed_planes(assessment)),
        "unknown_kinds": sorted(harness.blocking_kinds(assessment)),
    }
    assert {key: run[key] for key in found if key in run} == {key: found[key] for key in found if key in run}
    assert set(run) - set(found) == {"profile", "stage", "parameters"}


def _matches(flow: dict[str, Any], channel: ChannelRecord) -> bool:
    return flow["destination"] in harness.hosts_of(channel) and bool(harness.sources_of(channel) & set(flow["sources"]))


@pytest.mark.parametrize("name", harness.NAMES)
def test_every_flow_that_was_sent_is_found(name: str) -> None:
    """Hosts of one operator's component share a channel: it is held open, or hides a name, when one of its flows does."""
    wanted = [flow for side in ("inside", "outside") for flow in harness.expected(name)[side]]
    seen = [channel for channel in _operated(name).channels if channel.sighting in ("data", "attempt")]
    assert [flow for flow in wanted if not any(_matches(flow, channel) for channel in seen)] == []
    for channel in seen:
        flows = [flow for flow in wanted if _matches(flow, channel)]
        if flows:
            assert channel.sighting == min((flow["observed"] for flow in flows), key=["data", "attempt"].index), channel.id
            assert channel.held_open is any(flow["held_open"] for flow in flows), channel.id
            assert channel.name_hidden is any(flow["name_hidden"] for flow in flows), channel.id


@pytest.mark.parametrize("name", harness.NAMES)
def test_no_traffic_to_the_outside_is_invented(name: str) -> None:
    seen = harness.seen_outside(_operated(name))
    assert [c.id for c in seen if not any(_matches(flow, c) for flow in harness.expected(name)["outside"])] == []


@pytest.mark.parametrize("name", harness.NAMES)
def test_no_traffic_inside_is_invented(name: str) -> None:
    """Name lookups at the own resolver are the only traffic that no list names."""
    assessment = _operated(name)
    outside = {channel.id for channel in harness.seen_outside(assessment)}
    rest = [
        channel.id
        for channel in assessment.channels
        if channel.sighting in ("data", "attempt")
        and channel.id not in outside
        and channel.destination != "resolver"
        and not any(_matches(flow, channel) for flow in harness.expected(name)["inside"])
    ]
    assert rest == []


@pytest.mark.parametrize("name", harness.NAMES)
def test_every_crossing_that_was_seen_is_a_row_that_exists(name: str) -> None:
    """Each channel seen to the outside carries at least one row that exists, or (an attempt) says that it was tried."""
    assessment = _operated(name)
    for channel in harness.seen_outside(assessment):
        rows = [flow for flow in assessment.flows if flow.channel == channel.id]
        wanted = {"yes"} if channel.sighting == "data" else {"yes", "no", "unknown"}
        assert any(row.exists in wanted and row.sighting == channel.sighting for row in rows), channel.id


def test_every_planted_leak_is_named_by_a_finding() -> None:
    assessment = _judged(MISLABELLED, {"profile": "air-gapped", "stage": "operate", "parameters": {}})
    said = [harness.told(finding, assessment) for finding in assessment.findings]
    leaks = harness.expected(MISLABELLED)["leaks"]
    assert len(leaks) == 8
    assert [leak for leak in leaks if not any(leak["destination"] in text for text in said)] == []


def test_no_leak_is_invented() -> None:
    """Whatever a finding is about was sent, or is a flow that the configuration makes: the lists are whole."""
    assessment = _judged(MISLABELLED, {"profile": "air-gapped", "stage": "operate", "parameters": {}})
    planted = {flow["destination"] for flow in harness.expected(MISLABELLED)["outside"]}
    flows = {flow.id: flow for flow in assessment.flows}
    channels = {channel.id: channel for channel in assessment.channels}
    invented = []
    for finding in assessment.findings:
        ends = harness.hosts_of(channels[flows[finding.rows[-1]].channel]) if finding.rows else {finding.subject}
        if not ends & planted:
            invented.append(finding.id)
    assert invented == []


def test_what_is_configured_alone_already_shows_the_leaks_that_configuration_makes() -> None:
    """Before any packet was seen, four of the eight leaks and the cloud fallback stand in the files."""
    assessment = _judged(MISLABELLED, {"profile": "air-gapped", "stage": "change", "parameters": {}})
    said = " ".join(harness.told(finding, assessment) for finding in assessment.findings)
    configured = ("telemetry.coder.com", "api.github.com", "stun.l.google.com", "api.openai.com", "api.anthropic.com")
    assert [host for host in configured if host not in said] == []


@pytest.mark.parametrize("name", ["cursor-self-hosted-workers", "cursor-self-hosted-workers-unproven"])
def test_the_held_open_channel_of_a_worker_is_seen_from_the_worker(name: str) -> None:
    (held,) = [c for c in _operated(name).channels if c.held_open]
    assert (held.source, held.sighting) == ("cursor/worker", "data")
    assert "api2direct.cursor.sh" in harness.hosts_of(held)
    assert held.longest_seconds > 20
    assert held.payload_out
    assert held.payload_in


@pytest.mark.parametrize("name", ["cursor-self-hosted-workers", "cursor-self-hosted-workers-unproven"])
@pytest.mark.parametrize("stage", ["change", "operate"])
def test_a_worker_of_ones_own_does_not_bring_the_other_planes_home(name: str, stage: str) -> None:
    assessment = _judged(name, {"profile": "fully-self-hosted", "stage": stage, "parameters": {}})
    said = " ".join(finding.title for finding in assessment.findings)
    assert all(words in said for words in ("the agent loop", "the inference plane", "the control plane"))


def test_the_command_line_says_what_the_pipeline_says(tmp_path: Path) -> None:
    """Exit codes and the claim, as a CI gate sees them."""
    codes, claims = {}, {}
    for name in ("coder-air-gapped", MISLABELLED, "cursor-self-hosted-workers"):
        report = tmp_path / f"{name}.json"
        codes[name] = harness.run_check(harness.DEPLOYMENTS / name, "--output", f"json:{report}", "--quiet").returncode
        assessment = json.loads(report.read_text(encoding="utf-8"))
        claims[name] = (assessment["schema"], assessment["claim"]["verdict"])
    assert codes == {"coder-air-gapped": 3, MISLABELLED: 1, "cursor-self-hosted-workers": 1}
    assert claims == {
        "coder-air-gapped": ("assessment/v1", "unknown"),
        MISLABELLED: ("assessment/v1", "fail"),
        "cursor-self-hosted-workers": ("assessment/v1", "pass"),
    }
