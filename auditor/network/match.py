"""Whom and what a rule matches: for each pair of ends the connections that it surely and that it possibly takes."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.truth import Truth, all_of, any_of
from auditor.network.addresses import Range, parse_block
from auditor.network.connections import ALL, ALL_PORTS, NONE, PROTOCOLS, Connections, connections
from auditor.network.objects import Objects, Pods
from auditor.network.platform import Platform
from auditor.network.rules import BlockPeer, NamePeer, NodePeer, Peer, PodPeer, Policy, PortRule, Rule
from auditor.network.spans import Spans

End = Pods | Range
"""One end of a connection: pods of the cluster, or a range of addresses outside it."""


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule takes: ``surely`` is never more than ``possibly``."""

    surely: Connections
    possibly: Connections


NOTHING = Match(NONE, NONE)


@dataclass(frozen=True, slots=True)
class World:
    """What matching needs besides the rule: the objects and the platform."""

    objects: Objects
    platform: Platform


def selects(policy: Policy, pods: Pods, world: World) -> Truth:
    """Return whether a policy applies to pods; never to those on the node's own network (facts P14, A7)."""
    if pods.host_network:
        return Truth.NO
    if policy.namespace:
        here = Truth.of(policy.namespace == pods.namespace)
    elif policy.subject_namespaces is None:
        here = Truth.YES
    else:
        here = world.objects.namespace(pods.namespace, world.platform.complete).matches(policy.subject_namespaces)
    return all_of((here, policy.subject_pods.matches(pods.labels, complete=pods.labels_known)))


def rule_match(rule: Rule, policy: Policy, peer: End, destination: End, world: World) -> Match:
    """Return what ``rule`` takes of the connections between its subject and ``peer``; ports are the destination's."""
    there = Truth.YES if rule.peers is None else any_of(_peer_match(p, policy, peer, world) for p in rule.peers)
    if there is Truth.NO:
        return NOTHING
    ports = _ports(rule, destination)
    return ports if there is Truth.YES else Match(NONE, ports.possibly)


def _peer_match(peer: Peer, policy: Policy, end: End, world: World) -> Truth:
    if isinstance(peer, PodPeer):
        return _pod_match(peer, policy, end, world)
    if isinstance(peer, BlockPeer):
        return _block_match(peer, end, world)
    if isinstance(peer, NodePeer):
        return _node_match(peer, end, world)
    if isinstance(peer, NamePeer):
        # Which addresses the names have is decided when they are looked up; they are names of the outside.
        return Truth.UNKNOWN if isinstance(end, Range) else Truth.NO
    return Truth.UNKNOWN


def _pod_match(peer: PodPeer, policy: Policy, end: End, world: World) -> Truth:
    if isinstance(end, Range) or end.host_network:
        return Truth.NO
    if peer.namespaces is None:
        here = Truth.of(end.namespace == policy.namespace)
    else:
        here = world.objects.namespace(end.namespace, world.platform.complete).matches(peer.namespaces)
    return all_of((here, peer.pods.matches(end.labels, complete=end.labels_known)))


def _block_match(peer: BlockPeer, end: End, world: World) -> Truth:
    """Return whether a block takes an end; whether it takes pods at all is the plugin's business (facts P9, A3)."""
    if isinstance(end, Range):
        return Truth.of(end.family == peer.family and peer.spans.covers(end.spans))
    if end.host_network:
        return Truth.UNKNOWN
    if world.platform.blocks_match_pods is Truth.NO:
        return Truth.NO
    known = [r for r in map(parse_block, end.addresses) if r is not None]
    inside = any_of(Truth.of(r.family == peer.family and peer.spans.covers(r.spans)) for r in known) if known else Truth.UNKNOWN
    return all_of((world.platform.blocks_match_pods, inside))


def _node_match(peer: NodePeer, end: End, world: World) -> Truth:
    """Return whether selected nodes are at an end; pods on a node's network share its address."""
    if not isinstance(end, Range):
        return Truth.UNKNOWN if end.host_network else Truth.NO
    found = Truth.NO if world.platform.complete is Truth.YES else Truth.UNKNOWN
    for node in world.objects.nodes:
        blocks = [r for r in map(parse_block, node.addresses) if r is not None and r.family == end.family]
        if any(r.spans.covers(end.spans) for r in blocks):
            return peer.nodes.matches(node.labels)
    return found


def _ports(rule: Rule, destination: End) -> Match:
    if rule.ports is None:
        return Match(ALL, ALL)
    surely, possibly = NONE, NONE
    for port in rule.ports:
        if port.unread:
            possibly = ALL
            continue
        if port.name and not isinstance(destination, Range) and not destination.labels_known:
            possibly = ALL
            continue
        taken = _named(port, destination) if port.name else connections(port.protocol, port.ports)
        surely, possibly = surely | taken, possibly | taken
    return Match(surely, possibly)


def _named(port: PortRule, destination: End) -> Connections:
    """Return the numbers that a name has at the destination; an address has no named ports (facts P11)."""
    found = NONE
    for declared in () if isinstance(destination, Range) else destination.ports:
        protocol = declared.protocol
        if declared.name == port.name and protocol in PROTOCOLS and (not port.protocol or port.protocol == protocol):
            found |= connections(protocol, ALL_PORTS & Spans(((declared.number, declared.number),)))
    return found
