"""What one capture could have seen."""

from __future__ import annotations

import heapq
import ipaddress
from collections import Counter
from dataclasses import dataclass, field

from auditor.facts.hosts import normalise_host
from auditor.facts.observation import CaptureSource, ObservedEdge, SourceCoverage
from auditor.facts.vocabulary import Sighting
from auditor.traffic.clocks import ClockDifference
from auditor.traffic.internet import text
from auditor.traffic.record import FileFacts
from auditor.traffic.table import FlowTable
from auditor.traffic.times import SECOND, rfc3339

MOST_PAUSES = 100
"""Pauses kept of one capture: a hostile file must not fill the memory, and a window holds few pauses of half its length."""


@dataclass(slots=True)
class Watch:
    """When packets that could leave the link were seen: local noise neither begins nor stretches a window."""

    first: int | None = None
    last: int | None = None
    before: int | None = None
    """Time of the packet before, nanoseconds."""
    set_back: int = 0
    """How often a packet was recorded a second or more before the one before it: the clock was set back, or captures follow
    each other that do not in time. A clock set forward looks like a pause."""
    _longest: list[int] = field(default_factory=list)

    def saw(self, time: int) -> None:
        """Count a packet; times out of order can only make pauses look longer, never shorter."""
        self.set_back += self.before is not None and self.before - time >= SECOND
        self.before = time
        if self.first is None or self.last is None:
            self.first = self.last = time
        elif time > self.last:
            self.pause(time - self.last)
            self.last = time
        elif time < self.first:
            self.pause(self.first - time)
            self.first = time

    def pauses(self) -> tuple[float, ...]:
        """Return the longest times without such a packet, seconds, longest first."""
        return tuple(round(pause / SECOND, 6) for pause in sorted(self._longest, reverse=True))

    def pause(self, length: int) -> None:
        """Note a time without such a packet, nanoseconds."""
        if length < SECOND:
            return
        if len(self._longest) < MOST_PAUSES:
            heapq.heappush(self._longest, length)
        else:
            heapq.heappushpop(self._longest, length)


@dataclass(frozen=True, slots=True)
class Reading:
    """One capture after it was read."""

    source: CaptureSource
    format: str
    sha256: str
    facts: FileFacts
    senders: frozenset[bytes]
    skipped: Counter[str]
    watch: Watch
    clocks: list[ClockDifference] = field(default_factory=list)
    """Sources whose clocks differ from that of this one."""

    @property
    def window(self) -> tuple[int, int] | None:
        """Return start and end: what the recorder says of itself, and packets that could leave the link; ``None`` for neither."""
        times = [t for t in (self.facts.first, self.facts.last, self.watch.first, self.watch.last) if t is not None]
        return (min(times), max(times)) if times else None

    @property
    def window_seconds(self) -> float:
        """Return the length of the window in seconds."""
        return round((self.window[1] - self.window[0]) / SECOND, 6) if self.window else 0.0


_INCOMPLETE = {"gap": "flow_gap", "midstream": "flow_midstream", "one_way": "flow_one_way"}
_ATTEMPTS = frozenset({"unanswered", "refused", "icmp_unreachable"})


def incomplete_flows(table: FlowTable) -> dict[str, Counter[str]]:
    """Return by source how many TCP flows have missing bytes, begin in the middle, or show one side of what both said."""
    columns = table.columns
    kinds = Counter(zip(*(columns[name] for name in ("source_id", "transport", "state", "loss_flags")), strict=True))
    found: dict[str, Counter[str]] = {}
    for (source_id, transport, state, flags), count in kinds.items():
        for flag in flags.split("|") if transport == "tcp" and state not in _ATTEMPTS else ():
            if flag in _INCOMPLETE:
                found.setdefault(source_id, Counter())[_INCOMPLETE[flag]] += count
    return found


def coverage_of(
    reading: Reading, asked: set[str], edges: tuple[ObservedEdge, ...], incomplete: Counter[str] | None = None
) -> SourceCoverage:
    """Return the coverage of one capture.

    Args:
        reading: the capture.
        asked: names asked for by DNS in it.
        edges: the edges of the whole observation.
        incomplete: its flows of which something is missing, by kind.
    """
    facts, source = reading.facts, reading.source
    return SourceCoverage(
        id=source.id,
        sha256=reading.sha256,
        format=reading.format,
        vantage=source.vantage,
        sees=source.sees,
        first_time=rfc3339(reading.window[0]) if reading.window else "",
        last_time=rfc3339(reading.window[1]) if reading.window else "",
        window_seconds=reading.window_seconds,
        packets=facts.packets,
        addresses=_sorted(reading.senders),
        drops=facts.drops,
        truncated=facts.truncated,
        truncated_packets=facts.truncated_packets,
        skipped=tuple(sorted((reading.skipped + facts.skipped + (incomplete or Counter())).items())),
        pauses=reading.watch.pauses(),
        canary=canary_of(source.id, source.canary, asked, edges),
    )


def _sorted(addresses: frozenset[bytes]) -> tuple[str, ...]:
    known = sorted(addresses, key=lambda address: (len(address), address))
    return tuple(text(a) for a in known if not ipaddress.ip_address(a).is_unspecified)


def canary_of(source: str, canary: str, asked: set[str], edges: tuple[ObservedEdge, ...]) -> Sighting | None:
    """Return how the canary was seen in a source: a look-up is data too, its name left the client. ``None`` without one."""
    if not canary:
        return None
    name = normalise_host(canary)
    seen = {e.sighting for e in edges if e.destination.name == name and source in e.source_ids}
    if name in asked or Sighting.DATA in seen:
        return Sighting.DATA
    return Sighting.ATTEMPT if seen else Sighting.NONE_UNCOVERED
