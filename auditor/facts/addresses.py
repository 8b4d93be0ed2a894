"""Addresses that many sites use at once: seeing one says nothing of whose it is.

Explicit networks, because "not globally reachable" (``ipaddress``) also holds documentation and benchmark
ranges, which no site owns.
"""

from __future__ import annotations

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")

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


def parse_network(text: str) -> IPNetwork:
    """Return the network that ``text`` writes in CIDR form, host bits dropped.

    A network of IPv4-mapped IPv6 addresses is the IPv4 network that it maps (RFC 4291 section 2.5.5.2).

    Raises:
        ValueError: ``text`` is no network.
    """
    network = ipaddress.ip_network(text.strip("[]"), strict=False)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        mapped = int(network.network_address) - int(_MAPPED.network_address)
        return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED.prefixlen))
    return network


def covers(outer: IPNetwork, inner: IPNetwork) -> bool:
    """Return whether every address of ``inner`` lies in ``outer``."""
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)


def is_loopback(host: str) -> bool:
    """Return whether ``host``, a name in normal form or an address, is the machine that uses it.

    ``localhost`` and the names below it (RFC 6761 section 6.3), loopback and unspecified addresses, to which
    programs connect as to the loopback, also when mapped into IPv6.
    """
    if host in ("localhost", "ip6-localhost", "ip6-loopback") or host.endswith(".localhost"):
        return True
    try:
        network = parse_network(host)
    except ValueError:
        return False
    address = network.network_address
    return network.prefixlen == network.max_prefixlen and (address.is_loopback or address.is_unspecified)
