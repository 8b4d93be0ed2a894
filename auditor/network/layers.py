"""What dialects outside of a cluster say of one workload each, and how their layers come together.

A packet has to pass every layer on its way (the tool's own setting, the sandbox, the host's firewall, the cloud's, the route):
what one layer surely denies is denied, and what all surely allow is allowed. A layer that can be gone round (``advisory``) never
denies; it is told all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, cut
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, either
from auditor.network.ends import Named
from auditor.network.name_patterns import NamePattern
from auditor.network.spans import Spans

WEAKEST_FIRST = tuple(Strength)
"""Strengths are declared weakest first."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A workload that a dialect speaks of: a compose service, an instance, a host, a developer tool."""

    id: str
    """How it is shown and asked for, such as ``compose/web`` or ``aws_instance.agent``."""
    names: tuple[str, ...]
    """Other names by which a user or the manifest may mean it."""
    location: FileLocation | None
    hosts: tuple[str, ...] = ()
    """Host names that surely mean it wherever its document counts, such as the name of a compose service."""


class Layer(Protocol):
    """One place where packets or requests of a workload are let through or stopped."""

    @property
    def dialect(self) -> str:
        """Return the dialect in plain words, such as ``nftables``."""
        ...

    @property
    def strength(self) -> Strength:
        """Return how strongly a denial of this layer is enforced."""
        ...

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what must be taken for given, such as that the script ran to its end."""
        ...

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the address sets of a family by which outcomes may differ."""
        ...

    def names(self) -> Sequence[NamePattern]:
        """Return the patterns of names that it speaks of."""
        ...

    def decide(self, target: Range | Named) -> Decision:
        """Return what it does with connections to a range that no set of ``cuts`` cuts, or to a name with such a range."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """Several ways of which a packet takes one, such as the interfaces of a machine: what any may let through is not denied."""

    dialect: str
    ways: tuple[tuple[Layer, ...], ...]

    @property
    def strength(self) -> Strength:
        """Return the weakest strength on any of the ways."""
        return min((layer.strength for way in self.ways for layer in way), key=WEAKEST_FIRST.index, default=Strength.ADVISORY)

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what must be taken for given on any of the ways."""
        return tuple(dict.fromkeys(text for way in self.ways for layer in way for text in layer.assumed))

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the address sets of all ways."""
        return [block for way in self.ways for layer in way for block in layer.cuts(family)]

    def names(self) -> Sequence[NamePattern]:
        """Return the patterns of all ways."""
        return tuple(pattern for way in self.ways for layer in way for pattern in layer.names())

    def decide(self, target: Range | Named) -> Decision:
        """Return what is possible on any of the ways."""
        return either([together(way, target).decision for way in self.ways])


@dataclass(frozen=True, slots=True)
class Resolver:
    """A resolver that a workload may ask: the names that it looks up leave with the question if it asks others (facts P16)."""

    forwards: Truth
    text: str
    location: FileLocation | None


@dataclass(frozen=True, slots=True)
class Door:
    """An address inside that leads to a service outside, such as an endpoint in a cloud's network."""

    text: str
    location: FileLocation | None


@dataclass(frozen=True, slots=True)
class Governed:
    """What the documents say of one subject: all layers that its traffic passes."""

    subject: Subject
    layers: tuple[Layer, ...]
    peers: tuple[str, ...] = ()
    """Ids of other subjects that it reaches without passing any of the layers."""
    restricts: bool = True
    """Whether any layer stops something by itself: a document that leaves all open says nothing of what the network permits, and
    a sandbox holds only what its author says runs in it."""
    resolver: Resolver | None = None
    """The resolver that stands beside its layers, where the dialect has one."""
    doors: tuple[Door, ...] = ()
    """What it may reach inside that leads outside."""


@dataclass(frozen=True, slots=True)
class LayeredDecision:
    """The outcome of all layers together."""

    decision: Decision
    by_layer: tuple[tuple[Layer, Decision], ...]

    def strength(self, wanted: Connections) -> Strength | None:
        """Return the strongest level at which all of ``wanted`` is surely denied; ``None`` when it is not surely denied."""
        denied = NONE
        for level in reversed(WEAKEST_FIRST):
            for layer, decision in self.by_layer:
                if layer.strength is level and level is not Strength.ADVISORY:
                    denied |= decision.may_deny - decision.may_allow
            if denied.covers(wanted):
                return level
        return None

    def advised(self, wanted: Connections) -> bool:
        """Return whether only advice, which can be gone round, denies any of ``wanted``."""
        return any(layer.strength is Strength.ADVISORY and decision.may_deny & wanted for layer, decision in self.by_layer)


def together(layers: Sequence[Layer], target: Range | Named) -> LayeredDecision:
    """Return the outcome for a target; without any layer all is allowed, which the caller has to judge."""
    each = tuple((layer, layer.decide(target)) for layer in layers)
    result = Decision(ALL, NONE, ())
    for layer, decision in each:
        result = result.also(_as_advice(layer, decision) if layer.strength is Strength.ADVISORY else decision)
    return LayeredDecision(result, each)


def _as_advice(layer: Layer, decision: Decision) -> Decision:
    """Return a decision that forbids nothing: who does not want to heed the layer goes round it (facts I1, H5)."""
    told = (
        replace(s, allows=Truth.YES, text=f"{s.text} (only advice: a process may go round {layer.dialect})")
        for s in decision.steps
        if s.allows is not Truth.YES
    )
    return Decision(ALL, NONE, tuple(told))


def layered_regions(layers: Sequence[Layer], family: int) -> tuple[tuple[Range, LayeredDecision], ...]:
    """Return every address of a family in disjoint ranges with the outcome for each."""
    blocks = [block for layer in layers for block in layer.cuts(family)]
    return tuple((atom, together(layers, atom)) for atom in cut(family, blocks))
