"""Writing results: whole files or none, results on stdout, progress and notes on stderr."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from auditor.facts.assessment import Assessment


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


def write_result(path: Path, data: bytes, what: str, quiet: bool) -> None:
    """Write ``data`` to ``path`` and say so on stderr; ``-`` is stdout and needs no word."""
    if path == STDOUT:
        click.echo(data, nl=False)
        return
    write_whole(path, data)
    if not quiet:
        click.echo(f"{what}: {path}", err=True)


def write_outputs(
    assessment: Assessment, outputs: tuple[tuple[AssessmentFormat, Path], ...], quiet: bool, rendering: Rendering
) -> None:
    """Write each (format, path)."""
    for form, path in outputs:
        write_result(path, render(assessment, form, rendering), f"{form} report", quiet)


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
