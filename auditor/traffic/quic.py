"""QUIC: the ClientHello in the client's Initial packets (RFC 9000, RFC 9001, RFC 9369), put together from CRYPTO frames.

A ClientHello may be split over frames in any order, over packets of one datagram and over datagrams, and the packets
may change their destination connection id on the way. The name counts as much as one in TLS over TCP.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

from auditor.traffic.finding import Finding
from auditor.traffic.gquic import named_by_hello
from auditor.traffic.quic_keys import VERSIONS, Keys, Version, client_keys, open_initial
from auditor.traffic.tls import read_handshake

_LONG_AND_FIXED = 0xC0
_LONGEST_ID = 20
_MOST_DATAGRAMS = 32
"""Datagrams of one side that are opened in search of the ClientHello; a long one with post-quantum keys needs three."""
_MOST_FAILURES = 4
_MOST_KEYS = 4
_LONGEST_HELLO = 64 * 1024
_PADDING, _PING, _ACK, _ACK_ECN = 0, 1, 2, 3
_CRYPTO = frozenset({6, 8})
"""8 is what Q050, T050 and T051 use; in the other versions no Initial packet may hold a frame of type 8 (RFC 9000, 12.4)."""
_UNREAD_VERSIONS = 0xFF000000

_UNNAMED = Finding("quic", hidden=True)


def recognise_quic(data: bytes) -> Finding | None:
    """Return QUIC by its long header; ``more`` when it may be an Initial packet that can be opened."""
    version = _version(data)
    if version is None:
        return None
    known = VERSIONS.get(version)
    if known is None:
        return _UNNAMED if version & 0xFFFFFF00 == _UNREAD_VERSIONS else None
    return Finding(known.protocol, hidden=True, more=True)


def _version(data: bytes) -> int | None:
    """Return the version of a packet with a long header whose connection id fits, else ``None``."""
    if len(data) < 7 or data[0] & _LONG_AND_FIXED != _LONG_AND_FIXED:  # noqa: PLR2004 -- fixed part
        return None
    if data[5] > _LONGEST_ID or len(data) < 7 + data[5]:
        return None
    return int(unpack_from("!I", data, 1)[0])


class InitialReader:
    """Reads the datagrams of one side until its ClientHello is complete or cannot become so."""

    __slots__ = ("_datagrams", "_failures", "_keys", "_pieces", "_size", "_unfinished", "_unnamed")

    def __init__(self, protocol: str = "quic") -> None:
        """Begin without a packet of ``protocol``: ``quic`` or ``gquic``."""
        self._unnamed, self._unfinished = Finding(protocol, hidden=True), Finding(protocol, hidden=True, more=True)
        self._datagrams = 0
        self._failures = 0
        self._keys: list[Keys] = []
        """Keys that opened a packet: they stay those of the first connection id whatever ids follow, until a Retry."""
        self._pieces: dict[int, bytes] = {}
        self._size = 0

    def read(self, data: bytes) -> Finding:
        """Take a datagram and return what is known after it."""
        self._datagrams += 1
        grown = False
        for version, connection_id, packet, number_at in initial_packets(data):
            frames = self._open(version, connection_id, packet, number_at)
            if frames is None:
                self._failures += 1
                continue
            for offset, piece in crypto_frames(frames):
                self._keep(offset, piece)
                grown = True
        found = self._hello() if grown else None
        if found is not None:
            self._pieces.clear()
            return found
        over = self._datagrams >= _MOST_DATAGRAMS or (self._failures >= _MOST_FAILURES and not self._keys)
        return self._unnamed if over else self._unfinished

    def pass_over(self, count: int) -> Finding:
        """Count datagrams without an Initial packet, which somebody else saw, and return what is known after them."""
        self._datagrams += count
        return self._unnamed if self._datagrams >= _MOST_DATAGRAMS else self._unfinished

    def _open(self, version: Version, connection_id: bytes, packet: bytes, number_at: int) -> bytes | None:
        own = client_keys(version, connection_id)
        for keys in (*self._keys, *(() if own in self._keys else (own,))):
            frames = open_initial(keys, packet, number_at)
            if frames is not None:
                if keys not in self._keys and len(self._keys) < _MOST_KEYS:
                    self._keys.append(keys)
                return frames
        return None

    def _keep(self, offset: int, piece: bytes) -> None:
        if self._size + len(piece) <= _LONGEST_HELLO and len(piece) > len(self._pieces.get(offset, b"")):
            self._pieces[offset] = piece
            self._size += len(piece)

    def _hello(self) -> Finding | None:
        """Return what the handshake tells, ``None`` while it is incomplete; Q050 puts its own message where others have TLS."""
        whole = self._joined()
        return named_by_hello(whole) or read_handshake(whole, "quic")

    def _joined(self) -> bytes:
        """Return the handshake up to the first hole; where frames overlap the earlier byte wins."""
        whole = bytearray()
        for offset, piece in sorted(self._pieces.items()):
            if offset > len(whole):
                break
            whole += piece[len(whole) - offset :]
        return bytes(whole)


def initial_packets(data: bytes) -> Iterator[tuple[Version, bytes, bytes, int]]:
    """Yield version, destination connection id, bytes and place of the packet number of each Initial in a datagram.

    Packets of other types between them are passed over by their length (RFC 9000, section 12.2); a short header, a
    Retry, a foreign version or damage ends the datagram.
    """
    while True:
        number = _version(data)
        version = VERSIONS.get(number) if number is not None else None
        if version is None:
            return
        kind = (data[0] >> 4) & 3
        at = 6 + data[5]
        connection_id = data[6:at]
        if kind == version.retry or len(data) <= at:
            return
        at += 1 + data[at]
        if kind == version.initial:
            token, at = _integer(data, at)
            at += token
        length, at = _integer(data, at)
        if at > len(data) or not length:
            return
        end = at + length
        if kind == version.initial:
            yield version, connection_id, data[:end], at
        data = data[end:]


def crypto_frames(frames: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of each CRYPTO frame; a frame that an Initial packet may not hold ends the search."""
    at = 0
    while at < len(frames):
        if not frames[at]:  # PADDING: most of many packets, so all of it at one go
            at = len(frames) - len(frames[at:].lstrip(b"\0"))
            continue
        kind, at = _integer(frames, at)
        if kind in (_ACK, _ACK_ECN):
            at = _after_ack(frames, at, kind)
        elif kind in _CRYPTO:
            offset, at = _integer(frames, at)
            length, at = _integer(frames, at)
            yield offset, frames[at : at + length]
            at += length
        elif kind not in (_PADDING, _PING):  # padding in a longer form than need be
            return


def _after_ack(frames: bytes, at: int, kind: int) -> int:
    """Return where an ACK frame ends (RFC 9000, section 19.3)."""
    _, at = _integer(frames, at)
    _, at = _integer(frames, at)
    ranges, at = _integer(frames, at)
    for _ in range(min(1 + 2 * ranges + (3 if kind == _ACK_ECN else 0), len(frames))):
        _, at = _integer(frames, at)
    return at


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """Return a variable-length integer (RFC 9000, section 16) and where it ends; past the end it is 0 and ends there."""
    if at >= len(data):
        return 0, len(data) + 1
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + size], "big") & ((1 << (8 * size - 2)) - 1)
    return value, at + size
