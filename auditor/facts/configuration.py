"""What the configuration stage hands on: settings, flows, components and what is open."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import Evidence
from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Component, Gap, Store, Workload
from auditor.facts.manifest import NotExamined
from auditor.facts.settings import Setting


@dataclass(frozen=True, slots=True)
class NamedHost:
    """A host that a value names which no product of the systems explains: it may be contacted, and nobody says what for."""

    subject: str
    """System id, ``process:<path>#<name>``, or the path of a document that nothing explains."""
    name: str
    """The variable, argument or key: ``CHECK_UPDATE_URL``."""
    host: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Process:
    """One process as a format defines it, and whose it is."""

    name: str
    packaging: str
    image: str
    """As written; for a module of Terraform its source."""
    systems: tuple[str, ...]
    """The systems that it belongs to; empty when nothing explains it."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Configuration:
    """Every product's settings with provenance and the flows that follow from them."""

    settings: tuple[Setting, ...]
    flows: tuple[IntendedFlow, ...]
    workloads: tuple[Workload, ...]
    components: tuple[Component, ...]
    """Components of the systems; ``place`` is left to identify for those inside (``place.inside is None``)."""
    stores: tuple[Store, ...]
    gaps: tuple[Gap, ...]
    """Why the configured basis is not closed."""
    not_examined: tuple[NotExamined, ...]
    recognised: tuple[tuple[str, str], ...] = ()
    """(document path, what it was recognised as), sorted."""
    named_hosts: tuple[NamedHost, ...] = ()
    """By subject, host and place."""
    processes: tuple[Process, ...] = ()
