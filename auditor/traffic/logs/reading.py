"""Logs in, flows and look-ups out: the front door of the package, and with ``inputs`` its only input and output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from auditor.errors import UnreadableError
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LogInput, Progress, Repeats
from auditor.traffic.logs.local import local_protocol
from auditor.traffic.logs.record import LogFlow, LogRecord
from auditor.traffic.logs.registry import FORMATS
from auditor.traffic.logs.source import LogFile, LogSource

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class LogReading:
    """A log that is being read."""

    source: LogSource
    format: LogFormat
    records: Iterator[LogRecord]
    """Flows and look-ups, once; memory is bounded by what must be joined or folded."""
    coverage: LogCoverage
    """Complete when ``records`` has ended."""


def recognise(head: bytes, file_name: str) -> LogFormat | None:
    """Return the format of a file that begins with ``head`` (unpacked) and is called ``file_name``; ``None`` for none."""
    return recognise_head(Head(head, file_name))


def recognise_head(head: Head) -> LogFormat | None:
    """Return the first format that recognises ``head``, ``None`` when no one does."""
    return next((known for known in FORMATS if known.recognise(head)), None)


def format_of(source: LogSource) -> LogFormat:
    """Return the format of ``source``: the one that its user names, else the one that all of its files have.

    Raises:
        UnreadableError: a file is missing, empty, of no known format, or of another format than those before it.
    """
    return _format(source, [LogInput(file, LogCoverage("")) for file in source.files])


def read_log(source: LogSource, progress: Progress | None = None) -> LogReading:
    """Begin to read ``source``.

    Raises:
        UnreadableError: as for ``format_of``. A file that is cut or damaged further on is read as far as it goes, and
            its coverage says so.
    """
    coverage, repeats = LogCoverage(""), Repeats()
    files = [LogInput(file, coverage, progress, repeats) for file in sorted(source.files)]
    known = _format(source, files)
    coverage.format, coverage.blind = known.name, known.blind
    records = _counted(known.read(Task(files, coverage, source.columns)), coverage)
    return LogReading(source, known, records, coverage)


def _format(source: LogSource, files: list[LogInput]) -> LogFormat:
    if source.format:
        return next(known for known in FORMATS if known.name == source.format)
    found: LogFormat | None = None
    for file in files:
        one = _recognised(file)
        if found is not None and one.name != found.name:
            why = f"it is a log of kind {one.name}, and {files[0].id} beside it of kind {found.name}"
            raise file.refuse(why, "name logs of different kinds as sources of their own")
        found = one
    if found is None:
        raise LogInput(LogFile(source.id, ""), LogCoverage("")).refuse("it has no file", "")
    return found


def _recognised(file: LogInput) -> LogFormat:
    head = file.head()
    found = recognise_head(head)
    if found is None:
        raise _unknown(file, head)
    return found


def _unknown(file: LogInput, head: Head) -> UnreadableError:
    if head.data.startswith(_UTF16):
        return file.refuse("it is text in UTF-16", "convert it to UTF-8 first")
    if b"\0" in head.data[:4096]:
        return file.refuse(f"it begins with the bytes {head.data[:4].hex(' ')}, which are no text", "")
    names = ", ".join(known.name for known in FORMATS)
    return file.refuse(f"its first lines are of no known format ({names})", "")


def _counted(records: Iterator[LogRecord], coverage: LogCoverage) -> Iterator[LogRecord]:
    for record in records:
        if isinstance(record, LogFlow):
            coverage.flows += 1
            local = local_protocol(record)
            yield replace(record, local_protocol=local) if local else record
        else:
            coverage.lookups += 1
            yield record
