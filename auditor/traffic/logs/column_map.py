"""The user's column map: which column of a firewall's or gateway's log is what. Checked whole before a line is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.record import Action

COLUMNS = (
    "time", "end", "duration", "source", "source_port", "destination", "destination_port", "protocol", "name", "url",
    "bytes_out", "bytes_in", "packets_out", "packets_in", "action", "reporter", "user", "workload", "namespace",
    "application", "vlan", "source_translated", "source_port_translated", "destination_translated",
    "destination_port_translated", "rule", "country",
)  # fmt: skip
"""What a column can be mapped to."""
_KEYS = frozenset(
    {
        "kind", "delimiter", "header", "columns", "time", "zone", "duration", "bytes", "actions", "name_rung", "protocol",
        "both_ways",
    }
)  # fmt: skip
_KINDS = ("csv", "json")
UNITS = ("seconds", "milliseconds", "microseconds", "nanoseconds")
TIMES = ("auto", "iso", *UNITS)
_BYTES = ("wire", "payload")
_RUNGS = tuple(
    rung.value
    for rung in (NameRung.PROXY_AUTHORITY, NameRung.SNI, NameRung.HTTP_HOST, NameRung.DNS_SAME_CLIENT, NameRung.REVERSE_DNS)
)
_ZONE = re.compile(r"[+-]\d\d:\d\d\Z")
_ACTIONS = ("passed", "denied", "audited", "failed")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A checked column map."""

    kind: str
    columns: Mapping[str, str]
    """Ours to theirs; in JSON a dotted path."""
    delimiter: str = ","
    header: tuple[str, ...] = ()
    """Columns of a CSV file without a header line."""
    time: str = "auto"
    """``auto``, ``iso``, a unit, or a pattern as of ``strptime``."""
    zone: str = ""
    """Zone of times that name none, as ``+02:00``; UTC when empty."""
    duration: str = "seconds"
    """Unit of the column ``duration``."""
    payload: bool = False
    """Whether byte counts are of what is above the transport header."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    """The log's words in lower case."""
    rung: NameRung = NameRung.PROXY_AUTHORITY
    protocol: str = "tcp"
    """Protocol of a log that tells none."""
    both_ways: bool = True
    """Whether a line tells a flow in the direction of who dialled; else it is one direction of one."""


class _Faults:
    """Everything that is wrong with a map, told at once."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, what: str, step: str, why: str = "") -> None:
        self.found.append(Diagnostic(what=f"column map: {what}", why=why, next_step=step))

    def chosen(self, raw: Mapping[str, object], key: str, allowed: Sequence[str]) -> str:
        """Return the word of ``key``, the first allowed one when it is absent."""
        word = raw.get(key, allowed[0])
        if word not in allowed:
            self.add(f"{key} is {word!r}", f"use {', '.join(allowed)}")
        return str(word)


def column_map(raw: Mapping[str, object]) -> ColumnMap:
    """Return the checked map.

    Raises:
        InvalidInputError: a key or value is not of the map's form; every fault is told.
    """
    faults = _Faults()
    for key in sorted(raw.keys() - _KEYS):
        faults.add(f"unknown key {key!r}", f"use {', '.join(sorted(_KEYS))}")
    header = raw.get("header", ())
    found = ColumnMap(
        kind=faults.chosen(raw, "kind", _KINDS),
        columns=_columns(raw.get("columns"), faults),
        delimiter=_delimiter(raw.get("delimiter", ","), faults),
        header=tuple(str(name) for name in header) if isinstance(header, list | tuple) else (),
        time=_time(raw.get("time", "auto"), faults),
        zone=_zone(raw.get("zone", ""), faults),
        duration=faults.chosen(raw, "duration", UNITS),
        payload=faults.chosen(raw, "bytes", _BYTES) == "payload",
        actions=_actions(raw.get("actions", {}), faults),
        rung=NameRung(rung) if (rung := faults.chosen(raw, "name_rung", _RUNGS)) in _RUNGS else NameRung.NONE,
        protocol=str(raw.get("protocol", "tcp")),
        both_ways=faults.chosen(raw, "both_ways", ("yes", "no", "true", "false")) in ("yes", "true"),
    )
    if faults.found:
        raise InvalidInputError(*faults.found)
    return found


def _columns(raw: object, faults: _Faults) -> dict[str, str]:
    named = raw if isinstance(raw, Mapping) else {}
    found: dict[str, str] = {}
    for ours, theirs in named.items():
        if ours not in COLUMNS:
            faults.add(f"unknown column {ours!r}", f"map to one of {', '.join(COLUMNS)}")
        elif not isinstance(theirs, str) or not theirs:
            faults.add(f"{ours} is mapped to {theirs!r}", "write the name of the log's column")
        else:
            found[ours] = theirs
    if not {"destination", "name", "url"} & found.keys():
        faults.add("no destination is mapped", "map destination, name or url", "a flow without destination says nothing")
    return found


def _delimiter(raw: object, faults: _Faults) -> str:
    if not isinstance(raw, str) or len(raw) != 1:
        faults.add(f"delimiter is {raw!r}", "write one character, for example ';', or a tab in double quotes")
    return str(raw)


def _time(raw: object, faults: _Faults) -> str:
    if raw not in TIMES and not (isinstance(raw, str) and "%" in raw):
        faults.add(f"time is {raw!r}", f"use {', '.join(TIMES)}, or a pattern such as '%d/%m/%Y %H:%M:%S'")
    return str(raw)


def _zone(raw: object, faults: _Faults) -> str:
    if raw and not (isinstance(raw, str) and _ZONE.match(raw)):
        faults.add(f"zone is {raw!r}", "write how far it is from UTC, for example '+02:00'")
    return str(raw)


def _actions(raw: object, faults: _Faults) -> dict[str, Action]:
    found: dict[str, Action] = {}
    for meaning, words in (raw if isinstance(raw, Mapping) else {}).items():
        if meaning not in _ACTIONS or not isinstance(words, list | tuple):
            faults.add(f"actions.{meaning}", f"list the log's words under {', '.join(_ACTIONS)}")
            continue
        found.update((str(word).lower(), Action(meaning)) for word in words)
    return found
