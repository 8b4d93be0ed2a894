"""From the flow table to edges, by one dataframe expression each for counts and for locators.

The only module that knows pandas; no pandas object leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any

from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import FrameLocation
from auditor.facts.observation import ObservedEdge
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.flow import FRAMES_KEPT
from auditor.traffic.table import FlowTable
from auditor.traffic.times import SECOND, rfc3339

if TYPE_CHECKING:
    import pandas as pd

HELD_OPEN_SECONDS = 20.0
"""A connection with payload both ways that lasts longer is a channel held open: requests, also streamed answers of
models, and idle HTTP connections (5 to 15 s in common clients) mostly end sooner; control channels never do."""
HELD_OPEN_SHORT_SECONDS = 10.0
HELD_OPEN_SHARE = 0.6
"""In a capture too short to show that, a connection held open for this share of the window counts."""
MOST_LOCATORS = 5

_KEY = ["src_addr", "dst_addr", "dst_port", "transport", "vlan", "vni", "name"]
_ATTEMPTS = ("refused", "icmp_unreachable", "unanswered", "no_payload")
"""Reasons for an attempt, the most telling first."""
_RUNGS = tuple(rung.value for rung in NameRung)


def reduce_to_edges(table: FlowTable, digests: dict[str, str], windows: dict[str, float]) -> tuple[ObservedEdge, ...]:
    """Return the edges of all flows, sorted by their key.

    Args:
        table: the flow table, names and winners settled.
        digests: SHA-256 by source id.
        windows: seconds of the window by source id.
    """
    if not len(table):
        return ()
    frame = _frame(table, windows)
    located = _locators(frame, digests)
    return tuple(_edge(row, located[key]) for key, row in _counts(frame))


def _frame(table: FlowTable, windows: dict[str, float]) -> pd.DataFrame:
    """Return the table as a dataframe with what the reduction derives from each row."""
    import pandas as pd

    columns = dict(table.columns)
    columns["attempt"] = [_attempt(*values) for values in _rows(columns, "state", "transport", "payload_out", "payload_in")]
    columns["seconds"] = [(end - start) / SECOND for start, end in _rows(columns, "start", "end")]
    columns["held"] = [
        out > 0 and back > 0 and _held(seconds, windows.get(source, 0.0))
        for out, back, seconds, source in _rows(columns, "payload_out", "payload_in", "seconds", "source_id")
    ]
    for name in (*_KEY, "name_rung"):  # a row that another vantage saw better belongs to the edge of that vantage's row
        columns[name] = [columns[name][winner] for winner in columns["winner"]]
    frame = pd.DataFrame(columns)
    # Absent tags as -1: a key column must compare, and missing values do not.
    return frame.assign(vlan=frame["vlan"].fillna(-1).astype("int64"), vni=frame["vni"].fillna(-1).astype("int64"))


def _rows(columns: dict[str, list[Any]], *names: str) -> Any:
    return zip(*(columns[name] for name in names), strict=True)


def _counts(frame: pd.DataFrame) -> list[tuple[Any, Any]]:
    """Return (key, counts) of every edge: each flow once, by the vantage that saw most of it."""
    counts = (
        frame[frame["winner"] == frame.index]
        .sort_values(["start", "source_id", "first_frame"], kind="stable")
        .groupby(_KEY, sort=True)
        .agg(
            flows=("start", "size"),
            packets_out=("packets_out", "sum"),
            packets_in=("packets_in", "sum"),
            payload_out=("payload_out", "sum"),
            payload_in=("payload_in", "sum"),
            wire_out=("wire_out", "sum"),
            wire_in=("wire_in", "sum"),
            attempts=("attempt", tuple),
            protocols=("app_protocol", tuple),
            hidden=("hidden", "any"),
            rungs=("name_rung", tuple),
            start=("start", "min"),
            end=("end", "max"),
            seconds=("seconds", "max"),
            held=("held", "any"),
            rules=("orientation_rule", tuple),
            sources=("sources", _union),
        )
    )
    rows: Iterable[Any] = counts.itertuples()
    return [(row.Index, row) for row in rows]


def _locators(frame: pd.DataFrame, digests: dict[str, str]) -> dict[Any, tuple[FrameLocation, ...]]:
    """Return by edge one locator a capture: its first frames, times and payload as that capture shows them."""
    places = (
        frame.sort_values(["first_frame"], kind="stable")
        .groupby([*_KEY, "source_id"], sort=True)
        .agg(
            frames=("frames", _first_frames),
            start=("start", "min"),
            end=("end", "max"),
            out=("payload_out", "sum"),
            back=("payload_in", "sum"),
            rungs=("name_rung", tuple),
        )
    )
    found: dict[Any, tuple[FrameLocation, ...]] = {}
    rows: Iterable[Any] = places.itertuples()
    for row in rows:
        *key, source = row.Index
        name = key[-1]
        locator = FrameLocation(
            capture=source,
            sha256=digests[source],
            frames=row.frames,
            first_time=rfc3339(int(row.start)),
            last_time=rfc3339(int(row.end)),
            payload_out=int(row.out),
            payload_in=int(row.back),
            name=name,
            rung=_best_rung(row.rungs) if name else NameRung.NONE,
        )
        found[tuple(key)] = (*found.get(tuple(key), ()), locator)[:MOST_LOCATORS]
    return found


def _edge(row: Any, locators: tuple[FrameLocation, ...]) -> ObservedEdge:
    source, destination, port, transport, vlan, vni, name = row.Index
    reasons = set(row.attempts)
    reason = "" if "" in reasons else next(r for r in _ATTEMPTS if r in reasons)
    kind = Transport(transport)
    return ObservedEdge(
        source=Endpoint(address=source, transport=kind),
        destination=Endpoint(destination, int(port), kind, name, _best_rung(row.rungs)),
        vlan=None if vlan < 0 else int(vlan),
        vni=None if vni < 0 else int(vni),
        flows=int(row.flows),
        packets_out=int(row.packets_out),
        packets_in=int(row.packets_in),
        payload_out=int(row.payload_out),
        payload_in=int(row.payload_in),
        wire_out=int(row.wire_out),
        wire_in=int(row.wire_in),
        sighting=Sighting.ATTEMPT if reason else Sighting.DATA,
        attempt_reason=reason,
        app_protocol=next((p for p in row.protocols if p), ""),
        name_hidden=bool(row.hidden),
        first_time=rfc3339(int(row.start)),
        last_time=rfc3339(int(row.end)),
        longest_seconds=round(float(row.seconds), 6),
        held_open=bool(row.held),
        orientation_rules=tuple(sorted(set(row.rules))),
        locators=locators,
        source_ids=row.sources,
    )


def _union(values: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(sorted(set(chain.from_iterable(values))))


def _first_frames(values: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return _union(values)[:FRAMES_KEPT]


def _best_rung(rungs: tuple[str, ...]) -> NameRung:
    return NameRung(min(rungs, key=_RUNGS.index))


def _attempt(state: str, transport: str, payload_out: int, payload_in: int) -> str:
    """Return why a flow is only an attempt, empty when data flowed.

    Bytes sent have left, answered or not: a datagram that an ICMP error answers left all the same.
    """
    if payload_out or payload_in:
        return ""
    if state in ("refused", "icmp_unreachable"):
        return state
    return "unanswered" if state == "unanswered" and transport == Transport.TCP.value else "no_payload"


def _held(seconds: float, window: float) -> bool:
    if seconds >= HELD_OPEN_SECONDS:
        return True
    return seconds >= HELD_OPEN_SHORT_SECONDS and seconds >= HELD_OPEN_SHARE * window
