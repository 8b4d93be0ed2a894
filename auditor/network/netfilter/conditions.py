"""What a rule of a host's firewall asks of a packet, put to the first packet of a new connection.

Each condition answers for a range of destinations with the connections that it surely and that it possibly takes, as
``network.match`` does for policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from auditor.network.addresses import Range
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
