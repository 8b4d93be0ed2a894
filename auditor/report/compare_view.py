"""The comparison for readers: one column a candidate, its other columns beneath where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.facts.comparison import CellRecord, ColumnRecord, Comparison, OutcomeRecord
from auditor.report.words import VERDICT_WORDS, time_words

KIND_WORDS = {"deployed": "as deployed", "documented": "as documented", "best": "best achievable"}
_ORDER = ("deployed", "documented", "best")
_MET = {"pass": "met by", "unknown": "not proven for", "fail": "not met by", "not_applicable": "not tested by anything for"}
CURE_WORDS = {
    "setting": "Cure: a setting.",
    "redirect": "Cure: a redirect.",
    "contract": "Cure: a contract.",
    "network": "Cure: the network.",
    "evidence": "What would settle it:",
    "none": "No cure:",
}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of a candidate with its heading word."""

    kind: str
    kind_word: str
    record: ColumnRecord


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate: its main column first (as deployed, else as documented)."""

    anchor: str
    title: str
    columns: tuple[ColumnView, ...]

    @property
    def main(self) -> ColumnView:
        """The column that carries the large text."""
        return self.columns[0]


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One requirement for one candidate."""

    kind_word: str
    verdict: str
    verdict_word: str
    fact: str
    cure: str
    cure_word: str


@dataclass(frozen=True, slots=True)
class CellView:
    """One answer for one candidate."""

    kind_word: str
    text: str
    tone: str
    basis: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement and, for each candidate, its outcomes: main first, then those that differ."""

    control: str
    title: str
    sentence: str
    severity: str
    outcomes: tuple[tuple[OutcomeView, ...], ...]


@dataclass(frozen=True, slots=True)
class RowView:
    """A question and, for each candidate, its answers: main first, then those that differ."""

    anchor: str
    title: str
    question: str
    cells: tuple[tuple[CellView, ...], ...]
    differs: bool
    """Whether the candidates' main answers are not all the same."""


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """Everything that a comparison page or terminal prints."""

    profile: str
    as_of: str
    tool: str
    headline: str
    candidates: tuple[CandidateView, ...]
    requirements: tuple[RequirementView, ...]
    rows: tuple[RowView, ...]


def build_comparison_view(comparison: Comparison) -> ComparisonView:
    """Return the view of ``comparison``; candidates and rows keep its order."""
    candidates = _candidates(comparison)
    return ComparisonView(
        profile=comparison.profile_title,
        as_of=time_words(comparison.as_of),
        tool=comparison.tool,
        headline=_headline(comparison, candidates),
        candidates=candidates,
        requirements=tuple(
            RequirementView(r.control, r.title, r.sentence, r.severity, tuple(_outcomes(c, r.outcomes) for c in candidates))
            for r in comparison.requirements
        ),
        rows=tuple(_row(r.id, r.title, r.question, r.cells, candidates) for r in comparison.rows),
    )


def _candidates(comparison: Comparison) -> tuple[CandidateView, ...]:
    grouped: dict[str, list[ColumnRecord]] = {}
    for column in comparison.columns:
        grouped.setdefault(column.candidate, []).append(column)
    views = []
    for number, columns in enumerate(grouped.values(), 1):
        ordered = sorted(columns, key=lambda c: _ORDER.index(c.kind))
        title = ordered[0].title.removesuffix(f", {KIND_WORDS[ordered[0].kind]}")
        views.append(
            CandidateView(f"candidate-{number}", title, tuple(ColumnView(c.kind, KIND_WORDS[c.kind], c) for c in ordered))
        )
    return tuple(views)


def _headline(comparison: Comparison, candidates: Sequence[CandidateView]) -> str:
    """Return who meets the profile and who does not, each candidate once; the column is said once where it is the same."""
    kinds = {c.main.kind_word for c in candidates}
    alike = len(kinds) == 1
    held: dict[str, list[str]] = {}
    for candidate in candidates:
        name = candidate.title if alike else f"{candidate.title} ({candidate.main.kind_word})"
        held.setdefault(candidate.main.record.verdict, []).append(name)
    parts = [f"{_MET[verdict]} {', '.join(held[verdict])}" for verdict in _MET if verdict in held]
    column = f", {kinds.pop()}" if alike else ""
    return f"“{comparison.profile_title}”{column}: {'; '.join(parts)}."


def _outcomes(candidate: CandidateView, records: Sequence[OutcomeRecord]) -> tuple[OutcomeView, ...]:
    by_column = {r.column: r for r in records}
    return tuple(_outcome(column, by_column[column.record.id]) for column in candidate.columns)


def _outcome(column: ColumnView, record: OutcomeRecord) -> OutcomeView:
    return OutcomeView(
        kind_word=column.kind_word,
        verdict=record.verdict,
        verdict_word=VERDICT_WORDS.get(record.verdict, record.verdict),
        fact=record.blocking_fact,
        cure=record.cure,
        cure_word=CURE_WORDS.get(record.cure_kind, ""),
    )


def _row(
    identifier: str, title: str, question: str, records: Sequence[CellRecord], candidates: Sequence[CandidateView]
) -> RowView:
    by_column = {r.column: r for r in records}
    cells = tuple(_cells(candidate, by_column) for candidate in candidates)
    return RowView(f"row-{identifier}", title, question, cells, len({c[0].text for c in cells}) > 1)


def _cells(candidate: CandidateView, by_column: dict[str, CellRecord]) -> tuple[CellView, ...]:
    views: list[CellView] = []
    for column in candidate.columns:
        record = by_column[column.record.id]
        if views and record.text == views[0].text:
            continue
        basis = f"{record.basis}, {record.date}" if record.date else record.basis
        views.append(CellView(column.kind_word, record.text, record.tone, basis, record.details if not views else ()))
    return tuple(views)
