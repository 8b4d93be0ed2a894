"""Assessment to view model: one for all formats that humans read."""

from __future__ import annotations

from auditor.facts.assessment import Assessment, CoverageRecord, ExceptionRecord, ProfileRecord
from auditor.report import words
from auditor.report.change import change_view
from auditor.report.names import Names
from auditor.report.view_flows import flow_views, ledger, store_view
from auditor.report.view_judgement import control_views, finding_views, plane_views, unknown_views
from auditor.report.view_model import Count, CoverageView, ExceptionView, Headline, ProfileView, View

_ALL_NAMED = 1.0
_COUNT_NOTES = {
    "fail": "shown not to hold",
    "unknown": "not shown either way",
    "pass": "shown to hold",
    "not_applicable": "condition decided false",
}


def build_view(assessment: Assessment, names: Names | None = None) -> View:
    """Return everything that a report says about ``assessment``, in plain words and in order."""
    names = names or Names(assessment)
    return View(
        deployment=assessment.deployment,
        tool=assessment.tool,
        as_of=words.time_words(assessment.as_of),
        stage=words.word(words.STAGES, assessment.stage),
        digest=assessment.digest,
        assumed=assessment.assumed,
        headline=headline(assessment),
        change=change_view(assessment),
        counts=_counts(assessment),
        totals=_totals(assessment, names),
        scope=_scope(assessment),
        ladder=tuple((r.verdict, r.title or r.profile, r.stopped_by) for r in assessment.ladder),
        profiles=tuple(_profile(profile) for profile in assessment.profiles),
        planes=plane_views(assessment, names),
        findings=finding_views(assessment, names),
        ledger=ledger(assessment, names),
        stores=tuple(store_view(store, names) for store in assessment.stores if store.exists != "no"),
        flows=flow_views(assessment, names),
        controls=control_views(assessment, names),
        unknowns=unknown_views(names),
        not_examined=tuple(
            (
                f"{n.path}:{n.line}" if n.line else n.path,
                n.reason,
                "set aside" if n.set_aside else "named" if n.named else "discovered",
            )
            for n in assessment.not_examined
        ),
        exceptions=tuple(_exception(exception) for exception in assessment.exceptions),
        coverage=tuple(_coverage(record, names) for record in assessment.coverage),
        evidence=names.all_evidence(),
        inputs=tuple((i.path, i.kind, words.byte_words(i.size), i.sha256) for i in assessment.inputs),
        glossary=words.GLOSSARY,
    )


def headline(assessment: Assessment) -> Headline:
    """Return the first sentence of every report: about the claim, else about the worst profile."""
    claim = assessment.claim
    if claim is not None:
        where = f"{claim.path}:{claim.line}" if claim.line else claim.path
        return Headline(claim.verdict, claim.sentence, claim.label, claim.profile, where)
    rank = {verdict: n for n, verdict in enumerate(words.VERDICT_ORDER)}
    profiles = sorted(assessment.profiles, key=lambda p: rank.get(p.verdict, 0))
    if not profiles:
        return Headline("unknown", "Nothing was judged: no profile was given.", "", "", "")
    return Headline(profiles[0].verdict, profiles[0].sentence, "", profiles[0].id, "")


def _counts(assessment: Assessment) -> tuple[Count, ...]:
    effective = [control.effective for control in assessment.controls]
    return tuple(
        Count(verdict, words.VERDICT_WORDS[verdict], effective.count(verdict), _COUNT_NOTES[verdict])
        for verdict in words.VERDICT_ORDER
    )


def _totals(assessment: Assessment, names: Names) -> str:
    waived = sum(1 for finding in assessment.findings if finding.waived_by)
    blocking = sum(1 for unknown in assessment.unknowns if unknown.blocking)
    parts = (
        words.plural(len(assessment.controls), "control"),
        words.plural(len(assessment.findings), "finding") + (f" ({waived} waived)" if waived else ""),
        words.plural(len(assessment.unknowns), "open point") + (f" ({blocking} blocking)" if blocking else ""),
        words.plural(len(assessment.not_examined), "input") + " not examined",
    )
    return ". ".join(text for text in (", ".join(parts), names.known.summary()) if text)


def _scope(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    claim = assessment.claim
    starts = sorted(c.first_time for c in assessment.coverage if c.first_time)
    ends = sorted(c.last_time for c in assessment.coverage if c.last_time)
    window = f"{words.time_words(starts[0])} to {words.time_words(ends[-1])}" if starts and ends else "no captured traffic"
    perimeter = ", ".join(_zone(z.id, z.processing) for z in assessment.zones if z.inside)
    rows = (
        ("Deployment", assessment.deployment),
        ("Claim", f"“{claim.label}”, read as the profile {claim.profile}" if claim else "none stated"),
        ("Profiles", "; ".join(f"{p.id} {p.version}".strip() for p in assessment.profiles)),
        ("Stage", words.word(words.STAGES, assessment.stage)),
        ("Judged as of", words.time_words(assessment.as_of)),
        ("Evidence window", window),
        ("Inside the perimeter", perimeter or "no zone stated"),
        ("Inputs", f"{words.plural(len(assessment.inputs), 'file')}, each with its digest in the register of inputs"),
        ("Tool", assessment.tool),
        ("Answered for by", assessment.owner),
        ("Base revision", f"{assessment.base.revision}, commit {assessment.base.commit}" if assessment.base else ""),
        (
            "Baseline",
            f"{assessment.baseline.path}, as of {words.time_words(assessment.baseline.as_of)}" if assessment.baseline else "",
        ),
        ("Catalog digest", assessment.catalog_sha256),
        ("Overall digest", assessment.digest),
    )
    return tuple((label, value) for label, value in rows if value)


def _zone(identity: str, processing: tuple[str, ...]) -> str:
    return f"{identity} ({', '.join(processing)})" if processing else f"{identity} (country not known)"


def _profile(profile: ProfileRecord) -> ProfileView:
    counts = ", ".join(f"{number} {words.word(words.VERDICT_WORDS, verdict)}" for verdict, number in profile.counts if number)
    return ProfileView(
        id=profile.id,
        title=profile.title,
        version=profile.version,
        verdict=profile.verdict,
        sentence=profile.sentence,
        counts=counts,
        first_blocking=profile.first_blocking,
        sha256=profile.sha256,
        origin=profile.origin,
        valid_until=profile.valid_until,
        parameters=(
            *(f"{name} = {value}" + (f" ({reason})" if reason else "") for name, value, reason in profile.parameters),
            *(f"relaxed {control}: {what} ({reason})" for control, what, reason in profile.relaxed),
        ),
    )


def _exception(record: ExceptionRecord) -> ExceptionView:
    dates = " to ".join(date for date in (record.created, record.expires) if date)
    return ExceptionView(
        id=record.id,
        kind=record.kind,
        control=record.control,
        target=record.target,
        reason=record.reason,
        by=record.by,
        ticket=record.ticket,
        dates=dates,
        status=words.word(words.EXCEPTION_STATUS, record.status) + (f"; {record.note}" if record.note else ""),
        in_force=record.status == "in_force",
        where=f"{record.path}:{record.line}" if record.line else record.path,
    )


def _coverage(record: CoverageRecord, names: Names) -> CoverageView:
    losses = [f"{record.drops} dropped"]
    losses += [f"{words.plural(record.truncated_packets, 'packet')} cut short"] if record.truncated_packets else []
    losses += ["file cut off before its end"] if record.truncated else []
    losses += [f"{count} skipped: {reason}" for reason, count in record.skipped]
    losses += [f"its silence proves nothing: {record.unproving}"] if record.unproving else []
    losses += [f"not seen here: {text}" for text in record.blind if text not in record.unproving]
    return CoverageView(
        id=record.id,
        sha256=record.sha256,
        format=record.format,
        vantage=record.vantage,
        window=" to ".join(words.time_words(time) for time in (record.first_time, record.last_time) if time) or "not known",
        length=words.duration_words(record.window_seconds),
        packets=f"{record.packets:,}".replace(",", " "),
        present=", ".join(names.end(w) for w in record.workloads) or "none",
        not_seen=", ".join(names.end(w) for w in record.unproven) or "none",
        losses=", ".join(losses),
        named="all" if record.named_share >= _ALL_NAMED else f"{int(record.named_share * 100)}%",
        canary=record.canary or "none",
    )
