"""Rule sets of the Linux kernel's packet filter in one form, whatever tool wrote them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from auditor.facts.evidence import FileLocation
from auditor.network.netfilter.conditions import Condition
from auditor.network.netfilter.rewriting import Rewriting

DSTNAT = -100
"""Priority at which destinations change (nft(8), "Priority names")."""


NEXT_HOOK = 1000
"""By how much a chain of one hook is asked later than one of the hook before."""


class Verdict(StrEnum):
    """What a rule does with a packet that it takes."""

    ACCEPT = "accept"
    """Ends this base chain; the next one is still asked (nft(8), "Verdict statement")."""
    DROP = "drop"
    RETURN = "return"
    JUMP = "jump"
    GOTO = "goto"
    CONTINUE = "continue"
    """Counts, logs or marks, and leaves the packet to the next rule."""
    REWRITE = "rewrite"
    """Changes where the packet goes, to what is written out."""
    UNREAD = "unread"
    """Hands the packet to a program, changes its destination, or is a target that is not known: it may do either."""


@dataclass(frozen=True, slots=True)
class FilterRule:
    """One rule of a chain."""

    condition: Condition
    verdict: Verdict
    target: str
    """The chain to jump or go to; for ``UNREAD`` what the rule says."""
    text: str
    """The rule in one line, as its author sees it."""
    location: FileLocation
    to: Rewriting | None = None
    """Where packets go instead, for ``REWRITE``."""


@dataclass(frozen=True, slots=True)
class Base:
    """A chain that the kernel itself asks."""

    chain: str
    policy: Verdict
    """``ACCEPT`` or ``DROP``: what happens to what no rule ends."""
    location: FileLocation
    order: float | None = 0
    """When it is asked: hook and priority as one number, the lowest first; ``None`` where that is not known."""
    rewrites: bool = False
    """Whether it may change where packets go that the host itself sends (``nat`` at the hook ``output``)."""
    ending: str = ""
    """What is said of what no rule ends; empty for what is said of a chain."""

    @property
    def early(self) -> bool:
        """Return whether it is, or may be, asked before a rule changes where a packet goes (nft(8), priority "dstnat")."""
        return self.order is None or self.order < DSTNAT


@dataclass(frozen=True, slots=True)
class Table:
    """Chains of one table, for the address families whose packets it sees."""

    title: str
    families: tuple[int, ...]
    chains: Mapping[str, tuple[FilterRule, ...]]
    leaving: tuple[Base, ...]
    """Base chains that a packet of the host's own processes passes."""
    crossing: tuple[Base, ...]
    """Base chains that a packet passes which the host forwards."""
    undoes: bool = False
    """Whether it stands for something that may take away what other tables deny."""
    remembered: dict[tuple[str, int], object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What was worked out of a chain for a family."""
