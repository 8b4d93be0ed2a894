"""The summary in Markdown: for a job summary, a merge request, a ticket. Depth: summary; everything else is counted.

Bounded, whatever the size of the assessment: GitHub drops a step summary of more than 1 MiB as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.alerts import sentences
from auditor.report.change import MOST_STEPS
from auditor.report.escape import clean, markdown_text, shortened
from auditor.report.view import build_view
from auditor.report.view_model import FindingView, View

MOST_FINDINGS, MOST_OPEN, MOST_UNREAD = 30, 20, 20
_LONGEST = 400


def render_markdown(assessment: Assessment) -> bytes:
    """Return the summary as GitHub flavoured Markdown."""
    view = build_view(assessment)
    head = view.headline
    parts = [
        f"# {_verdict(head.verdict)}: {_text(view.deployment)}",
        f"**{_text(head.sentence, 4 * _LONGEST)}**",
        *_change(view),
        " · ".join(f"{count.number} {count.word}" for count in view.counts) + f" ({_text(view.totals)})",
        _table(("Profile", "Verdict", "Controls"), ((_text(p.id), _verdict(p.verdict), _text(p.counts)) for p in view.profiles)),
        "## Planes",
        _table(
            ("Plane", "Verdict", "Where", "Run by", "Processing", "Note"),
            (
                (p.title, _verdict(p.verdict), _text(p.where), _text(p.run_by), _text(p.countries), _text(p.note))
                for p in view.planes
            ),
        ),
        *_findings(view),
        *_open_points(view),
        *_not_examined(view),
        "## Scope",
        _table(("", ""), ((_text(label), _text(value)) for label, value in view.scope)),
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _change(view: View) -> list[str]:
    change = view.change
    if change is None:
        return []
    steps = [f"- {_text(step)}" for step in change.steps[:MOST_STEPS]]
    altered = [f"- alters {_text(alteration)}" for alteration in change.alterations[:MOST_STEPS]]
    rest = _more(len(change.steps) - MOST_STEPS, "step") + _more(len(change.alterations) - MOST_STEPS, "alteration")
    return [f"## {_text(change.title)}", "\n".join(steps), change.note, *(["\n".join(altered)] if altered else []), *rest]


def _findings(view: View) -> list[str]:
    if not view.findings:
        return []
    rows = (_finding(f) for f in view.findings[:MOST_FINDINGS])
    table = _table(("Severity", "Control", "What", "Evidence", "Help"), rows)
    return ["## Findings", table, *_more(len(view.findings) - MOST_FINDINGS, "finding")]


def _finding(finding: FindingView) -> tuple[str, ...]:
    severity = f"waived by {finding.waived_by}" if finding.waived_by else finding.severity
    severity += f", {finding.known}" if finding.known else ""
    where = finding.evidence[0].where if finding.evidence else ""
    help_text = sentences(cure.text for cure in finding.cures) or finding.remediation
    return tuple(_text(text) for text in (severity, finding.control.label, finding.title, where, help_text))


def _open_points(view: View) -> list[str]:
    blocking = [unknown for unknown in view.unknowns if unknown.blocking]
    if not blocking:
        return []
    rows = (
        (_text(u.text + (f" ({u.known})" if u.known else "")), _text(sentences(u.settled_by)), _text(u.who))
        for u in blocking[:MOST_OPEN]
    )
    table = _table(("Not known", "What would settle it", "Who can"), rows)
    return ["## Open points that block", table, *_more(len(blocking) - MOST_OPEN, "open point")]


def _not_examined(view: View) -> list[str]:
    if not view.not_examined:
        return []
    rows = ((_text(where), _text(reason)) for where, reason, _ in view.not_examined[:MOST_UNREAD])
    return ["## Not examined", _table(("Input", "Why"), rows), *_more(len(view.not_examined) - MOST_UNREAD, "input")]


def _more(count: int, noun: str) -> list[str]:
    return [f"… and {words.plural(count, noun)} more in the report."] if count > 0 else []


def _verdict(verdict: str) -> str:
    return f"{words.VERDICT_GLYPHS.get(verdict, '?')} {words.word(words.VERDICT_WORDS, verdict)}"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; the cells are escaped already."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _text(text: str, longest: int = _LONGEST) -> str:
    return markdown_text(shortened(clean(text), longest))
