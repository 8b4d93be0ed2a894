"""Several assessments of one deployment become a history: what each step moved; pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from auditor.compare.difference import difference
from auditor.errors import Diagnostic, UsageError
from auditor.facts.assessment import Assessment
from auditor.facts.history import SCHEMA, History, PointRecord, SpanRecord

_FEWEST = 2


def history(assessments: Sequence[Assessment]) -> History:
    """Return the history of ``assessments``, which are brought into the order of their dates.

    Raises:
        UsageError: fewer than two, or of several deployments.
    """
    names = sorted({a.deployment for a in assessments})
    if len(assessments) < _FEWEST:
        raise UsageError(
            Diagnostic("one assessment has no history", "", "name two or more: auditor history march.json april.json")
        )
    if len(names) > 1:
        raise UsageError(
            Diagnostic(
                what="these are assessments of several deployments",
                why=", ".join(names),
                next_step="put deployments side by side with auditor compare",
            )
        )
    ordered = sorted(assessments, key=lambda a: (a.as_of, a.digest))
    return History(
        schema=SCHEMA,
        deployment=names[0],
        points=tuple(_point(assessment) for assessment in ordered),
        spans=_spans(ordered),
        steps=tuple(difference(old, new) for old, new in pairwise(ordered)),
    )


def _point(side: Assessment) -> PointRecord:
    claim = side.claim
    verdicts = tuple((profile.id, profile.verdict) for profile in side.profiles)
    effective = [control.effective for control in side.controls]
    counts = tuple((word, effective.count(word)) for word in ("fail", "unknown", "pass", "not_applicable"))
    standing = sum(1 for finding in side.findings if not finding.waived_by)
    return PointRecord(
        as_of=side.as_of,
        stage=side.stage,
        tool=side.tool,
        digest=side.digest,
        claim=claim.verdict if claim else "",
        profiles=verdicts,
        controls=counts,
        findings=standing,
        waived=len(side.findings) - standing,
        open_points=len(side.unknowns),
    )


def _spans(ordered: Sequence[Assessment]) -> tuple[SpanRecord, ...]:
    """Return every finding with the points at which it stood, the one that stands longest first; those gone last."""
    held: dict[str, list[bool]] = {}
    titles: dict[str, tuple[str, str]] = {}
    for place, side in enumerate(ordered):
        for finding in side.findings:
            held.setdefault(finding.id, [False] * len(ordered))[place] = True
            titles[finding.id] = (finding.title, finding.severity)
    spans = [SpanRecord(identity, *titles[identity], tuple(at)) for identity, at in held.items()]
    return tuple(sorted(spans, key=lambda span: (not span.held[-1], -sum(span.held), span.id)))
