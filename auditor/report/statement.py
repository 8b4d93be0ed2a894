"""The finding: the sentences that an officer signs, made of facts only, and the register of every digest behind them."""

from __future__ import annotations

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.known import Known
from auditor.report.view import headline

_VERDICTS = {"pass": "holds", "fail": "does not hold", "unknown": "is not proven", "not_applicable": "does not apply"}


def finding_sentences(assessment: Assessment) -> tuple[str, ...]:
    """Return what is signed: deployment, date, window, vantage, result, open points, and on whose statements it relies."""
    name = assessment.deployment or "a deployment without a name"
    day = words.time_words(assessment.as_of)
    return (
        f"On {day}, {name} was judged at stage {assessment.stage} by {assessment.tool}.",
        headline(assessment).sentence,
        _profiles(assessment),
        _seen(assessment),
        _open(assessment),
        *((f"{Known(assessment).summary()}.",) if assessment.baseline else ()),
        _relies(assessment),
    )


def digest_register(assessment: Assessment) -> tuple[tuple[str, str, str], ...]:
    """Return (what, name, SHA-256) of the whole, the tool's catalog, every profile and every input, in that order."""
    return (
        ("overall", assessment.deployment, assessment.digest),
        ("catalog", assessment.tool, assessment.catalog_sha256),
        *(("profile", f"{p.id} {p.version}".strip(), p.sha256) for p in assessment.profiles),
        *((i.kind, i.path, i.sha256) for i in assessment.inputs),
        *((("baseline", assessment.baseline.path, assessment.baseline.sha256),) if assessment.baseline else ()),
    )


def _profiles(assessment: Assessment) -> str:
    if not assessment.profiles:
        return "It was judged against no profile."
    told = (f"{p.title or p.id} {p.version}".strip() + f" {_VERDICTS.get(p.verdict, p.verdict)}" for p in assessment.profiles)
    return f"Profiles: {'; '.join(told)}."


def _seen(assessment: Assessment) -> str:
    starts = sorted(c.first_time for c in assessment.coverage if c.first_time)
    ends = sorted(c.last_time for c in assessment.coverage if c.last_time)
    if not starts or not ends:
        return "No captured traffic was examined: no silence counts."
    vantages = ", ".join(dict.fromkeys(c.vantage for c in assessment.coverage if c.vantage)) or "a vantage that is not named"
    window = f"{words.time_words(starts[0])} to {words.time_words(ends[-1])}"
    return f"Captured traffic was examined from {window}, as seen at {vantages}."


def _open(assessment: Assessment) -> str:
    standing = sum(1 for finding in assessment.findings if not finding.waived_by)
    waived = len(assessment.findings) - standing
    blocking = sum(1 for unknown in assessment.unknowns if unknown.blocking)
    parts = [
        words.plural(standing, "finding") + " stand" + ("s" if standing == 1 else ""),
        f"{waived} waived",
        words.plural(len(assessment.unknowns), "point") + f" open, {blocking} of them blocking",
        words.plural(len(assessment.not_examined), "input") + " not examined",
    ]
    return ", ".join(parts) + "."


def _relies(assessment: Assessment) -> str:
    issuers = sorted({e.issuer for e in assessment.evidence if e.issuer})
    vouching = sorted({x.by for x in assessment.exceptions if x.kind == "attestation" and x.status == "in_force" and x.by})
    parts = [f"statements of {', '.join(issuers)}"] if issuers else []
    parts += [f"attestations by {', '.join(vouching)}"] if vouching else []
    parts += ["documents of vendors as the catalog cites them"] if any(e.kind == "catalog" for e in assessment.evidence) else []
    return f"It relies on {'; '.join(parts)}." if parts else "It relies on nobody's statement."
