"""Packets inside packets: where the inner one begins, by IP protocol or UDP port, and only where the bytes agree.

Sources: IP in IP RFC 2003, 6in4 RFC 4213, 4in6 RFC 2473, GRE RFC 2784 and 2890, PPTP RFC 2637, NVGRE RFC 7637, ERSPAN
draft-foschiano-erspan, EtherIP RFC 3378, MPLS in IP RFC 4023 and in UDP RFC 7510, VXLAN RFC 7348, its generic form
draft-ietf-nvo3-vxlan-gpe, Geneve RFC 8926, Teredo RFC 4380, GTP-U 3GPP TS 29.281, CAPWAP RFC 5415, L2TP RFC 2661,
GRE in UDP RFC 8086, GUE draft-ietf-intarea-gue, AYIYA draft-massar-v6ops-ayiya, LISP RFC 9300, TZSP as Wireshark and
MikroTik have it, WCCP draft-wilson-wrec-wccp-v2.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import error as struct_error
from struct import unpack_from
from typing import NamedTuple

from auditor.traffic.framings import BY_LENGTH, WIFI_DATA, wifi_body
from auditor.traffic.internet import IPV4_INSIDE, IPV6_INSIDE, Datagram, decode_internet
from auditor.traffic.link import ARP, ETHERNET, IPV4, IPV6, MPLS, NSH, PPP, Skip, ethertype_of_ip, walk_link

_GRE, _ETHERIP, _MPLS_IN_IP = 47, 97, 137
_SNAP = b"\xaa\xaa\x03"


class Inner(NamedTuple):
    """What a tunnel packet holds."""

    kind: str
    protocol: int
    """EtherType of what begins at ``start``; ``ETHERNET`` for a frame, ``PPP`` for a PPP packet."""
    start: int
    vni: int | None = None


class Opened(NamedTuple):
    """The IP packet that a tunnel packet holds, with what its own link header told."""

    kind: str
    datagram: Datagram
    protocol: int
    vlans: tuple[int, ...]
    vni: int | None
    group: bool


def open_tunnel(inner: Inner, data: bytes) -> Opened | None:
    """Return the IP packet inside, ``None`` when there is none: then the outer packet is what the flow is made of.

    Raises:
        Skip: the inner frame is local noise (ARP, discovery) and stays inside the overlay.
    """
    try:
        link = walk_link(inner.protocol, data, inner.start)
        datagram = decode_internet(link.protocol, data, link.start) if link.protocol != ARP else None
    except Skip as reason:
        if str(reason).startswith("link_local:"):
            raise
        return None
    except (struct_error, IndexError):
        return None
    if datagram is None:
        raise Skip("link_local:arp")
    return Opened(inner.kind, datagram, link.protocol, link.vlans, inner.vni, link.group)


def inside_datagram(protocol: int, data: bytes, start: int) -> Inner | None:
    """Return what a packet of an IP protocol other than UDP holds, ``None`` when it is no tunnel that is opened."""
    if protocol == IPV4_INSIDE:
        return Inner("ipip", IPV4, start)
    if protocol == IPV6_INSIDE:
        return Inner("ip6ip", IPV6, start)
    try:
        if protocol == _GRE:
            return _gre(data, start)
        if protocol == _ETHERIP and data[start] == 0x30:  # noqa: PLR2004 -- version 3
            return Inner("etherip", ETHERNET, start + 2)
        return Inner("mpls", MPLS, start) if protocol == _MPLS_IN_IP else None
    except (struct_error, IndexError):
        return None


def _gre(data: bytes, start: int) -> Inner | None:
    """Walk a GRE header: checksum, key and sequence number where its flags say so, routing not at all."""
    flags, kind = unpack_from("!HH", data, start)
    version = flags & 7
    if flags & 0x4000 or version > 1:
        return None
    at = start + 4
    at += 4 if flags & 0x8000 else 0
    key = int(unpack_from("!I", data, at)[0]) if flags & 0x2000 else None
    at += 4 if key is not None else 0
    at += 4 if flags & 0x1000 else 0
    if version == 1:
        return Inner("pptp", PPP, at + (4 if flags & 0x0080 else 0)) if kind == PPP else None
    if kind == _ERSPAN_2:
        return Inner("erspan", ETHERNET, at + (8 if flags & 0x1000 else 0))  # type I has neither sequence nor header
    if kind == _ERSPAN_3:
        return Inner("erspan", ETHERNET, at + (20 if data[at + 11] & 1 else 12))
    return _plain_gre(kind, key, data, at)


def _plain_gre(kind: int, key: int | None, data: bytes, at: int) -> Inner | None:
    """Return what GRE holds by its EtherType."""
    if kind == ETHERNET:
        return Inner("gre", ETHERNET, at, None if key is None else key >> 8)
    if kind == _WCCP:  # Cisco's redirection: version 2 puts four bytes before the packet
        at += 0 if data[at] >> 4 == 4 else 4  # noqa: PLR2004 -- version 4
        return Inner("gre", IPV4, at)
    if kind in _ARUBA:
        return _wifi("gre", data, at)
    return Inner("gre", kind, at) if kind in (IPV4, IPV6, MPLS, NSH, PPP) else None


_ERSPAN_2, _ERSPAN_3, _WCCP = 0x88BE, 0x22EB, 0x883E
_ARUBA = frozenset({*range(0x8200, 0x8380, 0x10), 0x9000})
"""With these Aruba's access points announce an 802.11 frame (as Zeek's and Wireshark's readers have it)."""


def _vxlan(data: bytes, start: int) -> Inner | None:
    flags, word = unpack_from("!B3xI", data, start)
    return Inner("vxlan", ETHERNET, start + 8, word >> 8) if flags & 0x08 and not word & 0xFF else None


def _vxlan_gpe(data: bytes, start: int) -> Inner | None:
    flags, following, word = unpack_from("!B2xBI", data, start)
    protocol = {1: IPV4, 2: IPV6, 3: ETHERNET, 4: NSH, 5: MPLS}.get(following if flags & 0x04 else 3)
    return Inner("vxlan", protocol, start + 8, word >> 8) if flags & 0x08 and protocol else None


def _geneve(data: bytes, start: int) -> Inner | None:
    first, protocol, word = unpack_from("!BxHI", data, start)
    if first >> 6 or word & 0xFF or protocol not in (ETHERNET, IPV4, IPV6):
        return None
    return Inner("geneve", protocol, start + 8 + (first & 0x3F) * 4, word >> 8)


def _teredo(data: bytes, start: int) -> Inner | None:
    """Pass over authentication and origin indications."""
    if unpack_from("!H", data, start)[0] == 1:
        start += 13 + data[start + 2] + data[start + 3]
    if unpack_from("!H", data, start)[0] == 0:
        start += 8
    return Inner("teredo", IPV6, start) if data[start] >> 4 == 6 else None  # noqa: PLR2004 -- version 6


def _gtp(data: bytes, start: int) -> Inner | None:
    """Take a G-PDU of GTP-U version 1; the chain of extension headers ends with type 0."""
    flags, kind = unpack_from("!BB", data, start)
    if flags >> 4 != 3 or kind != 0xFF:  # noqa: PLR2004 -- version 1, GTP and not GTP'
        return None
    at = start + 8
    if flags & 7:
        following = data[at + 3] if flags & 4 else 0
        at += 4
        while following:
            size = data[at] * 4
            if not size:
                return None
            following = data[at + size - 1]
            at += size
    protocol = ethertype_of_ip(data, at)
    return Inner("gtp", protocol, at) if protocol else None


def _l2tp(data: bytes, start: int) -> Inner | None:
    """Take a data message of version 2; a control message holds no packet of a user."""
    flags = unpack_from("!H", data, start)[0]
    if flags & 0x800F != 2:  # noqa: PLR2004 -- a data message of version 2
        return None
    at = start + 6
    at += 2 if flags & 0x4000 else 0
    at += 4 if flags & 0x0800 else 0
    at += 2 + int(unpack_from("!H", data, at)[0]) if flags & 0x0200 else 0
    return Inner("l2tp", PPP, at)


def _mpls(_: bytes, start: int) -> Inner:
    return Inner("mpls", MPLS, start)


def _capwap(data: bytes, start: int) -> Inner | None:
    """Take a packet that is neither encrypted, a fragment nor a keep-alive, and holds an Ethernet or 802.11 data frame."""
    preamble, flags = unpack_from("!BxH", data, start)
    if preamble or flags & 0x0088:
        return None
    at = start + (data[start + 1] >> 3) * 4
    if not flags & 0x0100:
        return Inner("capwap", ETHERNET, at)
    return _wifi("capwap", data, at)


def _wifi(kind: str, data: bytes, at: int) -> Inner | None:
    """Return what an unprotected 802.11 data frame holds behind its LLC/SNAP header; some senders swap the first two bytes."""
    first, second = data[at], data[at + 1]
    if (first >> 2) & 3 != WIFI_DATA:
        first, second = second, first
    try:
        at = wifi_body(data, at, first, second)
    except Skip:
        return None
    return Inner(kind, BY_LENGTH, at) if data[at : at + 3] == _SNAP else None


def _lisp(data: bytes, start: int) -> Inner | None:
    protocol = ethertype_of_ip(data, start + 8)
    return Inner("lisp", protocol, start + 8) if protocol else None


def _tzsp(data: bytes, start: int) -> Inner | None:
    """Take a mirrored Ethernet frame behind the tagged fields; a tag of 0 is one byte of padding, 1 is the last."""
    version, kind, protocol = unpack_from("!BBH", data, start)
    if version != 1 or kind > 1 or protocol != 1:
        return None
    at = start + 4
    while data[at] != 1:
        at += 2 + data[at + 1] if data[at] else 1
    return Inner("tzsp", ETHERNET, at + 1)


def _gue(data: bytes, start: int) -> Inner | None:
    """Take a packet of generic UDP encapsulation: variant 1 is the IP packet itself, variant 0 has a header."""
    first = data[start]
    if first >> 6 == 1:
        protocol = ethertype_of_ip(data, start)
        return Inner("gue", protocol, start) if protocol else None
    inner = None if first & 0xE0 else inside_datagram(data[start + 1], data, start + 4 + (first & 0x1F) * 4)
    return inner and inner._replace(kind="gue")


def _ayiya(data: bytes, start: int) -> Inner | None:
    """Take a packet to be forwarded, behind an identity and a signature that say how long they are."""
    identity, signature, operation, following = unpack_from("!BBBB", data, start)
    at = start + 8 + (1 << (identity >> 4)) + (signature >> 4) * 4
    inner = inside_datagram(following, data, at) if operation & 0x0F == 1 else None
    return inner and inner._replace(kind="ayiya")


UDP_TUNNELS: dict[int, Callable[[bytes, int], Inner | None]] = {
    1701: _l2tp,
    2152: _gtp,
    3544: _teredo,
    4341: _lisp,
    4754: _gre,
    4789: _vxlan,
    4790: _vxlan_gpe,
    5072: _ayiya,
    5247: _capwap,
    6080: _gue,
    6081: _geneve,
    6635: _mpls,
    8472: _vxlan,
    37008: _tzsp,
}
"""By port (IANA; 8472 is what Linux, and so Cilium and flannel, used before the assignment)."""


def inside_udp(source_port: int, destination_port: int, data: bytes, start: int) -> Inner | None:
    """Return what a UDP payload that begins at ``start`` holds, ``None`` when it is no tunnel."""
    reader = UDP_TUNNELS.get(destination_port) or UDP_TUNNELS.get(source_port)
    if reader is None:
        return None
    try:
        return reader(data, start)
    except (struct_error, IndexError):
        return None
