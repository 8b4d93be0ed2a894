"""What was found, as records: inventory, settings, stores, inputs. Nothing here judges."""

from __future__ import annotations

from dataclasses import fields

from auditor.evaluate.presence import Presence
from auditor.evaluate.register import EvidenceRegister
from auditor.facts.assessment import (
    ComponentRecord,
    ContractRecord,
    CureRecord,
    InputRecord,
    NotExaminedRecord,
    OperatorRecord,
    PlaceRecord,
    SettingRecord,
    SettingSourceRecord,
    StoreRecord,
    WorkloadRecord,
    ZoneRecord,
)
from auditor.facts.context import AssessmentContext
from auditor.facts.flows import Cure
from auditor.facts.inventory import Component
from auditor.facts.model import Model
from auditor.facts.places import Place
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, in_order


def cure_records(cures: tuple[Cure, ...]) -> tuple[CureRecord, ...]:
    """Return cures as records."""
    return tuple(CureRecord(c.kind, c.text, c.setting, c.value) for c in cures)


def place_record(place: Place) -> PlaceRecord:
    """Return a place; empty countries are unknown."""
    return PlaceRecord(
        inside=Truth.of(place.inside).value,
        operator=place.operator,
        hosted_by=place.hosted_by,
        processing=place.processing or (),
        storage=place.storage or (),
        operator_country=place.operator_country,
        zone=place.zone,
        reason=place.reason,
    )


def operator_records(model: Model) -> tuple[OperatorRecord, ...]:
    """Return the organisations of the model."""
    return tuple(OperatorRecord(o.id, o.title, o.country) for o in model.operators)


def zone_records(model: Model) -> tuple[ZoneRecord, ...]:
    """Return the zones of the manifest."""
    return tuple(
        ZoneRecord(z.id, z.operator, z.hosted_by, z.processing or (), z.storage or (), z.networks, z.hosts, z.inside)
        for z in model.zones
    )


def contract_records(model: Model) -> tuple[ContractRecord, ...]:
    """Return the contracts of the manifest, in its order."""
    return tuple(
        ContractRecord(
            **{f.name: getattr(c, f.name) for f in fields(c) if f.name != "location"}, path=c.location.path, line=c.location.line
        )
        for c in model.manifest.contracts
    )


def workload_records(model: Model) -> tuple[WorkloadRecord, ...]:
    """Return the workloads."""
    return tuple(WorkloadRecord(w.id, w.title, w.networks, w.zone) for w in model.workloads)


def component_records(model: Model, presence: Presence, register: EvidenceRegister) -> tuple[ComponentRecord, ...]:
    """Return the components with what they may hold and whether they take part."""
    return tuple(
        ComponentRecord(
            id=c.id,
            title=c.title,
            plane=c.plane.value if c.plane else "",
            role=c.role.value if c.role else "",
            system=c.system,
            product=c.product,
            workload=c.workload,
            place=place_record(c.place),
            present=presence.of(c).value,
            present_reason=c.present_reason,
            policy_by=c.policy_by,
            licence=c.licence,
            holds=tuple(d.value for d in _holds(c, presence)),
            evidence=register.ids(c.evidence),
        )
        for c in model.components
    )


def _holds(component: Component, presence: Presence) -> tuple[DataClass, ...]:
    """Return what ``component`` originates and what the rows that touch it may bring (end-to-end data stays closed)."""
    brought = {component.originates}
    for row in presence.rows(component):
        if row.exists is not Truth.NO and not row.end_to_end:
            arrives = component.id == row.destination or component.id in row.destination_candidates
            brought.add(row.sends_at_most if arrives else row.receives)
    return in_order({data for classes in brought for data in classes})


def store_records(model: Model, register: EvidenceRegister) -> tuple[StoreRecord, ...]:
    """Return the stores."""
    return tuple(
        StoreRecord(
            id=s.id,
            title=s.title,
            component=s.component,
            classes=tuple(d.value for d in s.classes),
            country=s.country or (),
            retention=s.retention,
            remote_access=s.remote_access,
            exists=s.exists.value,
            evidence=register.ids(s.evidence),
        )
        for s in model.stores
    )


def setting_records(model: Model, register: EvidenceRegister) -> tuple[SettingRecord, ...]:
    """Return the settings with the chains that led to them."""
    return tuple(
        SettingRecord(
            system=s.system,
            key=s.key,
            state=s.state.value,
            value=s.value,
            reason=s.reason,
            chain=tuple(
                SettingSourceRecord(c.scope, c.name, c.value, c.used, next(iter(register.ids((c.evidence,))))) for c in s.chain
            ),
        )
        for s in model.settings
    )


def input_records(context: AssessmentContext) -> tuple[InputRecord, ...]:
    """Return the inputs by path."""
    found = sorted(context.inputs, key=lambda i: (i.path, i.kind, i.sha256))
    return tuple(InputRecord(i.path, i.sha256, i.kind, i.size) for i in found)


def not_examined_records(model: Model) -> tuple[NotExaminedRecord, ...]:
    """Return what was found and not examined."""
    found = {
        NotExaminedRecord(n.path, n.reason, n.named, n.location.line if n.location else 0, n.set_aside): None
        for n in model.not_examined
    }
    return tuple(sorted(found, key=lambda n: (n.path, n.line, n.reason)))
