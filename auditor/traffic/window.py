"""The bytes of a capture, in large pieces: read, unpacked and digested ahead by a second thread when there are many."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Protocol

SIZE = 8 * 1024 * 1024
"""Bytes of one piece. What does not fill one is a small capture."""
_ROOM = 64 * 1024
"""Bytes before a piece into which the rest of the piece before fits; a longer rest is copied together with the piece."""


class Source(Protocol):
    """A stream of unpacked bytes."""

    def readinto1(self, buffer: memoryview, /) -> int:
        """Fill the beginning of ``buffer`` and return how many bytes came, 0 at the end."""


class _Filled(NamedTuple):
    piece: bytearray
    stop: int
    ended: bool
    failed: bool


class Window:
    """A window that moves over the bytes: ``data[position:stop]`` is what lies in it and is not yet taken."""

    def __init__(self, source: Source, errors: tuple[type[Exception], ...], failed: Callable[[], None], size: int = 0) -> None:
        """Begin before the first byte.

        Args:
            source: where the bytes come from.
            errors: what it raises where it is damaged or cut; what came before is good.
            failed: called when bytes are asked for that lie behind the damage.
            size: bytes of a piece; ``SIZE`` unless a test wants to see the borders between pieces.
        """
        self._source = source
        self._errors = errors
        self._failed = failed
        size = size or SIZE
        self.data = bytearray(_ROOM + size)
        self.position = self.stop = _ROOM
        self._last = _Filled(self.data, _ROOM, ended=False, failed=False)
        self._threads: ThreadPoolExecutor | None = None
        self._next: Future[_Filled] | None = None

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes, fewer at the end, none behind damage."""
        while self.stop - self.position < count:
            if not self.more():
                break
        if self.stop - self.position < count and self._last.failed:
            self.position = self.stop
            self._failed()
            return b""
        start = self.position
        self.position = min(start + count, self.stop)
        return bytes(self.data[start : self.position])

    def large(self) -> bool:
        """Read the first piece; return whether there is more than that."""
        while self._threads is None and self.stop < len(self.data) and self._append():
            pass
        return not self._last.ended

    def more(self) -> bool:
        """Bring more bytes into the window behind those that lie there; ``False`` at the end."""
        if self._last.ended:
            return False
        return self._append() if self._threads is None and self.stop < len(self.data) else self._turn()

    def close(self) -> None:
        """Wait until nothing is read any more, and give up the bytes: who holds the window may live on."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
        self._next = None
        self.data, self.position, self.stop = bytearray(), 0, 0
        self._last = _Filled(self.data, 0, ended=True, failed=False)

    def _append(self) -> bool:
        """Fill the first piece further: a small capture needs no thread."""
        before = self.stop
        self._last = self._fill(self.data, self.stop, once=True)
        self.stop = self._last.stop
        return self.stop > before

    def _turn(self) -> bool:
        """Go on to the next piece, and begin to read the one after it."""
        threads = self._threads = self._threads or ThreadPoolExecutor(1, "capture")
        coming = self._next or threads.submit(self._fill, bytearray(len(self.data)), _ROOM)
        self._last = coming.result()
        rest = self.data[self.position : self.stop]
        used, piece = self.data, self._last.piece
        if len(rest) <= _ROOM:
            self.data, self.position, self.stop = piece, _ROOM - len(rest), self._last.stop
            self.data[self.position : _ROOM] = rest
        else:
            self.data = rest + piece[_ROOM : self._last.stop]
            self.position, self.stop = 0, len(self.data)
            used = piece
        if not self._last.ended:
            self._next = threads.submit(self._fill, used, _ROOM)
        return self.stop - self.position > len(rest)

    def _fill(self, piece: bytearray, start: int, *, once: bool = False) -> _Filled:
        """Fill ``piece`` from ``start`` on, or (``once``) with what comes at one go."""
        view = memoryview(piece)
        while start < len(piece):
            try:
                count = self._source.readinto1(view[start:])
            except self._errors:
                return _Filled(piece, start, ended=True, failed=True)
            start += count
            if not count:
                return _Filled(piece, start, ended=True, failed=False)
            if once:
                break
        return _Filled(piece, start, ended=False, failed=False)
