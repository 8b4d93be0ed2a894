"""Records of a log become rows of the flow table and look-ups; what the log could have seen becomes its coverage."""

from __future__ import annotations

import ipaddress
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from auditor.facts.blindness import NEVER_PROVING, Blind
from auditor.facts.observation import ObservedEdge, SourceCoverage
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.clocks import ClockDifference
from auditor.traffic.community import community_of
from auditor.traffic.coverage import Watch, canary_of
from auditor.traffic.edges import SourceFile
from auditor.traffic.groups import AGGREGATED, ATTEMPTS
from auditor.traffic.logs import LogCoverage, LogFlow, LogLookup, LogReading, LogSource
from auditor.traffic.names import Lookups
from auditor.traffic.table import FlowTable, Logged
from auditor.traffic.times import rfc3339

MOST_ADDRESSES = 200_000
"""Addresses kept that one log shows at work."""
MOST_FIELDS_SHOWN = 20
"""Unknown fields that are told by name beside a table."""
_CERTAIN_LINES = 5
"""A flow of so many aggregated records, two directions told apart or not, lasted at least the whole of one of them."""
_OF_PLACE = ("asn", "country", "inference_region", "model", "region", "service", "vpc_endpoint")
"""Words of evidence that tell where a call went, or who runs what answered."""


@dataclass(slots=True)
class LogRead:
    """One log after it was read."""

    source: LogSource
    coverage: LogCoverage
    watch: Watch = field(default_factory=Watch)
    senders: set[str] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)
    """What of its records the table does not hold, by reason."""
    clocks: list[ClockDifference] = field(default_factory=list)
    """Sources whose clocks differ from that of this one."""

    @property
    def window_seconds(self) -> float:
        """Return the time from the first to the last record in seconds."""
        return self.coverage.window_seconds

    @property
    def files(self) -> dict[str, SourceFile]:
        """Return digest and format by file."""
        return {file.id: SourceFile(file.sha256, self.coverage.format) for file in self.coverage.files}

    def notes(self) -> list[str]:
        """Return what a reader of the table must know about the log: its size, and everything that is not in the table."""
        told = self.coverage
        why = _unproving(self)
        notes = [f"{told.format}, {told.lines} lines, {told.flows} flows, {told.lookups} look-ups"]
        notes += [f"its silence proves nothing: {why}"] if why else []
        counted = (told.skipped, told.passed_over, told.notes, self.left_out)
        notes += [f"{count} x {reason}" for counts in counted for reason, count in sorted(counts.items())]
        unknown = sorted(told.unknown_fields.items())
        notes += [f"field {name} is not known, {count} x" for name, count in unknown[:MOST_FIELDS_SHOWN]]
        left = len(unknown) - MOST_FIELDS_SHOWN
        notes += [f"{left} further fields are not known"] if left > 0 else []
        return [f"{self.source.id}: {note}" for note in notes]

    def source_coverage(self, asked: set[str], edges: tuple[ObservedEdge, ...]) -> SourceCoverage:
        """Return what the log could have seen.

        Args:
            asked: names asked for by DNS in it.
            edges: the edges of the whole observation.
        """
        return coverage_of_log(self, asked, edges)


def read_rows(reading: LogReading, table: FlowTable, lookups: Lookups, *, local: bool = False) -> LogRead:
    """Read a log to its end into the table; ``local``: also what stays on its link."""
    read = LogRead(reading.source, reading.coverage)
    for record in reading.records:
        if isinstance(record, LogLookup):
            _look_up(record, reading.source.id, lookups)
        elif record.local_protocol and not local:
            read.left_out[f"link_local:{record.local_protocol}"] += 1
        else:
            _append(record, read, table, request=reading.format.requests)
    return read


def _look_up(record: LogLookup, source: str, lookups: Lookups) -> None:
    """Note what was asked; an answer without a time came at no time before any flow, so it names none."""
    addresses = record.addresses if record.time is not None else ()
    lookups.add(source, record.client, record.name, addresses, record.time or 0)


def _append(flow: LogFlow, read: LogRead, table: FlowTable, *, request: bool) -> None:
    start = flow.start if flow.start is not None else flow.end
    if start is None:
        start = read.watch.last if read.watch.last is not None else read.coverage.first or 0
    else:
        read.watch.saw(start)
        read.watch.saw(flow.end if flow.end is not None else start)
    end = max(start, flow.end if flow.end is not None else start)
    if flow.src_addr and len(read.senders) < MOST_ADDRESSES:
        read.senders.add(flow.src_addr)
    row = {
        **_as_told(flow),
        "start": start,
        "end": end,
        "loss_flags": "|".join(_flags(flow, read.coverage)),
        "source_id": read.source.id,
        "sources": (read.source.id,),
        "winner": len(table),
    }
    ends = (flow.source.logged_as, flow.destination.logged_as)
    upstream = flow.translated_dst[0] if request and flow.translated_dst else ""
    other_side = None if request else _other_side(flow)
    if other_side is None and not request and (flow.translated_src or flow.translated_dst):
        read.coverage.note("translation_without_port")
    note = (other_side, ends, flow.ran_in, _place_told(flow), request, upstream)
    table.logged[len(table)] = Logged(flow.place.file, flow.reporter, *note)
    for name, column in table.columns.items():
        column.append(row[name])


def _as_told(flow: LogFlow) -> dict[str, Any]:
    """Return the columns that the record itself fills."""
    kind = flow.transport or Transport.OTHER
    return {
        "src_addr": flow.src_addr,
        "src_port": flow.src_port,
        "dst_addr": flow.dst_addr,
        "dst_port": flow.dst_port,
        "transport": kind.value,
        "vlan": flow.vlan,
        "vni": flow.vni,
        "orientation_rule": flow.orientation_rule,
        "packets_out": flow.packets_out,
        "packets_in": flow.packets_in,
        "payload_out": flow.payload_out,
        "payload_in": flow.payload_in,
        "wire_out": flow.wire_out,
        "wire_in": flow.wire_in,
        "state": _state(flow),
        "name": flow.name,
        "name_rung": (flow.name_rung if flow.name else NameRung.NONE).value,
        "app_protocol": flow.app_protocol,
        "first_frame": flow.place.line,
        "last_frame": flow.place.line if flow.place.lines == 1 else None,
        "server_name": flow.server_name,
        "tunnel": flow.tunnel,
        "outer_src_addr": flow.outer_src_addr,
        "outer_dst_addr": flow.outer_dst_addr,
        "community_id": flow.community_id or community_of(kind, (flow.src_addr, flow.src_port), (flow.dst_addr, flow.dst_port)),
        "local_protocol": flow.local_protocol,
        "hidden": flow.hidden,
        "certificate_name": "",
        "frames": (flow.place.line,),
        "isn": None,
        "first_payload": b"",
    }


def _place_told(flow: LogFlow) -> str:
    """Return what the log tells of where the other end is: of an address, that of the destination alone."""
    told = []
    for word, text in flow.evidence:
        end, _, rest = text.partition(" ")
        if word in _OF_PLACE and (not rest or end in (flow.dst_addr, flow.name)):
            told.append(f"{word} {rest or text}")
    return "; ".join(told)


def _state(flow: LogFlow) -> str:
    """Return a state from which the fold reads what the log proves: an attempt by its reason, and doubt as data."""
    if flow.sighting is Sighting.ATTEMPT and flow.attempt_reason in ATTEMPTS:
        return flow.attempt_reason
    return "unsaid" if not flow.state or flow.state in ATTEMPTS else flow.state


def _flags(flow: LogFlow, coverage: LogCoverage) -> list[str]:
    flags = set(flow.loss_flags)
    if flow.start is None and flow.end is None:
        flags.add("no_timestamp")
    if Blind.AGGREGATED in coverage.blind and flow.place.lines < _CERTAIN_LINES:
        flags.add(AGGREGATED)
    return sorted(flags)


def _other_side(flow: LogFlow) -> tuple[tuple[str, int], tuple[str, int]] | None:
    """Return both ends behind an address translation, where the log tells address and port: else nothing is proven."""
    if flow.translated_src is None and flow.translated_dst is None:
        return None
    source = flow.translated_src or (flow.src_addr, flow.src_port)
    destination = flow.translated_dst or (flow.dst_addr, flow.dst_port)
    if not source[0] or not destination[0] or source[1] is None or destination[1] is None:
        return None
    return ((source[0], source[1]), (destination[0], destination[1]))


def coverage_of_log(read: LogRead, asked: set[str], edges: tuple[ObservedEdge, ...]) -> SourceCoverage:
    """Return the coverage of one log.

    Args:
        read: the log.
        asked: names asked for by DNS in it.
        edges: the edges of the whole observation.
    """
    told, source = read.coverage, read.source
    timed = told.first is not None and told.last is not None
    return SourceCoverage(
        id=source.id,
        sha256=_digest(told),
        format=told.format,
        vantage=source.vantage,
        sees=source.sees,
        first_time=rfc3339(told.first or 0) if timed else "",
        last_time=rfc3339(told.last or 0) if timed else "",
        window_seconds=told.window_seconds,
        packets=told.records,
        addresses=tuple(sorted(read.senders, key=_address_order)),
        drops=told.lost or None,
        truncated=told.truncated,
        truncated_packets=0,
        skipped=tuple(sorted((told.skipped + told.passed_over + told.notes + read.left_out).items())),
        pauses=read.watch.pauses(),
        canary=canary_of(source.id, source.canary, asked, edges),
        logged=True,
        files=tuple((file.id, file.sha256) for file in told.files),
        blind=told.blind,
        unproving=_unproving(read),
    )


def _digest(told: LogCoverage) -> str:
    """Return the digest of a log of one file, else that over the digests of its files in their order."""
    digests = [file.sha256 for file in told.files]
    if len(digests) == 1:
        return digests[0]
    import hashlib

    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _unproving(read: LogRead) -> str:
    """Return why nothing follows from what the log does not show; empty where something may."""
    told = read.coverage
    reasons = [blind.sentence for blind in told.blind if blind in NEVER_PROVING]
    if told.sampled:
        reasons.append(f"its records are sampled ({told.sampled})")
    if told.lost or told.lost_uncounted:
        number = str(told.lost) if told.lost and not told.lost_uncounted else "an unknown number of"
        reasons.append(f"it says itself that {number} records or packets are missing")
    if told.skipped:
        reasons.append(f"{sum(told.skipped.values())} of its lines could not be read")
    if told.truncated:
        reasons.append("it is cut off")
    reasons += [difference.sentence for difference in read.clocks]
    return "; ".join(reasons)


def _address_order(address: str) -> tuple[int, bytes]:
    packed = ipaddress.ip_address(address).packed
    return (len(packed), packed)
