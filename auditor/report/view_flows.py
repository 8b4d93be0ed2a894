"""Flow rows and the residency ledger of the view model."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from auditor.facts.assessment import Assessment, ChannelRecord, FlowRecord, StoreRecord
from auditor.facts.counts import total
from auditor.report import words
from auditor.report.names import Names, countries
from auditor.report.view_ledger import LedgerChannel, LedgerGroup, Received
from auditor.report.view_model import FlowView, StoreView
from auditor.report.view_parts import Cell, CureView, Reference

_CONFIRMED = frozenset({"confirmed", "confirmed_shared"})
_SHARED_SHOWN = 12
_STOPPED = frozenset({"blocked", "attempted", "latent"})
_CROSSES = {"yes": "leaves the perimeter", "no": "stays inside", "unknown": "not known whether it leaves"}
INSIDE = "inside the perimeter"
"""``LedgerGroup.where`` of whoever lies inside."""
_INSIDE = {"yes": INSIDE, "no": "outside the perimeter"}
_ORDER = {"outside the perimeter": 0, "place not established": 1, INSIDE: 2}


def flow_views(assessment: Assessment, names: Names) -> tuple[FlowView, ...]:
    """Return every row of the four-basis table, numbered in the assessment's order."""
    by_channel: dict[str, list[str]] = {}
    for flow in assessment.flows:
        by_channel.setdefault(flow.channel, []).append(flow.id)
    against: dict[str, list[Reference]] = {}
    standing: set[str] = set()
    for finding in names.findings:
        for row in finding.rows:
            against.setdefault(row, []).append(names.finding(finding.id))
        if not finding.waived_by:
            standing.update(names.violating(finding))
    return tuple(
        _flow_view(flow, names, tuple(by_channel[flow.channel]), tuple(against.get(flow.id, ())), flow.id in standing)
        for flow in assessment.flows
    )


def _flow_view(
    flow: FlowRecord, names: Names, channel: tuple[str, ...], findings: tuple[Reference, ...], violated: bool
) -> FlowView:
    ends = names.channels.get(flow.channel)
    destination = names.place(flow.destination, flow.destination_candidates)
    style = flow_style(flow.name, violated)
    return FlowView(
        number=names.flow_number(flow.id),
        anchor=names.flow(flow.id).anchor,
        id=flow.id,
        purpose=flow.purpose,
        source=one_of(flow.source, flow.source_candidates, names, ends.source_label if ends else ""),
        source_id=flow.source,
        destination=one_of(flow.destination, flow.destination_candidates, names, ends.destination_label if ends else ""),
        destination_id=flow.destination,
        recipient=names.operator(destination.operator if destination else ""),
        countries=countries(flow.processing),
        sends=words.sends_words(flow.sends_at_least, flow.sends_at_most),
        receives=words.data_words(flow.receives),
        declared=Cell(flow.declared, words.word(words.DECLARED, flow.declared)),
        configured=Cell(flow.configured, words.word(words.CONFIGURED, flow.configured)),
        permitted=Cell(flow.permitted, words.word(words.PERMITTED, flow.permitted)),
        observed=Cell(_seen(flow.sighting), words.word(words.SIGHTINGS, flow.sighting)),
        name=flow.name,
        name_words=words.word(words.ROW_NAMES, flow.name),
        marks=tuple(words.word(words.MARKS, mark) for mark in flow.marks),
        required=words.word(words.REQUIRED, flow.required),
        reason=flow.reason,
        crosses=words.word(_CROSSES, flow.crosses_perimeter),
        leaves=flow.crosses_perimeter == "yes",
        style=style,
        verdict_word="violation" if violated else words.word(words.ROW_NAMES, flow.name),
        shared_with=_others(flow.id, channel, names),
        findings=findings,
        cures=tuple(CureView(cure.kind, cure.text) for cure in flow.cures),
        evidence=names.evidence(flow.evidence),
    )


def flow_style(name: str, violated: bool) -> str:
    """Return how the map draws a row: by an unwaived finding first, then by its name."""
    if name == "absent":
        return "absent"
    if violated:
        return "violation"
    if name in _CONFIRMED:
        return "confirmed"
    return "stopped" if name in _STOPPED else "unknown"


def one_of(identity: str, candidates: tuple[str, ...], names: Names, fallback: str) -> str:
    """Return the label of an end; several candidates of equal rank are all named."""
    if len(candidates) > 1:
        return "one of: " + ", ".join(names.end(candidate) for candidate in candidates)
    return names.end(identity, fallback)


def _others(flow: str, channel: tuple[str, ...], names: Names) -> tuple[Reference, ...]:
    """Return links to the other flows of a channel, the first few; the rest is counted."""
    shown = [names.flow(other) for other in channel[: _SHARED_SHOWN + 1] if other != flow][:_SHARED_SHOWN]
    rest = len(channel) - 1 - len(shown)
    return (*shown, *((Reference("", f"{rest} more"),) if rest else ()))


def _seen(sighting: str) -> str:
    return {"data": "yes", "attempt": "tried", "none_covered": "no"}.get(sighting, "unknown")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One channel as one recipient's ledger sees it."""

    key: tuple[int, str, str, str, str]
    """(order, where, operator id, hosted_by id, countries)."""
    country: str
    note: str
    least: tuple[str, ...]
    most: tuple[str, ...]
    to: int | None
    back: int | None
    untold: int
    channel: LedgerChannel


def ledger(assessment: Assessment, names: Names) -> tuple[LedgerGroup, ...]:
    """Return recipients by countries of processing, outside first; every channel keeps its bytes whole.

    A channel counts for its destination, and also for its source where that is not inside (data goes both ways).
    Channels on which nothing exists and nothing was seen are left to the flow table.
    """
    flows: dict[str, list[FlowRecord]] = {}
    for flow in assessment.flows:
        flows.setdefault(flow.channel, []).append(flow)
    entries: list[_Entry] = []
    for channel in assessment.channels:
        rows = [f for f in flows.get(channel.id, []) if f.exists != "no"]
        if not rows and channel.sighting not in ("data", "attempt"):
            continue
        entries.append(_entry(channel, rows, names, outward=True))
        source = names.place(channel.source, channel.source_candidates)
        if source is not None and source.inside != "yes":
            entries.append(_entry(channel, rows, names, outward=False))
    groups: dict[tuple[int, str, str, str, str], list[_Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.key, []).append(entry)
    stores = existing_stores(assessment)
    return tuple(_group(key, groups[key], names, stores) for key in sorted(groups))


def _entry(channel: ChannelRecord, rows: list[FlowRecord], names: Names, *, outward: bool) -> _Entry:
    end = channel.destination if outward else channel.source
    place = names.place(end, channel.destination_candidates if outward else channel.source_candidates)
    where = words.word(_INSIDE, place.inside) if place and place.inside in _INSIDE else "place not established"
    if outward and rows:
        known = all(row.processing for row in rows)
        where_processed = tuple(sorted({c for row in rows for c in row.processing})) if known else ()
        note = "; ".join(dict.fromkeys(row.processing_reason for row in rows if row.processing_reason))
    else:
        where_processed, note = (place.processing, place.reason) if place else ((), "")
    # What a flow sends that may not be there at all is possible and no more.
    least = _union(*(row.sends_at_least if outward else row.receives for row in rows if row.exists == "yes"))
    most = _union(*(row.sends_at_most if outward else row.receives for row in rows))
    to, back = (channel.payload_out, channel.payload_in) if outward else (channel.payload_in, channel.payload_out)
    operator, host = (place.operator, place.hosted_by) if place else ("", "")
    return _Entry(
        key=(_ORDER[where], where, operator, host, countries(where_processed)),
        country=place.operator_country if place else "",
        note=note,
        least=least,
        most=most,
        to=to,
        back=back,
        untold=channel.untold,
        channel=_ledger_channel(channel, rows, names, (least, most), (to, back), end),
    )


def _ledger_channel(
    channel: ChannelRecord,
    rows: list[FlowRecord],
    names: Names,
    sends: tuple[tuple[str, ...], tuple[str, ...]],
    counts: tuple[int | None, int | None],
    recipient: str,
) -> LedgerChannel:
    source = one_of(channel.source, channel.source_candidates, names, channel.source_label)
    destination = one_of(channel.destination, channel.destination_candidates, names, channel.destination_label)
    seen = channel.sighting == "data"
    return LedgerChannel(
        label=f"{source} → {destination}, {channel.transport}/{channel.port or 'any port'}",
        data=words.received_words(*sends, seen=seen and counts[0] != 0),
        bytes_to=words.amount_words(counts[0], channel.untold) if seen else "none seen",
        bytes_back=words.amount_words(counts[1], channel.untold) if seen else "none seen",
        bases=", ".join(_bases(channel, rows)) or "none",
        flows=tuple(names.flow(row.id) for row in rows),
        evidence=names.evidence(_union(channel.evidence, *(row.evidence for row in rows))),
        channel=channel.id,
        recipient=recipient,
        recipient_label=destination if recipient == channel.destination else source,
        count_to=counts[0],
        count_back=counts[1],
    )


def _bases(channel: ChannelRecord, rows: list[FlowRecord]) -> tuple[str, ...]:
    held = (
        ("declared", any(row.declared == "yes" for row in rows)),
        ("configured", any(row.configured == "yes" for row in rows)),
        ("permitted", channel.permitted == "yes"),
        ("observed", channel.sighting == "data"),
        ("attempted", channel.sighting == "attempt"),
    )
    return tuple(name for name, holds in held if holds)


def _group(key: tuple[int, str, str, str, str], entries: list[_Entry], names: Names, stores: list[StoreRecord]) -> LedgerGroup:
    _, where, operator, host, processed = key
    received = _received(entries)
    storage, retention = at_rest({entry.channel.recipient for entry in entries}, names, stores)
    country = next((e.country for e in entries if e.country), "") or names.operator_country(operator)
    contracts = names.contracts.get(operator, ())
    machines = "" if host in ("", operator) else names.operator(host)
    return LedgerGroup(
        operator_id=operator,
        operator=names.operator(operator),
        law=f"law of {country}" if country else "jurisdiction not known",
        hosted_by=machines,
        countries=processed,
        storage=storage,
        retention=retention,
        sub_processors=_union((machines,) if machines else (), *(names.sub_processors(c) for c in contracts)),
        contracts=tuple(f"{c.reference} ({c.path}:{c.line})" for c in contracts),
        note="; ".join(dict.fromkeys(entry.note for entry in entries if entry.note)),
        where=where,
        data=words.received_words(received.at_least, received.at_most, seen=received.seen and received.to != 0),
        total=total_words(received),
        received=received,
        channels=tuple(entry.channel for entry in entries),
    )


def _received(entries: list[_Entry]) -> Received:
    seen = [entry for entry in entries if entry.channel.bytes_to != "none seen"]
    return Received(
        at_least=_union(*(entry.least for entry in entries)),
        at_most=_union(*(entry.most for entry in entries)),
        to=total([entry.to for entry in seen]),
        back=total([entry.back for entry in seen]),
        untold=sum(entry.untold for entry in seen),
        seen=bool(seen),
    )


def total_words(received: Received) -> str:
    """Return the bytes of a recipient's channels: ``1.2 kB to it, 340 B back``."""
    to, back = (words.amount_words(count, received.untold) for count in (received.to, received.back))
    return f"{to} to it, {back} back" if received.seen else "no data seen"


def existing_stores(assessment: Assessment) -> list[StoreRecord]:
    """Return data at rest that exists or may."""
    return [store for store in assessment.stores if store.exists != "no"]


def at_rest(recipients: Collection[str], names: Names, stores: Iterable[StoreRecord]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries in which ``recipients`` (component ids) keep data, and each store with how long it keeps."""
    kept = [store for store in stores if store.component in recipients]
    places = [names.components[r].place for r in recipients if r in names.components]
    countries_ = {c for store in kept for c in store.country} | {c for place in places for c in place.storage}
    return tuple(sorted(countries_)), tuple(dict.fromkeys(f"{store.title}: {store.retention or 'unknown'}" for store in kept))


def store_view(store: StoreRecord, names: Names) -> StoreView:
    """Return data at rest in plain words."""
    return StoreView(
        title=store.title,
        component=names.end(store.component),
        data=words.data_words(store.classes),
        countries=countries(store.country),
        retention=store.retention or "not known",
        remote_access=store.remote_access or "not known",
        exists=store.exists,
        evidence=names.evidence(store.evidence),
    )


def _union(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
