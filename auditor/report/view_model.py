"""The view model: what every format for humans prints, already in plain words and in order.

Texts are hostile until escaped by the sink. ``anchor`` fields are ours (``flow-3``), never made of outside text.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.report.change import ChangeView
from auditor.report.view_ledger import LedgerGroup
from auditor.report.view_parts import Cell, CureView, EvidenceView, Reference


@dataclass(frozen=True, slots=True)
class Headline:
    """The judgement in one sentence; the subject is the claim."""

    verdict: str
    sentence: str
    label: str
    profile: str
    where: str
    """File and line of the claim, empty without one."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many controls have a verdict."""

    verdict: str
    word: str
    number: int
    note: str


@dataclass(frozen=True, slots=True)
class ProfileView:
    """A profile's verdict and where it comes from."""

    id: str
    title: str
    version: str
    verdict: str
    sentence: str
    counts: str
    first_blocking: str
    sha256: str
    origin: str
    valid_until: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaneView:
    """One plane: where it is, who runs it, what speaks against it."""

    plane: str
    title: str
    purpose: str
    where: str
    run_by: str
    countries: str
    components: tuple[str, ...]
    verdict: str
    """``fail`` with an unwaived finding; ``unknown`` when anything open touches it; else ``pass`` inside, ``none`` outside."""
    note: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One violation."""

    number: int
    anchor: str
    id: str
    control: Reference
    control_title: str
    severity: str
    title: str
    profiles: str
    subject: str
    path: tuple[Reference, ...]
    """The flows that it speaks of."""
    in_a_row: bool
    """Whether these are hops, each where the one before leads; else each breaches by itself."""
    data: str
    bases: str
    waived_by: str
    known: str
    """Since when the baseline knows it; empty where it is new, or where there is no baseline."""
    cures: tuple[CureView, ...]
    remediation: str
    maps: str
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class FlowView:
    """One row of the four-basis table."""

    number: int
    anchor: str
    id: str
    purpose: str
    source: str
    source_id: str
    destination: str
    destination_id: str
    recipient: str
    countries: str
    sends: str
    receives: str
    declared: Cell
    configured: Cell
    permitted: Cell
    observed: Cell
    name: str
    name_words: str
    marks: tuple[str, ...]
    required: str
    reason: str
    crosses: str
    leaves: bool
    """Whether it leaves the perimeter for certain."""
    style: str
    """``violation`` | ``confirmed`` | ``unknown`` | ``stopped`` | ``absent``: how the map draws it."""
    verdict_word: str
    shared_with: tuple[Reference, ...]
    findings: tuple[Reference, ...]
    cures: tuple[CureView, ...]
    evidence: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class StoreView:
    """Data at rest."""

    title: str
    component: str
    data: str
    countries: str
    retention: str
    remote_access: str
    exists: str
    evidence: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class ControlView:
    """One control with the sentence that an officer signs."""

    anchor: str
    id: str
    title: str
    sentence: str
    severity: str
    verdict: str
    raw: str
    reason: str
    needed: str
    profiles: str
    on_unknown: str
    findings: tuple[Reference, ...]
    unknowns: tuple[Reference, ...]
    attested_by: str
    known: str
    maps: str


@dataclass(frozen=True, slots=True)
class UnknownView:
    """Something open, and who can settle it how."""

    anchor: str
    kind: str
    subject: str
    text: str
    settled_by: tuple[str, ...]
    who: str
    blocking: bool
    known: str
    controls: str


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """A waiver or attestation."""

    id: str
    kind: str
    control: str
    target: str
    reason: str
    by: str
    ticket: str
    dates: str
    status: str
    in_force: bool
    where: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What one observation source could have seen."""

    id: str
    sha256: str
    format: str
    vantage: str
    window: str
    length: str
    packets: str
    present: str
    not_seen: str
    losses: str
    named: str
    canary: str


@dataclass(frozen=True, slots=True)
class View:
    """Everything that a report says."""

    deployment: str
    tool: str
    as_of: str
    stage: str
    digest: str
    assumed: bool
    headline: Headline
    change: ChangeView | None
    counts: tuple[Count, ...]
    totals: str
    """One line: controls, findings, waived, open points."""
    scope: tuple[tuple[str, str], ...]
    ladder: tuple[tuple[str, str, str], ...]
    """(verdict, title, what stops it)."""
    profiles: tuple[ProfileView, ...]
    planes: tuple[PlaneView, ...]
    findings: tuple[FindingView, ...]
    ledger: tuple[LedgerGroup, ...]
    stores: tuple[StoreView, ...]
    flows: tuple[FlowView, ...]
    controls: tuple[ControlView, ...]
    unknowns: tuple[UnknownView, ...]
    not_examined: tuple[tuple[str, str, str], ...]
    """(where, reason, named by the user or discovered)."""
    exceptions: tuple[ExceptionView, ...]
    coverage: tuple[CoverageView, ...]
    evidence: tuple[EvidenceView, ...]
    inputs: tuple[tuple[str, str, str, str], ...]
    """(path, kind, size, SHA-256)."""
    glossary: tuple[tuple[str, str], ...]
