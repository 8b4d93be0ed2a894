"""From controls to the verdict of a profile: what stops it first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate.exceptions import Judged
from auditor.evaluate.outcome import Outcome, Violation, merged, strongest_first
from auditor.evaluate.verdicts import first_blocking, profile_verdict, tally
from auditor.facts.evidence import CatalogLocation, Evidence, FileLocation, FrameLocation, LineLocation, StatementLocation
from auditor.facts.vocabulary import Basis, DataClass, Grade, NameRung, OnUnknown, Relation, Severity, Verdict
from tests.evaluate.builder import at
from tests.evaluate.test_sufficiency import control

PASS, FAIL, UNKNOWN, NOT_APPLICABLE = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE
BLOCK, WARN = OnUnknown.BLOCK, OnUnknown.WARN


def violation(source: str) -> Violation:
    title = f"From {source} to b: prompts (configured)."
    return Violation(source, "b", title, (f"{source}>b",), "", (), (), (), (at(1),))


def judged(name: str, verdict: Verdict, on_unknown: OnUnknown = BLOCK, severity: Severity = Severity.LOW) -> Judged:
    asked = replace(control(), id=name, on_unknown=on_unknown, severity=severity)
    return Judged(asked, Outcome(verdict, ""), verdict)


@pytest.mark.parametrize(
    ("found", "verdict", "first"),
    [
        ([judged("p", PASS)], PASS, ""),
        ([judged("p", PASS), judged("n", NOT_APPLICABLE)], PASS, ""),
        ([judged("n", NOT_APPLICABLE)], UNKNOWN, "n"),
        ([judged("p", PASS), judged("u", UNKNOWN, WARN)], PASS, ""),
        ([judged("u", UNKNOWN, WARN)], UNKNOWN, "u"),
        ([judged("w", UNKNOWN, WARN, Severity.CRITICAL), judged("b", UNKNOWN)], UNKNOWN, "b"),
        ([judged("b", UNKNOWN, BLOCK, Severity.CRITICAL), judged("f", FAIL)], FAIL, "f"),
        ([judged("p", PASS), judged("f", FAIL), judged("g", FAIL, BLOCK, Severity.HIGH)], FAIL, "g"),
        ([judged("w", UNKNOWN, WARN, Severity.CRITICAL), judged("f", FAIL)], FAIL, "f"),
    ],
)
def test_what_decides_a_profile_and_what_stops_it_first(found: list[Judged], verdict: Verdict, first: str) -> None:
    assert profile_verdict(found) is verdict
    assert first_blocking(found) == first


def test_controls_are_counted_by_verdict_in_a_fixed_order() -> None:
    found = [judged("a", PASS), judged("b", PASS), judged("c", FAIL), judged("d", NOT_APPLICABLE)]
    assert tally(found) == (("fail", 1), ("unknown", 0), ("pass", 2), ("not_applicable", 1))


def test_violations_of_one_key_become_one_with_all_bases() -> None:
    one = replace(violation("a"), bases=(Basis.CONFIGURED,), data=(DataClass.PROMPT,), evidence=(at(1),))
    other = replace(one, bases=(Basis.DECLARED,), evidence=(at(2),))
    (joined,) = merged([one, other])
    assert (joined.bases, joined.evidence) == ((Basis.DECLARED, Basis.CONFIGURED), (at(1), at(2)))


def test_what_several_violations_say_is_said_once() -> None:
    one = violation("a")
    other = replace(one, title="From a to b: answers (configured).", evidence=(at(1), at(2)))
    (joined,) = merged([one, other, replace(other, evidence=(at(2),)), one])
    assert joined.title == "From a to b: prompts (configured); and answers (configured)."
    assert joined.evidence == (at(1), at(2))


def test_what_was_seen_stands_before_what_was_read_said_and_known() -> None:
    frames = FrameLocation("a.pcap", "1" * 64, (4,), "", "", 1, 1, "", NameRung.NONE)
    lines = LineLocation("a", "a.log", "3" * 64, (3,), "aws-vpc", "", "", None, None, 1, 1)
    file, said = FileLocation("a.env", "a" * 64, 1, 1), StatementLocation("dpa.pdf", "2" * 64, "", "", "", "")
    known = CatalogLocation("aws.yaml", "host", "", "", Relation.VENDOR, "", Grade.VENDOR)
    given = [Evidence(Basis.DECLARED, location, "") for location in (known, said, file, lines, frames)]
    assert [e.location for e in strongest_first(given)] == [lines, frames, file, said, known]
