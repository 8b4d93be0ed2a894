"""Options that several commands share, and their parsing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from auditor.cli.output import STDOUT, cannot_write, explained, is_special
from auditor.cli.progress import ProgressForm
from auditor.report.extras import check_extra

Command = TypeVar("Command", bound=Callable[..., Any])
Format = TypeVar("Format", bound=StrEnum)

PATH = click.Path(path_type=Path)


def as_of_option(function: Command) -> Command:
    """``--as-of``: the only clock; now by default, and always printed."""
    return click.option(
        "--as-of",
        metavar="DATE",
        callback=_as_of,
        help="Judge as of this date or date-time (ISO 8601, UTC). Default: now. The only clock.",
    )(function)


def _as_of(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return a canonical ISO 8601 date-time in UTC with seconds."""
    if value is None:
        moment = dt.datetime.now(dt.UTC)
    else:
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError as error:
            raise click.BadParameter(
                f"{value!r} is no ISO 8601 date; write for example 2026-11-23 or 2026-11-23T12:00:00Z", context, parameter
            ) from error
        moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_parameters(values: tuple[str, ...], reason: str | None) -> tuple[tuple[str, str, str], ...]:
    """Return (name, value, reason) triples of ``NAME=VALUE`` options."""
    triples = []
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise click.BadParameter(f"{text!r}: write NAME=VALUE, for example observed_window=1h", param_hint="--parameter")
        triples.append((name, value, reason or ""))
    return tuple(triples)


def output_option(formats: type[Format]) -> Callable[[Command], Command]:
    """``--output FORMAT:PATH``, repeatable, for the formats of a command."""
    return click.option(
        "-o",
        "--output",
        "outputs",
        multiple=True,
        metavar="FORMAT:PATH",
        shell_complete=lambda _context, _parameter, typed: [f"{form}:" for form in formats if form.startswith(typed)],
        help=f"Write a result to a file, or to stdout for the path -; FORMAT is one of {', '.join(formats)}; repeatable.",
    )


def progress_option(function: Command) -> Command:
    """``--progress``: how progress is told on stderr."""
    return click.option(
        "--progress",
        "progress_form",
        type=click.Choice([form.value for form in ProgressForm]),
        default=ProgressForm.AUTO.value,
        help="Progress on stderr: a line on a terminal (auto), a line a stage (log), JSON lines (json), nothing (none).",
    )(function)


def parse_outputs(
    values: tuple[str, ...], formats: type[Format], folders: Callable[[Format, Path], bool] = lambda *_: False
) -> tuple[tuple[Format, Path], ...]:
    """Return (format, path) pairs of ``FORMAT:PATH`` options.

    What can be known before any work is refused here: a format whose library is not installed, a path that nothing can be
    written to, one path for two results.

    Args:
        values: as typed.
        formats: the formats of the command.
        folders: whether a result is a folder, to which a run may add.

    Raises:
        click.BadParameter: not ``FORMAT:PATH``.
        UsageError: it could not be written.
    """
    pairs = []
    for text in values:
        name, colon, target = text.partition(":")
        if not colon or not target or name not in set(formats):
            raise click.BadParameter(
                f"{text!r}: write FORMAT:PATH with FORMAT one of {', '.join(formats)}", param_hint="--output"
            )
        pairs.append((formats(name), Path(target)))
    for form, path in pairs:
        check_extra(form)
        _check_target(path, [other for _, other in pairs].count(path), folder=folders(form, path))
    return tuple(pairs)


def _check_target(path: Path, times: int, *, folder: bool) -> None:
    if path == STDOUT:
        return
    if times > 1:
        raise cannot_write(path, f"{times} results are to go there")
    with explained(path):
        if path.is_dir() and not folder:
            raise cannot_write(path, "it is a folder")
        if path.is_dir() or is_special(path):
            return
        parent = path.resolve().parent
        if not parent.is_dir():
            raise cannot_write(path, "its folder does not exist")
        if not os.access(parent, os.W_OK | os.X_OK):
            raise cannot_write(path, "its folder cannot be written to")


def complete_profile(context: click.Context, parameter: click.Parameter, typed: str) -> list[str]:  # noqa: ARG001
    """Return the shipped profiles whose names begin with what was typed; click's signature."""
    from auditor.evaluate import shipped_profiles

    return [name for name in shipped_profiles() if name.startswith(typed)]


def typed_root(path: Path) -> str:
    """Return the deployment's folder as the user typed it, with forward slashes; empty for an absolute path or ``.``."""
    folder = path if path.is_dir() else path.parent
    relative = "" if path.is_absolute() or ".." in path.parts else folder.as_posix()
    return "" if relative == "." else relative


def read_key(path: Path, option: str = "--fingerprint-key-file") -> bytes:
    """Return the key in ``path`` without surrounding white space.

    Raises:
        click.BadParameter: the file cannot be read, or holds nothing.
    """
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise click.BadParameter(f"cannot read {path}: {why}", param_hint=option) from error
    if not key:
        raise click.BadParameter(f"{path} holds no key", param_hint=option)
    return key
