"""Places: what a zone, the catalog or an address tells of where something is and who runs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from auditor.facts.addresses import IPAddress, is_private
from auditor.facts.identity import HostCatalog, KnownDestination
from auditor.facts.inventory import Component
from auditor.facts.places import CUSTOMER, Place, Zone

NO_ZONE = "no zone of the manifest is given for it"


def zone_place(zone: Zone, catalog: HostCatalog, operator: str = "") -> Place:
    """Return the place of something in ``zone``; an own ``operator`` goes before the zone's."""
    runs = operator or zone.operator
    known = catalog.operator(runs) if runs else None
    return Place(
        inside=zone.inside,
        operator=runs,
        hosted_by=zone.hosted_by,
        processing=zone.processing,
        storage=zone.storage,
        operator_country=known.country if known else "",
        zone=zone.id,
        reason="" if runs else f"the manifest names no operator of zone {zone.id}",
    )


def known_place(known: KnownDestination) -> Place:
    """Return the place of a destination of the catalog; countries on weak facts count as unknown."""
    reason = ""
    if known.weak and (known.processing or known.storage):
        said = ", ".join(sorted({*(known.processing or ()), *(known.storage or ())}))
        reason = f"only a source that is not the operator says {said}"
    elif known.processing is None:
        reason = known.processing_reason or "the operator does not fix where it processes"
    return Place(
        inside=False,
        operator=known.operator,
        hosted_by=known.hosted_by,
        processing=None if known.weak else known.processing,
        storage=None if known.weak else known.storage,
        operator_country=known.operator_country,
        reason=reason,
    )


def component_place(component: Component, explicit: Zone | None, default: Zone | None, catalog: HostCatalog) -> Place:
    """Return where ``component`` of a system is.

    ``explicit`` is the zone that the manifest gives this very component, ``default`` the zone of its system.
    What the catalog places outside stays there: a manifest that puts it inside contradicts the catalog.
    """
    place = component.place
    if place.inside is False:
        if explicit is None:
            return place
        if explicit.inside:
            text = f"the manifest puts it into zone {explicit.id}, the product runs it at {place.operator or 'its vendor'}"
            return replace(place, inside=None, processing=None, storage=None, reason=text)
        return zone_place(explicit, catalog, place.operator)
    zone = explicit or (default if component.workload else None)
    if zone is None:
        return replace(place, inside=None, reason=place.reason or NO_ZONE)
    return zone_place(zone, catalog, place.operator)


def address_place(address: IPAddress, *, networks_known: bool) -> Place:
    """Return the place of an address that lies in no zone's networks.

    A private address alone is not inside, and not outside either: it may be any site that has a route.
    A global address is outside as soon as the zones inside say which networks are theirs.
    """
    if not networks_known:
        return Place(inside=None, reason="no zone inside the perimeter says which networks are its own")
    if is_private(address):
        return Place(inside=None, reason=f"{address} is a private address in no zone's networks")
    return Place(inside=False, reason=f"who operates {address} is not known")


def merged(places: Iterable[Place]) -> Place:
    """Return what all sightings of one host or address tell together, in whatever order they came."""
    ordered = sorted(places, key=lambda p: (p.inside is None, p.inside is True, p.zone, p.operator, p.reason))
    decided = {p.inside for p in ordered if p.inside is not None}
    if len(decided) > 1:
        return Place(inside=None, reason="its addresses lie on both sides of the perimeter")
    return ordered[0]


def is_ours(place: Place) -> bool:
    """Return whether a vendor's name at this place would contradict it."""
    return place.inside is True or place.operator == CUSTOMER


def may_dial_in(address: IPAddress, place: Place) -> bool:
    """Return whether an address can be one machine outside: a group, no address at all or a reserved one is none."""
    return place.inside is False and not (address.is_multicast or address.is_unspecified or address.is_reserved)
