"""Workloads, components and stores of the systems."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from auditor.catalog.catalog import Catalog
from auditor.catalog.product import ComponentDefinition, StoreDefinition
from auditor.config.assignment import SystemProduct
from auditor.config.flows import component_id
from auditor.errors import Diagnostic, InvalidInputError
from auditor.facts.evidence import Evidence
from auditor.facts.inventory import Component, Store, Workload
from auditor.facts.manifest import ComponentEntry, Manifest
from auditor.facts.places import CUSTOMER, Place
from auditor.facts.truth import Truth, any_of
from auditor.facts.vocabulary import Basis

if TYPE_CHECKING:
    from auditor.config.context import SystemContext


def check_component_names(systems: Sequence[SystemProduct]) -> None:
    """Refuse manifest entries for components that their product does not have.

    Raises:
        InvalidInputError: one diagnostic an entry, with the nearest names.
    """
    faults = [
        _no_component(system, entry)
        for system in systems
        for entry in system.entry.components
        if system.product.component(entry.id) is None
    ]
    if faults:
        raise InvalidInputError(*faults)


def _no_component(system: SystemProduct, entry: ComponentEntry) -> Diagnostic:
    known = tuple(c.id for c in system.product.components)
    near = difflib.get_close_matches(entry.id, known, n=1)
    return Diagnostic(
        what=f'{system.product.title} has no component "{entry.id}"',
        why=f"it has {', '.join(known)}",
        next_step=f'did you mean "{near[0]}"?' if near else "use one of these, or list your own under components:",
        path=entry.location.path,
        line=entry.location.line,
        column=entry.location.column,
    )


def workload_ids(systems: Sequence[SystemProduct], manifest: Manifest) -> Mapping[str, str]:
    """Return component id → workload id for everything inside.

    ``runs_in`` of the manifest moves a component, and with it those of its product that run in the same workload
    and that the manifest does not place by themselves.
    """
    own = {
        f"{s.entry.id}/{c.id}": f"{s.entry.id}/{c.runs_in}" for s in systems for c in s.product.components if not c.outside
    } | {c.id: c.id for c in manifest.components}
    stated = {f"{s.entry.id}/{e.id}": e.runs_in for s in systems for e in s.entry.components}
    targets = {own[component]: target for component, target in stated.items() if target and component in own}
    moved = {component: target for component, target in stated.items() if target}
    moved |= {c: targets[workload] for c, workload in own.items() if c not in stated and workload in targets}
    return {**own, **{component: own.get(target, target) for component, target in moved.items()}}


def workloads_of(systems: Sequence[SystemProduct], ids: Mapping[str, str], components: Sequence[Component]) -> Iterator[Workload]:
    """Yield the workloads that a component which may exist runs in, with the networks and hosts that the manifest gives."""
    used = {c.workload for c in components if c.present is not Truth.NO}
    for system in systems:
        entries = {e.id: e for e in system.entry.components}
        for definition in system.product.workloads:
            identifier = f"{system.entry.id}/{definition.id}"
            here = [c.id for c in system.product.components if ids.get(f"{system.entry.id}/{c.id}") == identifier]
            if identifier not in used:
                continue
            stated = [entries[name] for name in here if name in entries]
            yield Workload(
                id=identifier,
                title=definition.title,
                networks=tuple(dict.fromkeys(n for e in stated for n in e.networks)),
                hosts=tuple(dict.fromkeys(h for e in stated for h in e.hosts)),
                zone=next((e.zone for e in stated if e.zone), system.entry.zone),
                evidence=tuple(_stated(e) for e in stated),
            )


def components_of(
    system: SystemProduct, context: SystemContext, ids: Mapping[str, str], manifest: Manifest, catalog: Catalog
) -> Iterator[Component]:
    """Yield the product's components; places inside are left to identify."""
    said = dict(manifest.policy_by).get(system.entry.id, "")
    for definition in system.product.components:
        identifier = component_id(definition.id, context)
        decision = context.decide(definition.present)
        fact = Evidence(
            Basis.DECLARED, definition.fact.location(), f"{system.product.title} has the component {definition.title}"
        )
        yield Component(
            id=identifier,
            title=definition.title,
            plane=definition.plane,
            role=definition.role,
            system="" if definition.outside else system.entry.id,
            product=system.product.id,
            workload=ids.get(identifier, ""),
            place=_outside(definition, catalog) if definition.outside else _inside(definition, system),
            present=decision.truth,
            present_reason=decision.reason,
            originates=definition.originates,
            passes_on=definition.passes_on,
            policy_by=said or definition.policy_by if definition.policy_by in ("", CUSTOMER) else definition.policy_by,
            licence=system.product.licence.name,
            evidence=(*(e for g in decision.grounds for e in g.evidence), fact),
        )


def _inside(definition: ComponentDefinition, system: SystemProduct) -> Place:
    zone = next((e.zone for e in system.entry.components if e.id == definition.id and e.zone), system.entry.zone)
    return Place(inside=None, operator=definition.operated_by, zone=zone)


def _outside(definition: ComponentDefinition, catalog: Catalog) -> Place:
    entry = catalog.endpoint(definition.outside)
    if entry is None:
        operator = catalog.operator(definition.outside.split("/", 1)[0])
        country = operator.country if operator is not None else ""
        named = definition.operated_by or definition.outside.split("/", 1)[0]
        return Place(inside=False, operator=named, operator_country=country, reason="the catalog does not say where it is")
    operator = catalog.operator(entry.operator)
    return Place(
        inside=False,
        operator=definition.operated_by or entry.operator,
        hosted_by=entry.hosted_by,
        processing=entry.processing,
        storage=entry.storage,
        operator_country=operator.country if operator is not None else "",
        reason=entry.processing_reason,
    )


def stores_of(context: SystemContext) -> Iterator[Store]:
    """Yield the product's stores with whether the configuration makes them."""
    for definition in context.product.stores:
        decision = context.decide(definition.on)
        fact = Evidence(Basis.DECLARED, definition.fact.location(), f"{definition.title}: {', '.join(definition.classes)}")
        yield Store(
            id=f"{context.system}/{definition.id}",
            title=definition.title,
            component=component_id(definition.component, context),
            classes=definition.classes,
            country=definition.country or None,
            retention=_retention(definition, context),
            remote_access=definition.remote_access,
            exists=decision.truth,
            evidence=(*(e for g in decision.grounds for e in g.evidence), fact),
        )


def _retention(definition: StoreDefinition, context: SystemContext) -> str:
    effective = context.effective(definition.retention_setting) if definition.retention_setting else None
    if effective is None:
        return definition.retention
    return effective.shown() if effective.is_known and effective.text else ""


def merged(components: Sequence[Component]) -> tuple[Component, ...]:
    """Return the components by id; an outside one that several systems name is one, present when any has it."""
    found: dict[str, Component] = {}
    for component in components:
        before = found.get(component.id)
        if before is None or any_of((before.present, component.present)) is not before.present:
            found[component.id] = component
    return tuple(found[key] for key in sorted(found))


def _stated(entry: ComponentEntry) -> Evidence:
    return Evidence(Basis.DECLARED, entry.location, f"the manifest gives the addresses of {entry.title or entry.id}")
