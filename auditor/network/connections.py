"""Sets of connections: ports by transport protocol, and everything that has no ports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts.vocabulary import Transport
from auditor.network.spans import EMPTY, Spans

FIRST_PORT, LAST_PORT = 1, 65535
ALL_PORTS = Spans(((FIRST_PORT, LAST_PORT),))
ICMP_TYPES = Spans(((0, 255),))
_PRESENT = Spans(((0, 0),))
"""What stands for "all" of a protocol without ports."""
PROTOCOLS = ("TCP", "UDP", "SCTP")
"""The protocols that a NetworkPolicy can name (NetworkPolicyPort, Kubernetes API v1)."""
PORTLESS = "PORTLESS"
"""In a rule: all protocols without ports; the name of one of them takes only a part of what is counted as one."""


@dataclass(frozen=True, slots=True)
class Connections:
    """A set of (protocol, destination port); ``other`` stands for every IP protocol that has no field of its own, as one."""

    tcp: Spans = EMPTY
    udp: Spans = EMPTY
    sctp: Spans = EMPTY
    icmp: Spans = EMPTY
    """Types of ICMP, or of ICMPv6 where the destination is of that family."""
    other: Spans = EMPTY

    def __bool__(self) -> bool:
        return bool(self.tcp or self.udp or self.sctp or self.icmp or self.other)

    def __or__(self, them: Connections) -> Connections:
        return Connections(
            self.tcp | them.tcp, self.udp | them.udp, self.sctp | them.sctp, self.icmp | them.icmp, self.other | them.other
        )

    def __and__(self, them: Connections) -> Connections:
        return Connections(
            self.tcp & them.tcp, self.udp & them.udp, self.sctp & them.sctp, self.icmp & them.icmp, self.other & them.other
        )

    def __sub__(self, them: Connections) -> Connections:
        return Connections(
            self.tcp - them.tcp, self.udp - them.udp, self.sctp - them.sctp, self.icmp - them.icmp, self.other - them.other
        )

    def covers(self, them: Connections) -> bool:
        """Return whether every connection of ``them`` is in this set."""
        return not them - self

    def text(self) -> str:
        """Return the set in one line: ``TCP 80,443; UDP 53``."""
        if self == ALL:
            return "all connections"
        if self == ALL - OTHER:
            return "all TCP, UDP and SCTP"
        named = zip(PROTOCOLS, (self.tcp, self.udp, self.sctp), strict=True)
        parts = [f"{name} {_ports(spans)}" for name, spans in named if spans]
        return "; ".join([*parts, *self._portless()]) or "nothing"

    def _portless(self) -> Iterator[str]:
        if self.icmp == ICMP_TYPES and self.other:
            yield "ICMP and other protocols"
            return
        if self.icmp:
            yield "ICMP" if self.icmp == ICMP_TYPES else f"ICMP type {_spelt(self.icmp)}"
        if self.other:
            yield "protocols other than these and ICMP"


def _ports(spans: Spans) -> str:
    if spans == ALL_PORTS:
        return "on every port"
    return _spelt(spans)


def _spelt(spans: Spans) -> str:
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in spans.pairs)


def connections(protocol: str, ports: Spans) -> Connections:
    """Return the connections of one of ``PROTOCOLS`` to ``ports``.

    Raises:
        ValueError: a protocol without ports.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"{protocol} has no ports")
    return Connections(**{protocol.lower(): ports})


def wanted(transport: Transport, port: int) -> Connections:
    """Return what a channel needs; port 0 means that the port is not known, hence every port."""
    ports = Spans(((port, port),)) if port else ALL_PORTS
    by_transport = {
        Transport.TCP: Connections(tcp=ports),
        Transport.UDP: Connections(udp=ports),
        Transport.SCTP: Connections(sctp=ports),
        Transport.ICMP: ICMP,
        Transport.ICMPV6: ICMP,
    }
    return by_transport.get(transport, UNNAMED)


NONE = Connections()
ICMP = Connections(icmp=ICMP_TYPES)
UNNAMED = Connections(other=_PRESENT)
"""Every protocol but TCP, UDP, SCTP and ICMP."""
OTHER = ICMP | UNNAMED
"""Everything that a NetworkPolicy cannot name (facts P13)."""
ALL = Connections(ALL_PORTS, ALL_PORTS, ALL_PORTS) | OTHER
