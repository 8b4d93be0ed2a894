"""Waivers and attestations: exact, dated, never hiding the raw verdict, each with its fate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import assess, load_profile
from auditor.facts.assessment import Assessment
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import Attestation, Waiver
from auditor.facts.model import Model
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role
from tests.evaluate.builder import VENDOR, air_gapped, component, context, row

PLACE = Evidence(Basis.DECLARED, FileLocation("waivers.yaml", "f" * 64, 7, 3), "")
FINDING = "AG-01@coder/control-plane>vendor/telemetry#any"
WAIVER = Waiver(
    id="W-1",
    control="AG-01",
    target=FINDING,
    reason="contract signed",
    approver="security-lead@corp.example",
    ticket="SEC-1",
    created="2026-11-01",
    expires="2026-11-23",
    evidence=PLACE,
)
ATTESTATION = Attestation(
    id="A-1",
    control="SHE-01",
    subject="vendor/vm",
    statement="The vendor's machines are off by contract.",
    by="platform-lead@corp.example",
    date="2026-11-01",
    expires="2026-12-01",
    evidence=PLACE,
)


def leaking() -> Model:
    return air_gapped().with_row(row("coder/control-plane", "vendor/telemetry", "telemetry", sends=[DataClass.USAGE])).model()


def unproven(present: Truth = Truth.UNKNOWN) -> Model:
    vm = replace(component("vendor/vm", Plane.EXECUTION, Role.WORKSPACE, VENDOR, present), system="vendor")
    return air_gapped().with_component(vm).model()


def waived(waiver: Waiver = WAIVER, as_of: str = "2026-11-23T12:00:00Z") -> Assessment:
    return assess(leaking(), [load_profile("air-gapped")], context(waivers=(waiver,), as_of=as_of))


def attested(built: Model, *attestations: Attestation, as_of: str = "2026-11-23T12:00:00Z") -> Assessment:
    return assess(built, [load_profile("self-hosted-execution")], context(attestations=attestations, as_of=as_of))


def fate(found: Assessment) -> tuple[str, str]:
    (record,) = found.exceptions
    return record.status, record.note


def test_a_waiver_in_force_lifts_the_effective_verdict_and_leaves_the_raw_one() -> None:
    """It expires today: it holds to the end of the day."""
    found = waived()
    control = next(c for c in found.controls if c.id == "AG-01")
    assert (control.verdict, control.effective) == ("fail", "pass")
    assert [(f.id, f.waived_by) for f in found.findings] == [(FINDING, "W-1")]
    assert fate(found) == ("in_force", "until 2026-11-23")
    assert found.exit_code == 0
    assert found.profiles[0].sentence.endswith("(1 finding waived).")
    assert (found.exceptions[0].path, found.exceptions[0].line) == ("waivers.yaml", 7)


@pytest.mark.parametrize(
    ("changed", "as_of", "status", "note"),
    [
        (WAIVER, "2026-11-24", "expired", "in force until 2026-11-23"),
        (WAIVER, "2026-10-31", "unused", "in force from 2026-11-01"),
        (replace(WAIVER, target=f"{FINDING}x"), "2026-11-23", "unused", "it matches no finding"),
        (replace(WAIVER, control="XX-99", target="XX-99@a>b#any"), "2026-11-23", "orphaned", "no control is named XX-99"),
        (
            replace(WAIVER, target="AG-01@*"),
            "2026-11-23",
            "refused",
            "a waiver names one finding exactly: no wildcard, no empty target",
        ),
        (replace(WAIVER, target=""), "2026-11-23", "refused", "a waiver names one finding exactly: no wildcard, no empty target"),
        (replace(WAIVER, control="AG-02"), "2026-11-23", "refused", "its target is no finding of AG-02"),
        (replace(WAIVER, created=""), "2026-11-23", "refused", "it does not say when it was granted"),
        (replace(WAIVER, expires="2026-10-01"), "2026-11-23", "refused", "it expires before it was granted"),
        (replace(WAIVER, expires="2028-11-23"), "2026-11-23", "refused", "it runs longer than 366 days"),
    ],
)
def test_a_waiver_that_does_not_hold_lifts_nothing(changed: Waiver, as_of: str, status: str, note: str) -> None:
    found = waived(changed, as_of)
    assert fate(found) == (status, note)
    assert [f.waived_by for f in found.findings] == [""]
    assert found.exit_code == 1


def test_a_waiver_without_expiry_is_an_error_at_its_line() -> None:
    with pytest.raises(InvalidInputError) as caught:
        waived(replace(WAIVER, expires=""))
    assert caught.value.diagnostics()[0].where() == "waivers.yaml:7:3"


def test_a_waiver_is_void_when_the_flow_changes() -> None:
    moved = air_gapped().with_component(component("vendor/other", Plane.SUPPORTING, Role.TELEMETRY_SINK, VENDOR))
    built = moved.with_row(row("coder/control-plane", "vendor/other", "telemetry")).model()
    found = assess(built, [load_profile("air-gapped")], context(waivers=(WAIVER,)))
    assert (found.exit_code, fate(found)[0]) == (1, "unused")


def test_an_attestation_fills_one_unknown_of_one_control() -> None:
    found = attested(unproven(), ATTESTATION)
    assert [(c.id, c.verdict, c.effective, c.attested_by) for c in found.controls] == [
        ("VM-01", "pass", "pass", ()),
        ("SHE-01", "unknown", "pass", ("A-1",)),
        ("SHE-02", "unknown", "unknown", ()),
    ]
    assert fate(found) == ("in_force", "until 2026-12-01")
    both = attested(unproven(), ATTESTATION, replace(ATTESTATION, id="A-2", control="self-hosted-execution/SHE-02"))
    assert (both.exit_code, both.profiles[0].verdict) == (0, "pass")
    assert both.profiles[0].sentence.endswith("(2 questions answered by attestation).")
    assert [u.blocking for u in both.unknowns] == [False]


def effective(found: Assessment) -> str:
    return next(c.effective for c in found.controls if c.id == "SHE-01")


def test_an_attestation_never_lifts_a_fail() -> None:
    found = attested(unproven(Truth.YES), ATTESTATION)
    assert effective(found) == "fail"
    assert fate(found) == ("refused", "the evidence shows a breach, and an attestation never lifts one")


@pytest.mark.parametrize(
    ("changed", "as_of", "status"),
    [
        (ATTESTATION, "2026-12-02", "expired"),
        (ATTESTATION, "2026-10-01", "unused"),
        (replace(ATTESTATION, subject="vendor"), "2026-11-23", "unused"),
        (replace(ATTESTATION, control="XX-01"), "2026-11-23", "orphaned"),
    ],
)
def test_an_attestation_that_does_not_hold_fills_nothing(changed: Attestation, as_of: str, status: str) -> None:
    found = attested(unproven(), changed, as_of=as_of)
    assert fate(found)[0] == status
    assert effective(found) == "unknown"
