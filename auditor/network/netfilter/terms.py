"""What the words of a rule mean: ``tcp dport 443``, ``ip daddr @allowed``, ``ct state new`` and their like.

The keys are those of nft(8); options of iptables are brought into them. What only the packet, the process or the moment decides
is a :class:`Perhaps` that carries the words, so that nothing unread ever counts as a denial.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.network.addresses import FAMILIES, parse_block, parse_range, whole
from auditor.network.connections import ALL, ALL_PORTS, ICMP, NONE, PROTOCOLS, UNNAMED, Connections, connections
from auditor.network.netfilter.conditions import Addresses, Both, Condition, Either, From, Leaves, Not, Perhaps, Traffic
from auditor.network.netfilter.protocols import icmp_types, of_protocol, port_span, protocol_number

Element = tuple[str, ...]
"""Values of one element, one for each key of a concatenation."""
_STATES = {"new": ALL, "established": NONE, "related": NONE, "untracked": NONE, "invalid": NONE}
"""What of each connection-tracking state the first packet of a new connection has."""
_LOOPBACK = {4: "127.0.0.0/8", 6: "::1/128"}
_MULTICAST = {4: "224.0.0.0/4", 6: "ff00::/8"}
_FAMILY_OF = {"ip": 4, "ip6": 6, "ipv4": 4, "ipv6": 6, "2": 4, "10": 6}
ANYTHING = Traffic(ALL)


@dataclass(frozen=True, slots=True)
class NamedSet:
    """A set that rules refer to by name."""

    elements: tuple[Element, ...]
    open: str = ""
    """Why other elements may be in it, and these may not."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the words of one table refer to."""

    sets: Mapping[str, NamedSet]
    tracked: bool = True
    """Whether every connection has a state: no rule takes packets out of connection tracking."""

    def condition(self, keys: Sequence[str], elements: Sequence[Element], shown: str, *, negated: bool = False) -> Condition:
        """Return the condition that the keys together have one of the elements; ``shown`` is how the rule says it."""
        base = Both(tuple(_base(key) for key in keys))
        choices: list[Condition] = []
        for element in elements:
            choices.extend(self._choice(keys, element, shown))
        wanted = Either(tuple(choices))
        return Both((base, Not(wanted) if negated else wanted))

    def _choice(self, keys: Sequence[str], element: Element, shown: str) -> list[Condition]:
        if len(element) == 1 and element[0].startswith("@"):
            named = self.sets.get(element[0][1:])
            if named is None:
                return [Perhaps(f"{shown}: the set is not supplied")]
            if named.open:
                return [Perhaps(f"{shown}: {named.open}")]
            return [self._one(keys, e, shown) for e in named.elements]
        return [self._one(keys, element, shown)]

    def _one(self, keys: Sequence[str], element: Element, shown: str) -> Condition:
        if len(keys) != len(element):
            return Perhaps(shown)
        parts = [self._term(key, value) or Perhaps(shown, _within(key)) for key, value in zip(keys, element, strict=True)]
        parts = [replace(part, construct=shown) if isinstance(part, From) else part for part in parts]
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _term(self, key: str, value: str) -> Condition | None:
        if key == "ct state":
            return Traffic(_STATES[value]) if value in _STATES and self.tracked else None
        first, _, field = key.partition(" ")
        if field in ("dport", "sport"):
            return _ports(first, field, value)
        reader = _TERMS.get(key)
        return reader(value) if reader is not None else None


def family(number: int) -> Condition:
    """Return the condition that a packet is of one address family."""
    return Addresses({number: whole(number).spans})


def _base(key: str) -> Condition:
    """Return what a key asks for by being there: ``tcp dport`` takes TCP alone, ``ip daddr`` IPv4 alone."""
    first, _, field = key.partition(" ")
    if first in ("ip", "ip6"):
        return family(_FAMILY_OF[first])
    if first in ("icmp", "icmpv6"):
        return Both((Traffic(ICMP), family(6 if first == "icmpv6" else 4)))
    if field in ("dport", "sport", "flags"):
        return Traffic(_within(key))
    return ANYTHING


def _within(key: str) -> Connections:
    first, _, field = key.partition(" ")
    if first.upper() in PROTOCOLS:
        return connections(first.upper(), ALL_PORTS)
    if first in ("icmp", "icmpv6"):
        return ICMP
    return ALL - ICMP if field in ("dport", "sport") else ALL


def _ports(protocol: str, field: str, value: str) -> Condition | None:
    spans = port_span(value)
    if spans is None:
        return None
    named = [protocol.upper()] if protocol.upper() in PROTOCOLS else list(PROTOCOLS)
    taken = NONE
    for name in named:
        taken |= connections(name, spans)
    if field == "dport":
        return Traffic(taken) if protocol != "th" else Either((Traffic(taken), Perhaps(f"{protocol} {field} {value}", UNNAMED)))
    return Traffic(_within(f"{protocol} sport")) if spans == ALL_PORTS else None


def _blocks(texts: Mapping[int, str]) -> Condition:
    found = {number: block.spans for number, text in texts.items() if (block := parse_block(text)) is not None}
    return Addresses(found)


def _address(value: str) -> Condition | None:
    block = parse_range(value)
    return None if block is None else Addresses({block.family: block.spans})


def _source(value: str) -> Condition | None:
    """Return whether a packet comes from ``value``: for certain of a whole family, else once it is known who sends."""
    block = parse_range(value)
    if block is None:
        return None
    return ANYTHING if block == whole(block.family) else From(value, block.family, block.spans)


def _protocol(value: str) -> Condition | None:
    number = protocol_number(value)
    if number is None:
        return Perhaps(f"protocol {value}", UNNAMED)
    taken, only = of_protocol(number)
    if not taken:
        return Perhaps(f"protocol {value}", UNNAMED)
    return Both((Traffic(taken), family(only))) if only else Traffic(taken)


def _interface(value: str) -> Condition | None:
    """Return where a packet leaves: only what goes to the host itself leaves by ``lo``; the rest is up to routes."""
    wild = value.endswith(("*", "+")) and "lo".startswith(value[:-1])
    return None if wild else Leaves(f"interface {value}", loopback=value == "lo")


def _kind(value: str) -> Condition | None:
    """Return the kind of a destination; addresses asked about are taken not to be the host's own."""
    if value.lower() == "local":
        return _blocks(_LOOPBACK)
    return _blocks(_MULTICAST) if value.lower() == "multicast" else None


def _nfproto(value: str) -> Condition | None:
    return family(_FAMILY_OF[value]) if value in _FAMILY_OF else None


def _icmp(number: int) -> Callable[[str], Condition | None]:
    def read(value: str) -> Condition | None:
        types = icmp_types(value, number)
        return None if types is None else Traffic(Connections(icmp=types))

    return read


def _either_port(value: str) -> Condition | None:
    """Return what ipset writes as ``tcp:80``; without a protocol it is TCP (ipset(8), "port")."""
    protocol, found, port = value.partition(":")
    spans = port_span(port if found else value)
    name = protocol.upper() if found else "TCP"
    return None if spans is None or name not in PROTOCOLS else Traffic(connections(name, spans))


def tcp_flags(mask: Sequence[str], wanted: Sequence[str]) -> Condition:
    """Return whether the first packet of a TCP connection, which has SYN alone, has ``wanted`` among the flags of ``mask``."""
    names = {name.lower() for name in mask}
    every = {"fin", "syn", "rst", "ack"} if "all" in names else names
    seen = {"syn"} & every
    asked = {name.lower() for name in wanted} - {"none"}
    return Traffic(connections("TCP", ALL_PORTS) if seen == asked else NONE)


_TERMS: Mapping[str, Callable[[str], Condition | None]] = {
    "ip daddr": _address,
    "ip6 daddr": _address,
    "ip saddr": _source,
    "ip6 saddr": _source,
    "ip protocol": _protocol,
    "ip6 nexthdr": _protocol,
    "meta l4proto": _protocol,
    "meta protocol": _nfproto,
    "meta nfproto": _nfproto,
    "oif": _interface,
    "oifname": _interface,
    "fib daddr type": _kind,
    "port": _either_port,
    "icmp type": _icmp(FAMILIES[0]),
    "icmpv6 type": _icmp(FAMILIES[1]),
    "ct direction": lambda value: Traffic(ALL if value == "original" else NONE) if value in ("original", "reply") else None,
}
