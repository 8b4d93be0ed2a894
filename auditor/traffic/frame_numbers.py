"""The first frame numbers of every flow of captures, as a column that takes a sixth of the memory of tuples."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import overload

from auditor.traffic.flow import FRAMES_KEPT


class FrameNumbers:
    """Reads like a list of tuples of at most ``FRAMES_KEPT`` frame numbers, each from one on."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: array[int] | None = None) -> None:
        """Begin with ``FRAMES_KEPT`` numbers a row, zeros behind the last one of a row; without any rows unless given."""
        self.numbers: array[int] = array("q") if numbers is None else numbers

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers) // FRAMES_KEPT

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """Yield every row."""
        return (self[row] for row in range(len(self)))

    @overload
    def __getitem__(self, row: int) -> tuple[int, ...]: ...
    @overload
    def __getitem__(self, row: slice) -> FrameNumbers: ...
    def __getitem__(self, row: int | slice) -> tuple[int, ...] | FrameNumbers:
        """Return one row, or several that follow each other."""
        if isinstance(row, slice):
            begin, end, _ = row.indices(len(self))
            return FrameNumbers(self.numbers[begin * FRAMES_KEPT : end * FRAMES_KEPT])
        at = range(len(self))[row] * FRAMES_KEPT
        return tuple(number for number in self.numbers[at : at + FRAMES_KEPT] if number)

    def __eq__(self, other: object) -> bool:
        """Return whether rows are the same, also those of a list."""
        return list(self) == list(other) if isinstance(other, FrameNumbers | list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a column changes

    def append(self, frames: tuple[int, ...]) -> None:
        """Add a row."""
        self.numbers.extend(frames)
        self.numbers.extend((0,) * (FRAMES_KEPT - len(frames)))

    def extend(self, rows: Iterable[tuple[int, ...]]) -> None:
        """Add rows."""
        if isinstance(rows, FrameNumbers):
            self.numbers.extend(rows.numbers)
        else:
            for frames in rows:
                self.append(frames)
