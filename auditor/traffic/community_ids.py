"""The Community IDs of the flows of captures, as a column that keeps of each only its digest."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator
from typing import overload

_DIGEST = 20
"""Bytes of a SHA-1 digest."""
_VERSION = "1:"


class CommunityIds:
    """Reads like a list of the texts that ``community.community_id`` returns."""

    __slots__ = ("digests",)

    def __init__(self, digests: bytes | bytearray = b"") -> None:
        """Begin with digests, one behind the other."""
        self.digests = bytearray(digests)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.digests) // _DIGEST

    def __iter__(self) -> Iterator[str]:
        """Yield every row."""
        return (self[row] for row in range(len(self)))

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> CommunityIds: ...
    def __getitem__(self, row: int | slice) -> str | CommunityIds:
        """Return one row, or several that follow each other."""
        if isinstance(row, slice):
            begin, end, _ = row.indices(len(self))
            return CommunityIds(self.digests[begin * _DIGEST : end * _DIGEST])
        at = range(len(self))[row] * _DIGEST
        return _VERSION + b2a_base64(self.digests[at : at + _DIGEST], newline=False).decode("ascii")

    def __eq__(self, other: object) -> bool:
        """Return whether rows are the same, also those of a list."""
        return list(self) == list(other) if isinstance(other, CommunityIds | list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a column changes

    def append(self, identifier: str) -> None:
        """Add a row."""
        self.digests += a2b_base64(identifier.removeprefix(_VERSION))

    def extend(self, rows: Iterable[str]) -> None:
        """Add rows."""
        if isinstance(rows, CommunityIds):
            self.digests += rows.digests
        else:
            for identifier in rows:
                self.append(identifier)
