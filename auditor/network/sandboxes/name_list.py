"""Lists of host names that a tool lets its commands reach, and what becomes of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.permission import Strength
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Transport
from auditor.network.addresses import Range
from auditor.network.connections import ALL, NONE, Connections, wanted
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named
from auditor.network.name_patterns import NamePattern
from auditor.network.spans import Spans

TCP = wanted(Transport.TCP, 0)


@dataclass(frozen=True, slots=True)
class ListedName:
    """One entry of a list."""

    pattern: NamePattern
    text: str
    location: FileLocation
    connections: Connections = TCP
    wider: NamePattern | None = None
    """What it takes under some versions of the tool only."""

    def takes(self, target: Range | Named) -> Truth:
        """Return whether the entry takes a target; of an address some name that it takes may be one."""
        if not isinstance(target, Named):
            return Truth.UNKNOWN
        if self.pattern.matches(target.name):
            return Truth.YES
        return Truth.UNKNOWN if self.wider is not None and self.wider.matches(target.name) else Truth.NO


@dataclass(frozen=True, slots=True)
class NameList:
    """What a tool allows, denies, and does with what stands on no list."""

    dialect: str
    strength: Strength
    allowed: tuple[ListedName, ...]
    denied: tuple[ListedName, ...]
    otherwise: Truth
    """Whether it lets through what no entry takes."""
    otherwise_text: str
    location: FileLocation
    assumed: tuple[str, ...]
    holds: Truth = Truth.YES
    """Whether a command cannot leave the sandbox; else nothing is denied for certain."""
    covers: Connections = TCP
    """Connections of which the lists speak; what becomes of others is not known."""

    def cuts(self, family: int) -> Iterable[Spans]:  # noqa: ARG002 -- the signature of layers
        """Return nothing: names alone tell destinations apart."""
        return ()

    def names(self) -> Sequence[NamePattern]:
        """Return the patterns of all entries."""
        return tuple(entry.pattern for entry in (*self.allowed, *self.denied))

    def decide(self, target: Range | Named) -> Decision:
        """Return what the lists do: a denial counts before an allowance."""
        may_allow, may_deny = ALL - self.covers, ALL - self.covers
        steps = (
            [Step(may_deny, Truth.UNKNOWN, f"what {self.dialect} does with other traffic is not read", self.location)]
            if may_deny
            else []
        )
        left = self.covers
        for entries, allows in ((self.denied, False), (self.allowed, True)):
            for entry in entries:
                took = entry.takes(target)
                part = left & entry.connections if took is not Truth.NO else NONE
                if part:
                    steps.append(
                        Step(
                            part,
                            Truth.of(allows) if took is Truth.YES else Truth.UNKNOWN,
                            entry.text,
                            entry.location,
                            by_rule=True,
                        )
                    )
                    may_allow, may_deny = (may_allow | part, may_deny) if allows else (may_allow, may_deny | part)
                    left = left - part if took is Truth.YES else left
        if left:
            steps.append(Step(left, self.otherwise, self.otherwise_text, self.location))
            may_allow |= left if self.otherwise is not Truth.NO else NONE
            may_deny |= left if self.otherwise is not Truth.YES else NONE
        if self.holds is not Truth.YES and may_deny:
            steps.append(Step(may_deny, Truth.UNKNOWN, f"a command may be let out of {self.dialect}", self.location))
            may_allow |= may_deny
        return Decision(may_allow, may_deny, tuple(s for s in steps if s.connections))
