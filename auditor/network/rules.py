"""Policies of every tier in one form: subjects, ordered rules, peers and ports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Protocol

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.addresses import Range
from auditor.network.name_patterns import NamePattern
from auditor.network.objects import Namespace, Pods
from auditor.network.selectors import Selector
from auditor.network.spans import Spans


class Action(StrEnum):
    """What a rule does with what it matches."""

    ALLOW = "allow"
    DENY = "deny"
    PASS = "pass"  # noqa: S105 -- leaves the decision to the next tier


class Engine(StrEnum):
    """Whose policies they are: each engine puts its own together in its own way."""

    KUBERNETES = "kubernetes"
    CILIUM = "cilium"
    CALICO = "calico"


class Tier(StrEnum):
    """In which order policies are asked (facts A1)."""

    ADMIN = "admin"
    POLICY = "policy"
    BASELINE = "baseline"


class Direction(StrEnum):
    """From the workload's point of view."""

    EGRESS = "egress"
    INGRESS = "ingress"


class Chooser(Protocol):
    """A selector of a dialect that has more to it than labels."""

    def chooses(self, pods: Pods, namespace: Namespace) -> Truth:
        """Return whether pods of a namespace are taken."""
        ...


@dataclass(frozen=True, slots=True)
class ChosenPeer:
    """Pods by a dialect's own selector."""

    chooser: Chooser


@dataclass(frozen=True, slots=True)
class EntityPeer:
    """A class of ends that Cilium names (facts C7)."""

    entity: str
    addresses: tuple[Range, ...] = ()
    """Where it is known to be, for entities that may lie outside the cluster."""


@dataclass(frozen=True, slots=True)
class SetPeer:
    """Addresses and names that another object lists."""

    blocks: tuple[Range, ...]
    names: tuple[NamePattern, ...] = ()


@dataclass(frozen=True, slots=True)
class BothPeer:
    """What each of several parts takes, and none of the excluded ones (facts: Calico, all criteria of an entity together)."""

    parts: tuple[tuple[Peer, ...], ...]
    """Each part is a choice: any of its peers."""
    excluded: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True)
class PodPeer:
    """Pods by labels; both selectors together (facts P5)."""

    namespaces: Selector | None
    """``None``: the policy's own namespace."""
    pods: Selector


@dataclass(frozen=True, slots=True)
class BlockPeer:
    """Addresses of one family; ``except`` is already taken out and counts in this block alone (facts P8)."""

    family: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class NodePeer:
    """Nodes of the cluster by labels (facts A6)."""

    nodes: Selector


@dataclass(frozen=True, slots=True)
class NamePeer:
    """Domain names with the wildcards of their dialect (facts A4, C8); which addresses they have is found out by DNS."""

    patterns: tuple[NamePattern, ...]


@dataclass(frozen=True, slots=True)
class UnreadPeer:
    """A peer of a form that is not read: it may be anything (facts A5)."""

    construct: str


Peer = PodPeer | BlockPeer | NodePeer | NamePeer | UnreadPeer | ChosenPeer | EntityPeer | SetPeer | BothPeer


@dataclass(frozen=True, slots=True)
class PortRule:
    """Ports of one protocol, by number or by name."""

    protocol: str
    """Empty with a name: whatever protocol the name has in the pod."""
    ports: Spans
    name: str = ""
    """Name of a container port of the destination."""
    unread: str = ""
    """What of it is not understood: then it may be any port."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy."""

    action: Action
    peers: tuple[Peer, ...] | None
    """``None``: any peer, in and out of the cluster (facts P4)."""
    ports: tuple[PortRule, ...] | None
    """``None``: every port of every protocol."""
    title: str
    location: FileLocation
    own: tuple[Peer, ...] | None = None
    """What it asks of the subject itself, beside its policy's selector (Calico)."""
    narrowed: str = ""
    """What more it asks for that addresses and ports do not show: then it takes what it matches only possibly."""
    server_names: tuple[NamePattern, ...] = ()
    """Names that the client has to claim (facts C12)."""
    sees_names: bool = False
    """Whether names that are looked up through it become known to rules of names (facts C9)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy object."""

    tier: Tier
    kind: str
    namespace: str
    """Empty for a cluster-wide policy."""
    name: str
    priority: int | None
    """Lower is asked first; ``None`` when not given or not read."""
    subject_namespaces: Selector | None
    """``None``: the policy's own namespace."""
    subject_pods: Selector
    unread: tuple[str, ...]
    """What of the policy is not understood: its effect is then unknown for whoever it selects."""
    egress: tuple[Rule, ...] | None
    """``None``: the policy says nothing of this direction, which is not the same as no rule (facts P2, A6)."""
    ingress: tuple[Rule, ...] | None
    location: FileLocation
    engine: Engine = Engine.KUBERNETES
    chooser: Chooser | None = None
    """Selects in place of ``subject_pods`` and ``subject_namespaces`` where a dialect has a selector of its own."""
    for_nodes: bool = False
    """Whether it governs nodes, hence pods on the network of their node and no others (facts C14)."""
    place: str = ""
    """Calico's tier."""
    order: float = inf
    """Calico's order in its tier; without one a policy comes last."""
    leaves_open: tuple[Direction, ...] = ()
    """Directions in which it isolates nothing, though it has rules (facts C5)."""

    @property
    def title(self) -> str:
        """Return ``Kind namespace/name``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def isolates(self, direction: Direction) -> bool:
        """Return whether what no rule allows is denied to whoever it selects."""
        return self.rules(direction) is not None and direction not in self.leaves_open

    def rules(self, direction: Direction) -> tuple[Rule, ...] | None:
        """Return the rules of a direction."""
        return self.egress if direction is Direction.EGRESS else self.ingress


@dataclass(frozen=True, slots=True)
class Unread:
    """A policy object that is not read (another dialect, a redacted namespace): what it selects has an unknown outcome."""

    kind: str
    namespace: str
    """Empty when it may select pods of every namespace."""
    name: str
    location: FileLocation

    @property
    def title(self) -> str:
        """Return ``Kind namespace/name``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"
