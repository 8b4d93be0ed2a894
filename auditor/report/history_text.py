"""A history in words: one line an assessment, then what moved from each to the next."""

from __future__ import annotations

from auditor.facts.history import History
from auditor.report import words
from auditor.report.difference_text import render_difference
from auditor.report.escape import clean


def render_history(history: History) -> str:
    """Return the history as plain text; every text from outside is cleaned, one statement a line."""
    lines = [f"{history.deployment}: {len(history.points)} assessments"]
    for point in history.points:
        verdict = words.word(words.VERDICT_WORDS, point.claim) if point.claim else "no claim"
        counts = ", ".join(f"{number} {words.word(words.VERDICT_WORDS, word)}" for word, number in point.controls)
        standing = words.plural(point.findings, "finding")
        lines.append(f"  {point.as_of[:10]} ({point.stage}): claim {verdict}; {counts}; {standing}, {point.open_points} open")
    return "\n".join(clean(line) for line in lines) + "\n\n" + "\n".join(render_difference(step) for step in history.steps)
