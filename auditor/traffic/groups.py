"""Groups of flows that agree in everything an edge tells apart: what the reduction to edges is made of.

A flow is a group of one. A flow table of any size is brought to few groups by one expression on the engine that holds
it (``expression``), and ``edges`` folds groups, however they were made: what an edge *means* stands there alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from auditor.facts.vocabulary import Transport
from auditor.traffic.table import NOTHING_LOGGED, FlowTable
from auditor.traffic.tenures import NO_CHANGES, Changes, tenure
from auditor.traffic.times import SECOND

HELD_OPEN_SECONDS = 20.0
"""A connection with payload both ways that lasts longer is a channel held open: requests, also streamed answers of
models, and idle HTTP connections (5 to 15 s in common clients) mostly end sooner; control channels never do."""
HELD_OPEN_SHORT_SECONDS = 10.0
HELD_OPEN_SHARE = 0.6
"""In a capture too short to show that, a connection held open for this share of the window counts."""
AGGREGATED = "aggregated"
"""Loss flag of a log record that stands for an interval: its times are those of the record, the flow may be shorter."""
PROVEN = ("denied", "failed", "no_payload")
"""States by which a log proves an attempt: bytes of a proxy's error page or of headers are no data of the destination."""
UNREACHED = ("refused", "icmp_unreachable", "unanswered")
ATTEMPTS = ("denied", "failed", *UNREACHED, "no_payload")
"""Reasons for an attempt, the most telling first."""


class Group(NamedTuple):
    """Flows of one source that agree in key, wording and kind, with their sums and extremes."""

    src_addr: str
    dst_addr: str
    dst_port: int | None
    transport: str
    vlan: int | None
    vni: int | None
    name: str
    src_workload: str
    """Who a log says the source is; empty for captures, and for logs that do not tell."""
    dst_workload: str
    tenure: str
    """Which of the successive holders of its addresses the flow met (``tenures``); empty where none is known to change."""
    source_id: str
    file: str
    """File of a log that is a rotated set; empty for captures."""
    name_rung: str
    orientation_rule: str
    app_protocol: str
    hidden: bool
    attempt: str
    """Why it is only an attempt, empty when data flowed."""
    counted: bool
    """Whether these flows count; what another vantage saw better is evidence alone."""
    ran_in: str
    """Endpoint of the region that processed the calls, where a log tells."""
    told: str
    """What else a log tells of the destination's place."""
    flows: int
    untold: int
    """Flows of which the payload is not told in one direction or both."""
    packets_out: int | None
    packets_in: int | None
    payload_out: int | None
    payload_in: int | None
    wire_out: int | None
    wire_in: int | None
    start: int
    end: int
    longest: int
    """Nanoseconds of the longest flow."""
    held: bool
    frames: tuple[int, ...]
    """First frames, or lines of a log."""
    sources: tuple[str, ...]
    """Every source that saw one of them."""


KEY = Group._fields[:10]
"""What tells edges apart."""
KINDS = Group._fields[:20]
"""What tells groups apart."""
_OF_TABLE = KEY[:7]
"""Those of them that are columns of the flow table."""
_READ = (
    "start", "end", "transport", "payload_out", "payload_in", "state", "source_id", "loss_flags", "app_protocol", "hidden",
    "orientation_rule", "frames", "sources", "winner", "packets_out", "packets_in", "wire_out", "wire_in",
)  # fmt: skip
COUNTS = ("packets_out", "packets_in", "payload_out", "payload_in", "wire_out", "wire_in")


def groups_of(table: FlowTable, windows: Mapping[str, float], changes: Changes = NO_CHANGES) -> Iterator[Group]:
    """Yield every flow of a table in memory as a group of one.

    Args:
        table: the flow table, names and winners settled.
        windows: seconds of the window by source id.
        changes: when addresses change hands.
    """
    columns = table.columns
    best = [columns[name] for name in (*_OF_TABLE, "name_rung")]
    times = list(zip(*(columns[name] for name in ("src_addr", "dst_addr", "start", "end")), strict=True))
    for row, values in enumerate(zip(*(columns[name] for name in _READ), strict=True)):
        start, end, transport, out, back, state, source, flags, *rest = values
        protocol, hidden, rule, frames, sources, winner, packets_out, packets_in, wire_out, wire_in = rest
        # A row that another vantage saw better belongs to the edge of that vantage's row.
        *key, rung = (column[winner] for column in best)
        note, told = table.logged.get(row, NOTHING_LOGGED), table.logged.get(winner, NOTHING_LOGGED)
        both = bool(out and back) and AGGREGATED not in flags
        key += (*told.workloads, tenure(changes, *times[winner]) if changes else "")
        how = (rung, rule, protocol, hidden, attempt(state, transport, out, back))
        counts = (1, int(out is None or back is None), packets_out, packets_in, out, back, wire_out, wire_in)
        open_long = both and held((end - start) / SECOND, windows.get(source, 0.0))
        kinds = (*key, source, note.file, *how, winner == row, note.ran_in, note.told)
        yield Group._make((*kinds, *counts, start, end, end - start, open_long, frames, sources))


def attempt(state: str, transport: str, payload_out: int | None, payload_in: int | None) -> str:
    """Return why a flow is only an attempt, empty when data flowed or may have.

    Bytes sent have left, answered or not: a datagram that an ICMP error answers left all the same. Where a log does not
    tell the payload, and not that the flow was stopped, it may have moved data.
    """
    if state in PROVEN:
        return state
    if payload_out or payload_in:
        return ""
    if state in ("refused", "icmp_unreachable"):
        return state
    if state == "unanswered" and transport == Transport.TCP.value:
        return state
    return "" if payload_out is None or payload_in is None else "no_payload"


def held(seconds: float, window: float) -> bool:
    """Return whether a flow with payload both ways lasted so long that it is a channel held open."""
    if seconds >= HELD_OPEN_SECONDS:
        return True
    return seconds >= HELD_OPEN_SHORT_SECONDS and seconds >= HELD_OPEN_SHARE * window
