"""What the PDF says, section by section: the view model as rows of text, cleaned, ready for the template."""

from __future__ import annotations

import re
from typing import Any

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.escape import clean, shortened
from auditor.report.page import Depth
from auditor.report.pdf_sections import LONGEST_TEXT, MOST_ON_PAPER, Section, sections
from auditor.report.statement import finding_sentences
from auditor.report.view import build_view

BREAK = "\u200b"
"""Zero-width space: without it a name of ten thousand characters would leave the page."""
_LONGEST_WORD = 24
_DIGEST = re.compile("[0-9a-f]{64}")


def content(assessment: Assessment, depth: Depth = Depth.FULL, notice: str = "") -> dict[str, Any]:
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
        "sections": [_section(section) for section in sections(view, assessment, depth)],
    }
    cleaned: dict[str, Any] = _cleaned(whole)
    return cleaned


def _section(section: Section) -> dict[str, Any]:
    rest = len(section.rows) - MOST_ON_PAPER
    leads = [section.lead] if section.lead else []
    leads += [f"{rest} further rows are not printed here; the JSON and the XLSX hold them all."] if rest > 0 else []
    return {
        "title": section.title,
        "annex": section.annex,
        "lead": " ".join(leads),
        "heads": list(section.heads),
        "widths": list(section.widths),
        "rows": [list(row) for row in section.rows[:MOST_ON_PAPER]],
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
