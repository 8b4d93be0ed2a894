"""The answer to one question about what the network permits, ready to be told."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth


@dataclass(frozen=True, slots=True)
class PermitReason:
    """One thing that takes part in the answer."""

    text: str
    location: FileLocation | None


@dataclass(frozen=True, slots=True)
class PermitAnswer:
    """Whether one workload may reach one destination."""

    source: str
    destination: str
    """Pods, a range of addresses, or a name; hostile text, escaped by the sink."""
    asked: str
    """The connections asked for, or those of the answer when the question was about all."""
    permitted: Truth
    strength: str
    """How the answer is enforced, plain words; empty when nothing enforces it."""
    reasons: tuple[PermitReason, ...]
    would_change: tuple[str, ...]
    """What would make it another answer, one imperative sentence each."""


@dataclass(frozen=True, slots=True)
class PermitReport:
    """All answers to one question."""

    answers: tuple[PermitAnswer, ...]
    through: tuple[str, ...]
    """Others that it may reach and that may reach the outside, asked for only without a destination."""
    by_name: tuple[PermitReason, ...]
    """Resolvers that may carry names out that it looks up, asked for only without a destination."""
    assumed: tuple[str, ...]
    """What only the author says, or what any answer takes for given."""
    not_examined: tuple[str, ...]
    """Files that could not be read and may hold a policy."""


@dataclass(frozen=True, slots=True)
class PermitChange:
    """What one workload may reach in one of two networks and not, or not as surely, in the other."""

    source: str
    destination: str
    """Pods, a range of addresses, or a name."""
    connections: str
    was: Truth
    now: Truth
    reasons: tuple[PermitReason, ...]


@dataclass(frozen=True, slots=True)
class PermitDifference:
    """Two networks side by side."""

    appeared: tuple[str, ...]
    """Sources that only the new one has; what they may reach became reachable."""
    vanished: tuple[str, ...]
    changes: tuple[PermitChange, ...]
    through: tuple[tuple[str, str], ...]
    """(source, other): others through which a source reaches more, and did not before."""
    no_longer_through: tuple[tuple[str, str], ...]
    assumed: tuple[str, ...]
    not_examined: tuple[str, ...]
