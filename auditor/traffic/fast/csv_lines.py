"""Lines of CSV from the packed columns of a large table of captures: the same bytes as ``publish.to_csv``, compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from auditor.traffic.coded import Coded
from auditor.traffic.community_ids import CommunityIds
from auditor.traffic.fast.compiled import entry, inner, source_stamp
from auditor.traffic.fast.layout import Data, Numbers

_AT_ONCE = 1 << 13
_LONGEST_NUMBER, _LONGEST_IDENTIFIER = 20, 30
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", np.uint8)
_NUMBER, _TEXT, _IDENTIFIER = 0, 1, 2
_DIGEST = CommunityIds.width


class _Cells(NamedTuple):
    """Where the cells of all columns stand."""

    columns: list[Any]
    kinds: Numbers
    firsts: Numbers
    """By column of texts, the place of its first text in ``ends``."""
    texts: Data
    ends: Numbers
    """Where each text begins, and behind the last one where it ends."""
    longest: int
    """Bytes of a line at most."""


def csv_lines(
    columns: Mapping[str, Any], order: Sequence[int], names: Sequence[str], cell: Callable[[Any], str]
) -> Iterator[bytes]:
    """Yield lines of CSV, some at a time.

    Args:
        columns: of a packed table.
        order: its rows in the order of the lines.
        names: the columns in the order of the cells.
        cell: returns how a value that is no whole number is written.
    """
    cells = _cells([columns[name] for name in names], cell)
    rows = np.array(order, np.int64)
    for begin in range(0, len(rows), _AT_ONCE):
        some = rows[begin : begin + _AT_ONCE]
        numbers = np.empty((len(some), len(names)), np.int64)
        digests = np.zeros((0, _DIGEST), np.uint8)
        for at, column in enumerate(cells.columns):
            if cells.kinds[at] == _IDENTIFIER:
                digests = column[some]
            else:
                numbers[:, at] = column[some]
        line = np.empty(len(some) * cells.longest, np.uint8)
        yield line[: write(numbers, digests, cells.kinds, cells.firsts, cells.texts, cells.ends, line)].tobytes()


def _cells(columns: Sequence[Any], cell: Callable[[Any], str]) -> _Cells:
    arrays: list[Any] = []
    kinds, firsts, texts, longest = [], [], [b""], 2
    for column in columns:
        firsts.append(len(texts))
        if isinstance(column, Coded):
            written = [cell(value).encode() for value in column.values]
            texts += written
            arrays.append(np.frombuffer(column.codes, np.int32))
            kinds.append(_TEXT)
            longest += 1 + max(map(len, written), default=0)
        elif isinstance(column, CommunityIds):
            arrays.append(np.frombuffer(column.raw, np.uint8).reshape(-1, _DIGEST))
            kinds.append(_IDENTIFIER)
            longest += 1 + _LONGEST_IDENTIFIER
        else:
            arrays.append(np.frombuffer(column, np.int64))
            kinds.append(_NUMBER)
            longest += 1 + _LONGEST_NUMBER
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
    whole = np.frombuffer(b"".join(texts) or b"\0", np.uint8)
    return _Cells(arrays, np.array(kinds, np.int64), np.array(firsts, np.int64), whole, ends, longest)


@inner
def _write_number(number: int, line: Data, at: int) -> int:
    rest = -number if number > 0 else number  # the least number has no counterpart above zero
    if number < 0:
        line[at] = 45
        at += 1
    end = at + 1
    left = (rest + 9) // 10
    while left < 0:
        left = (left + 9) // 10
        end += 1
    for place in range(end - 1, at - 1, -1):
        left = (rest + 9) // 10
        line[place] = 48 + left * 10 - rest
        rest = left
    return end


@inner
def _write_identifier(digest: Data, line: Data, at: int) -> int:
    """Write a Community ID: its version, and the digest in base 64 (RFC 4648), which ends with one character of padding."""
    line[at], line[at + 1] = 49, 58
    at += 2
    for group in range(0, _DIGEST, 3):
        word = np.int64(0)
        for place in range(group, group + 3):
            word = word << 8 | (np.int64(digest[place]) if place < _DIGEST else 0)
        for shift in (18, 12, 6, 0):
            line[at] = _LETTERS[word >> shift & 63]
            at += 1
    line[at - 1] = 61
    return at


def _writer(stamp: int) -> Callable[..., Any]:
    """Return ``write``, which encloses ``stamp``, see ``source_stamp``."""

    @entry
    def write(numbers: Numbers, digests: Data, kinds: Numbers, firsts: Numbers, texts: Data, ends: Numbers, line: Data) -> int:
        """Write a line for each row of ``numbers``, and return where they end."""
        at = 0 * stamp
        for row in range(numbers.shape[0]):
            for column in range(numbers.shape[1]):
                if column:
                    line[at] = 44
                    at += 1
                if kinds[column] == _NUMBER:
                    at = _write_number(numbers[row, column], line, at)
                elif kinds[column] == _IDENTIFIER:
                    at = _write_identifier(digests[row], line, at)
                else:
                    text = firsts[column] + numbers[row, column]
                    for place in range(ends[text], ends[text + 1]):
                        line[at] = texts[place]
                        at += 1
            line[at], line[at + 1] = 13, 10
            at += 2
        return at

    return write


write = _writer(source_stamp())
