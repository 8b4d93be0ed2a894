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


def _json(value: object) -> str:
    return _ENCODER.encode(value)


class FindingDigests:
    """Digests of the findings of one model."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._rows = {row.id: row for row in scene.model.rows}
        self._stores = {store.id: store for store in scene.model.stores}
        self._ends: dict[str, str] = {}
        self._flows: dict[object, str] = {}

    def of_all(self, control: Control, violations: Sequence[Violation]) -> dict[str, str]:
        """Return for each key of ``violations`` of ``control`` (parameters resolved) the SHA-256 of what it is about."""
        if not violations:
            return {}
        head = f'"asks":{_json(sentence(control))},"control":{_json(control.id)}'
        return {key: self._of(head, key, violation) for violation in violations for key in (violation.key,)}

    def _of(self, head: str, key: str, violation: Violation) -> str:
        """Return the digest of a JSON object with its keys sorted; it is put together, because its parts come again and again."""
        parts = {
            "data": _json([c.value for c in violation.data]),
            "destination": self._end(violation.destination),
            "finding": _json(key),
            "flow": "null" if violation.subject else self._flow(violation.rows),
            "source": self._end(violation.source),
            "store": _json(_store(self._stores.get(violation.subject))),
        }
        text = ",".join((head, *(f'"{name}":{part}' for name, part in parts.items())))
        return hashlib.sha256(f"{{{text}}}".encode()).hexdigest()

    def _end(self, identifier: str) -> str:
        if identifier not in self._ends:
            found = self._scene.known(identifier)
            self._ends[identifier] = _json(identifier if found is None else _component(found))
        return self._ends[identifier]

    def _flow(self, ids: Sequence[str]) -> str:
        rows = [self._rows[id_] for id_ in ids if id_ in self._rows]
        said = frozenset((row.sends_at_most, row.receives) for row in rows)
        key = (said, rows[-1].processing, rows[-1].processed) if rows else said
        if key not in self._flows:
            self._flows[key] = _json(_flow(rows))
        return self._flows[key]


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
