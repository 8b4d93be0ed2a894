"""Opening a capture file: what it is, its digest, its packets. The only input and output of the stage."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.errors import Diagnostic, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.compression import Unpacked
from auditor.traffic.opening import CHUNK, STANDARD_INPUT, Digesting, open_raw, unpack
from auditor.traffic.pcap import MAGIC as PCAP_MAGIC
from auditor.traffic.pcap import read_pcap
from auditor.traffic.pcapng import MAGIC as PCAPNG_MAGIC
from auditor.traffic.pcapng import PcapngReader
from auditor.traffic.record import FileFacts, Record

Progress = Callable[[str, int, int], None]
"""Called with (source id, bytes read of the file, bytes of the file)."""

_OTHERS = {b"snoo": "snoop", b"TRSN": "NetXRay", b"XCP\0": "NetXRay", b"GMBU": "Network Monitor", b"PK\x03\x04": "zip"}


class Capture:
    """An open capture: iterate ``records`` once, then read ``facts`` and ``sha256``."""

    def __init__(self, raw: Digesting, unpacked: Unpacked, magic: bytes) -> None:
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
        return self._raw.finish()

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

    def refuse(why: str, step: str) -> UnreadableError:
        return _unreadable(source, "cannot read the capture", why, step)

    with open_raw(source.path, refuse) as raw:
        size = 0 if source.path == STANDARD_INPUT else Path(source.path).stat().st_size
        digesting = Digesting(raw, lambda done: progress(source.id, done, size) if progress else None)
        unpacked = unpack(io.BufferedReader(digesting, CHUNK), refuse)
        yield Capture(digesting, unpacked, _magic(source, unpacked))


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


def _unreadable(source: CaptureSource, what: str, why: str, step: str = "") -> UnreadableError:
    form = "plain or compressed with gzip, xz, bzip2, zstd or lz4"
    usual = f"name a capture in pcap or pcapng form ({form}), for example one written by tcpdump or dumpcap"
    return UnreadableError(Diagnostic(what=what, why=why, next_step=step or usual, path=source.id))
