"""The comparison in a terminal: candidates, decision, answers; one table each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auditor.facts.comparison import Comparison
from auditor.report.compare_view import CandidateView, CellView, ComparisonView, OutcomeView, build_comparison_view
from auditor.report.escape import clean
from auditor.report.terminal import finished, new_console, verdict_text

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_TONES = {"inside": "green", "outside": "red", "mixed": "yellow", "unknown": "yellow"}


def render_comparison_terminal(comparison: Comparison, width: int, colour: bool) -> str:
    """Return the comparison for ``width`` columns; without ``colour`` no escape sequence at all."""
    view = build_comparison_view(comparison)
    console = new_console(width, colour)
    for candidate in view.candidates:
        console.print(_candidate(candidate, view.profile))
        console.print()
    console.print(_decision(view))
    console.print()
    console.print(_answers(view))
    console.print()
    console.print(_plain(view.headline, "bold"))
    return finished(console)


def _plain(text: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(clean(text), style=style, overflow="fold")


def _candidate(candidate: CandidateView, profile: str) -> Text:
    text = _plain(candidate.title, "bold")
    for column in candidate.columns:
        record = column.record
        text.append("\n  ")
        text.append_text(verdict_text(record.verdict)).append_text(_plain(f" {profile}, {column.kind_word}"))
        rung = record.rung or "none"
        stopped = f"; the next is stopped by {record.rung_stopped_by}" if record.rung_stopped_by else ""
        text.append("\n      ").append_text(_plain(f"strictest rung that holds: {rung}{stopped}", "dim"))
        text.append("\n      ").append_text(_plain(record.parity, "dim"))
    return text


def _table(view: ComparisonView, first: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_lines=True, expand=True, padding=(0, 1))
    table.add_column(first, ratio=2, overflow="fold")
    for candidate in view.candidates:
        table.add_column(_plain(candidate.title), ratio=3, overflow="fold")
    return table


def _decision(view: ComparisonView) -> Table:
    table = _table(view, "Requirement")
    for requirement in view.requirements:
        name = _plain(requirement.title).append_text(_plain(f" ({requirement.control})", "dim"))
        table.add_row(name, *(_outcome(outcomes) for outcomes in requirement.outcomes))
    return table


def _outcome(outcomes: tuple[OutcomeView, ...]) -> Text:
    main, *others = outcomes
    text = verdict_text(main.verdict)
    if main.fact:
        text.append_text(_plain(f": {main.fact}"))
    if main.cure:
        text.append("\n").append_text(_plain(f"{main.cure_word} {main.cure}", "dim"))
    for other in others:
        text.append("\n").append_text(_plain(f"{other.kind_word}: ", "dim")).append_text(verdict_text(other.verdict))
    return text


def _answers(view: ComparisonView) -> Table:
    table = _table(view, "Question")
    for row in view.rows:
        table.add_row(_plain(row.title), *(_answer(cells) for cells in row.cells))
    return table


def _answer(cells: tuple[CellView, ...]) -> Text:
    main, *others = cells
    text = _plain(main.text, _TONES.get(main.tone, ""))
    text.append("\n").append_text(_plain(f"{main.kind_word}: {main.basis}", "dim"))
    for other in others:
        text.append("\n").append_text(_plain(f"{other.kind_word}: {other.text}", "dim"))
    return text
