"""Bytes from disk, read defensively: size first, then digest, then text with its line table."""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import Diagnostic

MAXIMUM_BYTES = 8 * 1024 * 1024
"""No configuration file that people write is larger; asked of the file system before a byte is read."""

BYTE_ORDER_MARK = "\ufeff"


class FaultError(Exception):
    """A file cannot be turned into a tree; converted at the border into the error that fits the file's role."""

    def __init__(self, what: str, why: str = "", next_step: str = "", position: tuple[int, int] = (0, 0)) -> None:
        """Take the message and the one-based (line, column), (0, 0) for the file as a whole."""
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step
        self.position = position

    def diagnostic(self, shown: str) -> Diagnostic:
        """Return the message for the file that the user knows as ``shown``."""
        return Diagnostic(self.what, self.why, self.next_step, shown, *self.position)


class LineTable:
    """Offsets to one-based (line, column). Lines end at LF, CRLF or CR, as every editor counts them.

    YAML 1.1 also counts U+0085, U+2028 and U+2029 as line ends; editors do not, so a parser's own line
    numbers are not used, only its offsets.
    """

    def __init__(self, text: str) -> None:
        """Index the line starts of ``text``."""
        starts = [0]
        position = 0
        for line in text.replace("\r\n", "\n\n").replace("\r", "\n").split("\n"):
            position += len(line) + 1
            starts.append(position)
        starts.pop()
        if "\r\n" in text:
            # The CR of a CRLF became a line end of its own above: an empty line that is none.
            starts = [s for s in starts if not (s and text[s - 1] == "\r" and text[s : s + 1] == "\n")]
        self._starts = starts

    def at(self, offset: int) -> tuple[int, int]:
        """Return the one-based line and column (in characters) of ``offset``."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one file and its digest."""

    sha256: str
    size: int
    text: str
    """Without a byte order mark; line ends as in the file."""


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines as ``LineTable`` counts them, without their ends."""
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def read_bytes(path: Path, maximum: int = MAXIMUM_BYTES) -> bytes:
    """Return the content of a regular file of at most ``maximum`` bytes.

    Raises:
        FaultError: no file, a folder, a device or pipe, not permitted, or too large (nothing is read then).
    """
    descriptor, size = _open_regular(path)
    with os.fdopen(descriptor, "rb") as stream:
        if size > maximum:
            raise FaultError(
                f"the file is too large: {size:,} bytes",
                f"files of this kind are read up to {maximum:,} bytes",
                "name the configuration itself, not a dump or an image",
            )
        data = stream.read(maximum + 1)
    if len(data) > maximum:
        raise FaultError("the file grew while it was read", f"more than {maximum:,} bytes came")
    return data


def digest_bytes(path: Path) -> tuple[str, int]:
    """Return the SHA-256 and size of a regular file of any size, read in blocks.

    Raises:
        FaultError: as ``read_bytes``, but for the size.
    """
    descriptor, size = _open_regular(path)
    with os.fdopen(descriptor, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest(), size


def _open_regular(path: Path) -> tuple[int, int]:
    """Return an open descriptor of a regular file, and its size."""
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to must not wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise FaultError("no such file", next_step="check the path") from None
    except OSError as error:
        raise FaultError("the file cannot be opened", error.strerror or type(error).__name__, "check its permissions") from None
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status.st_size
    os.close(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise FaultError("this is a folder, and a file is needed here", next_step="name a file")
    raise FaultError("the file is not a regular file", "devices, pipes and sockets are not read", "name a file")


def read_source(path: Path) -> Source:
    """Return the text of a configuration file: UTF-8 with or without byte order mark, or UTF-16 with one.

    UTF-16 is what Windows writes registry exports and redirected output in.

    Raises:
        FaultError: as ``read_bytes``; or the content is binary (NUL bytes) or not UTF-8.
    """
    data = read_bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Source(digest, len(data), _wide(data))
    if b"\0" in data:
        raise FaultError(
            "the file is binary, not text",
            f"a NUL byte at offset {data.index(0)}",
            "name a text file, or capture: for recorded traffic",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        raise FaultError(
            "the file is not UTF-8 text",
            f"byte 0x{data[error.start]:02x} at offset {error.start}",
            "save the file as UTF-8",
            LineTable(before).at(len(before)),
        ) from None
    return Source(digest, len(data), text.removeprefix(BYTE_ORDER_MARK))


def _wide(data: bytes) -> str:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise FaultError(
            "the file is not UTF-16 text", f"{error.reason} at offset {error.start}", "save the file as UTF-8"
        ) from None
    if "\0" in text:
        raise FaultError("the file is binary, not text", "it holds a NUL character", "name a text file")
    return text
