"""Who held an address when: what inventories of a cluster or a cloud prove, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Holder:
    """Something that an inventory knows with an address of its own."""

    kind: str
    """``pod``, ``service``, ``node``, ``instance`` or ``interface``."""
    reference: str
    """``namespace/name`` in a cluster, the identifier of the machine or interface in a cloud."""
    names: tuple[str, ...]
    """Host names by which a manifest may mean it, sorted: of its services and its pod domain, of its machine, its name tag."""

    @property
    def title(self) -> str:
        """Return how people read it: ``pod coder/ws-1``."""
        return f"{self.kind} {self.reference}"


@dataclass(frozen=True, slots=True)
class Tenure:
    """A time during which a holder certainly had an address; before and after it nothing is said."""

    address: str
    """Canonical text."""
    holder: Holder
    since: int
    """Nanoseconds since 1970-01-01 UTC."""
    until: int
    """Nanoseconds since 1970-01-01 UTC, the last moment for which it is shown; never before ``since``."""
    evidence: Evidence
