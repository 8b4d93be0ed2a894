"""TLS over any stream: ClientHello and ServerHello (RFC 8446), SNI (RFC 6066), encrypted ClientHello (RFC 9849).

Three layers may each be split: segments (stream.py), records and the handshake message (here). GREASE values
(RFC 8701) are unknown extensions like any other and are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error as struct_error
from struct import unpack_from

from auditor.facts.vocabulary import NameRung
from auditor.traffic.certificate import named_by_certificate
from auditor.traffic.finding import Finding, Side, host_of, shown_name

_HANDSHAKE, _CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE = 22, 1, 2, 11
_RECORD_HEADER, _MESSAGE_HEADER = 5, 4
_LARGEST_RECORD = 2**14 + 2048
_LARGEST_HELLO = 2**17
_LATEST_MINOR = 4
_LONGEST_FLIGHT = 12 * 1024
"""Bytes in which the first certificate of a server is looked for."""
_SERVER_NAME, _ENCRYPTED_HELLO, _ESNI = 0, 0xFE0D, 0xFFCE
_RECORD_TYPES = frozenset({20, 21, 22, 23})
_OLD_HEADER, _OLD_VERSIONS = 11, (b"\0\2", b"\3\0", b"\3\1", b"\3\2", b"\3\3")
"""Bytes of the fixed part of a hello of SSL 2, and the versions that it may offer."""


def recognise_tls(data: bytes) -> Finding | None:
    """Return what a stream beginning with ``data`` tells, ``None`` when it is not TLS."""
    if len(data) < _RECORD_HEADER + 1 or data[0] not in _RECORD_TYPES or not _is_record(data, 0):
        return Finding("tls", Side.CLIENT, hidden=True) if data[:1] >= b"\x80" and _old_hello(data) else None
    if data[0] != _HANDSHAKE:
        return Finding("tls", hidden=True) if _two_records(data) else None
    if data[_RECORD_HEADER] == _SERVER_HELLO:
        return _server(data)
    if data[_RECORD_HEADER] != _CLIENT_HELLO:
        return Finding("tls", hidden=True) if _two_records(data) else None
    message = _message(data)
    if message is None:
        return Finding("tls", Side.CLIENT, hidden=True, more=True)
    return _client_hello(message, "tls")


def _old_hello(data: bytes) -> bool:
    """Return whether a ClientHello in the form of SSL 2 begins (RFC 5246, appendix E.2): it has no room for a server name."""
    if len(data) < _OLD_HEADER or data[2] != _CLIENT_HELLO or data[3:5] not in _OLD_VERSIONS:
        return False
    length, _, ciphers, session, challenge = unpack_from("!HxHHHH", data)
    sizes = ciphers % 3 == 0 and session in (0, 16) and 16 <= challenge <= 32  # noqa: PLR2004 -- as the RFC bounds them
    return bool(ciphers and sizes and length & 0x7FFF == _OLD_HEADER - 2 + ciphers + session + challenge)


def _server(data: bytes) -> Finding:
    """Return what a server's first messages tell: with TLS 1.2 and older its certificate, as soon as the first one is whole."""
    flight, clear = _handshake_bytes(data)
    at = 0
    while at + _MESSAGE_HEADER <= len(flight):
        kind, length = flight[at], int.from_bytes(flight[at + 1 : at + 4], "big")
        body = flight[at + _MESSAGE_HEADER : at + _MESSAGE_HEADER + length]
        if kind == _CERTIFICATE and len(body) >= min(length, 6 + int.from_bytes(body[3:6].ljust(3, b"\xff"), "big")):
            return named_by_certificate(body)
        if kind not in (_SERVER_HELLO, _CERTIFICATE) or length > _LARGEST_HELLO:
            clear = False
        at += _MESSAGE_HEADER + length
    return Finding("tls", Side.SERVER, more=clear and len(data) < _LONGEST_FLIGHT)


def _handshake_bytes(data: bytes) -> tuple[bytes, bool]:
    """Return the bytes of the handshake records at the beginning, and whether nothing else has followed them yet."""
    flight, at = bytearray(), 0
    while at + _RECORD_HEADER <= len(data):
        if data[at] != _HANDSHAKE or not _is_record(data, at):
            return bytes(flight), False
        length = int(unpack_from("!H", data, at + 3)[0])
        flight += data[at + _RECORD_HEADER : at + _RECORD_HEADER + length]
        at += _RECORD_HEADER + length
    return bytes(flight), True


def read_handshake(data: bytes, protocol: str) -> Finding | None:
    """Return what a handshake without records tells (QUIC CRYPTO, RFC 9001 section 4.1.3), ``None`` while incomplete."""
    if len(data) < _MESSAGE_HEADER:
        return None
    if data[0] != _CLIENT_HELLO:
        return Finding(protocol, hidden=True)
    end = _MESSAGE_HEADER + int.from_bytes(data[1:4], "big")
    return _client_hello(data[_MESSAGE_HEADER:end], protocol) if end <= len(data) else None


def _is_record(data: bytes, at: int) -> bool:
    _, major, minor, length = unpack_from("!BBBH", data, at)
    return bool(major == 3 and minor <= _LATEST_MINOR and 0 < length <= _LARGEST_RECORD)  # noqa: PLR2004 -- SSL 3 and TLS


def _two_records(data: bytes) -> bool:
    """Return whether a whole record is followed by another: one alone in mid-stream could be chance."""
    at = _RECORD_HEADER + int(unpack_from("!H", data, 3)[0])
    return len(data) >= at + _RECORD_HEADER and data[at] in _RECORD_TYPES and _is_record(data, at)


def _message(data: bytes) -> bytes | None:
    """Return the first handshake message without its header, ``None`` while it is incomplete."""
    alone = _MESSAGE_HEADER + int.from_bytes(data[6:9], "big")
    if alone <= int.from_bytes(data[3:5], "big") and len(data) >= _RECORD_HEADER + alone:  # as most are: whole in one record
        return data[_RECORD_HEADER + _MESSAGE_HEADER : _RECORD_HEADER + alone]
    message = bytearray()
    at = 0
    while at + _RECORD_HEADER <= len(data) and data[at] == _HANDSHAKE and _is_record(data, at):
        length = int(unpack_from("!H", data, at + 3)[0])
        message += data[at + _RECORD_HEADER : at + _RECORD_HEADER + length]
        at += _RECORD_HEADER + length
        if len(message) >= _MESSAGE_HEADER:
            wanted = int.from_bytes(message[1:4], "big")
            if wanted > _LARGEST_HELLO:
                return None
            if len(message) >= _MESSAGE_HEADER + wanted:
                return bytes(message[_MESSAGE_HEADER : _MESSAGE_HEADER + wanted])
    return None


def _client_hello(message: bytes, protocol: str) -> Finding:
    """Read a complete ClientHello; what an extension list says before it contradicts itself counts."""
    name, shown, encrypted = "", "", False
    for kind, at, end in _extensions(message):
        if kind == _SERVER_NAME and end - at > 5 and message[at + 2] == 0:  # noqa: PLR2004 -- list, type and name length
            raw = message[at + 5 : min(end, at + 5 + int.from_bytes(message[at + 3 : at + 5], "big"))]
            name, shown = host_of(raw), shown_name(raw)
        encrypted = encrypted or kind in (_ENCRYPTED_HELLO, _ESNI)
    if encrypted:
        # Browsers send the extension as GREASE too: it does not prove that the outer name is a cover, it removes
        # the proof that it is none.
        return Finding(protocol, Side.CLIENT, hidden=True, server_name=shown)
    rung = NameRung.SNI if name else NameRung.NONE
    return Finding(protocol, Side.CLIENT, name, rung, hidden=not name, server_name=shown)


def _extensions(message: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield type, begin and end of each extension up to the end of the list or to the first that leaves the message."""
    try:
        at = 2 + 32
        at += 1 + message[at]
        at += 2 + int(unpack_from("!H", message, at)[0])
        at += 1 + message[at]
        at += 2
        while at + 4 <= len(message):
            kind, length = unpack_from("!HH", message, at)
            if at + 4 + length > len(message):
                return
            yield kind, at + 4, at + 4 + length
            at += 4 + length
    except (struct_error, IndexError):
        return
