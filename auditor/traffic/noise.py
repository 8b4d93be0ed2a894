"""Local noise: what no router forwards is never egress, and its names are no public names.

Sources: mDNS RFC 6762, LLMNR RFC 4795, NetBIOS RFC 1002, SSDP (UPnP), DHCP RFC 2131 and 8415, NDP RFC 4861, MLD RFC 3810,
IGMP RFC 3376.
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.traffic.internet import ICMPV6, IGMP, TCP, UDP, is_global, is_group, is_group_or_link_local
from auditor.traffic.packet import Packet

_DISCOVERY = frozenset({130, 131, 132, 133, 134, 135, 136, 137, 143})
LOCAL_PORTS = {
    67: "dhcp",
    68: "dhcp",
    123: "ntp",
    137: "nbns",
    138: "nbns",
    546: "dhcpv6",
    547: "dhcpv6",
    1900: "ssdp",
    3702: "wsd",
    5353: "mdns",
    5355: "llmnr",
}
_IPV4_LENGTH = 4
_ANSWERED_DIRECTLY = frozenset({"mdns", "llmnr", "ssdp", "dhcp", "dhcpv6", "nbns", "wsd"})


class Ends(NamedTuple):
    """What tells noise from traffic: protocol and ends of a packet or of a flow."""

    protocol: int
    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    icmp_type: int | None = None
    to_all: bool = False
    """Whether it came in a frame to some or all machines of the link."""


def local_noise(packet: Packet) -> str:
    """Return the local protocol that ``packet`` belongs to, empty when it may leave the link."""
    ports = packet.source_port, packet.destination_port
    return noise_between(Ends(packet.protocol, packet.source, packet.destination, *ports, packet.icmp_type, packet.group))


def noise_between(ends: Ends) -> str:
    """Return the local protocol that a packet between ``ends`` belongs to, empty when it may leave the link.

    A unicast packet to a link-local address (such as a metadata service) is noise only if its protocol is one;
    a discovery protocol spoken to a globally reachable address is traffic like any other.
    """
    if ends.protocol == ICMPV6 and ends.icmp_type in _DISCOVERY:
        return "nd"
    if ends.protocol == IGMP:
        return "igmp"
    name = ""
    if ends.protocol == UDP:
        name = LOCAL_PORTS.get(ends.destination_port) or LOCAL_PORTS.get(ends.source_port, "")
    if _to_group(ends):
        return name or "multicast"
    return name if name and _stays(ends, name) else ""


def _to_group(ends: Ends) -> bool:
    """Return whether a packet goes to all or some machines of the link; anonymised link addresses do not decide."""
    if is_group(ends.destination):
        return True
    return ends.to_all and ends.protocol != TCP and not is_global(ends.destination) and _may_be_broadcast(ends.destination)


def _may_be_broadcast(destination: bytes) -> bool:
    """Return whether an address may be the last one of its network: all host bits set, at least two of them (RFC 919).

    A frame to all machines of the link whose IP destination cannot be that is for one machine: some switches flood so.
    """
    return len(destination) == _IPV4_LENGTH and destination[-1] & 3 == 3  # noqa: PLR2004 -- the two lowest bits


def _stays(ends: Ends, name: str) -> bool:
    if is_group_or_link_local(ends.destination) or is_group_or_link_local(ends.source):
        return True
    return name in _ANSWERED_DIRECTLY and not is_global(ends.source) and not is_global(ends.destination)
