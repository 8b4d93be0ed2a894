"""Every single piece of evidence of a deployment, each with the inputs as they are without it.

Evidence is what shows or answers something: a file, a document, an answer, a scope stated absent, an address, a
network, a country, a date, a capture, a vantage's claim, a signed-off statement.

Left out on purpose, because they set the question and answer nothing: the claim, the profiles and their parameters,
which zones count as inside (``perimeter``), which systems the deployment consists of, waivers (they lift nothing that
a verdict rests on), and single edges or name answers of a capture (a capture without some of its packets is another
capture, that is, forged evidence; the whole capture is removed instead).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from auditor.facts.manifest import ComponentEntry, InputEntry, Manifest
from auditor.facts.observation import CaptureSource, Observation
from auditor.facts.places import Zone
from auditor.pipeline.request import Inputs
from auditor.traffic import observe
from tests.acceptance import harness


@dataclass(frozen=True, slots=True)
class Removal:
    """One piece of evidence; removals of different pieces can be applied one after the other, in any order."""

    what: str
    without: Callable[[Inputs], Inputs]


def removals(inputs: Inputs, name: str) -> tuple[Removal, ...]:
    """Return every single removal of the deployment ``name``."""
    manifest = inputs.manifest
    found = [Removal(f"file {path}", functools.partial(_without_file, path=path)) for path in _paths(inputs)]
    found += [
        Removal(f"input {entry.path}", functools.partial(_without_input, entry=entry, name=name)) for entry in manifest.inputs
    ]
    found += [
        Removal(
            f"fact {fact.system}/{fact.fact}", _of_manifest("facts", lambda e, f=fact: (e.system, e.fact) != (f.system, f.fact))
        )
        for fact in manifest.facts
    ]
    found += [
        Removal(f"statement {each.source} -> {each.destination}", _of_manifest("statements", lambda e, s=each: e != s))
        for each in manifest.statements
    ]
    found += [Removal(f"absent {scope}", functools.partial(_without_scope, scope=scope)) for scope in manifest.absent]
    found += _of_inputs(manifest)
    found += _of_zones(manifest)
    found += _of_components(manifest)
    found += [
        Removal(f"version of {system.id}", functools.partial(_unversioned, system=system.id)) for system in manifest.systems
    ]
    found += [Removal(f"attestation {each.id}", functools.partial(_unattested, id_=each.id)) for each in inputs.attestations]
    return tuple(found)


def _paths(inputs: Inputs) -> list[str]:
    return sorted({document.path for document in inputs.documents})


def _without_file(inputs: Inputs, path: str) -> Inputs:
    return replace(inputs, documents=tuple(d for d in inputs.documents if d.path != path))


def _without_input(inputs: Inputs, entry: InputEntry, name: str) -> Inputs:
    """Drop an entry of ``inputs:`` and what only it brought: files, statements, answers, packets."""
    manifest = inputs.manifest
    kept = tuple(each for each in manifest.inputs if each.path != entry.path)
    fewer = replace(manifest, inputs=kept)
    if entry.kind == "document":
        said = {entry.path}
        fewer = replace(
            fewer,
            facts=tuple(f for f in fewer.facts if getattr(f.evidence.location, "document", "") not in said),
            statements=tuple(s for s in fewer.statements if getattr(s.evidence.location, "document", "") not in said),
        )
    if entry.kind == "capture" and inputs.observation is not None:
        left = tuple(each.path for each in kept if each.kind == "capture")
        return replace(inputs, manifest=fewer, observation=_observed(name, left))
    folders = tuple(each.path for each in kept if each.kind == "path")
    documents = tuple(d for d in inputs.documents if entry.kind != "path" or any(_under(d.path, folder) for folder in folders))
    return replace(inputs, manifest=fewer, documents=documents)


def _under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


@functools.cache
def _observed(name: str, paths: tuple[str, ...]) -> Observation | None:
    """Return what the captures that are left show, read again: nothing of the others may stay."""
    folder = harness.DEPLOYMENTS / name
    entries = {path: path.rsplit("/", 1)[-1].partition(".")[0] for path in paths}
    sources = [CaptureSource(path, str(folder / path), vantage, ("corp",)) for path, vantage in entries.items()]
    return observe(sources) if sources else None


def _of_manifest(field: str, keep: Callable[..., bool]) -> Callable[[Inputs], Inputs]:
    """Return a removal of the entries of a field of the manifest that ``keep`` does not keep."""

    def without(inputs: Inputs) -> Inputs:
        entries = tuple(entry for entry in getattr(inputs.manifest, field) if keep(entry))
        changes: dict[str, Any] = {field: entries}
        return replace(inputs, manifest=replace(inputs.manifest, **changes))

    return without


def _without_scope(inputs: Inputs, scope: str) -> Inputs:
    manifest = inputs.manifest
    absent = tuple(each for each in manifest.absent if each != scope)
    evidence = tuple(each for each in manifest.absent_evidence if each[0] != scope)
    return replace(inputs, manifest=replace(manifest, absent=absent, absent_evidence=evidence))


def _of_inputs(manifest: Manifest) -> Iterator[Removal]:
    """Yield what an entry of ``inputs:`` says of its file: its date, origin, systems, and what a vantage sees."""
    for entry in manifest.inputs:
        if entry.collected:
            yield Removal(f"date of {entry.path}", _entry(entry, collected=""))
        if entry.origin:
            yield Removal(f"origin of {entry.path}", _entry(entry, origin=""))
        if entry.sees:
            yield Removal(f"what {entry.path} sees", functools.partial(_blind, path=entry.path))


def _entry(entry: InputEntry, **changes: Any) -> Callable[[Inputs], Inputs]:
    def without(inputs: Inputs) -> Inputs:
        entries = tuple(replace(e, **changes) if e.location == entry.location else e for e in inputs.manifest.inputs)
        return replace(inputs, manifest=replace(inputs.manifest, inputs=entries))

    return without


def _blind(inputs: Inputs, path: str) -> Inputs:
    entries = tuple(replace(e, sees=()) if e.path == path else e for e in inputs.manifest.inputs)
    observation = inputs.observation
    if observation is not None:
        coverage = tuple(replace(c, sees=()) if c.id == path else c for c in observation.coverage)
        observation = replace(observation, coverage=coverage)
    return replace(inputs, manifest=replace(inputs.manifest, inputs=entries), observation=observation)


def _of_zones(manifest: Manifest) -> Iterator[Removal]:
    """Yield each network, host pattern and country set of a zone."""
    for zone in manifest.zones:
        for field in ("networks", "hosts"):
            for value in getattr(zone, field):
                yield Removal(f"{field} {value} of zone {zone.id}", _zone_value(zone.id, field, value))
        for field in ("processing", "storage"):
            if getattr(zone, field) is not None:
                yield Removal(f"{field} of zone {zone.id}", _zone_value(zone.id, field, None))


def _zone_value(identifier: str, field: str, value: str | None) -> Callable[[Inputs], Inputs]:
    def less(zone: Zone) -> Zone:
        changes: dict[str, Any] = {field: None if value is None else tuple(v for v in getattr(zone, field) if v != value)}
        return replace(zone, **changes)

    def without(inputs: Inputs) -> Inputs:
        zones = tuple(less(zone) if zone.id == identifier else zone for zone in inputs.manifest.zones)
        return replace(inputs, manifest=replace(inputs.manifest, zones=zones))

    return without


def _of_components(manifest: Manifest) -> Iterator[Removal]:
    """Yield each network and host of a component, its shared workload, and the component's whole entry."""
    owned = [(system.id, c) for system in manifest.systems for c in system.components]
    for system, component in (*owned, *(("", c) for c in manifest.components)):
        label = f"{system}/{component.id}".lstrip("/")
        for field in ("networks", "hosts"):
            for value in getattr(component, field):
                yield Removal(f"{field} {value} of {label}", _component(system, component.id, _less(field, value)))
        if component.runs_in:
            yield Removal(f"workload of {label}", _component(system, component.id, lambda c: replace(c, runs_in="")))
        yield Removal(f"component {label}", _component(system, component.id, lambda _: None))


def _less(field: str, value: str) -> Callable[[ComponentEntry], ComponentEntry]:
    def less(component: ComponentEntry) -> ComponentEntry:
        changes: dict[str, Any] = {field: tuple(v for v in getattr(component, field) if v != value)}
        return replace(component, **changes)

    return less


def _component(
    system: str, identifier: str, change: Callable[[ComponentEntry], ComponentEntry | None]
) -> Callable[[Inputs], Inputs]:
    def changed(components: tuple[ComponentEntry, ...]) -> tuple[ComponentEntry, ...]:
        return tuple(new for c in components for new in ((change(c) if c.id == identifier else c),) if new is not None)

    def without(inputs: Inputs) -> Inputs:
        manifest = inputs.manifest
        if not system:
            return replace(inputs, manifest=replace(manifest, components=changed(manifest.components)))
        systems = tuple(replace(s, components=changed(s.components)) if s.id == system else s for s in manifest.systems)
        return replace(inputs, manifest=replace(manifest, systems=systems))

    return without


def _unversioned(inputs: Inputs, system: str) -> Inputs:
    systems = tuple(replace(s, version="") if s.id == system else s for s in inputs.manifest.systems)
    return replace(inputs, manifest=replace(inputs.manifest, systems=systems))


def _unattested(inputs: Inputs, id_: str) -> Inputs:
    return replace(inputs, attestations=tuple(each for each in inputs.attestations if each.id != id_))
