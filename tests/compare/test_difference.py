"""What moved between two assessments, and that each cause is named where the records point at it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from auditor.compare import difference
from auditor.facts.assessment import Assessment, ExceptionRecord, InputRecord
from auditor.facts.difference import CauseKind, Certainty, Difference
from tests.report import sample_coder, samples

Change = Callable[[Assessment], Assessment]
_MENDED = "config/litellm.yaml"


@pytest.fixture(scope="module")
def old() -> Assessment:
    return samples.real_kinds(sample_coder.build())


def _digest(path: str, *more: str) -> Change:
    """Return a change that gives the inputs ``path`` and ``more`` another digest."""

    def change(side: Assessment) -> Assessment:
        inputs = tuple(dataclasses.replace(i, sha256="0" * 64) if i.path in (path, *more) else i for i in side.inputs)
        return dataclasses.replace(side, inputs=inputs)

    return change


def _passing(side: Assessment, control: str, **changes: Any) -> Assessment:
    """Return ``side`` with ``control`` passing and without its findings."""
    controls = tuple(
        dataclasses.replace(c, **{"verdict": "pass", "effective": "pass", "findings": (), "unknowns": (), **changes})
        if c.id == control
        else c
        for c in side.controls
    )
    findings = tuple(f for f in side.findings if f.control != control)
    return dataclasses.replace(side, controls=controls, findings=findings)


def _causes(found: Difference, identity: str) -> list[tuple[str, str, str]]:
    move = next(m for m in found.moves if m.id == identity)
    return [(c.kind.value, c.subject, c.certainty.value) for c in move.causes]


def test_nothing_moved_between_an_assessment_and_itself(old: Assessment) -> None:
    found = difference(old, old)
    assert (found.moves, found.recipients, found.findings, found.flows, found.changed) == ((), (), (), (), ())


def test_the_file_that_holds_the_evidence_is_the_cause(old: Assessment) -> None:
    new = _passing(_digest("config/coder.env", "traffic/egress.pcapng", "docs/architecture.pdf")(old), "IN-03")
    assert _causes(difference(old, new), "IN-03") == [
        ("configuration", "config/coder.env", "shown"),
        ("traffic", "traffic/egress.pcapng", "shown"),
    ]


def test_what_nothing_points_at_stays_possible(old: Assessment) -> None:
    new = _passing(_digest("docs/architecture.pdf")(dataclasses.replace(old, tool="auditor 0.2.0")), "IN-03")
    assert _causes(difference(old, new), "IN-03") == [("document", "docs/architecture.pdf", "possible"), ("tool", "", "possible")]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda a: dataclasses.replace(a, tool="auditor 0.2.0"), ("tool", "")),
        (lambda a: dataclasses.replace(a, catalog_sha256="0"), ("catalog", "")),
        (lambda a: dataclasses.replace(a, stage="change"), ("stage", "")),
        (lambda a: dataclasses.replace(a, as_of="2027-01-01T00:00:00Z"), ("date", "")),
        (lambda a: dataclasses.replace(a, inputs=(*a.inputs, InputRecord("x.yaml", "1", "manifest", 1))), ("manifest", "x.yaml")),
        (lambda a: dataclasses.replace(a, inputs=(*a.inputs, InputRecord("x", "1", "flow log", 1))), ("input", "x")),
        (
            lambda a: dataclasses.replace(a, profiles=(dataclasses.replace(a.profiles[0], version="2"), *a.profiles[1:])),
            ("profile", "self-hosted-execution"),
        ),
    ],
    ids=["tool", "catalog", "stage", "date", "manifest", "input", "profile"],
)
def test_the_only_thing_that_differs_is_the_cause(old: Assessment, change: Change, cause: tuple[str, str]) -> None:
    found = difference(old, _passing(change(old), "IN-03"))
    assert _causes(found, "IN-03") == [(*cause, "shown")]


def test_where_nothing_recorded_differs_that_is_said(old: Assessment) -> None:
    assert _causes(difference(old, _passing(old, "IN-03")), "IN-03") == [("not_recorded", "", "possible")]


def test_an_expired_waiver_is_the_cause_and_not_the_file_that_changed_beside_it(old: Assessment) -> None:
    waiver = ExceptionRecord(
        "W-1", "waiver", "AG-03", "AG-03@x", "r", "role", "", "2026-01-01", "2026-12-01", "in_force", "", "w.yaml", 1
    )
    control = next(c for c in old.controls if c.id == "AG-03")
    before = _passing(dataclasses.replace(old, exceptions=(waiver,)), "AG-03", verdict="fail")
    after = dataclasses.replace(
        _digest("config/coder.env")(before),
        controls=tuple(
            dataclasses.replace(control, verdict="fail", effective="fail") if c.id == "AG-03" else c for c in old.controls
        ),
        exceptions=(dataclasses.replace(waiver, status="expired", note="in force until 2026-12-01"),),
    )
    assert _causes(difference(before, after), "AG-03")[0] == ("expiry", "W-1", "shown")
    assert ("configuration", "config/coder.env", "shown") not in _causes(difference(before, after), "AG-03")


def test_questions_of_traffic_make_traffic_likely(old: Assessment) -> None:
    changed = _digest("config/coder.env", "traffic/egress.pcapng")(old)
    found = difference(old, _passing(changed, "IN-01"))
    assert _causes(found, "IN-01") == [("traffic", "traffic/egress.pcapng", "likely")]


def test_a_control_that_reads_otherwise_moved_by_its_profile(old: Assessment) -> None:
    profiles = tuple(dataclasses.replace(p, sha256="0") for p in old.profiles)
    new = _passing(_digest("config/coder.env")(dataclasses.replace(old, profiles=profiles)), "AG-02", severity="low")
    assert ("profile", "air-gapped", "shown") in _causes(difference(old, new), "AG-02")


def test_profile_and_claim_move_with_their_controls(old: Assessment) -> None:
    assert old.claim is not None
    new = _passing(_digest("config/coder.env", "docs/architecture.pdf")(old), "IN-03")
    profiles = tuple(dataclasses.replace(p, verdict="unknown") if p.id == "air-gapped" else p for p in new.profiles)
    new = dataclasses.replace(new, profiles=profiles, claim=dataclasses.replace(old.claim, verdict="unknown"))
    found = difference(old, new)
    assert [(m.kind, m.id, m.old, m.new) for m in found.moves] == [
        ("claim", "air-gapped", "fail", "unknown"),
        ("profile", "air-gapped", "fail", "unknown"),
        ("control", "IN-03", "fail", "pass"),
    ]
    assert {m.causes for m in found.moves} == {found.moves[2].causes}


def test_recipients_gain_and_lose_by_class_of_data(old: Assessment) -> None:
    flows = tuple(dataclasses.replace(f, exists="no") if f.purpose == "deployment telemetry" else f for f in old.flows)
    found = difference(old, dataclasses.replace(old, flows=flows))
    assert [(r.data, r.recipient, r.old, r.new) for r in found.recipients] == [
        ("metadata.usage", "Coder Technologies, Inc.", "receives", "none"),
        ("identity.organisation", "Coder Technologies, Inc.", "receives", "none"),
        ("telemetry.diagnostic", "Coder Technologies, Inc.", "receives", "none"),
    ]
    back = difference(dataclasses.replace(old, flows=flows), old)
    assert [(r.old, r.new) for r in back.recipients] == [("none", "receives")] * 3


def test_findings_and_flows_appear_vanish_and_change(old: Assessment) -> None:
    flows = (*old.flows[1:], dataclasses.replace(old.flows[0], id="new"))
    flows = tuple(dataclasses.replace(f, permitted="no") if f.purpose == "update check" else f for f in flows)
    findings = (dataclasses.replace(old.findings[0], waived_by="W-9"), *old.findings[1:])
    found = difference(old, dataclasses.replace(old, flows=flows, findings=findings))
    assert [(c.change, c.id.rpartition("#")[2], c.fields) for c in found.flows] == [
        ("changed", "update check", (("permitted", "unknown", "no"),)),
        ("appeared", "new", ()),
        ("vanished", "state of chats and workspaces", ()),
    ]
    assert [(c.change, c.fields) for c in found.findings] == [("changed", (("waived_by", "", "W-9"),))]


def test_causes_are_never_empty_and_ordered_by_certainty(old: Assessment) -> None:
    for control in (c for c in old.controls if c.effective != "not_applicable"):
        found = difference(old, _passing(_digest("config/coder.env", _MENDED)(old), control.id, effective="not_applicable"))
        order = [list(Certainty).index(c.certainty) for c in found.moves[-1].causes]
        assert order
        assert order == sorted(order)


def test_every_kind_of_input_has_its_kind_of_cause(old: Assessment) -> None:
    kinds = ("configuration", "export", "capture", "document", "manifest", "waivers", "attestations")
    new = dataclasses.replace(old, inputs=tuple(InputRecord(k, samples.digest(k), k, 1) for k in kinds))
    found = {c.subject: c.kind for c in difference(dataclasses.replace(old, inputs=()), new).changed}
    assert found == {
        "configuration": CauseKind.CONFIGURATION,
        "export": CauseKind.CONFIGURATION,
        "capture": CauseKind.TRAFFIC,
        "document": CauseKind.DOCUMENT,
        "manifest": CauseKind.MANIFEST,
        "waivers": CauseKind.EXCEPTION,
        "attestations": CauseKind.EXCEPTION,
    }


def test_a_file_that_only_says_what_the_network_permits_is_a_policy(old: Assessment) -> None:
    rule = dataclasses.replace(old.evidence[0], id="E-90", basis="permitted", path="network/egress.yaml")
    policy = InputRecord("network/egress.yaml", samples.digest("a"), "configuration", 1)
    before = dataclasses.replace(old, evidence=(*old.evidence, rule), inputs=(*old.inputs, policy))
    after = dataclasses.replace(before, inputs=(*old.inputs, dataclasses.replace(policy, sha256=samples.digest("b"))))
    assert [(c.kind, c.text) for c in difference(before, after).changed] == [(CauseKind.POLICY, "network/egress.yaml changed")]


def test_a_file_that_says_both_stays_configuration(old: Assessment) -> None:
    rule = dataclasses.replace(old.evidence[0], id="E-90", basis="permitted")
    before = dataclasses.replace(old, evidence=(*old.evidence, rule))
    after = dataclasses.replace(
        before,
        inputs=tuple(dataclasses.replace(i, sha256=samples.digest(i.path + "!")) for i in old.inputs if i.path == rule.path),
    )
    assert CauseKind.CONFIGURATION in {c.kind for c in difference(before, after).changed}
    assert CauseKind.POLICY not in {c.kind for c in difference(before, after).changed}
