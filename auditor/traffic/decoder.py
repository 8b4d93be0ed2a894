"""From a capture record to a packet of a flow: link, network, fragments, tunnels, noise, duplicates."""

from __future__ import annotations

from collections import Counter, deque
from struct import error as struct_error
from struct import unpack_from

from auditor.traffic.fragments import Reassembler
from auditor.traffic.internet import IPV4_INSIDE, IPV6_INSIDE, UDP, Datagram, decode_internet, is_global
from auditor.traffic.link import ARP, IPV4, IPV6, Link, Skip, decode_link
from auditor.traffic.noise import local_noise
from auditor.traffic.packet import Packet, read_transport
from auditor.traffic.record import FileFacts, Record

DUPLICATE_WINDOW = 50_000_000
"""Nanoseconds within which the same packet on another interface is the same packet (a veth pair, a bridge, eth0).
Half of a usual retransmission delay: a packet really sent again comes later, and on the same interface."""
_COMPARED = 128
"""Bytes of a packet that are compared; the rest follows from its length and checksums."""
_MOST_RECENT = 50_000
_DEEPEST_TUNNEL = 4
_VXLAN_PORTS = frozenset({4789, 8472})
_VXLAN_HEADER = 8
_ETHERNET = 1
_ARP_SENDER = slice(14, 18)
_IPV4_LENGTH = 4
_ARP_IPV4 = b"\x08\x00\x06\x04"


class Decoder:
    """Turns records of one capture into packets; what it does not turn is counted by reason."""

    def __init__(self, facts: FileFacts) -> None:
        """Begin with nothing seen; ``facts`` of the file tell how many interfaces it has."""
        self._facts = facts
        self.skipped: Counter[str] = Counter()
        self.senders: set[bytes] = set()
        """Addresses that sent a frame, ARP included."""
        self.untimed = 0
        self._reassembler = Reassembler()
        self._recent: dict[tuple[bytes, int], tuple[int, tuple[int, bytes]]] = {}
        self._order: deque[tuple[int, tuple[bytes, int]]] = deque()
        self._time = 0

    def packet(self, record: Record) -> Packet | None:
        """Return the packet of ``record``, or ``None`` when it is counted as skipped or waits for fragments."""
        if record.time is None:
            self.untimed += 1
        else:
            self._time = record.time
        try:
            return self._decode(record)
        except Skip as reason:
            self.skipped[str(reason)] += 1
        except (struct_error, IndexError):
            self.skipped["frame_cut"] += 1
        return None

    def incomplete(self) -> int:
        """Return the fragments that never became a datagram."""
        return self._reassembler.waiting()

    def _decode(self, record: Record) -> Packet | None:
        link = decode_link(record.link_type, record.data)
        if link.protocol == ARP:
            self._arp(record.data[link.start :])
        datagram = decode_internet(link.protocol, record.data, link.start)
        self.senders.add(datagram.source)
        self._refuse_duplicate(record, link, datagram)
        return self._descend(record, link, datagram)

    def _arp(self, data: bytes) -> None:
        """Note the sender of an ARP packet (RFC 826): it proves the machine present."""
        sender = data[_ARP_SENDER]
        if data[2:6] == _ARP_IPV4 and len(sender) == _IPV4_LENGTH and any(sender):
            self.senders.add(sender)
        raise Skip("link_local:arp")

    def _descend(self, record: Record, link: Link, datagram: Datagram) -> Packet | None:
        data, vlans, vni, group = record.data, link.vlans, None, link.group
        for _ in range(_DEEPEST_TUNNEL):
            wire, start, end = datagram.wire, datagram.start, datagram.end
            if datagram.fragment is not None:
                whole = self._reassembler.add(datagram, datagram.fragment, data)
                if whole is None:
                    return None
                data, wire = whole
                start, end = 0, len(data)
            timed = record.time is not None
            addresses = datagram.source, datagram.destination
            packet = Packet(self._time, record.number, *addresses, datagram.protocol, vlans, vni, group, wire, timed=timed)
            inner = _inner_ip(datagram)
            if not inner:
                read_transport(packet, data, start, end)
                self._refuse_noise(packet)
                if not _is_overlay(packet):
                    return packet
                vni = unpack_from("!I", packet.payload, 4)[0] >> 8
                data = packet.payload[_VXLAN_HEADER:]
                overlay = decode_link(_ETHERNET, data)
                vlans, group, inner, start = overlay.vlans, overlay.group, overlay.protocol, overlay.start
                if inner == ARP:
                    raise Skip("link_local:arp")
            datagram = decode_internet(inner, data, start)
            self.senders.add(datagram.source)
        raise Skip("tunnel_depth")

    def _refuse_noise(self, packet: Packet) -> None:
        noise = local_noise(packet)
        if noise:
            raise Skip(f"link_local:{noise}")

    def _refuse_duplicate(self, record: Record, link: Link, datagram: Datagram) -> None:
        """Refuse a packet seen shortly before on another interface of the same capture."""
        if not link.tap and self._facts.interfaces < 2:  # noqa: PLR2004 -- one interface cannot show a packet twice
            return
        start = datagram.start if link.protocol == IPV4 else link.start + 8
        # The hop limit and the checksum over it change from interface to interface: addresses and the rest do not.
        body = record.data[start : start + _COMPARED]
        ident = record.data[link.start + 4 : link.start + 6] if link.protocol == IPV4 else b""
        key = (datagram.source + datagram.destination + ident + body, datagram.wire)
        tap = (record.interface, link.tap)
        while self._order and (self._order[0][0] < self._time - DUPLICATE_WINDOW or len(self._order) > _MOST_RECENT):
            _, old = self._order.popleft()
            self._recent.pop(old, None)
        before = self._recent.get(key)
        if before is not None and before[1] != tap and abs(self._time - before[0]) <= DUPLICATE_WINDOW:
            raise Skip("duplicate_on_other_interface")
        self._recent[key] = (self._time, tap)
        self._order.append((self._time, key))


def _inner_ip(datagram: Datagram) -> int:
    """Return the EtherType of an IP packet inside an IP packet between non-global addresses, else 0.

    A tunnel to a globally reachable address is kept as it is: its far end is a destination of its own, and
    looking only inside would hide it.
    """
    if datagram.protocol not in (IPV4_INSIDE, IPV6_INSIDE) or not _internal(datagram.source, datagram.destination):
        return 0
    return IPV4 if datagram.protocol == IPV4_INSIDE else IPV6


def _is_overlay(packet: Packet) -> bool:
    """Return whether a packet is VXLAN (RFC 7348) between non-global addresses."""
    return (
        packet.protocol == UDP
        and packet.destination_port in _VXLAN_PORTS
        and packet.payload[:1] == b"\x08"
        and len(packet.payload) > _VXLAN_HEADER
        and _internal(packet.source, packet.destination)
    )


def _internal(source: bytes, destination: bytes) -> bool:
    return not is_global(source) and not is_global(destination)
