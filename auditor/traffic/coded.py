"""A column of the flow table in which the same few values come again and again: each is kept once, a row is a number."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload


class Coded:
    """Reads and is written like a list of values, which may be whatever is hashed."""

    __slots__ = ("_places", "codes", "values")

    def __init__(self, values: Iterable[Any] = (), codes: array[int] | None = None) -> None:
        """Begin with the different ``values`` and, by row, the place of its value among them; without any rows unless given."""
        self.values: list[Any] = list(values)
        self.codes: array[int] = array("i") if codes is None else codes
        self._places: dict[Any, int] = {value: place for place, value in enumerate(self.values)}

    def __reduce__(self) -> tuple[type[Coded], tuple[list[Any], array[int]]]:
        """Return what passes to another process."""
        return Coded, (self.values, self.codes)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.codes)

    def __iter__(self) -> Iterator[Any]:
        """Yield every row."""
        return map(self.values.__getitem__, self.codes)

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> Coded: ...
    def __getitem__(self, row: int | slice) -> Any:
        """Return one row, or several that follow each other."""
        if isinstance(row, slice):
            return Coded(self.values, self.codes[row])
        return self.values[self.codes[row]]

    def __setitem__(self, row: int, value: Any) -> None:
        """Give a row another value."""
        self.codes[row] = self.place(value)

    def __eq__(self, other: object) -> bool:
        """Return whether rows are the same, also those of a list."""
        return list(self) == list(other) if isinstance(other, Coded | list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # a column changes

    def place(self, value: Any) -> int:
        """Return the place of a value among the different ones, where it gets one if it has none."""
        place = self._places.get(value)
        if place is None:
            place = self._places[value] = len(self.values)
            self.values.append(value)
        return place

    def append(self, value: Any) -> None:
        """Add a row."""
        self.codes.append(self.place(value))

    def extend(self, rows: Iterable[Any]) -> None:
        """Add rows."""
        if not isinstance(rows, Coded):
            self.codes.extend(map(self.place, rows))
            return
        places = [self.place(value) for value in rows.values]
        same = all(place == other for place, other in enumerate(places))
        self.codes.extend(rows.codes if same else array("i", map(places.__getitem__, rows.codes)))

    def pick(self, rows: Sequence[int]) -> list[Any]:
        """Return the values of some rows."""
        codes, values = self.codes, self.values
        return [values[codes[row]] for row in rows]
