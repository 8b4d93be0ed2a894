"""The history of a deployment as one self-contained HTML page; base template, style and policy are the report's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.facts.difference import Difference
from auditor.facts.history import History
from auditor.report import words
from auditor.report.difference_text import change_lines, moves_together, recipient_lines
from auditor.report.html import environment, page_parts
from auditor.report.page import MOST_ROWS

Entry = tuple[Sequence[str], Sequence[str]]
"""Lines, and what is said smaller below them."""
_HAPPENED = {
    (False, True): "appeared",
    (True, False): "vanished",
    (True, True): "still there",
    (False, False): "not there",
}


@dataclass(frozen=True, slots=True)
class SpanView:
    """A finding over time: one word a point."""

    id: str
    title: str
    severity: str
    words: tuple[str, ...]
    now: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """What moved from one assessment to the next, in the lines of ``auditor diff``."""

    anchor: str
    title: str
    moves: tuple[Entry, ...]
    """(verdicts that moved, the causes that they share)."""
    recipients: tuple[str, ...]
    findings: tuple[Entry, ...]
    flows: tuple[Entry, ...]
    underneath: tuple[str, ...]


def render_history_html(history: History) -> str:
    """Return the whole page; every text goes through ``clean`` and Jinja's autoescape."""
    spans = tuple(SpanView(s.id, s.title, s.severity, _words(s.held), s.held[-1]) for s in history.spans)
    steps = tuple(_step(number, step) for number, step in enumerate(history.steps, 1))
    return (
        environment()
        .get_template("history.html.j2")
        .render(
            history=history,
            headline=_headline(history),
            spans=spans[:MOST_ROWS],
            spans_rest=len(spans) - MOST_ROWS,
            steps=steps,
            most_rows=MOST_ROWS,
            **page_parts(),
        )
    )


def _headline(history: History) -> str:
    first, last = history.points[0], history.points[-1]
    gone = sum(1 for span in history.spans if not span.held[-1])
    new = sum(1 for span in history.spans if span.held[-1] and not span.held[0])
    claims = [words.word(words.VERDICT_WORDS, point.claim) if point.claim else "no claim" for point in (first, last)]
    moved = f"stayed “{claims[0]}”" if claims[0] == claims[1] else f"went from “{claims[0]}” to “{claims[1]}”"
    return (
        f"From {first.as_of[:10]} to {last.as_of[:10]} the claim {moved}; {words.plural(new, 'finding')} appeared, "
        f"{gone} vanished, {words.plural(last.findings, 'finding')} now."
    )


def _words(held: tuple[bool, ...]) -> tuple[str, ...]:
    """Return what happened to a finding at each point; the first has nothing before it."""
    first = "there" if held[0] else "not there"
    return (first, *(_HAPPENED[held[n - 1], held[n]] for n in range(1, len(held))))


def _step(number: int, step: Difference) -> StepView:
    return StepView(
        anchor=f"step-{number}",
        title=f"{step.old.as_of[:10]} ({step.old.stage}) to {step.new.as_of[:10]} ({step.new.stage})",
        moves=tuple(moves_together(step.moves)),
        recipients=tuple(recipient_lines(step.recipients)),
        findings=tuple(_split(change_lines(change)) for change in step.findings),
        flows=tuple(_split(change_lines(change)) for change in step.flows),
        underneath=tuple(f"{cause.kind.value.replace('_', ' ')}: {cause.text}" for cause in step.changed),
    )


def _split(lines: list[str]) -> Entry:
    return lines[:1], tuple(line.strip() for line in lines[1:])
