"""Removing any evidence never improves a verdict: over all shipped deployments, stages, rungs and single removals.

A failure may become unknown when the evidence of a leak goes. Nothing that failed or was not known ever comes to
pass, or to be excused as not applicable, and exit code 0 is never reached by showing less.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor import pipeline
from auditor.errors import AuditorError
from auditor.facts.assessment import Assessment
from auditor.facts.evidence import Evidence, StatementLocation
from auditor.facts.manifest import Attestation
from auditor.facts.observation import SourceCoverage
from auditor.facts.vocabulary import Basis, Stage
from auditor.pipeline.request import Inputs
from tests.acceptance import harness
from tests.acceptance.removals import Removal, removals

STAGES = (Stage.CHANGE, Stage.OPERATE)
WINDOW = (("observed_window", "20s", "lab capture"),)
UNIVERSE = [(name, stage) for name in harness.NAMES for stage in STAGES]
QUICK = {
    ("coder-air-gapped", Stage.CHANGE),
    ("coder-air-gapped", Stage.OPERATE),
    ("coder-direct-provider", Stage.CHANGE),
    ("coder-mislabelled", Stage.OPERATE),
    ("cursor-self-hosted-workers", Stage.CHANGE),
    ("cursor-self-hosted-workers", Stage.OPERATE),
    ("cursor-self-hosted-workers-unproven", Stage.CHANGE),
}
"""One sweep for each verdict that there is to lose or to gain; the others are slow tests."""
OPEN_OR_BROKEN = ("fail", "unknown")


@functools.cache
def _inputs(name: str, stage: Stage) -> Inputs:
    """Return the inputs judged by the whole ladder, without a claim, and with the window of the lab where one is asked for."""
    gathered = harness.gathered(name, stage)
    return replace(gathered, manifest=replace(gathered.manifest, claim=None, parameters=WINDOW))


@functools.cache
def _removals(name: str, stage: Stage) -> tuple[Removal, ...]:
    return removals(_inputs(name, stage), name)


def _verdicts(assessment: Assessment) -> dict[str, str]:
    controls = {control.id: control.effective for control in assessment.controls}
    return controls | {f"profile {profile.id}": profile.verdict for profile in assessment.profiles}


@functools.cache
def _whole(name: str, stage: Stage) -> tuple[dict[str, str], dict[str, int]]:
    inputs = _inputs(name, stage)
    return _verdicts(harness.assessed(inputs)), _exits(inputs)


def _exits(inputs: Inputs) -> dict[str, int]:
    """Return the exit code under each rung alone."""
    return {profile.id: harness.assessed(replace(inputs, profiles=(profile,))).exit_code for profile in inputs.profiles}


def _improved(name: str, stage: Stage, chosen: tuple[Removal, ...]) -> list[str]:
    """Return what became better without ``chosen``; a deployment that is refused as malformed is no pass."""
    inputs = _inputs(name, stage)
    for removal in chosen:
        inputs = removal.without(inputs)
    try:
        assessment = harness.assessed(inputs)
    except AuditorError:
        return []
    before, exits = _whole(name, stage)
    after = _verdicts(assessment)
    better = [
        f"{key}: {was} -> {after[key]}"
        for key, was in before.items()
        if was in OPEN_OR_BROKEN and after[key] not in OPEN_OR_BROKEN
    ]
    reached = [p.id for p in assessment.profiles if p.verdict == "pass" and exits[p.id] != 0]
    return better + [f"exit code of {profile}: {exits[profile]} -> 0" for profile in reached]


@pytest.mark.parametrize(
    ("name", "stage"), [pytest.param(*each, marks=() if each in QUICK else pytest.mark.slow) for each in UNIVERSE]
)
def test_no_single_removal_improves_anything(name: str, stage: Stage) -> None:
    found = {removal.what: _improved(name, stage, (removal,)) for removal in _removals(name, stage)}
    assert {what: better for what, better in found.items() if better} == {}


@pytest.mark.parametrize(("name", "stage"), UNIVERSE)
def test_the_removals_reach_every_kind_of_evidence(name: str, stage: Stage) -> None:
    """A sweep over nothing would pass: each deployment has files, inputs and addresses, and their removal shows."""
    kinds = {removal.what.partition(" ")[0] for removal in _removals(name, stage)}
    assert kinds >= {"file", "input", "networks", "hosts", "component", "version"}
    inputs = _inputs(name, stage)
    assert [removal.what for removal in _removals(name, stage) if removal.without(inputs) == inputs] == []


@pytest.mark.parametrize(
    ("name", "profile", "what"),
    [
        ("coder-air-gapped", "air-gapped", "file config/ai-providers.json"),
        ("coder-air-gapped", "air-gapped", "file config/coder-values.yaml"),
        ("coder-air-gapped", "air-gapped", "input docs/platform-review.md"),
        ("coder-air-gapped", "air-gapped", "fact coder/workspace_egress"),
        ("coder-direct-provider", "fully-self-hosted", "version of coder"),
        ("coder-direct-provider", "fully-self-hosted", "absent coder/flags"),
        ("cursor-self-hosted-workers", "self-hosted-execution", "fact cursor/require_self_hosted"),
    ],
)
def test_a_pass_is_lost_with_evidence_that_it_rests_on(name: str, profile: str, what: str) -> None:
    """The sweep is not blind: these removals do change the verdict."""
    inputs = harness.narrowed(harness.gathered(name, Stage.CHANGE), profile)
    (removal,) = [r for r in removals(inputs, name) if r.what == what]
    assert harness.assessed(inputs).exit_code == 0
    assert harness.assessed(removal.without(inputs)).exit_code == 3


def _attestation(control: str, subject: str) -> Attestation:
    said = "the network team confirms that no rule lets these workloads out"
    location = StatementLocation("attestations.yaml", "", "entry 1", "network team", "2026-11-20", said)
    evidence = Evidence(Basis.DECLARED, location, said)
    return Attestation(f"A-{control}", control, subject, said, "network-lead@corp.example", "2026-11-20", "2027-02-20", evidence)


def test_what_an_attestation_filled_is_open_again_without_it() -> None:
    """No shipped deployment has attestations: here are the ones that would close the air gap's last question."""
    gathered = harness.gathered("coder-air-gapped", Stage.OPERATE)
    inputs = harness.narrowed(gathered, "air-gapped", WINDOW)
    controls = {c.split("/")[1] for u in harness.assessed(inputs).unknowns if u.blocking for c in u.controls}
    assert controls
    attested = replace(inputs, attestations=tuple(_attestation(control, "permitted") for control in sorted(controls)))
    assert harness.assessed(attested).exit_code == 0
    pieces = [r for r in removals(attested, "coder-air-gapped") if r.what.startswith("attestation")]
    assert [harness.assessed(r.without(attested)).exit_code for r in pieces] == [3] * len(controls)


@pytest.mark.parametrize("name", harness.NAMES)
def test_without_its_manifest_nothing_passes(name: str) -> None:
    """The same files without the manifest: everything about the place is assumed, and an assumption grants nothing."""
    folder = harness.DEPLOYMENTS / name
    request = pipeline.Request(paths=(folder / "config", folder / "traffic"), profiles=harness.LADDER, stage=Stage.OPERATE)
    assessment = harness.assessed(pipeline.gather(request))
    assert assessment.assumed
    assert [profile.id for profile in assessment.profiles if profile.verdict == "pass"] == []


def _damaged(**damage: object) -> Callable[[SourceCoverage], SourceCoverage]:
    changes: dict[str, Any] = damage
    return lambda coverage: replace(coverage, **changes)


DAMAGES: dict[str, Callable[[SourceCoverage], SourceCoverage]] = {
    "cut in the middle": _damaged(truncated=True),
    "packets dropped": _damaged(drops=7),
    "frames that could not be read": _damaged(skipped=(("frame_cut", 3),)),
    "nobody proven present": _damaged(addresses=(), packets=0),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_capture_proves_no_silence(damage: str) -> None:
    """The air gap rests on silence: with the lab's window it lacks only the permissions, with damage it lacks more."""
    inputs = harness.narrowed(harness.gathered("coder-air-gapped", Stage.OPERATE), "air-gapped", WINDOW)
    assert inputs.observation is not None
    coverage = tuple(DAMAGES[damage](each) for each in inputs.observation.coverage)
    harmed = harness.assessed(replace(inputs, observation=replace(inputs.observation, coverage=coverage)))
    assert harmed.exit_code == 3
    assert harness.blocking_kinds(harmed) >= {"observation_coverage", "permitted_not_examined"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "stage"), UNIVERSE)
def test_no_two_removals_together_improve_anything(name: str, stage: Stage) -> None:
    pieces = st.sampled_from(_removals(name, stage))

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(pair=st.tuples(pieces, pieces))
    def holds(pair: tuple[Removal, Removal]) -> None:
        assert _improved(name, stage, pair) == []

    holds()
