"""What a rule of a host's firewall asks of a packet, put to the first packet of a new connection.

Each condition answers for a range of destinations with the connections that it surely and that it possibly takes, as
``network.match`` does for policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

from auditor.network.addresses import LOOPBACK, Range
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.match import NOTHING, Match
from auditor.network.spans import EMPTY, Spans

EVERYTHING = Match(ALL, ALL)


class Condition(Protocol):
    """One thing that a rule asks for."""

    def match(self, place: Range) -> Match:
        """Return what it takes of the connections to a range that no set of ``spans`` cuts."""
        ...

    def spans(self, family: int) -> Iterator[Spans]:
        """Yield the address sets of a family by which its answers differ."""
        ...

    def unread(self) -> Iterator[str]:
        """Yield the constructs in it that addresses, protocols and ports do not decide."""
        ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """The destination lies in a set; a family that is not given lies outside of it."""

    within: Mapping[int, Spans]

    def match(self, place: Range) -> Match:
        """Return everything inside the set."""
        return EVERYTHING if place.first in self.within.get(place.family, EMPTY) else NOTHING

    def spans(self, family: int) -> Iterator[Spans]:
        """Yield the set itself."""
        if family in self.within:
            yield self.within[family]

    def unread(self) -> Iterator[str]:
        """Yield nothing: an address decides."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Traffic:
    """The connection is one of a set, whatever the destination."""

    connections: Connections

    def match(self, place: Range) -> Match:  # noqa: ARG002 -- the signature of conditions
        """Return the set."""
        return Match(self.connections, self.connections)

    def spans(self, family: int) -> Iterator[Spans]:  # noqa: ARG002 -- the signature of conditions
        """Yield nothing."""
        yield from ()

    def unread(self) -> Iterator[str]:
        """Yield nothing: the protocol and port decide."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Something that only the packet, the process or the moment decides: the rule may or may not take it."""

    construct: str
    within: Connections = ALL

    def match(self, place: Range) -> Match:  # noqa: ARG002 -- the signature of conditions
        """Return all of it as possible, nothing as sure."""
        return Match(NONE, self.within)

    def spans(self, family: int) -> Iterator[Spans]:  # noqa: ARG002 -- the signature of conditions
        """Yield nothing."""
        yield from ()

    def unread(self) -> Iterator[str]:
        """Yield the construct."""
        yield self.construct


@dataclass(frozen=True, slots=True)
class From:
    """The packet comes from a set of addresses of one family: undecided until the sender's are known."""

    construct: str
    family: int
    within: Spans

    def match(self, place: Range) -> Match:  # noqa: ARG002 -- the signature of conditions
        """Return everything as possible, nothing as sure."""
        return Match(NONE, ALL)

    def spans(self, family: int) -> Iterator[Spans]:  # noqa: ARG002 -- the signature of conditions
        """Yield nothing: it asks for no destination."""
        yield from ()

    def unread(self) -> Iterator[str]:
        """Yield the construct."""
        yield self.construct


@dataclass(frozen=True, slots=True)
class Leaves:
    """The packet leaves by the loopback interface, or by another one: only what goes to the host itself leaves by the first."""

    construct: str
    loopback: bool

    def match(self, place: Range) -> Match:
        """Return all of it to loopback addresses; by which other interface a packet leaves is up to routes."""
        inside = any(r.family == place.family and r.first <= place.first <= r.last for r in LOOPBACK)
        if self.loopback:
            return EVERYTHING if inside else NOTHING
        return NOTHING if inside else Match(NONE, ALL)

    def spans(self, family: int) -> Iterator[Spans]:
        """Yield the loopback addresses."""
        yield from (r.spans for r in LOOPBACK if r.family == family)

    def unread(self) -> Iterator[str]:
        """Yield the construct, unless it is the loopback interface."""
        yield from () if self.loopback else (self.construct,)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Several conditions taken together."""

    parts: tuple[Condition, ...]

    def spans(self, family: int) -> Iterator[Spans]:
        """Yield those of the parts."""
        for part in self.parts:
            yield from part.spans(family)

    def unread(self) -> Iterator[str]:
        """Yield those of the parts."""
        for part in self.parts:
            yield from part.unread()


@dataclass(frozen=True, slots=True)
class Both(_Joined):
    """All of several conditions; of none it is everything."""

    def match(self, place: Range) -> Match:
        """Return what every part takes."""
        surely, possibly = ALL, ALL
        for part in self.parts:
            found = part.match(place)
            if found is EVERYTHING:
                continue
            surely, possibly = surely & found.surely, possibly & found.possibly
            if not possibly:
                return NOTHING
        return Match(surely, possibly)


@dataclass(frozen=True, slots=True)
class Either(_Joined):
    """Any of several conditions; of none it is nothing."""

    def match(self, place: Range) -> Match:
        """Return what any part takes."""
        surely, possibly = NONE, NONE
        for part in self.parts:
            found = part.match(place)
            surely, possibly = surely | found.surely, possibly | found.possibly
        return Match(surely, possibly)


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition."""

    part: Condition

    def match(self, place: Range) -> Match:
        """Return what the part surely and possibly leaves."""
        found = self.part.match(place)
        return Match(ALL - found.possibly, ALL - found.surely)

    def spans(self, family: int) -> Iterator[Spans]:
        """Yield those of the part."""
        yield from self.part.spans(family)

    def unread(self) -> Iterator[str]:
        """Yield those of the part."""
        yield from self.part.unread()


def within(condition: Condition) -> Connections:
    """Return connections beyond which a condition takes nothing, whatever the destination."""
    if isinstance(condition, Traffic):
        return condition.connections
    if isinstance(condition, Perhaps):
        return condition.within
    if isinstance(condition, Both):
        return reduce(lambda a, b: a & b, map(within, condition.parts), ALL)
    return reduce(lambda a, b: a | b, map(within, condition.parts), NONE) if isinstance(condition, Either) else ALL
