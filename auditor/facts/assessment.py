"""``assessment/v1``: the versioned record that suffices for every report, now and later.

These records are the wire format: flat, ids instead of references, no internal type. The JSON Schema in
``auditor/report/schemas/assessment-v1.json`` is their contract. Every tuple is in a stable order; every
text may be hostile and is escaped by the sink that prints it.
"""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.gate import AlterationRecord, BaselineRecord, BaseRecord, KnownRecord, StepRecord
from auditor.facts.records import (
    ChannelRecord,
    ComponentRecord,
    ContractRecord,
    CureRecord,
    EvidenceRecord,
    FlowRecord,
    OperatorRecord,
    PlaceRecord,
    SettingRecord,
    SettingSourceRecord,
    StoreRecord,
    WorkloadRecord,
    ZoneRecord,
)

__all__ = [
    "SCHEMA",
    "AlterationRecord",
    "Assessment",
    "BaseRecord",
    "BaselineRecord",
    "ChannelRecord",
    "ClaimRecord",
    "ComponentRecord",
    "ContractRecord",
    "ControlRecord",
    "CoverageRecord",
    "CureRecord",
    "EvidenceRecord",
    "ExceptionRecord",
    "FindingRecord",
    "FlowRecord",
    "InputRecord",
    "KnownRecord",
    "NotExaminedRecord",
    "OperatorRecord",
    "PlaceRecord",
    "ProfileRecord",
    "RungRecord",
    "SettingRecord",
    "SettingSourceRecord",
    "StepRecord",
    "StoreRecord",
    "UnknownRecord",
    "WorkloadRecord",
    "ZoneRecord",
]

SCHEMA = "assessment/v1"


@dataclass(frozen=True, slots=True)
class UnknownRecord:
    """Something not known, what would settle it and who can."""

    id: str
    """``<kind>@<subject>``."""
    kind: str
    subject: str
    text: str
    settled_by: tuple[str, ...]
    who: str
    controls: tuple[str, ...]
    """``<profile>/<control>`` that it leaves open."""
    blocking: bool


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """One violation with located evidence."""

    id: str
    """``CONTROL@source>final-destination#class``: stable under new hops."""
    control: str
    profiles: tuple[str, ...]
    severity: str
    title: str
    """One plain sentence: who sends what to whom."""
    rows: tuple[str, ...]
    """FlowRecord ids along the path, in order."""
    subject: str
    """Component id when the finding is about a component, else empty."""
    data: tuple[str, ...]
    bases: tuple[str, ...]
    waived_by: str
    """Waiver id while it is in force, else empty."""
    cures: tuple[CureRecord, ...]
    evidence: tuple[str, ...]
    """Never empty."""
    digest: str = ""
    """SHA-256 of what the finding is about (data, ends, places); a waiver names it, and is void once it is another."""


@dataclass(frozen=True, slots=True)
class ControlRecord:
    """A control judged once, shown under each profile that holds it."""

    id: str
    title: str
    sentence: str
    """The one plain sentence that an officer signs."""
    severity: str
    on_unknown: str
    verdict: str
    """Raw verdict."""
    effective: str
    """After waivers and attestations."""
    reason: str
    needed: tuple[str, ...]
    """Bases needed at this stage."""
    findings: tuple[str, ...]
    unknowns: tuple[str, ...]
    attested_by: tuple[str, ...]
    maps: tuple[tuple[str, str], ...]
    """(framework reference, strength)."""
    rationale: str = ""
    remediation: str = ""


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """A profile's verdict."""

    id: str
    title: str
    version: str
    sha256: str
    valid_until: str
    extends: tuple[str, ...]
    """Profiles whose controls it inherits, nearest first."""
    parameters: tuple[tuple[str, str, str], ...]
    """(name, value, reason when loosened or changed)."""
    controls: tuple[str, ...]
    """Control ids, inherited first."""
    verdict: str
    sentence: str
    """What holds at which stage, one sentence."""
    counts: tuple[tuple[str, int], ...]
    """(verdict, number of controls) for the four verdicts, fixed order fail, unknown, pass, not_applicable."""
    first_blocking: str
    """Control id that stops it first, worst first; empty when it passes."""
    origin: str
    """``shipped`` or the path and who named it."""
    relaxed: tuple[tuple[str, str, str], ...] = ()
    """(inherited control, what is asked instead, reason): what it asks less than a profile that it extends."""


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """The claim, its profile and the judgement."""

    label: str
    profile: str
    verdict: str
    sentence: str
    """First sentence of every report."""
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class CoverageRecord:
    """What one observation source could have seen."""

    id: str
    sha256: str
    format: str
    vantage: str
    sees: tuple[str, ...]
    first_time: str
    last_time: str
    window_seconds: float
    packets: int
    """Packets of a capture, records of a log."""
    workloads: tuple[str, ...]
    """Workload ids proven present."""
    unproven: tuple[str, ...]
    """Workload ids of the claimed zones without a frame."""
    drops: str
    """Number, or ``unknown``."""
    truncated: bool
    truncated_packets: int
    skipped: tuple[tuple[str, int], ...]
    named_share: float
    """Share of the channels to the outside that have a name."""
    canary: str
    blind: tuple[str, ...] = ()
    """What a log of this format cannot see, in plain words; left out of the JSON while empty."""
    unproving: str = ""
    """Why silence here never proves anything; left out of the JSON while empty."""


@dataclass(frozen=True, slots=True)
class InputRecord:
    """An input by digest."""

    path: str
    sha256: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """A waiver or attestation and its fate."""

    id: str
    kind: str
    """``waiver`` | ``attestation``."""
    control: str
    target: str
    reason: str
    by: str
    ticket: str
    created: str
    expires: str
    status: str
    """``in_force`` | ``expired`` | ``unused`` | ``orphaned`` | ``refused`` | ``void``."""
    note: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class NotExaminedRecord:
    """What was found and not examined."""

    path: str
    reason: str
    named: bool
    line: int = 0
    set_aside: bool = False
    """Left out on purpose (the author ruled it out, or the stage does not look at it): leaves nothing open."""


@dataclass(frozen=True, slots=True)
class RungRecord:
    """One rung of the ladder for this deployment."""

    profile: str
    title: str
    verdict: str
    stopped_by: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that was found, believed, judged and left open."""

    schema: str
    tool: str
    """``auditor <version>``."""
    as_of: str
    stage: str
    deployment: str
    assumed: bool
    """Judged without a manifest."""
    digest: str
    """SHA-256 over tool version, as_of date, stage and the digests of all inputs, profiles and the catalog."""
    catalog_sha256: str
    claim: ClaimRecord | None
    inputs: tuple[InputRecord, ...]
    zones: tuple[ZoneRecord, ...]
    operators: tuple[OperatorRecord, ...]
    workloads: tuple[WorkloadRecord, ...]
    components: tuple[ComponentRecord, ...]
    stores: tuple[StoreRecord, ...]
    settings: tuple[SettingRecord, ...]
    channels: tuple[ChannelRecord, ...]
    flows: tuple[FlowRecord, ...]
    coverage: tuple[CoverageRecord, ...]
    evidence: tuple[EvidenceRecord, ...]
    profiles: tuple[ProfileRecord, ...]
    controls: tuple[ControlRecord, ...]
    findings: tuple[FindingRecord, ...]
    unknowns: tuple[UnknownRecord, ...]
    exceptions: tuple[ExceptionRecord, ...]
    not_examined: tuple[NotExaminedRecord, ...]
    ladder: tuple[RungRecord, ...]
    exit_code: int
    """Of the verdicts alone: no option and no baseline lowers it."""
    owner: str = ""
    """Who answers for what stands here; a later baseline keeps the name."""
    baseline: BaselineRecord | None = None
    base: BaseRecord | None = None
    contracts: tuple[ContractRecord, ...] = ()
