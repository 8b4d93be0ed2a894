"""Lines of comma-separated values with a header, as records by column name (RFC 4180)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence

from auditor.traffic.logs.inputs import LogInput

Header = Callable[[list[str]], bool]
"""Whether the values of a row are a header."""


def rows(
    file: LogInput,
    is_header: Header,
    delimiter: str = ",",
    titles: frozenset[str] = frozenset(),
    names: Sequence[str] = (),
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield (line, values by column) of every row below a header; other rows are counted in the coverage of ``file``.

    ``titles`` are lines of a single text that say nothing of flows; ``names`` are the columns of a file without header.
    """
    fed = _Fed(file, is_header, delimiter)
    reader = csv.reader(fed.lines(), delimiter=delimiter, skipinitialspace=True)
    failed = 0
    while True:
        try:
            values = next(reader, None)
        except csv.Error:
            file.coverage.skip("not_csv")
            continue
        if values is None:
            break
        if is_header([value.strip() for value in values]):
            names = [value.strip() for value in values]
            file.coverage.passed_over["header"] += 1
        elif len(values) == 1 and values[0].strip() in titles:
            file.coverage.passed_over["title"] += 1
        elif len(values) == len(names):
            yield fed.number, dict(zip(names, values, strict=True))
        else:
            failed = fed.number
            file.coverage.skip("wrong_number_of_fields" if names else "no_header")
    if failed and failed == fed.number:
        file.ends_cut("wrong_number_of_fields" if names else "no_header")


class _Fed:
    """The lines that the reader of values was given, and the number of the last one."""

    def __init__(self, file: LogInput, is_header: Header, delimiter: str) -> None:
        self._file = file
        self._is_header = is_header
        self._delimiter = delimiter
        self.number = 0

    def lines(self) -> Iterator[str]:
        for number, text in self._file.lines(header=self._header):
            self.number = number
            yield text

    def _header(self, line: str) -> bool:
        return self._is_header([value.strip().strip('"') for value in line.split(self._delimiter)])
