"""Linux' table of connections: ``conntrack -L`` and ``-E`` as text or XML, and ``/proc/net/nf_conntrack``.

An entry holds both directions of a connection as the kernel expects them. Where the reply is not the original turned round, an
address was translated, and both sides of it are told with their ports: what proves that two flows are one.

Source: conntrack-tools, conntrack(8), and the output of version 1.4.7 on Linux, with accounting and time stamps and without
(``net.netfilter.nf_conntrack_acct``, ``nf_conntrack_timestamp``), recorded 2026-11; Linux, nf_conntrack_standalone.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import Sighting, Transport
from auditor.traffic.logs.access_lines import MONTHS
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import PROTOCOLS, address, iso, protocol_number, seconds, transport, whole
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LONGEST_MATCHED
from auditor.traffic.logs.record import Action, LogFlow, LogRecord, Place
from auditor.traffic.times import SECOND

MOST_OPEN = 200_000
"""Connections of a log of events that are held until their end."""
_STAMP = re.compile(r"\[(\d{9,10}\.\d{1,9})\s*\]\s*")
_EVENT = re.compile(r"\s*\[(NEW|UPDATE|DESTROY)\]\s+")
_LINE = re.compile(r"(?:ipv[46]\s+\d+\s+)?([a-z0-9]+)\s+(\d+)\s+(?:\d+\s+)?(?:[A-Z_0-9]+\s+)?(?=.{0,80}?src=)")
_PAIR = re.compile(r"([a-z][a-z_-]*)=(\S+)")
_CLOCK = re.compile(r"\[(start|stop)=[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d) (\d{4})\]")
_FLOW = re.compile(r"<flow(?: type=\"(new|update|destroy)\")?>")
_ELEMENT = re.compile(r"<(src|dst|sport|dport|packets|bytes|start|stop|deltatime|id|hour|min|sec|day|month|year)>([^<]{1,64})</")
_PROTOCOL = re.compile(r'<layer4 protonum="(\d{1,3})"')
_META = '<meta direction="'
_KNOWN = frozenset(
    {
        "src", "dst", "sport", "dport", "packets", "bytes", "mark", "use", "id", "zone", "zone-orig", "zone-reply", "secctx",
        "delta-time", "type", "code", "labels", "helper", "status", "vtag", "srckey", "dstkey", "portid", "secmark",
        "timeout", "stream_timeout",
    }
)  # fmt: skip
_HEADER = ("<?xml", "<conntrack>", "</conntrack>", "conntrack v")


@dataclass(frozen=True, slots=True)
class _Way:
    """One direction of an entry."""

    source: tuple[str, int | None]
    destination: tuple[str, int | None]
    packets: int | None
    size: int | None


@dataclass(slots=True)
class _Entry:
    """One line understood."""

    place: Place
    event: str
    number: int | None
    ways: tuple[_Way, _Way]
    unreplied: bool
    waiting: bool
    """The table says that nothing but the first SYN went."""
    start: int | None = None
    end: int | None = None
    key: str = field(default="")


def _recognise(head: Head) -> bool:
    lines = [line for line in head.lines if not line.startswith(_HEADER)]
    if not lines:
        return False
    if _FLOW.match(lines[0]):
        return lines[0].count(_META) > 1
    return _is_line(lines[0])


def _is_line(text: str) -> bool:
    begin = _LINE.match(_bare(text))
    return begin is not None and text.count("src=") == 2 and text.count("dst=") == 2  # noqa: PLR2004 -- two directions


def _bare(text: str) -> str:
    stamp = _STAMP.match(text)
    text = text[stamp.end() :] if stamp else text
    event = _EVENT.match(text)
    return text[event.end() :] if event else text


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        waiting: dict[str, _Entry] = {}
        number, failed = 0, 0
        for number, text in file.lines(longest=LONGEST_MATCHED):
            if text.startswith(_HEADER):
                task.coverage.passed_over["header"] += 1
                continue
            entry = _entry(Place(file.id, number), text, task.coverage)
            if entry is None:
                failed = number
                task.coverage.skip("no_entry")
                continue
            task.coverage.records += 1
            if entry.event:
                task.coverage.saw(entry.end)
            task.coverage.reaches(entry.start)  # a table is in no order
            task.coverage.reaches(entry.end)
            yield from _ended(entry, waiting, task.coverage)
        for entry in waiting.values():
            yield _flow(entry)
        if failed and failed == number:
            file.ends_cut("no_entry")


def _ended(entry: _Entry, waiting: dict[str, _Entry], coverage: LogCoverage) -> Iterator[LogFlow]:
    """Yield the connections that an entry ends; events of one connection are one flow, from its first to its last."""
    if not entry.event:
        yield _flow(entry)
        return
    before = waiting.pop(entry.key, None)
    if before is not None and entry.event == "new":
        yield _flow(before)
        before = None
    if before is not None:
        entry.place = before.place._replace(lines=before.place.lines + 1)
        entry.start = before.start if entry.start is None or before.start is None else min(before.start, entry.start)
    if entry.event == "destroy":
        yield _flow(entry)
        return
    waiting[entry.key] = entry
    if len(waiting) > MOST_OPEN:
        coverage.note("flow_evicted")
        yield _flow(waiting.pop(next(iter(waiting))))


def _entry(place: Place, text: str, coverage: LogCoverage) -> _Entry | None:
    try:
        if text.startswith("<flow"):
            return _from_xml(place, text, coverage)
        return _from_text(place, text, coverage) if _is_line(text) else None
    except ValueError:
        return None


def _from_text(place: Place, text: str, coverage: LogCoverage) -> _Entry | None:
    bare = _bare(text)
    begin = _LINE.match(bare)
    if begin is None:
        return None
    told: list[dict[str, str]] = []
    for name, value in _PAIR.findall(_CLOCK.sub("", bare)):
        if name == "src":
            told.append({})
        if told:
            told[-1][name] = value
        if name not in _KNOWN:
            coverage.word(coverage.unknown_fields, name)
    stamp = _STAMP.match(text)
    event = _EVENT.match(text, stamp.end() if stamp else 0)
    entry = _Entry(
        place, event[1].lower() if event else "", protocol_number(begin[2]), (_way(told[0]), _way(told[1])),
        "[UNREPLIED]" in bare, " SYN_SENT " in f" {bare[: begin.end()]} ", key=told[1].get("id", ""),
    )  # fmt: skip
    clocks = {word: f"{year}-{MONTHS[month]:02}-{int(day):02}T{time}" for word, month, day, time, year in _CLOCK.findall(bare)}
    if clocks:
        coverage.note("time_without_zone")
    times = {word: iso(clock) for word, clock in clocks.items()}
    return _dated(entry, seconds(stamp[1]) if stamp else None, times, seconds(told[1].get("delta-time", "")), coverage)


def _from_xml(place: Place, text: str, coverage: LogCoverage) -> _Entry | None:
    kind, protocol = _FLOW.match(text), _PROTOCOL.search(text)
    parts = text.split(_META)[1:]
    if kind is None or protocol is None or len(parts) < 2 or not text.rstrip().endswith("</flow>"):  # noqa: PLR2004 -- two directions
        return None
    told = [dict(_ELEMENT.findall(part)) for part in parts]
    rest = told[2] if len(told) > 2 else {}  # noqa: PLR2004 -- what belongs to no direction
    entry = _Entry(
        place, kind[1] or "", int(protocol[1]), (_way(told[0]), _way(told[1])), "<unreplied/>" in text,
        "<state>SYN_SENT</state>" in text, key=rest.get("id", ""),
    )  # fmt: skip
    when = None
    if "year" in rest and entry.event:
        coverage.note("time_without_zone")
        day = f"{int(rest['year']):04}-{int(rest['month']):02}-{int(rest['day']):02}"
        when = iso(f"{day}T{int(rest['hour']):02}:{int(rest['min']):02}:{int(rest['sec']):02}")
    times = {word: seconds(rest[word], 1) for word in ("start", "stop") if word in rest}
    return _dated(entry, when, times, seconds(rest.get("deltatime", "")), coverage)


def _dated(entry: _Entry, when: int | None, times: Mapping[str, int | None], age: int | None, coverage: LogCoverage) -> _Entry:
    """Set start and end: by the kernel's time stamps, else by the time of the event; what is listed lasts until then."""
    start, stop = times.get("start"), times.get("stop")
    entry.start = start if start is not None else when
    entry.end = stop if stop is not None else when if when is not None else start
    if start is not None and stop is None and age is not None:
        entry.end = start + age + SECOND
    if entry.start is None:
        coverage.note("no_time")
    entry.key = entry.key or repr((entry.number, entry.ways[0].source, entry.ways[0].destination))
    return entry


def _way(told: Mapping[str, str]) -> _Way:
    """Return a direction.

    Raises:
        ValueError: a number is none, or an end is not told whole.
    """
    source, destination = ((address(told.get(end, "")), whole(told.get(f"{end[0]}port"))) for end in ("src", "dst"))
    if not source[0] or not destination[0] or (source[1] is None) != (destination[1] is None):
        raise ValueError("an end is cut")
    return _Way(source, destination, whole(told.get("packets")), whole(told.get("bytes")))


def _flow(entry: _Entry) -> LogFlow:
    out, back = entry.ways
    kind = transport(entry.number)
    unanswered = entry.waiting and entry.unreplied and kind is Transport.TCP
    flow = LogFlow(
        place=entry.place,
        start=entry.start,
        end=entry.end,
        **_ends(out, kind),
        transport=kind,
        protocol_number=entry.number,
        packets_out=out.packets,
        packets_in=back.packets,
        wire_out=out.size,
        wire_in=back.size,
        app_protocol=PROTOCOLS.get(entry.number or 0, ""),
        state="unanswered" if unanswered else "",
        sighting=Sighting.ATTEMPT if unanswered else Sighting.DATA,
        attempt_reason="unanswered" if unanswered else "",
        action=Action.UNSAID,
        loss_flags=("aggregated",),
    )
    source = back.destination if back.destination != out.source else None
    target = back.source if back.source != out.destination else None
    return replace(flow, translated_src=source, translated_dst=target) if source or target else flow


def _ends(out: _Way, kind: Transport | None) -> dict[str, Any]:
    ports = kind in (Transport.TCP, Transport.UDP, Transport.SCTP)
    return {
        "src_addr": out.source[0],
        "src_port": out.source[1] if ports else 0,
        "dst_addr": out.destination[0],
        "dst_port": out.destination[1] if ports else 0,
    }


FORMAT = LogFormat(
    "conntrack",
    "Linux connection tracking: conntrack -L or -E, /proc/net/nf_conntrack",
    _recognise,
    _read,
    (Blind.NAMES, Blind.PAYLOAD, Blind.SNAPSHOT),
)
