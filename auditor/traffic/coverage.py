"""What one capture could have seen."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass

from auditor.facts.hosts import normalise_host
from auditor.facts.observation import CaptureSource, ObservedEdge, SourceCoverage
from auditor.facts.vocabulary import Sighting
from auditor.traffic.internet import text
from auditor.traffic.record import FileFacts
from auditor.traffic.times import SECOND, rfc3339


@dataclass(frozen=True, slots=True)
class Reading:
    """One capture after it was read."""

    source: CaptureSource
    format: str
    sha256: str
    facts: FileFacts
    senders: frozenset[bytes]
    skipped: Counter[str]

    @property
    def window_seconds(self) -> float:
        """Return the length of the window in seconds."""
        if self.facts.first is None or self.facts.last is None:
            return 0.0
        return round((self.facts.last - self.facts.first) / SECOND, 6)


def coverage_of(reading: Reading, asked: set[str], edges: tuple[ObservedEdge, ...]) -> SourceCoverage:
    """Return the coverage of one capture.

    Args:
        reading: the capture.
        asked: names asked for by DNS in it.
        edges: the edges of the whole observation.
    """
    facts, source = reading.facts, reading.source
    return SourceCoverage(
        id=source.id,
        sha256=reading.sha256,
        format=reading.format,
        vantage=source.vantage,
        sees=source.sees,
        first_time="" if facts.first is None else rfc3339(facts.first),
        last_time="" if facts.last is None else rfc3339(facts.last),
        window_seconds=reading.window_seconds,
        packets=facts.packets,
        addresses=_sorted(reading.senders),
        drops=facts.drops,
        truncated=facts.truncated,
        truncated_packets=facts.truncated_packets,
        skipped=tuple(sorted((reading.skipped + facts.skipped).items())),
        canary=_canary(source, asked, edges),
    )


def _sorted(addresses: frozenset[bytes]) -> tuple[str, ...]:
    known = sorted(addresses, key=lambda address: (len(address), address))
    return tuple(text(a) for a in known if not ipaddress.ip_address(a).is_unspecified)


def _canary(source: CaptureSource, asked: set[str], edges: tuple[ObservedEdge, ...]) -> Sighting | None:
    """Return how the canary was seen: a look-up is data too, its name left the client."""
    if not source.canary:
        return None
    name = normalise_host(source.canary)
    seen = {e.sighting for e in edges if e.destination.name == name and source.id in e.source_ids}
    if name in asked or Sighting.DATA in seen:
        return Sighting.DATA
    return Sighting.ATTEMPT if seen else Sighting.NONE_UNCOVERED
