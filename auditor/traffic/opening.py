"""Opening a file of evidence: its digest is taken as it is read, and its compression is taken off."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from auditor.errors import UnreadableError
from auditor.traffic.compression import HEAD, Unpacked, compression_of

CHUNK = 1024 * 1024
STANDARD_INPUT = "-"

Refuse = Callable[[str, str], UnreadableError]
"""Make the error of a file that cannot be read: why, and what next (empty: the usual step)."""


class Digesting(io.RawIOBase):
    """The raw bytes of the file, digested and counted as they pass."""

    def __init__(self, raw: io.RawIOBase, told: Callable[[int], None], *, digesting: bool = True) -> None:
        """Read from ``raw`` and call ``told`` with the bytes read so far; ``digesting``: nobody else takes the digest."""
        self._digesting = digesting
        self._raw = raw
        self._told = told
        self.digest = hashlib.sha256()
        self.position = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as the file hands over, at least with what tells its kind."""
        count = 0
        while count < min(HEAD, len(buffer)):  # a pipe may hand over less than tells what the file is
            part = self._raw.readinto(buffer[count:]) or 0
            if not part:
                break
            count += part
        if self._digesting:
            self.digest.update(buffer[:count])
        self.position += count
        self._told(self.position)
        return count

    def finish(self) -> str:
        """Return the digest of the whole file, reading what is left."""
        buffer = memoryview(bytearray(CHUNK))
        while self.readinto(buffer):
            pass
        return self.digest.hexdigest()


@contextmanager
def open_raw(path: str, refuse: Refuse) -> Iterator[io.RawIOBase]:
    """Open ``path`` (``-`` is standard input) for reading.

    Raises:
        UnreadableError: there is no such file, it is a directory, or it may not be read.
    """
    if path == STANDARD_INPUT:
        yield io.FileIO(sys.stdin.fileno(), closefd=False)  # it belongs to the process
        return
    try:
        raw = io.FileIO(path)
    except OSError as error:
        raise refuse(error.strerror or type(error).__name__, "") from error
    with raw:
        yield raw


def unpack(packed: io.BufferedReader, refuse: Refuse) -> Unpacked:
    """Take the compression off that ``packed`` has, if any.

    Raises:
        UnreadableError: the package is missing that knows the compression.
    """
    compression = compression_of(packed.peek(HEAD)[:HEAD])
    if compression is None:
        return Unpacked(packed, ())
    try:
        return compression.unpack(packed)
    except ImportError as error:
        why = f"it is compressed with {compression.name}, and the Python package {compression.package} is not installed"
        step = f"install {compression.package}, or unpack the file first and name the result"
        raise refuse(why, step) from error
