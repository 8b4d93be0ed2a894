"""Protocols over TCP, tried in order on the first bytes of each side."""

from __future__ import annotations

from collections.abc import Callable

from auditor.traffic.datagrams import recognise_openvpn, recognise_stun
from auditor.traffic.finding import Finding
from auditor.traffic.http import recognise_http
from auditor.traffic.http2 import recognise_http2
from auditor.traffic.proxies import recognise_socks
from auditor.traffic.tls import recognise_tls
from auditor.traffic.upgrades import recognise_upgrade


def recognise_ssh(data: bytes) -> Finding | None:
    """Return SSH for its banner (RFC 4253, section 4.2); both sides send one."""
    return Finding("ssh") if data.startswith(b"SSH-") else None


def recognise_openvpn_stream(data: bytes) -> Finding | None:
    """Return OpenVPN over TCP: a length before each packet, the first one a hard reset."""
    length = int.from_bytes(data[:2])
    return recognise_openvpn(data[2 : 2 + length]) if len(data) >= 2 + length else None


def recognise_announced(data: bytes) -> Finding | None:
    """Return what follows the line or header by which a load balancer says who calls (HAProxy, PROXY protocol 1 and 2)."""
    if data.startswith(_PROXY_LINE):
        end = data.find(b"\r\n", 0, _LONGEST_LINE) + 2
        whole = end > 1 or len(data) >= _LONGEST_LINE
    elif data.startswith(_PROXY_HEADER):
        end = 16 + int.from_bytes(data[14:16])
        whole = len(data) >= end
    else:
        return None
    if not whole or len(data) == end:
        return Finding("", more=True)
    return recognise_stream(data[end:]) if end > 1 else None


_PROXY_LINE, _LONGEST_LINE = b"PROXY ", 107
_PROXY_HEADER = b"\r\n\r\n\0\r\nQUIT\n"

STREAM_RECOGNISERS: tuple[Callable[[bytes], Finding | None], ...] = (
    recognise_tls,
    recognise_announced,
    recognise_http,
    recognise_http2,
    recognise_ssh,
    recognise_socks,
    recognise_upgrade,
    recognise_openvpn_stream,
    recognise_stun,
)
"""In order: the ones that are sure by their first bytes come first."""


def recognise_stream(data: bytes) -> Finding | None:
    """Return what the first recogniser that knows ``data`` tells."""
    for recognise in STREAM_RECOGNISERS:
        found = recognise(data)
        if found is not None:
            return found
    return None
