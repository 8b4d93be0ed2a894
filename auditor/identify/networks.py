"""Which of many networks holds an address: longest prefix first, equal prefixes kept side by side."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from auditor.facts.addresses import IPAddress, parse_network


def parse_address(text: str) -> IPAddress | None:
    """Return the address that ``text`` writes (brackets and zone index allowed), or ``None``.

    An IPv4-mapped IPv6 address is the IPv4 address that it maps (RFC 4291 section 2.5.5.2).
    """
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


class NetworkIndex:
    """Owners by network; a look-up costs one probe per prefix length in use."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        """Take (canonical CIDR network, owner id) pairs."""
        self._owners: dict[tuple[int, int, int], set[str]] = {}
        for text, owner in entries:
            network = parse_network(text)
            key = (network.version, network.prefixlen, int(network.network_address))
            self._owners.setdefault(key, set()).add(owner)
        self._lengths = sorted({key[:2] for key in self._owners}, reverse=True)

    def __len__(self) -> int:
        return len(self._owners)

    def owners(self, address: IPAddress) -> tuple[str, ...]:
        """Return the sorted owners of the longest network that holds ``address``; empty when none does."""
        for version, length in self._lengths:
            if version != address.version:
                continue
            host_bits = address.max_prefixlen - length
            found = self._owners.get((version, length, int(address) >> host_bits << host_bits))
            if found:
                return tuple(sorted(found))
        return ()
