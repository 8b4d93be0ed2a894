"""The flow table for people and other tools: rows in order of time, as aligned text, CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from auditor.traffic.coverage import Reading
from auditor.traffic.notices import Notice
from auditor.traffic.table import COLUMNS, FlowTable, Row, picker
from auditor.traffic.times import SECOND, UNTIMED, rfc3339

if TYPE_CHECKING:
    from auditor.traffic.log_rows import LogRead

_SHOWN = (
    "start", "seconds", "source", "destination", "transport", "app", "name", "rung", "bytes out", "bytes in", "packets out",
    "packets in", "state", "by", "frames", "vlan", "vni", "tunnel", "community id",
)  # fmt: skip
_FORMULA = frozenset("=+-@\t\r")
_QUOTED = frozenset(',"\r\n')
_LINE_END = "\r\n"
_WHOLE = {int}
_MOST_CELLS = 1 << 14
"""Cells of a column after which they are forgotten: the values may never come again."""
_ORDER = ("source_id", "first_frame", "src_addr")
"""What decides between flows that began at one time, before the port of who dialled."""
_MANY = 1 << 14
"""Flows from which on it pays to load what is compiled."""
_AT_ONCE = 4096
"""Rows that are taken out of the columns at one time."""


class FlowRows:
    """The published columns of every flow, each flow once (the source that saw most of it), by time.

    Rows are made as they are asked for, again each time: a large table has no room for all of them beside its columns.
    """

    def __init__(self, table: FlowTable) -> None:
        """Put the flows of ``table`` in order."""
        self._columns, self._packed = table.columns, table.is_packed()
        rows = (row for row, winner in enumerate(self._columns["winner"]) if winner == row)
        by_time = sorted(rows, key=self._columns["start"].__getitem__)
        self._rows = [row for _, some in groupby(by_time, self._columns["start"].__getitem__) for row in self._at_one_time(some)]

    def _at_one_time(self, rows: Iterable[int]) -> list[int]:
        """Return flows that began at one time in their order."""
        some = list(rows)
        if len(some) > 1:
            some.sort(key=lambda row: (*(self._columns[name][row] for name in _ORDER), self._columns["src_port"][row] or 0))
        return some

    def __iter__(self) -> Iterator[Row]:
        """Yield each flow by column."""
        for columns in self.pieces():
            yield from (dict(zip(COLUMNS, line, strict=True)) for line in zip(*columns, strict=True))

    def pieces(self) -> Iterator[list[Sequence[Any]]]:
        """Yield the published columns in their order, some flows at a time."""
        columns = [self._columns[name] for name in COLUMNS]
        for begin in range(0, len(self._rows), _AT_ONCE):
            pick = picker(self._rows[begin : begin + _AT_ONCE])
            yield [_shown(name, pick(column)) for name, column in zip(COLUMNS, columns, strict=True)]

    def csv(self) -> Iterator[bytes]:
        """Return CSV as ``to_csv`` does; many flows of captures are written by compiled code."""
        untimed = bool(self._rows) and self._columns["start"][self._rows[0]] == UNTIMED
        if len(self._rows) < _MANY or not self._packed or untimed:
            return to_csv(self.pieces())
        from auditor.traffic.fast.csv_lines import csv_lines

        return chain((_header(COLUMNS),), csv_lines(self._columns, self._rows, COLUMNS, _cell))


def _shown(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a column as they are shown: a time that is not told is none."""
    if name not in ("start", "end") or UNTIMED not in values:
        return values
    return [None if value == UNTIMED else value for value in values]


def to_json(rows: Iterable[Row]) -> bytes:
    """Return a JSON array with one object a row and line; times are nanoseconds, absent values ``null``."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows)
    return f"[\n{lines}\n]\n".encode() if lines else b"[]\n"


def to_csv(pieces: Iterable[Sequence[Sequence[Any]]], columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) with a header line, from the columns of some lines at a time; absent values are empty.

    A text that a spreadsheet would take for a formula gets an apostrophe in front: names come from the wire.
    """
    yield _header(columns)
    written = [_Written() for _ in columns]
    for piece in pieces:
        lines = map(",".join, zip(*(cells.of(values) for cells, values in zip(written, piece, strict=True)), strict=True))
        yield (_LINE_END.join(lines) + _LINE_END).encode()


def _header(columns: Sequence[str]) -> bytes:
    return (",".join(columns) + _LINE_END).encode()


class _Written(dict[Any, str]):
    """The cells of a column by value: of what is no whole number, each different one is written once."""

    def of(self, values: Sequence[Any]) -> Iterable[str]:
        """Return the cells of some values."""
        if set(map(type, values)) == _WHOLE:
            return map(str, values)
        if len(self) > _MOST_CELLS:
            self.clear()
        return map(self.__getitem__, values)

    def __missing__(self, value: Any) -> str:
        cell = self[value] = _cell(value)
        return cell


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = f"'{value}" if value[:1] in _FORMULA else value
    return text if _QUOTED.isdisjoint(text) else '"' + text.replace('"', '""') + '"'


def to_text(rows: Iterable[Row]) -> str:
    """Return aligned columns with a header, one line a flow; what is absent is a dash."""
    return _aligned([_SHOWN, *(_line(row) for row in rows)])


def edges_text(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Return edges as aligned columns with a header, one line an edge; what is absent is a dash."""
    cells = (tuple("-" if row[name] in ("", None) else _printable(str(row[name])) for name in columns) for row in rows)
    return _aligned([tuple(columns), *cells])


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "".join("  ".join(f"{cell:<{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines)


def _line(row: Row) -> tuple[str, ...]:
    shown = row["name"] or (f"({row['server_name']})" if row["server_name"] else "")
    cells = (
        *_times(row),
        _end(row["src_addr"], row["src_port"]),
        _end(row["dst_addr"], row["dst_port"]),
        row["transport"],
        row["app_protocol"],
        shown,
        row["name_rung"] if row["name"] else "",
        row["payload_out"],
        row["payload_in"],
        row["packets_out"],
        row["packets_in"],
        row["state"],
        row["orientation_rule"],
        f"{row['first_frame']}-{row['last_frame'] or ''}",
        row["vlan"],
        row["vni"],
        row["tunnel"],
        row["community_id"],
    )
    return tuple("-" if cell in ("", None) else _printable(str(cell)) for cell in cells)


def _times(row: Row) -> tuple[str, str]:
    """Return start and seconds of a flow, nothing where no time is told."""
    if row["start"] is None:
        return "", ""
    return rfc3339(row["start"]), f"{(row['end'] - row['start']) / SECOND:.6f}"


def _end(address: str, port: int | None) -> str:
    host = f"[{address}]" if ":" in address and port else address
    return f"{host}:{port}" if port else host


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def notices_text(found: Sequence[Notice]) -> str:
    """Return the notices as lines below the table, nothing where there are none."""
    lines = [
        f"{n.kind}: {n.source} -> {n.destination}: {n.text}"
        + (f" ({n.source_id} frame {', '.join(map(str, n.frames))})" if n.frames else "")
        for n in found
    ]
    return "".join(f"{_printable(line)}\n" for line in (["", "Worth a look:", *lines] if lines else []))


def source_notes(reading: Reading | LogRead) -> list[str]:
    """Return what a reader of the table must know about one source: its size and everything that is not in the table."""
    notes = _capture_notes(reading) if isinstance(reading, Reading) else reading.notes()
    return [_printable(note) for note in notes]


def _capture_notes(reading: Reading) -> list[str]:
    facts = reading.facts
    notes = [f"{reading.source.id}: {facts.packets} packets, {reading.window_seconds:g} s"]
    if facts.drops:
        notes.append(f"{reading.source.id}: {facts.drops} packets were dropped while capturing")
    if facts.truncated_packets:
        notes.append(f"{reading.source.id}: {facts.truncated_packets} packets are cut by the snap length")
    if facts.truncated:
        notes.append(f"{reading.source.id}: the file ends early, it was read up to there")
    notes.extend(f"{reading.source.id}: {difference.sentence}" for difference in reading.clocks)
    notes.extend(
        f"{reading.source.id}: {count} x {reason}" for reason, count in sorted((reading.skipped + facts.skipped).items())
    )
    return notes
