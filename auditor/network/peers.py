"""Whether a peer of a rule takes an end of a connection: yes, no or unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from auditor.facts.truth import Truth, all_of, any_of, negate
from auditor.network.addresses import PRIVATE, Range, parse_block
from auditor.network.ends import End, Named
from auditor.network.objects import Objects, Pods
from auditor.network.platform import Platform
from auditor.network.rules import (
    BlockPeer,
    BothPeer,
    ChosenPeer,
    Engine,
    EntityPeer,
    NamePeer,
    NodePeer,
    Peer,
    PodPeer,
    Policy,
    SetPeer,
    Tier,
)
from auditor.network.spans import Spans

_NODES = frozenset({"host", "remote-node"})


@dataclass(frozen=True, slots=True)
class World:
    """What matching needs besides the rule: the objects and the platform."""

    objects: Objects
    platform: Platform

    def is_node(self, place: Range) -> bool:
        """Return whether a range is the address of a known node."""
        blocks = (r for node in self.objects.nodes for r in map(parse_block, node.addresses) if r is not None)
        return any(r.family == place.family and r.spans.covers(place.spans) for r in blocks)


def any_match(peers: tuple[Peer, ...], policy: Policy, end: End, world: World) -> Truth:
    """Return whether any of ``peers`` takes the end."""
    return any_of(peer_match(p, policy, end, world) for p in peers)


def peer_match(peer: Peer, policy: Policy, end: End, world: World) -> Truth:  # noqa: PLR0911 -- one line a kind of peer
    """Return whether a peer of a rule of ``policy`` takes the end."""
    if isinstance(peer, NamePeer):
        return _name_match(peer, end)
    if isinstance(peer, BothPeer):
        parts = (any_match(part, policy, end, world) for part in peer.parts)
        return all_of((*parts, negate(any_match(peer.excluded, policy, end, world))))
    place = end.range if isinstance(end, Named) else end
    if isinstance(peer, PodPeer):
        return _pod_match(peer, policy, place, world)
    if isinstance(peer, ChosenPeer):
        if isinstance(place, Range) or place.host_network:
            return Truth.NO
        return peer.chooser.chooses(place, world.objects.namespace(place.namespace, world.platform.complete))
    if isinstance(peer, BlockPeer):
        return _block_match(peer, policy, place, world)
    if isinstance(peer, SetPeer):
        return _set_match(peer, policy, end, world)
    if isinstance(peer, NodePeer):
        return _node_match(peer, place, world)
    return _entity_match(peer, place, world) if isinstance(peer, EntityPeer) else Truth.UNKNOWN


def _name_match(peer: NamePeer, end: End) -> Truth:
    """Return whether names take an end; another name may have an address in common with one of them (facts A4, C9)."""
    if isinstance(end, Pods):
        return Truth.NO
    return Truth.YES if isinstance(end, Named) and any(p.matches(end.name) for p in peer.patterns) else Truth.UNKNOWN


def _pod_match(peer: PodPeer, policy: Policy, end: Pods | Range, world: World) -> Truth:
    if isinstance(end, Range) or end.host_network:
        return Truth.NO
    if peer.namespaces is None:
        here = Truth.of(end.namespace == policy.namespace)
    else:
        here = world.objects.namespace(end.namespace, world.platform.complete).matches(peer.namespaces)
    return all_of((here, peer.pods.matches(end.labels, complete=end.labels_known)))


def _block_match(peer: BlockPeer, policy: Policy, end: Pods | Range, world: World) -> Truth:
    """Return whether a block takes an end; whether it takes pods at all is the plugin's business (facts P9, A3, C7)."""
    if isinstance(end, Range):
        covered = Truth.of(end.family == peer.family and peer.spans.covers(end.spans))
        spared = policy.engine is Engine.CILIUM and covered is Truth.YES and world.is_node(end)
        return all_of((covered, world.platform.blocks_match_nodes)) if spared else covered
    if end.host_network:
        return Truth.UNKNOWN
    may = {Engine.CILIUM: Truth.NO, Engine.CALICO: Truth.YES}.get(policy.engine, world.platform.blocks_match_pods)
    if policy.tier is not Tier.POLICY:
        # Source: network-policy-api, ``networks``: traffic inside the cluster is checked against it as well.
        may = Truth.YES
    if may is Truth.NO:
        return Truth.NO
    return all_of((may, _pods_within(end, [(peer.family, peer.spans)], world)))


def _pods_within(pods: Pods, blocks: Sequence[tuple[int, Spans]], world: World) -> Truth:
    """Return whether the addresses of pods lie in any of some blocks; of two families all must, since either may be used."""
    known = [r for r in map(parse_block, pods.addresses) if r is not None] or list(world.platform.pod_networks)
    if not known:
        return Truth.UNKNOWN
    surely = (any(f == r.family and spans.covers(r.spans) for f, spans in blocks) for r in known)
    possibly = (f == r.family and spans & r.spans for r in known for f, spans in blocks)
    return Truth.YES if all(surely) else Truth.UNKNOWN if any(possibly) else Truth.NO


def _set_match(peer: SetPeer, policy: Policy, end: End, world: World) -> Truth:
    """Return whether a set of addresses takes an end; Calico's sets take pods with such addresses too."""
    place = end.range if isinstance(end, Named) else end
    if isinstance(place, Pods):
        if policy.engine is not Engine.CALICO or not peer.blocks:
            return Truth.NO
        return Truth.UNKNOWN if place.host_network else _pods_within(place, [(b.family, b.spans) for b in peer.blocks], world)
    found = any_of(Truth.of(b.family == place.family and b.spans.covers(place.spans)) for b in peer.blocks)
    return any_of((found, _name_match(NamePeer(peer.names), end) if peer.names else Truth.NO))


def _node_match(peer: NodePeer, end: Pods | Range, world: World) -> Truth:
    """Return whether selected nodes are at an end; pods on a node's network share its address."""
    if not isinstance(end, Range):
        return Truth.UNKNOWN if end.host_network else Truth.NO
    found = Truth.NO if world.platform.complete is Truth.YES else Truth.UNKNOWN
    for node in world.objects.nodes:
        blocks = [r for r in map(parse_block, node.addresses) if r is not None and r.family == end.family]
        if any(r.spans.covers(end.spans) for r in blocks):
            return peer.nodes.matches(node.labels)
    return found


def _entity_match(peer: EntityPeer, end: Pods | Range, world: World) -> Truth:
    """Return whether an entity of Cilium takes an end; a range that is no known node's address is outside the cluster."""
    name = peer.entity
    if name in ("all", "none"):
        return Truth.of(name == "all")
    if isinstance(end, Range):
        return _entity_outside(peer, end, world)
    if not end.host_network:
        # A pod may not be managed, or have no identity yet.
        return Truth.UNKNOWN if name in ("init", "unmanaged") else Truth.of(name == "cluster")
    # The node of such pods may be their peer's own or another.
    return Truth.YES if name == "cluster" else Truth.UNKNOWN if name in _NODES | {"kube-apiserver"} else Truth.NO


def _entity_outside(peer: EntityPeer, end: Range, world: World) -> Truth:
    name, node = peer.entity, world.is_node(end)
    if not node and _may_be_inside(end, world) and (name.startswith("world") or name in _NODES | {"cluster"}):
        family = {"world-ipv4": 4, "world-ipv6": 6}.get(name, end.family)
        return Truth.UNKNOWN if family == end.family else Truth.NO
    if name == "kube-apiserver":
        if not peer.addresses:
            return Truth.UNKNOWN
        return any_of(Truth.of(b.family == end.family and b.spans.covers(end.spans)) for b in peer.addresses)
    if name.startswith("world"):
        family = {"world-ipv4": 4, "world-ipv6": 6}.get(name, end.family)
        return Truth.of(not node and family == end.family)
    if name in _NODES:
        return Truth.UNKNOWN if node else Truth.NO
    return Truth.of(node) if name == "cluster" else Truth.NO


def _may_be_inside(place: Range, world: World) -> bool:
    """Return whether a range may be of a node that was not supplied: its addresses are private as a rule."""
    private = any(r.family == place.family and r.spans.covers(place.spans) for r in PRIVATE)
    return private and world.platform.complete is not Truth.YES


def blocks_of(peer: Peer, family: int) -> Iterator[Spans]:
    """Yield the address sets of a family by which a peer tells destinations apart."""
    if isinstance(peer, BlockPeer):
        if peer.family == family:
            yield peer.spans
    elif isinstance(peer, SetPeer):
        yield from (b.spans for b in peer.blocks if b.family == family)
    elif isinstance(peer, EntityPeer):
        yield from (b.spans for b in (*peer.addresses, *PRIVATE) if b.family == family)
    elif isinstance(peer, BothPeer):
        for part in (*peer.parts, peer.excluded):
            for inner in part:
                yield from blocks_of(inner, family)
