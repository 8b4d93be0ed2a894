"""One record of a log by field name; what is odd about a value is noted in the coverage, and the value left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import address, host_name, iso, moment, seconds, text_of, whole

HIGHEST_PORT = 65_535
_SHORT = 19
"""Digits of which every number fits 63 bits."""


@dataclass(frozen=True, slots=True)
class Values:
    """A record with named values, each a scalar or a list of them."""

    record: Mapping[str, Any]
    coverage: LogCoverage

    def text(self, name: str) -> str:
        """Return a value as text, empty for what is absent."""
        value = self.record.get(name)
        return "" if value is None else text_of(value)

    def count(self, name: str) -> int | None:
        """Return a whole number."""
        value = self.record.get(name)
        if type(value) is str and len(value) < _SHORT and value.isascii() and value.isdigit():  # most of them
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
        if isinstance(value, list | tuple):
            return tuple(text for item in value if (text := text_of(item)))
        text = text_of(value)
        return (text,) if text else ()

    def inner(self, name: str) -> Values:
        """Return the record inside this one, an empty one where there is none."""
        value = self.record.get(name)
        return Values(value if isinstance(value, Mapping) else {}, self.coverage)

    def _read(self, name: str, convert: Callable[[object], int | None]) -> int | None:
        value = self.record.get(name)
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError:
            self.coverage.note(f"field_invalid:{name}")
            return None
