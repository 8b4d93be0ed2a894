"""HTTP/2 in clear text with prior knowledge (RFC 9113, section 3.3), as gRPC speaks it: the authority of the first request.

Header compression (RFC 7541) is undone only as far as ``:authority`` needs: the first header block refers to nothing sent
before it, so the dynamic table is not kept.
"""

from __future__ import annotations

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side, host_of

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME_HEADER = 9
_LARGEST_FRAME = 16_384
_HEADERS, _CONTINUATION = 1, 9
_END_HEADERS, _PADDED, _PRIORITY = 0x04, 0x08, 0x20
_AUTHORITY, _HOST = 1, 38
"""Indexes of the static table (RFC 7541, appendix A)."""
_NAMES = {b":authority": _AUTHORITY, b"host": _HOST}

_SYMBOLS_BY_LENGTH: tuple[tuple[int, bytes], ...] = (
    (5, b"012aceiost"),
    (6, b" %-./3456789=A_bdfghlmnpru"),
    (7, b":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"),
    (8, b"&*,;XZ"),
    (10, b'!"()?'),
    (11, b"'+|"),
    (12, b"#>"),
    (13, b"\0$@[]~"),
    (14, b"^}"),
    (15, b"<`{"),
)
"""The short codes of RFC 7541, appendix B; they count upwards within a length. No host name needs a longer one."""


def _codes() -> dict[tuple[int, int], int]:
    codes, code, before = {}, 0, 0
    for length, symbols in _SYMBOLS_BY_LENGTH:
        code <<= length - before
        before = length
        for symbol in symbols:
            codes[length, code] = symbol
            code += 1
    return codes


_CODES = _codes()
_LONGEST_CODE = 15


def recognise_http2(data: bytes) -> Finding | None:
    """Return HTTP/2 by its preface, with the authority once the first header block is whole."""
    if not data.startswith(PREFACE):
        return None
    try:
        block = _header_block(data, len(PREFACE))
    except IndexError:
        return Finding("http2", Side.CLIENT, hidden=True)
    if block is None:
        return Finding("http2", Side.CLIENT, hidden=True, more=True)
    name = host_of(authority_of(block))
    return Finding("http2", Side.CLIENT, name, NameRung.HTTP_HOST if name else NameRung.NONE, hidden=not name)


def _header_block(data: bytes, at: int) -> bytes | None:
    """Return the fragments of the first header block joined, ``None`` while some are missing.

    Raises:
        IndexError: a frame contradicts itself.
    """
    block = b""
    while at + _FRAME_HEADER <= len(data):
        length = int.from_bytes(data[at : at + 3], "big")
        kind, flags = data[at + 3], data[at + 4]
        body = data[at + _FRAME_HEADER : at + _FRAME_HEADER + length]
        if length > _LARGEST_FRAME:
            raise IndexError("a frame longer than any before settings are agreed")
        if len(body) < length:
            return None
        at += _FRAME_HEADER + length
        if kind not in (_HEADERS, _CONTINUATION):
            continue
        block += _fragment(body, flags) if kind == _HEADERS else body
        if flags & _END_HEADERS:
            return block
    return None


def _fragment(body: bytes, flags: int) -> bytes:
    padding = 0
    if flags & _PADDED:
        padding, body = body[0], body[1:]
    body = body[5:] if flags & _PRIORITY else body
    return body[: len(body) - padding]


def authority_of(block: bytes) -> bytes:
    """Return the value of ``:authority``, else of ``host``, in a header block; empty when it has none or is damaged."""
    found: dict[int, bytes] = {}
    at = 0
    try:
        while at < len(block) and _AUTHORITY not in found:
            first = block[at]
            if first & 0x80 or first & 0xE0 == 0x20:  # noqa: PLR2004 -- indexed field; size update
                _, at = _integer(block, at, 7 if first & 0x80 else 5)
                continue
            index, at = _integer(block, at, 6 if first & 0x40 else 4)
            if not index:
                name, at = _text(block, at)
                index = _NAMES.get(name, 0)
            value, at = _text(block, at)
            if index in (_AUTHORITY, _HOST):
                found[index] = value
    except IndexError:
        return b""
    return found.get(_AUTHORITY, found.get(_HOST, b""))


def _integer(data: bytes, at: int, bits: int) -> tuple[int, int]:
    """Return an integer with a prefix of some bits (RFC 7541, section 5.1) and where it ends."""
    full = (1 << bits) - 1
    value = data[at] & full
    at += 1
    if value < full:
        return value, at
    for shift in range(0, 35, 7):
        byte = data[at]
        at += 1
        value += (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise IndexError("an integer without end")


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    huffman = data[at] & 0x80
    length, at = _integer(data, at, 7)
    raw = data[at : at + length]
    if len(raw) < length:
        raise IndexError("a text longer than its block")
    return (_unhuffman(raw) if huffman else raw), at + length


def _unhuffman(raw: bytes) -> bytes:
    """Return the text, empty when it holds a symbol that no host name has."""
    text, code, length = bytearray(), 0, 0
    for byte in raw:
        for shift in range(7, -1, -1):
            code, length = code << 1 | byte >> shift & 1, length + 1
            symbol = _CODES.get((length, code))
            if symbol is not None:
                text.append(symbol)
                code, length = 0, 0
            elif length > _LONGEST_CODE:
                return b""
    return bytes(text)
