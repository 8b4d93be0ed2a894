"""Addresses, protocols and ports as rules of clouds write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from auditor.documents import Node, NodeKind
from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.network.addresses import parse_block
from auditor.network.clouds.plan import Plan, is_open
from auditor.network.connections import ALL, ALL_PORTS, ICMP, UNNAMED, connections
from auditor.network.netfilter.conditions import Addresses, Condition, Either, Perhaps, Traffic
from auditor.network.netfilter.model import FilterRule, Verdict
from auditor.network.netfilter.protocols import port_span, protocol_number
from auditor.network.ordered_rules import OrderedRules

ANY = Traffic(ALL)
LATER = "known only after the run"
_BY_NUMBER = {6: "TCP", 17: "UDP", 132: "SCTP"}


def layer(
    plan: Plan, dialect: str, strength: Strength, rules: Iterable[FilterRule], place: FileLocation, assumed: tuple[str, ...]
) -> OrderedRules:
    """Return rules in their order, after which what none takes is denied; of a plan that is not whole nothing is decided."""
    cut = () if plan.cut is None else (unread(*plan.cut),)
    return OrderedRules(dialect, strength, (*cut, *rules), Verdict.DROP, place, assumed)


def unread(why: str, place: FileLocation) -> FilterRule:
    """Return a rule that may take anything, and do either with it."""
    return FilterRule(ANY, Verdict.UNREAD, why, why, place)


def given(node: Node, mark: Node | None, key: str) -> bool:
    """Return whether an argument has a value, or gets one by the run."""
    value = node.get(key)
    there = value is not None and value.kind is not NodeKind.NULL and bool(value.text or value.items)
    return there or later(mark, key)


def later(mark: Node | None, *keys: str) -> bool:
    """Return whether any of some arguments is known only after the run, or the whole that they stand in."""
    return mark is not None and (mark.text == "true" or any(is_open(mark.get(key)) for key in keys))


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
