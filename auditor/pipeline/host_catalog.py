"""The catalog as identity sees it: destinations by host or id, and operators."""

from __future__ import annotations

from auditor.catalog import Catalog, EndpointEntry
from auditor.facts.identity import KnownDestination
from auditor.facts.places import Countries, Operator
from auditor.facts.vocabulary import Basis


class CatalogDestinations:
    """Adapts :class:`auditor.catalog.Catalog` to :class:`auditor.facts.identity.HostCatalog`."""

    def __init__(self, catalog: Catalog) -> None:
        """Keep the catalog; nothing is parsed yet."""
        self._catalog = catalog

    def destination_for_host(self, host: str) -> KnownDestination | None:
        """Return what the host name (normal form) belongs to, label-aware, longest pattern first."""
        entry = self._catalog.endpoint_for_host(host)
        return None if entry is None else self._known(entry, host)

    def destination(self, id: str) -> KnownDestination | None:  # noqa: A002 -- the word of the contract
        """Return the destination with this id."""
        entry = self._catalog.endpoint(id)
        return None if entry is None else self._known(entry, "")

    def region_of_host(self, host: str) -> Countries:
        """Return the countries of the region of an endpoint's host name, whatever may lead calls elsewhere."""
        entry = self._catalog.endpoint_for_host(host)
        return None if entry is None else entry.processing

    def operator(self, id: str) -> Operator | None:  # noqa: A002 -- the word of the contract
        """Return the organisation with this id."""
        return self._catalog.operator(id)

    def _known(self, entry: EndpointEntry, host: str) -> KnownDestination:
        operator = self._catalog.operator(entry.operator)
        what = (
            f"{host} is {entry.title}"
            if host
            else f"{entry.title} is a service of {operator.title if operator else entry.operator}"
        )
        processing, reason = entry.told_by_host
        return KnownDestination(
            id=entry.id,
            title=entry.title,
            operator=entry.operator,
            operator_country=operator.country if operator else "",
            plane=entry.plane,
            role=entry.role,
            processing=processing,
            storage=entry.storage,
            hosted_by=entry.hosted_by,
            evidence=(self._catalog.evidence(entry.fact, what, Basis.DECLARED),),
            weak=not entry.fact.decides,
            processing_reason=reason,
        )
