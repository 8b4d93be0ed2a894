"""JSON objects of a log: one a line, the elements of an array, or those of an array inside an object."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.shapes import Shape, note_unknown

Record = Mapping[str, Any]
_CONTAINER = re.compile(r'\s*\{\s*"(?:records|Records)"\s*:\s*\[')
_BETWEEN = re.compile(r"[ \t\r\n,]*")
_GAP = re.compile(r"[ \t\r\n,\[\]}]*")
_BLANK_REST = re.compile(r"\s*\Z")
_PIECE = 1024 * 1024
_BEHIND = 64 * 1024
"""Decoded characters that are held at most: what is wrong with a record is told with the lines counted up to it."""
_LONGEST_KEY = 256
"""Characters of a key with the blanks, colon and bracket behind it."""
_LONGEST = 64 * 1024 * 1024
"""Characters of one record that are believed."""
_LONGEST_WORD = 16
"""Characters in front of the end of what is held in which an error may be the cut through a word, a number or an escape."""

_DECODER = json.JSONDecoder(parse_float=str)
"""Decimals stay text: times keep every digit."""


def one_a_line(text: str) -> bool:
    """Return whether ``text``, the beginning of a file, holds one JSON object a line."""
    line = text.lstrip().partition("\n")[0].strip()
    if _CONTAINER.match(line) or not line.startswith("{"):
        return False
    try:
        _DECODER.decode(line)
    except (ValueError, RecursionError):
        return not line.endswith("{") and line != "{" and '"' in line  # a first line that is damaged or longer than the head
    return True


def records(file: LogInput, known: Shape | None = None) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) of every record, or (row, values) of Parquet; what is none is counted in the coverage of ``file``.

    Args:
        file: the file.
        known: what the objects inside a record are known to have; other fields are counted.
    """
    found = _records(file)
    return found if known is None else _reported(found, known, file)


def _records(file: LogInput) -> Iterator[tuple[int, Record]]:
    if file.head().rows is not None:
        return file.rows()
    return _lines(file) if one_a_line(file.head().text) else _document(file)


def _reported(found: Iterator[tuple[int, Record]], known: Shape, file: LogInput) -> Iterator[tuple[int, Record]]:
    for line, record in found:
        note_unknown(record, known, file.coverage)
        yield line, record


def value_at(record: Mapping[str, Any], path: str) -> object:
    """Return the value at a dotted path; a key that itself has dots wins."""
    if path in record:
        return record[path]
    value: object = record
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def elements(file: LogInput, inside: str, key: str) -> Iterator[tuple[int, Record]]:
    """Yield (line, object) of every element of the array ``key`` in the object ``inside`` of each document of the file.

    What stands before the array is not looked at; what follows it is passed over as far as it ends its document, and
    counted where it does not.
    """
    text, documents = _Text(file), 0
    begin = re.compile(rf'"{re.escape(key)}"\s*:\s*\[')
    while text.fill():
        found = begin.search(text.held, text.at)
        if found is not None:
            documents += 1
            text.move(found.end())
            if (yield from _records_of(text, alone=True)):
                text.close(f'{{"{inside}":{{"{key}":[]')
            text.move(_past_gap(text.held, text.at, _BETWEEN))
            continue
        if text.ended:
            break
        text.move(max(text.at, len(text.held) - _LONGEST_KEY))
    if not documents:
        file.coverage.skip(f"no_{key}")
    elif text.held[text.at :].strip():
        file.coverage.skip("not_json")


def _lines(file: LogInput) -> Iterator[tuple[int, Record]]:
    coverage, number, failed = file.coverage, 0, 0
    decode = _DECODER.decode
    for number, text in file.lines():
        try:
            value = decode(text)
        except (ValueError, RecursionError):
            failed = number
            coverage.skip("not_json")
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            coverage.skip("no_json_object")
    if failed and failed == number:
        file.ends_cut("not_json")


def _document(file: LogInput) -> Iterator[tuple[int, Record]]:
    """Decode one record after another from a growing piece of the file."""
    yield from _records_of(_Text(file))


def _records_of(text: _Text, *, alone: bool = False) -> Generator[tuple[int, Record], None, bool]:
    """Yield every record from here on; ``alone``: up to the end of the array that has begun. Return whether that end was met."""
    while text.fill():
        text.move(_past_gap(text.held, text.at, _BETWEEN if alone else _GAP))
        if alone and text.held.startswith("]", text.at):
            text.move(text.at + 1)
            return True
        if text.at >= len(text.held):
            continue
        container = _CONTAINER.match(text.held, text.at)
        if container is not None:
            text.move(container.end())
            continue
        line = text.line
        value = text.decode()
        if value is not None:
            yield line, value
    return False


def _past_gap(text: str, at: int, gap: re.Pattern[str]) -> int:
    """Return where the next record begins: past commas, and past the brackets of arrays and of objects that only hold one."""
    found = gap.match(text, at)
    return found.end() if found is not None else at


class _Text:
    """The part of a file that is not decoded yet, and the line that it begins in."""

    def __init__(self, file: LogInput) -> None:
        self._file = file
        self._lines = file.lines(repeated=True)
        self._ended = False
        self._last = 1
        self.held, self.at, self.line = "", 0, 1

    def fill(self, wanted: int = _PIECE) -> bool:
        """Hold ``wanted`` characters once fewer than half of them are left; return whether anything is left.

        Not sooner, for what is left is copied each time.
        """
        if self._ended or len(self.held) - self.at >= wanted // 2:
            return self.at < len(self.held)
        parts, size = [self.held[self.at :]], len(self.held) - self.at
        for number, text in self._lines:
            parts.append("\n" * (number - self._last) + text)
            self._last = number
            size += len(parts[-1])
            if size >= wanted:
                break
        else:
            self._ended = True
        self.held, self.at = "".join(parts), 0
        return bool(self.held)

    @property
    def ended(self) -> bool:
        """Return whether all of the file is held."""
        return self._ended

    def move(self, to: int) -> None:
        self.line += self.held.count("\n", self.at, to)
        self.at = to

    def decode(self) -> Record | None:
        """Return the record that begins here, ``None`` after counting what is none or stood there before, word for word."""
        coverage, decoded = self._file.coverage, self._value("")
        if decoded is None:
            return None
        value, said = decoded
        if not isinstance(value, dict):
            coverage.skip("no_json_object")
            return None
        if self._file.repeats.again(said.encode("utf-8", "surrogatepass")):
            coverage.passed_over["repeated_record"] += 1
            return None
        return value

    def close(self, opening: str) -> None:
        """Leave the document behind whose beginning, as far as it was read, is worth ``opening``."""
        self.fill()
        self._value(opening)

    def _value(self, opening: str) -> tuple[object, str] | None:
        """Return the value that ``opening`` and what stands here make, and the latter; ``None`` after counting none."""
        wanted = _PIECE
        if self.at > _BEHIND:
            self.held, self.at = self.held[self.at :], 0
        while True:
            whole = opening + self.held[self.at :] if opening else self.held
            begin = 0 if opening else self.at
            try:
                value, end = _DECODER.raw_decode(whole, begin)
            except (ValueError, RecursionError) as error:
                inside = isinstance(error, json.JSONDecodeError) and _ends_inside(error, whole, _LONGEST_WORD)
                if inside and not self._ended and wanted < _LONGEST and whole.startswith("{", begin):
                    wanted *= 4
                    self.fill(max(wanted, len(self.held) - self.at + _PIECE))
                    continue
                self._skip(error, whole, too_long=inside and not self._ended)
                return None
            start = self.at
            self.move(start + end - begin - len(opening))
            return value, self.held[start : self.at]

    def _skip(self, error: Exception, whole: str, *, too_long: bool) -> None:
        """Leave a line behind that holds no record; all that is held where the file ends inside a record, or one is too long."""
        self._file.coverage.skip("record_too_long" if too_long else "not_json")
        following = self.held.find("\n", self.at)
        cut = self._ended and isinstance(error, json.JSONDecodeError) and _ends_inside(error, whole)
        self.move(len(self.held) if cut or too_long or following < 0 else following + 1)
        if cut:
            self._file.ends_cut("not_json")


def _ends_inside(error: json.JSONDecodeError, text: str, leeway: int = 0) -> bool:
    """Return whether the end of the text is what is wrong with it."""
    at = min(error.pos + leeway, len(text))
    return _BLANK_REST.match(text, at) is not None or error.msg.startswith("Unterminated string")
