"""Where a destination outside processes, as the flows to it decide: a region in its name is not the last word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.facts.inventory import Component
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth


def placed_by_flows(components: Sequence[Component], rows: Sequence[FlowRow]) -> tuple[Component, ...]:
    """Return the components, each one outside the systems with the countries in which what may go to it is processed.

    A model id can move a request of one region to another, so that the place of the host alone would say too much.
    As soon as one flow does not tell, it is unknown. A destination that nothing may go to keeps what is known of it.
    """
    to: dict[str, list[FlowRow]] = {}
    for row in rows:
        if row.exists is not Truth.NO and len(row.destination_candidates) == 1:
            to.setdefault(row.destination_candidates[0], []).append(row)
    return tuple(c if c.system or c.id not in to else _placed(c, to[c.id]) for c in components)


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
