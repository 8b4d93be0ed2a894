"""No-manifest mode: which systems the documents show. Everything found is an assumption."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.catalog.catalog import Catalog
from auditor.config.bindings import Launch, Library, Packaging, sources_of
from auditor.config.effective import place
from auditor.config.formats import read_launches
from auditor.config.formats.helm import read_helm, values_of
from auditor.config.recognition import match_file, match_launch, tag_version
from auditor.documents.tree import Document, DocumentKind
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import SystemEntry


def recognise_systems(documents: Sequence[Document], catalog: Catalog) -> tuple[SystemEntry, ...]:
    """Return one system for each product that a process or file of ``documents`` is recognised as, by product id."""
    library = Library(sources_of(documents, ()))
    launches = read_launches(library)
    found: dict[str, list[tuple[Evidence, str]]] = {}
    for product in catalog.products():
        rules = catalog.recognitions(product)
        alone = tuple(rule for rule in rules if not rule.companion)
        for launch in launches:
            strength, workload = match_launch(launch, alone)
            if workload and (launch.packaging is Packaging.ENV_FILE or strength == _strongest(launch, catalog)):
                found.setdefault(product, []).append((launch.evidence, tag_version(launch.image)))
        for source in library.sources:
            if match_file(source, alone):
                found.setdefault(product, []).append((source.evidence(source.document.root, product), ""))
    _charts(library, catalog, found)
    return tuple(_system(product, found[product]) for product in sorted(found))


def _strongest(launch: Launch, catalog: Catalog) -> int:
    return max(match_launch(launch, catalog.recognitions(p))[0] for p in catalog.products())


def _charts(library: Library, catalog: Catalog, found: dict[str, list[tuple[Evidence, str]]]) -> None:
    values = [s for s in library.sources if s.document.kind is DocumentKind.HELM_VALUES]
    for product in catalog.products() if values else ():
        for chart in catalog.product(product).charts:
            for source in values:
                for found_values in values_of(source, chart):
                    launch = read_helm(found_values, library, chart)
                    found.setdefault(product, []).append((launch.evidence, tag_version(launch.image)))


def _system(product: str, sightings: list[tuple[Evidence, str]]) -> SystemEntry:
    first = min(sightings, key=lambda s: place(s[0]))[0].location
    versions = sorted({version for _, version in sightings if version})
    location = first if isinstance(first, FileLocation) else FileLocation("", "", 0, 0)
    return SystemEntry(product, product, versions[0] if len(versions) == 1 else "", "", (), location)
