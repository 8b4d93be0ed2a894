"""Compressed captures: which compression a file has, and its bytes without it. Nothing is unpacked beyond what is asked for."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from auditor.traffic.window import Source

HEAD = 6
"""First bytes of a file that tell its kind."""
_CHUNK = 64 * 1024
_GZIP_PIECE = 8 * 1024
_ZSTD_PIECE = 1024
"""Packed bytes unpacked at once: four of them can stand for 128 KiB (RFC 8878, section 3.1.1.2.2)."""
_MOST_MEMORY = 512 * 1024 * 1024
"""What the dictionary of an xz file may claim; xz -9 needs 65 MiB."""


class Unpacked(NamedTuple):
    """A stream of unpacked bytes, and the errors by which it says that the file is damaged or cut."""

    stream: Source
    errors: tuple[type[Exception], ...]


class _Decompressor(Protocol):
    """What the decompressors of lzma, bz2 and lz4.frame have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes | None: ...
    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


class _Unpacking:
    """Unpacks as far as asked; a file may hold several compressed streams one after another."""

    def __init__(self, packed: io.BufferedIOBase, begin: Callable[[], _Decompressor]) -> None:
        """Read from ``packed``; ``begin`` makes a decompressor for each stream."""
        self._packed = packed
        self._begin = begin
        self._current = begin()

    def readinto1(self, buffer: memoryview, /) -> int:
        """Fill the beginning of ``buffer`` with unpacked bytes; return how many, 0 at the end of the file.

        Raises:
            EOFError: the file ends inside a stream, and nothing before the cut is left.
        """
        part = self._some(min(len(buffer), _CHUNK))
        if not part and not self._current.eof:
            raise EOFError("the compressed file ends early")
        buffer[: len(part)] = part
        return len(part)

    def _some(self, most: int) -> bytes:
        """Return between 1 and ``most`` bytes, none at the end."""
        while True:
            data = b""
            if self._current.eof:
                data = (self._current.unused_data or b"") or self._packed.read(_CHUNK)
                if not data.strip(b"\0"):  # padding between streams
                    return b""
                self._current = self._begin()
            elif self._current.needs_input:
                data = self._packed.read(_CHUNK)
                if not data:
                    return b""
            part = self._current.decompress(data, max_length=most)
            if part:
                return part


class _Gzip(gzip.GzipFile):
    """Unpacks in steps of one size, whoever asks: what can be read before damage does not depend on the question."""

    def readinto1(self, buffer: Any, /) -> int:
        part = self.read1(min(len(buffer), _GZIP_PIECE))
        buffer[: len(part)] = part
        return len(part)


def _gzip(packed: io.BufferedIOBase) -> Unpacked:
    return Unpacked(_Gzip(fileobj=packed), (EOFError, zlib.error, gzip.BadGzipFile))


def _xz(packed: io.BufferedIOBase) -> Unpacked:
    import lzma

    stream = _Unpacking(packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY))
    return Unpacked(stream, (EOFError, lzma.LZMAError))


def _bzip2(packed: io.BufferedIOBase) -> Unpacked:
    import bz2

    return Unpacked(_Unpacking(packed, bz2.BZ2Decompressor), (EOFError, OSError))


def _lz4(packed: io.BufferedIOBase) -> Unpacked:
    import lz4.frame

    return Unpacked(_Unpacking(packed, lz4.frame.LZ4FrameDecompressor), (EOFError, RuntimeError))


class _ZstdDecompressor:
    """zstandard's decompressor with the interface of the others: it tells a cut frame, which its stream reader does not."""

    def __init__(self, begin: Callable[[], Any]) -> None:
        """Take what makes a ``decompressobj``."""
        self._object = begin()
        self._input = b""
        self._output = b""

    @property
    def eof(self) -> bool:
        return bool(self._object.eof) and not self._output

    @property
    def needs_input(self) -> bool:
        return not self._output and not self._input

    @property
    def unused_data(self) -> bytes:
        return bytes(self._object.unused_data) + self._input

    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes:
        self._input += data
        while self._input and not self._output and not self._object.eof:
            piece, self._input = self._input[:_ZSTD_PIECE], self._input[_ZSTD_PIECE:]
            self._output = self._object.decompress(piece)
        part, self._output = self._output[:max_length], self._output[max_length:]
        return part


def _zstd(packed: io.BufferedIOBase) -> Unpacked:
    import zstandard

    make = zstandard.ZstdDecompressor().decompressobj
    return Unpacked(_Unpacking(packed, lambda: _ZstdDecompressor(make)), (EOFError, zstandard.ZstdError))


class Compression(NamedTuple):
    """A compression that can be taken off."""

    name: str
    magic: bytes
    unpack: Callable[[io.BufferedIOBase], Unpacked]
    """Raises ImportError when the package is missing that knows it."""
    package: str = ""
    """What to install; empty for what Python itself brings."""


COMPRESSIONS: tuple[Compression, ...] = (
    Compression("gzip", b"\x1f\x8b", _gzip),
    Compression("xz", b"\xfd7zXZ\0", _xz),
    Compression("bzip2", b"BZh", _bzip2),
    Compression("zstd", b"\x28\xb5\x2f\xfd", _zstd, "zstandard"),
    Compression("lz4", b"\x04\x22\x4d\x18", _lz4, "lz4"),
)


def compression_of(head: bytes) -> Compression | None:
    """Return the compression of a file that begins with ``head``, ``None`` when it has none."""
    return next((c for c in COMPRESSIONS if head.startswith(c.magic)), None)
