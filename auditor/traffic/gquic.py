"""Google's QUIC before its move to TLS: the server name in the CHLO message of the client.

Sources: "QUIC Wire Layout Specification" and "QUIC Crypto" (Google, 2016) for versions up to Q043; for Q046 and Q050 Wireshark's
reader, which says the same as nDPI's. Up to Q046 the first packets are only hashed; those of Q050 are Initial packets (quic.py).
"""

from __future__ import annotations

from struct import error as struct_error
from struct import unpack_from

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side, host_of, shown_name

_HEADER_WITH_ID = 0x09
"""Version present and an eight-byte connection id follows: how a client of Google's QUIC begins (up to Q043)."""
_LONG, _ID_LENGTH, _NUMBER_LENGTHS = 0x80, 8, (1, 2, 4, 6)
_CLIENT_IDS = 0x50
"""Lengths of the two connection ids of Q046: eight bytes of the server's, none of the client's."""
_HASH = 12
_STREAM, _FINISHED, _WITH_LENGTH = 0x80, 0x40, 0x20
_CRYPTO_STREAM = 1
_HELLO, _SERVER_NAME = b"CHLO", b"SNI\0"
_MOST_TAGS = 128
_LITTLE_ENDIAN_UNTIL, _PRIVATE_FLAGS_UNTIL = 38, 33

_UNREAD = Finding("gquic", hidden=True)


def recognise_gquic(data: bytes) -> Finding | None:
    """Return Google's QUIC (Q0xx) before its move to TLS, with the name in a hello that stands in clear text."""
    at = 1 if data[0] & _LONG else 1 + _ID_LENGTH if data[0] & _HEADER_WITH_ID == _HEADER_WITH_ID else 0
    if not at or data[at : at + 2] != b"Q0" or not data[at + 2 : at + 4].isdigit():
        return None
    version = int(data[at + 2 : at + 4])
    try:
        start = _after_long_header(data) if at == 1 else _after_public_header(data, at + 4, version)
        hello = _crypto_stream(data, start, version) if start else b""
    except (struct_error, IndexError):
        return _UNREAD
    return named_by_hello(hello) or _UNREAD


def _after_public_header(data: bytes, at: int, version: int) -> int:
    """Return where the frames begin; older versions have a byte of flags before them."""
    return at + _NUMBER_LENGTHS[data[0] >> 4 & 3] + _HASH + (version <= _PRIVATE_FLAGS_UNTIL)


def _after_long_header(data: bytes) -> int:
    """Return where the frames of a Q046 packet begin, 0 where it is none of a client's first ones."""
    if data[1:5] != b"Q046" or data[5] != _CLIENT_IDS or data[0] & 0x30:
        return 0
    return 6 + _ID_LENGTH + (data[0] & 3) + 1 + _HASH


def _crypto_stream(data: bytes, at: int, version: int) -> bytes:
    """Return what the first frame holds of the crypto stream, empty when it is another frame."""
    while data[at] == 0:  # padding
        at += 1
    kind = data[at]
    if kind & ~(_FINISHED | 0x1C) != _STREAM | _WITH_LENGTH or data[at + 1] != _CRYPTO_STREAM:
        return b""
    at += 2 + ((kind >> 2 & 7) + 1 if kind & 0x1C else 0)  # the hello that follows a refused one has an offset
    length = int(unpack_from("<H" if version <= _LITTLE_ENDIAN_UNTIL else "!H", data, at)[0])
    return data[at + 2 : at + 2 + length]


def named_by_hello(hello: bytes) -> Finding | None:
    """Return what a CHLO message says, ``None`` when it is none: tags with the ends of their values, then the values."""
    if not hello.startswith(_HELLO) or len(hello) < 8:  # noqa: PLR2004 -- message tag, number of entries, padding
        return None
    count = min(int(unpack_from("<H", hello, 4)[0]), _MOST_TAGS)
    values, begin = 8 + 8 * count, 0
    for at in range(8, min(values, len(hello) - 7), 8):
        end = int(unpack_from("<I", hello, at + 4)[0])
        if hello[at : at + 4] == _SERVER_NAME and begin <= end <= len(hello) - values:
            raw = hello[values + begin : values + end]
            name = host_of(raw)
            rung = NameRung.SNI if name else NameRung.NONE
            return Finding("gquic", Side.CLIENT, name, rung, hidden=not name, server_name=shown_name(raw))
        begin = end
    return Finding("gquic", Side.CLIENT, hidden=True)
