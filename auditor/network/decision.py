"""What may happen to the connections between two ends, with the steps that led there.

A decision keeps what *may* be allowed and what *may* be denied; a connection in both is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.truth import Truth
from auditor.network.connections import ALL, NONE, Connections


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that took part in a decision."""

    connections: Connections
    allows: Truth
    """Unknown for what makes the outcome unknown."""
    text: str
    location: FileLocation | None = None
    by_rule: bool = False
    """Whether a rule of a policy says it, not a default."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What may happen to the connections between two ends."""

    may_allow: Connections
    may_deny: Connections
    steps: tuple[Step, ...]

    def answer(self, wanted: Connections) -> Truth:
        """Return yes when all of ``wanted`` is surely allowed, no when all is surely denied, else unknown."""
        if not wanted & self.may_deny:
            return Truth.YES
        return Truth.NO if not wanted & self.may_allow else Truth.UNKNOWN

    @property
    def allowed(self) -> Connections:
        """Return what is surely allowed."""
        return ALL - self.may_deny

    def also(self, other: Decision) -> Decision:
        """Return the decision when both must allow (facts P17)."""
        return Decision(self.may_allow & other.may_allow, self.may_deny | other.may_deny, (*self.steps, *other.steps))


def either(decisions: Sequence[Decision]) -> Decision:
    """Return what is possible in any of the worlds."""
    may_allow, may_deny = NONE, NONE
    steps: dict[Step, None] = {}
    for decision in decisions:
        may_allow, may_deny = may_allow | decision.may_allow, may_deny | decision.may_deny
        steps |= dict.fromkeys(decision.steps)
    return Decision(may_allow, may_deny, tuple(steps))
