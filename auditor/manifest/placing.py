"""Whether the networks of components lie in the zones that the manifest puts the components into.

The zone of an address is the one with the longest network that holds it. A manifest that gives a component to one
zone and its address to another contradicts itself, and either could be the mistake: so nobody may rely on it.
"""

from __future__ import annotations

from collections.abc import Mapping

from auditor.documents.tree import Node
from auditor.facts.addresses import IPNetwork, covers
from auditor.manifest.hosting import Stated, stated_components
from auditor.manifest.reading import Reading
from auditor.manifest.zones import check_size, networks_of

_Networks = Mapping[str, tuple[Node, tuple[IPNetwork, ...]]]
"""Zone id to its key in the file and its networks."""


def check_component_networks(reading: Reading) -> None:
    """Note a fault for each network of a component that its zone does not hold, or another zone holds more closely.

    One that no single party can have is a fault too: with it every address would be the component's.
    """
    root = reading.document.root
    node = root.get("zones")
    zones = {
        key.text: (key, tuple(network for network, _ in networks_of(value)))
        for key, value in (node.entries if node is not None else ())
    }
    for item in stated_components(root):
        for network, place in networks_of(item.entry):
            check_size(reading, item.id, network, place)
            if item.zone in zones:
                _check(reading, item, network, place, zones)


def _check(reading: Reading, item: Stated, network: IPNetwork, place: Node, zones: _Networks) -> None:
    for other in sorted(zones.keys() - {item.zone}):
        closer = _closer(network, zones[item.zone][1], zones[other][1])
        if closer is not None:
            how = "lies in" if covers(closer, network) else "holds addresses of"
            why = f"zone {other}, {_at(reading, zones[other][0], place)}, has {closer}; zone {item.zone} has nothing closer"
            step = f'write "zone: {other}" for {item.id}, or correct the networks of both'
            reading.fault(place, f"network {network} of {item.id} {how} zone {other}, not {item.zone}", why, step)
            return
    key, own = zones[item.zone]
    if own and not any(covers(n, network) for n in own):
        why = f"zone {item.zone}, {_at(reading, key, place)}, has {', '.join(str(n) for n in own)}"
        step = f"correct it, add it to the networks of zone {item.zone}, or name the zone in which it lies"
        reading.fault(place, f"network {network} of {item.id} lies outside its zone {item.zone}", why, step)


def _closer(network: IPNetwork, own: tuple[IPNetwork, ...], other: tuple[IPNetwork, ...]) -> IPNetwork | None:
    """Return the network of another zone that holds (part of) ``network`` more closely than the own zone does."""
    for candidate in other:
        if not (covers(candidate, network) or covers(network, candidate)):
            continue
        part = network if covers(candidate, network) else candidate
        if all(n.prefixlen < candidate.prefixlen for n in own if covers(n, part)):
            return candidate
    return None


def _at(reading: Reading, key: Node, place: Node) -> str:
    return reading.first_at(key, place).removeprefix("first ")
