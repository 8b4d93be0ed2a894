"""Reassembly of IP fragments (RFC 791, RFC 8200), bounded in datagrams and bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.traffic.internet import Datagram, Fragment

MOST_OPEN = 1024
"""Datagrams waiting for fragments at one time; the oldest gives way."""
LONGEST = 65_535
"""Bytes of the longest IP datagram."""


@dataclass(slots=True)
class _Open:
    pieces: dict[int, bytes] = field(default_factory=dict)
    total: int = -1
    """Length of the datagram, known from its last fragment."""
    wire: int = 0


class Reassembler:
    """Collects fragments until a datagram is whole. Overlapping pieces: the earlier byte wins."""

    def __init__(self) -> None:
        """Begin with nothing waiting."""
        self._open: dict[tuple[bytes, bytes, int, int], _Open] = {}
        self.lost = 0
        """Fragments of datagrams that gave way before they were whole."""

    def add(self, datagram: Datagram, fragment: Fragment, data: bytes) -> tuple[bytes, int] | None:
        """Return (payload, wire bytes of all fragments) when ``datagram`` makes its whole, else ``None``."""
        key = (datagram.source, datagram.destination, datagram.protocol, fragment.identification)
        waiting = self._open.setdefault(key, _Open())
        payload = data[datagram.start : datagram.end]
        waiting.pieces.setdefault(fragment.offset, payload)
        waiting.wire += datagram.wire
        if not fragment.more:
            waiting.total = fragment.offset + len(payload)
        whole = _join(waiting)
        if whole is not None or fragment.offset + len(payload) > LONGEST:
            del self._open[key]
            self.lost += len(waiting.pieces) if whole is None else 0
        elif len(self._open) > MOST_OPEN:
            self.lost += len(self._open.pop(next(iter(self._open))).pieces)
        return (whole, waiting.wire) if whole is not None else None

    def waiting(self) -> int:
        """Return how many fragments still wait or gave way."""
        return self.lost + sum(len(o.pieces) for o in self._open.values())


def _join(waiting: _Open) -> bytes | None:
    if waiting.total < 0:
        return None
    whole = bytearray()
    for offset, piece in sorted(waiting.pieces.items()):
        if offset > len(whole):
            return None
        whole += piece[len(whole) - offset :]
    return bytes(whole[: waiting.total]) if len(whole) >= waiting.total else None
