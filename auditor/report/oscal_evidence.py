"""What OSCAL results refer to: components as subjects, evidence as observations, findings as risks."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.facts.assessment import Assessment, EvidenceRecord, ExceptionRecord, FindingRecord
from auditor.report.escape import relative_reference
from auditor.report.names import Names
from auditor.report.oscal_text import Json, filled, identifier, markup, moment, plain, prop, token

_METHODS = {"frames": "TEST", "statement": "INTERVIEW"}
"""Captured traffic is a test, a statement an interview; files and catalog facts are examined (NIST SP 800-53A, methods)."""
_OUTSIDE = "no"


def components(assessment: Assessment) -> list[Json]:
    """Return every component; a service where somebody else runs it outside."""
    return [
        {
            "uuid": identifier(assessment.digest, "component", component.id),
            "type": "service" if component.place.inside == _OUTSIDE else "software",
            "title": markup(component.title or component.id),
            "description": markup(component.id),
            "props": [
                prop("inside-perimeter", component.place.inside),
                prop("operator", component.place.operator or "unknown"),
                *(prop("processing", country) for country in component.place.processing or ("unknown",)),
            ],
            "status": {"state": "operational"} if component.present == "yes" else {"state": "other"},
        }
        for component in assessment.components
    ]


def observations(assessment: Assessment, names: Names, otherwise: str) -> list[Json]:
    """Return the evidence of findings; ``otherwise`` is the time of what has none of its own."""
    about: dict[str, list[str]] = {}
    for finding in assessment.findings:
        for evidence in finding.evidence:
            about.setdefault(evidence, []).extend(_subjects(finding, names))
    return [_observation(assessment, e, about[e.id], otherwise) for e in assessment.evidence if e.id in about]


def risks(assessment: Assessment, names: Names) -> list[Json]:
    """Return every finding as a risk: open, or an approved deviation while its waiver is in force."""
    controls = {control.id: control for control in assessment.controls}
    waivers = {x.id: x for x in assessment.exceptions if x.kind == "waiver"}
    held = {record.id for record in assessment.evidence}
    found = []
    for finding in names.findings:
        waiver = waivers.get(finding.waived_by)
        control = controls.get(finding.control)
        risk = {
            "uuid": identifier(assessment.digest, "risk", finding.id),
            "title": markup(finding.title),
            "description": markup(finding.title),
            "statement": markup((control.rationale if control else "") or finding.title),
            "props": [
                prop("finding", finding.id),
                prop("severity", finding.severity),
                *(prop("data-class", data) for data in finding.data),
                *(prop("basis", basis) for basis in finding.bases),
                *([_waiver(finding.waived_by, waiver)] if finding.waived_by else []),
            ],
            "status": "deviation-approved" if finding.waived_by else "open",
            "deadline": moment(waiver.expires, "") or None if waiver else None,
            "remediations": [_response(assessment, finding, n) for n in range(len(finding.cures))],
            "related-observations": related(assessment, (e for e in finding.evidence if e in held)),
        }
        found.append(filled(risk))
    return found


def related(assessment: Assessment, evidence: Iterable[str]) -> list[Json]:
    """Return links to the observations of ``evidence``, each once."""
    return [{"observation-uuid": identifier(assessment.digest, "evidence", e)} for e in dict.fromkeys(evidence)]


def _waiver(identity: str, record: ExceptionRecord | None) -> Json:
    said = f"{record.reason} (approved by {record.by or 'nobody named'}, until {record.expires})" if record else ""
    return prop("waiver", identity, remarks=markup(said))


def _response(assessment: Assessment, finding: FindingRecord, number: int) -> Json:
    cure = finding.cures[number]
    return {
        "uuid": identifier(assessment.digest, "response", finding.id, str(number)),
        "lifecycle": "recommendation",
        "title": markup(cure.kind),
        "description": markup(cure.text),
    }


def _subjects(finding: FindingRecord, names: Names) -> list[str]:
    flows = [names.flows[row] for row in finding.rows if row in names.flows]
    ends = [finding.subject, *(end for flow in flows for end in (flow.source, flow.destination))]
    return [end for end in ends if end in names.components]


def _observation(assessment: Assessment, evidence: EvidenceRecord, subjects: list[str], otherwise: str) -> Json:
    where = {"href": relative_reference(evidence.path)} if evidence.path else {}
    place = [f"{label} {value}" for label, value in _place(evidence) if value]
    proof = {
        **where,
        "description": markup("; ".join([evidence.path or evidence.source, *place])),
        "props": [prop("sha256", evidence.sha256)] if evidence.sha256 else [],
    }
    return filled(
        {
            "uuid": identifier(assessment.digest, "evidence", evidence.id),
            "title": markup(evidence.id),
            "description": markup(evidence.text),
            "props": [prop("basis", evidence.basis), prop("evidence-kind", token(evidence.kind))],
            "methods": [_METHODS.get(evidence.kind, "EXAMINE")],
            "subjects": [
                {"subject-uuid": identifier(assessment.digest, "component", subject), "type": "component"}
                for subject in dict.fromkeys(subjects)
            ],
            "relevant-evidence": [filled(proof)],
            "collected": moment(evidence.last_time or evidence.collected or evidence.date, otherwise),
        }
    )


def _place(evidence: EvidenceRecord) -> tuple[tuple[str, str], ...]:
    return (
        ("line", str(evidence.line) if evidence.line else ""),
        ("frames", ", ".join(map(str, evidence.frames))),
        ("at", plain(evidence.place or evidence.fact) if evidence.place or evidence.fact else ""),
        ("by", evidence.issuer or evidence.publisher),
        ("says:", evidence.statement),
    )
