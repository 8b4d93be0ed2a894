"""No-manifest mode: which systems the documents show. Everything found is an assumption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.catalog.catalog import Catalog
from auditor.catalog.product import Product
from auditor.config.bindings import Launch, Library, Packaging
from auditor.config.effective import place
from auditor.config.formats import read_launches, read_loose
from auditor.config.formats.helm import read_helm, values_of
from auditor.config.formats.helm_release import library_of
from auditor.config.reached import names_of
from auditor.config.recognition import match_file, match_launch, tag_version
from auditor.documents.tree import Document, DocumentKind
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.manifest import ComponentEntry, SystemEntry


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One place that shows a product."""

    evidence: Evidence
    version: str = ""
    workload: str = ""
    names: tuple[str, ...] = ()
    """Under which others of the same files reach it."""

    @property
    def location(self) -> FileLocation:
        """Return where it stands."""
        found = self.evidence.location
        return found if isinstance(found, FileLocation) else FileLocation("", "", 0, 0)


def recognise_systems(documents: Sequence[Document], catalog: Catalog) -> tuple[SystemEntry, ...]:
    """Return one system for each product that a process or file of ``documents`` is recognised as, by product id.

    Its components have the host names under which the same files reach them; a name that two products claim is nobody's.
    """
    library = library_of(documents, ())
    launches = (*read_launches(library), *read_loose(library))
    found: dict[str, list[_Sighting]] = {}
    for product in catalog.products():
        rules = catalog.recognitions(product)
        alone = tuple(rule for rule in rules if not rule.companion)
        for launch in launches:
            strength, workload = match_launch(launch, alone)
            if workload and (launch.packaging is Packaging.ENV_FILE or strength == _strongest(launch, catalog)):
                seen = _Sighting(launch.evidence, tag_version(launch.image), workload, names_of(launch, library))
                found.setdefault(product, []).append(seen)
        for source in library.sources:
            if match_file(source, alone):
                found.setdefault(product, []).append(_Sighting(source.evidence(source.document.root, product)))
    _charts(library, catalog, found)
    claims = Counter(name for sightings in found.values() for name in {n for s in sightings for n in s.names})
    return tuple(_system(catalog.product(p), found[p], {n for n in claims if claims[n] == 1}) for p in sorted(found))


def _strongest(launch: Launch, catalog: Catalog) -> int:
    return max(match_launch(launch, catalog.recognitions(p))[0] for p in catalog.products())


def _charts(library: Library, catalog: Catalog, found: dict[str, list[_Sighting]]) -> None:
    values = [s for s in library.sources if s.document.kind in (DocumentKind.HELM_VALUES, DocumentKind.YAML)]
    for product in catalog.products() if values else ():
        for chart in catalog.product(product).charts:
            for source in values:
                for found_values in values_of(source, chart):
                    launches = read_helm(found_values, library, chart)
                    found.setdefault(product, []).extend(_Sighting(x.evidence, tag_version(x.image)) for x in launches)


def _system(product: Product, sightings: list[_Sighting], own: set[str]) -> SystemEntry:
    first = min(sightings, key=lambda s: place(s.evidence))
    versions = sorted({s.version for s in sightings if s.version})
    version = versions[0] if len(versions) == 1 else ""
    return SystemEntry(product.id, product.id, version, "", tuple(_components(product, sightings, own)), first.location)


def _components(product: Product, sightings: list[_Sighting], own: set[str]) -> Iterator[ComponentEntry]:
    """Yield one component a workload that has names: its first, which stands for the workload that all of them share."""
    for workload in product.workloads:
        named = [s for s in sightings if s.workload == workload.id and own.intersection(s.names)]
        component = next((c for c in product.components if c.runs_in == workload.id), None)
        if named and component is not None:
            hosts = tuple(sorted({name for s in named for name in own.intersection(s.names)}))
            at = min(named, key=lambda s: place(s.evidence)).location
            yield ComponentEntry(component.id, None, None, "", (), hosts, "", "", at)
