"""The one expression that brings a flow table of any size to groups, on whichever engine holds it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from auditor.facts.vocabulary import Transport
from auditor.traffic.groups import (
    AGGREGATED,
    COUNTS,
    HELD_OPEN_SECONDS,
    HELD_OPEN_SHARE,
    HELD_OPEN_SHORT_SECONDS,
    KINDS,
    PROVEN,
)
from auditor.traffic.lake.schema import SHORT
from auditor.traffic.times import SECOND, UNTIMED

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, StringValue, Table

GROUPED = tuple(name for name in KINDS if name != "counted")
"""Columns that tell groups apart; what counts is decided before."""
VANTAGE = ("source_id", "reporter")


def told_apart(flows: Table, names: Collection[str]) -> Table:
    """Return the flows with sources and files of these names told apart by the digest of their source."""
    if not names:
        return flows
    digest = "@" + flows.source_sha256.left(SHORT)
    same = flows.source_id.isin(names) | flows.file.isin(names)
    file = (same & (flows.file != "")).ifelse(flows.file + digest, flows.file)
    return flows.mutate(source_id=same.ifelse(flows.source_id + digest, flows.source_id), file=file)


def groups_expression(flows: Table, windows: Mapping[str, float]) -> Table:
    """Return the groups of ``flows``: one row for all flows that agree in everything that an edge or its evidence tells.

    Plain sums and extremes only, so that every engine can do it in one pass, in parts and in any order.

    Args:
        flows: rows that count and leave their link.
        windows: seconds of the window by source id, of sources so short that it matters (``short_windows``).
    """
    told = flows.mutate(
        attempt=_attempt(flows),
        untold=(flows.payload_out.isnull() | flows.payload_in.isnull()).cast("int64"),
        longest=flows.end - flows.start,
        held=_held(flows, windows),
    )
    sums = {name: told[name].sum().cast("int64") for name in COUNTS}
    return told.group_by(GROUPED).aggregate(
        flows=told.count(),
        untold=told.untold.sum().cast("int64"),
        **sums,
        start=_first(told),
        end=told.end.max(),
        longest=told.longest.max(),
        held=told.held.any(),
        first_frame=told.first_frame.min(),
    )


def _first(flows: Table) -> Any:
    """Return the earliest start of a group; of flows without a time there is none."""
    return flows.start.nullif(UNTIMED).min().fill_null(UNTIMED)


def _attempt(flows: Table) -> StringValue:
    """Return what ``groups.attempt`` returns."""
    import ibis

    out, back = flows.payload_out, flows.payload_in
    return ibis.cases(
        (flows.state.isin(PROVEN), flows.state),
        ((out.fill_null(0) > 0) | (back.fill_null(0) > 0), ""),
        (flows.state.isin(("refused", "icmp_unreachable")), flows.state),
        ((flows.state == "unanswered") & (flows.transport == Transport.TCP.value), flows.state),
        (out.isnull() | back.isnull(), ""),
        else_="no_payload",
    )


def _held(flows: Table, windows: Mapping[str, float]) -> BooleanValue:
    """Return what ``groups.held`` returns, for flows with payload both ways that are no aggregated record."""
    seconds = (flows.end - flows.start) / SECOND
    long: Any = seconds >= HELD_OPEN_SECONDS
    for source, window in sorted(windows.items()):
        short = (flows.source_id == source) & (seconds >= HELD_OPEN_SHARE * window)
        long |= short & (seconds >= HELD_OPEN_SHORT_SECONDS)
    both = (flows.payload_out.fill_null(0) > 0) & (flows.payload_in.fill_null(0) > 0)
    held: BooleanValue = both & ~flows.loss_flags.contains(AGGREGATED) & long
    return held


def short_windows(windows: Mapping[str, float]) -> dict[str, float]:
    """Return the windows so short that a flow below ``HELD_OPEN_SECONDS`` can fill its share of them."""
    return {source: window for source, window in windows.items() if HELD_OPEN_SHARE * window < HELD_OPEN_SECONDS}


def vantages_expression(flows: Table) -> Table:
    """Return every vantage point (who saw flows, and for which source) with its rows and the time they span."""
    return flows.group_by(VANTAGE).aggregate(rows=flows.count(), start=_first(flows), end=flows.end.max())


def shared_expression(flows: Table) -> Table:
    """Return the identifiers of 5-tuples that more than one vantage point saw: their rows are compared one by one.

    So are those of both sides of an address translation.
    """
    told = flows.filter(flows.community_id != "").mutate(vantage=flows.source_id + "\n" + flows.reporter)
    seen = told.group_by("community_id").aggregate(one=told.vantage.min(), other=told.vantage.max())
    shared = seen.filter(seen.one != seen.other).select("community_id")
    translated = flows.filter(flows.community_translated != "")
    sides = translated.select("community_id").union(translated.select(community_id=translated.community_translated))
    return shared.union(sides).distinct()
