"""What runs where: workloads, components, stores, and what keeps the inventory open."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import Evidence
from auditor.facts.permission import Strength
from auditor.facts.places import Countries, Place
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Party, Plane, Role, UnknownKind


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that is not known, why, and what would settle it."""

    kind: UnknownKind
    subject: str
    """Id of what it is about: component, flow, channel, workload, input or basis."""
    text: str
    """One plain sentence: what is not known and why."""
    settled_by: tuple[str, ...] = ()
    """Concrete steps, each one imperative sentence."""
    who: Party = Party.PLATFORM


@dataclass(frozen=True, slots=True)
class Workload:
    """Something with addresses: pod, virtual machine, container, developer machine."""

    id: str
    """``<system id>/<workload>``, or ``addr:<ip>`` for one that only traffic shows."""
    title: str
    networks: tuple[str, ...]
    """Canonical CIDR networks in which its addresses lie; empty when not given."""
    hosts: tuple[str, ...]
    zone: str
    """Zone id, empty when unknown."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """One plane and one role that runs in a workload, or outside at an operator."""

    id: str
    """``<system id>/<component>`` inside; ``<operator>/<role>`` outside."""
    title: str
    plane: Plane | None
    """``None`` when unknown (a destination that nothing explains)."""
    role: Role | None
    system: str
    """System id, empty for a destination outside every system."""
    product: str
    workload: str
    """Workload id; empty outside."""
    place: Place
    present: Truth = Truth.YES
    """Whether it exists in this deployment (a vendor-managed VM that a policy may rule out)."""
    present_reason: str = ""
    originates: tuple[DataClass, ...] = ()
    """Classes of data that arise here or are kept here from the start."""
    passes_on: bool = False
    """Whether everything it receives may be passed on (gateway, proxy, relay, log shipper)."""
    policy_by: str = ""
    """Operator id of who can change its policy; empty when unknown."""
    licence: str = ""
    """SPDX expression or ``proprietary``, empty when unknown."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Store:
    """Data at rest."""

    id: str
    title: str
    component: str
    """Component id that keeps it."""
    classes: tuple[DataClass, ...]
    country: Countries
    retention: str
    """Plain words, empty when unknown."""
    remote_access: str
    """By whom, from which country; empty when unknown."""
    exists: Truth = Truth.YES
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """One reason why the inventory is not closed for a basis in a scope."""

    basis: Basis
    system: str
    """System id, or empty when it concerns the whole deployment."""
    components: tuple[str, ...]
    """Component ids concerned; empty means every component of the system."""
    unknown: Unknown


@dataclass(frozen=True, slots=True)
class Seal:
    """How strongly a workload that has no way out is kept from one; a profile says whether that is enough."""

    system: str
    components: tuple[str, ...]
    strength: Strength
    """The weakest by which any address outside is denied to it."""
    unknown: Unknown
    """What stays open for whoever asks for more."""
