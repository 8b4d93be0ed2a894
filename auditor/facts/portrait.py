"""What the configuration alone tells of a deployment: what was recognised, what it does, what is open (``auditor model``)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.flows import IntendedFlow
from auditor.facts.inventory import Unknown
from auditor.facts.manifest import NotExamined
from auditor.facts.settings import Setting


@dataclass(frozen=True, slots=True)
class PortraitSystem:
    """One product that was recognised or that the manifest names."""

    id: str
    product: str
    title: str
    version: str
    """Empty when nothing tells it."""
    files: tuple[str, ...]
    """The documents that it was recognised in."""


@dataclass(frozen=True, slots=True)
class PortraitProcess:
    """One process of the inputs."""

    name: str
    packaging: str
    image: str
    systems: tuple[str, ...]
    """Empty when no product of the catalog explains it."""
    place: str
    """``path:line``."""


@dataclass(frozen=True, slots=True)
class PortraitDestination:
    """One host outside with everything that leads there."""

    host: str
    operator: str
    """Operator id of the catalog, empty when the catalog does not know the host."""
    role: str
    processing: tuple[str, ...]
    """Countries in which any flow to the host may be processed, empty when unknown."""
    processing_reason: str
    """Why the countries are not known, empty when they are or when nobody knows the host."""
    state: str
    """``yes`` the configuration contacts it, ``unknown`` it may, ``no`` a switch turns every flow to it off."""
    because: tuple[str, ...]
    """Flow ids, or ``name (path:line)`` of values that nothing explains."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """The whole picture, every tuple in a stable order."""

    deployment: str
    assumed: bool
    """Whether no manifest was given, so that systems are what the files were recognised as."""
    systems: tuple[PortraitSystem, ...]
    processes: tuple[PortraitProcess, ...]
    settings: tuple[Setting, ...]
    """Those that something sets, and those whose value is open."""
    flows: tuple[IntendedFlow, ...]
    destinations: tuple[PortraitDestination, ...]
    unknowns: tuple[Unknown, ...]
    not_examined: tuple[NotExamined, ...]
    idle: tuple[str, ...] = ()
    """Settings (``system/key``) of those above that no flow, component or store of the catalog depends on."""
    schema: str = "portrait/v1"
