"""The connection on which a client asked a proxy, found for the requests that the proxy logged.

A proxy's log names who asked and for what; the address of the proxy itself is not in it, and often not the client's port. Packets
and flow logs of the same window hold the connection. A request is given the ends of a connection only where nothing else can be
meant:

- the log tells the client's port, and there is one connection from it at that time;
- the packets show that the proxy was asked for the same name on it;
- it goes to where this proxy is known to listen, by the connections above or because whoever contacted the upstream hosts that
  the log names is one address, and it is the only one that was open at the time of the request and has room for its bytes.

Everything else is left apart: then the request stands for itself, beside a connection without a name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from auditor.facts.vocabulary import NameRung, Transport
from auditor.traffic.assigning import assigned
from auditor.traffic.clocks import CLOCK_DIFFERENCE
from auditor.traffic.flow import FRAMES_KEPT
from auditor.traffic.proxied_clocks import behind
from auditor.traffic.table import NOTHING_LOGGED, FlowTable, Logged

_TCP = Transport.TCP.value
_SHOWN = (NameRung.SNI.value, NameRung.HTTP_HOST.value)
_AUTHORITY = NameRung.PROXY_AUTHORITY.value
_LEAST_HEADERS, _MOST_HEADERS = 40, 120
"""Bytes of IP and TCP headers of one packet, without and with all options (RFC 791, RFC 8200, RFC 9293)."""
_NOTHING_TOLD: dict[str, Any] = {
    **dict.fromkeys(("name", "app_protocol", "loss_flags", "server_name", "tunnel", "outer_src_addr", "outer_dst_addr"), ""),
    **dict.fromkeys(("local_protocol", "certificate_name"), ""),
    "transport": _TCP,
    "orientation_rule": "log",
    "state": "unsaid",
    "name_rung": NameRung.NONE.value,
    "hidden": False,
    "first_payload": b"",
}
"""What a row has in the columns of which a log tells nothing; numbers are null."""
_End = tuple[str, int]


@dataclass(slots=True)
class Leg:
    """One connection, as all sources together show it."""

    source: _End
    destination: _End
    start: int
    end: int
    community: str
    names: set[str] = field(default_factory=set)
    """Names that a proxy was asked for on it, as packets show."""
    shown: set[str] = field(default_factory=set)
    """Names that it shows of its other end."""
    back: tuple[int, int] | None = None
    """Least and most payload to the client; ``None`` where no source counts."""

    def covers(self, start: int, end: int) -> bool:
        """Return whether the connection was open all that time."""
        return self.start - CLOCK_DIFFERENCE <= start and end <= self.end + CLOCK_DIFFERENCE

    def has_room(self, ask: Ask) -> bool:
        """Return whether what the client was sent fits: all of it where the request has the connection to itself."""
        if self.back is None or ask.received is None:
            return True
        return ask.received <= self.back[1] and (not ask.alone or self.back[0] <= ask.received)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a proxy's log."""

    row: int
    client: str
    port: int | None
    name: str
    asked_port: int | None
    start: int
    end: int
    received: int | None
    alone: bool
    """It has its connection to itself (CONNECT)."""
    upstream: str


def find_legs(table: FlowTable) -> dict[str, int]:
    """Give requests of proxies' logs the ends of the connections on which they were made, and add what they prove of the way on.

    A request with ends is one flow with its connection (``vantage``). Where the connection from the proxy to the upstream host is
    found too, the log's lines become evidence of that one: a row without counts. Returns by log the number of requests that stay
    apart although connections of their clients were open.
    """
    asks = _asks(table)
    if not asks:
        return {}
    legs = Legs(_legs(table))
    return {source: apart for source in sorted(asks) if (apart := _of_log(table, source, asks[source], legs))}


@dataclass(slots=True)
class _Line:
    """Connections by their start, so that those of a time are found without looking at all."""

    legs: list[Leg] = field(default_factory=list)
    latest: list[int] = field(default_factory=list)
    """Latest end of each connection and all before it."""

    def add(self, leg: Leg) -> None:
        """Add one that does not start before those that are there."""
        self.legs.append(leg)
        self.latest.append(max(leg.end, self.latest[-1] if self.latest else leg.end))

    def at(self, start: int, end: int) -> list[Leg]:
        """Return those that were open at some of the time, by start."""
        found = []
        for at in range(bisect_right(self.legs, end + CLOCK_DIFFERENCE, key=lambda leg: leg.start) - 1, -1, -1):
            if self.latest[at] + CLOCK_DIFFERENCE < start:
                break
            if self.legs[at].end + CLOCK_DIFFERENCE >= start:
                found.append(self.legs[at])
        return found[::-1]


class Legs:
    """Connections by who dialled and by what was dialled."""

    def __init__(self, legs: Iterable[Leg]) -> None:
        """Index them."""
        self._from: dict[str, _Line] = {}
        self._to: dict[_End, _Line] = {}
        for leg in sorted(legs, key=lambda leg: (leg.start, leg.source, leg.destination)):
            self._from.setdefault(leg.source[0], _Line()).add(leg)
            self._to.setdefault(leg.destination, _Line()).add(leg)

    def of(self, ask: Ask) -> list[Leg]:
        """Return the connections of a client that were open during its request."""
        return [leg for leg in self._from.get(ask.client, _Line()).at(ask.start, ask.end) if leg.covers(ask.start, ask.end)]

    def ever(self, ask: Ask) -> list[Leg]:
        """Return the connections of a client, of any time, on which packets or the port show its request."""
        own = self._from.get(ask.client, _Line()).legs
        return [leg for leg in own if (ask.name in leg.names if ask.port is None else leg.source[1] == ask.port)]

    def on(self, ask: Ask) -> list[Leg]:
        """Return the connections to the upstream host of a request that were open at some of its time."""
        if not ask.upstream or ask.asked_port is None:
            return []
        return self._to.get((ask.upstream, ask.asked_port), _Line()).at(ask.start, ask.end)


def _of_log(table: FlowTable, source: str, logged: Sequence[Ask], legs: Legs) -> int:
    late = behind((ask.start, ask.end, legs.ever(ask)) for ask in logged)
    asks = [replace(ask, start=ask.start + late, end=ask.end + late) for ask in logged] if late else logged
    found = {ask: one[0] for ask in asks if len(one := [leg for leg in legs.of(ask) if leg.source[1] == ask.port]) == 1}
    portless = [ask for ask in asks if ask.port is None]
    named = {ask: [leg for leg in legs.of(ask) if ask.name in leg.names] for ask in portless}
    found |= assigned(named, alike=True)
    ends = {leg.destination for leg in found.values()} or _by_upstream(asks, legs)
    if len(ends) == 1:
        (end,) = ends
        taken = {id(leg) for leg in found.values()}
        left = [ask for ask in portless if ask not in found]
        unnamed = {ask: [leg for leg in legs.of(ask) if not leg.names and id(leg) not in taken] for ask in left}
        free = {ask: [leg for leg in some if leg.destination == end and leg.has_room(ask)] for ask, some in unnamed.items()}
        found |= assigned(free, alike=False)
        for ask in asks:
            _fill(table, ask, dst_addr=end[0], dst_port=end[1])  # the proxy is known, though perhaps not which connection it was
        ways = {ask: [leg for leg in legs.on(ask) if leg.source[0] == end[0]] for ask in asks}
        named = {ask: shown for ask, some in ways.items() if (shown := [leg for leg in some if ask.name in leg.shown])}
        mute = {ask: [leg for leg in some if not leg.shown] for ask, some in ways.items() if ask not in named}
        _add_ways_on(table, source, assigned(named, alike=True) | assigned(mute, alike=False), late)
    for ask, leg in found.items():
        (_, port), (address, listening) = leg.source, leg.destination
        _fill(table, ask, src_port=port, dst_addr=address, dst_port=listening, community_id=leg.community)
    return sum(ask not in found and any(leg.destination in ends or not ends for leg in legs.of(ask)) for ask in asks)


def _fill(table: FlowTable, ask: Ask, **values: str | int) -> None:
    for name, value in values.items():
        table.columns[name][ask.row] = value


def _by_upstream(asks: Iterable[Ask], legs: Legs) -> set[_End]:
    """Return where the proxy may listen: at the address that contacted all upstream hosts, on a port that all clients dialled."""
    addresses: set[str] | None = None
    ends: set[_End] | None = None
    for ask in asks:
        contacted = {leg.source[0] for leg in legs.on(ask)} - {ask.client}
        if contacted:
            addresses = contacted if addresses is None else addresses & contacted
            dialled = {leg.destination for leg in legs.of(ask)}
            ends = dialled if ends is None else ends & dialled
    return {end for end in ends or () if end[0] in (addresses or ())}


def _add_ways_on(table: FlowTable, source: str, ways: Mapping[Ask, Leg], late: int) -> None:
    """Add a row without counts, at the times of its lines, for each connection from the proxy to an upstream host."""
    by_leg: dict[int, tuple[Leg, list[Ask]]] = {}
    for ask, leg in ways.items():
        by_leg.setdefault(id(leg), (leg, []))[1].append(ask)
    for leg, asks in by_leg.values():
        asks.sort(key=lambda ask: table.columns["first_frame"][ask.row])
        lines = tuple(table.columns["first_frame"][ask.row] for ask in asks)[:FRAMES_KEPT]
        note, number = table.logged[asks[0].row], len(table)
        row = _NOTHING_TOLD | {
            "start": min(ask.start for ask in asks) - late,
            "end": max(ask.end for ask in asks) - late,
            "src_addr": leg.source[0],
            "src_port": leg.source[1],
            "dst_addr": leg.destination[0],
            "dst_port": leg.destination[1],
            "source_id": source,
            "sources": (source,),
            "first_frame": lines[0],
            "frames": lines,
            "winner": number,
            "community_id": leg.community,
        }
        table.logged[number] = Logged(note.file, note.reporter)
        for name, column in table.columns.items():
            column.append(row.get(name))


def _asks(table: FlowTable) -> dict[str, list[Ask]]:
    """Return by log the requests of which the connection is not told, in the order of time."""
    columns = table.columns
    found: dict[str, list[Ask]] = {}
    for row, note in table.logged.items():
        client, port = columns["src_addr"][row], columns["src_port"][row]
        if not note.request or not client or columns["dst_addr"][row] or "no_timestamp" in columns["loss_flags"][row]:
            continue
        if columns["name_rung"][row] == _AUTHORITY or port is not None:
            ask = Ask(
                row, client, port, columns["name"][row], columns["dst_port"][row], columns["start"][row], columns["end"][row],
                columns["payload_in"][row], columns["app_protocol"][row] == "http_connect", note.upstream,
            )  # fmt: skip
            found.setdefault(columns["source_id"][row], []).append(ask)
    return {source: sorted(asks, key=lambda ask: (ask.start, ask.row)) for source, asks in found.items()}


def _legs(table: FlowTable) -> list[Leg]:
    """Return the TCP connections that packets and logs of connections show."""
    columns = table.columns
    by_ends: dict[tuple[_End, _End], list[int]] = {}
    for row, transport in enumerate(columns["transport"]):
        source, target = ((columns[f"{end}_addr"][row], columns[f"{end}_port"][row]) for end in ("src", "dst"))
        if transport != _TCP or not (source[0] and target[0] and source[1] and target[1]):
            continue
        if not table.logged.get(row, NOTHING_LOGGED).request and "no_timestamp" not in columns["loss_flags"][row]:
            by_ends.setdefault((source, target), []).append(row)
    found: list[Leg] = []
    for (source, target), rows in by_ends.items():
        last: Leg | None = None
        for row in sorted(rows, key=lambda row: (columns["start"][row], row)):
            start, end = columns["start"][row], columns["end"][row]
            if last is None or start > last.end + CLOCK_DIFFERENCE:
                last = Leg(source, target, start, end, columns["community_id"][row])
                found.append(last)
            last.end = max(last.end, end)
            if columns["name_rung"][row] == _AUTHORITY:
                last.names.add(columns["name"][row])
            elif columns["name_rung"][row] in _SHOWN:
                last.shown.add(columns["name"][row])
            last.back = _back(columns, row) or last.back
    return found


def _back(columns: Mapping[str, Sequence[Any]], row: int) -> tuple[int, int] | None:
    """Return least and most payload to the client that a row tells."""
    payload, wire, packets = (columns[name][row] for name in ("payload_in", "wire_in", "packets_in"))
    if payload is not None and not columns["loss_flags"][row]:
        return payload, payload
    if wire is None or packets is None:
        return None
    return max(wire - _MOST_HEADERS * packets, 0), max(wire - _LEAST_HEADERS * packets, 0)
