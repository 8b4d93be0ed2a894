"""Between the rows of the kernel and the objects of the other modules: a flow taken over, a key looked up."""

from __future__ import annotations

from typing import Any

import numpy as np

from auditor.traffic.dns import PORT as DNS_PORT
from auditor.traffic.fast import layout as of
from auditor.traffic.fast.addresses import address_of, family_of, words_of
from auditor.traffic.fast.layout import Numbers
from auditor.traffic.fast.payloads import Found, protocol_of, request_of
from auditor.traffic.flow import FRAMES_KEPT, Flow, Half
from auditor.traffic.internet import TCP, UDP
from auditor.traffic.packet import Packet
from auditor.traffic.tracker import CLOSED_QUIET, DATAGRAM_IDLE, Key

_IPV4_LENGTH = 4
_MOST_TAGS = 4
_TAG_BITS, _TAG = 12, 0xFFF


def flow_of(row: list[int], opening: bytes, found: Found, gaps: Numbers) -> Flow:
    """Return the flow that a row holds, with what Python found in its payload."""
    ports = row[of.PORTS]
    source = address_of(row[of.A_HIGH], row[of.A_LOW], ports & 0xFF)
    destination = address_of(row[of.B_HIGH], row[of.B_LOW], ports & 0xFF)
    first = Packet(
        row[of.FIRST], row[of.FIRST_FRAME], source, destination, protocol_of(row), _vlans(row[of.VLANS]), None, False, 0
    )
    first.source_port, first.destination_port = ports >> 32, ports >> 16 & 0xFFFF
    flow = Flow(first, found.halves)
    flow.request = request_of(row[of.FLAGS])
    flow.last, flow.last_frame = row[of.LAST], row[of.LAST_FRAME]
    flags = row[of.FLAGS]
    flow.cut, flow.unreachable = bool(flags & of.CUT), bool(flags & of.UNREACHABLE)
    flow.first_payload = opening[: row[of.OPENING]]
    for side, half in enumerate(flow.halves):
        at = of.SIDE + side * of.SIDE_WIDTH
        _count(half, row[at : at + of.SIDE_WIDTH], flags >> side * of.SIDE_BITS, gaps)
    flow.frames = row[of.FRAMES : of.FRAMES + min(FRAMES_KEPT, sum(half.packets for half in flow.halves))]
    return flow


def are_over(rows: Numbers, slots: Numbers, now: int) -> Any:
    """Return by slot whether nothing of the flow can be on its way at the time ``now``; see ``FlowTracker``."""
    silent, flags = now - rows[slots, of.LAST], rows[slots, of.FLAGS]
    one, two = flags, flags >> of.SIDE_BITS
    ended = ((one | two) & of.RST_SEEN) | (one & two & of.FIN_SEEN) != 0
    tcp = rows[slots, of.PORTS] >> 8 & 0xFF == TCP
    return np.where(tcp, ended & (silent > CLOSED_QUIET), silent > DATAGRAM_IDLE)


def end_of(data: bytes | bytearray, network: int, destination: bool) -> bytes:
    """Return the source or the destination of the IP header at ``network``."""
    if data[network] >> 4 == _IPV4_LENGTH:
        begin = network + (16 if destination else 12)
        return bytes(data[begin : begin + 4])
    begin = network + (24 if destination else 8)
    return bytes(data[begin : begin + 16])


def _vlans(tags: int) -> tuple[int, ...]:
    return tuple(tags >> 4 + _TAG_BITS * i & _TAG for i in range(tags & 0xF))


def _count(half: Half, side: list[int], flags: int, gaps: Numbers) -> None:
    half.packets, half.wire, half.payload = side[of.PACKETS], side[of.WIRE], side[of.PAYLOAD]
    if half.stream is None:
        return
    half.isn = side[of.ISN] if side[of.ISN] >= 0 else None
    half.syn, half.synack = bool(flags & of.SYN_SEEN), bool(flags & of.SYNACK_SEEN)
    half.fin, half.rst = bool(flags & of.FIN_SEEN), bool(flags & of.RST_SEEN)
    missing: list[tuple[int, int]] = []
    node = side[of.GAP_HEAD]
    for _ in range(side[of.GAP_COUNT]):
        low, high, node = gaps[node].tolist()
        missing.append((low, high))
    base = side[of.BASE] if side[of.BASE] >= 0 else None
    half.stream.restore(base, (side[of.LOW], side[of.HIGH]), missing, side[of.PAYLOAD], anchored=bool(flags & of.ANCHORED))


def fill_key(key: Key, packet: Numbers) -> bool:
    """Write the key of a flow into ``packet``; ``False`` where the kernel cannot have such a flow."""
    source, source_port, destination, destination_port, protocol, vlans, vni = key
    if vni is not None or len(vlans) > _MOST_TAGS:
        return False
    tail = protocol << 8 | family_of(source)
    packet[of.NAMED] = protocol == UDP and DNS_PORT in (source_port, destination_port)
    packet[of.FORWARD] = source_port << 32 | destination_port << 16 | tail
    packet[of.BACKWARD] = destination_port << 32 | source_port << 16 | tail
    packet[of.TAGS] = sum(tag << 4 + _TAG_BITS * i for i, tag in enumerate(vlans)) | len(vlans)
    packet[of.SOURCE_HIGH], packet[of.SOURCE_LOW] = words_of(source)
    packet[of.TARGET_HIGH], packet[of.TARGET_LOW] = words_of(destination)
    return True
