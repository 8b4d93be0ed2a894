"""``history/v1``: two or more assessments of one deployment in the order of their dates. Texts may be hostile."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.difference import Difference

SCHEMA = "history/v1"


@dataclass(frozen=True, slots=True)
class PointRecord:
    """One of the assessments."""

    as_of: str
    stage: str
    tool: str
    digest: str
    claim: str
    """Verdict, empty without a claim."""
    profiles: tuple[tuple[str, str], ...]
    """(profile, verdict)."""
    controls: tuple[tuple[str, int], ...]
    """(verdict, number of controls), in the order fail, unknown, pass, not_applicable."""
    findings: int
    """Findings that stand."""
    waived: int
    open_points: int


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """A finding over time."""

    id: str
    title: str
    """As the latest assessment that has it says it."""
    severity: str
    held: tuple[bool, ...]
    """For each point whether the finding was there, waived or not."""


@dataclass(frozen=True, slots=True)
class History:
    """What happened to one deployment between its assessments."""

    schema: str
    deployment: str
    points: tuple[PointRecord, ...]
    spans: tuple[SpanRecord, ...]
    steps: tuple[Difference, ...]
    """One less than the points: what moved from each to the next."""
