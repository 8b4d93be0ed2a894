"""What may be carried: at least, at most, and what every component may hold (docs/design.md section 4).

The holdings are the least fixed point of: a component holds what it originates plus what it receives; a row
that nothing models may carry all that its source holds; gateways, proxies and relays pass on what they hold.
All of it only grows within a finite set of classes, so it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from auditor.facts.inventory import Component
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Role

Holdings = Mapping[str, frozenset[DataClass]]

PASSING_ROLES = frozenset({Role.MODEL_GATEWAY, Role.PROXY, Role.RELAY})
"""Roles that pass on all they hold; any other component only with ``passes_on``."""
_TAKING_ROLES = frozenset({Role.MODEL_SERVER, *PASSING_ROLES})
_CONTENT = frozenset(c for c in DataClass if c.value.startswith("content."))


def holdings(components: Sequence[Component], rows: Sequence[FlowRow]) -> Mapping[str, tuple[DataClass, ...]]:
    """Return for every component the classes that it may hold, in vocabulary order; rows as ``settle`` returns them."""
    return {id_: in_order(held) for id_, held in sorted(_holdings(components, rows).items())}


def settle(components: Sequence[Component], rows: Sequence[FlowRow], unmodelled: Collection[str]) -> tuple[FlowRow, ...]:
    """Return the rows with ``sends_at_most`` as far as the fixed point allows.

    ``unmodelled`` are the ids of rows that carried bytes which no flow explains for certain: these may be all
    that their source holds.
    """
    known = {c.id: c for c in components}
    current = tuple(rows)
    while True:
        held = _holdings(components, current)
        grown = tuple(_grow(row, held, known, row.id in unmodelled) for row in current)
        if grown == current:
            return current
        current = grown


def end_to_end_only(classes: tuple[DataClass, ...]) -> tuple[DataClass, ...]:
    """Return what a relay learns of data that is encrypted past it: that and when something goes where."""
    return (DataClass.ORCHESTRATION,) if classes else ()


def in_order(classes: Collection[DataClass]) -> tuple[DataClass, ...]:
    """Return the classes in vocabulary order."""
    return tuple(c for c in DataClass if c in classes)


def _holdings(components: Sequence[Component], rows: Sequence[FlowRow]) -> Holdings:
    held: dict[str, set[DataClass]] = {c.id: set(c.originates) for c in components}
    for row in rows:
        if row.exists is Truth.NO:
            continue
        for id_ in row.destination_candidates or (row.destination,):
            held.setdefault(id_, set()).update(row.sends_at_most)
        for id_ in row.source_candidates or (row.source,):
            held.setdefault(id_, set()).update(row.receives)
    return {id_: frozenset(classes) for id_, classes in held.items()}


def _grow(row: FlowRow, held: Holdings, known: Mapping[str, Component], unmodelled: bool) -> FlowRow:
    extra: set[DataClass] = set()
    if unmodelled:
        extra |= _all_of_source(row, held, known)
    if row.exists is not Truth.NO and not row.end_to_end and _takes_all(row, known, unmodelled):
        for id_ in row.source_candidates or (row.source,):
            extra |= _passed_on(known.get(id_), held)
    if extra <= set(row.sends_at_most):
        return row
    return replace(row, sends_at_most=in_order({*row.sends_at_most, *extra}))


def _all_of_source(row: FlowRow, held: Holdings, known: Mapping[str, Component]) -> set[DataClass]:
    """Return all that the source may hold; a source that is not established may be any component inside."""
    sources = row.source_candidates or tuple(c.id for c in known.values() if c.place.inside is not False)
    return {c for id_ in sources for c in held.get(id_, ())}


def _takes_all(row: FlowRow, known: Mapping[str, Component], unmodelled: bool) -> bool:
    if unmodelled:
        return True
    roles = {known[id_].role for id_ in row.destination_candidates or (row.destination,) if id_ in known}
    return bool(roles & _TAKING_ROLES) or None in roles


def _passed_on(component: Component | None, held: Holdings) -> frozenset[DataClass]:
    """Return what a component passes on: a model gateway the content, a proxy, relay or log shipper everything."""
    if component is None or not (component.passes_on or component.role in PASSING_ROLES):
        return frozenset()
    everything = held.get(component.id, frozenset())
    return everything & _CONTENT if component.role is Role.MODEL_GATEWAY else everything
