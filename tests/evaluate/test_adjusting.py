"""``tighten`` and ``relax``: each goes the way it says, a relaxation has a reason, and every report shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import assess, describe_profile, load_ladder, load_profile
from auditor.facts.evidence import FileLocation
from auditor.facts.manifest import Claim
from auditor.facts.profile import Profile
from auditor.facts.vocabulary import DataClass, OnUnknown, Plane, Severity
from auditor.report.terminal import render_terminal
from tests.evaluate.builder import air_gapped, context, row
from tests.evaluate.test_loading import CONTROL

HEAD = """\
profile: mine
title: Mine
version: "1"
valid_until: "2027-12-31"
extends: in-network
"""
LEFT_OUT = HEAD + 'relax:\n  - {control: INW-02, drop: "yes", reason: names of branches are public}\n'
WARNS = HEAD + "relax:\n  - {control: INW-02, as: MY-02, on_unknown: warn, severity: low, reason: being looked into}\n"
TIGHTER = HEAD + "tighten:\n  - {control: INW-02, as: MY-02, severity: critical, parameters: {max_age: 7d}}\n"


def loaded(folder: Path, text: str) -> Profile:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return load_profile("mine.yaml", folder)


def test_a_control_that_is_left_out(tmp_path: Path) -> None:
    profile = loaded(tmp_path, LEFT_OUT)
    ids = [c.id for c in profile.controls]
    assert "INW-02" not in ids
    assert ids == [c.id for c in load_profile("in-network").controls if c.id != "INW-02"]
    assert [(r.control, r.what, r.reason) for r in profile.relaxed] == [("INW-02", "left out", "names of branches are public")]
    assert "relaxed INW-02: left out (reason: names of branches are public)" in describe_profile(profile)


def test_a_control_that_is_loosened_takes_an_id_of_its_own_in_its_place(tmp_path: Path) -> None:
    profile = loaded(tmp_path, WARNS)
    ids = [c.id for c in profile.controls]
    assert ids.index("MY-02") == [c.id for c in load_profile("in-network").controls].index("INW-02")
    changed = next(c for c in profile.controls if c.id == "MY-02")
    original = next(c for c in load_profile("in-network").controls if c.id == "INW-02")
    assert (changed.severity, changed.on_unknown, changed.owner) == (Severity.LOW, OnUnknown.WARN, "mine")
    assert changed.requirement == original.requirement
    assert (changed.location.path, changed.location.line) == ("mine.yaml", 7)
    (relaxed,) = profile.relaxed
    assert relaxed.what == "MY-02 in its place: severity high to low; an unknown no longer blocks"


def test_a_control_that_is_tightened_relaxes_nothing(tmp_path: Path) -> None:
    profile = loaded(tmp_path, TIGHTER)
    changed = next(c for c in profile.controls if c.id == "MY-02")
    assert profile.relaxed == ()
    assert changed.severity is Severity.CRITICAL
    assert {p.name: p.values for p in changed.parameters}["max_age"] == ("7d",)
    assert {p.name: p.values for p in changed.parameters}["observed_window"] == ("24h",)


def test_more_evidence_is_tighter_and_less_is_looser(tmp_path: Path) -> None:
    whole = "change: [configured], predeploy: [configured, permitted], operate: [configured, permitted, observed]"
    need = f"{{{whole}, exercised: [execution]}}"
    tighter = loaded(tmp_path, f"{HEAD}tighten:\n  - {{control: INW-01, as: MY-01, evidence: {need}}}\n")
    assert next(c for c in tighter.controls if c.id == "MY-01").evidence.exercised == (Plane.EXECUTION,)
    less = "{change: [configured], predeploy: [configured], operate: [configured, observed]}"
    looser = loaded(tmp_path, f"{HEAD}relax:\n  - {{control: INW-01, as: MY-01, reason: no policies here, evidence: {less}}}\n")
    (relaxed,) = looser.relaxed
    assert (
        relaxed.what == "MY-01 in its place: stage predeploy no longer needs permitted; stage operate no longer needs permitted"
    )


def test_what_a_parent_relaxed_stays_relaxed(tmp_path: Path) -> None:
    loaded(tmp_path, LEFT_OUT)
    (tmp_path / "child.yaml").write_text(HEAD.replace("mine", "child").replace("in-network", "mine.yaml"), encoding="utf-8")
    child = load_profile("child.yaml", tmp_path)
    assert [r.control for r in child.relaxed] == ["INW-02"]


def test_every_report_says_what_was_relaxed(tmp_path: Path) -> None:
    profile = loaded(tmp_path, LEFT_OUT)
    leaking = row("coder/control-plane", "vendor/telemetry", "telemetry", sends=[DataClass.REPOSITORY])
    claim = Claim("in-network", "mine", FileLocation("auditor.yaml", "a" * 64, 1, 1))
    built = air_gapped().with_row(leaking).model(claim=claim)
    ladder = load_ladder()
    found = assess(built, [profile], context(ladder=ladder))
    said = "Relaxed against in-network, fully-self-hosted, self-hosted-execution and vendor-managed: INW-02 left out."
    assert found.profiles[0].verdict == "pass"
    assert found.profiles[0].relaxed == (("INW-02", "left out", "names of branches are public"),)
    assert found.profiles[0].sentence.endswith(said)
    assert found.claim is not None
    assert found.claim.sentence.endswith(said)
    assert said in " ".join(render_terminal(found, width=100, colour=False).split())
    assert {r.profile: r.verdict for r in found.ladder}["in-network"] == "fail"


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        (LEFT_OUT.replace(", reason: names of branches are public", ""), "a relaxation needs a reason", 7),
        (LEFT_OUT.replace("names of branches are public", '" "'), "a relaxation needs a reason", 7),
        (LEFT_OUT.replace("INW-02", "AG-01"), "no control AG-01 is inherited", 7),
        (LEFT_OUT.replace("extends: in-network\n", ""), "relax: changes what is inherited, and nothing is", 6),
        (LEFT_OUT.replace('drop: "yes"', 'drop: "yes", severity: low'), "left out is not changed too", 7),
        (LEFT_OUT.replace('drop: "yes", ', ""), "says no change under an id of its own", 7),
        (LEFT_OUT.replace("relax:", "tighten:"), "drop", 7),
        (WARNS.replace("as: MY-02, ", ""), "says no change under an id of its own", 7),
        (WARNS.replace("MY-02", "INW-01"), "control INW-01 is already defined", 7),
        (WARNS.replace("MY-02", "INW-02"), "control INW-02 is already defined", 7),
        (WARNS.replace("relax:", "tighten:"), "tighten: loosens INW-02: severity high to low, an unknown no longer blocks", 7),
        (WARNS.replace("severity: low", "severity: critical"), "relax: tightens INW-02: severity critical to high", 7),
        (WARNS.replace("on_unknown: warn, severity: low", "severity: high"), "relax: leaves INW-02 as it is", 7),
        (TIGHTER.replace("max_age: 7d", "max_age: 90d"), "tighten: loosens INW-02: max_age 30d to 90d", 7),
        (TIGHTER.replace("max_age: 7d", "max_size: 7d"), "has no parameter 'max_size'", 7),
        (TIGHTER.replace("max_age: 7d", "max_age: soon"), "is no duration", 7),
        (TIGHTER + "  - {control: INW-02, as: MY-03, severity: critical}\n", "control INW-02 is changed twice", 8),
        (TIGHTER + "controls:\n" + CONTROL.replace("MY-01", "MY-02"), "control MY-02 is already defined", 9),
        (TIGHTER.replace("severity: critical", "title: Better"), "title", 7),
        (HEAD.replace("extends: in-network\n", ""), "the profile", 4),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, what: str, line: int) -> None:
    with pytest.raises(InvalidInputError) as caught:
        loaded(tmp_path, text)
    first = caught.value.diagnostics()[0]
    assert what.replace("the profile", "profile mine holds no control") in first.what
    assert (first.path, first.line) == ("mine.yaml", line)
