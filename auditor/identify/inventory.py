"""The inventory: what the configuration found, completed by what the manifest says of addresses and zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from auditor.facts.configuration import Configuration
from auditor.facts.identity import HostCatalog
from auditor.facts.inventory import Component, Workload
from auditor.facts.manifest import ComponentEntry, Manifest
from auditor.facts.places import Place, Zone
from auditor.facts.truth import Truth
from auditor.identify.places import component_place


@dataclass(frozen=True, slots=True)
class Inventory:
    """Components with their places, workloads with their addresses, and which components share a node.

    A *node* is what packets can tell apart: a workload, or a component that has none.
    """

    components: Mapping[str, Component]
    workloads: Mapping[str, Workload]
    nodes: Mapping[str, tuple[str, ...]]
    """Node id to the sorted ids of the components that are or may be present there."""

    def node_of(self, component: str) -> str:
        """Return the node of a component; an id that nothing describes is its own node."""
        known = self.components.get(component)
        return (known.workload if known else "") or component

    def place_of(self, node: str) -> Place:
        """Return the place of a node, that of its first component."""
        return self.components[self.nodes[node][0]].place


@dataclass(frozen=True, slots=True)
class _Entry:
    """One component entry of the manifest with the id it speaks of and the zone of its system."""

    component: str
    system: str
    product: str
    default_zone: str
    entry: ComponentEntry


def take_inventory(manifest: Manifest, configuration: Configuration, catalog: HostCatalog) -> Inventory:
    """Return the inventory; every component that the manifest or the configuration names is in it."""
    zones = {z.id: z for z in manifest.zones}
    system_zone = {s.id: s.zone for s in manifest.systems}
    components = {c.id: c for c in configuration.components}
    workloads = {w.id: w for w in configuration.workloads}
    entries = sorted(_entries(manifest), key=lambda e: e.component)
    explicit: dict[str, str] = {}
    for entry in entries:
        _describe(entry, components, workloads)
        if entry.entry.zone:
            explicit[entry.component] = entry.entry.zone
    hosts = {e.component: e.entry.runs_in for e in entries if e.entry.runs_in}
    for entry in entries:
        _share(entry, hosts, components, workloads)
    for id_, component in components.items():
        own = zones.get(explicit.get(id_, ""))
        shared = workloads.get(component.workload)
        default = (shared.zone if shared else "") or system_zone.get(component.system, "")
        components[id_] = replace(component, place=component_place(component, own, zones.get(default), catalog))
    for entry in entries:
        _check_host(entry, hosts, components, workloads)
    return Inventory(components, _zoned(workloads, components, zones), _nodes(components))


def _entries(manifest: Manifest) -> Iterator[_Entry]:
    for system in manifest.systems:
        for entry in system.components:
            yield _Entry(f"{system.id}/{entry.id}", system.id, system.product, system.zone, entry)
    for entry in manifest.components:
        yield _Entry(entry.id, "", "", "", entry)


def _describe(item: _Entry, components: dict[str, Component], workloads: dict[str, Workload]) -> None:
    """Add the addresses of a manifest entry to the workload that it speaks of; create what is not there yet."""
    entry = item.entry
    if item.component not in components and item.component in workloads:
        workloads[item.component] = _with_addresses(workloads[item.component], entry)
        return
    component = components.get(item.component)
    if component is None:
        place = Place(inside=None)
        component = Component(
            item.component, entry.title or entry.id, entry.plane, entry.role, item.system, item.product, "", place
        )
    if not component.workload and component.place.inside is None and not entry.runs_in:
        component = replace(component, workload=item.component)
    components[item.component] = component
    if component.workload:
        known = workloads.get(component.workload) or Workload(component.workload, component.title, (), (), "")
        workloads[component.workload] = _with_addresses(known, entry)


def _share(item: _Entry, hosts: Mapping[str, str], components: dict[str, Component], workloads: dict[str, Workload]) -> None:
    """Move a component into the workload of the one in which it runs, at the end of the chain."""
    if item.entry.runs_in and item.component in components:
        last = _hosts_of(item, hosts)[-1]
        host = components.get(last)
        target = host.workload if host and host.workload else last
        components[item.component] = replace(components[item.component], workload=target)
        if target in workloads:
            workloads[target] = _with_addresses(workloads[target], item.entry)


def _hosts_of(item: _Entry, hosts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the chain of ``runs_in``; the manifest has no circles, and one would end before it repeats."""
    chain = [item.entry.runs_in]
    while chain[-1] in hosts and hosts[chain[-1]] not in (item.component, *chain):
        chain.append(hosts[chain[-1]])
    return tuple(chain)


def _check_host(
    item: _Entry, hosts: Mapping[str, str], components: dict[str, Component], workloads: Mapping[str, Workload]
) -> None:
    """Leave the place of a component open that is said to run where nothing is known to be, or elsewhere than it lies."""
    guest = components.get(item.component)
    if guest is None or not item.entry.runs_in:
        return
    reason = ""
    for name in _hosts_of(item, hosts):
        host = components.get(name)
        if host is None and name not in workloads:
            reason = reason or f"it runs in {name}, which nothing describes"
        elif host is not None and host.place.inside is not guest.place.inside:
            reason = reason or f"it runs in {name}, and the two do not lie on the same side of the perimeter"
    if reason:
        place = replace(guest.place, inside=None, processing=None, storage=None, reason=reason)
        components[item.component] = replace(guest, place=place)


def _with_addresses(workload: Workload, entry: ComponentEntry) -> Workload:
    return replace(
        workload,
        networks=tuple(sorted({*workload.networks, *entry.networks})),
        hosts=tuple(sorted({*workload.hosts, *entry.hosts})),
    )


def _zoned(
    workloads: Mapping[str, Workload], components: Mapping[str, Component], zones: Mapping[str, Zone]
) -> dict[str, Workload]:
    """Return the workloads in which a component runs, each in the zone in which its components are."""
    found: dict[str, set[str]] = {}
    for component in components.values():
        found.setdefault(component.workload, set()).add(component.place.zone)
    result = {}
    for id_ in sorted(workloads.keys() & found.keys()):
        seen = found[id_] & zones.keys()
        result[id_] = replace(workloads[id_], zone=seen.pop() if len(seen) == 1 else "")
    return result


def _nodes(components: Mapping[str, Component]) -> dict[str, tuple[str, ...]]:
    """Return the components by node: those ruled out only where nothing else could be meant."""
    present: dict[str, list[str]] = {}
    ruled_out: dict[str, list[str]] = {}
    for component in components.values():
        group = ruled_out if component.present is Truth.NO else present
        group.setdefault(component.workload or component.id, []).append(component.id)
    return {node: tuple(sorted(ids)) for node, ids in {**ruled_out, **present}.items()}
