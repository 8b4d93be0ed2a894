"""Any firewall's or web gateway's log in CSV or JSON, read by the user's column map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.access_lines import end_of, split_url
from auditor.traffic.logs.column_map import ColumnMap, column_map
from auditor.traffic.logs.csv_records import rows
from auditor.traffic.logs.fields import address, authority, host_name, iso, moment, protocol_number, seconds, text_of
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.json_records import records, value_at
from auditor.traffic.logs.leg import Counts, Leg
from auditor.traffic.logs.record import NOBODY, Action, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import note_words
from auditor.traffic.logs.values import Values
from auditor.traffic.times import LARGEST, SECOND

_UNITS = {"seconds": SECOND, "milliseconds": 1_000_000, "microseconds": 1_000, "nanoseconds": 1}


def _read(task: Task) -> Iterator[LogRecord]:
    """Yield the flows.

    Raises:
        InvalidInputError: the column map is malformed.
        UnreadableError: a CSV file's header lacks a column that the map names.
    """
    told = column_map(task.columns)
    folder = Folder(task.coverage)
    alone = 0
    for file in task.files:
        for line, record in _records(file, told):
            task.coverage.records += 1
            leg = _leg(Place(file.id, line), Values(record, task.coverage), told)
            if leg is None:
                continue
            if told.both_ways:  # a line is a flow: lines with the same ends stay apart
                alone += 1
                yield from folder.add(leg, alone)
                yield from folder.finish()
            else:
                yield from folder.add(leg, leg.reporter)
    yield from folder.finish()


def _records(file: LogInput, told: ColumnMap) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield (line, values by our names)."""
    if told.kind == "json":
        roots = {*told.columns.values(), *(theirs.partition(".")[0] for theirs in told.columns.values())}
        for line, record in records(file):
            note_words((f"{name} (not in the map)" for name in record.keys() - roots), file.coverage)
            yield line, {ours: value_at(record, theirs) for ours, theirs in told.columns.items()}
        return
    wanted = set(told.columns.values())
    if not told.header:
        first = next(iter(file.head().lines), "")
        names = {name.strip().strip('"') for name in first.split(told.delimiter)}
        missing = sorted(wanted - names)
        if missing:
            why = f"its header has no column {', '.join(missing)}, which the column map names"
            raise file.refuse(why, "name the columns as the header writes them, or give the map a header")
    else:
        names = set(told.header)
    note_words((f"{name} (not in the map)" for name in sorted(names - wanted)), file.coverage)
    for line, row in rows(file, lambda values: wanted <= set(values), told.delimiter, names=told.header):
        yield line, {ours: row.get(theirs) for ours, theirs in told.columns.items()}


def _leg(place: Place, values: Values, told: ColumnMap) -> Leg | None:
    start = _time(values, "time", told)
    end, duration = _time(values, "end", told), _duration(values, told)
    values.coverage.saw(start)
    if end is None and start is not None:
        end = start + (duration or 0)
    values.coverage.reaches(end)
    destination, port, name, rung, path = _destination(values, told)
    if not (destination or name):
        values.coverage.skip("no_destination")
        return None
    action, word = _action(values, told)
    back = Counts(*_split(values.count("packets_in"), values.count("bytes_in"), told))
    packets, payload, wire = _split(values.count("packets_out"), values.count("bytes_out"), told)
    values.coverage.word(values.coverage.reporters, values.text("reporter"))
    return Leg(
        place=place,
        sender=_source(values),
        receiver=(destination, port),
        number=protocol_number(values.text("protocol") or told.protocol),
        start=start,
        end=end,
        receiver_dialled=False if told.both_ways else None,
        packets=packets,
        payload=payload,
        wire=wire,
        back=back if told.both_ways else None,
        action=action,
        word=word,
        reporter=values.text("reporter"),
        by_sender=_workload(values),
        name=name,
        rung=rung,
        protocol=values.text("application").lower(),
        path=path,
        evidence=tuple((word, values.text(word)) for word in ("country", "rule") if values.text(word)),
        translated_sender=_translated(values, "source"),
        translated_receiver=_translated(values, "destination"),
        vlan=values.count("vlan"),
    )


def _time(values: Values, name: str, told: ColumnMap) -> int | None:
    text = values.text(name)
    if not text:
        return None
    try:
        return _moment(text, told)
    except ValueError:
        values.coverage.note(f"field_invalid:{name}")
        return None


def _moment(text: str, told: ColumnMap) -> int | None:
    zone = told.zone or "+00:00"
    if told.time in _UNITS:
        return seconds(text, _UNITS[told.time])
    if "%" in told.time:
        found = datetime.strptime(text, told.time)  # noqa: DTZ007 -- the zone follows
        if found.tzinfo is None:
            found = found.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{zone}").tzinfo)
        whole = found.astimezone(UTC)
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        micro = (whole - epoch) // (datetime.resolution)
        if not 0 <= micro * 1_000 <= LARGEST:
            raise ValueError("a time out of range")
        return micro * 1_000
    bare = ("T" in text or " " in text) and not text.endswith("Z") and "+" not in text and text.count("-") <= 2  # noqa: PLR2004
    if told.time == "iso" or (bare and told.zone):
        return iso(f"{text}{zone}" if bare else text)
    return moment(text)


def _duration(values: Values, told: ColumnMap) -> int | None:
    try:
        return seconds(values.record.get("duration"), _UNITS[told.duration])
    except ValueError:
        values.coverage.note("field_invalid:duration")
        return None


def _source(values: Values) -> tuple[str, int | None]:
    """Return address and port of who dialled, apart or in one column."""
    found, port = end_of(values.text("source"))
    if not found and values.text("source"):
        values.coverage.note("field_invalid:source")
    own = values.port("source_port")
    return found, own if own is not None else port


def _destination(values: Values, told: ColumnMap) -> tuple[str, int | None, str, NameRung, str]:
    """Return address, port, name, rung and path of whom the line says was dialled."""
    asked, path = split_url(values.text("url"))
    host, port = _authority(values, "name", values.text("name") or asked.rpartition("@")[2])
    own, beside = _authority(values, "destination", values.text("destination"))
    name = host_name(host) or ("" if address(own) else host_name(own))  # a column may hold an address or a name, as it comes
    told_port = values.port("destination_port")
    ports = (told_port, beside, port) if own else (told_port, port)
    found = next((one for one in ports if one is not None), None)
    return address(own) if own else address(host), found, name, told.rung if name else NameRung.NONE, path


def _authority(values: Values, column: str, text: str) -> tuple[str, int | None]:
    """Return host and port of a column that may hold both."""
    try:
        return authority(text)
    except ValueError:
        values.coverage.note(f"field_invalid:{column}")
        return "", None


def _split(packets: int | None, size: int | None, told: ColumnMap) -> tuple[int | None, int | None, int | None]:
    return (packets, size, None) if told.payload else (packets, None, size)


def _action(values: Values, told: ColumnMap) -> tuple[Action, str]:
    word = values.text("action")
    if word and told.actions and word.lower() not in told.actions:
        values.coverage.word(values.coverage.notes, f"action_not_mapped:{word}")
    return told.actions.get(word.lower(), Action.UNSAID), word


def _workload(values: Values) -> Workload:
    name, user = values.text("workload"), values.text("user")
    if not (name or user):
        return NOBODY
    return Workload(values.text("namespace"), name or user, "workload" if name else "user", "", user if name else "")


def _translated(values: Values, end: str) -> tuple[str, int | None] | None:
    found = address(text_of(values.record.get(f"{end}_translated")))
    return (found, values.port(f"{end}_port_translated")) if found else None


FORMAT = LogFormat("map", "CSV or JSON by a column map", lambda _: False, _read, ())
