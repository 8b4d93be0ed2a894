"""``comparison/v1``: candidates side by side, every cell with its basis, date and evidence.

Wire records, flat like ``assessment/v1``. Texts may be hostile and are escaped by the sink.
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "comparison/v1"


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """One column: a candidate as documented, as deployed, or the best it can be made."""

    id: str
    """``<candidate>/<kind>``."""
    candidate: str
    kind: str
    """``documented`` | ``deployed`` | ``best``."""
    title: str
    stage: str
    digest: str
    """Digest of the assessment behind it."""
    parity: str
    """What was captured and what was only read about, one sentence."""
    verdict: str
    """Verdict of the chosen profile."""
    sentence: str
    rung: str
    """Strictest rung of the ladder that holds, empty when none does."""
    rung_stopped_by: str
    """What stops the next rung, one clause."""


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """One requirement for one column."""

    column: str
    verdict: str
    blocking_fact: str
    """The first fact that fails or leaves it open, one sentence; empty for a pass."""
    cure: str
    """What would cure it: a setting, a contract, a network change, or nothing (a required flow has no substitute)."""
    cure_kind: str
    """``setting`` | ``redirect`` | ``network`` | ``contract`` | ``evidence`` | ``none``; empty for a pass."""


@dataclass(frozen=True, slots=True)
class RequirementRecord:
    """One control of the chosen profile over all columns."""

    control: str
    title: str
    sentence: str
    severity: str
    outcomes: tuple[OutcomeRecord, ...]


@dataclass(frozen=True, slots=True)
class CellRecord:
    """One answer: at most twelve words, with what it rests on."""

    column: str
    text: str
    tone: str
    """``inside`` | ``outside`` | ``mixed`` | ``unknown`` | ``neutral``: how a reader should see it."""
    basis: str
    """``configured and observed``, ``catalog`` …"""
    date: str
    """Newest ISO date of the evidence, empty when undated."""
    details: tuple[str, ...]
    """Finer facts, one sentence each."""
    evidence: tuple[str, ...]
    """Evidence ids in the column's assessment."""


@dataclass(frozen=True, slots=True)
class RowRecord:
    """One question over all columns."""

    id: str
    title: str
    question: str
    cells: tuple[CellRecord, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole comparison."""

    schema: str
    tool: str
    as_of: str
    profile: str
    profile_title: str
    columns: tuple[ColumnRecord, ...]
    requirements: tuple[RequirementRecord, ...]
    rows: tuple[RowRecord, ...]
