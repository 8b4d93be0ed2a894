"""The tables of the PDF, each a part of the view model as rows of text; ``pdf_content`` puts them in order and cleans them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.alerts import sentences
from auditor.report.escape import shortened
from auditor.report.page import Depth
from auditor.report.recipients import recipients
from auditor.report.statement import digest_register
from auditor.report.view_flows import INSIDE
from auditor.report.view_ledger import LedgerGroup
from auditor.report.view_model import FindingView, View
from auditor.report.view_parts import Reference

Rows = tuple[tuple[str, ...], ...]
LONGEST_TEXT = 1000
"""Characters of a cell on paper; the JSON holds the whole."""
MOST_ON_PAPER = 500
"""Rows of a table on paper; more are counted, and live in the JSON and the XLSX."""
_LONGEST_TOLD = 200
"""Characters of the one piece of evidence of a finding that is told in words; the register holds all of them whole."""
_PAIR = 2
_BETWEEN = " · "
"""Between open points of one row."""
_BLANK = "____________________"


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the document; ``widths`` are shares of the page."""

    title: str
    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Rows
    """A row of one cell among more heads goes over the whole width: a subtitle."""
    none: str
    """What is said instead of an empty table."""
    lead: str = ""
    """What is said above the table."""
    annex: bool = False
    """Whether it stands behind what is signed."""


def sections(view: View, assessment: Assessment, depth: Depth) -> tuple[Section, ...]:
    """Return the tables: what is signed first, in the order of an officer's questions, then the annex."""
    signed = (
        *_change(view),
        _recipients(view),
        _planes(view),
        _findings(view),
        _unknowns(view),
        _profiles(view),
        Section("How far up the ladder", ("Verdict", "Profile", "Stopped by"), (1, 3, 2), view.ladder, "No ladder was judged."),
        _controls(view),
        _exceptions(view),
        _coverage(view),
        _unchecked(view),
        Section("Scope", ("What", "Value"), (1, 4), view.scope, "Nothing is known of the scope."),
        Section("Register of digests", ("What", "Name", "SHA-256"), (1, 3, 4), digest_register(assessment), "No digest."),
    )
    ledger = (_ledger(view), _stores(view))
    glossary = Section("Glossary", ("Word", "Meaning"), (1, 5), view.glossary, "Empty.", annex=True)
    match depth:
        case Depth.SUMMARY:
            return signed
        case Depth.FINDINGS:
            return (*signed, *ledger, glossary)
        case Depth.FULL:
            return (*signed, *ledger, _flows(view), _evidence(view), glossary)
        case _:
            assert_never(depth)


def _change(view: View) -> tuple[Section, ...]:
    if view.change is None:
        return ()
    rows = (*(("step", s) for s in view.change.steps), *(("alters", a) for a in view.change.alterations), ("", view.change.note))
    return (Section(view.change.title, ("Kind", "What"), (1, 7), rows, ""),)


def _profiles(view: View) -> Section:
    rows = tuple((p.title or p.id, p.version, p.verdict, p.sentence, p.counts, "; ".join(p.parameters)) for p in view.profiles)
    heads = ("Profile", "Version", "Verdict", "What holds", "Controls", "Parameters")
    return Section("Profiles", heads, (2, 1, 1, 4, 2, 2), rows, "No profile was judged.")


def _recipients(view: View) -> Section:
    rows = tuple(
        (r.operator + (f" ({r.under})" if r.under else ""), r.law, r.processing, r.data, r.total) for r in recipients(view.ledger)
    )
    heads = ("Recipient", "Law of", "Processing", "Data", "Bytes seen")
    none = "Nobody is known to." + (" What the open points leave possible is not ruled out." if view.unknowns else "")
    return Section("Who receives data outside the perimeter, or may", heads, (4, 1, 2, 6, 3), rows, none)


def _planes(view: View) -> Section:
    rows = tuple(
        (p.title, f"{p.verdict}, {p.note}", p.where, p.run_by, p.countries, ", ".join(p.components) or "none known")
        for p in view.planes
    )
    heads = ("Plane", "Verdict", "Where", "Run by", "Processing", "Components")
    return Section("The planes: where each is and who runs it", heads, (2, 2, 2, 2, 2, 4), rows, "No plane is known.")


def _findings(view: View) -> Section:
    rows = tuple(
        (
            str(f.number),
            f"{f.control.label}, "
            + (f"waived by {f.waived_by}" if f.waived_by else f.severity)
            + (f", {f.known}" if f.known else ""),
            f.title,
            f.data,
            _evidence_of(f),
            sentences(cure.text for cure in f.cures) or f.remediation,
        )
        for f in view.findings
    )
    heads = ("No.", "Control", "Finding", "Data", "Evidence", "What to do")
    return Section("Findings, worst first", heads, (1, 2, 6, 2, 5, 4), rows, "No violation was found. That alone is no pass.")


def _evidence_of(finding: FindingView) -> str:
    """Return the first piece of evidence in words, and every one by its number in the register: never cut."""
    told = [shortened(f"{e.id} {e.where}: {e.text}", _LONGEST_TOLD) for e in finding.evidence[:1]]
    rest = ranges([e.id for e in finding.evidence[1:]])
    return "; and ".join([*told, *([rest] if rest else [])])


def ranges(identities: Sequence[str]) -> str:
    """Return ids in their order, neighbours such as E-3, E-4, E-5 as ``E-3 to E-5``."""
    runs: list[list[str]] = []
    for identity in identities:
        if runs and _follows(runs[-1][-1], identity):
            runs[-1].append(identity)
        else:
            runs.append([identity])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}{', ' if len(run) == _PAIR else ' to '}{run[-1]}" for run in runs)


def _follows(one: str, other: str) -> bool:
    head, _, number = one.rpartition("-")
    return number.isdecimal() and number.isascii() and other == f"{head}-{int(number) + 1}"


def _unknowns(view: View) -> Section:
    """Return open points; those that the same people settle in the same way stand in one row, which is never cut."""
    groups: dict[tuple[str, ...], list[list[str]]] = {}
    for u in view.unknowns:
        state = ("blocking" if u.blocking else "open") + (f", {u.known}" if u.known else "")
        lists = groups.setdefault((state, u.who, " ".join(u.settled_by), u.controls), [[]])
        if lists[-1] and len(_BETWEEN.join([*lists[-1], u.text])) > LONGEST_TEXT:
            lists.append([])
        lists[-1].append(u.text)
    rows = tuple(
        (state, _BETWEEN.join(texts), who, how, controls)
        for (state, who, how, controls), lists in groups.items()
        for texts in lists
    )
    heads = ("State", "What is not known", "Who can settle it", "How", "Leaves open")
    return Section("Open points", heads, (1, 6, 2, 4, 3), rows, "Nothing is recorded as open.")


def _ledger(view: View) -> Section:
    rows = tuple(
        row
        for group in view.ledger
        for row in (
            (_particulars(group),),
            *(
                (c.label, c.data, f"{c.bytes_to} to it, {c.bytes_back} back", c.bases, _labels(c.evidence))
                for c in group.channels
            ),
        )
    )
    heads = ("Channel", "Data to the recipient", "Bytes", "Basis", "Evidence")
    return Section("Residency ledger", heads, (6, 7, 3, 3, 3), rows, "No channel is known.", annex=True)


def _particulars(group: LedgerGroup) -> str:
    """Return what is said once of a recipient above its channels, with the blank for what only a lawyer can say."""
    parts = (
        f"{group.operator}, {group.where}, {group.law}",
        f"processing: {group.countries}" + (f" ({group.note})" if group.note else ""),
        f"kept in: {', '.join(group.storage) or 'not known'}",
        f"retention: {'; '.join(group.retention) or 'not known'}" if group.where != INSIDE else "",
        f"sub-processors: {', '.join(group.sub_processors) or 'none stated'}" if group.where != INSIDE else "",
        f"contract: {', '.join(group.contracts) or 'none stated'}" if group.where != INSIDE else "",
        f"transfer mechanism: {_BLANK}" if group.where != INSIDE else "",
    )
    return "; ".join(part for part in parts if part)


def _stores(view: View) -> Section:
    rows = tuple((s.title, s.component, s.data, s.countries, s.retention, s.remote_access) for s in view.stores)
    heads = ("Store", "Kept by", "Data", "Country", "Retention", "Remote access")
    return Section("Data at rest", heads, (2, 2, 3, 1, 2, 2), rows, "No store is known.", annex=True)


def _controls(view: View) -> Section:
    rows = tuple(
        (
            f"{c.id}, {c.severity}",
            c.sentence,
            c.verdict + (f" (raw: {c.raw})" if c.raw != c.verdict else "") + (f", {c.known}" if c.known else ""),
            c.reason,
            c.profiles,
        )
        for c in view.controls
    )
    heads = ("Control", "What it says", "Verdict", "Why", "Profiles")
    return Section("Controls", heads, (2, 5, 2, 5, 2), rows, "No control was judged.")


def _flows(view: View) -> Section:
    rows = tuple(
        (
            *(str(f.number), f"{f.source} → {f.destination}: {f.purpose}", f"{f.recipient}; {f.countries}", f.sends),
            *(f.declared.truth, f.configured.truth, f.permitted.truth, f.observed.truth, f.name_words, _labels(f.evidence)),
        )
        for f in view.flows
        if f.style != "absent"
    )
    heads = (
        "Flow",
        "From, to, for what",
        "Recipient",
        "Data",
        *("Declared", "Configured", "Permitted", "Observed"),
        "Result",
        "Evidence",
    )
    off = sum(1 for f in view.flows if f.style == "absent")
    told = f"{words.plural(off, 'flow')} that the products could have, off and not seen: see the page, the JSON or the XLSX."
    lead = told if off else ""
    return Section("Flows on four bases", heads, (1, 6, 3, 4, 2, 2, 2, 2, 4, 2), rows, "No flow is known.", lead, annex=True)


def _exceptions(view: View) -> Section:
    rows = tuple((x.id, x.kind, x.control, x.target, x.reason, x.by, x.dates, x.status) for x in view.exceptions)
    heads = ("Exception", "Kind", "Control", "Target", "Reason", "By", "Dates", "Status")
    return Section("Exceptions", heads, (1, 1, 2, 3, 4, 2, 2, 2), rows, "No waiver and no attestation was given.")


def _coverage(view: View) -> Section:
    rows = tuple(
        (c.id, c.vantage, f"{c.length}; {c.window}", c.packets, c.present, c.not_seen, c.losses, c.named) for c in view.coverage
    )
    heads = ("Source", "Vantage", "Window", "Packets", "Proven present", "Claimed, never seen", "Losses", "Named channels")
    return Section("What the sensors could have seen", heads, (2, 2, 3, 1, 3, 3, 2, 1), rows, "No captured traffic was given.")


def _unchecked(view: View) -> Section:
    heads = ("Input", "Why", "How it came in")
    return Section("What was not checked", heads, (3, 5, 1), view.not_examined, "Every input was examined.")


def _evidence(view: View) -> Section:
    """Return the entries that the document cites; the whole register is in the page, the JSON and the XLSX."""
    cited = {e.anchor for f in view.findings for e in f.evidence}
    for references in (
        *(f.evidence for f in view.flows if f.style != "absent"),
        *(c.evidence for g in view.ledger for c in g.channels),
        *(s.evidence for s in view.stores),
    ):
        cited.update(reference.anchor for reference in references)
    rows = tuple(
        (e.id, e.basis, e.where, e.text, "; ".join(f"{k}: {v}" for k, v in e.details if k != "SHA-256"))
        for e in view.evidence
        if e.anchor in cited
    )
    rest = len(view.evidence) - len(rows)
    lead = f"{rest} further entries, cited nowhere in this document, stand in the page, the JSON and the XLSX." if rest else ""
    heads = ("No.", "Basis", "Where", "What", "Details")
    return Section("Evidence register", heads, (1, 2, 4, 5, 6), rows, "The register is empty.", lead, annex=True)


def _labels(references: tuple[Reference, ...]) -> str:
    return ranges([reference.label for reference in references])
