"""Whether a component takes part at all: a destination that no flow goes to is only a name in a catalog."""

from __future__ import annotations

from auditor.evaluate.matching import Scene
from auditor.evaluate.words import joined
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Component, Unknown
from auditor.facts.places import Place
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth, all_of, any_of
from auditor.facts.vocabulary import Party, UnknownKind

_NAME_IT = "Name it under components: in the manifest, with its plane, role, zone and hosts."
_ANSWER = ("Supply a dated vendor document, or an export of the setting, that answers it (inputs: in the manifest).",)


class Presence:
    """Presence of every component of a scene, and the evidence for it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._touching: dict[str, list[FlowRow]] = {}
        self._decided: dict[str, Truth] = {}
        for row, (source, destination) in zip(scene.model.rows, scene.ends, strict=True):
            for end in dict.fromkeys((*source, *destination)):
                self._touching.setdefault(end, []).append(row)

    def of(self, component: Component) -> Truth:
        """Return whether ``component`` takes part: outside every system it does so only by a flow.

        A flow that may as well go to another component decides nothing by itself: it neither brings this one in,
        nor, where it does not exist, keeps out what is known without it.
        """
        if component.id not in self._decided:
            self._decided[component.id] = self._decide(component)
        return self._decided[component.id]

    def _decide(self, component: Component) -> Truth:
        rows = self._touching.get(component.id, [])
        if component.system or component.place.inside or not rows:
            return component.present
        alone = [(component.id,) in (self._scene.source(row), self._scene.destination(row)) for row in rows]
        if not any(alone):
            return all_of((component.present, Truth.UNKNOWN))
        flows = [row.exists if own else all_of((row.exists, Truth.UNKNOWN)) for row, own in zip(rows, alone, strict=True)]
        return all_of((component.present, any_of(flows)))

    def evidence(self, component: Component) -> tuple[Evidence, ...]:
        """Return the evidence on ``component``, else that of the first row that touches it and has any."""
        if component.evidence:
            return component.evidence
        rows = (row for row in self._touching.get(component.id, []) if row.evidence)
        certain = sorted(rows, key=lambda row: row.exists is not Truth.YES)
        return certain[0].evidence if certain else ()

    def rows(self, component: Component) -> tuple[FlowRow, ...]:
        """Return the rows that touch ``component``, in the model's order."""
        return tuple(self._touching.get(component.id, ()))


def _spread(place: Place) -> str:
    """Return the countries of a place that spreads over several, of which a control may accept only some."""
    found = [
        f"{verb} in any of {', '.join(countries)}"
        for verb, countries in (("processes", place.processing), ("stores", place.storage))
        if countries is not None and len(countries) > 1
    ]
    return f", or not narrow enough: it {joined(found)}" if found else ""


def component_doubts(component: Component, present: Truth, rows: tuple[FlowRow, ...]) -> tuple[Unknown, ...]:
    """Return why it is not known whether ``component`` meets a selector, most basic reason first."""
    if present is Truth.UNKNOWN:
        inherited = [u for row in rows if row.exists is Truth.UNKNOWN for u in row.unknowns]
        # What is outside every system is there only by a flow: what leaves the flow open says more than that there is none.
        if inherited and not component.system:
            return tuple(inherited)
        why = f": {component.present_reason}" if component.present_reason else ""
        text = f"Whether {component.title or component.id} takes part in this deployment is not known{why}."
        return (Unknown(UnknownKind.FACT_UNKNOWN, component.id, text, _ANSWER, Party.VENDOR),)
    place, title = component.place, component.title or component.id
    if component.plane is None or component.role is None:
        text = f"What {title} is for is not known: nothing explains it."
        return (Unknown(UnknownKind.DESTINATION_UNKNOWN, component.id, text, (_NAME_IT, *_ANSWER), Party.PLATFORM),)
    if place.inside is None:
        why = f": {place.reason}" if place.reason else ""
        text = f"Whether {title} is inside the perimeter is not known{why}."
        steps = ("Say in the manifest in which zone it lies.",)
        return (Unknown(UnknownKind.PLACE_UNKNOWN, component.id, text, steps, Party.PLATFORM),)
    if not place.operator or not place.hosted_by:
        text = f"Who operates {title}, and on whose machines, is not known."
        return (Unknown(UnknownKind.OPERATOR_UNKNOWN, component.id, text, _ANSWER, Party.VENDOR),)
    text = f"A fact about {title} (its country or product) is not known{_spread(place)}."
    return (Unknown(UnknownKind.FACT_UNKNOWN, component.id, text, _ANSWER, Party.VENDOR),)
