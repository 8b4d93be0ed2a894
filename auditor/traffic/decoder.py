"""From a capture record to a packet of a flow: link, network, fragments, tunnels, noise, duplicates."""

from __future__ import annotations

from collections import Counter, deque
from struct import error as struct_error

from auditor.traffic.fragments import Place, Reassembler
from auditor.traffic.internet import ICMP, ICMPV6, SCTP, TCP, UDP, Datagram, behind_fragments, decode_internet, is_global
from auditor.traffic.link import ARP, IPV4, Link, Skip, decode_link
from auditor.traffic.noise import local_noise
from auditor.traffic.packet import Packet, read_transport
from auditor.traffic.record import FileFacts, Record
from auditor.traffic.tunnels import Inner, Opened, inside_datagram, inside_udp, open_tunnel

DUPLICATE_WINDOW = 50_000_000
"""Nanoseconds within which the same packet on another interface is the same packet (a veth pair, a bridge, eth0).
Half of a usual retransmission delay: a packet really sent again comes later, and on the same interface."""
_COMPARED = 128
"""Bytes of a packet that are compared; the rest follows from its length and checksums."""
_MOST_RECENT = 50_000
_DEEPEST_TUNNEL = 4
_UDP_HEADER = 8
_PLAIN = frozenset({TCP, ICMP, ICMPV6, SCTP})
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
        self.clock = 0
        """Time of the last packet that had one, nanoseconds."""

    def packet(self, record: Record) -> Packet | None:
        """Return the packet of ``record``, or ``None`` when it is counted as skipped or waits for fragments."""
        if record.time is None:
            self.untimed += 1
        else:
            self.clock = record.time
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

    def torn(self, *, last: bool = False) -> list[Packet]:
        """Return the beginnings of datagrams that were given up since the last call; ``last``: no more fragments will come."""
        return self._reassembler.given_up(last=last)

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
        """Return the packet in the innermost tunnel that is opened.

        Where nothing inside may leave the link (noise, a fragment that waits, too deep), a tunnel with a globally reachable
        end is still traffic to that end and counts as a whole.
        """
        tunnels: list[Packet] = []
        try:
            packet = self._innermost(record, link, datagram, tunnels)
        except Skip as reason:
            far = _far_end(tunnels)
            if far is None:
                raise
            self.skipped[str(reason)] += 1
            return far
        if packet is None or not packet.noise:
            return _within(packet, tunnels) if packet is not None else _far_end(tunnels)
        self.skipped[f"link_local:{packet.noise}"] += 1
        return _far_end(tunnels) or _within(packet, tunnels)

    def _innermost(self, record: Record, link: Link, datagram: Datagram, tunnels: list[Packet]) -> Packet | None:
        """Return the packet inside of all tunnels, which are noted outermost first; ``None`` while fragments wait."""
        data, vlans, vni, group = record.data, link.vlans, None, link.group
        for _ in range(_DEEPEST_TUNNEL + 1):
            protocol, wire, start, end = datagram.protocol, datagram.wire, datagram.start, datagram.end
            if datagram.fragment is not None:
                whole = self._reassembler.add(datagram, datagram.fragment, data, Place(vlans, vni, self.clock))
                if whole is None:
                    self._hold_beginning(record, datagram, vlans, vni, group=group, data=data)
                    return None
                data, wire = whole
                end = len(data)
                protocol, start = behind_fragments(datagram, data, 0, end)
            timed = record.time is not None
            addresses = datagram.source, datagram.destination
            packet = Packet(self.clock, record.number, *addresses, protocol, vlans, vni, group, wire, timed=timed)
            read_transport(packet, data, start, end)
            inner = _inner(packet, data, start)
            opened = None if inner is None else _opened(packet, inner, data, tunnels)
            if opened is None:
                packet.noise = local_noise(packet)
                return packet
            datagram, group = opened.datagram, opened.group
            vlans = opened.vlans or vlans
            vni = vni if opened.vni is None else opened.vni
            self.senders.add(datagram.source)
        raise Skip("tunnel_depth")

    def _hold_beginning(
        self, record: Record, datagram: Datagram, vlans: tuple[int, ...], vni: int | None, *, group: bool, data: bytes
    ) -> None:
        """Keep the packet that a first fragment begins: should the rest never come, it has left all the same."""
        if datagram.fragment is None or datagram.fragment.offset:
            return
        addresses = datagram.source, datagram.destination
        packet = Packet(self.clock, record.number, *addresses, datagram.protocol, vlans, vni, group, datagram.wire)
        packet.timed, packet.torn = record.time is not None, True
        try:
            packet.protocol, start = behind_fragments(datagram, data, datagram.start, datagram.end)
            read_transport(packet, data, start, datagram.end)
        except (Skip, struct_error, IndexError):  # a beginning too short for a header names no flow; it counts as incomplete
            return
        packet.noise = local_noise(packet)
        self._reassembler.hold(datagram, datagram.fragment, packet, Place(vlans, vni, self.clock))

    def _refuse_duplicate(self, record: Record, link: Link, datagram: Datagram) -> None:
        """Refuse a packet seen shortly before on another interface of the same capture."""
        if not link.tap and self._facts.interfaces < 2:  # noqa: PLR2004 -- one interface cannot show a packet twice
            return
        start = datagram.start if link.protocol == IPV4 else link.start + 8
        # The hop limit and the checksum over it change from interface to interface: addresses and the rest do not.
        body = record.data[start : min(start + _COMPARED, datagram.end)]  # what pads a frame differs, too
        ident = record.data[link.start + 4 : link.start + 6] if link.protocol == IPV4 else b""
        key = (datagram.source + datagram.destination + ident + body, datagram.wire)
        tap = (record.interface, link.tap)
        while self._order and (self._order[0][0] < self.clock - DUPLICATE_WINDOW or len(self._order) > _MOST_RECENT):
            _, old = self._order.popleft()
            self._recent.pop(old, None)
        before = self._recent.get(key)
        if before is not None and before[1] != tap and abs(self.clock - before[0]) <= DUPLICATE_WINDOW:
            raise Skip("duplicate_on_other_interface")
        self._recent[key] = (self.clock, tap)
        self._order.append((self.clock, key))


def _inner(packet: Packet, data: bytes, start: int) -> Inner | None:
    """Return what a tunnel packet says that it holds, ``None`` for a packet that is no tunnel."""
    if packet.protocol == UDP:
        return inside_udp(packet.source_port, packet.destination_port, data, start + _UDP_HEADER)
    return None if packet.protocol in _PLAIN else inside_datagram(packet.protocol, data, start)


def _opened(packet: Packet, inner: Inner, data: bytes, tunnels: list[Packet]) -> Opened | None:
    """Open a tunnel packet and note it, ``None`` when what it holds is no IP packet."""
    try:
        opened = open_tunnel(inner, data)
    except Skip:
        tunnels.append(packet)
        packet.carries = inner.kind
        raise
    if opened is not None:
        tunnels.append(packet)
        packet.carries = inner.kind
    return opened


def _far_end(tunnels: list[Packet]) -> Packet | None:
    """Return the outermost tunnel with a globally reachable end: that end is a recipient of its own."""
    far = next((t for t in tunnels if is_global(t.source) or is_global(t.destination)), None)
    if far is not None:
        far.payload = b""  # what it holds is read inside, not here
    return far


def _within(packet: Packet, tunnels: list[Packet]) -> Packet:
    """Say which tunnels ``packet`` came through.

    The flow of the far end counts what the encapsulation adds, and the packet inside counts itself: nothing twice.
    """
    if tunnels:
        packet.tunnel = "|".join(tunnel.carries for tunnel in tunnels)
        packet.outer = tunnels[0].source, tunnels[0].destination
        far = _far_end(tunnels)
        if far is not None:
            far.wire -= packet.wire
            far.length -= packet.length
            packet.carrier = far
    return packet
