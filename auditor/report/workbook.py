"""What the workbook holds: one table a sheet, in the order of an officer's questions."""

from __future__ import annotations

from auditor.facts.assessment import Assessment
from auditor.report.change import change_view
from auditor.report.known import Known
from auditor.report.statement import digest_register, finding_sentences
from auditor.report.tables import Row, Table, findings_table, flows_table, ledger_table, several, told

_VERDICTS = (
    "control",
    "severity",
    "verdict",
    "raw_verdict",
    "sentence",
    "reason",
    "needed",
    "findings",
    "open",
    "attested_by",
    "known",
)
_EXCEPTIONS = (
    *("exception", "kind", "control", "target", "reason", "by", "ticket", "created", "expires", "status", "note"),
    *("file", "line"),
)
_EVIDENCE = (
    *("evidence", "kind", "basis", "text", "path", "place", "line", "column", "frames", "first_time", "last_time"),
    *("payload_out", "payload_in", "name", "issuer", "date", "statement", "source", "state", "excerpt", "sha256"),
)
_OPEN = ("open_point", "kind", "subject", "text", "settled_by", "who", "blocking", "controls", "known")


def sheets(assessment: Assessment) -> tuple[tuple[str, Table], ...]:
    """Return (title of the sheet, its table)."""
    return (
        ("Finding", Table(("finding",), tuple((text,) for text in finding_sentences(assessment)))),
        *_change(assessment),
        ("Verdicts", Table(_VERDICTS, _verdicts(assessment))),
        ("Findings", findings_table(assessment)),
        ("Flows", flows_table(assessment)),
        ("Ledger", ledger_table(assessment)),
        ("Open points", Table(_OPEN, _open(assessment))),
        ("Exceptions", Table(_EXCEPTIONS, _exceptions(assessment))),
        ("Evidence", Table(_EVIDENCE, _evidence(assessment))),
        ("Digests", Table(("what", "name", "sha256"), digest_register(assessment))),
    )


def _change(assessment: Assessment) -> tuple[tuple[str, Table], ...]:
    """Return what a change does, where there is one."""
    change = change_view(assessment)
    if change is None:
        return ()
    rows = (*(("step", s) for s in change.steps), *(("alters", a) for a in change.alterations), ("", change.note))
    return (("Change", Table(("kind", "what"), rows)),)


def _verdicts(assessment: Assessment) -> tuple[Row, ...]:
    known = Known(assessment)
    profiles: tuple[Row, ...] = tuple(
        (f"profile {p.id}", "", p.verdict, p.verdict, p.sentence, "", "", "", "", "", "") for p in assessment.profiles
    )
    return profiles + tuple(
        (
            *(c.id, c.severity, c.effective, c.verdict, c.sentence, c.reason),
            *(several(c.needed), several(c.findings), several(c.unknowns), several(c.attested_by), known.words(c.id)),
        )
        for c in assessment.controls
    )


def _open(assessment: Assessment) -> tuple[Row, ...]:
    known = Known(assessment)
    return tuple(
        (
            u.id,
            u.kind,
            u.subject,
            u.text,
            several(u.settled_by),
            u.who,
            "yes" if u.blocking else "no",
            several(u.controls),
            known.of_open_point(u),
        )
        for u in assessment.unknowns
    )


def _exceptions(assessment: Assessment) -> tuple[Row, ...]:
    return tuple(
        (
            *(x.id, x.kind, x.control, x.target, x.reason, x.by, x.ticket, x.created, x.expires, x.status, x.note),
            *(x.path, x.line),
        )
        for x in assessment.exceptions
    )


def _evidence(assessment: Assessment) -> tuple[Row, ...]:
    return tuple(
        (
            *(e.id, e.kind, e.basis, e.text, e.path, e.place or e.fact, e.line, e.column),
            *(
                several(str(frame) for frame in e.frames),
                e.first_time,
                e.last_time,
                told(e.payload_out),
                told(e.payload_in),
                e.name,
            ),
            *(e.issuer or e.publisher, e.date, e.statement, e.source, e.state, e.excerpt, e.sha256),
        )
        for e in assessment.evidence
    )
