"""The verdicts as an in-toto statement over the digests of everything they stand on (in-toto attestation v1, test-result v0.1).

Subjects are the inputs and the assessment record itself; the configuration of the test is the tool with its catalog, and
each profile. A control that holds is a passed test and one that does not a failed test. An unknown is neither: the result
fails where it blocks its profile, and the explanation stands beside it (``docs/formats.md``, "in-toto").
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from auditor.facts.assessment import Assessment, ControlRecord, ProfileRecord
from auditor.report.assessment_json import dump_assessment
from auditor.report.envelope import SigningKey, sealed
from auditor.report.known import Known

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
RECORD = "assessment.json"
"""Name of the subject that is the whole record, as ``--output json:`` writes it."""
RECORD_TYPE = "application/vnd.auditor.assessment.v1+json"

Json = dict[str, Any]


def render_in_toto(assessment: Assessment, key: SigningKey | None = None) -> bytes:
    """Return the statement, or with a key the signed envelope (DSSE) that holds it."""
    statement = json.dumps(build_statement(assessment), ensure_ascii=True, allow_nan=False, indent=2).encode()
    return (sealed(statement, key) if key else statement) + b"\n"


def build_statement(assessment: Assessment) -> Json:
    """Return the statement as JSON types; every text is as it came and becomes ASCII when it is written."""
    record = hashlib.sha256(dump_assessment(assessment)).hexdigest()
    inputs = [_resource(i.path, i.sha256, {"kind": i.kind, "size": str(i.size)}) for i in assessment.inputs]
    by_verdict = _tests(assessment)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [*inputs, {**_resource(RECORD, record, {"kind": "assessment"}), "mediaType": RECORD_TYPE}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "result": result(assessment),
            "configuration": [_tool(assessment), *(_profile(profile) for profile in assessment.profiles)],
            "passedTests": by_verdict["passed"],
            "warnedTests": by_verdict["warned"],
            "failedTests": by_verdict["failed"],
        },
    }


def result(assessment: Assessment) -> str:
    """Return PASSED where every profile holds and all that was named was read, WARNED where points that block nothing stay open.

    Whoever accepts a warning must never accept an unknown that blocks, so that one is FAILED like a fail.
    """
    verdicts = {profile.verdict for profile in assessment.profiles}
    unread = any(n.named and not n.set_aside for n in assessment.not_examined)
    if verdicts != {"pass"} or unread:
        return "FAILED"
    return "WARNED" if any(control.effective == "unknown" for control in assessment.controls) else "PASSED"


def _tests(assessment: Assessment) -> dict[str, list[str]]:
    return {
        "passed": [c.id for c in assessment.controls if c.effective == "pass" and not waived_by(assessment, c)],
        "warned": [c.id for c in assessment.controls if c.effective == "unknown" and c.on_unknown == "warn"],
        "failed": [c.id for c in assessment.controls if c.effective == "fail"],
    }


def waived_by(assessment: Assessment, control: ControlRecord) -> tuple[str, ...]:
    """Return the waivers without which ``control`` would not hold."""
    if control.verdict != "fail" or control.effective == "fail":
        return ()
    findings = (f for f in assessment.findings if f.id in control.findings and f.waived_by)
    return tuple(dict.fromkeys(finding.waived_by for finding in findings))


def _tool(assessment: Assessment) -> Json:
    """Return the tool with its catalog, what was asked of it, and the explanation of whatever is no plain pass or fail."""
    claim = assessment.claim
    unproven = [c for c in assessment.controls if c.effective == "unknown"]
    waived = [(c, waived_by(assessment, c)) for c in assessment.controls]
    return {
        "name": assessment.tool,
        "digest": {"sha256": assessment.catalog_sha256},
        "annotations": {
            "deployment": assessment.deployment,
            "asOf": assessment.as_of,
            "stage": assessment.stage,
            "overallDigest": assessment.digest,
            "claim": {"label": claim.label, "profile": claim.profile, "verdict": claim.verdict, "sentence": claim.sentence}
            if claim
            else None,
            "unproven": [{"control": c.id, "blocks": c.on_unknown == "block", "reason": c.reason} for c in unproven],
            "waived": [{"control": c.id, "waivers": list(waivers)} for c, waivers in waived if waivers],
            "attested": [{"control": c.id, "attestations": list(c.attested_by)} for c in assessment.controls if c.attested_by],
            "notApplicable": [c.id for c in assessment.controls if c.effective == "not_applicable"],
            "known": _known(assessment),
            "notExamined": [n.path for n in assessment.not_examined if n.named and not n.set_aside],
        },
    }


def _known(assessment: Assessment) -> list[Json]:
    """Return what a baseline already knew: it changes no verdict, and so no list and no result."""
    known = Known(assessment)
    subjects = [*(f.id for f in assessment.findings), *(c.id for c in assessment.controls)]
    return [{"id": identity, "note": known.words(identity)} for identity in subjects if known.words(identity)]


def _profile(profile: ProfileRecord) -> Json:
    parameters = {name: value for name, value, _ in profile.parameters}
    notes = {"version": profile.version, "origin": profile.origin, "verdict": profile.verdict, "parameters": parameters}
    return _resource(f"profile {profile.id}", profile.sha256, {**notes, "controls": list(profile.controls)})


def _resource(name: str, sha256: str, annotations: Json) -> Json:
    return {"name": name, "digest": {"sha256": sha256}, "annotations": annotations}
