"""``identify``: one decision for every endpoint of every reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.facts.addresses import is_loopback
from auditor.facts.configuration import Configuration
from auditor.facts.endpoint import Endpoint
from auditor.facts.flows import IntendedFlow
from auditor.facts.identity import HostCatalog, Identity, ProvenWorkloads, ResolvedEdge, ResolvedFlow
from auditor.facts.inventory import Component
from auditor.facts.manifest import Manifest
from auditor.facts.observation import Observation, ObservedEdge
from auditor.facts.places import CUSTOMER, Operator, Place
from auditor.facts.rows import ResolvedEnd
from auditor.facts.tenures import Tenure
from auditor.facts.truth import Truth, all_of, any_of
from auditor.facts.vocabulary import Sighting
from auditor.identify.inventory import Inventory, take_inventory
from auditor.identify.listening import own_workload
from auditor.identify.outside import Outside, gaps_of, workloads_of
from auditor.identify.resolver import Resolver


def identify(
    manifest: Manifest,
    configuration: Configuration,
    observation: Observation | None,
    catalog: HostCatalog,
    tenures: Sequence[Tenure] = (),
) -> Identity:
    """Return who and where both ends of every configured flow and observed edge are.

    Pure and deterministic: the result does not depend on the order of components, zones or edges, except that
    ``edges`` and ``flows`` keep the order of their input.
    """
    inventory = take_inventory(manifest, configuration, catalog)
    outside = Outside(inventory.components)
    for flow in configuration.flows:
        _alias(flow, inventory, outside, catalog)
    answers = _answers(observation)
    resolver = Resolver(manifest, inventory, catalog, outside, answers, tenures)
    edges = tuple(_edge(edge, resolver, catalog) for edge in (observation.edges if observation else ()))
    flows = tuple(_flow(flow, resolver, inventory, outside, answers) for flow in configuration.flows)
    elsewhere = outside.components(_presence(edges, flows))
    components = {**inventory.components, **elsewhere}
    workloads = {**inventory.workloads, **workloads_of(elsewhere)}
    return Identity(
        operators=_operators(components.values(), manifest, catalog),
        zones=tuple(sorted(manifest.zones, key=lambda z: z.id)),
        workloads=tuple(workloads[id_] for id_ in sorted(workloads)),
        components=tuple(components[id_] for id_ in sorted(components)),
        edges=edges,
        flows=flows,
        gaps=gaps_of(elsewhere, inventory.nodes),
        proven=_proven(observation, resolver, frozenset(workloads)),
    )


def _presence(edges: Iterable[ResolvedEdge], flows: Iterable[ResolvedFlow]) -> dict[str, Truth]:
    """Return for every id at an end whether it takes part: it sent a frame, got data, or a flow to it is on."""
    said: dict[str, list[Truth]] = {}
    for edge in edges:
        reached = Truth.of(edge.edge.sighting is Sighting.DATA)
        for end, value in ((edge.source, Truth.YES), (edge.destination, reached)):
            _note_presence(said, end, value)
    for flow in flows:
        _note_presence(said, flow.destination, flow.flow.configured)
    return {id_: any_of(values) for id_, values in said.items()}


def _note_presence(said: dict[str, list[Truth]], end: ResolvedEnd, value: Truth) -> None:
    """Note that a candidate takes part; where another may be meant as well, it does so at most perhaps."""
    perhaps = all_of((value, Truth.UNKNOWN if len(end.candidates) > 1 else Truth.YES))
    for id_ in dict.fromkeys((*end.candidates, end.workload)):
        said.setdefault(id_, []).append(perhaps if id_ in end.candidates else value)


def _alias(flow: IntendedFlow, inventory: Inventory, outside: Outside, catalog: HostCatalog) -> None:
    """Tie the catalog's destination to the vendor's component that a flow names together with its host."""
    component = inventory.components.get(flow.destination_component)
    if component is None or component.workload or not flow.destination.name:
        return
    known = catalog.destination_for_host(flow.destination.name)
    if known is not None and known.id != component.id and known.id not in inventory.components:
        outside.alias(known, component.id)


def _edge(edge: ObservedEdge, resolver: Resolver, catalog: HostCatalog) -> ResolvedEdge:
    span = (edge.first_time, edge.last_time)
    destination = resolver.destination(edge.destination, name_hidden=edge.name_hidden, span=span)
    ran_in = [catalog.region_of_host(host) for host in edge.ran_in]
    countries = None if None in ran_in else tuple(sorted({country for found in ran_in for country in found or ()}))
    via = resolver.proxy(edge.destination, span)
    sure = tuple(sorted({found[0] for found in ran_in if found is not None and len(found) == 1}))
    return ResolvedEdge(edge, resolver.source(edge.source, destination, span), destination, countries, via, sure)


def _flow(
    flow: IntendedFlow, resolver: Resolver, inventory: Inventory, outside: Outside, answers: dict[str, tuple[str, ...]]
) -> ResolvedFlow:
    source = resolver.component(flow.source, flow.destination)
    known = inventory.components.get(flow.source)
    source = ResolvedEnd(source.candidates, source.workload, known.title if known else flow.source, "", "")
    return ResolvedFlow(flow, source, _flow_destination(flow, resolver, inventory, outside, answers))


def _flow_destination(
    flow: IntendedFlow, resolver: Resolver, inventory: Inventory, outside: Outside, answers: dict[str, tuple[str, ...]]
) -> ResolvedEnd:
    endpoint = flow.destination
    if flow.destination_component:
        return resolver.component(flow.destination_component, endpoint)
    if is_loopback(endpoint.name) or is_loopback(endpoint.address):
        return own_workload(flow, inventory, outside)
    if not (endpoint.name or endpoint.address or endpoint.workload_reference or endpoint.catalog_reference):
        id_ = f"unknown:{flow.id}"
        title = f"a place that only a run decides ({flow.purpose})"
        outside.met(id_, title, Place(inside=None, reason="its destination is decided at run time"))
        return ResolvedEnd((), id_, title, "", "")
    end = _with_answers(resolver.destination(endpoint), endpoint.name, outside, resolver, answers)
    return end if endpoint.address else _against_answers(end, endpoint, resolver, answers)


def _with_answers(
    end: ResolvedEnd, name: str, outside: Outside, resolver: Resolver, answers: dict[str, tuple[str, ...]]
) -> ResolvedEnd:
    """Let name lookups in the captures tell where a host lies that neither manifest nor catalog knows."""
    if end.candidates == (f"host:{name}",):
        for address in answers.get(name, ()):
            place = resolver.place_of_address(address)
            if place is not None and not place.zone:
                outside.met(f"host:{name}", name, place)
    return end


def _against_answers(
    end: ResolvedEnd, endpoint: Endpoint, resolver: Resolver, answers: dict[str, tuple[str, ...]]
) -> ResolvedEnd:
    """Return the end as it is, or as a conflict where a lookup leads a name of the inside to an address that is not.

    The other way round nothing is taken back: an outside name at an inside address stays where its name belongs.
    """
    against = []
    for address in answers.get(endpoint.name, ()):
        place = resolver.place_of_address(address)
        other = resolver.destination(replace(endpoint, address=address))
        if other.conflict and (place is None or place.inside is not True):
            against.append(other)
    if not against:
        return end
    candidates = tuple(sorted({*end.candidates, *(c for other in against for c in other.candidates)}))
    return replace(end, candidates=candidates, workload=f"host:{endpoint.name}", conflict=end.conflict or against[0].conflict)


def _answers(observation: Observation | None) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for answer in observation.answers if observation else ():
        if answer.address:
            found.setdefault(answer.name, set()).add(answer.address)
    return {name: tuple(sorted(addresses)) for name, addresses in found.items()}


def _operators(components: Iterable[Component], manifest: Manifest, catalog: HostCatalog) -> tuple[Operator, ...]:
    """Return every organisation that a component or a contract names, the customer always among them."""
    ids = {CUSTOMER}
    for component in components:
        ids |= {component.place.operator, component.place.hosted_by, component.policy_by}
    for contract in manifest.contracts:
        ids |= {contract.provider, *(name for name in contract.sub_processors if catalog.operator(name))}
    ids.discard("")
    title = {CUSTOMER: "the customer"}
    return tuple(catalog.operator(id_) or Operator(id_, title.get(id_, id_), "") for id_ in sorted(ids))


def _proven(observation: Observation | None, resolver: Resolver, workloads: frozenset[str]) -> tuple[ProvenWorkloads, ...]:
    """Return which workloads sent a frame into which source; an address that two claim proves neither.

    A source that would not show what is missing proves nobody: that it shows a workload at work says nothing of what it
    does not show.
    """
    result = []
    for coverage in observation.coverage if observation else ():
        seen: set[str] = set()
        for address in coverage.addresses if not coverage.unproving else ():
            nodes = resolver.nodes(address) if not resolver.changes_hands(address) else ()
            if len(nodes) == 1:
                seen.add(nodes[0])
            elif not nodes and f"addr:{address}" in workloads:
                seen.add(f"addr:{address}")
        result.append(ProvenWorkloads(coverage.id, tuple(sorted(seen))))
    return tuple(result)
