"""``spectrum/v1``: where a deployment stands on the ladder, what stops the next rung, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "spectrum/v1"


@dataclass(frozen=True, slots=True)
class ObstacleRecord:
    """The control that stops a profile first, worst first."""

    control: str
    severity: str
    verdict: str
    """Effective verdict."""
    sentence: str
    """What the control asks, in the sentence that an officer signs."""
    because: str
    """The first finding that no waiver covers, else the first open question, else why it is not known."""
    finding: str
    """Finding id, empty where nothing is breached."""
    settled_by: tuple[str, ...]
    """What would settle the question; empty for a finding."""
    remediation: str


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """What one profile says to the deployment."""

    profile: str
    title: str
    version: str
    verdict: str
    sentence: str
    counts: tuple[tuple[str, int], ...]
    """(verdict, number of controls), in the fixed order fail, unknown, pass, not_applicable."""
    obstacle: ObstacleRecord | None
    """``None`` when the profile holds."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A deployment against every rung of the ladder, loosest first, and against the profiles beside it."""

    schema: str
    tool: str
    as_of: str
    stage: str
    deployment: str
    assumed: bool
    """Judged without a manifest."""
    digest: str
    """Of the assessment that it is taken from."""
    rungs: tuple[StandingRecord, ...]
    strictest: str
    """Id of the strictest rung that holds together with all below it; empty when not even the loosest does."""
    next: str
    """Id of the rung above it, empty when the strictest of all holds."""
    beside: tuple[StandingRecord, ...]
