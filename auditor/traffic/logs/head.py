"""The beginning of a log, by which its format is recognised."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

HEAD_BYTES = 256 * 1024
"""Unpacked bytes looked at."""
_MOST_LINES = 50
_LONGEST = 4096
_CONTAINER = re.compile(r'\s*\{\s*"(?:records|Records)"\s*:\s*\[')


class Head:
    """The first bytes of a file, unpacked, and views of them; made once and asked by every format."""

    def __init__(self, data: bytes, file_name: str, rows: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Take the first ``HEAD_BYTES`` of the file that is called ``file_name`` (without folders).

        ``rows`` are the first ones of a Parquet file, whose bytes tell a format nothing.
        """
        self.data = b"" if rows is not None else data
        self.file_name = file_name
        self.rows = rows

    @cached_property
    def text(self) -> str:
        """Return the bytes as text without a byte order mark."""
        return self.data.decode("utf-8", "backslashreplace").removeprefix("\ufeff")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Return the first lines that are not empty, each at most ``_LONGEST`` characters; the last one may be cut."""
        return tuple(line[:_LONGEST] for line in self.text[: 64 * 1024].splitlines() if line.strip())[:_MOST_LINES]

    @cached_property
    def objects(self) -> tuple[Mapping[str, Any], ...]:
        """Return the first JSON objects (one a line, elements of an array at the top or one level below), or rows of Parquet."""
        return tuple(_objects(self.text)) if self.rows is None else tuple(self.rows)


def _objects(text: str) -> list[Mapping[str, Any]]:
    decoder = json.JSONDecoder(parse_float=str)
    found: list[Mapping[str, Any]] = []
    at = _start(text)
    while at >= 0 and len(found) < _MOST_LINES:
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if isinstance(value, dict):
            found.append(value)
        at = _next(text, at)
    return found


def _start(text: str) -> int:
    """Return where the first record begins: past the bracket of an array and past an object that only holds one."""
    container = _CONTAINER.match(text)
    at = container.end() if container else len(text) - len(text.lstrip(" \t\r\n[,"))
    at += len(text[at:]) - len(text[at:].lstrip())
    return at if text.startswith("{", at) else -1


def _next(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at if text.startswith("{", at) else -1
