"""A deployment in miniature: a model from a few words, every fact that is not written as harmless as a fact can be.

What a place, a component or a store does not say is unknown; all evidence is complete unless ``missing`` names a basis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.graph import FlowGraph
from auditor.facts.inventory import Component, Gap, Store, Unknown, Workload
from auditor.facts.manifest import Manifest
from auditor.facts.model import Model
from auditor.facts.observation import SourceCoverage
from auditor.facts.permission import Permission, Strength
from auditor.facts.places import Countries, Place, Zone
from auditor.facts.rows import Channel, FlowRow, ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import (
    Basis,
    DataClass,
    Plane,
    Role,
    RowName,
    Sighting,
    Stage,
    Transport,
    UnknownKind,
)

GraphOf = Callable[[Sequence[Component], Sequence[FlowRow]], FlowGraph]
Facts = Mapping[str, Any]
"""Mappings, lists and texts of the examples file, which its schema has checked."""

AS_OF = "2026-01-31T12:00:00Z"
"""The date of every miniature: its capture ends an hour before."""
UNKNOWN = "unknown"
_NETWORK = "192.0.2.0/24"
_ADDRESS = "192.0.2.10"
_PORT = 443
_WATCHED = 31 * 24 * 3600.0
_PLACE = ("perimeter", "operator", "hosted_by", "processing", "storage", "operator_country")
_NAMES = {Truth.YES: RowName.SILENT, Truth.NO: RowName.ABSENT, Truth.UNKNOWN: RowName.POSSIBLE}
_SIGHTINGS = {"data": Sighting.DATA, "attempt": Sighting.ATTEMPT, "none": Sighting.NONE_COVERED}
_SEEN = {Sighting.DATA: RowName.CONFIRMED, Sighting.ATTEMPT: RowName.ATTEMPTED}


def miniature(facts: Facts, name: str, location: FileLocation, graph_of: GraphOf) -> Model:
    """Return the model that ``facts`` describe; ``location`` stands for the evidence of all of them."""
    evidence = (Evidence(Basis.CONFIGURED, location, name),)
    components = tuple(_component(i, facts, evidence) for i in sorted(facts.get("components", {})))
    by_id = {c.id: c for c in components}
    rows = tuple(sorted((_row(n, f, by_id, evidence) for n, f in facts.get("flows", {}).items()), key=lambda r: r.id))
    stage = Stage(facts.get("stage", Stage.OPERATE))
    zones = tuple(_zone(place, facts["places"][place]) for place in sorted(facts.get("places", {})))
    return Model(
        manifest=_manifest(name, location, zones),
        stage=stage,
        operators=(),
        zones=zones,
        workloads=tuple(Workload(c.id, c.title, (_NETWORK,), (), c.place.zone) for c in components if c.workload),
        components=components,
        stores=tuple(_store(n, s, evidence) for n, s in sorted(facts.get("stores", {}).items())),
        settings=(),
        channels=_channels(facts.get("flows", {}), rows),
        rows=rows,
        gaps=tuple(_gap(Basis(basis)) for basis in facts.get("missing", ())),
        coverage=(_coverage(zones),) if stage is Stage.OPERATE else (),
        not_examined=(),
        graph=graph_of(components, rows),
    )


def _known(facts: Facts, key: str) -> str:
    found = str(facts.get(key, ""))
    return "" if found == UNKNOWN else found


def _countries(facts: Facts, key: str) -> Countries:
    found = facts.get(key, UNKNOWN)
    return None if found == UNKNOWN else tuple(sorted(found))


def _place(name: str, facts: Facts) -> Place:
    inside = {"inside": True, "outside": False}.get(_known(facts, "perimeter"))
    return Place(
        inside=inside,
        operator=_known(facts, "operator"),
        hosted_by=_known(facts, "hosted_by"),
        processing=_countries(facts, "processing"),
        storage=_countries(facts, "storage"),
        operator_country=_known(facts, "operator_country"),
        zone=name if inside else "",
    )


def _zone(name: str, facts: Facts) -> Zone:
    place = _place(name, facts)
    networks = (_NETWORK,) if place.inside else ()
    return Zone(name, place.operator, place.hosted_by, place.processing, place.storage, networks, (), inside=place.inside is True)


def _component(identifier: str, facts: Facts, evidence: tuple[Evidence, ...]) -> Component:
    """Return a component: what it does not say of its place is that of the place that it names."""
    own: Facts = facts["components"][identifier]
    named = str(own.get("place", ""))
    spoken = {**facts.get("places", {}).get(named, {}), **{key: own[key] for key in _PLACE if key in own}}
    place = _place(named, spoken)
    plane, role = _known(own, "plane"), _known(own, "role")
    return Component(
        id=identifier,
        title=identifier,
        plane=Plane(plane) if plane else None,
        role=Role(role) if role else None,
        system="" if place.inside is False else identifier.partition("/")[0],
        product=_known(own, "product"),
        workload=identifier if place.inside else "",
        place=place,
        present=Truth(own.get("present", Truth.YES)),
        evidence=evidence,
    )


def _ends(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(sorted(value))


def _classes(facts: Facts, *keys: str) -> tuple[DataClass, ...]:
    found = {text for key in keys for text in facts.get(key, ())}
    return tuple(c for c in DataClass if c in found)


def _channel_id(facts: Facts) -> str:
    return f"{'|'.join(_ends(facts['from']))}>{'|'.join(_ends(facts['to']))}/tcp/{_PORT}"


def _row(name: str, facts: Facts, components: Mapping[str, Component], evidence: tuple[Evidence, ...]) -> FlowRow:
    sources, destinations = _ends(facts["from"]), _ends(facts["to"])
    exists, sighting = Truth(facts.get("exists", Truth.YES)), _SIGHTINGS[facts.get("traffic", "none")]
    going = Truth.YES if sighting is Sighting.DATA else exists
    places = [components[d].place.processing for d in destinations]
    together = None if None in places else tuple(sorted({c for found in places for c in found or ()}))
    return FlowRow(
        id=f"{sources[0]}>{destinations[0]}#{name}",
        channel=_channel_id(facts),
        flow=name,
        purpose=str(facts.get("purpose", name)),
        source=sources[0],
        source_candidates=sources,
        destination=destinations[0],
        destination_candidates=destinations,
        declared=Truth.UNKNOWN,
        configured=exists,
        permitted=Truth(facts.get("permitted", Truth.NO)),
        sighting=sighting,
        name=RowName(facts["name"]) if "name" in facts else _SEEN.get(sighting, _NAMES[going]),
        marks=(),
        exists=going,
        sends_at_least=_classes(facts, "sends"),
        sends_at_most=_classes(facts, "sends", "may_send"),
        receives=_classes(facts, "receives"),
        required=Truth(facts.get("required", Truth.NO)),
        processing=_countries(facts, "processing") if "processing" in facts else together,
        processing_reason="",
        reason="The example says so.",
        cures=(),
        unknowns=(),
        evidence=evidence,
    )


def _channels(flows: Mapping[str, Facts], rows: Sequence[FlowRow]) -> tuple[Channel, ...]:
    """Return one channel for each pair of ends: what was seen of any of its flows, and what the first says of permission."""
    found: dict[str, Channel] = {}
    for row in rows:
        facts = flows[row.flow]
        if row.channel not in found or row.sighting is Sighting.DATA:
            found[row.channel] = _channel(row, facts)
    return tuple(found[key] for key in sorted(found))


def _channel(row: FlowRow, facts: Facts) -> Channel:
    amount = 500 if row.sighting is Sighting.DATA else 0
    strength = Strength(facts["strength"]) if "strength" in facts else None
    return Channel(
        id=row.channel,
        source=ResolvedEnd(row.source_candidates, row.source, row.source, "", ""),
        destination=ResolvedEnd(row.destination_candidates, row.destination, row.destination, "", ""),
        transport=Transport.TCP,
        port=_PORT,
        sighting=row.sighting,
        sighting_reason="",
        payload_out=amount,
        payload_in=amount,
        packets_out=amount // 100,
        packets_in=amount // 100,
        first_time="",
        last_time="",
        longest_seconds=0.0,
        held_open=False,
        app_protocols=(),
        names=(row.destination,),
        name_hidden=False,
        rungs=(),
        permission=Permission(row.permitted, strength, (), ""),
        evidence=row.evidence,
    )


def _store(name: str, facts: Facts, evidence: tuple[Evidence, ...]) -> Store:
    return Store(
        id=name,
        title=name,
        component=str(facts["at"]),
        classes=_classes(facts, "data"),
        country=_countries(facts, "country"),
        retention="",
        remote_access="",
        exists=Truth(facts.get("exists", Truth.YES)),
        evidence=evidence,
    )


def _gap(basis: Basis) -> Gap:
    text = f"The example leaves the evidence of basis {basis.value} out."
    return Gap(basis, "", (), Unknown(UnknownKind.INVENTORY_OPEN, f"missing {basis.value}", text))


def _coverage(zones: Sequence[Zone]) -> SourceCoverage:
    """Return a capture of a month at a vantage that sees every zone inside."""
    return SourceCoverage(
        id="capture",
        sha256="0" * 64,
        format="pcapng",
        vantage="everywhere",
        sees=tuple(z.id for z in zones if z.inside),
        first_time="2025-12-31T11:00:00Z",
        last_time="2026-01-31T11:00:00Z",
        window_seconds=_WATCHED,
        packets=100,
        addresses=(_ADDRESS,),
        drops=0,
        truncated=False,
        truncated_packets=0,
        skipped=(),
    )


def _manifest(name: str, location: FileLocation, zones: tuple[Zone, ...]) -> Manifest:
    return Manifest(
        deployment=name,
        path=location.path,
        assumed=False,
        claim=None,
        zones=zones,
        systems=(),
        components=(),
        inputs=(),
        absent=(),
        profiles=(),
        attestations="",
        waivers="",
    )
