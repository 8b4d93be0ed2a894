"""One packet as the flow table needs it, and the transport headers it is read from."""

from __future__ import annotations

from dataclasses import dataclass
from struct import error as struct_error
from struct import unpack_from

from auditor.traffic.internet import ICMP, ICMPV6, SCTP, TCP, UDP, Datagram, decode_internet
from auditor.traffic.link import IPV4, IPV6, Skip

FIN, SYN, RST, ACK = 1, 2, 4, 16
_TCP_HEADER, _UDP_HEADER, _ICMP_HEADER, _SCTP_HEADER = 20, 8, 8, 12
_TCP_FLAGS_END = 14
_ICMP_ERRORS = {ICMP: frozenset({3, 4, 5, 11, 12}), ICMPV6: frozenset({1, 2, 3, 4})}
_UNREACHABLE = {ICMP: 3, ICMPV6: 1}
_LEAST = {TCP: _TCP_FLAGS_END, UDP: _UDP_HEADER}
"""Bytes of a header that tell all that is needed of it."""
ECHO_REQUEST = {ICMP: 8, ICMPV6: 128}
ECHO_REPLY = {ICMP: 0, ICMPV6: 129}


@dataclass(slots=True)
class Packet:
    """One packet of a flow; lengths come from the IP header, bytes from the capture."""

    time: int
    frame: int
    source: bytes
    destination: bytes
    protocol: int
    """IP protocol number."""
    vlans: tuple[int, ...]
    vni: int | None
    group: bool
    wire: int
    source_port: int = 0
    destination_port: int = 0
    sequence: int = 0
    flags: int = 0
    payload: bytes = b""
    """Captured payload, shorter than ``length`` when the capture cut the packet."""
    length: int = 0
    """Payload bytes by the IP header."""
    icmp_type: int = -1
    icmp_code: int = 0
    timed: bool = True
    """Whether the record has a time; otherwise that of the packet before it stands in."""
    tunnel: str = ""
    """Kinds of the tunnels it came through, outermost first, joined by a bar."""
    outer: tuple[bytes, bytes] | None = None
    """Source and destination of the outermost tunnel."""
    carrier: Packet | None = None
    """The tunnel packet around it that is a flow of its own, counting only what is not counted inside."""
    noise: str = ""
    """Local protocol that keeps it on the link, empty when it may leave."""
    torn: bool = False
    """Whether it is the beginning of a datagram of which fragments are missing."""
    headless: bool = False
    """Whether the capture cut its transport header behind the ports: flags and sequence number are not known."""
    carries: str = ""
    """Kind of the tunnel that this packet itself is, empty when it is none or was not opened."""

    @property
    def cut(self) -> bool:
        """Return whether the capture holds less payload than the packet had."""
        return (len(self.payload) < self.length or self.headless) and not self.carries and not self.torn


def read_transport(packet: Packet, data: bytes, start: int, end: int) -> None:
    """Fill ports, flags and payload of ``packet`` from the bytes ``start`` to ``end``.

    Where the capture ends inside a TCP or UDP header, the ports still tell the flow: its payload is then what the IP header
    leaves behind the shortest header, so that it can be too much and never too little.

    Raises:
        Skip: the header contradicts itself.
        struct.error: the capture ends before the header tells what it must.
    """
    protocol = packet.protocol
    if len(data) - start < _LEAST.get(protocol, 0):
        packet.source_port, packet.destination_port = unpack_from("!HH", data, start)
        packet.headless = True
        size = _TCP_HEADER if protocol == TCP else _UDP_HEADER
    elif protocol == TCP:
        sport, dport, packet.sequence, offset, packet.flags = unpack_from("!HHI4xBB", data, start)
        size = (offset >> 4) * 4
        if size < _TCP_HEADER:
            raise Skip("tcp_damaged")
        packet.source_port, packet.destination_port = sport, dport
    elif protocol == UDP:
        packet.source_port, packet.destination_port, length = unpack_from("!HHH", data, start)
        size = _UDP_HEADER
        if _UDP_HEADER <= length < end - start:
            end = start + length
    elif protocol in (ICMP, ICMPV6):
        packet.icmp_type, packet.icmp_code = unpack_from("!BB", data, start)
        size = _ICMP_HEADER
    elif protocol == SCTP:
        packet.source_port, packet.destination_port = unpack_from("!HH", data, start)
        size = _SCTP_HEADER
    else:
        size = 0
    if start + size > end:
        raise Skip("transport_damaged")
    packet.length = end - start - size
    packet.payload = data[start + size : end]


def is_icmp_error(packet: Packet) -> bool:
    """Return whether a packet only reports on another one."""
    return packet.icmp_type in _ICMP_ERRORS.get(packet.protocol, ())


def quoted(packet: Packet) -> tuple[Datagram, int, int] | None:
    """Return the packet that a "destination unreachable" quotes, with its ports; ``None`` for other messages."""
    if packet.icmp_type != _UNREACHABLE.get(packet.protocol):
        return None
    try:
        datagram = decode_internet(IPV4 if packet.protocol == ICMP else IPV6, packet.payload, 0)
        ports = unpack_from("!HH", packet.payload, datagram.start) if datagram.protocol in (TCP, UDP, SCTP) else (0, 0)
    except (Skip, struct_error, IndexError):
        return None
    return datagram, ports[0], ports[1]
