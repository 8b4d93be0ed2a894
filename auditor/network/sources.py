"""Who sends: pods of a cluster, a workload outside of one, or pods with further layers on their way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.facts.permission import Strength
from auditor.network.addresses import Range, parse_block
from auditor.network.cluster import Cluster
from auditor.network.decision import Decision
from auditor.network.ends import Named
from auditor.network.layers import Door, Governed, Layer, Resolver
from auditor.network.name_patterns import NamePattern
from auditor.network.objects import Pods
from auditor.network.spans import Spans


@dataclass(frozen=True, slots=True)
class PodPolicies:
    """The policies of a cluster for certain pods, as one layer on their way to addresses outside."""

    cluster: Cluster
    pods: Pods

    @property
    def dialect(self) -> str:
        """Return what it is, in plain words."""
        return "network policy"

    @property
    def strength(self) -> Strength:
        """Return how strongly what is surely denied is enforced; where the plugin is not known to enforce, nothing is."""
        return Strength.NETWORK_POLICY

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return what the manifest says of the platform."""
        return self.cluster.book.world.platform.assumed

    def cuts(self, family: int) -> Iterable[Spans]:
        """Return the address sets by which the policies of these pods tell destinations apart."""
        return self.cluster.blocks(self.pods, family)

    def names(self) -> Sequence[NamePattern]:
        """Return nothing: name rules of policies are asked by name."""
        return ()

    def decide(self, target: Range | Named) -> Decision:
        """Return what the policies do with connections to a range, or to a name with such a range."""
        return self.cluster.outside(self.pods, target)


@dataclass(frozen=True, slots=True)
class Source:
    """One sender with every layer that its packets pass."""

    id: str
    """How it is shown: ``namespace/name[Kind]`` of pods, else the id of the subject."""
    pods: Pods | None
    layers: tuple[Layer, ...] = ()
    """What stands on its way besides policies of a cluster."""
    peers: tuple[str, ...] = ()
    """Ids of subjects outside of a cluster that it reaches without passing any of the layers."""
    resolvers: tuple[Resolver, ...] = ()
    doors: tuple[Door, ...] = ()
    """What it may reach inside that leads outside."""

    @property
    def key(self) -> object:
        """Return what tells it from every other source: several pods may be shown alike."""
        return id(self.pods) if self.pods is not None else self.id

    def beside(self, layer: Layer | None) -> Source:
        """Return the same sender with a further layer on its way, if there is one."""
        return self if layer is None else replace(self, layers=(*self.layers, layer))

    @classmethod
    def of(cls, pods: Pods, *governed: Governed) -> Source:
        """Return pods, with the layers of what governs them besides policies."""
        return cls(pods.id, pods, *_joined(governed))

    @classmethod
    def governed(cls, *governed: Governed) -> Source:
        """Return a workload outside of a cluster, with the layers of everything that speaks of it.

        Raises:
            ValueError: nothing speaks of it.
        """
        if not governed:
            raise ValueError("a source outside of a cluster needs something that governs it")
        return cls(governed[0].subject.id, None, *_joined(governed))


def _joined(
    governed: Sequence[Governed],
) -> tuple[tuple[Layer, ...], tuple[str, ...], tuple[Resolver, ...], tuple[Door, ...]]:
    layers = tuple(layer for g in governed for layer in g.layers)
    peers = tuple(peer for g in governed for peer in g.peers)
    resolvers = tuple(g.resolver for g in governed if g.resolver is not None)
    return layers, peers, resolvers, tuple(door for g in governed for door in g.doors)


def addresses_of(pods: Pods) -> tuple[Range, ...]:
    """Return the addresses that live pods show."""
    return tuple(block for block in map(parse_block, pods.addresses) if block is not None)
