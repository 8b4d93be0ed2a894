"""Whether a file that somebody names is a capture or a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.errors import Diagnostic, InvalidInputError, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import readable
from auditor.traffic.opening import STANDARD_INPUT

if TYPE_CHECKING:  # many readers, and a capture needs none of them
    from auditor.traffic.logs import LogFile, LogSource


MARKERS = "_sources"
"""Folder in which a flow table in parts says which of its sources are whole."""
MAPPED = "map"
"""Name of the format that a column map describes."""


def read_map(path: Path, shown: str) -> Mapping[str, object]:
    """Return the column map in a YAML file; its words are checked when the log is opened.

    Raises:
        InvalidInputError: the file cannot be read, or is no mapping.
    """
    from auditor.documents import load_strict
    from auditor.documents.schema import plain

    found = plain(load_strict(path, shown, None).root)
    if not isinstance(found, dict):
        raise InvalidInputError(Diagnostic("no column map", why="it is no mapping", path=shown, next_step="see docs/logs.md"))
    return found


def recognise_source(
    name: str, path: str, log_format: str = "", columns: Mapping[str, object] | None = None
) -> CaptureSource | LogSource:
    """Return ``path`` as what it is; a folder is the rotated set of one log.

    Standard input can be looked at once only: it is a capture, unless a log format is named.

    Args:
        name: how results name it.
        path: where it is on this machine, or ``-``.
        log_format: name of a log format; then it is no capture.
        columns: a column map; then it is a log that the map describes.

    Raises:
        UnreadableError: it is missing or empty, or neither a capture nor a log of a known format.
    """
    if log_format or columns or Path(path).is_dir():
        return log_source(name, path, log_format, columns=columns)
    capture = CaptureSource(name, path, "", ())
    if path == STANDARD_INPUT:
        return capture
    try:
        readable(capture)
    except UnreadableError as no_capture:
        try:
            return log_source(name, path)
        except UnreadableError as no_log:
            raise _neither(name, no_capture, no_log) from no_log
    return capture


def log_source(
    name: str,
    path: str,
    log_format: str = "",
    *,
    vantage: str = "",
    sees: tuple[str, ...] = (),
    canary: str = "",
    columns: Mapping[str, object] | None = None,
) -> LogSource:
    """Return the log at ``path``, a file or the folder of a rotated set, as what it is.

    Raises:
        UnreadableError: it is missing or empty, or of no known format.
        InvalidInputError: the column map is malformed.
    """
    from auditor.traffic.logs import LogSource, format_of
    from auditor.traffic.logs.registry import FORMATS

    known = sorted(known.name for known in FORMATS)
    if log_format and log_format not in known:
        why = f"known: {', '.join(known)}"
        raise UnreadableError(Diagnostic(f"no log format is called {log_format!r}", why, "correct the name", path=name))
    if columns:
        log_format = _format_of_map(columns, log_format)
    source = LogSource(name, tuple(_files(name, path)), vantage, sees, canary, log_format, columns or {})
    if path != STANDARD_INPUT:
        format_of(source)
    return source


def _format_of_map(columns: Mapping[str, object], named: str) -> str:
    """Return the format of a log that a map describes: one of its own, or one of which it says what a record consists of.

    Raises:
        InvalidInputError: the map is malformed.
    """
    from auditor.traffic.logs.column_map import column_map
    from auditor.traffic.logs.registry import FORMATS

    kind = columns.get("kind", named)
    known = next((known for known in FORMATS if known.name == kind and known.fault is not None), None)
    if known is None or known.fault is None:
        column_map(columns)
        return named or MAPPED
    unknown = sorted(columns.keys() - {"kind", "fields"})
    why = f"unknown key {unknown[0]!r}" if unknown else known.fault(columns.get("fields", ""))
    if why or named not in ("", known.name):
        step = f"give the map of a log of kind {known.name} only kind: and fields: (docs/logs.md)"
        raise InvalidInputError(
            Diagnostic("column map: fields", why or f"the log is named to be of kind {named}", next_step=step)
        )
    return known.name


def log_format(name: str, path: str) -> str:
    """Return the name of the format of the log at ``path``.

    Raises:
        UnreadableError: as for ``log_source``.
    """
    from auditor.traffic.logs import LogSource, format_of

    return format_of(LogSource(name, tuple(_files(name, path)))).name


def _files(name: str, path: str) -> Iterator[LogFile]:
    from auditor.traffic.logs import LogFile

    if path == STANDARD_INPUT or not Path(path).is_dir():
        yield LogFile(name, path)
        return
    if (Path(path) / MARKERS).is_dir():
        yield from _whole_parts(name, Path(path))
        return
    found = [p for p in sorted(Path(path).rglob("*")) if p.is_file() and not p.is_symlink() and not p.name.startswith(".")]
    if not found:
        raise UnreadableError(
            Diagnostic(what="cannot read the log", why="the folder holds no file", next_step="name the log", path=name)
        )
    for file in found:
        yield LogFile(f"{name.rstrip('/')}/{file.relative_to(path).as_posix()}", str(file))


def _whole_parts(name: str, folder: Path) -> Iterator[LogFile]:
    """Yield the parts of a folder of flow tables whose sources were written to their end; others do not count."""
    from auditor.traffic.lake.writing import markers
    from auditor.traffic.logs import LogFile

    parts = sorted({part for marker in markers(folder) for part in marker["parts"]})
    if not parts:
        raise UnreadableError(
            Diagnostic(
                "cannot read the flow table", why="no source in the folder is whole", next_step="write it again", path=name
            )
        )
    yield from (LogFile(f"{name.rstrip('/')}/{part}", str(folder / part)) for part in parts)


def _neither(name: str, no_capture: UnreadableError, no_log: UnreadableError) -> UnreadableError:
    """Return one error of both; where the file itself is the matter, both say the same and the first is enough."""
    (capture,), (log,) = no_capture.diagnostics(), no_log.diagnostics()
    if not capture.what.startswith("not a "):
        return no_capture
    step = "name a capture (pcap, pcapng) or a log in one of the forms of docs/logs.md, or its form with --format"
    why = f"as a capture: {capture.why}; as a log: {log.why}"
    return UnreadableError(Diagnostic("neither a capture nor a log of a known format", why=why, next_step=step, path=name))
