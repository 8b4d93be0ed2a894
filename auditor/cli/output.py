"""Writing results: whole files or none, results on stdout, progress and notes on stderr."""

from __future__ import annotations

import os
import shutil
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, assert_never

import click

from auditor.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from auditor.facts.assessment import Assessment
    from auditor.facts.comparison import Comparison
    from auditor.facts.difference import Difference


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


class ComparisonFormat(StrEnum):
    """What a comparison can be written as."""

    JSON = "json"
    HTML = "html"
    TERMINAL = "terminal"


class DifferenceFormat(StrEnum):
    """What a difference can be written as."""

    JSON = "json"
    TERMINAL = "terminal"


STDOUT = Path("-")
MINIMUM_WIDTH, MAXIMUM_WIDTH = 60, 120
_PROGRESS_AFTER_SECONDS = 0.7


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` through a neighbour file, so that no half-written result is ever seen.

    Raises:
        UsageError: the folder does not exist or cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(
            Diagnostic(
                what="cannot write the result",
                why=error.strerror or type(error).__name__,
                path=str(path),
                next_step="create the folder or choose another path",
            )
        ) from error


_Located = Literal[AssessmentFormat.SARIF, AssessmentFormat.JUNIT, AssessmentFormat.GITHUB, AssessmentFormat.GITLAB]
"""Formats that point into files of the repository."""
_Table = Literal[AssessmentFormat.CSV_FINDINGS, AssessmentFormat.CSV_FLOWS, AssessmentFormat.CSV_LEDGER]


def render(assessment: Assessment, form: AssessmentFormat, root: str = "") -> bytes:
    """Return ``assessment`` as ``form``, without colour; ``root`` is the deployment's folder in its repository."""
    match form:
        case AssessmentFormat.JSON:
            from auditor.report.assessment_json import dump_assessment

            data = dump_assessment(assessment)
        case AssessmentFormat.HTML:
            from auditor.report.html import render_html

            data = render_html(assessment).encode()
        case AssessmentFormat.TERMINAL:
            from auditor.report.terminal import render_terminal

            data = render_terminal(assessment, width=100, colour=False).encode()
        case AssessmentFormat.MARKDOWN:
            from auditor.report.markdown import render_markdown

            data = render_markdown(assessment)
        case AssessmentFormat.SARIF | AssessmentFormat.JUNIT | AssessmentFormat.GITHUB | AssessmentFormat.GITLAB:
            data = _render_located(assessment, form, root)
        case AssessmentFormat.CSV_FINDINGS | AssessmentFormat.CSV_FLOWS | AssessmentFormat.CSV_LEDGER:
            data = _render_table(assessment, form)
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


def _render_table(assessment: Assessment, form: _Table) -> bytes:
    from auditor.report.csv_tables import findings_csv, flows_csv, ledger_csv

    match form:
        case AssessmentFormat.CSV_FINDINGS:
            return findings_csv(assessment)
        case AssessmentFormat.CSV_FLOWS:
            return flows_csv(assessment)
        case AssessmentFormat.CSV_LEDGER:
            return ledger_csv(assessment)
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
            from auditor.report.difference_json import dump_difference

            return dump_difference(difference)
        case DifferenceFormat.TERMINAL:
            from auditor.report.difference_text import render_difference as in_words

            return in_words(difference).encode()
        case _:
            assert_never(form)


def write_result(path: Path, data: bytes, what: str, quiet: bool) -> None:
    """Write ``data`` to ``path`` and say so on stderr; ``-`` is stdout and needs no word."""
    if path == STDOUT:
        click.echo(data, nl=False)
        return
    write_whole(path, data)
    if not quiet:
        click.echo(f"{what}: {path}", err=True)


def write_outputs(
    assessment: Assessment, outputs: tuple[tuple[AssessmentFormat, Path], ...], quiet: bool, root: str = ""
) -> None:
    """Write each (format, path)."""
    for form, path in outputs:
        write_result(path, render(assessment, form, root), f"{form} report", quiet)


def print_assessment(assessment: Assessment) -> None:
    """Print the terminal report on stdout, in colour where stdout is a terminal and NO_COLOR is unset."""
    from auditor.report.terminal import render_terminal

    width = max(MINIMUM_WIDTH, min(MAXIMUM_WIDTH, shutil.get_terminal_size((100, 40)).columns))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(render_terminal(assessment, width=width, colour=colour), nl=False, color=colour)


class ProgressLine:
    """One line on stderr that says how far long work is; silent for short work and where stderr is no terminal."""

    def __init__(self, enabled: bool) -> None:
        """Start the clock of the line; it never enters a result."""
        self._enabled = enabled and sys.stderr.isatty()
        self._start = time.monotonic()
        self._shown = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show ``what``, the share done, the rate and the time that remains."""
        elapsed = time.monotonic() - self._start
        if not self._enabled or elapsed < _PROGRESS_AFTER_SECONDS or not total:
            return
        rate = done / elapsed
        remaining = (total - done) / rate if rate else 0
        text = f"{what}: {done / total:4.0%} at {rate / 1e6:.0f} MB/s, {remaining:.0f} s left"
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)
        self._shown = True

    def finish(self) -> None:
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)
