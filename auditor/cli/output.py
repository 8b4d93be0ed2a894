"""Writing results: all of them or none, results on stdout, notes on stderr."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from auditor.facts.assessment import Assessment


STDOUT = Path("-")
MINIMUM_WIDTH, MAXIMUM_WIDTH = 60, 120


@dataclass(frozen=True, slots=True)
class Result:
    """One result, made and not yet written."""

    path: Path
    """``-`` is stdout."""
    data: bytes | Iterable[bytes]
    """All of it, or piece after piece what is too large to lie in memory twice."""
    what: str
    """What is said to have been written: ``sarif report``."""


def write_results(results: Iterable[Result], quiet: bool = False) -> None:
    """Write all results or none: every file through a neighbour, and no file takes its name before all are there.

    ``results`` are made before the first is written, but for those that come in pieces. A link is followed; a device or
    a pipe has no neighbour and is written to, after the files. What goes to a file is told on stderr unless ``quiet``.

    Raises:
        UsageError: a folder does not exist or cannot be written.
    """
    made = tuple(results)
    waiting: list[tuple[Result, Path]] = []
    try:
        for result in made:
            if not _goes_through(result.path):
                waiting.append((result, _write_beside(result, len(waiting))))
        for result, temporary in waiting:
            with explained(result.path):
                temporary.replace(result.path.resolve())
    finally:
        for _, temporary in waiting:
            temporary.unlink(missing_ok=True)
    for result in made:
        if result.path == STDOUT:
            for piece in _pieces(result):
                click.echo(piece, nl=False)
            continue
        if _goes_through(result.path):
            with explained(result.path), result.path.open("wb") as file:
                file.writelines(_pieces(result))
        if not quiet:
            click.echo(f"{result.what}: {result.path}", err=True)


def write_result(path: Path, data: bytes, what: str, quiet: bool = False) -> None:
    """Write one result, for commands that have one; raises what ``write_results`` does."""
    write_results((Result(path, data, what),), quiet)


def _goes_through(path: Path) -> bool:
    with explained(path):
        return path == STDOUT or is_special(path)


def is_special(path: Path) -> bool:
    """Return whether a path is there and neither file nor folder: a device, a pipe, a socket, also by way of a link.

    Raises:
        OSError: nobody may look there.
    """
    return path.exists() and not path.is_file() and not path.is_dir()


def _write_beside(result: Result, number: int) -> Path:
    target = result.path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{number}.part")
    with explained(result.path):
        whole = False
        try:
            with temporary.open("wb") as file:
                file.writelines(_pieces(result))
            whole = True
        finally:
            if not whole:
                temporary.unlink(missing_ok=True)
    return temporary


def _pieces(result: Result) -> Iterable[bytes]:
    return (result.data,) if isinstance(result.data, bytes) else result.data


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an error of the operating system into one that says why ``path`` cannot be written."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error.strerror or type(error).__name__) from error


def cannot_write(path: Path, why: str) -> UsageError:
    """Return the error that says why a result cannot be written."""
    step = "create the folder or choose another path"
    return UsageError(Diagnostic("cannot write the result", why, step, str(path)))


def assessment_results(
    assessment: Assessment, outputs: tuple[tuple[AssessmentFormat, Path], ...], rendering: Rendering
) -> tuple[Result, ...]:
    """Return the assessment in each (format, path)."""
    return tuple(Result(path, render(assessment, form, rendering), f"{form} report") for form, path in outputs)


def tell_inputs(assessment: Assessment) -> None:
    """Tell on stderr what was read, what was not, and by what it was judged."""
    from auditor.report.escape import clean

    lines = [f"read {i.kind} {i.path} ({i.size} bytes, sha256 {i.sha256})" for i in assessment.inputs]
    lines += [f"not examined {n.path}: {n.reason}" for n in assessment.not_examined]
    lines += [f"judged by {p.id} {p.version}, {p.origin} (sha256 {p.sha256})" for p in assessment.profiles]
    lines.append(f"judged at stage {assessment.stage} as of {assessment.as_of}, catalog sha256 {assessment.catalog_sha256}")
    click.echo("".join(f"auditor: {clean(line)}\n" for line in lines), nl=False, err=True)


def print_assessment(assessment: Assessment) -> None:
    """Print the terminal report on stdout, in colour where stdout is a terminal and NO_COLOR is unset."""
    from auditor.report.terminal import render_terminal

    width = max(MINIMUM_WIDTH, min(MAXIMUM_WIDTH, shutil.get_terminal_size((100, 40)).columns))
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(render_terminal(assessment, width=width, colour=colour), nl=False, color=colour)
