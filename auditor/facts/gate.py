"""What a gate knows besides the verdicts: the baseline that it measures against, and the base revision of a change.

Wire records of ``assessment/v1``, flat and hostile like the rest of it. They never change a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    """By id."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One thing that a change does to where data goes."""

    kind: str
    """``adds`` | ``removes`` | ``changes``."""
    text: str
    """Who, to whom, with which data; in plain words, without the kind."""
    flow: str
    """FlowRecord id: of this assessment when it adds or changes, of the base's when it removes."""
    path: str
    """File and line that make the flow (of the base's files when it removes); empty where no line does."""
    line: int


@dataclass(frozen=True, slots=True)
class BaseRecord:
    """The revision that a change is measured against, and what the change does."""

    revision: str
    """As the user named it."""
    commit: str
    """Full id of the commit."""
    digest: str
    """Overall digest of the assessment of the base."""
    steps: tuple[StepRecord, ...]
    """What is added first, then what changes, then what is removed."""
