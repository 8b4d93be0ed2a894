"""One record of a log by field name; what is odd about a value is noted in the coverage, and the value left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import ABSENT, address, host_name, iso, moment, seconds, text_of, whole

HIGHEST_PORT = 65_535
_SHORT = 19
"""Digits of which every number fits 63 bits."""
_NOTHING: Mapping[str, Any] = {}


class Values:
    """A record with named values, each a scalar or a list of them; made for every record and object inside it, hence bare."""

    __slots__ = ("coverage", "record")

    def __init__(self, record: Mapping[str, Any], coverage: LogCoverage) -> None:
        """Look at ``record``; count in ``coverage`` what is odd about it."""
        self.record = record
        self.coverage = coverage

    def text(self, name: str) -> str:
        """Return a value as text, empty for what is absent."""
        value = self.record.get(name)
        if type(value) is str:
            return "" if value in ABSENT else value
        return "" if value is None else text_of(value)

    def count(self, name: str) -> int | None:
        """Return a whole number."""
        value = self.record.get(name)
        if value is None:
            return None
        kind = type(value)
        if kind is int and 0 <= value <= HIGHEST_PORT:  # most of them
            return value  # type: ignore[no-any-return]
        if kind is str and len(value) < _SHORT and value.isascii() and value.isdigit():
            return int(value)
        return self._read(name, whole)

    def port(self, name: str) -> int | None:
        """Return a port number."""
        found = self.count(name)
        if found is not None and found > HIGHEST_PORT:
            self.coverage.note(f"field_invalid:{name}")
            return None
        return found

    def seconds(self, name: str) -> int | None:
        """Return a time or duration that is written in seconds, in nanoseconds."""
        return self._read(name, seconds)

    def iso(self, name: str) -> int | None:
        """Return a time that is written in ISO 8601 form, in nanoseconds."""
        return self._read(name, iso)

    def moment(self, name: str) -> int | None:
        """Return a time that is written in ISO 8601 form or as a number, in nanoseconds."""
        return self._read(name, moment)

    def address(self, name: str) -> str:
        """Return an address in canonical form, empty for none."""
        text = self.text(name)
        if not text:
            return ""
        found = address(text)
        if not found:
            self.coverage.note(f"field_invalid:{name}")
        return found

    def host(self, name: str) -> str:
        """Return a host name in normal form, empty for an address and for nothing."""
        return host_name(self.text(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; a scalar is a list of one."""
        value = self.record.get(name)
        if value is None:
            return ()
        if isinstance(value, list | tuple):
            found = [item if type(item) is str else text_of(item) for item in value]
            return tuple(found) if ABSENT.isdisjoint(found) else tuple(text for text in found if text not in ABSENT)
        text = text_of(value)
        return (text,) if text else ()

    def inner(self, name: str) -> Values:
        """Return the record inside this one, an empty one where there is none."""
        value = self.record.get(name)
        return Values(value if type(value) is dict or isinstance(value, Mapping) else _NOTHING, self.coverage)

    def _read(self, name: str, convert: Callable[[object], int | None]) -> int | None:
        value = self.record.get(name)
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError:
            self.coverage.note(f"field_invalid:{name}")
            return None
