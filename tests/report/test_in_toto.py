"""The statement: what each verdict becomes, what it stands on, and that its consumers read it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2

from auditor.facts.assessment import Assessment, NotExaminedRecord
from auditor.report.assessment_json import dump_assessment
from auditor.report.in_toto import PREDICATE_TYPE, build_statement, render_in_toto, result
from tests.report import samples, verdicts


def _predicate(assessment: Assessment) -> dict[str, Any]:
    predicate: dict[str, Any] = build_statement(assessment)["predicate"]
    return predicate


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.in-toto.json", render_in_toto(coder).decode())
    golden("cursor.in-toto.json", render_in_toto(cursor).decode())


def test_each_verdict_has_its_place() -> None:
    predicate = _predicate(verdicts.build())
    notes = predicate["configuration"][0]["annotations"]
    assert predicate["passedTests"] == ["P-1", "A-1"]
    assert predicate["failedTests"] == ["F-1"]
    assert predicate["warnedTests"] == ["U-2"]
    assert [(point["control"], point["blocks"]) for point in notes["unproven"]] == [("U-1", True), ("U-2", False)]
    assert notes["waived"] == [{"control": "W-1", "waivers": ["waiver-7"]}]
    assert notes["attested"] == [{"control": "A-1", "attestations": ["attest-1"]}]
    assert notes["notApplicable"] == ["N-1"]


def _judged(verdict: str, effective: tuple[str, ...]) -> Assessment:
    whole = verdicts.build()
    controls = tuple(c for c in whole.controls if c.effective in effective)
    profile = dataclasses.replace(whole.profiles[0], verdict=verdict)
    return dataclasses.replace(whole, profiles=(profile,), controls=controls, not_examined=())


@pytest.mark.parametrize(
    ("verdict", "effective", "said"),
    [
        ("pass", ("pass", "not_applicable"), "PASSED"),
        ("pass", ("pass", "unknown"), "WARNED"),
        ("unknown", ("pass", "unknown"), "FAILED"),
        ("fail", ("pass", "fail"), "FAILED"),
    ],
)
def test_the_result_is_that_of_the_profiles(verdict: str, effective: tuple[str, ...], said: str) -> None:
    assert result(_judged(verdict, effective)) == said


def test_nothing_judged_and_named_evidence_unread_are_no_pass() -> None:
    held = _judged("pass", ("pass",))
    assert result(dataclasses.replace(held, profiles=())) == "FAILED"
    unread = NotExaminedRecord("traffic/egress.pcapng", "cut off", named=True)
    assert result(dataclasses.replace(held, not_examined=(unread,))) == "FAILED"
    assert result(dataclasses.replace(held, not_examined=(dataclasses.replace(unread, set_aside=True),))) == "PASSED"


def test_subjects_are_the_inputs_and_the_record(coder: Assessment) -> None:
    subjects = {s["name"]: s["digest"]["sha256"] for s in build_statement(coder)["subject"]}
    record = subjects.pop("assessment.json")
    assert subjects == {i.path: i.sha256 for i in coder.inputs}
    assert record == hashlib.sha256(dump_assessment(coder)).hexdigest()


@pytest.mark.parametrize("hostile", [False, True])
def test_the_consumers_of_the_standard_read_it(coder: Assessment, hostile: bool) -> None:
    """Their own generated classes take every field; a lone surrogate is no text to them, so it is left out here."""
    text = samples.HOSTILE.replace("\ud800", "")
    data = render_in_toto(samples.hostile(coder, text) if hostile else coder)
    statement = json_format.Parse(data.decode(), statement_pb2.Statement())
    predicate = json_format.ParseDict(json_format.MessageToDict(statement.predicate), test_result_pb2.TestResult())
    assert statement.predicate_type == PREDICATE_TYPE
    # Their parser also takes names that the standard does not know; what they write again has the standard's alone.
    assert json_format.MessageToDict(statement) == json.loads(data)
    assert len(statement.subject) == len(coder.inputs) + 1
    assert predicate.result == "FAILED"
    assert json.loads(data)["predicate"]["failedTests"] == list(predicate.failed_tests)


def test_a_signed_statement_holds_the_same_bytes(coder: Assessment) -> None:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey

    from auditor.report.envelope import SigningKey

    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    data = render_in_toto(coder, SigningKey(private, "ab" * 32))
    envelope = Envelope.from_dict(json.loads(data))
    assert envelope.payload + b"\n" == render_in_toto(coder)
    key = SSlibKey("ab" * 32, "ed25519", "ed25519", {"public": private.public_key().public_bytes_raw().hex()})
    assert set(envelope.verify([key], 1)) == {"ab" * 32}
