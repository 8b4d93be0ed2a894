"""Where components are and who controls them: operators, zones, the perimeter."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import Evidence

CUSTOMER = "customer"
"""Operator id of the party whose deployment is audited."""

Countries = tuple[str, ...] | None
"""Explicit, sorted ISO 3166-1 alpha-2 codes; ``None`` is unknown. Never empty."""


@dataclass(frozen=True, slots=True)
class Operator:
    """An organisation that controls a component."""

    id: str
    title: str
    country: str
    """ISO 3166-1 alpha-2 code of the country whose law reaches it; empty when unknown."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is and who runs it, as far as it is known."""

    inside: bool | None
    """Inside the perimeter; ``None`` when undecidable."""
    operator: str = ""
    """Operator id, empty when unknown."""
    hosted_by: str = ""
    """On whose machines (operator id), empty when unknown."""
    processing: Countries = None
    storage: Countries = None
    operator_country: str = ""
    zone: str = ""
    """Zone id of the manifest, empty outside."""
    reason: str = ""
    """Why something here is unknown, one clause."""
    processed: tuple[str, ...] = ()
    """Sorted countries in which logs show it processing, also where ``processing`` is unknown."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A named place of the manifest."""

    id: str
    operator: str
    hosted_by: str
    processing: Countries
    storage: Countries
    networks: tuple[str, ...]
    """Canonical CIDR networks."""
    hosts: tuple[str, ...]
    """Host patterns (facts.hosts)."""
    inside: bool
    """Counted as inside the perimeter."""
    evidence: tuple[Evidence, ...] = ()
