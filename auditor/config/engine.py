"""``configure``: documents, manifest and catalog to settings, flows and inventory; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from auditor.catalog.catalog import Catalog
from auditor.config.answers import answers_of, check_answers
from auditor.config.assignment import Assignment, SystemProduct, assign
from auditor.config.azure import azure_models
from auditor.config.azure_resources import read_azure_accounts
from auditor.config.bindings import Launch, Library
from auditor.config.context import SystemContext, SystemParts
from auditor.config.destination import AccountKnowledge
from auditor.config.effective import place
from auditor.config.flows import flows_of
from auditor.config.formats.cloud_tasks import unmodelled_in_templates
from auditor.config.formats.helm_release import library_of
from auditor.config.formats.kubernetes_rest import unread_objects
from auditor.config.formats.terraform_rest import unmodelled_resources
from auditor.config.gaps import deployment_gaps, outside_gaps, system_gaps
from auditor.config.hosts_in_text import Surroundings
from auditor.config.inventory import check_component_names, components_of, merged, stores_of, workload_ids, workloads_of
from auditor.config.name_overrides import override_gaps
from auditor.config.recognition import tag_version
from auditor.config.scope_views import packaging_of, views_of
from auditor.config.snowflake import SnowflakeAccounts, read_cross_region
from auditor.config.unmodelled import names_of_strangers, outside_names
from auditor.documents.tree import Document, DocumentKind
from auditor.facts.configuration import Configuration, NamedHost, Process
from auditor.facts.evidence import Evidence
from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Gap
from auditor.facts.manifest import Manifest, NotExamined
from auditor.facts.settings import Change


def configure(
    documents: Sequence[Document], manifest: Manifest, catalog: Catalog, changes: Sequence[Change] = ()
) -> Configuration:
    """Return every system's settings with provenance and the flows that follow from them; reads no file.

    ``changes`` replace effective values (what-if); a key ``fact:<id>`` changes the answer to a question.

    Raises:
        InvalidInputError: the manifest names a product or component that the catalog does not know, or answers a
            question that it does not ask.
    """
    systems = [SystemProduct(entry, catalog.product(entry.product)) for entry in manifest.systems]
    check_component_names(systems)
    check_answers(systems, manifest)
    library = library_of(documents, manifest.inputs)
    assignment = assign(library, systems, manifest)
    accounts = _accounts(library, catalog)
    contexts = {s.entry.id: _context(s, assignment, manifest, changes) for s in systems}
    ids = workload_ids(systems, manifest)
    components = [c for s in systems for c in components_of(s, contexts[s.entry.id], ids, manifest, catalog)]
    settings = [e.setting() for x in contexts.values() for d in x.product.settings if (e := x.effective(d.id)) is not None]
    return Configuration(
        settings=tuple(sorted(settings, key=lambda s: (s.system, s.key))),
        flows=_by_id(f for x in contexts.values() for f in flows_of(x, catalog, accounts)),
        workloads=tuple(sorted(workloads_of(systems, ids, components), key=lambda w: w.id)),
        components=merged(components),
        stores=tuple(sorted((s for x in contexts.values() for s in stores_of(x)), key=lambda s: s.id)),
        gaps=_sorted(
            [
                *(g for x in contexts.values() for g in system_gaps(x)),
                *outside_gaps(contexts, manifest),
                *deployment_gaps(assignment),
                *override_gaps(library, manifest),
            ]
        ),
        not_examined=_unread(assignment, library),
        recognised=_recognised(assignment, systems),
        named_hosts=_named_hosts(contexts, assignment, manifest),
        processes=_processes(assignment),
    )


def context_of(
    system: str, documents: Sequence[Document], manifest: Manifest, catalog: Catalog, changes: Sequence[Change] = ()
) -> SystemContext | None:
    """Return one system as it is configured, for questions about its switches; ``None`` when there is no such system."""
    systems = [SystemProduct(entry, catalog.product(entry.product)) for entry in manifest.systems]
    assignment = assign(library_of(documents, manifest.inputs), systems, manifest)
    return next((_context(s, assignment, manifest, changes) for s in systems if s.entry.id == system), None)


def _context(system: SystemProduct, assignment: Assignment, manifest: Manifest, changes: Sequence[Change]) -> SystemContext:
    identifier = system.entry.id
    launches = assignment.launches[identifier]
    # Companions of the product (a database) have versions of their own.
    main = system.product.workloads[0].id if system.product.workloads else ""
    tags = {tag_version(a.launch.image) for a in launches if a.launch.image and a.workload == main} - {""}
    parts = SystemParts(
        system=identifier,
        product=system.product,
        version=system.entry.version or (next(iter(tags)) if len(tags) == 1 else ""),
        packaging=packaging_of(launches),
        views=views_of(system.product, identifier, manifest, launches, assignment.files[identifier]),
        facts=answers_of(manifest, identifier),
        changes={c.key: c.value for c in changes if c.system == identifier},
        launches=launches,
        stated_at=f"{system.entry.location.path}:{system.entry.location.line}" if system.entry.version else "",
    )
    return SystemContext(parts)


def _accounts(library: Library, catalog: Catalog) -> tuple[AccountKnowledge, ...]:
    regions = {cloud: catalog.regions(cloud) for cloud in ("aws", "azure", "google")}
    azure = azure_models(read_azure_accounts(library), regions["azure"])
    return azure, SnowflakeAccounts(read_cross_region(library), regions)


def _by_id(flows: Iterable[IntendedFlow]) -> tuple[IntendedFlow, ...]:
    """Return the flows by id; the first of two with one id stands (an endpoint and a redirect that meet)."""
    found: dict[str, IntendedFlow] = {}
    for flow in flows:
        found.setdefault(flow.id, flow)
    return tuple(found[key] for key in sorted(found))


def _sorted(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    return tuple(sorted(dict.fromkeys(gaps), key=lambda g: (g.system, g.unknown.subject, g.unknown.text)))


def _named_hosts(contexts: Mapping[str, SystemContext], assignment: Assignment, manifest: Manifest) -> tuple[NamedHost, ...]:
    around = Surroundings.of(manifest)
    found = [NamedHost(c.system, s.name, host, s.evidence) for c, s, host in outside_names(contexts, around)]
    found += [NamedHost(subject, s.name, host, s.evidence) for subject, s, host in names_of_strangers(assignment, around)]
    return tuple(sorted(dict.fromkeys(found), key=lambda n: (n.subject, n.host, place(n.evidence), n.name)))


def _processes(assignment: Assignment) -> tuple[Process, ...]:
    owners: dict[Evidence, tuple[Launch, list[str]]] = {}
    for system, launches in assignment.launches.items():
        for assigned in launches:
            owners.setdefault(assigned.launch.evidence, (assigned.launch, []))[1].append(system)
    for launch in assignment.strangers:
        owners.setdefault(launch.evidence, (launch, []))
    found = [
        Process(x.name, x.packaging.value, x.image or x.module, tuple(sorted(set(systems))), x.evidence)
        for x, systems in owners.values()
    ]
    return tuple(sorted(found, key=lambda p: (place(p.evidence), p.name)))


def _unread(assignment: Assignment, library: Library) -> tuple[NotExamined, ...]:
    unread = [NotExamined(s.document.path, _why_unread(s.document), named=False) for s in assignment.unread]
    explained = [file.source for files in assignment.files.values() for file in files]
    return (*unread, *unmodelled_resources(library), *unmodelled_in_templates(library), *unread_objects(library, explained))


def _why_unread(document: Document) -> str:
    if document.kind in _COMMANDS:
        return f"{_COMMANDS[document.kind]}: only containers that they start, programs and actions of the catalog are read"
    return "no recognised product explains this file"


_COMMANDS = {
    DocumentKind.SCRIPT: "what the commands of this script do is open",
    DocumentKind.PIPELINE: "what the steps of this pipeline do is open",
}


def _recognised(assignment: Assignment, systems: Sequence[SystemProduct]) -> tuple[tuple[str, str], ...]:
    found: set[tuple[str, str]] = set()
    for system in systems:
        for assigned in assignment.launches[system.entry.id]:
            found.add(
                (
                    assigned.launch.source.document.path,
                    f"{system.entry.id}: {assigned.launch.packaging.value} of {assigned.workload}",
                )
            )
        for file in assignment.files[system.entry.id]:
            found.add((file.source.document.path, f"{system.entry.id}: {file.scope}"))
    return tuple(sorted(found))
