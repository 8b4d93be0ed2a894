"""Every format of every record, and the function that renders each; a new format is added here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, assert_never

if TYPE_CHECKING:
    from auditor.facts.assessment import Assessment
    from auditor.facts.comparison import Comparison
    from auditor.facts.difference import Difference
    from auditor.facts.history import History
    from auditor.report.envelope import SigningKey


class AssessmentFormat(StrEnum):
    """What an assessment can be written as, in the order in which help and ``docs/formats.md`` list it."""

    JSON = "json"
    HTML = "html"
    TERMINAL = "terminal"
    SARIF = "sarif"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    GITHUB = "github"
    GITLAB = "gitlab"
    CSV_FINDINGS = "csv-findings"
    CSV_FLOWS = "csv-flows"
    CSV_LEDGER = "csv-ledger"
    CSV_REGISTER = "csv-register"
    XLSX = "xlsx"
    PDF = "pdf"
    OSCAL = "oscal"
    IN_TOTO = "in-toto"


class ComparisonFormat(StrEnum):
    """What a comparison can be written as."""

    JSON = "json"
    HTML = "html"
    TERMINAL = "terminal"


class DifferenceFormat(StrEnum):
    """What a difference can be written as."""

    JSON = "json"
    TERMINAL = "terminal"


class HistoryFormat(StrEnum):
    """What a history can be written as."""

    JSON = "json"
    HTML = "html"
    TERMINAL = "terminal"


_Located = Literal[AssessmentFormat.SARIF, AssessmentFormat.JUNIT, AssessmentFormat.GITHUB, AssessmentFormat.GITLAB]
"""Formats that point into files of the repository."""
_Proof = Literal[AssessmentFormat.OSCAL, AssessmentFormat.IN_TOTO]
"""Formats that other tools take as evidence."""
_Document = Literal[AssessmentFormat.XLSX, AssessmentFormat.PDF]
"""Formats that are no text and need an optional library."""
_Table = Literal[
    AssessmentFormat.CSV_FINDINGS, AssessmentFormat.CSV_FLOWS, AssessmentFormat.CSV_LEDGER, AssessmentFormat.CSV_REGISTER
]


@dataclass(frozen=True, slots=True)
class Rendering:
    """How an assessment is written, whatever the format; each format takes what concerns it."""

    root: str | None = None
    """The deployment's folder in its repository; ``None`` where nobody said."""
    key: SigningKey | None = None
    """What a statement is signed with."""
    depth: str = "full"
    """How much the page and the PDF tell: ``summary`` | ``findings`` | ``full``."""
    pseudonyms: bytes = b""
    """Key under which names become pseudonyms; empty where they stay."""

    def below(self, root: str) -> Rendering:
        """Return the same with ``root`` where nobody said another."""
        return self if self.root is not None else replace(self, root=root)


AS_IT_COMES = Rendering()


def render(assessment: Assessment, form: AssessmentFormat, how: Rendering = AS_IT_COMES) -> bytes:
    """Return ``assessment`` as ``form``, without colour."""
    if how.pseudonyms:
        from auditor.report.redaction import redacted

        return render(redacted(assessment, how.pseudonyms), form, replace(how, pseudonyms=b"", root=""))
    match form:
        case AssessmentFormat.JSON:
            from auditor.report.assessment_json import dump_assessment

            data = dump_assessment(assessment)
        case AssessmentFormat.HTML:
            from auditor.report.html import render_html
            from auditor.report.page import Depth

            data = render_html(assessment, Depth(how.depth)).encode()
        case AssessmentFormat.TERMINAL:
            from auditor.report.terminal import render_terminal

            data = render_terminal(assessment, width=100, colour=False).encode()
        case AssessmentFormat.MARKDOWN:
            from auditor.report.markdown import render_markdown

            data = render_markdown(assessment)
        case AssessmentFormat.SARIF | AssessmentFormat.JUNIT | AssessmentFormat.GITHUB | AssessmentFormat.GITLAB:
            data = _render_located(assessment, form, how.root or "")
        case (
            AssessmentFormat.CSV_FINDINGS
            | AssessmentFormat.CSV_FLOWS
            | AssessmentFormat.CSV_LEDGER
            | AssessmentFormat.CSV_REGISTER
        ):
            data = _render_table(assessment, form)
        case AssessmentFormat.XLSX | AssessmentFormat.PDF:
            data = _render_document(assessment, form, how.depth)
        case AssessmentFormat.OSCAL | AssessmentFormat.IN_TOTO:
            data = _render_proof(assessment, form, how)
        case _:
            assert_never(form)
    return data


def _render_located(assessment: Assessment, form: _Located, root: str) -> bytes:
    match form:
        case AssessmentFormat.SARIF:
            from auditor.report.sarif import render_sarif

            return render_sarif(assessment, root)
        case AssessmentFormat.JUNIT:
            from auditor.report.junit import render_junit

            return render_junit(assessment, root)
        case AssessmentFormat.GITHUB:
            from auditor.report.github import render_github

            return render_github(assessment, root)
        case AssessmentFormat.GITLAB:
            from auditor.report.gitlab import render_gitlab

            return render_gitlab(assessment, root)
        case _:
            assert_never(form)


def _render_proof(assessment: Assessment, form: _Proof, how: Rendering) -> bytes:
    match form:
        case AssessmentFormat.OSCAL:
            from auditor.report.oscal import render_oscal

            return render_oscal(assessment)
        case AssessmentFormat.IN_TOTO:
            from auditor.report.in_toto import render_in_toto

            return render_in_toto(assessment, how.key)
        case _:
            assert_never(form)


def _render_document(assessment: Assessment, form: _Document, depth: str) -> bytes:
    match form:
        case AssessmentFormat.XLSX:
            from auditor.report.xlsx import render_xlsx

            return render_xlsx(assessment)
        case AssessmentFormat.PDF:
            from auditor.report.page import Depth
            from auditor.report.pdf import render_pdf

            return render_pdf(assessment, Depth(depth))
        case _:
            assert_never(form)


def _render_table(assessment: Assessment, form: _Table) -> bytes:
    from auditor.report.csv_tables import findings_csv, flows_csv, ledger_csv, register_csv

    match form:
        case AssessmentFormat.CSV_FINDINGS:
            return findings_csv(assessment)
        case AssessmentFormat.CSV_FLOWS:
            return flows_csv(assessment)
        case AssessmentFormat.CSV_LEDGER:
            return ledger_csv(assessment)
        case AssessmentFormat.CSV_REGISTER:
            return register_csv(assessment)
        case _:
            assert_never(form)


def render_comparison(comparison: Comparison, form: ComparisonFormat, width: int = 140, colour: bool = False) -> bytes:
    """Return ``comparison`` as ``form``."""
    match form:
        case ComparisonFormat.JSON:
            from auditor.report.comparison_json import dump_comparison

            return dump_comparison(comparison)
        case ComparisonFormat.HTML:
            from auditor.report.compare_html import render_comparison_html

            return render_comparison_html(comparison).encode()
        case ComparisonFormat.TERMINAL:
            from auditor.report.compare_terminal import render_comparison_terminal

            return render_comparison_terminal(comparison, width=width, colour=colour).encode()
        case _:
            assert_never(form)


def render_difference(difference: Difference, form: DifferenceFormat) -> bytes:
    """Return ``difference`` as ``form``."""
    match form:
        case DifferenceFormat.JSON:
            from auditor.report.difference_json import dump_record

            return dump_record(difference)
        case DifferenceFormat.TERMINAL:
            from auditor.report.difference_text import render_difference as in_words

            return in_words(difference).encode()
        case _:
            assert_never(form)


def render_history(history: History, form: HistoryFormat) -> bytes:
    """Return ``history`` as ``form``."""
    match form:
        case HistoryFormat.JSON:
            from auditor.report.difference_json import dump_record

            return dump_record(history)
        case HistoryFormat.HTML:
            from auditor.report.history_html import render_history_html

            return render_history_html(history).encode()
        case HistoryFormat.TERMINAL:
            from auditor.report.history_text import render_history as in_words

            return in_words(history).encode()
        case _:
            assert_never(form)
