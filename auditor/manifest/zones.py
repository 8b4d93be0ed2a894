"""``zones:`` and ``perimeter:``."""

from __future__ import annotations

from auditor.documents.tree import Node
from auditor.facts.places import Countries, Zone
from auditor.manifest.reading import Reading, listed, text


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
    return tuple(sorted((_zone(reading, key, value, inside) for key, value in entries), key=lambda z: z.id))


def check_zone(reading: Reading, node: Node | None, known: set[str], who: str) -> None:
    """Note a fault when ``node`` names a zone that is not defined."""
    if node is not None and node.text not in known:
        reading.fault(
            node, f'{who} zone "{node.text}", which is not defined', f"defined: {listed(known)}", "define it under zones:"
        )


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
