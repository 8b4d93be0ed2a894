"""What a gate knows besides the verdicts: the baseline that it measures against, and the base revision of a change.

Wire records of ``assessment/v1``, flat and hostile like the rest of it. They never change a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import FileLocation
from auditor.facts.manifest import LONGEST_EXCEPTION_DAYS

PROFILE_PREFIX = "profile:"
"""Before the id of a profile in ``KnownRecord.id``, which otherwise names a finding or a control."""


@dataclass(frozen=True, slots=True)
class KnownRecord:
    """One finding, control or profile that stood no better in the baseline."""

    id: str
    """Finding id; control id when all that speaks against the control was known; ``profile:`` and id of a profile that holds
    nothing either way, and held nothing then."""
    since: str
    """Date (ISO 8601) of the first assessment, along the chain of baselines, in which it stood."""
    owner: str
    """Who answered for that assessment; empty when nobody was named."""


@dataclass(frozen=True, slots=True)
class BaselineRecord:
    """An earlier assessment of the deployment: what it knew lowers the exit code and nothing else."""

    path: str
    """As the user named it."""
    sha256: str
    as_of: str
    digest: str
    """Its overall digest."""
    known: tuple[KnownRecord, ...]
    """What the gate lets through, by id."""
    days: int = LONGEST_EXCEPTION_DAYS
    """For how long an entry is let through, counted from ``since``."""
    lapsed: tuple[KnownRecord, ...] = ()
    """What is known for longer and counts as new again, by id; it keeps its date along the chain of baselines."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One thing that a change does to where data goes: over the perimeter, or perhaps over it."""

    kind: str
    """``adds`` | ``changes`` | ``removes``."""
    certain: bool
    """Whether the flow surely exists (of what is removed: existed); else it may."""
    source: str
    """Title or id of who dials."""
    destination: str
    """Host name, or title or id of the far end."""
    sends_at_least: tuple[str, ...]
    sends_at_most: tuple[str, ...]
    """Data classes; of what changes or is removed, what the other side did not, or no longer does, send."""
    flow: str
    """FlowRecord id: of this assessment, or of the base's when it is removed."""
    path: str
    """File and line that make the flow (of the base's files when it is removed); empty where no line does."""
    line: int


@dataclass(frozen=True, slots=True)
class AlterationRecord:
    """One change to what the change itself is judged by: named, and of no help to it."""

    subject: str
    """``zones/corp``, ``waivers/w-1``, ``profiles/strict.yaml``."""
    text: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class BaseRecord:
    """The revision that a change is measured against, and what the change does."""

    revision: str
    """As the user named it."""
    commit: str
    """Full id of the commit."""
    digest: str
    """Overall digest of the assessment of the base; empty when the base holds no such deployment."""
    approved: bool
    """Whether somebody who may change what judges approved the alterations: then the change is judged by its own words."""
    steps: tuple[StepRecord, ...]
    """What is added first, then what changes, then what is removed."""
    alterations: tuple[AlterationRecord, ...]


@dataclass(frozen=True, slots=True)
class Alteration:
    """One change to what judges, before it becomes a record; ``location`` lies in the base where the change has it no more."""

    subject: str
    text: str
    location: FileLocation
