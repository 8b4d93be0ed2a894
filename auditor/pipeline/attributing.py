"""Who the ends of the edges of a reduced flow table are: by a deployment's manifest and inventories, or by inventories alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from auditor.catalog import load_catalog
from auditor.errors import Diagnostic, NothingToAuditError
from auditor.facts.configuration import Configuration
from auditor.facts.manifest import Manifest
from auditor.facts.observation import Observation, ObservedEdge
from auditor.facts.rows import ResolvedEnd
from auditor.facts.tenures import Tenure
from auditor.identify import changes_of, held, identify, open_time, tenures_of
from auditor.pipeline.gathering import read_configuration
from auditor.pipeline.host_catalog import CatalogDestinations

_EMPTY = Configuration((), (), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who the ends of one edge are."""

    source: str
    """Component or holder, several joined by a bar; empty where it is not established."""
    destination: str
    """Component, destination of the catalog, or holder."""
    operator: str
    """Who operates the destination, by the catalog; empty where it is not known there."""
    why_open: str
    """Why the source is not established although inventories know its address; what contradicts itself."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What ends are told by."""

    manifest: Manifest | None
    tenures: tuple[Tenure, ...]
    changes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """When addresses change hands, for the reduction."""


def read_ground(paths: tuple[Path, ...]) -> Ground:
    """Return the manifest and inventories at ``paths``.

    Raises:
        UsageError: a path that does not exist, or more paths beside a manifest.
        UnreadableError: a named file cannot be read.
        InvalidInputError: a malformed manifest.
        NothingToAuditError: there is no manifest and no inventory that shows who had an address when.
    """
    _, manifest, documents, _ = read_configuration(paths, load_catalog())
    tenures = tenures_of(documents, manifest.inputs if manifest is not None else ())
    if manifest is None and not tenures:
        raise NothingToAuditError(
            Diagnostic(
                "nothing there tells who had an address",
                path=str(paths[0]),
                next_step="name a folder with auditor.yaml, or exports such as kubectl get pods -A -o json (docs/logs.md)",
            )
        )
    return Ground(manifest, tenures, changes_of(tenures))


def attribute(edges: Sequence[ObservedEdge], ground: Ground) -> list[Attribution]:
    """Return who the ends of ``edges`` are, in their order; pure."""
    catalog = CatalogDestinations(load_catalog())
    known: dict[str, list[Tenure]] = {}
    for tenure in ground.tenures:
        known.setdefault(tenure.address, []).append(tenure)
    if ground.manifest is None:
        return [_by_inventory(edge, known, catalog) for edge in edges]
    found = identify(ground.manifest, _EMPTY, Observation(tuple(edges), (), ()), catalog, ground.tenures)
    operators = {component.id: component.place.operator for component in found.components}
    return [
        Attribution(
            "|".join(one.source.candidates),
            "|".join(one.destination.candidates),
            "|".join(sorted({operators.get(id_, "") for id_ in one.destination.candidates} - {""})),
            _open((one.source, one.destination)),
        )
        for one in found.edges
    ]


def _open(ends: Iterable[ResolvedEnd]) -> str:
    return "; ".join(text for end in ends for text in (end.why, end.conflict) if text)


def _by_inventory(edge: ObservedEdge, known: Mapping[str, Sequence[Tenure]], catalog: CatalogDestinations) -> Attribution:
    """Return the holders of both addresses during all of the edge; a name tells more of the destination."""
    span = (edge.first_time, edge.last_time)
    told, why = {}, []
    for end, address in (("source", edge.source.address), ("destination", edge.destination.address)):
        of_address = known.get(address, ())
        one, holders = held(of_address, span)
        told[end] = one.holder.title if one is not None else ""
        if one is None and of_address:
            why.append(open_time(address, of_address, holders))
    service = catalog.destination_for_host(edge.destination.name) if edge.destination.name else None
    return Attribution(
        told["source"],
        service.id if service is not None else told["destination"],
        service.operator if service is not None else "",
        "; ".join(why),
    )
