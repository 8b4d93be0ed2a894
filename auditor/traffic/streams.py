"""Protocols over TCP, tried in order on the first bytes of each side."""

from __future__ import annotations

import re
from collections.abc import Callable

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side, host_of
from auditor.traffic.http import recognise_http
from auditor.traffic.tls import recognise_tls

_UPGRADE = re.compile(
    rb"(?:STARTTLS|STLS|AUTH TLS|AUTH SSL)\r?\n", re.IGNORECASE
)  # RFC 3207 (SMTP), RFC 2595 (IMAP, POP3), RFC 4217 (FTP)
_UPGRADE_WITHIN = 2048
_TEXT_COMMAND = re.compile(rb"(?:[\x20-\x7e]{1,200}\r?\n){1,16}")
_SOCKS5_REQUEST = re.compile(rb"\x05[\x01-\x08].{0,8}?\x05[\x01-\x03]\x00\x03(.)", re.DOTALL)
_SOCKS4A_REQUEST = re.compile(rb"\x04[\x01\x02]..\x00\x00\x00[^\x00][^\x00]{0,255}\x00([^\x00]{1,253})\x00", re.DOTALL)


def recognise_ssh(data: bytes) -> Finding | None:
    """Return SSH for its banner (RFC 4253, section 4.2); both sides send one."""
    return Finding("ssh") if data.startswith(b"SSH-") else None


def recognise_socks(data: bytes) -> Finding | None:
    """Return the destination of a SOCKS 5 (RFC 1928) or 4a request by name: the proxy's authority."""
    request = _SOCKS5_REQUEST.match(data)
    if request is not None:
        name = host_of(data[request.end() : request.end() + request[1][0]])
    else:
        old = _SOCKS4A_REQUEST.match(data)
        if old is None:
            return None
        name = host_of(old[1])
    return Finding("socks", Side.CLIENT, name, NameRung.PROXY_AUTHORITY) if name else None


def recognise_upgrade(data: bytes) -> Finding | None:
    """Return the TLS that follows a clear-text command asking for it (mail and file transfer)."""
    command = _UPGRADE.search(data, 0, _UPGRADE_WITHIN)
    if command is not None:
        found = recognise_tls(data[command.end() :])
        return found if found is not None else Finding("starttls", Side.CLIENT, hidden=True, more=True)
    if len(data) < _UPGRADE_WITHIN and _TEXT_COMMAND.fullmatch(data):
        return Finding("", more=True)
    return None


STREAM_RECOGNISERS: tuple[Callable[[bytes], Finding | None], ...] = (
    recognise_tls,
    recognise_http,
    recognise_ssh,
    recognise_socks,
    recognise_upgrade,
)
"""In order: the ones that are sure by their first bytes come first."""


def recognise_stream(data: bytes) -> Finding | None:
    """Return what the first recogniser that knows ``data`` tells."""
    for recognise in STREAM_RECOGNISERS:
        found = recognise(data)
        if found is not None:
            return found
    return None
