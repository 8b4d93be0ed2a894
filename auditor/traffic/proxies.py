"""Proxies that a client asks for its destination: SOCKS 4 and 4a, SOCKS 5 (RFC 1928, 1929)."""

from __future__ import annotations

from struct import unpack_from

from auditor.traffic.finding import Finding, host_of
from auditor.traffic.http import recognise_http
from auditor.traffic.proxied import through_proxy

_SOCKS4, _SOCKS5, _PASSWORD = 4, 5, 1
_COMMANDS = (1, 2, 3)
_LENGTHS = {1: 4, 4: 16}
_DOMAIN = 3
_MOST_METHODS = 16
_LONGEST_TEXT = 256
_LONGEST_REQUEST = 1024
"""Bytes in which greeting, user name, password and name fit."""
_SHORTEST_NAME = 3
_MULTICAST = 224


def recognise_socks(data: bytes) -> Finding | None:
    """Return the destination that a SOCKS client asks for: the proxy's authority, by name or else by address."""
    try:
        if len(data) > 2 and data[0] == _SOCKS5:  # noqa: PLR2004 -- version, count, a method
            return _socks5(data)
        return _socks4(data) if len(data) > 8 and data[0] == _SOCKS4 and data[1] in _COMMANDS[:2] else None  # noqa: PLR2004
    except IndexError:
        return Finding("", more=True) if _unfinished(data) else None


def _unfinished(data: bytes) -> bool:
    """Return whether a greeting of version 5 is followed by the beginning of a password or a request."""
    at = 2 + data[1]
    if data[0] != _SOCKS5 or not at < len(data) < _LONGEST_REQUEST:
        return False
    return data[at] == _SOCKS5 or (data[at] == _PASSWORD and _PASSWORD + 1 in data[2:at])


def _socks5(data: bytes) -> Finding | None:
    """Walk greeting, user name and password where they were sent, and the request."""
    at = 2 + data[1]
    if not 0 < data[1] <= _MOST_METHODS:
        return None
    if data[at] == _PASSWORD and _PASSWORD + 1 in data[2:at]:
        at += 2 + data[at + 1]
        at += 1 + data[at]
    if data[at] != _SOCKS5 or data[at + 1] not in _COMMANDS or data[at + 2]:
        return None
    kind, at = data[at + 3], at + 4
    name = ""
    if kind == _DOMAIN:
        name = host_of(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    elif kind in _LENGTHS:
        at += _LENGTHS[kind]
    else:
        return None
    return through_proxy("socks", name, data[at + 2 :], recognise_http)


def _socks4(data: bytes) -> Finding | None:
    """Take the name that stands behind the user's when the address is 0.0.0.x (version 4a).

    Its first bytes are few and common (OpenFlow 1.3 reports errors by the same two), so the rest has to make sense too.
    """
    user_end = data.find(b"\0", 8, 8 + _LONGEST_TEXT)
    user = data[8:user_end]
    if user_end < 0 or not unpack_from("!H", data, 2)[0] or not (user.isascii() and user.decode("ascii").isprintable()):
        return None
    if data[4:7] != b"\0\0\0" or not data[7]:
        return through_proxy("socks", "", data[user_end + 1 :], recognise_http) if 0 < data[4] < _MULTICAST else None
    end = data.find(b"\0", user_end + 1, user_end + 1 + _LONGEST_TEXT)
    name = host_of(data[user_end + 1 : end]) if end > 0 else ""
    return through_proxy("socks", name, data[end + 1 :], recognise_http) if len(name) >= _SHORTEST_NAME else None
