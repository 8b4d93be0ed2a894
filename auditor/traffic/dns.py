"""DNS messages (RFC 1035): the name asked for and the addresses that its CNAME chain leads to."""

from __future__ import annotations

from functools import lru_cache
from struct import error as struct_error
from struct import unpack_from
from typing import NamedTuple

from auditor.facts.hosts import normalise_host
from auditor.traffic.internet import text

PORT = 53
_HEADER = 12
_A, _CNAME, _AAAA, _SVCB, _HTTPS = 1, 5, 28, 64, 65
_RESPONSE, _OPCODE, _RCODE = 0x8000, 0x7800, 0x000F
_IPV4_HINT, _IPV6_HINT = 4, 6
_LONGEST_NAME = 255
_MOST_JUMPS = 64
_MOST_RECORDS = 512
_SHORT = 512


class Message(NamedTuple):
    """What a DNS message says about one question."""

    identification: int
    response: bool
    name: str
    """Name asked for, normal form."""
    addresses: tuple[str, ...]
    """Addresses that answer it, in order of appearance; empty in queries and in answers without any."""


def read_message(data: bytes) -> Message | None:
    """Return the message in ``data``, ``None`` when it is not one standard query or its answer.

    Damage after the question leaves what came before it.
    """
    rest = data[2:]
    told = _short_message(rest) if len(rest) <= _SHORT else _message(rest)
    return None if told is None else Message(int.from_bytes(data[:2], "big"), *told)


def _message(rest: bytes) -> tuple[bool, str, tuple[str, ...]] | None:
    """Return all but the identification of the message that goes on with ``rest`` behind it."""
    data = b"\0\0" + rest
    try:
        flags, questions, answers = unpack_from("!2xHHH", data)
        if questions != 1 or flags & _OPCODE:
            return None
        asked, at = _name(data, _HEADER)
        at += 4
    except (struct_error, IndexError, ValueError):
        return None
    response = bool(flags & _RESPONSE)
    addresses: tuple[str, ...] = ()
    if response and not flags & _RCODE:
        addresses = _chain(asked, _records(data, at, min(answers, _MOST_RECORDS)))
    return response, asked, addresses


_short_message = lru_cache(maxsize=16_384)(_message)
"""Machines ask the same again and again. Long messages are not kept, so that no capture can fill the memory with them."""


def messages_of_stream(data: bytes) -> list[Message]:
    """Return the messages of a DNS stream over TCP: each has its length in two bytes before it (RFC 7766)."""
    found, at = [], 0
    while at + 2 <= len(data):
        length = int(unpack_from("!H", data, at)[0])
        if at + 2 + length > len(data):
            break
        message = read_message(data[at + 2 : at + 2 + length])
        if message is not None:
            found.append(message)
        at += 2 + length
    return found


_Resource = tuple[str, int, str]
"""Owner, kind, and the target name or address."""


def _records(data: bytes, at: int, count: int) -> list[_Resource]:
    found: list[_Resource] = []
    try:
        for _ in range(count):
            owner, at = _name(data, at)
            kind, _, _, length = unpack_from("!HHIH", data, at)
            at += 10
            if at + length > len(data):
                break
            found.extend((owner, kind, value) for value in _values(data, kind, at, length))
            at += length
    except (struct_error, IndexError, ValueError):
        return found
    return found


def _values(data: bytes, kind: int, at: int, length: int) -> list[str]:
    if (kind, length) in ((_A, 4), (_AAAA, 16)):
        return [text(data[at : at + length])]
    if kind == _CNAME:
        return [_name(data, at)[0]]
    if kind in (_SVCB, _HTTPS):
        return _hints(data, at, at + length)
    return []


def _hints(data: bytes, at: int, end: int) -> list[str]:
    """Return the address hints of a service binding record (RFC 9460)."""
    _, at = _name(data, at + 2)
    found: list[str] = []
    while at + 4 <= end:
        key, length = unpack_from("!HH", data, at)
        size = {_IPV4_HINT: 4, _IPV6_HINT: 16}.get(key, 0)
        value = data[at + 4 : min(at + 4 + length, end)]
        if size:
            found.extend(text(value[i : i + size]) for i in range(0, len(value) - size + 1, size))
        at += 4 + length
    return found


def _chain(asked: str, records: list[_Resource]) -> tuple[str, ...]:
    """Return the addresses of every name that CNAME records lead to from ``asked``."""
    known = {asked}
    grown = True
    while grown:
        targets = {value for owner, kind, value in records if kind == _CNAME and owner in known}
        grown = not targets <= known
        known |= targets
    return tuple(dict.fromkeys(value for owner, kind, value in records if kind != _CNAME and owner in known))


def _name(data: bytes, at: int) -> tuple[str, int]:
    """Return a name and where it ends; pointers are followed a bounded number of times (RFC 1035, 4.1.4).

    Raises:
        ValueError: a loop, a name too long, or a reserved label type.
        IndexError: the name leaves the message.
    """
    labels: list[str] = []
    end, length, jumps = -1, 0, 0
    while size := data[at]:
        if size & 0xC0 == 0xC0:  # noqa: PLR2004 -- pointer
            end = end if end >= 0 else at + 2
            at = (size & 0x3F) << 8 | data[at + 1]
            jumps += 1
        elif size & 0xC0:
            raise ValueError("reserved label type")
        else:
            label = data[at + 1 : at + 1 + size]
            labels.append(label.decode("latin-1").replace("\\", "\\\\").replace(".", "\\."))
            length += size + 1
            at += size + 1
        if jumps > _MOST_JUMPS or length > _LONGEST_NAME:
            raise ValueError("name without end")
    return _readable(".".join(labels)), end if end >= 0 else at + 1


def _readable(name: str) -> str:
    r"""Return a normal form in which bytes that are no host characters show as ``\x``."""
    if name.isascii() and name.isprintable() and " " not in name:
        return normalise_host(name)
    visible = "".join(c if "!" <= c <= "~" else f"\\x{ord(c):02x}" for c in name)
    return normalise_host(visible)
