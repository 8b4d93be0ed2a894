"""Reassembly of IP fragments (RFC 791, RFC 8200), bounded in datagrams and bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.traffic.internet import Datagram, Fragment
from auditor.traffic.packet import Packet
from auditor.traffic.times import SECOND

MOST_OPEN = 1024
"""Datagrams waiting for fragments at one time; the oldest gives way."""
PATIENCE = 60 * SECOND
"""How long a datagram may wait for its fragments (RFC 8200, section 4.5); a later one is of another with the same number."""
LONGEST = 65_535
"""Bytes of the longest IP datagram."""


class Place(NamedTuple):
    """Where and when a fragment was seen: other networks and other times use the same addresses and numbers."""

    vlans: tuple[int, ...]
    vni: int | None
    time: int
    """Nanoseconds."""


_Key = tuple[bytes, bytes, int, int, tuple[int, ...], int | None]


@dataclass(slots=True)
class _Open:
    since: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    total: int = -1
    """Length of the datagram, known from its last fragment."""
    wire: int = 0
    beginning: Packet | None = None
    """What the first fragment tells, for the case that the others never come."""


class Reassembler:
    """Collects fragments until a datagram is whole. Overlapping pieces: the earlier byte wins."""

    def __init__(self) -> None:
        """Begin with nothing waiting."""
        self._open: dict[_Key, _Open] = {}
        self.lost = 0
        """Fragments of datagrams that gave way before they were whole."""
        self._torn: list[Packet] = []

    def add(self, datagram: Datagram, fragment: Fragment, data: bytes, place: Place) -> tuple[bytes, int] | None:
        """Return (payload, wire bytes of all fragments) when ``datagram`` makes its whole, else ``None``."""
        key = _key(datagram, fragment, place)
        if key in self._open and place.time - self._open[key].since > PATIENCE:
            self._give_up(self._open.pop(key))
        waiting = self._open.setdefault(key, _Open(place.time))
        payload = data[datagram.start : datagram.end]
        waiting.pieces.setdefault(fragment.offset, payload)
        waiting.wire += datagram.wire
        if not fragment.more:
            waiting.total = fragment.offset + len(payload)
        whole = _join(waiting)
        if whole is not None or fragment.offset + len(payload) > LONGEST:
            del self._open[key]
            if whole is None:
                self._give_up(waiting)
        elif len(self._open) > MOST_OPEN:
            self._give_up(self._open.pop(next(iter(self._open))))
        return (whole, waiting.wire) if whole is not None else None

    def hold(self, datagram: Datagram, fragment: Fragment, beginning: Packet, place: Place) -> None:
        """Keep the packet that a first fragment begins, until its datagram is whole or given up."""
        waiting = self._open.get(_key(datagram, fragment, place))
        if waiting is not None and waiting.beginning is None:
            waiting.beginning = beginning

    def given_up(self, *, last: bool) -> list[Packet]:
        """Return the beginnings of what was given up since the last call, with what came of the rest in their counts.

        Args:
            last: give up everything that still waits.
        """
        while last and self._open:
            self._give_up(self._open.pop(next(iter(self._open))))
        torn, self._torn = self._torn, []
        return torn

    def _give_up(self, waiting: _Open) -> None:
        self.lost += len(waiting.pieces)
        packet = waiting.beginning
        if packet is not None:
            packet.wire = waiting.wire
            packet.length += sum(len(piece) for offset, piece in waiting.pieces.items() if offset)
            self._torn.append(packet)

    def waiting(self) -> int:
        """Return how many fragments still wait or gave way."""
        return self.lost + sum(len(o.pieces) for o in self._open.values())


def _key(datagram: Datagram, fragment: Fragment, place: Place) -> _Key:
    return datagram.source, datagram.destination, datagram.protocol, fragment.identification, place.vlans, place.vni


def _join(waiting: _Open) -> bytes | None:
    if waiting.total < 0:
        return None
    whole = bytearray()
    for offset, piece in sorted(waiting.pieces.items()):
        if offset > len(whole):
            return None
        whole += piece[len(whole) - offset :]
    return bytes(whole[: waiting.total]) if len(whole) >= waiting.total else None
