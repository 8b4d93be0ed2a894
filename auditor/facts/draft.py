"""A drafted manifest (``auditor init``): what files tell, each with its place, and a question for what only people know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DraftNetwork:
    """A range of addresses that the configuration gives to the deployment's own network."""

    network: str
    place: str
    """``path:line``."""


@dataclass(frozen=True, slots=True)
class DraftComponent:
    """A component of a product and the names under which the same files reach it."""

    id: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DraftSystem:
    """A product that was recognised."""

    id: str
    product: str
    title: str
    version: str
    """Empty when nothing tells it."""
    place: str
    components: tuple[DraftComponent, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftProcess:
    """A process that no product of the catalog explains."""

    name: str
    image: str
    place: str


@dataclass(frozen=True, slots=True)
class DraftCapture:
    """A capture, and where it seems to have been taken."""

    path: str
    vantage: str
    why: str
    """The mix of addresses that the vantage follows from."""
    kind: str = "capture"
    """``capture`` or ``log``."""


@dataclass(frozen=True, slots=True)
class DraftExport:
    """A file of a bundle that ``auditor collect`` made: state of the running deployment."""

    file: str
    collected: str
    origin: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a drafted manifest says, every tuple in a stable order."""

    deployment: str
    networks: tuple[DraftNetwork, ...]
    systems: tuple[DraftSystem, ...]
    processes: tuple[DraftProcess, ...]
    inputs: tuple[str, ...]
    """Paths below the folder of the manifest."""
    exports: tuple[DraftExport, ...]
    captures: tuple[DraftCapture, ...]
    unread: tuple[tuple[str, str], ...]
    """(path, reason) of files that may hold configuration and were not examined."""
