"""A change told as steps between two assessments, and what it alters of its judge as a control of its own."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from auditor.compare import with_change
from auditor.compare.steps import steps
from auditor.errors import InvalidInputError
from auditor.evaluate import exit_code
from auditor.facts.assessment import Assessment, FlowRecord
from auditor.facts.evidence import FileLocation
from auditor.facts.gate import Alteration
from auditor.facts.vocabulary import Severity
from tests.report import sample_coder, verdicts
from tests.report import samples as s

ALTERATION = Alteration("zones/corp", "adds hosts *.example", FileLocation("auditor.yaml", "0" * 64, 12, 3, "hosts: [x]"))
REVISION = ("main", "1" * 40)


def _flow(side: Assessment, identity: str, **changes: Any) -> Assessment:
    assert any(f.id == identity for f in side.flows)
    return dataclasses.replace(
        side, flows=tuple(dataclasses.replace(f, **changes) if f.id == identity else f for f in side.flows)
    )


@pytest.fixture(scope="module")
def leaving() -> FlowRecord:
    """A flow of the sample that surely leaves and that a line of a file makes."""
    sample = sample_coder.build()
    files = {e.id for e in sample.evidence if e.kind == "file"}
    return next(f for f in sample.flows if f.crosses_perimeter == "yes" and f.exists == "yes" and files & set(f.evidence))


def test_without_a_difference_there_is_no_step() -> None:
    sample = sample_coder.build()
    assert steps(sample, sample) == ()


def test_a_flow_that_comes_is_added_with_its_line_and_one_that_goes_is_removed(leaving: FlowRecord) -> None:
    sample = sample_coder.build()
    without = dataclasses.replace(sample, flows=tuple(f for f in sample.flows if f.id != leaving.id))
    (added,), (removed,) = steps(without, sample), steps(sample, without)
    assert (added.kind, removed.kind, added.certain) == ("adds", "removes", True)
    assert dataclasses.replace(added, kind="removes") == removed
    assert added.path
    assert added.line
    assert added.sends_at_least == leaving.sends_at_least


def test_switched_on_is_added_and_switched_off_is_removed(leaving: FlowRecord) -> None:
    sample = sample_coder.build()
    off, perhaps = (_flow(sample, leaving.id, exists=word) for word in ("no", "unknown"))
    assert [(t.kind, t.certain) for t in steps(off, sample)] == [("adds", True)]
    assert [(t.kind, t.certain) for t in steps(perhaps, sample)] == [("adds", True)]
    assert [(t.kind, t.certain) for t in steps(off, perhaps)] == [("adds", False)]
    assert [(t.kind, t.certain) for t in steps(sample, perhaps)] == [("changes", False)]
    assert [(t.kind, t.certain) for t in steps(sample, off)] == [("removes", True)]


def test_what_stays_inside_is_no_step(leaving: FlowRecord) -> None:
    sample = sample_coder.build()
    inside = _flow(sample, leaving.id, crosses_perimeter="no")
    assert [t.kind for t in steps(inside, sample)] == ["adds"]
    assert steps(inside, _flow(inside, leaving.id, sends_at_most=("content.voice",))) == ()


def test_more_data_is_a_change_and_tells_only_what_is_new(leaving: FlowRecord) -> None:
    sample = sample_coder.build()
    more = _flow(sample, leaving.id, sends_at_most=(*leaving.sends_at_most, "content.voice"))
    (step,) = steps(sample, more)
    assert (step.kind, step.sends_at_least, step.sends_at_most) == ("changes", (), ("content.voice",))
    (less,) = steps(more, sample)
    assert (less.kind, less.sends_at_least) == ("changes", leaving.sends_at_least)


def test_a_new_deployment_adds_everything() -> None:
    sample = sample_coder.build()
    assert {t.kind for t in steps(None, sample)} == {"adds"}


def test_purposes_of_one_line_between_the_same_ends_are_one_step(leaving: FlowRecord) -> None:
    sample = sample_coder.build()
    twin = dataclasses.replace(leaving, id=leaving.id + "2", sends_at_least=("content.voice",), sends_at_most=("content.voice",))
    twice = dataclasses.replace(sample, flows=(*sample.flows, twin))
    without = dataclasses.replace(sample, flows=tuple(f for f in sample.flows if f.id != leaving.id))
    (step,) = steps(without, twice)
    assert step.sends_at_least == (*leaving.sends_at_least, "content.voice")


def test_an_alteration_is_a_critical_finding_with_its_line() -> None:
    base = dataclasses.replace(verdicts.build(), not_examined=(), controls=(), profiles=(), findings=(), unknowns=())
    changed = with_change(base, base, REVISION, [ALTERATION], approved=False)
    (finding,) = changed.findings
    assert (finding.id, finding.severity) == ("CHANGE-01@zones/corp", "critical")
    evidence = {e.id: e for e in changed.evidence}[finding.evidence[0]]
    assert (evidence.path, evidence.line, evidence.excerpt) == ("auditor.yaml", 12, "hosts: [x]")
    assert len({e.id for e in changed.evidence}) == len(changed.evidence)
    assert exit_code(changed, Severity.CRITICAL) == 1
    assert changed.base is not None
    assert [(a.subject, a.line) for a in changed.base.alterations] == [("zones/corp", 12)]


def test_an_approved_alteration_is_told_and_fails_nothing() -> None:
    base = dataclasses.replace(verdicts.build(), not_examined=(), controls=(), profiles=(), findings=(), unknowns=())
    changed = with_change(base, None, REVISION, [ALTERATION], approved=True)
    assert (changed.findings, exit_code(changed)) == ((), 0)
    assert changed.controls[-1].reason == "1 altered, and approved"
    assert changed.base is not None
    assert (changed.base.digest, len(changed.base.alterations)) == ("", 1)


def test_a_profile_with_our_control_is_refused() -> None:
    side = dataclasses.replace(verdicts.build(), controls=(s.control("CHANGE-01", "low", "Mine.", "pass"),))
    with pytest.raises(InvalidInputError, match="CHANGE-01"):
        with_change(side, side, REVISION, [], approved=False)
