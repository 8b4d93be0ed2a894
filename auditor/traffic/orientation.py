"""Who dialled: the rules, strongest first, and which one decided (facts T22)."""

from __future__ import annotations

from enum import StrEnum

from auditor.traffic.finding import Side
from auditor.traffic.flow import Flow
from auditor.traffic.internet import TCP, UDP, is_global

SERVICES: dict[int, frozenset[int]] = {
    TCP: frozenset(
        {20, 21, 22, 23, 25, 53, 80, 88, 110, 111, 135, 139, 143, 179, 389, 443, 445, 465, 515, 554, 587, 631, 636, 853,
         873, 989, 990, 993, 995, 1080, 1194, 1433, 1521, 1723, 1883, 1935, 2049, 2375, 2376, 2379, 2404, 3000, 3128, 3268, 3306,
         3389, 4317, 4318, 5000, 5222, 5349, 5432, 5672, 5900, 5938, 6379, 6443, 6881, 7844, 8000, 8080, 8086, 8125,
         8200, 8443, 8500, 8883, 8888, 9000, 9090, 9092, 9200, 9418, 10250, 11211, 11434, 20000, 27017,
         50051, 61616}
    ),
    UDP: frozenset(
        {53, 69, 88, 111, 123, 137, 138, 161, 162, 389, 443, 500, 514, 853, 1194, 1701, 1812, 1813, 2049, 3389, 3478,
         3479, 3480, 3481, 4500, 4789, 5060, 5349, 6081, 7844, 8125, 8472, 19302, 41641, 51820}
    ),
}  # fmt: skip
"""Ports on which servers usually listen (IANA service names, and products that agents use)."""
_EPHEMERAL = 1024


class Rule(StrEnum):
    """What decided who initiated a flow."""

    SYN = "syn"
    SYN_ACK = "syn_ack"
    CONTENT = "content"
    SERVICE_PORT = "service_port"
    LOWER_PORT = "lower_port"
    PRIVATE_TO_PUBLIC = "private_to_public"
    FIRST_FRAME = "first_frame"


End = tuple[bytes, int]
"""Address and port."""


def orient(flow: Flow) -> tuple[int, Rule]:
    """Return the half (0 or 1) that dialled and the rule that tells."""
    for decide in (_handshake, _content):
        decided = decide(flow)
        if decided is not None:
            return decided
    one, two = flow.ends
    return orient_by_ends(flow.protocol, one, two) or (0, Rule.FIRST_FRAME)


def orient_by_ends(protocol: int, one: End, two: End) -> tuple[int, Rule] | None:
    """Return which end dialled (0 or 1) as far as ports and addresses tell, and the rule; ``None`` when they do not.

    The two weak rules about ports and addresses serve TCP captured in mid-connection. A datagram flow has no
    beginning that its packets show, so there the first captured packet tells more than a port number.
    """
    decided = service_port(protocol, one[1], two[1])
    if decided is None and protocol == TCP:
        decided = _lower_port(one, two) or _private_to_public(one, two)
    return decided


def _handshake(flow: Flow) -> tuple[int, Rule] | None:
    for side, half in enumerate(flow.halves):
        if half.syn:
            return side, Rule.SYN
    for side, half in enumerate(flow.halves):
        if half.synack:
            return 1 - side, Rule.SYN_ACK
    return None


def _content(flow: Flow) -> tuple[int, Rule] | None:
    if flow.request is not None:
        return flow.request, Rule.CONTENT
    for side, half in enumerate(flow.halves):
        if half.finding is not None and half.finding.side is not Side.EITHER:
            return (side if half.finding.side is Side.CLIENT else 1 - side), Rule.CONTENT
    return None


def service_port(protocol: int, one: int, two: int) -> tuple[int, Rule] | None:
    """Return which of two ports' ends dialled (0 or 1) when only the other port is that of a known service."""
    known = SERVICES.get(protocol, frozenset())
    first, second = one in known, two in known
    return None if first == second else (1 if first else 0, Rule.SERVICE_PORT)


def _lower_port(one: End, two: End) -> tuple[int, Rule] | None:
    """Take the lower port for the server's, unless both are what clients get: then the numbers are chance."""
    if one[1] == two[1] or (min(one[1], two[1]) >= _EPHEMERAL and is_global(one[0]) != is_global(two[0])):
        return None
    return (0 if one[1] > two[1] else 1), Rule.LOWER_PORT


def _private_to_public(one: End, two: End) -> tuple[int, Rule] | None:
    first, second = is_global(one[0]), is_global(two[0])
    return None if first == second else (1 if first else 0, Rule.PRIVATE_TO_PUBLIC)
