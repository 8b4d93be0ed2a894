"""What runs inside the tunnel that a proxy was asked for."""

from __future__ import annotations

from collections.abc import Callable

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side
from auditor.traffic.tls import recognise_tls

_ENOUGH = 64
"""Bytes by which TLS and HTTP are known."""


def through_proxy(protocol: str, authority: str, rest: bytes, http: Callable[[bytes], Finding | None]) -> Finding:
    """Return the destination behind a proxy: its authority; where that is an address, what TLS or HTTP inside shows.

    Args:
        protocol: of the proxy.
        authority: name that the proxy was asked for, empty for an address.
        rest: what the client sent through the tunnel so far.
        http: reads an HTTP request.
    """
    inner = recognise_tls(rest)
    if authority:
        shown = inner.server_name if inner is not None else ""
        more = inner.more if inner is not None else len(rest) < 6  # noqa: PLR2004 -- one record header and a message type
        return Finding(protocol, Side.CLIENT, authority, NameRung.PROXY_AUTHORITY, server_name=shown, more=more)
    inner = inner or http(rest)
    if inner is None:
        return Finding(protocol, Side.CLIENT, more=len(rest) < _ENOUGH)
    return Finding(protocol, Side.CLIENT, inner.name, inner.rung, inner.hidden, inner.server_name, inner.more)
