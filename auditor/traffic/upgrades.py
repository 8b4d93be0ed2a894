"""Protocols that begin in clear text and turn to TLS: where the TLS begins in the bytes of the client.

Sources: SMTP RFC 3207, IMAP and POP3 RFC 2595, FTP RFC 4217, XMPP RFC 6120, LDAP RFC 4511, and the protocol documents of
PostgreSQL (SSLRequest), MySQL (SSLRequest), SQL Server (MS-TDS) and RDP (MS-RDPBCGR).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from struct import unpack_from

from auditor.traffic.finding import Finding, Side
from auditor.traffic.tls import recognise_tls

_COMMAND = re.compile(rb"(?:STARTTLS|STLS|AUTH TLS(?:-[CP])?|AUTH SSL)[ \t]{0,8}\r?\n", re.IGNORECASE)
_XMPP = re.compile(rb"<starttls\b[^>]{0,200}(?:/>|>[^\0]{0,200}?</starttls>)\s{0,4}")
_WITHIN = 2048
_ANSWER = re.compile(rb"[1-5]\d\d[ -]|\+OK\b|-ERR\b|\* [A-Z]")
"""How a server of SMTP, FTP and NNTP, of POP3 and of IMAP begins; what it offers names the commands that ask for it."""
_FEATURES = re.compile(rb"<(?:stream:)?features\b")
_TEXT = re.compile(rb"[\t\r\n\x20-\x7e\x80-\xff]*")
"""No control characters: what begins with so much of it is text, whose upgrade may still come."""
_POSTGRES_TLS, _POSTGRES_GSS = b"\0\0\0\x08\x04\xd2\x16\x2f", b"\0\0\0\x08\x04\xd2\x16\x30"
_LDAP_STARTTLS = b"1.3.6.1.4.1.1466.20037"
_SEQUENCE, _SHORTEST_MESSAGE, _LONGEST_HEAD = 0x30, 5, 7
_MYSQL_HEAD, _MYSQL_LENGTH, _MYSQL_TLS = b"\x20\0\0\1", 36, 0x0800
_TPKT, _CONNECTION_REQUEST = b"\x03\0", 0xE0
_TDS_PRELOGIN, _TDS_HEADER = 0x12, 8


def recognise_upgrade(data: bytes) -> Finding | None:
    """Return the TLS that follows a request for it; ``starttls`` while only the request is there, no protocol for an answer."""
    if _ANSWER.match(data) or (data.startswith(b"<") and _FEATURES.search(data, 0, _WITHIN)):
        return Finding("", Side.SERVER)
    for inside in (_after_command, _after_request, _inside_tds):
        rest = inside(data)
        if rest is not None:
            found = recognise_tls(rest)
            return found if found is not None else Finding("starttls", Side.CLIENT, hidden=True, more=True)
    waiting = len(data) < _WITHIN and (_is_text(data) or _messages(data) > 0)
    return Finding("", more=True) if waiting else None


def _is_text(data: bytes) -> bool:
    """Return whether ``data`` is text in UTF-8, of which the last character may be cut."""
    try:
        return _TEXT.fullmatch(data) is not None and data.decode() is not None
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"


def _after_command(data: bytes) -> bytes | None:
    """Return what follows a command of a text protocol or the element of XMPP."""
    found = _COMMAND.search(data, 0, _WITHIN)
    if found is None and data.startswith(b"<"):
        found = _XMPP.search(data, 0, _WITHIN)
    return None if found is None else data[found.end() :]


def _after_request(data: bytes) -> bytes | None:
    """Return what follows a binary request, whose first bytes give it away."""
    for length in (reader(data) for reader in _REQUESTS):
        if length:
            return data[length:]
    return None


def _postgres(data: bytes) -> int:
    if data.startswith(_POSTGRES_TLS):
        return 8
    return 16 if data.startswith(_POSTGRES_GSS + _POSTGRES_TLS) else 0


def _mysql(data: bytes) -> int:
    wants = len(data) >= _MYSQL_LENGTH and data.startswith(_MYSQL_HEAD) and unpack_from("<I", data, 4)[0] & _MYSQL_TLS
    return _MYSQL_LENGTH if wants else 0


def _rdp(data: bytes) -> int:
    if len(data) < 7 or not data.startswith(_TPKT) or data[5] != _CONNECTION_REQUEST:  # noqa: PLR2004 -- TPKT and X.224 head
        return 0
    return int(unpack_from("!H", data, 2)[0])


def _ldap(data: bytes) -> int:
    """Return where the extended request that asks for TLS ends; other requests may come before it."""
    found = data.find(_LDAP_STARTTLS, 0, _WITHIN)
    end = _messages(data[:found]) if found > 0 else 0
    return end if end > found else 0


def _messages(data: bytes) -> int:
    """Return where the last of the LDAP messages ends that begin in ``data``, 0 when they are none."""
    at = 0
    while at < len(data):
        if len(data) < at + _LONGEST_HEAD and data[at] == _SEQUENCE:
            return at + _LONGEST_HEAD  # its length may still be missing
        length, body = _length(data, at + 1)
        if data[at] != _SEQUENCE or length < _SHORTEST_MESSAGE or data[body : body + 1] not in (b"", b"\2"):
            return 0
        at = body + length
    return at


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return a length of BER (ITU-T X.690, 8.1.3) and where what it counts begins; 0 where it is cut or of no use."""
    first = data[at] if at < len(data) else 0
    if first < 0x80:  # noqa: PLR2004 -- the short form
        return first, at + 1
    size = first & 0x7F
    return (int.from_bytes(data[at + 1 : at + 1 + size]) if size <= 4 else 0), at + 1 + size  # noqa: PLR2004 -- bytes


_REQUESTS: tuple[Callable[[bytes], int], ...] = (_postgres, _mysql, _rdp, _ldap)
"""Each returns the length of the request, 0 when the bytes are none."""


def _inside_tds(data: bytes) -> bytes | None:
    """Return the TLS bytes that SQL Server's protocol carries in PRELOGIN packets after the first one."""
    if len(data) < _TDS_HEADER or data[0] != _TDS_PRELOGIN or data[1] > 1 or data[4:6] != b"\0\0":
        return None
    inside, at, packets = bytearray(), 0, 0
    while at + _TDS_HEADER <= len(data) and data[at] == _TDS_PRELOGIN:
        length = int(unpack_from("!H", data, at + 2)[0])
        if length <= _TDS_HEADER:
            return None
        inside += data[at + _TDS_HEADER : at + length] if packets else b""
        at, packets = at + length, packets + 1
    return bytes(inside)
