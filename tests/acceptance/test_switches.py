"""Flipping a setting in the real files does to the data that leaves what ``fixtures/switches.yaml`` said beforehand."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor import pipeline
from auditor.facts.hosts import host_matches
from auditor.facts.model import Model
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Stage
from auditor.pipeline.request import Inputs
from tests.acceptance import files, harness
from tests.acceptance.harness import Leaving, leaving

SWITCHES: list[dict[str, Any]] = yaml.safe_load((harness.FIXTURES / "switches.yaml").read_text(encoding="utf-8"))["switches"]
STRICT = {
    "coder-air-gapped": "air-gapped",
    "coder-direct-provider": "air-gapped",
    "cursor-self-hosted-workers": "self-hosted-execution",
}
"""The profile that may not pass once a switch opens something: the strictest one that the deployment could be said to meet."""


def _name(switch: dict[str, Any]) -> str:
    more = "".join(f"+{key}" for key in switch.get("with", {}))
    return f"{switch['deployment']}:{switch['setting']}={switch['flip_to']}{more}"


@functools.cache
def _before(name: str) -> tuple[Model, set[Leaving]]:
    inputs = harness.gathered(name, Stage.CHANGE)
    model = pipeline.model(inputs)
    return model, leaving(inputs, model)


def _after(switch: dict[str, Any], folder: Path) -> Inputs:
    copy = files.copy_configuration(harness.DEPLOYMENTS / switch["deployment"], folder / switch["deployment"])
    for setting, value in ((switch["setting"], switch["flip_to"]), *switch.get("with", {}).items()):
        files.flip(copy, switch["system"], setting, value)
    return harness.read(copy)


def _hosts(found: set[Leaving]) -> set[str]:
    return {way.host for way in found}


def _covered(pattern: str, hosts: set[str]) -> bool:
    """Return whether a host is there; a pattern stands for the hosts below it, or for itself where only it is known."""
    return any(host == pattern or host_matches(pattern, host) or host == pattern.removeprefix("*.") for host in hosts)


def _held(model: Model) -> dict[str, set[str]]:
    """Return the data classes by flow that may exist and by store that may."""
    held = {row.id: {c.value for c in (*row.sends_at_most, *row.receives)} for row in model.rows if row.exists is not Truth.NO}
    return held | {store.id: {c.value for c in store.classes} for store in model.stores if store.exists is not Truth.NO}


def _open(model: Model) -> set[str]:
    """Return everything that is not known: rows that may exist, components that may be there, gaps."""
    rows = {row.id for row in model.rows if row.exists is Truth.UNKNOWN or (row.unknowns and row.exists is Truth.YES)}
    components = {component.id for component in model.components if component.present is Truth.UNKNOWN}
    return rows | components | {f"{gap.unknown.kind}@{gap.unknown.subject}" for gap in model.gaps}


def _inference_countries(model: Model) -> list[str]:
    """Return the countries of every outside model request that exists, ``[]`` when one of them is not known."""
    planes = {component.id: component for component in model.components}
    countries: set[str] = set()
    for row in model.rows:
        end = planes.get(row.destination)
        if row.exists is Truth.NO or end is None or end.place.inside is not False or end.role != "model_server":
            continue
        if row.processing is None:
            return []
        countries |= set(row.processing)
    return sorted(countries)


def _differences(switch: dict[str, Any], after: Inputs) -> dict[str, object]:
    """Return what of the expectation does not hold, by effect."""
    expect, changed = switch["expect"], pipeline.model(after)
    before, left = _before(switch["deployment"])
    leaves = leaving(after, changed)
    known = {(way.host, way.flow) for way in left}
    fresh = {way.host for way in leaves if (way.host, way.flow) not in known}
    gone = _hosts(left) - _hosts(leaves)
    wrong: dict[str, object] = {}
    if any(not _covered(host, fresh) for host in expect.get("appears", ())):
        wrong["appears"] = sorted(fresh)
    if "appears_any" in expect and not any(_covered(host, fresh) for host in expect["appears_any"]):
        wrong["appears_any"] = sorted(fresh)
    if any(not _covered(host, gone) for host in expect.get("vanishes", ())):
        wrong["vanishes"] = sorted(gone)
    if "opens" in expect:
        verdict = harness.assessed(harness.narrowed(after, STRICT[switch["deployment"]])).profiles[0].verdict
        opened = (_open(changed) - _open(before)) | _hosts(leaves - left)
        if not opened or verdict == "pass":
            wrong["opens"] = (sorted(opened), verdict)
    if "adds" in expect:
        was = _held(before)
        added = {data for key, held in _held(changed).items() for data in held - was.get(key, set())}
        if not set(expect["adds"]) <= added:
            wrong["adds"] = sorted(added)
    if "processing" in expect and _inference_countries(changed) != expect["processing"]:
        wrong["processing"] = _inference_countries(changed)
    if "none" in expect and leaves != left:
        wrong["none"] = sorted(leaves ^ left)
    return wrong


def _refused_by_name(after: Inputs, hosts: list[str]) -> bool:
    """Return whether the air gap no longer passes, and a failure names one of the hosts."""
    assessment = harness.assessed(harness.narrowed(after, "air-gapped"))
    said = {word for finding in assessment.findings for word in harness.told(finding, assessment).split()}
    verdict = assessment.profiles[0].verdict
    return verdict == "unknown" or (verdict == "fail" and any(_covered(host, said) for host in hosts))


@pytest.mark.parametrize("switch", SWITCHES, ids=_name)
def test_a_switch_does_what_was_expected_of_it(switch: dict[str, Any], tmp_path: Path) -> None:
    after = _after(switch, tmp_path)
    assert _differences(switch, after) == {}
    hosts = [*switch["expect"].get("appears", ()), *switch["expect"].get("appears_any", ())]
    if hosts and switch["deployment"] == "coder-air-gapped":
        assert _refused_by_name(after, hosts)


def test_a_copy_without_change_leaves_nothing_different(tmp_path: Path) -> None:
    """The comparison of every switch rests on this: copying and rewriting the files alone changes nothing."""
    for name in STRICT:
        copy = harness.read(files.copy_configuration(harness.DEPLOYMENTS / name, tmp_path / name))
        assert leaving(copy, pipeline.model(copy)) == _before(name)[1]
