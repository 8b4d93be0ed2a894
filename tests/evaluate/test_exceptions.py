"""Waivers and attestations: exact, dated, never hiding the raw verdict, each with its fate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import assess, load_profile
from auditor.evaluate.exceptions import with_exceptions
from auditor.evaluate.finding_digest import FindingDigests
from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Outcome
from auditor.facts.assessment import Assessment
from auditor.facts.evidence import Evidence, FileLocation, StatementLocation
from auditor.facts.manifest import Attestation, Waiver
from auditor.facts.model import Model
from auditor.facts.profile import FlowSelector
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, Verdict
from tests.evaluate.builder import VENDOR, Mini, air_gapped, at, component, context, row, seen

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
    digest="0" * 64,
)
"""Its digest is filled in by ``granted``."""
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


def judged(built: Model, *waivers: Waiver, as_of: str = "2026-11-23T12:00:00Z") -> Assessment:
    return assess(built, [load_profile("air-gapped")], context(waivers=waivers, as_of=as_of))


def granted(waiver: Waiver = WAIVER, built: Model | None = None) -> Waiver:
    """Return the waiver as granted on what the report shows of its finding today."""
    shown = {f.id: f.digest for f in judged(built or leaking()).findings}
    return replace(waiver, digest=shown.get(waiver.target, waiver.digest))


def waived(waiver: Waiver = WAIVER, as_of: str = "2026-11-23T12:00:00Z") -> Assessment:
    return judged(leaking(), granted(waiver), as_of=as_of)


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
    assert fate(found) == ("in_force", "until 2026-11-23: expires soon, 0 days left after today")
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


@pytest.mark.parametrize("digest", ["", "0" * 63, "A" * 64, "*"])
def test_a_waiver_that_names_no_digest_is_refused(digest: str) -> None:
    found = judged(leaking(), replace(WAIVER, digest=digest))
    assert fate(found) == ("refused", "it does not name the digest of the finding that it was granted on")
    assert found.exit_code == 1


VENDOR_SINK = component("vendor/telemetry", Plane.SUPPORTING, Role.TELEMETRY_SINK, VENDOR)
LINK = row("coder/control-plane", "vendor/telemetry", "telemetry", sends=[DataClass.USAGE])


@pytest.mark.parametrize(
    "changed",
    [
        air_gapped().with_row(replace(LINK, sends_at_most=(DataClass.USAGE, DataClass.PROMPT))),
        air_gapped().with_row(replace(LINK, receives=(DataClass.SOFTWARE,))),
        air_gapped().with_row(replace(LINK, processing=("CN",))),
        air_gapped().with_row(LINK).with_row(replace(LINK, id=f"{LINK.id}2", sends_at_most=(DataClass.CREDENTIAL,))),
        air_gapped().with_row(LINK).with_component(replace(VENDOR_SINK, place=replace(VENDOR, operator="another"))),
        air_gapped().with_row(LINK).with_component(replace(VENDOR_SINK, place=replace(VENDOR, storage=("CN",)))),
        air_gapped().with_row(LINK).with_component(replace(VENDOR_SINK, role=Role.MODEL_SERVER)),
    ],
)
def test_a_waiver_is_void_when_what_it_was_granted_on_changes(changed: Mini) -> None:
    waiver = granted()
    found = judged(changed.model(), waiver)
    (now,) = {f.digest for f in found.findings if f.id == FINDING}
    assert now != waiver.digest
    assert fate(found) == ("void", f"what it was granted on has changed; the digest is now {now}")
    assert [f.waived_by for f in found.findings if f.id == FINDING] == [""]
    assert fate(judged(changed.model(), granted(built=changed.model())))[0] == "in_force"


@pytest.mark.parametrize(
    "unchanged",
    [
        replace(LINK, evidence=(at(99),)),
        replace(LINK, reason="another wording"),
        replace(seen(LINK), evidence=(at(7, "other.env"),)),
        replace(LINK, declared=Truth.YES, unknowns=()),
    ],
)
def test_a_waiver_outlives_moved_lines_and_new_captures(unchanged: FlowRow) -> None:
    assert fate(judged(air_gapped().with_row(unchanged).model(), granted()))[0] == "in_force"


def test_a_waiver_outlives_a_new_hop() -> None:
    finding = "FSH-04@coder/ai-gateway>llm/model-server#any"
    mini = air_gapped()
    for name in ("vendor/proxy", "vendor/second"):
        mini = mini.with_component(component(name, Plane.SUPPORTING, Role.PROXY, VENDOR))
    mini = mini.with_row(row("coder/ai-gateway", "vendor/proxy"))
    near = mini.with_row(row("vendor/proxy", "llm/model-server"))
    far = mini.with_row(row("vendor/proxy", "vendor/second")).with_row(row("vendor/second", "llm/model-server"))
    found = [{f.id: (f.digest, len(f.rows)) for f in judged(m.model()).findings}[finding] for m in (near, far)]
    assert found[0][0] == found[1][0]
    assert found[0][1] < found[1][1]


def test_what_a_control_asks_is_part_of_what_was_approved() -> None:
    own = load_profile("air-gapped")
    control = next(c for c in own.controls if c.id == "AG-01")
    narrower = replace(control.requirement, what=FlowSelector(destination=control.requirement.what.destination))  # type: ignore[union-attr, arg-type]
    profile = replace(own, controls=(replace(control, requirement=narrower),))
    (finding,) = assess(leaking(), [profile], context()).findings
    assert (finding.id, finding.digest == granted().digest) == (FINDING, False)


def test_a_waiver_of_a_finding_that_is_gone_is_unused() -> None:
    moved = air_gapped().with_component(component("vendor/other", Plane.SUPPORTING, Role.TELEMETRY_SINK, VENDOR))
    built = moved.with_row(row("coder/control-plane", "vendor/other", "telemetry")).model()
    found = assess(built, [load_profile("air-gapped")], context(waivers=(WAIVER,)))
    assert (found.exit_code, fate(found)[0]) == (1, "unused")


@pytest.mark.parametrize(
    ("expires", "note"),
    [("2026-12-23", "until 2026-12-23: expires soon, 30 days left after today"), ("2026-12-24", "until 2026-12-24")],
)
def test_an_exception_that_ends_soon_says_so(expires: str, note: str) -> None:
    assert fate(waived(replace(WAIVER, expires=expires))) == ("in_force", note)


def test_an_attestation_runs_at_most_a_year() -> None:
    found = attested(unproven(), replace(ATTESTATION, expires="2027-11-03"))
    assert fate(found) == ("refused", "it runs longer than 366 days")
    assert effective(found) == "unknown"
    assert fate(attested(unproven(), replace(ATTESTATION, expires="2027-11-02"))) == ("in_force", "until 2027-11-02")


def test_an_attestation_fills_one_unknown_of_one_control() -> None:
    found = attested(unproven(), ATTESTATION)
    assert [(c.id, c.verdict, c.effective, c.attested_by) for c in found.controls] == [
        ("VM-01", "pass", "pass", ()),
        ("SHE-01", "unknown", "pass", ("A-1",)),
        ("SHE-02", "unknown", "unknown", ()),
    ]
    assert fate(found) == ("in_force", "until 2026-12-01: expires soon, 8 days left after today")
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
        (replace(ATTESTATION, control="another-profile/SHE-01"), "2026-11-23", "unused"),
    ],
)
def test_an_attestation_that_does_not_hold_fills_nothing(changed: Attestation, as_of: str, status: str) -> None:
    found = attested(unproven(), changed, as_of=as_of)
    assert fate(found)[0] == status
    assert effective(found) == "unknown"


def test_a_waiver_of_another_control_lifts_nothing_here() -> None:
    """Two controls may find the same flow: each waiver is for one of them."""
    other = replace(granted(), control="INW-01", target=FINDING.replace("AG-01", "INW-01"))
    found = judged(leaking(), other)
    assert next(c.effective for c in found.controls if c.id == "AG-01") == "fail"


def test_an_attestation_of_a_breach_is_refused_wherever_the_breach_shows_its_subject() -> None:
    built = leaking()
    for subject in (FINDING, "vendor/telemetry", "coder/control-plane", "coder/control-plane>vendor/telemetry#telemetry"):
        stated = replace(ATTESTATION, control="AG-01", subject=subject)
        found = assess(built, [load_profile("air-gapped")], context(attestations=(stated,), as_of="2026-11-23T12:00:00Z"))
        assert fate(found)[0] == "refused"
    elsewhere = replace(ATTESTATION, control="AG-01", subject="nothing")
    found = assess(built, [load_profile("air-gapped")], context(attestations=(elsewhere,), as_of="2026-11-23T12:00:00Z"))
    assert fate(found) == ("unused", "it matches no open question of this control")


def test_an_exception_without_a_place_in_a_file_is_told_without_one() -> None:
    stated = StatementLocation("minutes.pdf", "2" * 64, "page 1", "board", "2026-11-01", "")
    found = attested(unproven(), replace(ATTESTATION, evidence=Evidence(Basis.DECLARED, stated, "")))
    assert (found.exceptions[0].path, found.exceptions[0].line) == ("", 0)


def test_an_attestation_needs_no_first_day_and_always_a_last_one() -> None:
    assert fate(attested(unproven(), replace(ATTESTATION, date="")))[0] == "in_force"
    with pytest.raises(InvalidInputError):
        attested(unproven(), replace(ATTESTATION, expires=""))


def test_an_attestation_that_fills_nothing_is_unused_although_another_fills_the_same_subject() -> None:
    found = attested(unproven(), ATTESTATION, replace(ATTESTATION, id="A-3", control="VM-01"))
    assert {r.id: r.status for r in found.exceptions} == {"A-1": "in_force", "A-3": "unused"}


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.NOT_APPLICABLE])
def test_what_holds_or_does_not_apply_stays_so(verdict: Verdict) -> None:
    control = load_profile("air-gapped").controls[0]
    digests = FindingDigests(Scene(leaking()))
    assert with_exceptions(control, Outcome(verdict, ""), digests, (), (), "2026-11-23").effective is verdict


def test_a_bad_date_outside_of_a_file_is_told_without_a_place() -> None:
    stated = StatementLocation("minutes.pdf", "2" * 64, "page 1", "board", "2026-11-01", "")
    with pytest.raises(InvalidInputError) as raised:
        attested(unproven(), replace(ATTESTATION, expires="soon", evidence=Evidence(Basis.DECLARED, stated, "")))
    told = raised.value.diagnostics()[0]
    assert (told.path, told.line, told.column) == ("", 0, 0)
