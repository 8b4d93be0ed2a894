r"""Zeek's two ways of writing, as one: tab-separated with a header (ASCII writer), and one JSON object a line.

Source: Zeek documentation, "Zeek Log Formats and Inspection" and frameworks/logging (read 2026-11). Both give records
with the same names (``id.orig_h``) and values: absent where Zeek writes ``-``, lists for sets and vectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.json_records import records

_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")
_PATH_OF_FILE = re.compile(r"(?:json_streaming_)?([a-z][a-z0-9_]*?)(?:[._-]?\d.*|\.log.*|\.json.*|\Z)")
_BY_FIELDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("conn", frozenset({"conn_state"})),
    ("dns", frozenset({"trans_id", "query"})),
    ("quic", frozenset({"client_initial_dcid"})),
    ("socks", frozenset({"request_p"})),
    ("tunnel", frozenset({"tunnel_type"})),
    ("http", frozenset({"trans_depth", "status_code"})),
    ("ssl", frozenset({"cipher", "established"})),
)
"""By which fields a record of JSON without ``_path`` and without a telling file name is known."""


class ZeekRecord(NamedTuple):
    """One line of a Zeek log."""

    path: str
    """Which log it belongs to: ``conn``, ``ssl``, …"""
    line: int
    fields: Mapping[str, Any]


def recognise(head: Head) -> bool:
    """Return whether a file is a Zeek log, by its header or by the names of its fields."""
    if head.text.startswith(("#separator ", "#fields\tts\tuid\t")):
        return True
    first = head.objects[:1]
    return bool(first) and _is_zeek(first[0])


def _is_zeek(record: Mapping[str, Any]) -> bool:
    ends = record.get("id") if isinstance(record.get("id"), dict) else record
    if isinstance(ends, dict) and ({"id.orig_h", "id.resp_h"} <= ends.keys() or {"orig_h", "resp_h"} <= ends.keys()):
        return "ts" in record or "_path" in record
    return "_path" in record and "ts" in record


def path_of(file: LogInput) -> str:
    """Return which log a file is, as far as its beginning and its name tell."""
    head = file.head()
    if head.text.startswith("#"):
        found = re.search(r"^#path[\t ](\S+)", head.text, re.MULTILINE)
        return found[1] if found else _named(head.file_name)
    first = head.objects[0] if head.objects else {}
    return str(first.get("_path") or _known(first) or _named(head.file_name))


def _named(file_name: str) -> str:
    found = _PATH_OF_FILE.match(file_name)
    return found[1] if found else ""


def _known(record: Mapping[str, Any]) -> str:
    return next((path for path, fields in _BY_FIELDS if fields <= record.keys()), "")


def read(file: LogInput) -> Iterator[ZeekRecord]:
    """Yield the records of one file."""
    return _tsv(file) if file.head().text.startswith("#") else _json(file, path_of(file))


def _json(file: LogInput, path: str) -> Iterator[ZeekRecord]:
    for line, record in records(file):
        flat: dict[str, Any] = {}
        for name, value in record.items():
            if isinstance(value, dict):
                flat.update((f"{name}.{inner}", v) for inner, v in value.items())
            else:
                flat[name] = value
        yield ZeekRecord(str(flat.pop("_path", "") or path), line, flat)


class _Header:
    """What the lines that begin with ``#`` say; rotated files that were joined have several."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.separator, self.set_separator = "\t", ","
        self.empty, self.unset = "(empty)", "-"
        self.fields: tuple[str, ...] = ()
        self.types: tuple[str, ...] = ()

    def take(self, line: str) -> None:
        if line.startswith("#separator"):
            self.separator = _unescaped(line[len("#separator") :].strip())
            return
        word, _, rest = line.partition(self.separator)
        if word == "#set_separator":
            self.set_separator = _unescaped(rest) or ","
        elif word == "#empty_field":
            self.empty = rest
        elif word == "#unset_field":
            self.unset = rest
        elif word == "#path":
            self.path = rest
        elif word == "#fields":
            self.fields = tuple(rest.split(self.separator))
            self.types = ()
        elif word == "#types":
            self.types = tuple(rest.split(self.separator))

    def converters(self) -> list[str]:
        """Return for each column how it is read: as a list, a truth value, or as it is."""
        known = self.types if len(self.types) == len(self.fields) else ("",) * len(self.fields)
        return ["list" if kind.startswith(("set[", "vector[", "table[")) else "bool" if kind == "bool" else "" for kind in known]


def _tsv(file: LogInput) -> Iterator[ZeekRecord]:
    header, kinds = _Header(path_of(file)), list[str]()
    for number, text in file.lines():
        if text.startswith("#"):
            header.take(text)
            file.coverage.passed_over["header"] += 1
            kinds = header.converters()
            continue
        values = text.split(header.separator)
        if len(values) != len(header.fields):
            file.coverage.skip("wrong_number_of_fields" if header.fields else "no_header")
            continue
        yield ZeekRecord(header.path, number, _converted(header, kinds, values))


def _converted(header: _Header, kinds: list[str], values: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, kind, value in zip(header.fields, kinds, values, strict=True):
        if value == header.unset:
            continue
        if kind == "list":
            parts = [] if value == header.empty else value.split(header.set_separator)
            record[name] = [_unescaped(part) for part in parts]
        elif kind == "bool":
            record[name] = value == "T"
        else:
            record[name] = "" if value == header.empty else _unescaped(value) if "\\x" in value else value
    return record


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def count_unknown(coverage: LogCoverage, record: ZeekRecord, known: frozenset[str]) -> None:
    """Count the fields of a record that its reader does not know."""
    for name in record.fields.keys() - known:
        coverage.word(coverage.unknown_fields, f"{record.path}.{name}")
