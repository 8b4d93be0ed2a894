"""``auditor model``: what the configuration alone tells, before any judgement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from auditor.catalog import Catalog, EndpointEntry, load_catalog
from auditor.catalog.moving import idle_settings
from auditor.config import HostPort, Surroundings, configure, recognise_systems
from auditor.errors import Diagnostic, NothingToAuditError
from auditor.facts.configuration import Configuration, Process
from auditor.facts.evidence import CatalogLocation, Evidence, FileLocation
from auditor.facts.flows import IntendedFlow
from auditor.facts.hosts import is_address
from auditor.facts.inventory import Unknown
from auditor.facts.manifest import Manifest, SystemEntry
from auditor.facts.portrait import Portrait, PortraitDestination, PortraitProcess, PortraitSystem
from auditor.facts.settings import Setting, SettingState
from auditor.facts.truth import Truth
from auditor.manifest import assumed_manifest
from auditor.pipeline.gathering import read_configuration


def portray(paths: tuple[Path, ...], overlay: Path | None = None) -> Portrait:
    """Return what the configuration below ``paths`` makes the products do.

    Args:
        paths: a deployment folder with a manifest, or files and folders without one.
        overlay: a folder laid over the shipped catalog.

    Raises:
        UsageError, UnreadableError, InvalidInputError: as for ``gather``.
        NothingToAuditError: no configuration file was read.
    """
    catalog = load_catalog(overlay)
    base, manifest, documents, missing = read_configuration(paths, catalog)
    if not documents:
        raise NothingToAuditError(
            Diagnostic(
                what="nothing to show: no configuration file was recognised",
                path=str(paths[0]),
                next_step="name the files; captures and policies are read by check, flows and permits",
            )
        )
    if manifest is None:
        manifest = assumed_manifest(base.resolve().name, recognise_systems(documents, catalog), ())
    found = configure(documents, manifest, catalog)
    flows = _of_seen_workloads(found, manifest, catalog) if manifest.assumed else found.flows
    return Portrait(
        deployment=manifest.deployment,
        assumed=manifest.assumed,
        systems=tuple(_system(entry, found, catalog) for entry in manifest.systems),
        processes=tuple(_process(p) for p in found.processes),
        settings=tuple(s for s in found.settings if _says_something(s)),
        flows=flows,
        destinations=_destinations(found, flows, manifest, catalog),
        unknowns=tuple(dict.fromkeys(_unknowns(found, flows))),
        not_examined=tuple(sorted((*missing, *found.not_examined), key=lambda m: (m.path, m.reason))),
        idle=tuple(sorted(_idle(found, manifest, catalog))),
    )


def _system(entry: SystemEntry, found: Configuration, catalog: Catalog) -> PortraitSystem:
    files = tuple(path for path, what in found.recognised if what.startswith(f"{entry.id}: "))
    title = catalog.product(entry.product).title
    return PortraitSystem(entry.id, entry.product, title, entry.version, tuple(dict.fromkeys(files)))


def _process(process: Process) -> PortraitProcess:
    return PortraitProcess(process.name, process.packaging, process.image, process.systems, _place(process.evidence))


def _says_something(setting: Setting) -> bool:
    return setting.state in (SettingState.SET, SettingState.UNKNOWN) or any(source.used for source in setting.chain)


def _idle(found: Configuration, manifest: Manifest, catalog: Catalog) -> Iterable[str]:
    shown = {f"{s.system}/{s.key}" for s in found.settings if _says_something(s)}
    for entry in manifest.systems:
        yield from (key for name in idle_settings(catalog.product(entry.product)) if (key := f"{entry.id}/{name}") in shown)


def _unknowns(found: Configuration, flows: Iterable[IntendedFlow]) -> Iterable[Unknown]:
    yield from (gap.unknown for gap in found.gaps)
    for flow in flows:
        yield from flow.unknowns


def _of_seen_workloads(found: Configuration, manifest: Manifest, catalog: Catalog) -> tuple[IntendedFlow, ...]:
    """Return the flows of the parts of a product that the files show: a template of workspaces shows no server."""
    seen: dict[str, set[str]] = {entry.id: set() for entry in manifest.systems}
    for _, what in found.recognised:
        system, _, part = what.partition(": ")
        product = catalog.product(next(e.product for e in manifest.systems if e.id == system))
        scope = next((s for s in product.scopes if s.id == part), None)
        whole = {w.id for w in product.workloads} if scope is not None and not scope.workload else set()
        seen[system] |= whole or {scope.workload if scope is not None else part.rpartition(" of ")[2]}
        seen[system] |= {w.id for w in product.workloads if w.made_by in seen[system]}
    whole = {e.id for e in manifest.systems if _main(e, catalog) in {"", *seen[e.id]}}
    return tuple(
        flow
        for flow in found.flows
        if _runs_in(flow, manifest, catalog) in {"", *seen[flow.system]}
        and (flow.system in whole or flow.configured is not Truth.UNKNOWN)
    )


def _main(entry: SystemEntry, catalog: Catalog) -> str:
    """Return the workload whose settings decide most of what a product does; without it, open flows are anybody's guess."""
    workloads = catalog.product(entry.product).workloads
    return workloads[0].id if workloads else ""


def _runs_in(flow: IntendedFlow, manifest: Manifest, catalog: Catalog) -> str:
    """Return the workload that the flow starts from, empty for one of an outside component."""
    product = catalog.product(next(e.product for e in manifest.systems if e.id == flow.system))
    component = product.component(flow.source.partition("/")[2])
    return component.runs_in if component is not None else ""


@dataclass(slots=True)
class _Leading:
    """What leads to one host."""

    states: list[Truth] = field(default_factory=list)
    because: list[str] = field(default_factory=list)
    flows: list[IntendedFlow] = field(default_factory=list)

    def add(self, state: Truth, because: str) -> None:
        self.states.append(state)
        self.because.append(because)


def _destinations(
    found: Configuration, flows: Iterable[IntendedFlow], manifest: Manifest, catalog: Catalog
) -> tuple[PortraitDestination, ...]:
    hosts: defaultdict[str, _Leading] = defaultdict(_Leading)
    for flow in flows:
        host = _outside_host(flow, manifest)
        if host:
            hosts[host].add(flow.configured, flow.id)
            hosts[host].flows.append(flow)
        if flow.otherwise and flow.configured is not Truth.NO:
            hosts[flow.otherwise].add(Truth.UNKNOWN, f"{flow.id}, unless the open value says otherwise")
    for named in found.named_hosts:
        hosts[named.host].add(Truth.UNKNOWN, f"{named.name} ({_place(named.evidence)})")
    return tuple(_destination(host, hosts[host], catalog) for host in sorted(hosts))


def _outside_host(flow: IntendedFlow, manifest: Manifest) -> str:
    """Return where the flow goes, empty for a component of the deployment and for what the manifest puts inside."""
    if flow.destination_component and not (flow.destination.name or flow.destination.address):
        return ""
    name, address = flow.destination.name, flow.destination.address
    if not (name or address) or Surroundings.of(manifest).hold(HostPort(name, address)):
        return ""
    return name or address


def _destination(host: str, leading: _Leading, catalog: Catalog) -> PortraitDestination:
    entry = None if is_address(host) else catalog.endpoint_for_host(host)
    state = next(t for t in (Truth.YES, Truth.UNKNOWN, Truth.NO) if t in leading.states)
    processing, reason = _processing(entry, leading.flows)
    return PortraitDestination(
        host=host,
        operator=entry.operator if entry else "",
        role=entry.role.value if entry else "",
        processing=processing,
        processing_reason=reason,
        state=state.value,
        because=tuple(sorted(set(leading.because))),
    )


def _processing(entry: EndpointEntry | None, flows: list[IntendedFlow]) -> tuple[tuple[str, ...], str]:
    """Return the countries of all flows to one host, or why they are not known.

    What a flow itself decides (the inference profile of a model id) goes before what the host tells.
    """
    countries: set[str] = set()
    own = [flow for flow in flows if flow.processing is not None or flow.processing_reason]
    for flow in own:
        if flow.processing is None:
            return (), flow.processing_reason
        countries.update(flow.processing)
    if len(own) < len(flows) or not flows:
        settled, reason = entry.told_by_host if entry else (None, "")
        if not settled:
            return (), reason
        countries.update(settled)
    return tuple(sorted(countries)), ""


def _place(evidence: Evidence) -> str:
    location = evidence.location
    if isinstance(location, FileLocation):
        return f"{location.path}:{location.line}"
    return location.file if isinstance(location, CatalogLocation) else ""
