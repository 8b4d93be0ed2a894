"""Opening a capture file: what it is, its digest, its packets. The only input and output of the stage."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import Diagnostic, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.compression import HEAD, Compression, Unpacked, compression_of
from auditor.traffic.pcap import MAGIC as PCAP_MAGIC
from auditor.traffic.pcap import read_pcap
from auditor.traffic.pcapng import MAGIC as PCAPNG_MAGIC
from auditor.traffic.pcapng import PcapngReader
from auditor.traffic.record import FileFacts, Record

Progress = Callable[[str, int, int], None]
"""Called with (source id, bytes read of the file, bytes of the file)."""

_CHUNK = 1024 * 1024
_OTHERS = {b"snoo": "snoop", b"TRSN": "NetXRay", b"XCP\0": "NetXRay", b"GMBU": "Network Monitor", b"PK\x03\x04": "zip"}
STANDARD_INPUT = "-"


class _Digesting(io.RawIOBase):
    """The raw bytes of the file, digested and counted as they pass."""

    def __init__(self, raw: io.RawIOBase, told: Callable[[int], None]) -> None:
        self._raw = raw
        self._told = told
        self.digest = hashlib.sha256()
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = 0
        while count < min(HEAD, len(buffer)):  # a pipe may hand over less than tells what the file is
            part = self._raw.readinto(buffer[count:]) or 0
            if not part:
                break
            count += part
        self.digest.update(buffer[:count])
        self.position += count
        self._told(self.position)
        return count


class Capture:
    """An open capture: iterate ``records`` once, then read ``facts`` and ``sha256``."""

    def __init__(self, raw: _Digesting, unpacked: Unpacked, magic: bytes) -> None:
        """Read from ``unpacked``, whose first four bytes ``magic`` were taken already."""
        self._raw = raw
        self._stream, self._errors = unpacked
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
            return self._stream.read(count) or b""
        except self._errors:
            self.facts.stop("compression_cut")
            return b""


@contextmanager
def open_capture(source: CaptureSource, progress: Progress | None = None) -> Iterator[Capture]:
    """Open the capture that ``source`` names (``-`` is standard input); its compression is taken off.

    Raises:
        UnreadableError: there is no such file, it is a directory, it is empty or it is no capture.
    """
    with _raw(source) as raw:
        size = 0 if source.path == STANDARD_INPUT else Path(source.path).stat().st_size
        digesting = _Digesting(raw, lambda done: progress(source.id, done, size) if progress else None)
        packed = io.BufferedReader(digesting, _CHUNK)
        compression = compression_of(packed.peek(HEAD)[:HEAD])
        unpacked = Unpacked(packed, ()) if compression is None else _unpacked(source, compression, packed)
        yield Capture(digesting, unpacked, _magic(source, unpacked))


@contextmanager
def _raw(source: CaptureSource) -> Iterator[io.RawIOBase]:
    if source.path == STANDARD_INPUT:
        yield io.FileIO(sys.stdin.fileno(), closefd=False)  # it belongs to the process
        return
    try:
        raw = io.FileIO(source.path)
    except OSError as error:
        raise _unreadable(source, "cannot read the capture", error.strerror or type(error).__name__) from error
    with raw:
        yield raw


def _unpacked(source: CaptureSource, compression: Compression, packed: io.BufferedIOBase) -> Unpacked:
    try:
        return compression.unpack(packed)
    except ImportError as error:
        why = f"it is compressed with {compression.name}, and the Python package {compression.package} is not installed"
        step = f"install {compression.package}, or unpack the capture first and name the result"
        raise UnreadableError(Diagnostic(what="cannot read the capture", why=why, next_step=step, path=source.id)) from error


def readable(source: CaptureSource) -> None:
    """Check that ``source`` is a capture file by its first bytes.

    Raises:
        UnreadableError: as for ``open_capture``.
    """
    with open_capture(source):
        pass


def _magic(source: CaptureSource, unpacked: Unpacked) -> bytes:
    try:
        magic = unpacked.stream.read(4) or b""
    except unpacked.errors as error:
        raise _unreadable(source, "cannot read the capture", "its compression is damaged") from error
    if magic in PCAP_MAGIC or magic == PCAPNG_MAGIC:
        return magic
    if not magic:
        raise _unreadable(source, "the capture is empty", "the file has no byte")
    if magic in _OTHERS:
        raise _unreadable(source, "not a pcap or pcapng file", f"it begins like a file of kind {_OTHERS[magic]}")
    raise _unreadable(source, "not a pcap or pcapng file", f"it begins with the bytes {magic.hex(' ')}")


def _unreadable(source: CaptureSource, what: str, why: str) -> UnreadableError:
    form = "plain or compressed with gzip, xz, bzip2, zstd or lz4"
    step = f"name a capture in pcap or pcapng form ({form}), for example one written by tcpdump or dumpcap"
    return UnreadableError(Diagnostic(what=what, why=why, next_step=step, path=source.id))
