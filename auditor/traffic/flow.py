"""A live flow: both directions of one 5-tuple, counted and looked into as packets come."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.traffic.datagrams import recognise_datagram
from auditor.traffic.dns import PORT as DNS_PORT
from auditor.traffic.dtls import HelloReader
from auditor.traffic.finding import Finding, Side
from auditor.traffic.internet import SCTP, TCP, UDP
from auditor.traffic.packet import ACK, ECHO_REPLY, ECHO_REQUEST, FIN, RST, SYN, Packet
from auditor.traffic.quic import InitialReader
from auditor.traffic.stream import Stream
from auditor.traffic.streams import recognise_stream

FRAMES_KEPT = 5
_TRIED_DATAGRAMS = 4
_ENOUGH = 64
"""Bytes after which every recogniser knows whether a stream may be its own."""
FINGERPRINT = 64
_SCTP_OPENS, _SCTP_ANSWERS = (1, 10), (2, 11)
"""Chunks of who dials, INIT and COOKIE ECHO, and what answers them (RFC 9260, section 5.1)."""
MOST_QUESTIONS = 4096
"""Questions by DNS that are remembered of a flow."""

Question = tuple[int, str]
"""Identification and name."""


class Half:
    """One direction of a flow."""

    __slots__ = (
        "fin",
        "finding",
        "hello",
        "initials",
        "isn",
        "packets",
        "payload",
        "rst",
        "stream",
        "syn",
        "synack",
        "tried",
        "wire",
    )

    def __init__(self, protocol: int) -> None:
        """Begin without a packet."""
        self.packets = 0
        self.wire = 0
        self.payload = 0
        self.stream = Stream() if protocol == TCP else None
        self.isn: int | None = None
        self.syn = False
        self.synack = False
        self.fin = False
        self.rst = False
        self.finding: Finding | None = None
        self.initials: InitialReader | None = None
        self.hello: HelloReader | None = None
        self.tried = 0

    def curious(self) -> bool:
        """Return whether a payload to come can change what was found."""
        if self.stream is not None:
            return self.stream.keeping
        return self.finding.more if self.finding is not None else self.tried < _TRIED_DATAGRAMS


class Flow:
    """Both directions of a flow; half 0 belongs to who sent the first captured packet."""

    __slots__ = (
        "_questions",
        "carries",
        "cut",
        "ends",
        "evicted",
        "first",
        "first_frame",
        "first_payload",
        "frames",
        "halves",
        "icmp",
        "last",
        "last_frame",
        "noise",
        "outer",
        "protocol",
        "request",
        "timed",
        "torn",
        "tunnel",
        "unreachable",
        "vlans",
        "vni",
    )

    def __init__(self, packet: Packet, halves: tuple[Half, Half] | None = None) -> None:
        """Begin with the addresses of its first packet, which is not yet counted; ``halves``: what somebody else has counted."""
        self.protocol = packet.protocol
        self.ends = ((packet.source, packet.source_port), (packet.destination, packet.destination_port))
        self.vlans, self.vni = packet.vlans, packet.vni
        self.icmp = (packet.icmp_type, packet.icmp_code) if packet.icmp_type >= 0 else (0, 0)
        self.tunnel, self.outer, self.carries = packet.tunnel, packet.outer, packet.carries
        self.noise = packet.noise
        self.first = self.last = packet.time
        self.first_frame = self.last_frame = packet.frame
        self.frames: list[int] = []
        self.halves = halves or (Half(packet.protocol), Half(packet.protocol))
        self.first_payload = b""
        self.request: int | None = None
        """Half that sent an ICMP echo request, a DNS query or a chunk that opens an SCTP association."""
        self._questions: set[Question] = set()
        self.unreachable = False
        self.evicted = False
        self.cut = False
        self.timed = True
        self.torn = False

    def side_of(self, packet: Packet) -> int:
        """Return which half ``packet`` belongs to."""
        return 0 if (packet.source, packet.source_port) == self.ends[0] else 1

    def add(self, packet: Packet, *, understood: bool = False) -> int:
        """Count a packet and return the half that it belongs to; look into it unless it is ``understood`` already."""
        side = self.side_of(packet)
        half = self.halves[side]
        half.packets += 1
        half.wire += packet.wire
        self.first, self.last = min(self.first, packet.time), max(self.last, packet.time)
        self.first_frame = min(self.first_frame, packet.frame)
        self.last_frame = max(self.last_frame, packet.frame)
        if len(self.frames) < FRAMES_KEPT:
            self.frames.append(packet.frame)
        self.timed = self.timed and packet.timed
        self.cut = self.cut or packet.cut
        self.torn = self.torn or packet.torn
        if packet.payload and not self.first_payload:
            self.first_payload = packet.payload[:FINGERPRINT]
        if half.stream is not None:
            self._tcp(half, half.stream, packet)
        else:
            half.payload += packet.length
            if not understood:
                self._other(side, packet)
        return side

    def _tcp(self, half: Half, stream: Stream, packet: Packet) -> None:
        if packet.headless:
            stream.uncounted(packet.length)
            half.payload = stream.payload
            return
        flags, sequence = packet.flags, packet.sequence
        if flags & SYN:
            half.syn = half.syn or not flags & ACK
            half.synack = half.synack or bool(flags & ACK)
            half.isn = sequence
            sequence += 1
            stream.anchor(sequence)
        half.fin = half.fin or bool(flags & FIN)
        if flags & RST:
            half.rst = True  # the text that some stacks put into a reset (RFC 9293, 3.5.3) is no payload
        elif packet.length:
            stream.feed(sequence, packet.payload, packet.length)
            half.payload = stream.payload
            if stream.keeping and DNS_PORT not in (self.ends[0][1], self.ends[1][1]):
                look_into(self.halves, half, stream)

    def _other(self, side: int, packet: Packet) -> None:
        if self.protocol == UDP:
            look_at_datagram(self.halves, self.halves[side], packet.payload, packet.length)
        elif self.protocol == SCTP and self.request is None:
            chunk = packet.payload[0] if packet.payload else -1
            self.request = side if chunk in _SCTP_OPENS else 1 - side if chunk in _SCTP_ANSWERS else None
        elif self.request is None and packet.icmp_type == ECHO_REQUEST.get(self.protocol):
            self.request = side
        elif self.request is None and packet.icmp_type == ECHO_REPLY.get(self.protocol):
            self.request = 1 - side

    def note(self, question: Question) -> None:
        """Remember a question by DNS."""
        if len(self._questions) < MOST_QUESTIONS:
            self._questions.add(question)

    def knows(self, question: Question) -> bool:
        """Return whether a question by DNS is remembered."""
        return question in self._questions

    def restarted_by(self, packet: Packet) -> bool:
        """Return whether ``packet`` opens a new connection on the same ports (RFC 9293: another initial number)."""
        if self.protocol != TCP or packet.flags & (SYN | ACK) != SYN:
            return False
        half = self.halves[self.side_of(packet)]
        return half.isn != packet.sequence and (half.isn is not None or self.ended() or bool(half.payload))

    def ended(self) -> bool:
        """Return whether both sides closed, or one reset."""
        one, two = self.halves
        return one.rst or two.rst or (one.fin and two.fin)


def look_into(halves: tuple[Half, Half], half: Half, stream: Stream) -> None:
    """Try to recognise the first bytes of ``half`` after a segment came."""
    look(half, stream)
    if half.finding is not None and half.finding.side is Side.SERVER and any(map(named, halves)):
        stream.forget()  # a certificate can only say less than the client has said


def named(half: Half) -> bool:
    """Return whether a direction is that of a client and told the destination's name."""
    return half.finding is not None and half.finding.side is Side.CLIENT and bool(half.finding.name)


def is_gquic(found: Sequence[Finding | None]) -> bool:
    """Return whether a flow is one of Google's QUIC whose hello was not read, by what its directions told."""
    told = [finding for finding in found if finding is not None and finding.protocol == "gquic"]
    return bool(told) and all(finding.side is Side.EITHER for finding in told)


def look_at_datagram(halves: tuple[Half, Half], half: Half, payload: bytes, length: int) -> None:
    """Try to recognise a datagram with the captured ``payload``, ``length`` bytes by its header.

    Once one side has named the destination, the other cannot say more.
    """
    if any(other is not half and named(other) for other in halves):
        return
    if half.finding is None and half.tried < _TRIED_DATAGRAMS and length:
        half.tried += 1
        half.finding = recognise_datagram(payload)
    if half.finding is not None and half.finding.more:
        if half.finding.protocol == "dtls":
            half.hello = half.hello or HelloReader()
            half.finding = half.hello.read(payload)
            return
        half.initials = half.initials or InitialReader(half.finding.protocol)
        half.finding = half.initials.read(payload)


def look(half: Half, stream: Stream, *, last: bool = False) -> None:
    """Try to recognise the first bytes of a direction; forget them once they have told what they can.

    Where segments overlapped, the later bytes are tried too before giving up. ``last``: no more bytes will come.
    """
    data = stream.prefix()
    found = recognise_stream(data)
    over = last or (found is None and len(data) >= _ENOUGH)
    if over and (found is None or found.more):
        again = recognise_stream(stream.prefix(later_wins=True))
        found = again if again is not None and not again.more else found
    half.finding = found
    if over or (found is not None and not found.more):
        stream.forget()
