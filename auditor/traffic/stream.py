"""One direction of a TCP connection: payload counted once, first bytes put in order (RFC 9293 sequence numbers)."""

from __future__ import annotations

PREFIX = 16 * 1024
"""Bytes kept at the start of a direction: a TLS ClientHello with post-quantum key shares needs about 2 KiB, a long
one 16 KiB; everything later cannot name the destination."""
MOST_GAPS = 256
_WORD = 1 << 32
_HALF = 1 << 31
FARTHEST = 1 << 30
"""Farther from the expected number than any window (RFC 7323: 1 GiB) a segment belongs to no known byte."""


class Stream:
    """Counts new payload bytes and keeps the first ones; positions are relative to the first payload byte."""

    __slots__ = ("_anchored", "_base", "_gaps", "_high", "_low", "_segments", "_stored", "keeping", "payload")

    def __init__(self) -> None:
        """Begin without a sequence number; the first segment or a SYN gives it."""
        self._base: int | None = None
        self._anchored = False
        self._low = 0
        self._high = 0
        self._gaps: list[tuple[int, int]] = []
        self._segments: list[tuple[int, bytes]] = []
        self._stored = 0
        self.keeping = True
        self.payload = 0
        """Payload bytes, none counted twice."""

    def anchor(self, first: int) -> None:
        """Say that the first payload byte has sequence number ``first`` (from a SYN); ignored once bytes came."""
        if not self.payload:
            self._base, self._anchored = first, True
            self._low = self._high = 0
            self._segments, self._stored, self._gaps = [], 0, []

    def feed(self, sequence: int, data: bytes, length: int) -> None:
        """Take a segment of ``length`` payload bytes, of which ``data`` were captured."""
        if self._base is None:
            self._base = sequence
        distance = (sequence - self._base - self._high) % _WORD
        start = self._high + (distance - _WORD if distance >= _HALF else distance)
        end = start + length
        if abs(start - self._high) > FARTHEST:
            self.payload += length
            return
        self.payload += self._account(start, end)
        self.place(start, end, data)

    def uncounted(self, length: int) -> None:
        """Add payload bytes whose place nobody knows."""
        self.payload += length

    def place(self, start: int, end: int, data: bytes) -> None:
        """Keep of the segment at ``start`` what belongs to the first bytes."""
        if self.keeping and data and start < self._low + PREFIX and end > self._low:
            self._keep(start, data)

    def lowest(self, low: int) -> None:
        """Say where the first known byte lies, for a stream of which somebody else keeps account."""
        self._low = low

    def restore(
        self, base: int | None, span: tuple[int, int], gaps: list[tuple[int, int]], payload: int, *, anchored: bool
    ) -> None:
        """Take over the account that somebody else kept: first sequence number, known bytes, missing ones, count."""
        self._base, (self._low, self._high), self._gaps = base, span, gaps
        self._anchored, self.payload = anchored, payload

    def _account(self, start: int, end: int) -> int:
        """Return how many bytes of the segment are new; remember what lies between as missing."""
        new = 0
        if end > self._high:
            if start > self._high:
                self._gaps.append((self._high, start))
                del self._gaps[:-MOST_GAPS]
            new += end - max(start, self._high)
            self._high = end
        if not self._anchored and start < self._low:
            if end < self._low:
                self._gaps.append((end, self._low))
            new += min(end, self._low) - start
            self._low = start
        return new + (self._fill(start, end) if self._gaps else 0)

    def _fill(self, start: int, end: int) -> int:
        filled, left = 0, []
        for low, high in self._gaps:
            inside = min(high, end) - max(low, start)
            if inside <= 0:
                left.append((low, high))
                continue
            filled += inside
            left.extend(gap for gap in ((low, max(low, start)), (min(high, end), high)) if gap[0] < gap[1])
        self._gaps = left
        return filled

    def _keep(self, start: int, data: bytes) -> None:
        if self._stored < 2 * PREFIX:
            piece = data[: PREFIX + self._low - start]
            self._segments.append((start, piece))
            self._stored += len(piece)

    def missing(self) -> bool:
        """Return whether bytes between the first and the last were never captured."""
        return bool(self._gaps)

    def prefix(self, *, later_wins: bool = False) -> bytes:
        """Return the first bytes in order, up to the first hole; where segments overlap the earlier byte wins."""
        if len(self._segments) == 1:
            start, data = self._segments[0]
            return data if start == self._low else data[self._low - start :] if start < self._low else b""
        whole = bytearray()
        segments = sorted(self._segments, key=lambda segment: segment[0])
        for start, data in segments:
            at = start - self._low
            if at > len(whole):
                break
            if at + len(data) > len(whole):
                whole += data[len(whole) - at :]
        if later_wins:
            for start, data in self._segments:
                at = start - self._low
                piece = data[-at:] if at < 0 else data
                at = max(at, 0)
                if at + len(piece) <= len(whole):
                    whole[at : at + len(piece)] = piece
        return bytes(whole)

    def forget(self) -> None:
        """Drop the kept bytes: they have told what they can."""
        self.keeping = False
        self._segments = []
