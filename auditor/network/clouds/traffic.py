"""Addresses, protocols and ports as rules of clouds write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.documents import Node
from auditor.facts.evidence import FileLocation
from auditor.network.addresses import parse_block
from auditor.network.connections import ALL, ALL_PORTS, ICMP, UNNAMED, connections
from auditor.network.netfilter.conditions import Addresses, Condition, Either, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.protocols import port_span, protocol_number

ANY = Traffic(ALL)
LATER = "known only after the run"
_BY_NUMBER = {6: "TCP", 17: "UDP", 132: "SCTP"}


def unread(why: str, place: FileLocation) -> FilterRule:
    """Return a rule that may take anything, and do either with it."""
    return FilterRule(ANY, Verdict.UNREAD, why, why, place)


def blocks(listed: Node | None, *, open_: bool) -> Iterator[Condition]:
    """Yield a condition for each block of a list, and one that may be anything where some are not known yet."""
    if open_:
        yield Perhaps(f"an address block is {LATER}")
    for item in listed.items if listed is not None else ():
        block = parse_block(item.text)
        yield Addresses({block.family: block.spans}) if block is not None else Perhaps(f"the block {item.text}")


def ports_of(protocol: str, ports: Sequence[str]) -> Condition:
    """Return the connections of a protocol by name or number to ports and ranges; without ports to all."""
    if protocol.lower() in ("all", "*", "-1"):
        return ANY
    number = protocol_number(protocol.lower())
    if number in (1, 58):
        return Traffic(ICMP)
    if number not in _BY_NUMBER:
        return Perhaps(f"protocol {protocol}", UNNAMED)
    name = _BY_NUMBER[number]
    spans = [ALL_PORTS if p == "*" else port_span(p) for p in ports] or [ALL_PORTS]
    return Either(tuple(Traffic(connections(name, s)) if s is not None else Perhaps(f"port of {name}") for s in spans))
