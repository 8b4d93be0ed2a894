"""Where a destination outside processes, as the flows to it decide: a region in its name is not the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.facts.inventory import Component
from auditor.facts.rows import Channel, FlowRow
from auditor.facts.truth import Truth


def placed_by_flows(
    components: Sequence[Component], rows: Sequence[FlowRow], channels: Sequence[Channel] = ()
) -> tuple[Component, ...]:
    """Return the components, each one outside the systems with the countries in which what may go to it is processed.

    A model id can move a request of one region to another, so that the place of the host alone would say too much.
    As soon as one flow does not tell, it is unknown. A destination that nothing may go to keeps what is known of it.
    Where logs show calls to it processed, it processes there, whichever of several flows on a channel they were.
    """
    shown: dict[str, set[str]] = {}
    for channel in channels:
        if channel.processed and len(channel.destination.candidates) == 1 and not channel.destination.conflict:
            shown.setdefault(channel.destination.candidates[0], set()).update(channel.processed)
    to: dict[str, list[FlowRow]] = {}
    for row in rows:
        if row.exists is not Truth.NO and len(row.destination_candidates) == 1:
            to.setdefault(row.destination_candidates[0], []).append(row)
    placed = (c if c.system or c.id not in to else _placed(c, to[c.id]) for c in components)
    return tuple(_shown(c, shown[c.id]) if c.id in shown else c for c in placed)


def _shown(component: Component, countries: set[str]) -> Component:
    if component.system or component.place.inside is not False:
        return component
    return replace(component, place=replace(component.place, processed=tuple(sorted(countries))))


def _placed(component: Component, rows: Sequence[FlowRow]) -> Component:
    if component.place.inside is not False:
        return component
    open_ones = [row for row in rows if row.processing is None]
    if open_ones:
        why = next((row.processing_reason for row in open_ones if row.processing_reason), component.place.reason)
        return replace(component, place=replace(component.place, processing=None, reason=why))
    found = tuple(sorted({country for row in rows for country in row.processing or ()}))
    reason = component.place.reason if component.place.processing is not None else ""
    return replace(component, place=replace(component.place, processing=found, reason=reason))
