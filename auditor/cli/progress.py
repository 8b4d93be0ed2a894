"""How far long work is, on stderr: a line for people, JSON lines for programs, or one line a stage for logs.

A stage begins with a total of 0; bytes of long work follow. None of it enters a result.
"""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum

import click

_AFTER_SECONDS = 0.7
_PERCENT = 100


class ProgressForm(StrEnum):
    """How progress is told."""

    AUTO = "auto"
    """A line on a terminal, for work that takes long; else nothing."""
    LOG = "log"
    """A line a stage."""
    JSON = "json"
    """A JSON object a line."""
    NONE = "none"


class Silent:
    """Tells nothing."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Take what was done."""

    def finish(self, exit_code: int | None = None) -> None:
        """Take how it ended."""


class ProgressLine(Silent):
    """One line on stderr that says how far long work is; silent for short work and where stderr is no terminal."""

    def __init__(self, enabled: bool) -> None:
        """Start the clock of the line; it never enters a result."""
        self._enabled = enabled and sys.stderr.isatty()
        self._start = time.monotonic()
        self._shown = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show ``what``, the share done, the rate and the time that remains."""
        elapsed = time.monotonic() - self._start
        if not self._enabled or elapsed < _AFTER_SECONDS or not total:
            return
        rate = done / elapsed
        remaining = (total - done) / rate if rate else 0
        text = f"{what}: {done / total:4.0%} at {rate / 1e6:.0f} MB/s, {remaining:.0f} s left"
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)
        self._shown = True

    def finish(self, exit_code: int | None = None) -> None:  # noqa: ARG002 -- the exit code speaks for itself
        """Clear the line."""
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


class ProgressLog(Silent):
    """One line a stage: for the log of a pipeline that is to be read afterwards."""

    def __call__(self, what: str, done: int, total: int) -> None:  # noqa: ARG002 -- stages only
        """Tell that a stage begins."""
        if not total:
            click.echo(f"auditor: {what}", err=True)


class ProgressJson(Silent):
    """One JSON object a line: ``stage`` with its name, ``progress`` at most once a percent, ``end`` with the exit code."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._told = ("", -1)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Tell a stage or the bytes of long work."""
        if not total:
            self._line({"event": "stage", "stage": what})
            return
        percent = done * _PERCENT // total
        if (what, percent) != self._told:
            self._told = (what, percent)
            self._line({"event": "progress", "what": what, "done": done, "total": total})

    def finish(self, exit_code: int | None = None) -> None:
        """Tell the exit code."""
        self._line({"event": "end", "exit_code": exit_code})

    @staticmethod
    def _line(event: dict[str, object]) -> None:
        click.echo(json.dumps(event), err=True)


def progress_of(form: ProgressForm, quiet: bool = False, verbose: bool = False) -> Silent:
    """Return what tells progress; ``quiet`` and ``verbose`` decide where the form is ``auto``."""
    match form:
        case ProgressForm.JSON:
            return ProgressJson()
        case ProgressForm.LOG:
            return ProgressLog()
        case ProgressForm.NONE:
            return Silent()
        case ProgressForm.AUTO:
            return ProgressLog() if verbose else ProgressLine(enabled=not quiet)
