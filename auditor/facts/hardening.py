"""What a deployment needs of the network, workload by workload, and the settings beside it (``auditor harden``).

Texts may be hostile and are escaped by the sink.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.plan import StepRecord
from auditor.facts.vocabulary import Transport


@dataclass(frozen=True, slots=True)
class PodSelection:
    """Pods that a policy selects: all of a namespace, or those with labels."""

    namespace: str
    labels: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HardenedWorkload:
    """Something inside with addresses, as policies can name it."""

    id: str
    title: str
    networks: tuple[str, ...]
    hosts: tuple[str, ...]
    pods: tuple[PodSelection, ...]
    """Empty where it is not established which pods it is."""


@dataclass(frozen=True, slots=True)
class EgressRule:
    """One channel that is needed."""

    source: str
    """Id of a ``HardenedWorkload``."""
    destination: str
    """In words."""
    target: str
    """Id of a ``HardenedWorkload``, empty outside."""
    networks: tuple[str, ...]
    """Networks of the destination; empty where only a name is known."""
    hosts: tuple[str, ...]
    """Exact names of a destination outside."""
    transport: Transport
    port: int
    """0: not known, hence every port."""
    purposes: tuple[str, ...]
    outside: bool
    lookup: bool = False
    """Whether it is there to look names up."""


@dataclass(frozen=True, slots=True)
class Hardening:
    """Everything that is emitted from."""

    deployment: str
    profile: str
    as_of: str
    workloads: tuple[HardenedWorkload, ...]
    """Those inside, by id: each may do what its rules say and nothing else."""
    rules: tuple[EgressRule, ...]
    settings: tuple[StepRecord, ...]
    """Steps of the plan that change settings."""
    notes: tuple[str, ...]
    """What is not allowed although somebody may want it, and what the profile still lacks."""
