"""Policies of every tier in one form: subjects, ordered rules, peers and ports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.evidence import FileLocation
from auditor.network.selectors import Selector
from auditor.network.spans import Spans


class Action(StrEnum):
    """What a rule does with what it matches."""

    ALLOW = "allow"
    DENY = "deny"
    PASS = "pass"  # noqa: S105 -- leaves the decision to the next tier


class Tier(StrEnum):
    """In which order policies are asked (facts A1)."""

    ADMIN = "admin"
    POLICY = "policy"
    BASELINE = "baseline"


class Direction(StrEnum):
    """From the workload's point of view."""

    EGRESS = "egress"
    INGRESS = "ingress"


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
    """Domain names in the dialect of AdminNetworkPolicy: ``*.x`` is one or more labels, not ``x`` itself (facts A4)."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnreadPeer:
    """A peer of a form that is not read: it may be anything (facts A5)."""

    construct: str


Peer = PodPeer | BlockPeer | NodePeer | NamePeer | UnreadPeer


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

    @property
    def title(self) -> str:
        """Return ``Kind namespace/name``."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

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
