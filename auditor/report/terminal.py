"""The report in a terminal: findings with place and excerpt, open points, planes by verdict, counts.

Every text goes through ``clean`` into a rich ``Text``; markup of rich is never read. rich has its door here.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.change import MOST_STEPS, ChangeView
from auditor.report.escape import clean
from auditor.report.view import build_view
from auditor.report.view_model import FindingView, UnknownView, View
from auditor.report.view_parts import EvidenceView

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

STYLES = {"fail": "bold red", "unknown": "bold yellow", "pass": "bold green", "not_applicable": "dim", "none": "dim"}
_EVIDENCE_SHOWN = 3
_OPEN_SHOWN = 20


def render_terminal(assessment: Assessment, width: int, colour: bool) -> str:
    """Return the report for ``width`` columns, with ANSI colours or with no escape sequence at all.

    The last line is the verdict sentence; where files were written is said by the command line.
    """
    view = build_view(assessment)
    console = new_console(width, colour)
    if view.change:
        _change(console, view.change)
    for finding in view.findings:
        _finding(console, finding)
    blocking = [unknown for unknown in view.unknowns if unknown.blocking]
    for unknown in blocking[:_OPEN_SHOWN]:
        _unknown(console, unknown)
    if len(blocking) > _OPEN_SHOWN:
        console.print(_text(f"… and {len(blocking) - _OPEN_SHOWN} more blocking open points in the report."))
        console.print()
    console.print(_planes(view))
    console.print()
    _summary(console, view)
    return finished(console)


def new_console(width: int, colour: bool) -> Console:
    """Return a console that writes to memory and asks neither the environment nor the machine for anything."""
    from rich.console import Console

    return Console(
        file=io.StringIO(),
        width=max(width, 40),
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )


def finished(console: Console) -> str:
    """Return what was written, without blanks at the ends of lines."""
    written = console.file
    if not isinstance(written, io.StringIO):
        raise TypeError("the console does not write to memory")
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"


def verdict_text(verdict: str, label: str = "") -> Text:
    """Return glyph and word of a verdict in its colour."""
    word = label or words.word(words.VERDICT_WORDS, verdict)
    return _text(f"{words.VERDICT_GLYPHS.get(verdict, '?')} {word}", STYLES.get(verdict, ""))


def _text(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(clean(text), style=style, overflow="fold")


def _change(console: Console, change: ChangeView) -> None:
    console.print(_text(f"{change.title}:", "bold"))
    for step in change.steps[:MOST_STEPS]:
        console.print(_text(f"  {step}"))
    if len(change.steps) > MOST_STEPS:
        console.print(_text(f"  … and {len(change.steps) - MOST_STEPS} more in the report."))
    console.print(_text(f"  {change.note}", "dim" if not change.alterations else ""))
    for alteration in change.alterations:
        console.print(_text(f"  alters {alteration}", STYLES["fail"]))
    console.print()


def _finding(console: Console, finding: FindingView) -> None:
    level = f"waived[{finding.control.label}]" if finding.waived_by else f"fail[{finding.control.label}]"
    head = _text(level, "dim" if finding.waived_by else STYLES["fail"])
    console.print(head.append_text(_text(f": {finding.title}", "bold")))
    for item in finding.evidence[:_EVIDENCE_SHOWN]:
        _evidence(console, item)
    if len(finding.evidence) > _EVIDENCE_SHOWN:
        _note(console, "evidence", f"{len(finding.evidence) - _EVIDENCE_SHOWN} more in the report")
    if finding.data:
        _note(console, "data", finding.data)
    if finding.waived_by:
        _note(console, "waived", f"by {finding.waived_by}")
    if finding.known:
        _note(console, "known", finding.known.removeprefix("known "))
    for cure in finding.cures:
        _note(console, "help", cure.text)
    if not finding.cures and finding.remediation:
        _note(console, "help", finding.remediation)
    console.print()


def _evidence(console: Console, item: EvidenceView) -> None:
    console.print(_text("  --> ", "blue").append_text(_text(item.where)))
    if item.excerpt:
        number = str(item.line) if item.line else ""
        margin = " " * len(number)
        excerpt = clean(item.excerpt)
        room = max(console.width - len(number) - 5, 10)
        shown = excerpt if len(excerpt) <= room else excerpt[: room - 1] + "…"
        console.print(_text(f" {number} | ", "blue").append_text(_text(shown)))
        console.print(_text(f" {margin} | ", "blue").append_text(_text("^" * len(shown), STYLES["fail"])))
    beside = "; ".join(_beside(label, value) for label, value in item.details if label in ("payload", "date", "publisher"))
    _note(console, "evidence", f"{item.text} ({item.basis}, {item.id})" + (f"; {beside}" if beside else ""))


def _beside(label: str, value: str) -> str:
    """Return what stands beside the text of evidence, which says already what was sent and to what name."""
    return value.rpartition(", ")[2] if label == "payload" else f"{label}: {value}"


def _unknown(console: Console, unknown: UnknownView) -> None:
    console.print(_text(f"unknown[{unknown.kind}]", STYLES["unknown"]).append_text(_text(f": {unknown.text}", "bold")))
    if unknown.controls:
        _note(console, "open", unknown.controls)
    if unknown.known:
        _note(console, "known", unknown.known.removeprefix("known "))
    for step in unknown.settled_by:
        _note(console, "help", f"{step} ({unknown.who})")
    if not unknown.settled_by:
        _note(console, "help", f"{unknown.who} can settle it")
    console.print()


def _note(console: Console, label: str, text: str) -> None:
    """Print ``= label: text`` with the text hanging under itself."""
    from rich.padding import Padding
    from rich.table import Table

    grid = Table.grid(padding=0)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(_text(f"= {label}: ", "blue"), _text(text))
    console.print(Padding(grid, (0, 0, 0, 3)))


def _planes(view: View) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for title in ("Plane", "Verdict", "Where", "Run by", "Processing", "Note"):
        table.add_column(title, overflow="fold")
    for plane in view.planes:
        cells = (plane.where, plane.run_by, plane.countries, plane.note)
        table.add_row(_text(plane.title), verdict_text(plane.verdict), *(_text(cell) for cell in cells))
    return table


def _summary(console: Console, view: View) -> None:
    line = _text("")
    for count in view.counts:
        line.append_text(verdict_text(count.verdict, f"{count.number} {count.word}")).append("   ")
    console.print(line)
    console.print(_text(f"{view.totals}."))
    for profile in view.profiles:
        text = f"  {profile.id} {profile.version}: {profile.counts}"
        console.print(verdict_text(profile.verdict).append_text(_text(text)))
    console.print()
    head = view.headline
    console.print(verdict_text(head.verdict).append_text(_text(f": {head.sentence}", "bold")))
