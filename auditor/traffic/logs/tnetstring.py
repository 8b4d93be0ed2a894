"""Tagged netstrings, in which mitmproxy keeps flows: ``<length>:<value><type>``, one after another, nested.

Source: mitmproxy's io documentation and the tnetstrings description (read 2026-11).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

LONGEST = 64 * 1024 * 1024
"""Bytes of one value at the top that are believed."""
DEEPEST = 32
_LONGEST_LENGTH = 9
"""Digits of a length."""

Value = bytes | str | int | float | bool | None | list["Value"] | dict[str, "Value"]


class DamagedError(Exception):
    """What stands here is no tagged netstring; nothing behind it can be told."""


_SCALARS: dict[bytes, Callable[[bytes], Value]] = {
    b",": lambda data: data,
    b";": lambda data: data.decode("utf-8", "backslashreplace"),
    b"#": lambda data: int(data) if len(data) < 20 else 0,  # noqa: PLR2004 -- digits of 2**63
    b"^": float,
    b"!": lambda data: data == b"true",
    b"~": lambda _: None,
}


def values(stream: io.BufferedIOBase) -> Iterator[tuple[Value, bytes]]:
    """Yield the values of a stream, each with the bytes that it was made of.

    Raises:
        DamagedError: a value is malformed, too long, too deep, or cut by the end of the stream.
    """
    while True:
        digits = b""
        while len(digits) <= _LONGEST_LENGTH and not digits.endswith(b":"):
            one = stream.read(1)
            if not one:
                if digits.strip():
                    raise DamagedError("cut")
                return
            digits += one
        size = _size(digits[:-1])
        data = stream.read(size + 1)
        if len(data) <= size:
            raise DamagedError("cut")
        yield _value(data[:size], data[size:], 0), data


def _size(digits: bytes) -> int:
    if not digits.isdigit() or int(digits) > LONGEST:
        raise DamagedError("no length")
    return int(digits)


def _value(data: bytes, kind: bytes, depth: int) -> Value:
    if depth > DEEPEST:
        raise DamagedError("too deep")
    scalar = _SCALARS.get(kind)
    if scalar is not None:
        try:
            return scalar(data)
        except ValueError as error:
            raise DamagedError("no number") from error
    if kind not in (b"]", b"}"):
        raise DamagedError("unknown type")
    parts = list(_parts(data, depth + 1))
    if kind == b"]":
        return parts
    keys = [key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else str(key) for key in parts[::2]]
    return dict(zip(keys, parts[1::2], strict=False))


def _parts(data: bytes, depth: int) -> Iterator[Value]:
    at = 0
    while at < len(data):
        colon = data.find(b":", at, at + _LONGEST_LENGTH + 1)
        if colon < 0:
            raise DamagedError("no length")
        begin = colon + 1
        end = begin + _size(data[at:colon])
        if end >= len(data):
            raise DamagedError("longer than what holds it")
        yield _value(data[begin:end], data[end : end + 1], depth)
        at = end + 1
