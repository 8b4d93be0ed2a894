"""The files of a log, line by line: compression taken off, digested, repeated lines dropped and counted."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from auditor.errors import Diagnostic, UnreadableError
from auditor.traffic.logs.coverage import FileDigest, LogCoverage
from auditor.traffic.logs.head import HEAD_BYTES, Head
from auditor.traffic.logs.parquet import MAGIC, DamagedParquetError, parquet_rows
from auditor.traffic.logs.source import LogFile
from auditor.traffic.opening import CHUNK, STANDARD_INPUT, Digesting, Refuse, open_raw, unpack
from auditor.traffic.window import Source

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes; a longer line is damage or an attack, and is skipped with a count."""
LONGEST_MATCHED = 16 * 1024
"""Bytes of a line that patterns are held against: what no pattern can be made to work hard on."""
MOST_REMEMBERED = 500_000
"""Lines by which repeated ones are told, in each of two generations."""
_SHORTEST_REPEATED = 24
"""Bytes; a shorter line may well be said twice and mean two things."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HASH = ord("#")
_FIRST_ROWS = 5

Progress = Callable[[str, int, int], None]
"""Called with (file id, bytes read of the file, bytes of the file)."""


class Line(NamedTuple):
    """One line of a file."""

    number: int
    """One-based."""
    text: str
    """Without its end; bytes that are no UTF-8 show as ``\\xNN``."""


class _Readable(io.RawIOBase):
    """Unpacked bytes as a raw stream, with bytes in front that were taken already."""

    def __init__(self, source: Source, before: bytes) -> None:
        self._source = source
        self._before = before

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._before:
            return self._source.readinto1(buffer)
        part, self._before = self._before[: len(buffer)], self._before[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


@dataclass(slots=True)
class Repeats:
    """Tells lines that were read before, within bounded memory: the older half is forgotten at a time."""

    _now: set[int] = field(default_factory=set)
    _before: set[int] = field(default_factory=set)

    def again(self, raw: bytes) -> bool:
        """Return whether ``raw`` was seen before, and remember it."""
        mark = hash(raw)
        if mark in self._now or mark in self._before:
            return True
        self._now.add(mark)
        if len(self._now) >= MOST_REMEMBERED:
            self._now, self._before = set(), self._now
        return False


class _Opened(NamedTuple):
    digesting: Digesting
    stream: io.BufferedIOBase
    """Unpacked bytes."""
    errors: tuple[type[Exception], ...]
    """How the stream says that the file is damaged or cut."""


@dataclass(slots=True)
class LogInput:
    """One file of the source, opened when asked for."""

    file: LogFile
    coverage: LogCoverage
    progress: Progress | None = None
    repeats: Repeats = field(default_factory=Repeats)
    _head: Head | None = None
    _piped: _Opened | None = None
    """Standard input, which can be read once only."""

    @property
    def id(self) -> str:
        """Return how the file is named in results."""
        return self.file.id

    def head(self) -> Head:
        """Return the beginning of the file, unpacked.

        Raises:
            UnreadableError: the file cannot be opened, is empty, or its compression is damaged at once.
        """
        if self._head is None:
            with self._open() as opened:
                data = _first(opened, HEAD_BYTES, self.refuse)
                if self.file.path == STANDARD_INPUT:
                    again = io.BufferedReader(_Readable(opened.stream, data), CHUNK)
                    self._piped = opened._replace(stream=again)
            if not data:
                raise self.refuse("the file has no byte", "")
            self._head = Head(data, Path(self.file.id).name, self._first_rows() if data.startswith(MAGIC) else None)
        return self._head

    def _first_rows(self) -> list[Mapping[str, Any]]:
        if self.file.path == STANDARD_INPUT:
            raise self.refuse("it is Parquet, which cannot be read from standard input", "name the file")
        try:
            return list(islice(parquet_rows(self.file.path), _FIRST_ROWS))
        except DamagedParquetError as error:
            raise self.refuse(f"it begins like Parquet, and DuckDB says: {error}", "") from error

    @contextmanager
    def content(self) -> Iterator[io.BufferedIOBase]:
        """Give the unpacked bytes of a file that has no lines; the reader counts what it finds in ``coverage.lines``."""
        self.coverage.new_file()
        before = self.coverage.lines
        with self._open() as opened:
            try:
                yield opened.stream
            except opened.errors:
                self.coverage.truncated = True
                self.coverage.skip("compression_cut")
            self.coverage.files.append(FileDigest(self.id, opened.digesting.finish(), self.coverage.lines - before))

    def rows(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield (row from 1, values) of a Parquet file."""
        self.coverage.new_file()
        number = 0
        try:
            for row in parquet_rows(self.file.path):
                number += 1
                yield number, row
        except DamagedParquetError:
            self.coverage.truncated = True
            self.coverage.skip("parquet_damaged")
        with self._open() as opened:
            self.coverage.lines += number
            self.coverage.files.append(FileDigest(self.id, opened.digesting.finish(), number))

    def lines(
        self, *, repeated: bool = False, header: Callable[[str], object] | None = None, longest: int = LONGEST_LINE
    ) -> Iterator[Line]:
        """Yield every line that is not empty.

        Args:
            longest: bytes; a longer line is counted and left out.
            repeated: also yield lines that stood there before, word for word.
            header: tells whether a line that is repeated is a header, which says something each time.
        """
        self.coverage.new_file()
        with self._open() as opened:
            number = 0
            for raw in self._raw_lines(opened):
                number += 1
                bare = raw.strip()
                if not bare:
                    continue
                if len(bare) > longest:
                    self.coverage.skip("line_too_long")
                    continue
                text = raw.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
                known = not repeated and len(bare) >= _SHORTEST_REPEATED and bare[0] != _HASH and self.repeats.again(bare)
                if known and (header is None or not header(text)):
                    self.coverage.passed_over["repeated_line"] += 1
                    continue
                yield Line(number, text)
            self.coverage.lines += number
            self.coverage.files.append(FileDigest(self.id, opened.digesting.finish(), number))

    def ends_cut(self, reason: str) -> None:
        """Count the last line of the file, which was counted as ``reason``, as one that was cut off."""
        self.coverage.skipped[reason] -= 1
        self.coverage.skipped += Counter()
        self.coverage.skip("cut_line")
        self.coverage.truncated = True

    def refuse(self, why: str, step: str) -> UnreadableError:
        """Return the error of a file that cannot be read."""
        usual = "name a log in one of the forms of docs/logs.md, plain or compressed with gzip, xz, bzip2, zstd or lz4"
        return UnreadableError(Diagnostic(what="cannot read the log", why=why, next_step=step or usual, path=self.file.id))

    def _raw_lines(self, opened: _Opened) -> Iterator[bytes]:
        """Yield the bytes of every line; one that is too long is yielded empty and counted."""
        raw = b""
        first = True
        while True:
            try:
                raw = opened.stream.readline(LONGEST_LINE)
                while len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
                    self.coverage.skip("line_too_long")
                    raw = _past_line(opened.stream)
            except opened.errors:
                self.coverage.truncated = True
                self.coverage.skip("compression_cut")
                return
            if not raw:
                return
            yield raw.removeprefix(_BYTE_ORDER_MARK) if first else raw
            first = False

    @contextmanager
    def _open(self) -> Iterator[_Opened]:
        if self._piped is not None:
            yield self._piped
            return
        with open_raw(self.file.path, self.refuse) as raw:
            size = 0 if self.file.path == STANDARD_INPUT else Path(self.file.path).stat().st_size
            digesting = Digesting(raw, lambda done: self.progress(self.id, done, size) if self.progress else None)
            stream, errors = unpack(io.BufferedReader(digesting, CHUNK), self.refuse)
            yield _Opened(digesting, io.BufferedReader(_Readable(stream, b""), CHUNK), errors)


def _first(opened: _Opened, count: int, refuse: Refuse) -> bytes:
    """Return the first ``count`` bytes, fewer of a file that is short or cut."""
    data = b""
    while len(data) < count:
        try:
            part = opened.stream.read1(count - len(data))
        except opened.errors as error:
            if not data:
                raise refuse("its compression is damaged", "") from error
            break
        if not part:
            break
        data += part
    return data


def _past_line(stream: io.BufferedIOBase) -> bytes:
    """Leave the rest of a line that is too long behind, and return the bytes that end it."""
    while True:
        raw = stream.readline(CHUNK)
        if len(raw) < CHUNK or raw.endswith(b"\n"):
            return b"\n"
