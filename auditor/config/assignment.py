"""Whose process and whose file each thing in the inputs is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from auditor.catalog.product import Chart, Product
from auditor.catalog.scopes import ScopeKind
from auditor.config.azure_resources import explained_exports
from auditor.config.bindings import Launch, Library, Packaging, Source
from auditor.config.formats import read_launches, read_loose
from auditor.config.formats.chart_rest import explained_paths, hidden_in_parent, hidden_in_values, read_containers
from auditor.config.formats.helm import files_in_values, read_helm, values_of
from auditor.config.moved import moved_files
from auditor.config.recognition import match_file, match_launch
from auditor.config.snowflake import explained_parameters
from auditor.documents.release_values import part_of
from auditor.documents.tree import DocumentKind
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import Manifest, SystemEntry

_READ_HERE = frozenset(
    {
        DocumentKind.YAML,
        DocumentKind.JSON,
        DocumentKind.HELM_VALUES,
        DocumentKind.TOML,
        DocumentKind.PLIST,
        DocumentKind.REGISTRY,
        DocumentKind.ENV,
        DocumentKind.SHELL,
        DocumentKind.SCRIPT,
        DocumentKind.PIPELINE,
    }
)
"""Kinds of which a document that nobody claims was not examined."""


@dataclass(frozen=True, slots=True)
class SystemProduct:
    """A system of the manifest with its product."""

    entry: SystemEntry
    product: Product


@dataclass(frozen=True, slots=True)
class AssignedLaunch:
    """A process that is a system's workload."""

    launch: Launch
    workload: str


@dataclass(frozen=True, slots=True)
class AssignedFile:
    """A document that is one of a system's scopes."""

    source: Source
    scope: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Everything in the inputs by system, and what nobody claims."""

    launches: dict[str, tuple[AssignedLaunch, ...]]
    files: dict[str, tuple[AssignedFile, ...]]
    strangers: tuple[Launch, ...]
    """Processes that no product of the systems and no component of the manifest explains."""
    unread: tuple[Source, ...]
    """Documents that no reader of this stage could use."""
    ambiguous: tuple[tuple[Launch, tuple[str, ...]], ...]
    """Processes that several systems of one product claim."""
    partly: frozenset[tuple[str, int, int]] = frozenset()
    """Places (path, line, column) in unread documents that a recognised process has its values from."""


@dataclass(slots=True)
class _Collector:
    launches: dict[str, list[AssignedLaunch]]
    files: dict[str, list[AssignedFile]]
    strangers: list[Launch]
    ambiguous: list[tuple[Launch, tuple[str, ...]]]
    used: set[str]
    charted: set[int] = field(default_factory=set)
    """Ids of the blocks that described charts read."""
    partly: set[tuple[str, int, int]] = field(default_factory=set)
    releases: set[tuple[str, str]] = field(default_factory=set)
    """(path, address) of the Helm releases in Terraform whose values a product takes."""


def assign(library: Library, systems: Sequence[SystemProduct], manifest: Manifest) -> Assignment:
    """Return whose each process and file is; ``for:`` of an input limits who may claim what is in it."""
    used = {*explained_exports(library), *explained_parameters(library)}
    found = _Collector({s.entry.id: [] for s in systems}, {s.entry.id: [] for s in systems}, [], [], used)
    beside = _assign_charts(library, systems, found)
    for launch in (*read_launches(library), *beside):
        if (launch.source.document.path, launch.name) in found.releases:
            continue
        found.used.update(launch.linked)
        claims = _claims(launch, systems)
        if not claims and _is_known(launch, systems, manifest):
            found.used.add(launch.source.document.path)
        elif not claims:
            found.strangers.append(launch)
        else:
            _take(launch, claims, found)
    _assign_loose(library, systems, found)
    _assign_files(library, systems, found)
    return Assignment(
        launches={key: tuple(value) for key, value in found.launches.items()},
        files={key: tuple(value) for key, value in found.files.items()},
        strangers=tuple(x for x in found.strangers if x.packaging is not Packaging.ENV_FILE),
        unread=tuple(
            s
            for s in library.sources
            if s.document.path not in found.used and part_of(s.document) is None and s.document.kind in _READ_HERE
        ),
        ambiguous=tuple(found.ambiguous),
        partly=frozenset(found.partly),
    )


def _eligible(source: Source, systems: Sequence[SystemProduct]) -> list[SystemProduct]:
    return [s for s in systems if not source.systems or s.entry.id in source.systems]


def _assign_charts(library: Library, systems: Sequence[SystemProduct], found: _Collector) -> tuple[Launch, ...]:
    """Assign the processes of charts; return those that their values files define beside."""
    beside: dict[Evidence, Launch] = {}
    for source in library.sources:
        for system in _eligible(source, systems):
            for values, charts in _values_in(source, system.product):
                explained = explained_paths(charts, system.product)
                _assign_values(library, system, values, charts, found)
                for launch in read_containers(values, library, explained):
                    beside[launch.evidence] = launch
    return tuple(beside.values())


def _values_in(source: Source, product: Product) -> list[tuple[Source, list[Chart]]]:
    """Return the blocks of a document that are values of the product's charts, each with its charts."""
    found: dict[int, tuple[Source, list[Chart]]] = {}
    for chart in product.charts:
        for values in values_of(source, chart):
            found.setdefault(id(values.document.root), (values, []))[1].append(chart)
    return list(found.values())


def _assign_values(library: Library, system: SystemProduct, values: Source, charts: Sequence[Chart], found: _Collector) -> None:
    explained = explained_paths(charts, system.product)
    for index, chart in enumerate(charts):
        launches = read_helm(values, library, chart)
        if not index:
            hidden = (*hidden_in_values(values, charts, explained), *hidden_in_parent(values, library))
            launches = tuple(replace(x, hidden=(*x.hidden, *hidden)) for x in launches)
        found.launches[system.entry.id].extend(AssignedLaunch(x, chart.workload) for x in launches)
        found.files[system.entry.id].extend(AssignedFile(file, scope) for file, scope in files_in_values(values, chart))
        found.used.update((values.document.path, *(path for x in launches for path in x.linked)))
    found.charted.add(id(values.document.root))
    release = part_of(values.document)
    if release is not None:
        found.releases.add((values.document.path, release[0]))


def _assign_loose(library: Library, systems: Sequence[SystemProduct], found: _Collector) -> None:
    """Assign the processes that stand in documents of which nobody reads the rest; what nobody claims is part of that rest.

    What is read of such a document does not explain it: it stays among what was not examined.
    """
    for launch in read_loose(library, found.charted):
        claims = _claims(launch, systems)
        if not claims:
            continue
        places = [bound.evidence.location for bound in launch.env.values()] + [word.evidence.location for word in launch.words]
        found.partly.update((at.path, at.line, at.column) for at in places if isinstance(at, FileLocation))
        found.used.update(launch.linked)
        was_used = launch.source.document.path in found.used
        _take(launch, claims, found)
        if not was_used:
            found.used.discard(launch.source.document.path)


def _assign_files(library: Library, systems: Sequence[SystemProduct], found: _Collector) -> None:
    for source in library.sources:
        for system in _eligible(source, systems):
            for scope in match_file(source, system.product.recognise):
                found.files[system.entry.id].append(AssignedFile(source, scope))
                found.used.add(source.document.path)
    for system in systems:
        _assign_moved(library, system, found)


def _assign_moved(library: Library, system: SystemProduct, found: _Collector) -> None:
    """Assign the files that a variable names, and take back those at the usual place that the product reads no more."""
    own, launches = found.files[system.entry.id], found.launches[system.entry.id]
    sources = [s for s in library.sources if not s.systems or system.entry.id in s.systems]
    moved = list(moved_files(sources, system.product, [a.launch for a in found.launches[system.entry.id]]))
    for source, scope in moved:
        instead_of = scope.found_at.instead_of if scope.found_at is not None else ""
        own[:] = [f for f in own if f.scope != instead_of and (f.scope == scope.id or f.source is not source)]
        if all(f.source is not source or f.scope != scope.id for f in own):
            own.append(AssignedFile(source, scope.id))
        # An env file that the product reads itself is no environment that it was started in.
        launches[:] = [a for a in launches if a.launch.source is not source or a.launch.packaging is not Packaging.ENV_FILE]
        found.used.add(source.document.path)


def _claims(launch: Launch, systems: Sequence[SystemProduct]) -> list[tuple[SystemProduct, str]]:
    """Return (system, workload) of everyone whose rule is the strongest; an env file may serve several products."""
    matches = [(s, *match_launch(launch, s.product.recognise)) for s in _eligible(launch.source, systems)]
    matches = [m for m in matches if m[1]]
    if launch.packaging is Packaging.ENV_FILE:
        found = [(s, workload) for s, _, workload in matches] or _sole_environment(launch, systems)
        # What a product reads as a file of its own is no environment that it was started in.
        return [(s, workload) for s, workload in found if not match_file(launch.source, s.product.recognise)]
    best = max((m[1] for m in matches), default=0)
    return [(s, workload) for s, strength, workload in matches if strength == best]


def _sole_environment(launch: Launch, systems: Sequence[SystemProduct]) -> list[tuple[SystemProduct, str]]:
    """Return the one system that ``for:`` names for an env file without any telling name."""
    if len(launch.source.systems) != 1:
        return []
    named = _eligible(launch.source, systems)
    return [(s, next((c.workload for c in s.product.scopes if c.kind is ScopeKind.ENVIRONMENT), "")) for s in named]


def _take(launch: Launch, claims: list[tuple[SystemProduct, str]], found: _Collector) -> None:
    found.used.add(launch.source.document.path)
    products = {s.product.id for s, _ in claims}
    if len(claims) > 1 and len(products) == 1:
        named = [
            (s, w) for s, w in claims if launch.name in (s.entry.id, f"{s.entry.id}-{w}", *(c.id for c in s.entry.components))
        ]
        if len(named) == 1:
            claims = named
        elif not launch.source.systems:
            found.ambiguous.append((launch, tuple(sorted(s.entry.id for s, _ in claims))))
    for system, workload in claims:
        found.launches[system.entry.id].append(AssignedLaunch(launch, workload))


def _is_known(launch: Launch, systems: Sequence[SystemProduct], manifest: Manifest) -> bool:
    """Return whether the manifest names the process as a component: then a person has told what it is."""
    names = {c.id for c in manifest.components} | {c.id for s in systems for c in s.entry.components}
    return launch.name in names
