"""OSCAL assessment results with the plan they follow (NIST OSCAL 1.1.3, JSON), for whoever collects results of many tools.

OSCAL knows ``satisfied`` and ``not-satisfied`` only. What is not proven is not satisfied, for the reason ``other``, and
says so; what is waived is not satisfied too, and its risk carries the approved deviation. What does not apply is not among
the reviewed controls.
"""

from __future__ import annotations

import base64
import json

from auditor.facts.assessment import Assessment, ControlRecord
from auditor.report.in_toto import waived_by
from auditor.report.known import Known
from auditor.report.names import Names
from auditor.report.oscal_evidence import components, observations, related, risks
from auditor.report.oscal_text import Json, filled, identifier, markup, moment, plain, prop, token
from auditor.report.statement import finding_sentences

VERSION = "1.1.3"
_FALLBACK = "1970-01-01T00:00:00Z"
"""Where an assessment has no time that can be read; never the clock."""


def render_oscal(assessment: Assessment) -> bytes:
    """Return the document: results, and the plan in its back matter."""
    results = {"assessment-results": _results(assessment)}
    return (json.dumps(results, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def build_plan(assessment: Assessment) -> Json:
    """Return the assessment plan: which controls were to be judged by what, and what each says.

    It is a stub: no system security plan was given, and nobody planned by hand.
    """
    reviewed = [c for c in assessment.controls if c.effective != "not_applicable"]
    objectives = [
        {
            "control-id": token(control.id),
            "description": markup(control.title),
            "parts": [{"id": _objective(control), "name": "assessment-objective", "prose": markup(control.sentence)}],
        }
        for control in reviewed
    ]
    plan = {
        "uuid": _uuid(assessment, "plan"),
        "metadata": _metadata(assessment, "Assessment plan"),
        "import-ssp": {"href": f"#{_uuid(assessment, 'ssp')}", "remarks": "No system security plan was given."},
        "local-definitions": filled({"objectives-and-methods": objectives}),
        "reviewed-controls": _reviewed(assessment),
        "assessment-assets": _assets(assessment),
        "back-matter": {
            "resources": [
                {
                    "uuid": _uuid(assessment, "ssp"),
                    "title": "System security plan",
                    "description": "None was given. The inputs in the results, each with its digest, describe the deployment.",
                }
            ]
        },
    }
    return {"assessment-plan": filled(plan)}


def _results(assessment: Assessment) -> Json:
    plan = _uuid(assessment, "plan-resource")
    encoded = base64.b64encode(json.dumps(build_plan(assessment), ensure_ascii=True).encode()).decode("ascii")
    inputs = [
        {
            "uuid": _uuid(assessment, "input", i.path, i.kind),
            "title": markup(i.path),
            "props": [prop("kind", i.kind), prop("size", str(i.size)), prop("sha256", i.sha256)],
        }
        for i in assessment.inputs
    ]
    stub = {
        "uuid": plan,
        "title": "Assessment plan",
        "base64": {"filename": "assessment-plan.json", "media-type": "application/oscal.ap+json", "value": encoded},
    }
    return {
        "uuid": _uuid(assessment, "results"),
        "metadata": _metadata(assessment, "Assessment results"),
        "import-ap": {"href": f"#{plan}"},
        "results": [_result(assessment)],
        "back-matter": {"resources": [stub, *inputs]},
    }


def _result(assessment: Assessment) -> Json:
    claim, names, end = assessment.claim, Names(assessment), moment(assessment.as_of, _FALLBACK)
    starts = [moment(c.first_time, end) for c in assessment.coverage if c.first_time]
    judged = [c for c in assessment.controls if c.effective != "not_applicable"]
    unread = [f"Not examined: {n.path}: {n.reason}" for n in assessment.not_examined if not n.set_aside]
    return filled(
        {
            "uuid": _uuid(assessment, "result"),
            "title": markup(f"{assessment.deployment}: where its data goes"),
            "description": markup(" ".join(finding_sentences(assessment))),
            "start": min([end, *starts]),
            "end": end,
            "props": [
                prop("stage", assessment.stage),
                prop("overall-digest", assessment.digest),
                prop("catalog-digest", assessment.catalog_sha256),
                prop("exit-code", str(assessment.exit_code)),
                *([prop("claim", claim.label, remarks=markup(claim.sentence))] if claim else []),
            ],
            "local-definitions": filled({"components": components(assessment), "assessment-assets": _assets(assessment)}),
            "reviewed-controls": _reviewed(assessment),
            "observations": observations(assessment, names, end),
            "risks": risks(assessment, names),
            "findings": [_finding(assessment, control, Known(assessment)) for control in judged],
            "remarks": " ".join(map(markup, unread)) or None,
        }
    )


def _finding(assessment: Assessment, control: ControlRecord, known: Known) -> Json:
    mine = [f for f in assessment.findings if f.control == control.id]
    evidence = (e for finding in mine for e in finding.evidence)
    held = {record.id for record in assessment.evidence}
    return filled(
        {
            "uuid": _uuid(assessment, "finding", control.id),
            "title": markup(f"{control.id} {control.title}"),
            "description": markup(control.sentence),
            "props": [
                prop("severity", control.severity),
                *(prop("framework-reference", reference, **{"class": token(strength)}) for reference, strength in control.maps),
            ],
            "target": {
                "type": "objective-id",
                "target-id": _objective(control),
                "status": _status(assessment, control),
            },
            "related-observations": related(assessment, (e for e in evidence if e in held)),
            "related-risks": [{"risk-uuid": _uuid(assessment, "risk", f.id)} for f in mine],
            "remarks": markup(f"A baseline knows it: {known.words(control.id)}") if known.words(control.id) else None,
        }
    )


def _objective(control: ControlRecord) -> str:
    return f"{token(control.id)}_objective"


def _status(assessment: Assessment, control: ControlRecord) -> Json:
    """Return the state of a control: satisfied only where it holds, or where a person vouches for what is open."""
    waivers = waived_by(assessment, control)
    if control.effective == "pass" and not waivers:
        vouched = f"Not shown by evidence; attested by {', '.join(control.attested_by)}." if control.attested_by else ""
        return filled({"state": "satisfied", "reason": "pass", "remarks": markup(vouched) if vouched else None})
    if control.effective == "fail":
        return {"state": "not-satisfied", "reason": "fail"}
    if waivers:
        return {"state": "not-satisfied", "reason": "fail", "remarks": markup(f"Waived by {', '.join(waivers)}.")}
    blocks = "It blocks its profile." if control.on_unknown == "block" else "It does not block its profile."
    points = {u.id: u for u in assessment.unknowns}
    steps = dict.fromkeys(step for u in control.unknowns if u in points for step in points[u].settled_by)
    told = [f"Not proven: {control.reason.rstrip('.') or 'nothing shows it either way'}.", blocks, *list(steps)[:3]]
    return {"state": "not-satisfied", "reason": "other", "remarks": markup(" ".join(told))}


def _reviewed(assessment: Assessment) -> Json:
    outcome = {control.id: control.effective for control in assessment.controls}
    selections = []
    for profile in assessment.profiles:
        reviewed = [c for c in profile.controls if outcome.get(c, "") not in ("", "not_applicable")]
        if reviewed:
            selections.append(
                {
                    "description": markup(f"{profile.title or profile.id} {profile.version}: {profile.sentence}"),
                    "props": [prop("profile", profile.id), prop("verdict", profile.verdict), prop("sha256", profile.sha256)],
                    "include-controls": [{"control-id": token(control)} for control in reviewed],
                }
            )
    nothing = {"description": "No control was judged.", "include-controls": [{"control-id": "none"}]}
    return {"control-selections": selections or [nothing]}


def _assets(assessment: Assessment) -> Json:
    tool = _uuid(assessment, "tool")
    component = {
        "uuid": tool,
        "type": "software",
        "title": markup(assessment.tool),
        "description": "Reads what is declared, configured, permitted and captured, and judges each data flow.",
        "props": [prop("catalog-sha256", assessment.catalog_sha256)],
        "status": {"state": "operational"},
    }
    platform = {"uuid": _uuid(assessment, "platform"), "uses-components": [{"component-uuid": tool}]}
    return {"components": [component], "assessment-platforms": [platform]}


def _metadata(assessment: Assessment, what: str) -> Json:
    return {
        "title": markup(f"{what} for {assessment.deployment}"),
        "last-modified": moment(assessment.as_of, _FALLBACK),
        "version": plain(assessment.digest),
        "oscal-version": VERSION,
    }


def _uuid(assessment: Assessment, *parts: str) -> str:
    return identifier(assessment.digest, *parts)
