"""Columns of the flow table whose rows are so many bytes each, one behind the other: a fraction of what lists of objects take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class FixedRows(ABC, Generic[Value]):
    """Reads like a list of values."""

    __slots__ = ("raw",)
    width: ClassVar[int]
    """Bytes of a row."""

    def __init__(self, raw: bytes | bytearray = b"") -> None:
        """Begin with the bytes of some rows."""
        self.raw = bytearray(raw)

    @staticmethod
    @abstractmethod
    def read(row: bytes) -> Any:
        """Return the value of a row."""

    @staticmethod
    @abstractmethod
    def written(value: Any) -> bytes:
        """Return the row of a value."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.raw) // self.width

    def __iter__(self) -> Iterator[Value]:
        """Yield every row."""
        whole, width, read = bytes(self.raw), self.width, self.read
        return (read(whole[at : at + width]) for at in range(0, len(whole), width))

    @overload
    def __getitem__(self, row: int) -> Value: ...
    @overload
    def __getitem__(self, row: slice) -> Self: ...
    def __getitem__(self, row: int | slice) -> Value | Self:
        """Return one row, or several that follow each other."""
        if isinstance(row, slice):
            begin, end, _ = row.indices(len(self))
            return type(self)(self.raw[begin * self.width : end * self.width])
        at = range(len(self))[row] * self.width
        value: Value = self.read(bytes(self.raw[at : at + self.width]))
        return value

    def __eq__(self, other: object) -> bool:
        """Return whether rows are the same, also those of a list."""
        if isinstance(other, FixedRows):
            return type(self) is type(other) and self.raw == other.raw
        return list(self) == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a column changes

    def append(self, value: Value) -> None:
        """Add a row."""
        self.raw += self.written(value)

    def extend(self, rows: Iterable[Value]) -> None:
        """Add rows."""
        self.raw += rows.raw if isinstance(rows, FixedRows) else b"".join(map(self.written, rows))
