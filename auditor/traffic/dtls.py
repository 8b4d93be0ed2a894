"""DTLS (RFC 6347, RFC 9147): the ClientHello, which may come in fragments, in several records and over several datagrams."""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

from auditor.traffic.finding import Finding, Side
from auditor.traffic.tls import read_handshake

_VERSIONS = (b"\xfe\xff", b"\xfe\xfd", b"\xfe\xfc")
_RECORDS = (20, 21, 22, 23)
_HANDSHAKE_RECORD, _CLIENT_HELLO = 22, 1
_RECORD, _HANDSHAKE, _LEAST = 13, 12, 35
"""Lengths of a record header, a handshake header, and of version, random number and the length of the session."""
_LONGEST_HELLO = 64 * 1024
_MOST_DATAGRAMS = 32
"""Datagrams of one side in which the fragments are looked for."""

_UNNAMED, _UNFINISHED = Finding("dtls", Side.CLIENT, hidden=True), Finding("dtls", Side.CLIENT, hidden=True, more=True)


def recognise_dtls(data: bytes) -> Finding | None:
    """Return DTLS by its record header; ``more`` for a ClientHello, which a ``HelloReader`` puts together."""
    if len(data) < _RECORD + 1 or data[0] not in _RECORDS or data[1:3] not in _VERSIONS:
        return None
    if data[0] != _HANDSHAKE_RECORD or data[_RECORD] != _CLIENT_HELLO:
        return Finding("dtls", Side.EITHER, hidden=True)
    return _UNFINISHED


class HelloReader:
    """Reads the datagrams of a client until a ClientHello is whole or cannot become so."""

    __slots__ = ("_datagrams", "_pieces", "_size")

    def __init__(self) -> None:
        """Begin without a datagram."""
        self._datagrams = 0
        self._pieces: dict[tuple[int, int], dict[int, bytes]] = {}
        """By number and length of a message: fragments by their offset. A hello sent again with a cookie is another message."""
        self._size = 0

    def read(self, data: bytes) -> Finding:
        """Take a datagram and return what is known after it."""
        self._datagrams += 1
        for message in _fragments(data):
            length, number, offset = int.from_bytes(message[1:4]), int.from_bytes(message[4:6]), int.from_bytes(message[6:9])
            piece = message[_HANDSHAKE:]
            if length > _LONGEST_HELLO or offset + len(piece) > length or self._size + len(piece) > _LONGEST_HELLO:
                return _UNNAMED
            self._size += len(piece)
            pieces = self._pieces.setdefault((number, length), {})
            if len(piece) > len(pieces.get(offset, b"")):
                pieces[offset] = piece
            whole = _joined(pieces)
            if len(whole) >= length:
                return _named(whole[:length])
        return _UNFINISHED if self._pieces and self._datagrams < _MOST_DATAGRAMS else _UNNAMED


def _fragments(data: bytes) -> Iterator[bytes]:
    """Yield the fragments of ClientHello messages in the clear records of a datagram, each with its header."""
    at = 0
    while at + _RECORD + _HANDSHAKE <= len(data) and data[at] == _HANDSHAKE_RECORD and data[at + 1 : at + 3] in _VERSIONS:
        end = at + _RECORD + int(unpack_from("!H", data, at + 11)[0])
        message = at + _RECORD
        clear = data[at + 3 : at + 5] == b"\0\0" and end <= len(data)  # epoch 0: nothing is encrypted yet
        while clear and message + _HANDSHAKE <= end:
            behind = message + _HANDSHAKE + int.from_bytes(data[message + 9 : message + 12])
            if data[message] != _CLIENT_HELLO or behind > end:
                break
            yield data[message:behind]
            message = behind
        at = end


def _joined(pieces: dict[int, bytes]) -> bytes:
    """Return the message up to the first hole; where fragments overlap the earlier byte wins."""
    whole = bytearray()
    for offset, piece in sorted(pieces.items()):
        if offset > len(whole):
            break
        whole += piece[len(whole) - offset :]
    return bytes(whole)


def _named(body: bytes) -> Finding:
    """Read a ClientHello as TLS writes it: without the cookie."""
    if len(body) < _LEAST:
        return _UNNAMED
    cookie = _LEAST + body[_LEAST - 1]
    end = cookie + 1 + body[cookie] if cookie < len(body) else len(body)
    plain = body[:cookie] + body[end:]
    return read_handshake(bytes([_CLIENT_HELLO]) + len(plain).to_bytes(3) + plain, "dtls") or _UNNAMED
