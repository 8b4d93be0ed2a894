"""The first frame numbers of every flow of captures, as a column that takes a sixth of the memory of tuples."""

from __future__ import annotations

from struct import Struct

from auditor.traffic.fixed_rows import FixedRows
from auditor.traffic.flow import FRAMES_KEPT

_ROW = Struct(f"={FRAMES_KEPT}q")


class FrameNumbers(FixedRows[tuple[int, ...]]):
    """Reads like a list of tuples of at most ``FRAMES_KEPT`` frame numbers, each from one on; zeros follow the last one."""

    __slots__ = ()
    width = _ROW.size

    @staticmethod
    def read(row: bytes) -> tuple[int, ...]:
        """Return the numbers of a row."""
        return tuple(filter(None, _ROW.unpack(row)))

    @staticmethod
    def written(value: tuple[int, ...]) -> bytes:
        """Return the row of some numbers."""
        return _ROW.pack(*value, *(0,) * (FRAMES_KEPT - len(value)))
