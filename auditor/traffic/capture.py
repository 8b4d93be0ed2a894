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
from auditor.traffic.pcap import PcapReader
from auditor.traffic.pcapng import MAGIC as PCAPNG_MAGIC
from auditor.traffic.pcapng import PcapngReader
from auditor.traffic.record import FileFacts, Record
from auditor.traffic.window import Window

Progress = Callable[[str, int, int], None]
"""Called with (source id, bytes read of the file, bytes of the file)."""

_OTHERS = {b"snoo": "snoop", b"TRSN": "NetXRay", b"XCP\0": "NetXRay", b"GMBU": "Network Monitor", b"PK\x03\x04": "zip"}


class Capture:
    """An open capture: iterate ``records`` once, then read ``facts`` and ``sha256``."""

    def __init__(self, raw: Digesting, unpacked: Unpacked, window_size: int = 0) -> None:
        """Read from ``unpacked``; ``window_size`` as for ``Window``."""
        self._raw = raw
        self.facts = FileFacts()
        self.window = Window(*unpacked, lambda: self.facts.stop("compression_cut"), window_size)
        self.magic = self.window.take(4)
        self.format = "pcapng" if self.magic == PCAPNG_MAGIC else "pcap"

    def reader(self) -> PcapReader | PcapngReader:
        """Return the reader of every packet up to the end of the file or to the cut; there can be only one."""
        if self.format == "pcapng":
            return PcapngReader(self.window.take, self.facts)
        return PcapReader(self.magic, self.window.take, self.facts)

    def records(self) -> Iterator[Record]:
        """Yield every packet up to the end of the file or to the cut."""
        yield from self.reader().records()

    @property
    def size(self) -> int:
        """Return the bytes of the file that were read so far, as they lie there."""
        return self._raw.position

    def sha256(self) -> str:
        """Return the digest of the whole file as it lies there (compressed, if it is), reading what is left."""
        self.window.close()
        return self._raw.finish()


@contextmanager
def open_capture(
    source: CaptureSource, progress: Progress | None = None, *, window_size: int = 0, digesting: bool = True
) -> Iterator[Capture]:
    """Open the capture that ``source`` names (``-`` is standard input); its compression is taken off.

    Args:
        source: the capture.
        progress: called now and then.
        window_size: as for ``Window``.
        digesting: whether the digest is wanted.

    Raises:
        UnreadableError: there is no such file, it is a directory, it is empty or it is no capture.
    """

    def refuse(why: str, step: str) -> UnreadableError:
        return _unreadable(source, "cannot read the capture", why, step)

    with open_raw(source.path, refuse) as raw:
        told = _teller(source, progress)
        counted = Digesting(raw, told, digesting=digesting)
        # Closed, because its room would otherwise live until the next search for cycles: a run may read thousands of captures.
        buffered: io.BufferedReader = io.BufferedReader(counted, CHUNK)
        with buffered:
            capture = Capture(counted, unpack(buffered, refuse), window_size)
            try:
                _check(source, capture)
                yield capture
            finally:
                capture.window.close()


def _teller(source: CaptureSource, progress: Progress | None) -> Callable[[int], None]:
    """Return what takes the bytes read so far."""
    size = 0 if source.path == STANDARD_INPUT else Path(source.path).stat().st_size
    return lambda done: progress(source.id, done, size) if progress else None


def readable(source: CaptureSource) -> None:
    """Check that ``source`` is a capture file by its first bytes.

    Raises:
        UnreadableError: as for ``open_capture``.
    """
    with open_capture(source):
        pass


def _check(source: CaptureSource, capture: Capture) -> None:
    """Refuse what begins like no capture."""
    magic = capture.magic
    if capture.facts.truncated:
        raise _unreadable(source, "cannot read the capture", "its compression is damaged")
    if magic in PCAP_MAGIC or magic == PCAPNG_MAGIC:
        return
    if not magic:
        raise _unreadable(source, "the capture is empty", "the file has no byte")
    if magic in _OTHERS:
        raise _unreadable(source, "not a pcap or pcapng file", f"it begins like a file of kind {_OTHERS[magic]}")
    raise _unreadable(source, "not a pcap or pcapng file", f"it begins with the bytes {magic.hex(' ')}")


def _unreadable(source: CaptureSource, what: str, why: str, step: str = "") -> UnreadableError:
    form = "plain or compressed with gzip, xz, bzip2, zstd or lz4"
    usual = f"name a capture in pcap or pcapng form ({form}), for example one written by tcpdump or dumpcap"
    return UnreadableError(Diagnostic(what=what, why=why, next_step=step or usual, path=source.id))
