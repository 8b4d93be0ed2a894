"""Headers of plain packets: Ethernet with VLAN tags, raw and BSD loopback frames; IPv4 and IPv6; TCP and UDP.

Whatever is not plain (fragments, extensions, tunnels, local protocols, damage) is refused and read by ``decoder``.
"""

from __future__ import annotations

import numpy as np

from auditor.traffic.fast import layout as of
from auditor.traffic.fast.compiled import inner
from auditor.traffic.fast.layout import Data, Numbers

_IPV4, _IPV6 = 0x0800, 0x86DD
_TCP, _UDP = 6, 17
_MOST_TAGS = 4
_TAG_BITS = 12
_1, _2, _3 = np.uint64(1), np.uint64(2), np.uint64(3)
UDP_SPECIAL, TCP_SPECIAL, UDP_NAMES = 1, 2, 4
"""Bits of the table of ports that are not read here, see ``ports.special_ports``."""


@inner
def two(data: Data, at: int) -> int:
    """Return two bytes in network order; every number is made signed first, as mixed ones would become floating.

    Places are made unsigned, as numba takes signed ones below 0 for places from the end: bytes in a row are then read at once.
    """
    place = np.uint64(at)
    return int((np.int64(data[place]) << 8) | np.int64(data[place + _1]))


@inner
def four(data: Data, at: int) -> int:
    """Return four bytes in network order."""
    place = np.uint64(at)
    high = (np.int64(data[place]) << 24) | (np.int64(data[place + _1]) << 16)
    return int(high | (np.int64(data[place + _2]) << 8) | np.int64(data[place + _3]))


@inner
def _eight(data: Data, at: int) -> int:
    return (four(data, at) << 32) | four(data, at + 4)


@inner
def _family(data: Data, at: int) -> int:
    """Return the EtherType that a BSD loopback header means, 0 for none."""
    word = four(data, at)
    if word & 0xFFFFFF == 0:  # little endian: the number is in the first byte
        word >>= 24
    if word == 2:
        return _IPV4
    return _IPV6 if word in (10, 24, 28, 30) else 0


@inner
def _frame(data: Data, at: int, stop: int, link: int, packet: Numbers) -> int:
    """Return where what the frame holds begins, -1 where the frame ends before; note its EtherType."""
    packet[of.GROUP] = 0
    if link == of.ETHERNET:
        if stop - at < 14:
            return -1
        packet[of.GROUP] = np.int64(data[at]) & 1
        packet[of.KIND] = two(data, at + 12)
        return at + 14
    if stop - at < 4:
        return -1
    if link == of.NULL:
        packet[of.KIND] = _family(data, at)
        return at + 4
    if link == of.RAW:
        version = np.int64(data[at]) >> 4
        packet[of.KIND] = _IPV4 if version == 4 else _IPV6 if version == 6 else 0
    elif link == of.ONLY_IPV4:
        packet[of.KIND] = _IPV4
    elif link == of.ONLY_IPV6:
        packet[of.KIND] = _IPV6
    return at


@inner
def _network(data: Data, at: int, stop: int, link: int, packet: Numbers) -> int:
    """Return where the IP header begins behind at most four VLAN tags, -1 where none does."""
    at = _frame(data, at, stop, link, packet)
    tags, count = 0, 0
    for _ in range(_MOST_TAGS + 1):
        kind = packet[of.KIND]
        if at < 0 or kind in (_IPV4, _IPV6):
            packet[of.TAGS] = (tags << 4) | count
            return at
        if kind not in (0x8100, 0x88A8, 0x9100) or stop - at < 4:
            return -1
        tag = two(data, at) & 0xFFF
        if tag:
            tags |= tag << (_TAG_BITS * count)
            count += 1
        packet[of.KIND] = two(data, at + 2)
        at += 4
    return -1


@inner
def _internet4(data: Data, at: int, stop: int, packet: Numbers) -> bool:
    """Read an IPv4 header without a fragment, to one machine."""
    if stop - at < 20:
        return False
    first = np.int64(data[at])
    header = (first & 15) * 4
    length = two(data, at + 2)
    if first >> 4 != 4 or header < 20 or length < header or stop - at < header or two(data, at + 6) & 0x3FFF:
        return False
    target = four(data, at + 16)
    if target >> 28 == 14 or target == 0xFFFFFFFF:
        return False
    packet[of.SOURCE_HIGH], packet[of.SOURCE_LOW] = 0, four(data, at + 12)
    packet[of.TARGET_HIGH], packet[of.TARGET_LOW] = 0, target
    packet[of.PROTOCOL] = np.int64(data[at + 9])
    packet[of.BEGIN], packet[of.CLOSE], packet[of.WIRED] = at + header, at + length, length
    return True


@inner
def _internet6(data: Data, at: int, stop: int, packet: Numbers) -> bool:
    """Read an IPv6 header to one machine; an extension shows as a protocol that is not read."""
    if stop - at < 40:
        return False
    length = two(data, at + 4)
    if np.int64(data[at]) >> 4 != 6 or length == 0 or data[at + 24] == 0xFF:
        return False
    packet[of.SOURCE_HIGH], packet[of.SOURCE_LOW] = _eight(data, at + 8), _eight(data, at + 16)
    packet[of.TARGET_HIGH], packet[of.TARGET_LOW] = _eight(data, at + 24), _eight(data, at + 32)
    packet[of.PROTOCOL] = np.int64(data[at + 6])
    packet[of.BEGIN], packet[of.CLOSE], packet[of.WIRED] = at + 40, at + 40 + length, 40 + length
    return True


@inner
def _transport(data: Data, stop: int, special: Data, packet: Numbers) -> int:
    """Return the length of the TCP or UDP header, -1 where it is not read here; note ports, flags, where the datagram ends."""
    start, protocol = packet[of.BEGIN], packet[of.PROTOCOL]
    if stop - start < (14 if protocol == _TCP else 8):
        return -1
    source, target = two(data, start), two(data, start + 2)
    bit = TCP_SPECIAL if protocol == _TCP else UDP_SPECIAL
    marks = np.int64(special[source]) | np.int64(special[target])
    if marks & bit:
        return -1
    packet[of.NAMED] = protocol == _UDP and marks & UDP_NAMES
    tail = (protocol << 8) | (4 if packet[of.KIND] == _IPV4 else 6)
    packet[of.FORWARD] = (source << 32) | (target << 16) | tail
    packet[of.BACKWARD] = (target << 32) | (source << 16) | tail
    if protocol == _TCP:
        packet[of.NUMBER_SENT] = four(data, start + 4)
        packet[of.SIGNALS] = np.int64(data[start + 13])
        size = int((np.int64(data[start + 12]) >> 4) * 4)
        return size if size >= 20 else -1
    length = two(data, start + 4)
    if 8 <= length < packet[of.CLOSE] - start:
        packet[of.CLOSE] = start + length
    return 8


@inner
def read_headers(data: Data, at: int, stop: int, link: int, special: Data, packet: Numbers) -> bool:
    """Fill ``packet`` from the frame between ``at`` and ``stop``; ``False`` for a packet that is not plain."""
    network = _network(data, at, stop, link, packet)
    if network < 0:
        return False
    whole = _internet4(data, network, stop, packet) if packet[of.KIND] == _IPV4 else _internet6(data, network, stop, packet)
    protocol = packet[of.PROTOCOL]
    if not whole or (protocol != _TCP and (protocol != _UDP or packet[of.GROUP])):
        return False
    packet[of.NETWORK] = network
    size = _transport(data, stop, special, packet)
    if size < 0 or packet[of.BEGIN] + size > packet[of.CLOSE]:
        return False
    packet[of.BEGIN] += size
    packet[of.LENGTH] = packet[of.CLOSE] - packet[of.BEGIN]
    packet[of.HELD] = max(0, min(packet[of.CLOSE], stop) - packet[of.BEGIN])
    return True
