"""A change as an assessment tells it: what it does first, and what it alters of its own judge as findings; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from auditor.compare.steps import steps
from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.assessment import Assessment, ControlRecord, EvidenceRecord, FindingRecord, ProfileRecord
from auditor.facts.gate import Alteration, AlterationRecord, BaseRecord
from auditor.facts.vocabulary import Basis, OnUnknown, Severity, Verdict

CONTROL = "CHANGE-01"
PROFILE = "change"
_TITLE = "A change alters nothing that it is judged by"
_SENTENCE = (
    "The statements of the manifest, the profiles, waivers, attestations, the catalog overlay and the baseline are those of the "
    "base revision."
)
_RATIONALE = "Whoever writes both a change and its judge judges himself."
_REMEDIATION = "Bring this alteration alone, and let whoever may change what judges approve it; then bring the rest."
_STAGES = "judged by the words of the base revision, never by its own"


def with_change(
    assessment: Assessment, base: Assessment | None, revision: tuple[str, str], alterations: Sequence[Alteration], approved: bool
) -> Assessment:
    """Return ``assessment`` of the change with what it does and a control over what it alters.

    Args:
        assessment: the change, judged by the words of its base (or, when ``approved``, by its own).
        base: the base; ``None`` where it holds no such deployment.
        revision: the base as the user named it, and its commit.
        alterations: of what judges.
        approved: whether they were approved; then they are told and fail nothing.

    Raises:
        InvalidInputError: a profile has a control of our control's id.
    """
    if any(c.id == CONTROL for c in assessment.controls):
        raise InvalidInputError(Diagnostic(f"a profile defines {CONTROL}, which is ours", next_step="give it another id"))
    evidence = tuple(_evidence(len(assessment.evidence) + n, a) for n, a in enumerate(alterations, 1))
    findings = () if approved else tuple(_finding(a, e.id) for a, e in zip(alterations, evidence, strict=True))
    control = _control(findings, len(alterations))
    told = tuple(AlterationRecord(a.subject, a.text, a.location.path, a.location.line) for a in alterations)
    return replace(
        assessment,
        base=BaseRecord(*revision, base.digest if base else "", approved, steps(base, assessment), told),
        evidence=(*assessment.evidence, *evidence),
        profiles=(*assessment.profiles, _profile(control, assessment.tool)),
        controls=(*assessment.controls, control),
        findings=(*findings, *assessment.findings),
    )


def _evidence(number: int, alteration: Alteration) -> EvidenceRecord:
    at = alteration.location
    return EvidenceRecord(
        id=f"E-{number}",
        kind="file",
        basis=Basis.DECLARED.value,
        text=f"{alteration.subject}: {alteration.text}",
        path=at.path,
        sha256=at.sha256,
        line=at.line,
        column=at.column,
        excerpt=at.excerpt,
    )


def _finding(alteration: Alteration, evidence: str) -> FindingRecord:
    return FindingRecord(
        id=f"{CONTROL}@{alteration.subject}",
        control=CONTROL,
        profiles=(PROFILE,),
        severity=Severity.CRITICAL.value,
        title=f"The change alters what it is judged by: {alteration.subject}: {alteration.text}",
        rows=(),
        subject="",
        data=(),
        bases=(Basis.DECLARED.value,),
        waived_by="",
        cures=(),
        evidence=(evidence,),
    )


def _control(findings: tuple[FindingRecord, ...], altered: int) -> ControlRecord:
    verdict = Verdict.FAIL.value if findings else Verdict.PASS.value
    reason = f"{altered} altered" if findings else f"{altered} altered, and approved" if altered else ""
    return ControlRecord(
        id=CONTROL,
        title=_TITLE,
        sentence=_SENTENCE,
        severity=Severity.CRITICAL.value,
        on_unknown=OnUnknown.BLOCK.value,
        verdict=verdict,
        effective=verdict,
        reason=reason,
        needed=(Basis.DECLARED.value,),
        findings=tuple(f.id for f in findings),
        unknowns=(),
        attested_by=(),
        maps=(),
        rationale=_RATIONALE,
        remediation=_REMEDIATION,
    )


def _profile(control: ControlRecord, tool: str) -> ProfileRecord:
    counts = tuple((v.value, int(v.value == control.effective)) for v in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS))
    holds = control.effective == Verdict.PASS.value
    return ProfileRecord(
        id=PROFILE,
        title="Change",
        version=tool.removeprefix("auditor "),
        sha256=hashlib.sha256(f"{control.id}\n{control.sentence}".encode()).hexdigest(),
        valid_until="",
        extends=(),
        parameters=(),
        controls=(control.id,),
        verdict=control.effective,
        sentence=f"{'Holds' if holds else 'Refuted'}: {_TITLE[0].lower()}{_TITLE[1:]}; it is {_STAGES}.",
        counts=(*counts, (Verdict.NOT_APPLICABLE.value, 0)),
        first_blocking="" if holds else control.id,
        origin="the gate",
    )
