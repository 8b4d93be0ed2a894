"""Between the rows of the kernel and the objects of the other modules: a flow taken over, a key looked up."""

from __future__ import annotations

from auditor.traffic.fast.layout import (
    A_HIGH, A_LOW, ANCHORED, B_HIGH, B_LOW, BACKWARD, BASE, CUT, FIN_SEEN, FIRST, FIRST_FRAME, FLAGS, FORWARD, FRAMES,
    GAP_COUNT, GAP_HEAD, HIGH, ISN, LAST, LAST_FRAME, LOW, OPENING, PACKETS, PAYLOAD, PORTS, RST_SEEN, SIDE, SIDE_BITS,
    SIDE_WIDTH, SOURCE_HIGH, SOURCE_LOW, SYN_SEEN, SYNACK_SEEN, TAGS, TARGET_HIGH, TARGET_LOW, UNREACHABLE, VLANS, WIRE,
    Numbers,
)  # fmt: skip
from auditor.traffic.flow import FRAMES_KEPT, Flow, Half
from auditor.traffic.packet import Packet
from auditor.traffic.tracker import Key

_WORD = (1 << 64) - 1
_IPV4_LENGTH = 4
_MOST_TAGS = 4
_TAG_BITS, _TAG = 12, 0xFFF

Halves = tuple[Half, Half]


def halves_of(protocol: int) -> Halves:
    """Return both directions of a flow before anything was found."""
    return Half(protocol), Half(protocol)


def protocol_of(row: list[int]) -> int:
    """Return the IP protocol of a row."""
    return row[PORTS] >> 8 & 0xFF


def flow_of(row: list[int], opening: bytes, halves: Halves, gaps: Numbers) -> Flow:
    """Return the flow that a row holds, with what Python found in its payload."""
    ports = row[PORTS]
    source = _address(row[A_HIGH], row[A_LOW], ports & 0xFF)
    destination = _address(row[B_HIGH], row[B_LOW], ports & 0xFF)
    vlans = tuple(row[VLANS] >> 4 + _TAG_BITS * i & _TAG for i in range(row[VLANS] & 0xF))
    first = Packet(row[FIRST], row[FIRST_FRAME], source, destination, protocol_of(row), vlans, None, False, 0)  # noqa: FBT003
    first.source_port, first.destination_port = ports >> 32, ports >> 16 & 0xFFFF
    flow = Flow(first)
    flow.last, flow.last_frame = row[LAST], row[LAST_FRAME]
    flags = row[FLAGS]
    flow.cut, flow.unreachable = bool(flags & CUT), bool(flags & UNREACHABLE)
    flow.first_payload = opening[: row[OPENING]]
    flow.halves = halves
    for side, half in enumerate(halves):
        at = SIDE + side * SIDE_WIDTH
        _count(half, row[at : at + SIDE_WIDTH], flags >> side * SIDE_BITS, gaps)
    flow.frames = row[FRAMES : FRAMES + min(FRAMES_KEPT, halves[0].packets + halves[1].packets)]
    return flow


def _count(half: Half, side: list[int], flags: int, gaps: Numbers) -> None:
    half.packets, half.wire, half.payload = side[PACKETS], side[WIRE], side[PAYLOAD]
    if half.stream is None:
        return
    half.isn = side[ISN] if side[ISN] >= 0 else None
    half.syn, half.synack = bool(flags & SYN_SEEN), bool(flags & SYNACK_SEEN)
    half.fin, half.rst = bool(flags & FIN_SEEN), bool(flags & RST_SEEN)
    missing: list[tuple[int, int]] = []
    node = side[GAP_HEAD]
    for _ in range(side[GAP_COUNT]):
        low, high, node = gaps[node].tolist()
        missing.append((low, high))
    base = side[BASE] if side[BASE] >= 0 else None
    half.stream.restore(base, (side[LOW], side[HIGH]), missing, side[PAYLOAD], anchored=bool(flags & ANCHORED))


def _address(high: int, low: int, family: int) -> bytes:
    if family == _IPV4_LENGTH:
        return low.to_bytes(4, "big")
    return (high & _WORD).to_bytes(8, "big") + (low & _WORD).to_bytes(8, "big")


def fill_key(key: Key, packet: Numbers) -> bool:
    """Write the key of a flow into ``packet``; ``False`` where the kernel cannot have such a flow."""
    source, source_port, destination, destination_port, protocol, vlans, vni = key
    if vni is not None or len(vlans) > _MOST_TAGS:
        return False
    tail = protocol << 8 | (4 if len(source) == _IPV4_LENGTH else 6)
    packet[FORWARD] = source_port << 32 | destination_port << 16 | tail
    packet[BACKWARD] = destination_port << 32 | source_port << 16 | tail
    packet[TAGS] = sum(tag << 4 + _TAG_BITS * i for i, tag in enumerate(vlans)) | len(vlans)
    packet[SOURCE_HIGH], packet[SOURCE_LOW] = _words(source)
    packet[TARGET_HIGH], packet[TARGET_LOW] = _words(destination)
    return True


def _words(address: bytes) -> tuple[int, int]:
    if len(address) == _IPV4_LENGTH:
        return 0, int.from_bytes(address, "big")
    return int.from_bytes(address[:8], "big", signed=True), int.from_bytes(address[8:], "big", signed=True)
