"""IPv4 (RFC 791) and IPv6 (RFC 8200) headers: addresses, transport protocol, where its bytes begin and end."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from struct import unpack_from
from typing import NamedTuple

from auditor.traffic.link import IPV4, Skip

TCP, UDP, ICMP, ICMPV6, SCTP, IGMP = 6, 17, 1, 58, 132, 2
IPV4_INSIDE, IPV6_INSIDE = 4, 41
_IPV4_HEADER, _IPV6_HEADER = 20, 40
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION, _MOBILITY = 0, 43, 44, 51, 60, 135
_LEAST_AUTHENTICATION = 12
_IPV6_ADDRESS = 16
_OPTIONS = frozenset({_HOP_BY_HOP, _ROUTING, _DESTINATION, _MOBILITY, 139, 140})
_MOST_EXTENSIONS = 32


class Fragment(NamedTuple):
    """Place of a fragment in its datagram."""

    identification: int
    offset: int
    """Bytes."""
    more: bool


class Datagram(NamedTuple):
    """One IP packet."""

    source: bytes
    destination: bytes
    protocol: int
    start: int
    """Where the transport header begins."""
    end: int
    """Where the packet ends by its own length field; beyond ``len(data)`` when the capture cut it."""
    wire: int
    """Length of the packet with its IP header, bytes."""
    fragment: Fragment | None


def decode_internet(ethertype: int, data: bytes, at: int) -> Datagram:
    """Return the IP packet that begins at ``at``.

    Raises:
        Skip: the header contradicts itself.
        struct.error, IndexError: the frame ends inside the header.
    """
    return _ipv4(data, at) if ethertype == IPV4 else _ipv6(data, at)


def _ipv4(data: bytes, at: int) -> Datagram:
    first, length, identification, flags, protocol = unpack_from("!BxHHHxB", data, at)
    header = (first & 0xF) * 4
    if first >> 4 != 4 or header < _IPV4_HEADER:  # noqa: PLR2004 -- version 4
        raise Skip("ipv4_damaged")
    # A length of 0 is what segmentation offload leaves in captures of the sending machine.
    length = length or len(data) - at
    if length < header or len(data) < at + header:
        raise Skip("ipv4_damaged")
    offset, more = (flags & 0x1FFF) * 8, bool(flags & 0x2000)
    fragment = Fragment(identification, offset, more) if offset or more else None
    addresses = data[at + 12 : at + 16], data[at + 16 : at + 20]
    start = at + header
    if fragment is None:
        protocol, start = _behind_signature(protocol, data, start, at + length)
    return Datagram(*addresses, protocol, start, at + length, length, fragment)


def _ipv6(data: bytes, at: int) -> Datagram:
    first, length, protocol = unpack_from("!B3xHB", data, at)
    if first >> 4 != 6 or len(data) < at + _IPV6_HEADER:  # noqa: PLR2004 -- version 6
        raise Skip("ipv6_damaged")
    length = length or len(data) - at - _IPV6_HEADER
    start = at + _IPV6_HEADER
    end = start + length
    fragment = None
    protocol, start = _behind_extensions(protocol, data, start)
    if protocol == _FRAGMENT:
        protocol, word, identification = unpack_from("!BxHI", data, start)
        start += 8
        if word & 0xFFF9:
            fragment = Fragment(identification, word & 0xFFF8, bool(word & 1))
        else:  # an atomic fragment (RFC 6946) is a whole packet
            protocol, start = _behind_extensions(protocol, data, start)
    if start > end:
        raise Skip("ipv6_damaged")
    addresses = data[at + 8 : at + 24], data[at + 24 : at + 40]
    return Datagram(*addresses, protocol, start, end, end - at, fragment)


def behind_fragments(datagram: Datagram, data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return transport protocol and where its header begins in what was fragmented, which may begin with further headers.

    Raises:
        IndexError: it ends inside of them.
    """
    if len(datagram.source) == _IPV6_ADDRESS:
        return _behind_extensions(datagram.protocol, data, start)
    return _behind_signature(datagram.protocol, data, start, end)


def _behind_signature(protocol: int, data: bytes, start: int, end: int) -> tuple[int, int]:
    """Pass over an authentication header that is whole: it signs what follows and hides nothing (RFC 4302)."""
    if protocol == _AUTHENTICATION and len(data) >= start + _LEAST_AUTHENTICATION:
        behind = start + (data[start + 1] + 2) * 4
        if behind <= min(end, len(data)):
            return data[start], behind
    return protocol, start


def _behind_extensions(protocol: int, data: bytes, start: int) -> tuple[int, int]:
    """Pass over the extension headers of IPv6 (RFC 8200, section 4) but for that of a fragment."""
    for _ in range(_MOST_EXTENSIONS):
        if protocol in _OPTIONS:
            size = (data[start + 1] + 1) * 8
        elif protocol == _AUTHENTICATION:
            size = (data[start + 1] + 2) * 4
        else:
            break
        protocol, start = data[start], start + size
    return protocol, start


@lru_cache(maxsize=65_536)
def text(address: bytes) -> str:
    """Return an address in canonical text form (RFC 5952)."""
    return str(ipaddress.ip_address(address))


@lru_cache(maxsize=65_536)
def is_global(address: bytes) -> bool:
    """Return whether an address is reachable from the whole Internet (IANA special-purpose registries)."""
    return ipaddress.ip_address(address).is_global and not ipaddress.ip_address(address).is_multicast


@lru_cache(maxsize=65_536)
def is_group_or_link_local(address: bytes) -> bool:
    """Return whether no router forwards to an address: multicast, limited broadcast, link-local."""
    known = ipaddress.ip_address(address)
    return known.is_multicast or known.is_link_local or address == b"\xff\xff\xff\xff"


@lru_cache(maxsize=65_536)
def is_group(address: bytes) -> bool:
    """Return whether an address is a multicast or the limited broadcast address."""
    return ipaddress.ip_address(address).is_multicast or address == b"\xff\xff\xff\xff"
