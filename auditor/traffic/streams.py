"""Protocols over TCP, tried in order on the first bytes of each side."""

from __future__ import annotations

from collections.abc import Callable

from auditor.traffic.datagrams import recognise_openvpn
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


STREAM_RECOGNISERS: tuple[Callable[[bytes], Finding | None], ...] = (
    recognise_tls,
    recognise_http,
    recognise_http2,
    recognise_ssh,
    recognise_socks,
    recognise_upgrade,
    recognise_openvpn_stream,
)
"""In order: the ones that are sure by their first bytes come first."""


def recognise_stream(data: bytes) -> Finding | None:
    """Return what the first recogniser that knows ``data`` tells."""
    for recognise in STREAM_RECOGNISERS:
        found = recognise(data)
        if found is not None:
            return found
    return None
