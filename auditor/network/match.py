"""Whom and what a rule matches: for each pair of ends the connections that it surely and that it possibly takes."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.truth import Truth, all_of
from auditor.network.connections import ALL, ALL_PORTS, ICMP, NONE, OTHER, PORTLESS, PROTOCOLS, Connections, connections
from auditor.network.ends import End, Named
from auditor.network.objects import Pods
from auditor.network.peers import World, any_match
from auditor.network.rules import Policy, PortRule, Rule
from auditor.network.spans import Spans


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule takes: ``surely`` is never more than ``possibly``."""

    surely: Connections
    possibly: Connections


NOTHING = Match(NONE, NONE)


def selects(policy: Policy, pods: Pods, world: World) -> Truth:
    """Return whether a policy applies to pods; to those on the node's own network only one for nodes (facts P14, A7, C14)."""
    if policy.for_nodes:
        # Which nodes they run on, and whether the plugin guards nodes at all, the objects do not tell.
        return Truth.UNKNOWN if pods.host_network else Truth.NO
    if pods.host_network:
        return Truth.UNKNOWN if policy.chooser is not None and world.objects.host_endpoints else Truth.NO
    if policy.chooser is not None:
        return policy.chooser.chooses(pods, world.objects.namespace(pods.namespace, world.platform.complete))
    if policy.namespace:
        here = Truth.of(policy.namespace == pods.namespace)
    elif policy.subject_namespaces is None:
        here = Truth.YES
    else:
        here = world.objects.namespace(pods.namespace, world.platform.complete).matches(policy.subject_namespaces)
    return all_of((here, policy.subject_pods.matches(pods.labels, complete=pods.labels_known)))


def rule_match(rule: Rule, policy: Policy, subject: Pods, peer: End, destination: End, world: World) -> Match:
    """Return what ``rule`` takes of the connections between ``subject`` and ``peer``; ports are the destination's."""
    there = Truth.YES if rule.peers is None else any_match(rule.peers, policy, peer, world)
    if rule.own is not None:
        there = all_of((there, any_match(rule.own, policy, subject, world)))
    if there is Truth.NO:
        return NOTHING
    ports = _ports(rule, destination)
    sure = there is Truth.YES and not rule.narrowed and _claims(rule, peer)
    return ports if sure else Match(NONE, ports.possibly)


def _claims(rule: Rule, peer: End) -> bool:
    """Return whether the name that a client claims is surely one that the rule asks for."""
    if not rule.server_names:
        return True
    return isinstance(peer, Named) and any(p.matches(peer.name) for p in rule.server_names)


def _ports(rule: Rule, destination: End) -> Match:
    if rule.ports is None:
        return Match(ALL, ALL)
    surely, possibly = NONE, NONE
    for port in rule.ports:
        if port.unread or (port.name and isinstance(destination, Pods) and not destination.labels_known):
            possibly = ALL
        elif port.protocol in PROTOCOLS or port.name:
            taken = _named(port, destination) if port.name else connections(port.protocol, port.ports)
            surely, possibly = surely | taken, possibly | taken
        else:
            surely |= OTHER if port.protocol == PORTLESS else NONE
            possibly |= ICMP if port.protocol.startswith("ICMP") else OTHER
    return Match(surely, possibly)


def _named(port: PortRule, destination: End) -> Connections:
    """Return the numbers that a name has at the destination; an address has no named ports (facts P11)."""
    found = NONE
    for declared in destination.ports if isinstance(destination, Pods) else ():
        protocol = declared.protocol
        if declared.name == port.name and protocol in PROTOCOLS and (not port.protocol or port.protocol == protocol):
            found |= connections(protocol, ALL_PORTS & Spans(((declared.number, declared.number),)))
    return found
