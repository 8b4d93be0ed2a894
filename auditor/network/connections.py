"""Sets of connections: ports by transport protocol, and everything that has no ports."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.vocabulary import Transport
from auditor.network.spans import EMPTY, Spans

FIRST_PORT, LAST_PORT = 1, 65535
ALL_PORTS = Spans(((FIRST_PORT, LAST_PORT),))
_PRESENT = Spans(((0, 0),))
"""What stands for "all" of a protocol without ports."""
PROTOCOLS = ("TCP", "UDP", "SCTP")
"""The protocols that a NetworkPolicy can name (NetworkPolicyPort, Kubernetes API v1)."""
PORTLESS = "PORTLESS"
"""In a rule: all protocols without ports; the name of one of them takes only a part of what is counted as one."""


@dataclass(frozen=True, slots=True)
class Connections:
    """A set of (protocol, destination port); ``other`` stands for ICMP and every other IP protocol as one."""

    tcp: Spans = EMPTY
    udp: Spans = EMPTY
    sctp: Spans = EMPTY
    other: Spans = EMPTY

    def __bool__(self) -> bool:
        return bool(self.tcp or self.udp or self.sctp or self.other)

    def __or__(self, them: Connections) -> Connections:
        return Connections(self.tcp | them.tcp, self.udp | them.udp, self.sctp | them.sctp, self.other | them.other)

    def __and__(self, them: Connections) -> Connections:
        return Connections(self.tcp & them.tcp, self.udp & them.udp, self.sctp & them.sctp, self.other & them.other)

    def __sub__(self, them: Connections) -> Connections:
        return Connections(self.tcp - them.tcp, self.udp - them.udp, self.sctp - them.sctp, self.other - them.other)

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
        return "; ".join([*parts, *(["ICMP and other protocols"] if self.other else [])]) or "nothing"


def _ports(spans: Spans) -> str:
    if spans == ALL_PORTS:
        return "on every port"
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
    }
    return by_transport.get(transport, OTHER)


NONE = Connections()
OTHER = Connections(other=_PRESENT)
ALL = Connections(ALL_PORTS, ALL_PORTS, ALL_PORTS, _PRESENT)
