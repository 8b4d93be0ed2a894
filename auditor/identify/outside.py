"""The destinations outside every system that were met: of the catalog, or known by host or address only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.facts.identity import KnownDestination
from auditor.facts.inventory import Component, Gap, Unknown, Workload
from auditor.facts.places import Place
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, UnknownKind
from auditor.identify.places import known_place, merged


class Outside:
    """Collects destinations while ends are resolved; the components come out at the end."""

    def __init__(self, components: Mapping[str, Component]) -> None:
        """Start from the components of the systems: what is one of them is not made twice."""
        self._systems = components
        self._known: dict[str, KnownDestination] = {}
        self._met: dict[str, set[Place]] = {}
        self._titles: dict[str, set[str]] = {}
        self._aliases: dict[str, str] = {}
        self._listeners: dict[str, str] = {}

    def alias(self, known: KnownDestination, component: str) -> None:
        """Note that a vendor's component of a system is this destination of the catalog."""
        self._aliases.setdefault(known.id, component)

    def known(self, known: KnownDestination) -> str:
        """Return the component id of a destination of the catalog."""
        if known.id in self._aliases:
            return self._aliases[known.id]
        if known.id not in self._systems:
            self._known[known.id] = known
        return known.id

    def met(self, id_: str, title: str, place: Place) -> None:
        """Remember a destination that only its host name or address tells apart."""
        if id_ not in self._systems:
            self._met.setdefault(id_, set()).add(place)
            self._titles.setdefault(id_, set()).add(title)

    def listener(self, id_: str, title: str, place: Place, workload: str) -> None:
        """Remember a listener inside a workload of which only the port is known."""
        self.met(id_, title, place)
        self._listeners[id_] = workload

    def components(self, present: Mapping[str, Truth]) -> dict[str, Component]:
        """Return the destinations met so far, by id; ``present`` says which of them data goes to."""
        found = {k.id: _component(k) for k in self._known.values()}
        for id_, places in self._met.items():
            place = merged(places)
            workload = self._listeners.get(id_, id_ if place.inside is True else "")
            found[id_] = Component(id_, min(self._titles[id_]), None, None, "", "", workload, place)
        return {id_: _with_presence(c, present.get(id_, Truth.NO)) for id_, c in found.items()}


def workloads_of(components: Mapping[str, Component]) -> dict[str, Workload]:
    """Return a workload for each host or address inside that no component of a system claims."""
    return {
        c.id: Workload(c.id, c.title, _network(c.id), (c.title,) if c.id.startswith("host:") else (), c.place.zone)
        for c in components.values()
        if c.workload == c.id
    }


def gaps_of(components: Mapping[str, Component], nodes: Mapping[str, tuple[str, ...]]) -> tuple[Gap, ...]:
    """Return one gap for each unrecognised thing inside: it keeps the inventory open.

    An unrecognised listener may send on what it takes, from the address of the workload that it shares: so the
    other components of this node (``nodes``: node id to component ids) are concerned too.
    """
    return tuple(
        _gap(c) if c.workload == c.id else _listener_gap(c, nodes.get(c.workload, ()))
        for _, c in sorted(components.items())
        if c.workload and c.present is not Truth.NO
    )


def _with_presence(component: Component, present: Truth) -> Component:
    reason = "" if present is Truth.YES else "no data was seen to go there, and no flow that is certainly on leads there"
    return replace(component, present=present, present_reason=reason)


def _component(known: KnownDestination) -> Component:
    return Component(
        id=known.id,
        title=known.title,
        plane=known.plane,
        role=known.role,
        system="",
        product="",
        workload="",
        place=known_place(known),
        evidence=known.evidence,
    )


def _network(id_: str) -> tuple[str, ...]:
    if not id_.startswith("addr:"):
        return ()
    address = id_.removeprefix("addr:")
    return (f"{address}/128" if ":" in address else f"{address}/32",)


def _gap(component: Component) -> Gap:
    text = f"{component.title} lies in zone {component.place.zone or 'inside'}, and nothing says what it is or runs."
    unknown = Unknown(
        kind=UnknownKind.INVENTORY_OPEN,
        subject=component.id,
        text=text,
        settled_by=(f"Name {component.title} in the manifest under components:, or under the system that it belongs to.",),
        who=Party.PLATFORM,
    )
    return Gap(Basis.CONFIGURED, "", (component.id,), unknown)


def _listener_gap(component: Component, beside: tuple[str, ...]) -> Gap:
    unknown = Unknown(
        kind=UnknownKind.INVENTORY_OPEN,
        subject=component.id,
        text=f"What listens on {component.title} is not known.",
        settled_by=(
            f"Name what listens on {component.title} under components: in the manifest, with its role and runs_in:.",
            "Supply its configuration, so that it is known where it sends on what it takes.",
        ),
        who=Party.PLATFORM,
    )
    return Gap(Basis.CONFIGURED, "", (component.id, *beside), unknown)
