"""Every control of every shipped profile gives pass, fail and unknown to its own examples; a bad file of examples is refused."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError, UsageError
from auditor.evaluate import load_profile, shipped_profiles
from auditor.evaluate.examples import judge_examples
from auditor.facts.examples import ExampleReport
from auditor.facts.vocabulary import Verdict
from auditor.graph import build_graph
from tests.conftest import ROOT

PROFILE = """\
profile: mine
title: Mine
version: "1"
extends: vendor-managed
valid_until: "2027-12-31"
controls:
  - id: MY-01
    title: Nothing leaves
    forbid: {flow: {from: {perimeter: inside}, to: {perimeter: outside}}}
    evidence: {change: [configured], predeploy: [configured], operate: [configured, observed]}
    on_unknown: block
    severity: high
    rationale: Because.
    remediation: Stop it.
"""
EXAMPLES = """\
examples: mine
version: "1"
deployment:
  places:
    site: {perimeter: inside, operator: customer, hosted_by: customer}
    far: {perimeter: outside, operator: vendor, hosted_by: vendor}
  components:
    c/workspace: {plane: execution, role: workspace, place: site}
    vendor/api: {plane: supporting, role: telemetry_sink, place: far}
  flows:
    calls: {from: c/workspace, to: vendor/api, exists: no}
cases:
  - title: Silent
    expect: {MY-01: pass, VM-01: unknown}
  - title: Calls
    change: {flows: {calls: {exists: yes}}}
    expect: {MY-01: fail}
  - title: Alone
    without: [vendor/api, calls]
    expect: {MY-01: pass}
"""


def judged(folder: Path, examples: str) -> ExampleReport:
    (folder / "mine.yaml").write_text(PROFILE, encoding="utf-8")
    if examples:
        (folder / "mine.examples.yaml").write_text(examples, encoding="utf-8")
    return judge_examples("mine.yaml", build_graph, folder)


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_control_passes_fails_and_is_unknown_as_its_examples_say(name: str) -> None:
    report = judge_examples(name, build_graph, None)
    assert [f"{r.location.line}: {r.control} {r.found.value}: {r.reason}" for r in report.results if not r.holds] == []
    assert report.lacking == ()
    assert report.files[0] == f"profiles/{name}.examples.yaml"


OWN = [(name, control.id) for name in shipped_profiles() for control in load_profile(name).controls]


@functools.cache
def examples(profile: str) -> ExampleReport:
    return judge_examples(profile, build_graph, None)


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN])
@pytest.mark.parametrize(("profile", "control"), OWN)
def test_every_control_of_every_profile_has_an_example_of_each_verdict(profile: str, control: str, verdict: Verdict) -> None:
    found = [r for r in examples(profile).results if r.control == control and r.expected is verdict]
    assert found
    assert all(r.found is verdict for r in found)


def test_no_file_of_examples_stands_alone() -> None:
    names = {p.name.removesuffix(".examples.yaml") for p in (ROOT / "profiles").glob("*.examples.yaml")}
    assert names == set(shipped_profiles())


def test_the_examples_of_a_profile_and_of_what_it_extends_are_judged(tmp_path: Path) -> None:
    report = judged(tmp_path, EXAMPLES)
    assert report.files == ("mine.examples.yaml", "profiles/vendor-managed.examples.yaml")
    assert [r.control for r in report.results[:4]] == ["MY-01", "VM-01", "MY-01", "MY-01"]
    assert [r for r in report.results if not r.holds] == []
    assert [(c, v.value) for c, v in report.lacking] == [("MY-01", "unknown")]


def test_another_verdict_than_expected_is_told_with_its_place(tmp_path: Path) -> None:
    report = judged(tmp_path, EXAMPLES.replace("exists: yes", "exists: unknown"))
    (wrong,) = [r for r in report.results if not r.holds]
    assert (wrong.control, wrong.expected.value, wrong.found.value, wrong.title) == ("MY-01", "fail", "unknown", "Calls")
    assert (wrong.location.path, wrong.location.line) == ("mine.examples.yaml", 15)


@pytest.mark.parametrize(
    ("old", "new", "what", "line"),
    [
        ("MY-01: fail", "MY-02: fail", "no control MY-02", 17),
        ("MY-01: fail", "MY-01: maybe", "maybe", 17),
        ("place: far", "place: moon", "a place that is not there: moon", 13),
        ("to: vendor/api", "to: vendor/app", "not there: vendor/app", 13),
        ("from: c/workspace, ", "", "flow calls has no from:", 13),
        ("flows:\n    calls", "stores: {log: {data: [content.prompt]}}\n  flows:\n    calls", "store log", 14),
        ("[vendor/api, calls]", "[vendor/api]", "not there: vendor/api", 18),
        ("[vendor/api, calls]", "[vendor/app]", "nothing is called 'vendor/app'", 19),
        ("plane: execution", "plane: moon", "moon", 8),
        ("exists: no", "exist: no", "exist", 11),
        ("exists: no", "exists: no, sends: [content.poetry]", "content.poetry", 11),
        ('version: "1"', 'version: "2"', "2", 2),
    ],
)
def test_what_is_wrong_in_examples_is_refused_with_its_place(tmp_path: Path, old: str, new: str, what: str, line: int) -> None:
    assert old in EXAMPLES
    with pytest.raises(InvalidInputError) as caught:
        judged(tmp_path, EXAMPLES.replace(old, new, 1))
    first = caught.value.diagnostics()[0]
    assert what in f"{first.what} {first.why} {first.next_step}"
    assert (first.path, first.line) == ("mine.examples.yaml", line)


def test_examples_of_another_profile_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="yours"):
        judged(tmp_path, EXAMPLES.replace("examples: mine", "examples: yours"))


def test_a_profile_without_examples_is_told(tmp_path: Path) -> None:
    (tmp_path / "alone.yaml").write_text(PROFILE.replace("extends: vendor-managed\n", ""), encoding="utf-8")
    with pytest.raises(UsageError, match="no examples"):
        judge_examples("alone.yaml", build_graph, tmp_path)
