"""Addresses that many sites use at once: seeing one says nothing of whose it is.

Explicit networks, because "not globally reachable" (``ipaddress``) also holds documentation and benchmark
ranges, which no site owns.
"""

from __future__ import annotations

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_SHARED_BY_MANY = tuple(
    ipaddress.ip_network(text)
    for text in (
        "10.0.0.0/8",  # RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",  # RFC 6598, carrier-grade translation; also overlay networks
        "127.0.0.0/8",  # RFC 1122
        "169.254.0.0/16",  # RFC 3927, also cloud metadata services
        "fc00::/7",  # RFC 4193
        "fe80::/10",  # RFC 4291
        "::1/128",
    )
)


def is_private(address: IPAddress) -> bool:
    """Return whether the address is of a range that every site may use for itself."""
    return any(address.version == network.version and address in network for network in _SHARED_BY_MANY)
