"""What a finding is about, as one digest: a waiver is granted on it, and void once the flow is another one.

In it is what the approver accepted: what the control asks, which data goes, and who and where the ends are. Not in it is
what moves without changing that: paths and hops, lines of files, frames, times, counts, and on which basis it is known.
So a waiver outlives a new hop, a new capture and a moved line, and it holds at every stage.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from auditor.evaluate.matching import Scene
from auditor.evaluate.outcome import Violation
from auditor.evaluate.sentences import sentence
from auditor.facts.inventory import Component, Store
from auditor.facts.profile import Control
from auditor.facts.rows import FlowRow
from auditor.facts.vocabulary import in_order

_ENCODER = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))


class FindingDigests:
    """Digests of the findings of one model."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._rows = {row.id: row for row in scene.model.rows}
        self._stores = {store.id: store for store in scene.model.stores}

    def of_all(self, control: Control, violations: Sequence[Violation]) -> dict[str, str]:
        """Return for each key of ``violations`` of ``control`` (parameters resolved) the SHA-256 of what it is about."""
        asks = sentence(control) if violations else ""
        return {violation.key: self._of(control.id, asks, violation) for violation in violations}

    def _of(self, control: str, asks: str, violation: Violation) -> str:
        rows = [self._rows[id_] for id_ in violation.rows if id_ in self._rows]
        content = {
            "control": control,
            "asks": asks,
            "finding": violation.key,
            "data": [c.value for c in violation.data],
            "source": self._end(violation.source),
            "destination": self._end(violation.destination),
            "store": _store(self._stores.get(violation.subject)),
            "flow": _flow(rows) if not violation.subject else None,
        }
        return hashlib.sha256(_ENCODER.encode(content).encode()).hexdigest()

    def _end(self, identifier: str) -> object:
        found = self._scene.known(identifier)
        return identifier if found is None else _component(found)


def _component(component: Component) -> object:
    place = component.place
    return [
        component.id,
        component.product,
        component.plane.value if component.plane else "",
        component.role.value if component.role else "",
        place.inside,
        place.operator,
        place.hosted_by,
        place.operator_country,
        list(place.processing or ()),
        list(place.storage or ()),
        *([list(place.processed)] if place.processed else []),
    ]


def _store(store: Store | None) -> object:
    if store is None:
        return None
    return [store.id, [c.value for c in store.classes], list(store.country or ()), store.retention, store.remote_access]


def _flow(rows: Sequence[FlowRow]) -> object:
    """Return what goes and may go over all rows of the finding, and where the last of them is processed."""
    sends = {c for row in rows for c in row.sends_at_most}
    receives = {c for row in rows for c in row.receives}
    last = sorted({*(rows[-1].processing or ()), *rows[-1].processed}) if rows else []
    return [[c.value for c in in_order(sends)], [c.value for c in in_order(receives)], last]
