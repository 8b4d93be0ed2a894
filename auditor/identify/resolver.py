"""Endpoints become ends: the ranks of docs/design.md section 4, "Identity", in order.

Manifest address (longest prefix) > exact manifest host > catalog host > manifest host pattern > zone network.
Where a name and an address speak of different sides of the perimeter the end is a conflict, because the
name is the client's claim (TLS SNI, RFC 6066 section 3; HTTP Host, RFC 9110 section 7.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.facts.addresses import IPAddress
from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import Evidence
from auditor.facts.identity import HostCatalog, KnownDestination
from auditor.facts.manifest import Manifest
from auditor.facts.places import Place
from auditor.facts.rows import ResolvedEnd
from auditor.facts.tenures import Tenure
from auditor.facts.vocabulary import NameRung
from auditor.identify.holders import TIMELESS, Found, Holders, Span
from auditor.identify.inventory import Inventory
from auditor.identify.names import ManifestNames
from auditor.identify.networks import NetworkIndex, parse_address
from auditor.identify.outside import Outside
from auditor.identify.places import address_place, is_ours, may_dial_in, zone_place


@dataclass(frozen=True, slots=True)
class _Seen:
    """An endpoint with what its address alone tells."""

    name: str
    address: IPAddress | None
    text: str
    """The address in canonical form, empty without one."""
    place: Place | None
    """The place of the address, ``None`` without one."""
    label: str

    @property
    def key(self) -> str:
        """Return the id of an end that only its name or address tells apart."""
        return f"addr:{self.text}" if self.text else f"host:{self.name}"


class Resolver:
    """Decides ends; remembers every destination outside the systems that it met."""

    def __init__(
        self,
        manifest: Manifest,
        inventory: Inventory,
        catalog: HostCatalog,
        outside: Outside,
        answers: Mapping[str, tuple[str, ...]],
        tenures: Sequence[Tenure] = (),
    ) -> None:
        """Index networks, names and tenures; ``answers`` are the addresses that captures show for a name."""
        self._answers = answers
        self._inventory = inventory
        self._catalog = catalog
        self._outside = outside
        self._zones = {z.id: z for z in manifest.zones}
        self._names = ManifestNames(inventory, self._zones)
        self._holders = Holders(tenures, inventory, self._names)
        workloads = inventory.workloads.values()
        self._nodes = NetworkIndex((n, w.id) for w in workloads for n in w.networks)
        self._areas = NetworkIndex((n, z.id) for z in manifest.zones for n in z.networks)
        self._inside_networks = any(z.inside and z.networks for z in manifest.zones)
        self._mute = tuple(sorted(z.id for z in manifest.zones if z.inside and not z.networks and not z.hosts))

    def source(self, endpoint: Endpoint, towards: ResolvedEnd, span: Span = TIMELESS) -> ResolvedEnd:
        """Return who initiates during ``span``. An address that maps to nothing is never guessed: no candidates.

        A global address in no zone that dials something inside is outside, as it would be as a destination. Towards
        the outside it is not: it may be the deployment's own, after address translation.
        """
        seen = self._see(replace(endpoint, name=""))
        if endpoint.workload_reference in self._inventory.nodes:
            return self._titled(self._at_nodes((endpoint.workload_reference,), seen))
        found = self._met_by(endpoint, seen, span)
        if found.nodes:
            return self._titled(self._as_found(found, seen))
        if found.why_not:
            return ResolvedEnd((), seen.key, seen.label, "", seen.text, why=found.why_not)
        if seen.place is not None and seen.place.zone:
            return self._met(seen.key, seen, seen.place)
        if (
            seen.address is not None
            and seen.place is not None
            and may_dial_in(seen.address, seen.place)
            and self._inside(towards)
        ):
            return self._met(seen.key, seen, seen.place)
        return ResolvedEnd((), seen.key if seen.text else "addr:", seen.label, "", seen.text)

    def _inside(self, end: ResolvedEnd) -> bool:
        """Return whether an end is certainly inside, by its components or else by its address."""
        known = [self._inventory.components[c].place for c in end.candidates if c in self._inventory.components]
        if not known or len(known) != len(end.candidates):
            by_address = self.place_of_address(end.address)
            known = [by_address] if by_address is not None else []
        return bool(known) and not end.conflict and all(p.inside is True for p in known)

    def nodes(self, address: str) -> tuple[str, ...]:
        """Return the nodes that hold ``address``; several when equal networks claim it."""
        parsed = parse_address(address)
        return self._nodes.owners(parsed) if parsed else ()

    def place_of_address(self, address: str) -> Place | None:
        """Return what the zones' networks say of ``address``, ``None`` when it is none."""
        parsed = parse_address(address)
        return self._area(parsed) if parsed else None

    def destination(self, endpoint: Endpoint, *, name_hidden: bool = False, span: Span = TIMELESS) -> ResolvedEnd:
        """Return who answers during ``span``; an empty endpoint is the caller's business."""
        if endpoint.workload_reference in self._inventory.nodes:
            return self._at_nodes((endpoint.workload_reference,), self._see(endpoint))
        if endpoint.catalog_reference:
            known = self._catalog.destination(endpoint.catalog_reference)
            if known is not None:
                return self._at_known(known, self._see(endpoint))
        seen = self._see(_without_hidden_name(endpoint) if name_hidden else endpoint)
        if endpoint.rung is NameRung.PROXY_AUTHORITY and seen.name and seen.place is not None and seen.place.inside:
            # The address is the proxy's, the authority is the destination (RFC 9110 section 9.3.6).
            seen = replace(seen, address=None, text="", place=None)
        known = self._catalog.destination_for_host(seen.name) if seen.name else None
        found = self._met_by(endpoint, seen, span)
        if found.conflict:
            return self._as_found(found, seen)
        if found.nodes:
            return self._by_node_address(found.nodes, known, seen, found.evidence)
        return self._by_name(known, seen) or self._by_address(seen)

    def proxy(self, endpoint: Endpoint, span: Span = TIMELESS) -> ResolvedEnd | None:
        """Return the proxy that was asked for ``endpoint``: its address is the proxy's; ``None`` where none was asked."""
        if endpoint.rung is not NameRung.PROXY_AUTHORITY or not endpoint.name:
            return None
        itself = replace(endpoint, name="", rung=NameRung.NONE, logged_as="")
        seen = self._see(itself)
        nodes = self._met_by(itself, seen, span).nodes if seen.text else ()
        unknown = ResolvedEnd((), seen.key if seen.text else "", seen.text or "a proxy that nothing names", "", seen.text)
        return self._titled(self._at_nodes(nodes, seen)) if nodes else unknown

    def changes_hands(self, address: str) -> bool:
        """Return whether inventories know several holders of an address."""
        return self._holders.changes_hands(address)

    def _met_by(self, endpoint: Endpoint, seen: _Seen, span: Span) -> Found:
        return self._holders.find(seen.text, endpoint.logged_as, span, self.nodes(seen.text))

    def _as_found(self, found: Found, seen: _Seen) -> ResolvedEnd:
        end = replace(self._at_nodes(found.nodes, seen), conflict=found.conflict, evidence=found.evidence)
        return replace(end, workload=seen.key) if found.conflict else end

    def component(self, component: str, endpoint: Endpoint) -> ResolvedEnd:
        """Return the end at a component of the deployment, or at the destination of the catalog with this id."""
        known = self._inventory.components.get(component)
        if known is None:
            elsewhere = self._catalog.destination(component)
            if elsewhere is not None:
                return self._at_known(elsewhere, self._see(endpoint))
        label = endpoint.name or (known.title if known else "") or component
        return ResolvedEnd((component,), self._inventory.node_of(component), label, endpoint.name, endpoint.address)

    def _see(self, endpoint: Endpoint) -> _Seen:
        name, address = endpoint.name, parse_address(endpoint.address)
        if name and parse_address(name) is not None:
            name, address = "", address or parse_address(name)
        text = str(address) if address else ""
        label = name or text or endpoint.catalog_reference or endpoint.workload_reference
        return _Seen(name, address, text, self._area(address) if address else None, label)

    def _area(self, address: IPAddress) -> Place:
        """Return what the zones' networks say of an address."""
        zones = [self._zones[z] for z in self._areas.owners(address)]
        places = [zone_place(z, self._catalog) for z in zones]
        if not places:
            return address_place(address, networks_known=self._inside_networks)
        if len(places) == 1:
            return places[0]
        sides = {p.inside for p in places}
        names = ", ".join(z.id for z in zones)
        return Place(inside=sides.pop() if len(sides) == 1 else None, reason=f"zones {names} claim the same network")

    def _titled(self, end: ResolvedEnd) -> ResolvedEnd:
        """Return a source under the title of its workload: no name tells who it is."""
        known = self._inventory.workloads.get(end.workload)
        return replace(end, label=known.title) if known else end

    def _at_nodes(self, nodes: tuple[str, ...], seen: _Seen) -> ResolvedEnd:
        candidates = tuple(sorted({c for n in nodes for c in self._inventory.nodes[n]}))
        return ResolvedEnd(candidates, nodes[0] if len(nodes) == 1 else seen.key, seen.label, seen.name, seen.text)

    def _at_known(self, known: KnownDestination, seen: _Seen) -> ResolvedEnd:
        id_ = self._outside.known(known)
        return ResolvedEnd((id_,), self._inventory.node_of(id_), seen.label, seen.name, seen.text)

    def _met(self, id_: str, seen: _Seen, place: Place, conflict: str = "") -> ResolvedEnd:
        self._outside.met(id_, seen.name or seen.text, place)
        return ResolvedEnd((id_,), id_, seen.label, seen.name, seen.text, conflict)

    def _by_node_address(
        self, nodes: tuple[str, ...], known: KnownDestination | None, seen: _Seen, shown: tuple[Evidence, ...] = ()
    ) -> ResolvedEnd:
        end = replace(self._at_nodes(nodes, seen), evidence=shown)
        places = [self._inventory.place_of(n) for n in nodes]
        named_so = set(nodes) & set(self._names.exact(seen.name))
        if known is None or named_so or not any(is_ours(p) and p.operator != known.operator for p in places):
            return end
        text = f"the name {seen.name} belongs to {known.operator}, the address {seen.text} to {', '.join(nodes)}"
        both = tuple(sorted({*end.candidates, self._outside.known(known)}))
        return replace(end, candidates=both, workload=seen.key, conflict=text)

    def _by_name(self, known: KnownDestination | None, seen: _Seen) -> ResolvedEnd | None:
        """Return the end by rank of names, or ``None`` where no name decides."""
        if not seen.name:
            return None
        exact = self._names.exact(seen.name)
        if exact:
            return self._by_exact_name(exact, known, seen)
        if known is not None:
            return self._by_catalog_name(known, seen)
        nodes = self._names.pattern(seen.name)
        if nodes:
            return self._by_node_name(nodes, seen)
        zones = self._names.zone(seen.name)
        return self._by_zone_name(zones, seen) if zones else None

    def _by_exact_name(self, nodes: tuple[str, ...], known: KnownDestination | None, seen: _Seen) -> ResolvedEnd:
        """Return the end that the manifest names; a vendor's own name is its word alone until an address shows it."""
        end = self._by_node_name(nodes, seen)
        ours = any(is_ours(self._inventory.place_of(n)) for n in nodes)
        if known is None or not ours or end.conflict or self._shown_at(nodes, seen):
            return end
        text = f"the name {seen.name} belongs to {known.operator}, and the manifest gives it to {', '.join(nodes)}"
        both = tuple(sorted({*end.candidates, self._outside.known(known)}))
        return replace(end, candidates=both, workload=seen.key, conflict=text)

    def _shown_at(self, nodes: tuple[str, ...], seen: _Seen) -> bool:
        """Return whether every address that is known for the name lies at the nodes or in their zones."""
        zones = {self._inventory.place_of(n).zone for n in nodes} - {""}
        addresses = (seen.text,) if seen.text else self._answers.get(seen.name, ())
        places = [(self.nodes(a), self.place_of_address(a)) for a in addresses]
        return bool(places) and all(set(at) & set(nodes) or (p is not None and p.zone in zones) for at, p in places)

    def _by_zone_name(self, zones: tuple[str, ...], seen: _Seen) -> ResolvedEnd:
        places = [zone_place(self._zones[z], self._catalog) for z in zones]
        if len(places) > 1:
            return self._met(seen.key, seen, Place(inside=None, reason=f"zones {', '.join(zones)} claim its name"))
        return self._contradiction(places[0], f"zone {zones[0]}", seen) or self._met(f"host:{seen.name}", seen, places[0])

    def _by_node_name(self, nodes: tuple[str, ...], seen: _Seen) -> ResolvedEnd:
        for node in nodes:
            wrong = self._contradiction(self._inventory.place_of(node), node, seen)
            if wrong is not None:
                return wrong
        return self._at_nodes(nodes, seen)

    def _by_catalog_name(self, known: KnownDestination, seen: _Seen) -> ResolvedEnd:
        end = self._at_known(known, seen)
        if seen.place is None or not is_ours(seen.place) or seen.place.operator == known.operator:
            return end
        self._outside.met(seen.key, seen.text, seen.place)
        where = f"zone {seen.place.zone}" if seen.place.zone else "the zones inside"
        text = f"the name {seen.name} belongs to {known.operator}, the address {seen.text} to {where}"
        return replace(end, candidates=tuple(sorted((*end.candidates, seen.key))), workload=seen.key, conflict=text)

    def _contradiction(self, claimed: Place, owner: str, seen: _Seen) -> ResolvedEnd | None:
        """Return the end of an address on another side of the perimeter than its name claims."""
        if seen.place is None or seen.place.inside == claimed.inside:
            return None
        if claimed.inside is not True and seen.place.inside is not True:
            return None
        text = f"the name {seen.name} belongs to {owner}, whose networks do not hold the address {seen.text}"
        place = seen.place if claimed.inside else replace(seen.place, inside=None, reason=text)
        return self._met(seen.key, seen, place, text)

    def _by_address(self, seen: _Seen) -> ResolvedEnd:
        """Return the end that no rank above names: by its zone's network, its host name or its bare address."""
        if seen.place is None:
            return self._met(f"host:{seen.name}", seen, Place(inside=None, reason=self._unplaced(seen.name)))
        if seen.name and not seen.place.zone:
            return self._met(f"host:{seen.name}", seen, seen.place)
        return self._met(seen.key, seen, seen.place)

    def _unplaced(self, name: str) -> str:
        if self._mute:
            zones = f"zone {self._mute[0]}" if len(self._mute) == 1 else f"zones {', '.join(self._mute)}"
            return f"{zones} inside the perimeter gives neither networks nor hosts, so nobody can tell whether {name} lies there"
        return f"no zone and no catalog entry covers {name}, and its address was not seen"


def _without_hidden_name(endpoint: Endpoint) -> Endpoint:
    """Drop a name that the client shows in place of the real one (ECH outer name, RFC 9849)."""
    if endpoint.rung in (NameRung.SNI, NameRung.HTTP_HOST, NameRung.NONE):
        return replace(endpoint, name="", rung=NameRung.NONE)
    return endpoint
