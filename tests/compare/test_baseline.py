"""A baseline lets through what it knew and nothing else; no verdict ever changes by it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from auditor.compare import with_baseline
from auditor.errors import UsageError
from auditor.evaluate import exit_code
from auditor.facts.assessment import Assessment, ExceptionRecord, KnownRecord, NotExaminedRecord
from auditor.facts.vocabulary import Severity
from tests.report import sample_coder, verdicts
from tests.report import samples as s

Change = Callable[[Assessment], Assessment]
THEN = "2026-10-01T08:00:00Z"


def _build() -> Assessment:
    """Return the sample of verdicts, everything in it read."""
    return dataclasses.replace(verdicts.build(), not_examined=())


def _then(side: Assessment, **changes: Any) -> Assessment:
    return dataclasses.replace(side, as_of=THEN, owner="Platform team", **changes)


def _against(now: Assessment, earlier: Assessment) -> Assessment:
    return with_baseline(now, earlier, "baseline.json", "0" * 64)


def _known(side: Assessment) -> dict[str, KnownRecord]:
    assert side.baseline is not None
    return {k.id: k for k in side.baseline.known}


def _control(side: Assessment, identity: str, **changes: Any) -> Assessment:
    assert any(c.id == identity for c in side.controls)
    controls = tuple(dataclasses.replace(c, **changes) if c.id == identity else c for c in side.controls)
    return dataclasses.replace(side, controls=controls)


def _finding(side: Assessment, identity: str, **changes: Any) -> Assessment:
    assert any(f.id == identity for f in side.findings)
    findings = tuple(dataclasses.replace(f, **changes) if f.id == identity else f for f in side.findings)
    return dataclasses.replace(side, findings=findings)


def test_what_stood_before_passes_and_no_verdict_changes() -> None:
    now = _build()
    gated = _against(now, _then(now))
    assert (exit_code(now), exit_code(gated)) == (1, 0)
    assert dataclasses.replace(gated, baseline=None) == now
    since = ("2026-10-01", "Platform team")
    assert {k: (v.since, v.owner) for k, v in _known(gated).items()} == dict.fromkeys(("F-1", "F-1@x>y#any", "U-1", "U-2"), since)


def test_date_and_owner_stay_along_a_chain_of_baselines() -> None:
    first = _then(_build())
    second = dataclasses.replace(_against(_build(), first), as_of="2026-11-01T08:00:00Z", owner="Someone else")
    third = _against(_build(), second)
    assert _known(third)["F-1@x>y#any"] == KnownRecord("F-1@x>y#any", "2026-10-01", "Platform team")
    assert _known(third)["U-1"] == KnownRecord("U-1", "2026-10-01", "Platform team")


@pytest.mark.parametrize(("days", "code"), [(366, 0), (54, 0), (53, 1), (1, 1)])
def test_what_is_known_for_too_long_counts_as_new_and_keeps_its_date(days: int, code: int) -> None:
    """From 2026-10-01 to 2026-11-24 it is 54 days; no finding, control or question is let through for longer."""
    now = dataclasses.replace(_build(), as_of="2026-11-24T00:00:00Z")
    gated = with_baseline(now, _then(now), "b", "0" * 64, days)
    assert gated.baseline is not None
    assert exit_code(gated) == code
    held, other = (gated.baseline.known, gated.baseline.lapsed) if not code else (gated.baseline.lapsed, gated.baseline.known)
    assert ({k.id: k.since for k in held}, other) == (dict.fromkeys(("F-1", "F-1@x>y#any", "U-1", "U-2"), "2026-10-01"), ())
    again = with_baseline(dataclasses.replace(now, as_of="2026-12-24T00:00:00Z"), gated, "b", "0" * 64, days)
    assert again.baseline is not None
    assert {k.since for k in (*again.baseline.known, *again.baseline.lapsed)} == {"2026-10-01"}, "saving it again renews nothing"
    assert exit_code(again) == (0 if days == 366 else 1)


def test_a_question_that_lapsed_blocks_again() -> None:
    now = dataclasses.replace(_build(), as_of="2026-11-24T00:00:00Z", findings=())
    now = _control(now, "F-1", verdict="pass", effective="pass", findings=())
    assert [exit_code(with_baseline(now, _then(now), "b", "", days)) for days in (54, 53)] == [0, 3]


def test_a_control_lapses_with_the_oldest_of_its_findings() -> None:
    """One finding from October, one from November: the control is known since November, and no longer once October's lapsed."""
    both = _build()
    second = dataclasses.replace(both.findings[0], id="F-1@x>z#any")
    both = _control(dataclasses.replace(both, findings=(*both.findings, second)), "F-1", findings=("F-1@x>y#any", "F-1@x>z#any"))
    november = dataclasses.replace(_against(both, _then(_build())), as_of="2026-11-01T08:00:00Z")
    now = dataclasses.replace(both, as_of="2026-11-24T00:00:00Z")
    young, old = (with_baseline(now, november, "b", "", days).baseline for days in (54, 53))
    assert young is not None
    assert old is not None
    assert {k.id: k.since for k in young.known if k.id.startswith("F-1")} == {
        "F-1": "2026-11-01",
        "F-1@x>y#any": "2026-10-01",
        "F-1@x>z#any": "2026-11-01",
    }
    assert {k.id: k.since for k in old.lapsed if k.id.startswith("F-1")} == {"F-1": "2026-10-01", "F-1@x>y#any": "2026-10-01"}
    assert [k.id for k in old.known if k.id.startswith("F-1")] == ["F-1@x>z#any"]


@pytest.mark.parametrize("since", ["", "soon", "2099-01-01", "20261001", "2026-13-40"])
def test_a_date_that_is_none_or_lies_ahead_lets_nothing_through(since: str) -> None:
    now = _build()
    earlier = _against(now, _then(now))
    assert earlier.baseline is not None
    forged = tuple(dataclasses.replace(k, since=since) for k in earlier.baseline.known)
    earlier = dataclasses.replace(earlier, as_of=THEN, baseline=dataclasses.replace(earlier.baseline, known=forged))
    gated = _against(now, earlier)
    assert gated.baseline is not None
    assert (exit_code(gated), gated.baseline.known) == (1, ())


@pytest.mark.parametrize(
    ("earlier", "code"),
    [
        (lambda a: dataclasses.replace(a, findings=a.findings[1:]), 1),
        (lambda a: _finding(a, "F-1@x>y#any", waived_by="waiver-9"), 1),
        (lambda a: _finding(a, "F-1@x>y#any", data=()), 1),
        (lambda a: _control(a, "U-1", unknowns=()), 3),
        (lambda a: _control(a, "U-1", verdict="pass", effective="pass"), 3),
        (lambda a: _control(a, "U-1", verdict="fail", effective="fail"), 0),
        (lambda a: dataclasses.replace(a, controls=tuple(c for c in a.controls if c.id != "U-1")), 3),
        (lambda a: _control(a, "U-2", unknowns=()), 0),
    ],
    ids=["no finding", "waived then", "less data", "other points", "passed then", "failed then", "no control", "only warns"],
)
def test_only_what_stood_in_the_baseline_is_known(earlier: Change, code: int) -> None:
    now = _build()
    assert exit_code(_against(now, earlier(_then(now)))) == code


def test_a_point_that_an_attestation_filled_then_is_new_when_it_lapsed() -> None:
    now = _build()
    subject = now.unknowns[0].subject
    stated = ExceptionRecord("att", "attestation", "p/U-1", subject, "", "", "", "", "", "in_force", "", "", 0)
    other = dataclasses.replace(stated, control="p/U-2")
    assert exit_code(_against(now, _then(now, exceptions=(stated,)))) == 3
    assert exit_code(_against(now, _then(now, exceptions=(other,)))) == 0


def test_a_known_finding_hides_no_new_question() -> None:
    """Without the finding the control would be unknown for a reason that nobody has seen before."""
    earlier = _build()
    now = _control(earlier, "F-1", unknowns=(earlier.unknowns[0].id,))
    gated = _against(now, _then(earlier))
    assert exit_code(gated) == 3
    assert "F-1@x>y#any" in _known(gated)
    assert "F-1" not in _known(gated)
    assert exit_code(_against(_control(now, "F-1", on_unknown="warn"), _then(earlier))) == 0


def test_a_failing_control_without_findings_is_known_only_if_it_failed_so_before() -> None:
    now = dataclasses.replace(_control(_build(), "F-1", findings=(), reason="too few"), findings=())
    assert exit_code(_against(now, _then(now))) == 0
    assert exit_code(_against(now, _then(_control(now, "F-1", verdict="unknown", effective="unknown")))) == 1
    assert exit_code(_against(now, _then(_control(now, "F-1", reason="none at all")))) == 1
    assert exit_code(_against(now, _then(_build()))) == 1


def test_an_unknown_without_points_is_known_by_its_reason() -> None:
    now = _control(_build(), "U-1", unknowns=(), reason="nothing to look at")
    assert exit_code(_against(now, _then(now))) == 0
    assert exit_code(_against(now, _then(_build()))) == 3


def test_a_profile_that_held_nothing_then_is_known_and_one_that_lost_its_last_pass_is_not() -> None:
    control = s.control("N-1", "low", "What does not apply.", "not_applicable")
    empty = dataclasses.replace(
        _build(),
        controls=(control,),
        findings=(),
        unknowns=(),
        profiles=(s.profile("p", "Profile", (control,), "unknown", "Nothing applies."),),
    )
    assert exit_code(empty) == 3
    assert exit_code(_against(empty, _then(empty))) == 0
    held = dataclasses.replace(empty, profiles=(dataclasses.replace(empty.profiles[0], verdict="pass"),))
    assert exit_code(_against(empty, _then(held))) == 3


def test_four_stays_four() -> None:
    now = dataclasses.replace(_build(), not_examined=(NotExaminedRecord("a.pcap", "cut off", True),))
    assert exit_code(_against(now, _then(now))) == 4


def test_fail_on_and_baseline_go_together() -> None:
    now = _build()
    gated = _against(now, _then(dataclasses.replace(now, findings=now.findings[1:])))
    assert exit_code(gated, Severity.CRITICAL) == 1
    mild = _control(gated, "F-1", severity="low")
    assert exit_code(mild, Severity.HIGH) == 0


def test_a_baseline_of_another_deployment_or_of_a_later_day_is_refused() -> None:
    now = sample_coder.build()
    with pytest.raises(UsageError, match="another deployment"):
        _against(now, _then(now, deployment="other"))
    with pytest.raises(UsageError, match="later"):
        _against(now, dataclasses.replace(now, as_of="2027-01-01T00:00:00Z"))
