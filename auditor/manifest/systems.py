"""``systems:`` and ``components:``."""

from __future__ import annotations

from auditor.documents.tree import Node
from auditor.facts.manifest import ComponentEntry, SystemEntry
from auditor.facts.vocabulary import Plane, Role
from auditor.manifest.hosting import check_hosts
from auditor.manifest.reading import Reading, listed, text
from auditor.manifest.zones import check_zone


def read_systems(reading: Reading, zones: set[str]) -> tuple[SystemEntry, ...]:
    """Return the systems in the order of the file; an id left out is the product's."""
    node = reading.document.root.get("systems")
    systems: list[SystemEntry] = []
    first: dict[str, Node] = {}
    for entry in node.items if node is not None else ():
        system = _system(reading, entry, zones)
        named = entry.get("id") or entry.get("product") or entry
        before = first.setdefault(system.id, named)
        if before is not named:
            reading.fault(
                named,
                f'system id "{system.id}" is given twice',
                reading.first_at(before, named),
                "give each system its own id:",
            )
        systems.append(system)
    return tuple(systems)


def read_components(reading: Reading, zones: set[str], systems: set[str]) -> tuple[ComponentEntry, ...]:
    """Return the components outside every system, in the order of the file."""
    node = reading.document.root.get("components")
    components: list[ComponentEntry] = []
    first: dict[str, Node] = {}
    for entry in node.items if node is not None else ():
        name = entry.get("id") or entry
        before = first.setdefault(name.text, name)
        if before is not name or name.text in systems:
            place = "as a system" if name.text in systems else reading.first_at(before, name)
            reading.fault(name, f'component id "{name.text}" is given twice', place, "give each component its own id")
        components.append(_component(reading, name, entry, zones))
    return tuple(components)


def check_hosts_of_components(reading: Reading, systems: tuple[SystemEntry, ...], outer: tuple[ComponentEntry, ...]) -> None:
    """Note a fault for each ``runs_in`` that names no system or component, goes in a circle or leads to another zone."""
    known = {s.id for s in systems}
    single = {c.id for c in outer}
    for node in _runs_in(reading.document.root):
        system, slash, _ = node.text.partition("/")
        if not (slash and system in known) and node.text not in single:
            reading.fault(
                node,
                f'runs_in names "{node.text}", which is no component here',
                f"systems: {listed(known)}; components: {listed(single)}",
                "write it like coder/workspace",
            )
    check_hosts(reading)


def _runs_in(root: Node) -> list[Node]:
    found: list[Node] = []
    for path, node in root.walk():
        if path and path[-1] == "runs_in" and path[0] in ("systems", "components"):
            found.append(node)
    return found


def _system(reading: Reading, entry: Node, zones: set[str]) -> SystemEntry:
    zone = text(entry, "zone")
    check_zone(reading, entry.get("zone"), zones, "system names")
    components = entry.get("components")
    return SystemEntry(
        id=text(entry, "id") or text(entry, "product"),
        product=text(entry, "product"),
        version=text(entry, "version"),
        zone=zone,
        components=tuple(
            _component(reading, key, value, zones, zone) for key, value in (components.entries if components else ())
        ),
        location=reading.locate(entry),
    )


def _component(reading: Reading, name: Node, entry: Node, zones: set[str], zone: str = "") -> ComponentEntry:
    check_zone(reading, entry.get("zone"), zones, "component names")
    plane, role = text(entry, "plane"), text(entry, "role")
    return ComponentEntry(
        id=name.text,
        plane=Plane(plane) if plane else None,
        role=Role(role) if role else None,
        zone=text(entry, "zone") or zone,
        networks=reading.networks(entry.get("networks")),
        hosts=reading.hosts(entry.get("hosts")),
        runs_in=text(entry, "runs_in"),
        title=text(entry, "title"),
        location=reading.locate(name),
    )
