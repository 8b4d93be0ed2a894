"""Opening a capture file: what it is, its digest, its packets. The only input and output of the stage."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import Diagnostic, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.pcap import MAGIC as PCAP_MAGIC
from auditor.traffic.pcap import read_pcap
from auditor.traffic.pcapng import MAGIC as PCAPNG_MAGIC
from auditor.traffic.pcapng import PcapngReader
from auditor.traffic.record import FileFacts, Record

Progress = Callable[[str, int, int], None]
"""Called with (source id, bytes read of the file, bytes of the file)."""

_CHUNK = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_OTHERS = {b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zX": "xz", b"\x04\x22\x4d\x18": "lz4", b"snoo": "snoop"}


class _Digesting(io.RawIOBase):
    """The raw bytes of the file, digested and counted as they pass."""

    def __init__(self, raw: io.FileIO, told: Callable[[int], None]) -> None:
        self._raw = raw
        self._told = told
        self.digest = hashlib.sha256()
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._raw.readinto(buffer) or 0
        self.digest.update(buffer[:count])
        self.position += count
        self._told(self.position)
        return count


class Capture:
    """An open capture: iterate ``records`` once, then read ``facts`` and ``sha256``."""

    def __init__(self, raw: _Digesting, stream: io.BufferedIOBase, magic: bytes) -> None:
        """Read from ``stream``, whose first four bytes ``magic`` were taken already."""
        self._raw = raw
        self._stream = stream
        self._magic = magic
        self.facts = FileFacts()
        self.format = "pcapng" if magic == PCAPNG_MAGIC else "pcap"

    def records(self) -> Iterator[Record]:
        """Yield every packet up to the end of the file or to the cut."""
        if self.format == "pcapng":
            yield from PcapngReader(self._take, self.facts).records()
        else:
            yield from read_pcap(self._magic, self._take, self.facts)

    def sha256(self) -> str:
        """Return the digest of the whole file as it lies there (compressed, if it is), reading what is left."""
        while self._raw.read(_CHUNK):
            pass
        return self._raw.digest.hexdigest()

    def _take(self, count: int) -> bytes:
        try:
            return self._stream.read(count)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.facts.stop("compression_cut")
            return b""


@contextmanager
def open_capture(source: CaptureSource, progress: Progress | None = None) -> Iterator[Capture]:
    """Open the capture that ``source`` names; gzip is taken off.

    Raises:
        UnreadableError: there is no such file, it is a directory, it is empty or it is no capture.
    """
    path = Path(source.path)
    try:
        raw = path.open("rb", buffering=0)
    except OSError as error:
        raise _unreadable(source, "cannot read the capture", error.strerror or type(error).__name__) from error
    with raw:
        size = path.stat().st_size
        digesting = _Digesting(raw, lambda done: progress(source.id, done, size) if progress else None)
        stream: io.BufferedIOBase = io.BufferedReader(digesting, _CHUNK)
        if isinstance(stream, io.BufferedReader) and stream.peek(2)[:2] == _GZIP_MAGIC:
            stream = gzip.GzipFile(fileobj=stream)  # no buffer around it: at a cut that would lose what came before
        yield Capture(digesting, stream, _magic(source, stream))


def readable(source: CaptureSource) -> None:
    """Check that ``source`` is a capture file by its first bytes.

    Raises:
        UnreadableError: as for ``open_capture``.
    """
    with open_capture(source):
        pass


def _magic(source: CaptureSource, stream: io.BufferedIOBase) -> bytes:
    try:
        magic = stream.read(4)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _unreadable(source, "cannot read the capture", "its gzip compression is damaged") from error
    if magic in PCAP_MAGIC or magic == PCAPNG_MAGIC:
        return magic
    if not magic:
        raise _unreadable(source, "the capture is empty", "the file has no byte")
    if magic in _OTHERS:
        raise _unreadable(source, "not a pcap or pcapng file", f"it begins like a file of kind {_OTHERS[magic]}")
    raise _unreadable(source, "not a pcap or pcapng file", f"it begins with the bytes {magic.hex(' ')}")


def _unreadable(source: CaptureSource, what: str, why: str) -> UnreadableError:
    step = "name a capture in pcap or pcapng form (plain or gzip), for example one written by tcpdump or dumpcap"
    return UnreadableError(Diagnostic(what=what, why=why, next_step=step, path=source.id))
