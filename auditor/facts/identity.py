"""What identity decides: who and where the ends of every channel are, and what the catalog must answer for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from auditor.facts.evidence import Evidence
from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Component, Gap, Workload
from auditor.facts.observation import ObservedEdge
from auditor.facts.places import Countries, Operator, Zone
from auditor.facts.rows import ResolvedEnd
from auditor.facts.vocabulary import Plane, Role


@dataclass(frozen=True, slots=True)
class KnownDestination:
    """A destination that the catalog knows, outside every system."""

    id: str
    """``<operator>/<role>``, with ``@<place>`` where one operator has it in several places."""
    title: str
    operator: str
    operator_country: str
    """ISO 3166-1 alpha-2, empty when unknown."""
    plane: Plane | None
    role: Role | None
    processing: Countries
    storage: Countries
    hosted_by: str
    evidence: tuple[Evidence, ...] = ()
    weak: bool = False
    """Rests on a competitor's, a third party's or a derived fact alone: its countries may grant no pass."""
    processing_reason: str = ""
    """Why ``processing`` is unknown, empty when it is known or the catalog says nothing more."""


class HostCatalog(Protocol):
    """What identity asks of the catalog."""

    def destination_for_host(self, host: str) -> KnownDestination | None:
        """Return what the host name (normal form) belongs to, label-aware, longest pattern first."""

    def destination(self, id: str) -> KnownDestination | None:  # noqa: A002 -- the word of the contract
        """Return the destination with this id."""

    def region_of_host(self, host: str) -> Countries:
        """Return the countries of the region of an endpoint's host name, whatever may lead calls elsewhere."""

    def operator(self, id: str) -> Operator | None:  # noqa: A002 -- the word of the contract
        """Return the organisation with this id."""


@dataclass(frozen=True, slots=True)
class ResolvedEdge:
    """An observed edge and who its ends are."""

    edge: ObservedEdge
    source: ResolvedEnd
    destination: ResolvedEnd
    ran_in: Countries = ()
    """Where logs say that its calls were processed; empty where none tells, ``None`` for a region that nobody knows."""
    via: ResolvedEnd | None = None
    """The proxy that was asked for the destination; without address and workload where nothing tells which one it is."""
    surely_ran_in: tuple[str, ...] = ()
    """Sorted countries in which some of its calls certainly ran, by the word of logs: of regions that lie in one country."""


@dataclass(frozen=True, slots=True)
class ResolvedFlow:
    """An intended flow and who its ends are."""

    flow: IntendedFlow
    source: ResolvedEnd
    destination: ResolvedEnd


@dataclass(frozen=True, slots=True)
class ProvenWorkloads:
    """Which workloads sent at least one frame into an observation source."""

    source: str
    """Coverage id."""
    workloads: tuple[str, ...]
    """Sorted workload ids."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The result of ``identify``; every tuple is sorted by id or keeps the order of its input.

    In a :class:`ResolvedEnd`, ``workload`` is what packets can tell apart: the workload inside, the
    destination id outside, ``addr:<ip>`` or ``host:<name>`` while it is open which candidate it is.
    """

    operators: tuple[Operator, ...]
    zones: tuple[Zone, ...]
    workloads: tuple[Workload, ...]
    components: tuple[Component, ...]
    edges: tuple[ResolvedEdge, ...]
    flows: tuple[ResolvedFlow, ...]
    gaps: tuple[Gap, ...]
    """Workloads and destinations inside that nothing describes: they keep the inventory open."""
    proven: tuple[ProvenWorkloads, ...]
