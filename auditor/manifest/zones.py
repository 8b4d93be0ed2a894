"""``zones:`` and ``perimeter:``."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from auditor.documents.tree import Node
from auditor.facts.addresses import IPNetwork, parse_network
from auditor.facts.places import Countries, Zone
from auditor.manifest.reading import Reading, listed, text

_LARGEST = {4: 8, 6: 7}
"""Shortest prefix of a zone's network, by IP version: the registry gives out IPv4 in blocks of /8 at most (IANA IPv4
Address Space Registry), and the largest IPv6 block that one site may use is fc00::/7 (RFC 4193)."""


def read_zones(reading: Reading) -> tuple[Zone, ...]:
    """Return the zones, sorted by id, each with whether the perimeter counts it as inside."""
    root = reading.document.root
    zones = root.get("zones")
    entries = zones.entries if zones is not None else ()
    known = {key.text for key, _ in entries}
    perimeter = root.get("perimeter")
    inside = {item.text for item in perimeter.items} if perimeter is not None else set()
    for item in perimeter.items if perimeter is not None else ():
        check_zone(reading, item, known, "perimeter names")
    _check_networks(reading, entries)
    return tuple(sorted((_zone(reading, key, value, inside) for key, value in entries), key=lambda z: z.id))


def check_zone(reading: Reading, node: Node | None, known: set[str], who: str) -> None:
    """Note a fault when ``node`` names a zone that is not defined."""
    if node is not None and node.text not in known:
        reading.fault(
            node, f'{who} zone "{node.text}", which is not defined', f"defined: {listed(known)}", "define it under zones:"
        )


def networks_of(entry: Node) -> Iterator[tuple[IPNetwork, Node]]:
    """Yield the networks under ``networks:`` of a zone or component, each with its place; what is none is left out."""
    listed_networks = entry.get("networks")
    for item in listed_networks.items if listed_networks is not None else ():
        try:
            yield parse_network(item.text), item
        except ValueError:
            continue  # Reading.networks notes the fault


def _check_networks(reading: Reading, entries: Iterable[tuple[Node, Node]]) -> None:
    """Note a fault for each network that tells no place: one of everybody's, or one that two zones claim."""
    first: dict[IPNetwork, tuple[Node, Node]] = {}
    for key, value in entries:
        for network, item in networks_of(value):
            check_size(reading, f"zone {key.text}", network, item)
            owner, before = first.setdefault(network, (key, item))
            if owner is not key:
                what = f"network {network} is given to zone {owner.text} and to zone {key.text}"
                step = "leave it to one zone, and give the other its own part"
                reading.fault(item, what, reading.first_at(before, item), step)
        _check_together(reading, key, value)


def check_size(reading: Reading, owner: str, network: IPNetwork, item: Node) -> None:
    """Note a fault when a network of ``owner`` is larger than what one party can have."""
    if network.prefixlen < _LARGEST[network.version]:
        why = f"no party has an IPv{network.version} network larger than /{_LARGEST[network.version]}, so it tells no place"
        reading.fault(item, f"{network} of {owner} holds addresses of many parties", why, "list its own networks")


def _check_together(reading: Reading, key: Node, value: Node) -> None:
    """Note a fault when the networks of a zone hold every address of an IP version, though none does by itself."""
    found = [network for network, _ in networks_of(value)]
    four = [n for n in found if isinstance(n, ipaddress.IPv4Network)]
    six = [n for n in found if isinstance(n, ipaddress.IPv6Network)]
    for version, whole in ((4, ipaddress.collapse_addresses(four)), (6, ipaddress.collapse_addresses(six))):
        if any(n.prefixlen == 0 for n in whole) and not any(n.prefixlen < _LARGEST[version] for n in found):
            what = f"the networks of zone {key.text} together hold every IPv{version} address"
            reading.fault(value.get("networks") or value, what, "that tells no place", "list its own networks")


def _zone(reading: Reading, key: Node, value: Node, inside: set[str]) -> Zone:
    processing, storage = reading.countries(value.get("processing")), reading.countries(value.get("storage"))
    operator, hosted_by = text(value, "operator"), text(value, "hosted_by")
    said = f"zone {key.text}: operated by {operator}, hosted by {hosted_by or 'unknown'}, "
    said += f"processing in {_places(processing)}, storage in {_places(storage)}"
    return Zone(
        id=key.text,
        operator=operator,
        hosted_by=hosted_by,
        processing=processing,
        storage=storage,
        networks=reading.networks(value.get("networks")),
        hosts=reading.hosts(value.get("hosts")),
        inside=key.text in inside,
        evidence=tuple(reading.evidence(place, said) for place in reading.layers(key)),
    )


def _places(countries: Countries) -> str:
    return ", ".join(countries) if countries else "unknown countries"
