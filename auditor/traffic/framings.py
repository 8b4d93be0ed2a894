"""Headers that a link type puts before another one, and link layers that are no Ethernet: 802.11, FDDI, token ring, frame relay.

Sources: tcpdump.org/linktypes.html for every number and header; radiotap.org; the PPI specification (CACE); IEEE 802.11-2020,
9.3.2.1; ISO 9314-2 (FDDI); IEEE 802.5; RFC 2427 (frame relay); RFC 2684 (ATM); RFC 2625 (Fibre Channel); Juniper's header as
tcpdump's and Wireshark's readers agree on it; the switch tags of Broadcom and Marvell as Linux' net/dsa has them.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import unpack_from

IPV4, IPV6 = 0x0800, 0x86DD
ETHERNET, BY_LENGTH = 0x6558, 0
"""EtherTypes of a whole frame, and of LLC (IEEE 802.2), which a length instead of a type announces."""
RAW, ETHERNET_LINK, PPP_LINK, HDLC, FRAME_RELAY, WIFI = 101, 1, 9, 104, 107, 105
_DEEPEST = 3
_FIXED = {
    8: (RAW, 16),  # SLIP: direction and compressed header
    109: (RAW, 12),  # OpenBSD enc: family, association, flags
    119: (WIFI, 144),  # prism
    204: (PPP_LINK, 1),  # with a direction before it, as are the two below
    205: (HDLC, 1),
    206: (FRAME_RELAY, 1),
    226: (RAW, 24),  # Solaris ipnet
    240: (ETHERNET_LINK, 4),  # netANALYZER
    241: (ETHERNET_LINK, 12),  # the same with the preamble
    274: (ETHERNET_LINK, 8),  # 802.3br: preamble
    282: (ETHERNET_LINK, 4),  # Broadcom's switch tag before the frame
}
_JUNIPER = {178: ETHERNET_LINK, 179: PPP_LINK, 180: FRAME_RELAY, 181: HDLC}
_JUNIPER_MAGIC, _NO_LINK_HEADER, _EXTENSIONS = b"MGC", 0x02, 0x80
_AVS_MAGIC = b"\x80\x21\x10"
_SWITCH_TAGS = {281: 4, 284: 4, 285: 8}
_GROUP_ADDRESS = 1
WIFI_DATA = 2
"""Type of an 802.11 frame of data."""


class Skip(Exception):  # noqa: N818 -- not an error: a frame that is counted under its reason and not read
    """A frame that is not read, with the reason under which it is counted."""


Header = tuple[int, int, bool, bytes]
"""EtherType, where its packet begins, sent to a group, what tells interfaces apart."""


def unframe(link_type: int, data: bytes) -> tuple[int, int]:
    """Return the link type of what stands behind headers that only say how a frame was captured, and where it begins.

    Raises:
        struct.error, IndexError: the frame ends inside these headers.
    """
    at = 0
    for _ in range(_DEEPEST):
        before = _before(link_type, data, at)
        if before is None:
            break
        link_type, at = before[0], at + before[1]
    return link_type, at


def _before(link_type: int, data: bytes, at: int) -> tuple[int, int] | None:
    """Return the link type behind the header at ``at`` and its length, ``None`` where the link layer itself begins."""
    if link_type == 119 and data[at : at + 3] == _AVS_MAGIC:  # noqa: PLR2004 -- some drivers send that header under this number
        link_type = 163
    if link_type in _FIXED:
        return _FIXED[link_type]
    if link_type in _JUNIPER:
        return _juniper(link_type, data, at)
    reader = _TOLD.get(link_type)
    return None if reader is None else reader(data, at)


def _juniper(link_type: int, data: bytes, at: int) -> tuple[int, int]:
    """Pass over Juniper's header; where the link header was taken off, four bytes name the protocol of the IP packet."""
    if data[at : at + 3] != _JUNIPER_MAGIC:
        return _JUNIPER[link_type], 0  # old releases write none
    flags = data[at + 3]
    length = 6 + int(unpack_from("!H", data, at + 4)[0]) if flags & _EXTENSIONS else 4
    return (RAW, length + 4) if flags & _NO_LINK_HEADER else (_JUNIPER[link_type], length)


def _pflog(data: bytes, at: int) -> tuple[int, int]:
    return RAW, data[at] + -data[at] % 4


def _radiotap(data: bytes, at: int) -> tuple[int, int]:
    return WIFI, int(unpack_from("<H", data, at + 2)[0])


def _avs(data: bytes, at: int) -> tuple[int, int]:
    return WIFI, int(unpack_from("!I", data, at + 4)[0])


def _ppi(data: bytes, at: int) -> tuple[int, int]:
    length, link_type = unpack_from("<HI", data, at + 2)
    return link_type, length


def _pktap(data: bytes, at: int) -> tuple[int, int]:
    length, _, link_type = unpack_from("<III", data, at)
    return link_type, length


_TOLD: dict[int, Callable[[bytes, int], tuple[int, int]]] = {
    117: _pflog,
    127: _radiotap,
    163: _avs,
    192: _ppi,
    258: _pktap,
}
"""Headers that tell their length, and some of them what follows."""


def fddi(data: bytes) -> Header:
    """Take frames of data; the others keep the ring."""
    if data[0] & 0x70 != 0x50:  # noqa: PLR2004 -- LLC, synchronous or not
        raise Skip("link_local:fddi")
    return BY_LENGTH, 13, data[1:7] == b"\xff" * 6, b""


def token_ring(data: bytes) -> Header:
    """Pass over the route that a set first bit of the sender's address announces."""
    if data[1] >> 6 != 1:
        raise Skip("link_local:token_ring")
    route = data[14] & 0x1F if data[8] & 0x80 else 0
    return BY_LENGTH, 14 + route, data[2:8] == b"\xff" * 6, b""


def wifi(data: bytes) -> Header:
    """Take unprotected frames of data; management and control carry nobody's."""
    start = wifi_body(data, 0, data[0], data[1])
    return BY_LENGTH, start, bool(data[4] & _GROUP_ADDRESS), b""


def wifi_body(data: bytes, at: int, first: int, second: int) -> int:
    """Return where the LLC header of the 802.11 data frame at ``at`` begins; ``first`` and ``second``: its frame control.

    Raises:
        Skip: it is no frame of data, it is encrypted, or holds several packets.
    """
    if (first >> 2) & 3 != WIFI_DATA or first & 0x40:  # the subtypes without any data
        raise Skip("link_local:wifi")
    if second & 0x40:
        raise Skip("wifi_encrypted")
    at += 30 if second & 3 == 3 else 24  # noqa: PLR2004 -- four addresses between access points
    if first & 0x80:
        if data[at] & 0x80:
            raise Skip("wifi_aggregated")
        at += 6 if second & 0x80 else 2
    return at


def frame_relay(data: bytes) -> Header:
    """Read RFC 2427, or the framing of Cisco, which has an EtherType where the control field would be."""
    at = next(i for i, byte in enumerate(data[:4] + b"\1") if byte & 1) + 1
    if data[at] != 0x03:  # noqa: PLR2004 -- unnumbered information
        return unpack_from("!H", data, at)[0], at + 2, False, b""
    at += 1 if data[at + 1] else 2  # a zero aligns what follows
    protocol = {0xCC: IPV4, 0x8E: IPV6}.get(data[at])
    if protocol is not None:
        return protocol, at + 1, False, b""
    if data[at] != 0x80:  # noqa: PLR2004 -- SNAP
        raise Skip(f"frame_relay:0x{data[at]:02x}")
    if data[at + 1 : at + 4] == BRIDGED:
        return ETHERNET, at + 6, False, b""
    return unpack_from("!H", data, at + 4)[0], at + 6, False, b""


BRIDGED = b"\x00\x80\xc2"
"""Organisation that announces a whole frame (RFC 2427 and RFC 2684)."""


def over_fibre_channel(data: bytes) -> Header:
    """Pass over the two addresses of the network header."""
    return BY_LENGTH, 16, bool(data[2] & _GROUP_ADDRESS), b""


def pppoe(_: bytes) -> Header:
    """Take a PPPoE session without its Ethernet header."""
    return 0x8864, 0, False, b""


def llc(_: bytes) -> Header:
    """Take LLC from the first byte on."""
    return BY_LENGTH, 0, False, b""


def llc_behind_cell(_: bytes) -> Header:
    """Pass over the virtual path and channel of ATM."""
    return BY_LENGTH, 4, False, b""


def switch_tagged(link_type: int) -> Callable[[bytes], Header]:
    """Return a reader of Ethernet with a switch's tag behind the addresses."""
    at = 12 + _SWITCH_TAGS[link_type]
    return lambda data: (unpack_from("!H", data, at)[0], at + 2, bool(data[0] & _GROUP_ADDRESS), b"")


READERS: dict[int, Callable[[bytes], Header]] = {
    6: token_ring,
    10: fddi,
    11: llc,
    51: pppoe,
    WIFI: wifi,
    FRAME_RELAY: frame_relay,
    100: llc,
    122: over_fibre_channel,
    123: llc_behind_cell,
    **{link_type: switch_tagged(link_type) for link_type in _SWITCH_TAGS},
}
"""By LINKTYPE_ value."""
