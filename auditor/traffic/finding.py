"""What the first bytes of one side of a flow tell."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from auditor.facts.hosts import is_address, normalise_host
from auditor.facts.vocabulary import NameRung

LONGEST_NAME = 253
"""Characters of the longest host name (RFC 1035, 255 bytes in wire form)."""


class Side(StrEnum):
    """Which end of the protocol sent the bytes."""

    CLIENT = "client"
    SERVER = "server"
    EITHER = "either"
    """Both ends begin alike (SSH): the bytes do not tell who dialled."""


class Finding(NamedTuple):
    """A recognised protocol."""

    protocol: str
    side: Side = Side.EITHER
    name: str = ""
    """Destination name in normal form, empty when these bytes do not establish one."""
    rung: NameRung = NameRung.NONE
    hidden: bool = False
    """The protocol would carry a name, and it is missing or may not be the true one."""
    server_name: str = ""
    """Server name as the client shows it: also an address, and the outer name beside an encrypted ClientHello, which is
    who answers for the true, hidden one."""
    more: bool = False
    """More bytes may tell more."""


def host_of(raw: bytes) -> str:
    """Return a host in normal form from SNI, Host or authority bytes: no port, no brackets, lower case, A-labels.

    Empty for an address and for what cannot be a host name: too long, or not text.
    """
    return _short_host_of(raw) if len(raw) <= LONGEST_NAME else _host_of(raw)


def _host_of(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = raw.decode("latin-1").strip()
    if text.startswith("[") or is_address(text):
        return ""
    head, _, port = text.rpartition(":")
    name = normalise_host(head if head and port.isdecimal() else text)
    if len(name) > LONGEST_NAME or is_address(name) or " " in name or not name.isprintable():
        return ""
    return name


def shown_name(raw: bytes) -> str:
    """Return a server name as it was sent, also an address: normal form, what is not printable as escapes."""
    return _short_shown_name(raw) if len(raw) <= LONGEST_NAME else _shown_name(raw)


def _shown_name(raw: bytes) -> str:
    text = normalise_host(raw.decode("utf-8", "backslashreplace"))
    if text.isprintable() and " " not in text:  # of all white space, it alone is printable
        return text
    return "".join(c if c.isprintable() and not c.isspace() else c.encode("unicode_escape").decode("ascii") for c in text)


# The same names come again and again; long ones are not kept, so that no capture can fill the memory with them.
_short_host_of = lru_cache(maxsize=16_384)(_host_of)
_short_shown_name = lru_cache(maxsize=16_384)(_shown_name)
