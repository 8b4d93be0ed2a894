"""Community ID version 1: the hash by which Zeek, Suricata, Arkime and others name the same flow (community-id-spec)."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from struct import pack

from auditor.facts.vocabulary import Transport
from auditor.traffic.internet import ICMP, ICMPV6, SCTP, TCP, UDP

_SEED = b"\0\0"
_ASKED_AND_ANSWERED = {
    ICMP: ((8, 0), (13, 14), (15, 16), (10, 9), (17, 18)),
    ICMPV6: ((128, 129), (133, 134), (135, 136), (130, 131), (139, 140), (144, 145)),
}
_COUNTERPARTS: dict[int, dict[int, int]] = {
    protocol: {**dict(pairs), **{answer: question for question, answer in pairs}}
    for protocol, pairs in _ASKED_AND_ANSWERED.items()
}
"""ICMP message types that ask and answer each other: they stand where other protocols have ports."""

_WITH_PORTS = {Transport.TCP: TCP, Transport.UDP: UDP, Transport.SCTP: SCTP}

End = tuple[bytes, int]


def community_id(one: End, two: End, protocol: int, icmp: tuple[int, int] = (0, 0)) -> str:
    """Return the identifier of a flow, the same for both directions.

    Args:
        one: address and port that sent the packet that ``icmp`` belongs to.
        two: the other end.
        protocol: IP protocol number.
        icmp: type and code of the packet, for ICMP.
    """
    ordered = True
    if protocol in _COUNTERPARTS:
        kind, code = icmp
        counterpart = _COUNTERPARTS[protocol].get(kind)
        ordered = counterpart is not None
        one, two = (one[0], kind), (two[0], code if counterpart is None else counterpart)
    if ordered and two < one:
        one, two = two, one
    data = _SEED + one[0] + two[0] + pack("!BB", protocol, 0)
    if protocol in (TCP, UDP, SCTP, ICMP, ICMPV6):
        data += pack("!HH", one[1], two[1])
    return "1:" + base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii")


def community_of(transport: Transport, one: tuple[str, int | None], two: tuple[str, int | None]) -> str:
    """Return the identifier of a flow of which a log tells both ends whole, else nothing: logs tell no types of ICMP packets."""
    if transport not in _WITH_PORTS or not (one[0] and two[0]) or one[1] is None or two[1] is None:
        return ""
    first, second = (ipaddress.ip_address(end[0]).packed for end in (one, two))
    return community_id((first, one[1]), (second, two[1]), _WITH_PORTS[transport])
