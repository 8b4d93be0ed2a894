"""What recognises a flow of captures at a second vantage point, as columns without an object a row."""

from __future__ import annotations

from struct import Struct

from auditor.traffic.fixed_rows import FixedRows
from auditor.traffic.flow import FINGERPRINT

_NUMBER = Struct("=q")


class Beginnings(FixedRows[bytes]):
    """Reads like a list of the first payload bytes of flows, at most ``FINGERPRINT``; a row begins with their number."""

    __slots__ = ()
    width = 1 + FINGERPRINT

    @staticmethod
    def read(row: bytes) -> bytes:
        """Return the bytes of a row."""
        return row[1 : 1 + row[0]]

    @staticmethod
    def written(value: bytes) -> bytes:
        """Return the row of some bytes."""
        return bytes((len(value),)) + value.ljust(FINGERPRINT, b"\0")


class InitialNumbers(FixedRows[int | None]):
    """Reads like a list of initial sequence numbers, ``None`` for an unknown one, which is kept as -1."""

    __slots__ = ()
    width = _NUMBER.size

    @staticmethod
    def read(row: bytes) -> int | None:
        """Return the number of a row."""
        number: int = _NUMBER.unpack(row)[0]
        return number if number >= 0 else None

    @staticmethod
    def written(value: int | None) -> bytes:
        """Return the row of a number."""
        return _NUMBER.pack(-1 if value is None else value)
