"""A cluster as its documents describe it: who may reach what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.documents import Document, DocumentKind
from auditor.facts.truth import Truth
from auditor.network.addresses import Range, cut, parse_block
from auditor.network.connections import ALL, NONE, connections
from auditor.network.deciding import Rulebook
from auditor.network.decision import Decision, Step
from auditor.network.dialects import dialect_of
from auditor.network.ends import Named
from auditor.network.kubernetes import read_objects
from auditor.network.objects import Pods
from auditor.network.peers import World, blocks_of
from auditor.network.platform import Platform
from auditor.network.rules import Direction
from auditor.network.spans import Spans
from auditor.network.unread import read_unread, without_effect

QUESTIONS = connections("TCP", Spans(((53, 53), (5353, 5353)))) | connections("UDP", Spans(((53, 53), (5353, 5353))))
"""What resolvers are asked by: the port of DNS, and the one at which OpenShift's pods listen."""


@dataclass(frozen=True, slots=True)
class Region:
    """A range of addresses for which one decision holds."""

    range: Range
    decision: Decision


@dataclass(frozen=True, slots=True)
class Cluster:
    """Pods and the policies over them."""

    book: Rulebook

    @property
    def pods(self) -> tuple[Pods, ...]:
        """Return all pods, in the order of the documents."""
        return self.book.world.objects.pods

    @property
    def examined(self) -> bool:
        """Return whether there is any policy; without one nothing was said of what the network permits."""
        return bool(self.book.policies or self.book.unread)

    def outside(self, source: Pods, target: Range | Named) -> Decision:
        """Return what ``source`` may do to a range that no address block cuts, or to a name with such a range.

        What goes to the node on which a pod runs always arrives (facts P15), and any node may be that node.
        """
        decision = self.book.decide(source, target, Direction.EGRESS)
        place = target.range if isinstance(target, Named) else target
        for node in self.book.world.objects.nodes:
            for block in map(parse_block, node.addresses):
                if block and block.family == place.family and block.spans.covers(place.spans):
                    why = f"{place.text()} is an address of node {node.name}, which its own pods always reach"
                    return Decision(ALL, decision.may_deny, (*decision.steps, Step(ALL, Truth.UNKNOWN, why, None)))
        return decision

    def inside(self, source: Pods, destination: Pods) -> Decision:
        """Return what ``source`` may do to pods of the cluster: both ends must allow it (facts P17)."""
        if source.network != destination.network and not (source.host_network or destination.host_network):
            ends = [f"{p.id} is on {p.network or 'the network of the cluster'}" for p in (source, destination)]
            apart = Decision(NONE, ALL, (Step(ALL, Truth.NO, " and ".join(ends), source.location),))
            return _with_names(apart, destination) if not destination.network else apart
        egress = self.book.decide(source, destination, Direction.EGRESS)
        ingress = self.book.decide(destination, source, Direction.INGRESS)
        both = egress.also(ingress)
        if not destination.host_network:
            return both
        why = f"{destination.id} is on the network of a node; what comes from pods of the same node always arrives"
        return Decision(ALL, both.may_deny, (*both.steps, Step(ALL, Truth.UNKNOWN, why, destination.location)))

    def regions(self, source: Pods, family: int) -> tuple[Region, ...]:
        """Return every address of a family in disjoint ranges, neighbours with the same outcome as one."""
        found: list[Region] = []
        for atom in cut(family, self.blocks(source, family)):
            decision = self.outside(source, atom)
            last = found[-1] if found else None
            same = last and (last.decision.may_allow, last.decision.may_deny) == (decision.may_allow, decision.may_deny)
            if last and same and last.decision.steps == decision.steps:
                found[-1] = Region(Range(family, last.range.first, atom.last), last.decision)
            else:
                found.append(Region(atom, decision))
        return tuple(found)

    def blocks(self, source: Pods, family: int) -> tuple[Spans, ...]:
        """Return the address sets of a family by which the policies of ``source`` tell destinations apart."""
        world = self.book.world
        asked = self.book.selecting(source, Direction.EGRESS)
        peers = [peer for p in asked for rule in p.egress or () for peer in rule.peers or ()]
        nodes = [r.spans for n in world.objects.nodes for r in map(parse_block, n.addresses) if r and r.family == family]
        return (*(spans for p in peers for spans in blocks_of(p, family)), *nodes)


def _with_names(apart: Decision, destination: Pods) -> Decision:
    """Return the decision for pods of the cluster's own network, whose resolver other networks may ask all the same."""
    usual = destination.namespace == "kube-system" and destination.labels.get("k8s-app") == "kube-dns"
    if not usual and destination.namespace != "openshift-dns":
        return apart
    why = "pods of other networks may ask the cluster's resolver (OVN-Kubernetes lets them)"
    step = Step(QUESTIONS, Truth.UNKNOWN, why, destination.location)
    return Decision(QUESTIONS, apart.may_deny, (*apart.steps, step))


def read_cluster(documents: Sequence[Document], platform: Platform) -> Cluster:
    """Return the cluster that the Kubernetes documents among ``documents`` describe."""
    found = [d for d in documents if d.kind is DocumentKind.KUBERNETES]
    objects = read_objects(found)
    readers = [(dialect, d) for d in found if (dialect := dialect_of(d)) is not None]
    policies = tuple(policy for dialect, d in readers for policy in dialect.read(d, objects))
    unread = tuple(u for u in map(read_unread, found) if u is not None)
    said = replace(platform, assumed=(*platform.assumed, *without_effect(found)))
    return Cluster(Rulebook(World(objects, said), policies, unread))
