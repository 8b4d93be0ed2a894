"""From groups of flows to edges: what an edge means, said once.

The same fold takes the flows of a table in memory, each a group of one, and the groups to which an engine has brought
a flow table of any size (``expression``). It does not depend on how flows were grouped, nor on their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from auditor.facts.counts import plus
from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import FrameLocation, LineLocation
from auditor.facts.observation import ObservedEdge
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.flow import FRAMES_KEPT
from auditor.traffic.groups import ATTEMPTS, COUNTS, Group, groups_of
from auditor.traffic.table import FlowTable
from auditor.traffic.tenures import NO_CHANGES, Changes
from auditor.traffic.times import SECOND, UNTIMED, earliest, told

MOST_LOCATORS = 5
MOST_TOLD = 5

_Key = tuple[str, str, int, str, int, int, str, str, str, str]
_RUNGS = tuple(rung.value for rung in NameRung)
_COUNTED = attrgetter(*COUNTS)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What a locator says of the file behind it."""

    sha256: str
    log_format: str = ""
    """Name of the log format; empty for a capture."""


@dataclass(slots=True)
class _Sum:
    """The counted flows of one edge so far."""

    flows: int = 0
    untold: int = 0
    counts: list[int | None] = field(default_factory=lambda: [None] * len(COUNTS))
    attempts: set[str] = field(default_factory=set)
    protocol: tuple[int, str, str] | None = None
    """Start, source and word of the first protocol recognised."""
    hidden: bool = False
    rungs: set[str] = field(default_factory=set)
    start: int = UNTIMED
    end: int = UNTIMED
    longest: int = 0
    held: bool = False
    rules: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)

    def add(self, group: Group) -> None:
        """Count a group."""
        self.flows += group.flows
        self.untold += group.untold
        self.counts = [plus(a, b) for a, b in zip(self.counts, _COUNTED(group), strict=True)]
        self.attempts.add(group.attempt)
        if group.app_protocol:
            found = (group.start, group.source_id, group.app_protocol)
            self.protocol = found if self.protocol is None else min(self.protocol, found)
        self.hidden = self.hidden or group.hidden
        self.rungs.add(group.name_rung)
        self.start, self.end = earliest(self.start, group.start), max(self.end, group.end)
        self.longest = max(self.longest, group.longest)
        self.held = self.held or group.held
        self.rules.add(group.orientation_rule)
        self.sources.update(group.sources)


@dataclass(slots=True)
class _Sight:
    """What one file shows of one edge so far, also of flows that another vantage saw better."""

    start: int
    end: int
    frames: set[int] = field(default_factory=set)
    counts: list[int | None] = field(default_factory=lambda: [None] * len(COUNTS))
    rungs: set[str] = field(default_factory=set)

    def add(self, group: Group) -> None:
        """Note a group."""
        self.start, self.end = earliest(self.start, group.start), max(self.end, group.end)
        self.frames.update(group.frames)
        if len(self.frames) > 64 * FRAMES_KEPT:
            self.frames = set(sorted(self.frames)[:FRAMES_KEPT])
        self.counts = [plus(a, b) for a, b in zip(self.counts, _COUNTED(group), strict=True)]
        self.rungs.add(group.name_rung)


@dataclass(slots=True)
class _Ran:
    """Where logs say that the calls of one edge were processed, whichever vantage counts."""

    ran_in: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def add(self, group: Group) -> None:
        """Note a group."""
        self.ran_in |= {group.ran_in} - {""}
        self.told |= {group.told} - {""}


def reduce_to_edges(
    table: FlowTable, files: Mapping[str, SourceFile], windows: Mapping[str, float], changes: Changes = NO_CHANGES
) -> tuple[ObservedEdge, ...]:
    """Return the edges of all flows of a table in memory, sorted by their key.

    Args:
        table: the flow table, names and winners settled.
        files: digest and format by file of a log, or by source id of a capture.
        windows: seconds of the window by source id.
        changes: when addresses change hands.
    """
    return fold(groups_of(table, windows, changes), files)


def fold(groups: Iterable[Group], files: Mapping[str, SourceFile]) -> tuple[ObservedEdge, ...]:
    """Return the edges of ``groups``, sorted by their key; the order and the making of the groups do not matter.

    Every edge needs a counted group; others add evidence alone.
    """
    sums: dict[_Key, _Sum] = {}
    sights: dict[_Key, dict[tuple[str, str], _Sight]] = {}
    ran: dict[_Key, _Ran] = {}
    for group in groups:
        key = _key(group)
        if group.counted:
            if key not in sums:
                sums[key] = _Sum()
            sums[key].add(group)
        places = sights.setdefault(key, {})
        place = (group.source_id, group.file)
        if place not in places:
            places[place] = _Sight(group.start, group.end)
        places[place].add(group)
        ran.setdefault(key, _Ran()).add(group)
    return tuple(_edge(key, sums[key], ran[key], _locators(key[6], sights[key], files)) for key in sorted(sums))


def _key(group: Group) -> _Key:
    """Return what sorts and tells apart; absent numbers as -1, because a key must compare."""
    port, vlan, vni = (-1 if n is None else n for n in (group.dst_port, group.vlan, group.vni))
    ends = (group.src_workload, group.dst_workload, group.tenure)
    return (group.src_addr, group.dst_addr, port, group.transport, vlan, vni, group.name, *ends)


def _locators(
    name: str, places: Mapping[tuple[str, str], _Sight], files: Mapping[str, SourceFile]
) -> tuple[FrameLocation | LineLocation, ...]:
    """Return one locator a file, first one for each source, so that no long rotated set hides another source."""
    ordered = sorted(places)
    first = {source: (source, file) for source, file in reversed(ordered)}
    chosen = [*sorted(first.values()), *(place for place in ordered if place not in first.values())][:MOST_LOCATORS]
    return tuple(_locator(name, at, places[at], files[at[1] or at[0]]) for at in sorted(chosen))


def _locator(name: str, at: tuple[str, str], sight: _Sight, file: SourceFile) -> FrameLocation | LineLocation:
    numbers = tuple(sorted(sight.frames)[:FRAMES_KEPT])
    rung = _best_rung(sight.rungs) if name else NameRung.NONE
    times = (told(sight.start), told(sight.end))
    *_, out, back, wire_out, wire_in = sight.counts
    if file.log_format:
        counts = (out, back, wire_out, wire_in)
        return LineLocation(at[0], at[1] or at[0], file.sha256, numbers, file.log_format, *times, *counts, name, rung)
    return FrameLocation(at[0], file.sha256, numbers, *times, out or 0, back or 0, name, rung)


def _edge(key: _Key, total: _Sum, ran: _Ran, locators: tuple[FrameLocation | LineLocation, ...]) -> ObservedEdge:
    source, destination, port, transport, vlan, vni, name, sender, receiver, _ = key
    reason = "" if "" in total.attempts else next(r for r in ATTEMPTS if r in total.attempts)
    kind = Transport(transport)
    packets_out, packets_in, payload_out, payload_in, wire_out, wire_in = total.counts
    return ObservedEdge(
        source=Endpoint(address=source, transport=kind, logged_as=sender),
        destination=Endpoint(destination, max(port, 0), kind, name, _best_rung(total.rungs), logged_as=receiver),
        vlan=None if vlan < 0 else vlan,
        vni=None if vni < 0 else vni,
        flows=total.flows,
        packets_out=packets_out,
        packets_in=packets_in,
        payload_out=payload_out,
        payload_in=payload_in,
        wire_out=wire_out,
        wire_in=wire_in,
        sighting=Sighting.ATTEMPT if reason else Sighting.DATA,
        attempt_reason=reason,
        app_protocol=total.protocol[2] if total.protocol else "",
        name_hidden=total.hidden,
        first_time=told(total.start),
        last_time=told(total.end),
        longest_seconds=round(total.longest / SECOND, 6),
        held_open=total.held,
        orientation_rules=tuple(sorted(total.rules)),
        locators=locators,
        source_ids=tuple(sorted(total.sources)),
        untold=total.untold,
        ran_in=tuple(sorted(ran.ran_in)),
        told=tuple(sorted(ran.told)[:MOST_TOLD]),
    )


def _best_rung(rungs: Iterable[str]) -> NameRung:
    return NameRung(min(rungs, key=_RUNGS.index))
