"""What the configuration stage hands on: settings, flows, components and what is open."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Component, Gap, Store, Workload
from auditor.facts.manifest import NotExamined
from auditor.facts.settings import Setting


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
