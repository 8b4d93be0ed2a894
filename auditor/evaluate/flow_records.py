"""Channels, rows and captures as records."""

from __future__ import annotations

from enum import StrEnum

from auditor.evaluate.flow_rules import rows_by_form
from auditor.evaluate.matching import Scene
from auditor.evaluate.records import cure_records
from auditor.evaluate.register import EvidenceRegister
from auditor.evaluate.row_index import EndTest
from auditor.evaluate.traffic_sufficiency import proves
from auditor.evaluate.unknown_records import unknown_id
from auditor.facts.assessment import ChannelRecord, CoverageRecord, FlowRecord
from auditor.facts.evidence import Evidence, FrameLocation, LineLocation
from auditor.facts.observation import SourceCoverage
from auditor.facts.profile import ComponentSelector, SelectorKey, Term, Values
from auditor.facts.rows import Channel, FlowRow
from auditor.facts.truth import Truth

_VALUE = {truth: truth.value for truth in Truth}
_INSIDE = ComponentSelector((Term(SelectorKey.PERIMETER, Values(("inside",))),))


def channel_records(scene: Scene, register: EvidenceRegister) -> tuple[ChannelRecord, ...]:
    """Return the channels with their counts."""
    return tuple(
        ChannelRecord(
            id=c.id,
            source=c.source.workload,
            source_label=c.source.label,
            source_candidates=c.source.candidates,
            destination=_destination(c),
            destination_label=c.destination.label,
            destination_candidates=c.destination.candidates,
            transport=c.transport.value,
            port=c.port,
            sighting=c.sighting.value,
            sighting_reason=c.sighting_reason,
            permitted=c.permission.permitted.value,
            permitted_reason=c.permission.reason,
            payload_out=c.payload_out,
            payload_in=c.payload_in,
            packets_out=c.packets_out,
            packets_in=c.packets_in,
            first_time=c.first_time,
            last_time=c.last_time,
            longest_seconds=c.longest_seconds,
            held_open=c.held_open,
            app_protocols=c.app_protocols,
            names=c.names,
            name_hidden=c.name_hidden,
            rungs=c.rungs,
            conflict=c.destination.conflict or c.source.conflict,
            evidence=register.ids((*c.evidence, *c.permission.evidence)),
            untold=c.untold,
            via=(c.via.workload or "?") if c.via is not None else "",
        )
        for c in scene.model.channels
    )


def _destination(channel: Channel) -> str:
    """Return the destination that is decided: its one candidate, else its workload."""
    found = channel.destination
    return found.candidates[0] if len(found.candidates) == 1 else found.workload


def flow_records(scene: Scene, register: EvidenceRegister) -> tuple[FlowRecord, ...]:
    """Return the rows of the four-basis table."""
    inside, forms = scene.test(_INSIDE), rows_by_form(scene)
    shared = [_Shared(row, _crosses(row, scene, inside)) for row in forms.first]
    return tuple(_flow(row, shared[forms.numbers[row.id]], register) for row in scene.model.rows)


class _Shared:
    """What rows of one form have in common, in the words of the record."""

    __slots__ = ("configured", "crosses", "exists", "name", "receives", "required", "sends_at_least", "sends_at_most", "sighting")

    def __init__(self, row: FlowRow, crosses: Truth) -> None:
        self.configured, self.exists, self.required = row.configured.value, row.exists.value, row.required.value
        self.sighting, self.name, self.crosses = row.sighting.value, row.name.value, crosses.value
        self.sends_at_least, self.sends_at_most = _values(row.sends_at_least), _values(row.sends_at_most)
        self.receives = _values(row.receives)


def _flow(row: FlowRow, shared: _Shared, register: EvidenceRegister) -> FlowRecord:
    return FlowRecord(
        id=row.id,
        channel=row.channel,
        flow=row.flow,
        purpose=row.purpose,
        source=row.source,
        source_candidates=row.source_candidates,
        destination=row.destination,
        destination_candidates=row.destination_candidates,
        declared=_VALUE[row.declared],
        configured=shared.configured,
        permitted=_VALUE[row.permitted],
        sighting=shared.sighting,
        name=shared.name,
        marks=_values(row.marks) if row.marks else (),
        exists=shared.exists,
        sends_at_least=shared.sends_at_least,
        sends_at_most=shared.sends_at_most,
        receives=shared.receives,
        required=shared.required,
        processing=row.processing or (),
        processing_reason=row.processing_reason,
        reason=row.reason,
        crosses_perimeter=shared.crosses,
        cures=cure_records(row.cures) if row.cures else (),
        unknowns=tuple(dict.fromkeys(unknown_id(u) for u in row.unknowns)) if row.unknowns else (),
        evidence=register.ids(row.evidence),
    )


def _values(members: tuple[StrEnum, ...]) -> tuple[str, ...]:
    return tuple(member.value for member in members)


def _crosses(row: FlowRow, scene: Scene, inside: EndTest) -> Truth:
    """Return whether one end is inside and the other outside: data goes both ways, whoever dials."""
    source, destination = inside(scene.source(row)), inside(scene.destination(row))
    if source is Truth.UNKNOWN or destination is Truth.UNKNOWN:
        return Truth.UNKNOWN
    return Truth.of(source is not destination)


def coverage_records(scene: Scene) -> tuple[CoverageRecord, ...]:
    """Return what each capture could have seen, with the workloads that it proves present."""
    return tuple(_coverage(source, scene) for source in scene.model.coverage)


def _coverage(source: SourceCoverage, scene: Scene) -> CoverageRecord:
    seen = {w.id for w in scene.model.workloads if not source.unproving and proves(source, w.networks)}
    return CoverageRecord(
        id=source.id,
        sha256=source.sha256,
        format=source.format,
        vantage=source.vantage,
        sees=source.sees,
        first_time=source.first_time,
        last_time=source.last_time,
        window_seconds=source.window_seconds,
        packets=source.packets,
        workloads=tuple(w.id for w in scene.model.workloads if w.id in seen),
        unproven=tuple(w.id for w in scene.model.workloads if w.zone in source.sees and w.id not in seen),
        drops="unknown" if source.drops is None else str(source.drops),
        truncated=source.truncated,
        truncated_packets=source.truncated_packets,
        skipped=source.skipped,
        named_share=_named_share(source, scene),
        canary=source.canary.value if source.canary else "",
        blind=tuple(blind.sentence for blind in source.blind),
        unproving=source.unproving,
    )


def _named_share(source: SourceCoverage, scene: Scene) -> float:
    """Return which share of the channels to the outside that this capture saw has a name; 1 when it saw none."""
    inside = scene.test(_INSIDE)
    outside = [
        c
        for c in scene.model.channels
        if any(_seen_in(e) == source.id for e in c.evidence) and inside(c.destination.candidates) is not Truth.YES
    ]
    return round(sum(bool(c.names) for c in outside) / len(outside), 4) if outside else 1.0


def _seen_in(evidence: Evidence) -> str:
    """Return the id of the observation source behind a fact, empty where it is none."""
    at = evidence.location
    return at.capture if isinstance(at, FrameLocation) else at.source if isinstance(at, LineLocation) else ""
