"""What the PDF says, section by section: the view model as rows of text, cleaned, ready for the template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.alerts import sentences
from auditor.report.escape import clean, shortened
from auditor.report.page import MOST_ROWS
from auditor.report.statement import digest_register, finding_sentences
from auditor.report.view import build_view
from auditor.report.view_model import FindingView, View
from auditor.report.view_parts import Reference

Rows = tuple[tuple[str, ...], ...]
LONGEST_TEXT = 1000
"""Characters of a cell on paper; the JSON holds the whole."""
BREAK = "\u200b"
"""Zero-width space: without it a name of ten thousand characters would leave the page."""
_LONGEST_WORD = 24
_TOLD, _LONGEST_TOLD = 3, 200
"""Pieces of evidence of a finding that are told in words, and characters of each; the register holds all of them whole."""
_PAIR = 2
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the document; ``widths`` are shares of the page."""

    title: str
    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Rows
    none: str
    """What is said instead of an empty table."""


def content(assessment: Assessment, notice: str = "") -> dict[str, Any]:
    """Return the data of the template: made of JSON types, every text cleaned."""
    view = build_view(assessment)
    title = f"{view.deployment}: where its data goes"
    whole = {
        "title": title,
        "verdict": view.headline.verdict,
        "verdict_word": words.word(words.VERDICT_WORDS, view.headline.verdict),
        "finding": list(finding_sentences(assessment)),
        "digest": view.digest,
        "totals": f"{view.totals}.",
        "notice": notice,
        "footer": f"{view.tool}, {view.digest[:16]}",
        "sections": [_section(section) for section in sections(view, assessment)],
    }
    cleaned: dict[str, Any] = _cleaned(whole)
    return cleaned


def sections(view: View, assessment: Assessment) -> tuple[Section, ...]:
    """Return the sections in the order of the page."""
    return (
        *_change(view),
        Section("Scope", ("What", "Value"), (1, 4), view.scope, "Nothing is known of the scope."),
        _profiles(view),
        Section("How far up the ladder", ("Verdict", "Profile", "Stopped by"), (1, 3, 2), view.ladder, "No ladder was judged."),
        _planes(view),
        _findings(view),
        _unknowns(view),
        _ledger(view),
        _stores(view),
        _controls(view),
        _flows(view),
        _off(view),
        _exceptions(view),
        _coverage(view),
        _unchecked(view),
        _evidence(view),
        Section("Register of digests", ("What", "Name", "SHA-256"), (1, 3, 4), digest_register(assessment), "No digest."),
        Section("Glossary", ("Word", "Meaning"), (1, 5), view.glossary, "Empty."),
    )


def _section(section: Section) -> dict[str, Any]:
    rest = len(section.rows) - MOST_ROWS
    return {
        "title": section.title,
        "lead": f"{rest} further rows are not printed here; the JSON holds them all." if rest > 0 else "",
        "heads": list(section.heads),
        "widths": list(section.widths),
        "rows": [list(row) for row in section.rows[:MOST_ROWS]],
        "none": section.none,
    }


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return _breakable(shortened(clean(value), LONGEST_TEXT))
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {key: _cleaned(item) for key, item in value.items()}
        case _:
            return value


def _breakable(text: str) -> str:
    """Return ``text`` with a place to break after each character of a long word; digests stay whole, to be copied."""
    if len(text) <= _LONGEST_WORD:
        return text
    return " ".join(w if len(w) <= _LONGEST_WORD or _DIGEST.fullmatch(w) else BREAK.join(w) for w in text.split(" "))


def _change(view: View) -> tuple[Section, ...]:
    if view.change is None:
        return ()
    rows = (*(("step", s) for s in view.change.steps), *(("alters", a) for a in view.change.alterations), ("", view.change.note))
    return (Section(view.change.title, ("Kind", "What"), (1, 7), rows, ""),)


def _profiles(view: View) -> Section:
    rows = tuple((p.title or p.id, p.version, p.verdict, p.sentence, p.counts, "; ".join(p.parameters)) for p in view.profiles)
    heads = ("Profile", "Version", "Verdict", "What holds", "Controls", "Parameters")
    return Section("Profiles", heads, (2, 1, 1, 4, 2, 2), rows, "No profile was judged.")


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
    return Section("Findings, worst first", heads, (1, 2, 5, 2, 5, 4), rows, "No violation was found. That alone is no pass.")


def _evidence_of(finding: FindingView) -> str:
    """Return the first pieces of evidence in words, and every one by its number in the register: never cut."""
    told = [f"{e.id} {e.where}: {e.text}" for e in finding.evidence[:_TOLD]]
    rest = [e.id for e in finding.evidence[_TOLD:]]
    return "; ".join(shortened(text, _LONGEST_TOLD) for text in told) + (f"; and {ranges(rest)}" if rest else "")


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
    rows = tuple(
        (
            ("blocking" if u.blocking else "open") + (f", {u.known}" if u.known else ""),
            u.text,
            u.who,
            " ".join(u.settled_by),
            u.controls,
        )
        for u in view.unknowns
    )
    heads = ("State", "What is not known", "Who can settle it", "How", "Leaves open")
    return Section("Open points", heads, (1, 5, 2, 4, 3), rows, "Nothing is recorded as open.")


def _ledger(view: View) -> Section:
    rows = tuple(
        (
            g.operator
            + (f", with {', '.join(g.sub_processors)}" if g.sub_processors else "")
            + (f", contract {', '.join(g.contracts)}" if g.contracts else ""),
            f"{g.where}; {g.law}",
            g.countries
            + (f"; kept in {', '.join(g.storage)}" if g.storage else "")
            + "".join(f"; {kept}" for kept in g.retention),
            c.data,
            c.label,
            f"{c.bytes_to} to it, {c.bytes_back} back",
            _labels(c.evidence),
            "",
        )
        for g in view.ledger
        for c in g.channels
    )
    heads = ("Operator", "Where, law", "Processing, storage", "Data", "Channel", "Bytes", "Evidence", "Transfer mechanism")
    return Section("Residency ledger", heads, (3, 3, 2, 4, 4, 2, 2, 2), rows, "No channel is known.")


def _stores(view: View) -> Section:
    rows = tuple((s.title, s.component, s.data, s.countries, s.retention, s.remote_access) for s in view.stores)
    heads = ("Store", "Kept by", "Data", "Country", "Retention", "Remote access")
    return Section("Data at rest", heads, (2, 2, 3, 1, 2, 2), rows, "No store is known.")


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
    return Section("Flows on four bases", heads, (1, 5, 3, 4, 2, 2, 2, 2, 4, 2), rows, "No flow is known.")


def _off(view: View) -> Section:
    rows = tuple(
        (str(f.number), f"{f.source} → {f.destination}: {f.purpose}", f.sends, f.reason, _labels(f.evidence))
        for f in view.flows
        if f.style == "absent"
    )
    heads = ("Flow", "From, to, for what", "Data it would carry", "Why it is off", "Evidence")
    return Section("Switched off, and nothing seen", heads, (1, 4, 3, 4, 2), rows, "Nothing that the products could do is off.")


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
    rows = tuple(
        (e.id, e.basis, e.where, e.text, "; ".join(f"{k}: {v}" for k, v in e.details if k != "SHA-256")) for e in view.evidence
    )
    return Section(
        "Evidence register", ("No.", "Basis", "Where", "What", "Details"), (1, 2, 4, 5, 5), rows, "The register is empty."
    )


def _labels(references: tuple[Reference, ...]) -> str:
    return ", ".join(reference.label for reference in references)
