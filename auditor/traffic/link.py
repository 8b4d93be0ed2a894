"""Link layers: from the first byte of a frame to the network layer (values: tcpdump.org/linktypes.html)."""

from __future__ import annotations

from collections.abc import Callable
from struct import unpack_from
from typing import NamedTuple

from auditor.traffic.framings import BRIDGED, ETHERNET, IPV4, IPV6, READERS, Skip, unframe
from auditor.traffic.framings import Header as _Header

__all__ = ["ARP", "ETHERNET", "IPV4", "IPV6", "MPLS", "NSH", "PPP", "Link", "Skip", "decode_link", "ethertype_of_ip", "walk_link"]

ARP = 0x0806
_VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
PPP, MPLS, MPLS_MULTICAST, NSH = 0x880B, 0x8847, 0x8848, 0x894F
"""EtherTypes of a PPP packet, a stack of labels and a service header, as tunnels announce them."""
_BEHIND_NSH = {1: IPV4, 2: IPV6, 3: ETHERNET, 5: MPLS}
_PPPOE_SESSION, _MACSEC, _BACKBONE = 0x8864, 0x88E5, 0x88E7
_CONFIDENTIAL = 0x0C  # the bits E and C of a MACsec tag (IEEE 802.1AE, 9.5): its bytes are not the sender's
_LARGEST_LENGTH = 1500  # IEEE 802.3: up to here the type field is a length
_SNAP = b"\xaa\xaa\x03"
_PPP_PROTOCOLS = {0x0021: IPV4, 0x0057: IPV6, 0x0281: MPLS, 0x0283: MPLS_MULTICAST}
_PPP_CONTROL = 0x8000
"""From here on the protocols that only set up the link (RFC 1661, section 2); below they carry data."""
_LOCAL_TYPES = {
    ARP: "arp",
    0x8035: "rarp",
    0x8809: "slow_protocols",
    0x8863: "pppoe_discovery",
    0x888E: "eapol",
    0x88CC: "lldp",
    0x88E1: "homeplug",
    0x88F7: "ptp",
    0x8902: "cfm",
    0x9000: "loopback_test",
}
"""EtherTypes that no router forwards and that carry nobody's data (IEEE 802 numbers, IANA); any other hides what it carries."""
_LOCAL_LLC = {0x42: "stp", 0xFE: "isis"}
"""Destination service access points of IEEE 802.2 that only switches and routers speak."""
_WHOLE_FRAMES = (1, 7)  # RFC 2684, section 5.2: Ethernet with and without its check sequence, two bytes of padding before it
_CISCO = b"\x00\x00\x0c"
_CISCO_LOCAL = {0x0104: "pagp", 0x010B: "stp", 0x0111: "udld", 0x2000: "cdp", 0x2003: "vtp", 0x2004: "dtp"}
_CISCO_HDLC = (0x0F, 0x8F)  # unicast, multicast
_FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}  # AF_INET; AF_INET6 of Linux, NetBSD, FreeBSD, Darwin
_SLL_GROUP = frozenset({1, 2})  # broadcast, multicast
_NFLOG_PAYLOAD = 9
_MULTICAST_GID = 0xFF  # first byte of a destination that is a group (InfiniBand Architecture, as IPv6)
_DEEPEST = 16


class Link(NamedTuple):
    """Where the network layer of a frame begins."""

    protocol: int
    """EtherType."""
    start: int
    vlans: tuple[int, ...]
    """VLAN identifiers, outermost first; priority tags (identifier 0) left out."""
    group: bool
    """Sent to a broadcast or multicast address of the link."""
    tap: bytes
    """What tells apart the interfaces of an "any" capture; empty where the link header does not say."""


def _ethernet(data: bytes) -> _Header:
    return unpack_from("!H", data, 12)[0], 14, bool(data[0] & 1), b""


def _null(data: bytes) -> _Header:
    """Read the address family, written in the byte order of the machine that captured."""
    for order in ("<I", ">I"):
        family = _FAMILIES.get(unpack_from(order, data)[0])
        if family is not None:
            return family, 4, False, b""
    raise Skip("null_family")


def _raw(data: bytes) -> _Header:
    return ethertype_of_ip(data, 0), 0, False, b""


def ethertype_of_ip(data: bytes, at: int) -> int:
    """Return the EtherType of the IP packet that begins at ``at``, 0 when its version says it is none."""
    return {4: IPV4, 6: IPV6}.get(data[at] >> 4, 0)


def _sll(data: bytes) -> _Header:
    packet_type, _, _ = unpack_from("!HHH", data)
    return unpack_from("!H", data, 14)[0], 16, packet_type in _SLL_GROUP, data[:14]


def _sll2(data: bytes) -> _Header:
    protocol, _, _, _, packet_type = unpack_from("!HHIHB", data)
    return protocol, 20, packet_type in _SLL_GROUP, data[4:8]


def _ppp(data: bytes) -> _Header:
    """Read PPP, or the Cisco framing that goes by the same link types (RFC 1547, section 4.3.1)."""
    if data[0] in _CISCO_HDLC:
        return _hdlc(data)
    return (*_ppp_protocol(data, 2 if data[:2] == b"\xff\x03" else 0), False, b"")


def _hdlc(data: bytes) -> _Header:
    return unpack_from("!H", data, 2)[0], 4, False, b""


def _nflog(data: bytes) -> _Header:
    """Read Linux netfilter log: family and version, then attributes in the byte order of the machine that captured."""
    protocol = _FAMILIES.get(data[0], 0)
    for order in ("<HH", ">HH"):
        at = 4
        while at + 4 <= len(data):
            length, kind = unpack_from(order, data, at)
            if kind == _NFLOG_PAYLOAD:
                return protocol, at + 4, False, b""
            if length < 4 or at + length > len(data):  # noqa: PLR2004 -- the attribute header itself
                break
            at += length + -length % 4
    raise Skip("nflog_without_packet")


def _infiniband(data: bytes) -> _Header:
    """Read IP over InfiniBand (RFC 4391, section 6): the global route header, 40 bytes, then an EtherType in 4."""
    return unpack_from("!H", data, 40)[0], 44, data[24] == _MULTICAST_GID, b""


_READERS: dict[int, Callable[[bytes], _Header]] = {
    **READERS,
    0: _null,
    1: _ethernet,
    9: _ppp,
    12: _raw,
    14: _raw,
    50: _ppp,
    101: _raw,
    104: _hdlc,
    108: _null,
    113: _sll,
    239: _nflog,
    242: _infiniband,
    228: _raw,  # some writers put the other family in, too
    229: _raw,
    276: _sll2,
}


def _ppp_protocol(data: bytes, at: int) -> tuple[int, int]:
    """Return the EtherType and where its packet begins; the protocol field may be one byte (RFC 1661, section 6.5)."""
    size = 1 if data[at] & 1 else 2
    number = int.from_bytes(data[at : at + size], "big")
    protocol = _PPP_PROTOCOLS.get(number)
    if protocol is None:
        raise Skip("ppp_control" if number >= _PPP_CONTROL else f"ppp:0x{number:04x}")
    return protocol, at + size


def decode_link(link_type: int, data: bytes) -> Link:
    """Return where the IP or ARP packet of a frame begins; VLAN tags, MPLS labels and PPPoE are walked.

    Raises:
        Skip: the link type is not read, or the frame carries something else than IP and ARP.
        struct.error, IndexError: the frame ends inside its headers.
    """
    reader, offset = _READERS.get(link_type), 0
    if reader is None:
        inside, offset = unframe(link_type, data)
        reader = _READERS.get(inside)
        if reader is None:
            raise Skip(f"link_type:{link_type}")
    protocol, start, group, tap = reader(data[offset:] if offset else data)
    start += offset
    if protocol in (IPV4, IPV6):
        return Link(protocol, start, (), group, tap)
    return walk_link(protocol, data, start, group=group, tap=tap)


def walk_link(protocol: int, data: bytes, start: int, *, group: bool = False, tap: bytes = b"") -> Link:
    """Return where the IP or ARP packet begins of what starts with an EtherType already known.

    Raises:
        Skip: it carries something else than IP and ARP.
        struct.error, IndexError: the frame ends inside its headers.
    """
    vlans: list[int] = []
    for _ in range(_DEEPEST):
        if protocol in (IPV4, IPV6, ARP):
            return Link(protocol, start, tuple(vlans), group, tap)
        if protocol in _VLAN_TAGS:
            tag, protocol = unpack_from("!HH", data, start)
            vlans.extend([tag & 0xFFF] if tag & 0xFFF else [])
            start += 4
        elif protocol == ETHERNET:
            group = bool(data[start] & 1)
            protocol, start = unpack_from("!H", data, start + 12)[0], start + 14
        else:
            protocol, start = _unwrap(protocol, data, start)
    raise Skip("link_depth")


def _unwrap(protocol: int, data: bytes, start: int) -> tuple[int, int]:
    """Return the protocol inside MPLS, PPPoE, a service header, a tag or LLC/SNAP and where it begins."""
    if protocol <= _LARGEST_LENGTH:
        return _llc(data, start)
    reader = _INSIDE.get(protocol)
    if reader is None:
        name = _LOCAL_TYPES.get(protocol)
        raise Skip(f"link_local:{name}" if name else f"ethertype:0x{protocol:04x}")
    return reader(data, start)


def _labels(data: bytes, start: int) -> tuple[int, int]:
    """Pass over a stack of MPLS labels (RFC 3032)."""
    while not data[start + 2] & 1:
        start += 4
    start += 4
    if not data[start] >> 4:
        return ETHERNET, start + 4  # the control word of a pseudowire (RFC 4448) says by 0 that no IP packet follows
    return ethertype_of_ip(data, start), start


def _macsec(data: bytes, start: int) -> tuple[int, int]:
    """Pass over a MACsec tag (IEEE 802.1AE) of a frame that is only signed; the signature lies behind the IP packet."""
    if data[start] & _CONFIDENTIAL:
        raise Skip("macsec_encrypted")
    return _behind_tag(data, start + (14 if data[start] & 0x20 else 6))


def _behind_tag(data: bytes, at: int) -> tuple[int, int]:
    return unpack_from("!H", data, at)[0], at + 2


def _behind_service_header(data: bytes, start: int) -> tuple[int, int]:
    """Return what a network service header (RFC 8300, section 2.2) stands before; its length counts words of four bytes."""
    protocol = _BEHIND_NSH.get(data[start + 3])
    length = (data[start + 1] & 0x3F) * 4
    if protocol is None or not length:
        raise Skip(f"ethertype:0x{NSH:04x}")
    return protocol, start + length


def _llc(data: bytes, start: int) -> tuple[int, int]:
    """Return the protocol inside SNAP and where it begins; other LLC (IEEE 802.2) carries no IP."""
    if data[start : start + 3] != _SNAP:
        name = _LOCAL_LLC.get(data[start])
        raise Skip(f"link_local:{name}" if name else f"llc:0x{data[start]:02x}")
    protocol: int = unpack_from("!H", data, start + 6)[0]
    if data[start + 3 : start + 6] == BRIDGED and protocol in _WHOLE_FRAMES:
        return ETHERNET, start + 10
    if data[start + 3 : start + 6] == _CISCO:
        name = _CISCO_LOCAL.get(protocol)
        raise Skip(f"link_local:{name}" if name else f"snap:0x{protocol:04x}")
    return protocol, start + 8


_INSIDE: dict[int, Callable[[bytes, int], tuple[int, int]]] = {
    MPLS: _labels,
    MPLS_MULTICAST: _labels,
    _PPPOE_SESSION: lambda data, start: _ppp_protocol(data, start + 6),
    PPP: lambda data, start: _ppp_protocol(data, start + (2 if data[start : start + 2] == b"\xff\x03" else 0)),
    NSH: _behind_service_header,
    _MACSEC: _macsec,
    _BACKBONE: lambda _, start: (ETHERNET, start + 4),
    0x22F3: lambda data, start: (ETHERNET, start + 6 + (unpack_from("!H", data, start)[0] >> 6 & 0x1F) * 4),  # TRILL (RFC 6325)
    0x8903: lambda _, start: (ETHERNET, start + 2),  # FabricPath: tree and lifetime behind its own addresses
    0x8909: lambda data, start: _behind_tag(data, start + 6),  # Cisco's metadata
    0x8926: lambda data, start: _behind_tag(data, start + 4),  # VN tag
    0x892F: lambda data, start: _behind_tag(data, start + 4),  # redundancy tag (IEC 62439-3)
    0x893F: lambda data, start: _behind_tag(data, start + 6),  # port extension (IEEE 802.1BR)
}
"""By EtherType what stands before another packet or frame; each returns the protocol inside and where it begins."""
