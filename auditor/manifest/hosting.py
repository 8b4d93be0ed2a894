"""``runs_in:`` of the manifest: what runs in what, without circles, and both in one zone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.documents.tree import Node
from auditor.manifest.reading import Reading, text


@dataclass(frozen=True, slots=True)
class Stated:
    """One component as the manifest writes it."""

    id: str
    """Full id: ``coder/workspace``, or ``git`` for one under ``components:``."""
    entry: Node
    zone: str
    """Its own zone, else its system's; empty without either."""


def stated_components(root: Node) -> Iterator[Stated]:
    """Yield the components of a manifest, in the order of the file: those of systems first."""
    systems, outer = root.get("systems"), root.get("components")
    for system in systems.items if systems is not None else ():
        system_id = text(system, "id") or text(system, "product")
        components = system.get("components")
        for key, entry in components.entries if components is not None else ():
            yield Stated(f"{system_id}/{key.text}", entry, text(entry, "zone") or text(system, "zone"))
    for entry in outer.items if outer is not None else ():
        yield Stated(text(entry, "id"), entry, text(entry, "zone"))


def check_hosts(reading: Reading) -> None:
    """Note a fault for each circle of ``runs_in``, and for each that leads from one zone into another."""
    root = reading.document.root
    stated = {item.id: item for item in stated_components(root)}
    told: set[str] = set()
    for item in stated.values():
        circle = _circle(item.id, stated)
        node = item.entry.get("runs_in")
        if node is None:
            continue
        if circle and not told.intersection(circle):
            told.update(circle)
            way = " -> ".join((*circle, circle[0]))
            reading.fault(node, f"runs_in goes in a circle: {way}", "nothing says where they run", "take one runs_in out")
        host = _zone_of(node.text, stated, root)
        if item.zone and host and host != item.zone:
            what = f"{item.id} lies in zone {item.zone}, and {node.text}, in which it runs, in zone {host}"
            why = "whatever runs in a workload is where the workload is"
            reading.fault(node, what, why, f'write "zone: {host}" for {item.id}, or correct the zone of {node.text}')


def _circle(start: str, stated: Mapping[str, Stated]) -> tuple[str, ...]:
    """Return the components that lead from ``start`` back to it, beginning with it; empty when they do not."""
    way = [start]
    while True:
        item = stated.get(way[-1])
        target = text(item.entry, "runs_in") if item is not None else ""
        if target == start:
            return tuple(way)
        if not target or target in way:
            return ()
        way.append(target)


def _zone_of(component: str, stated: Mapping[str, Stated], root: Node) -> str:
    """Return the zone of a component that the manifest need not list: without an entry, that of its system."""
    if component in stated:
        return stated[component].zone
    systems = root.get("systems")
    owner = component.partition("/")[0]
    found = [s for s in (systems.items if systems is not None else ()) if (text(s, "id") or text(s, "product")) == owner]
    return text(found[0], "zone") if found else ""
