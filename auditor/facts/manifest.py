"""The manifest ``auditor.yaml`` as parsed: only what no file can tell (DESIGN.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from auditor.facts.contracts import Contract
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.flows import DeclaredStatement
from auditor.facts.places import Zone
from auditor.facts.vocabulary import ConfigState, Plane, Role


@dataclass(frozen=True, slots=True)
class Claim:
    """The label under test and the profile it stands for."""

    label: str
    profile: str
    location: FileLocation


@dataclass(frozen=True, slots=True)
class ComponentEntry:
    """What the manifest says of one component: addresses, zone, or (outside a system) plane and role."""

    id: str
    """Component id inside its system (``workspace``), or a full id for entries under ``components:``."""
    plane: Plane | None
    role: Role | None
    zone: str
    networks: tuple[str, ...]
    hosts: tuple[str, ...]
    runs_in: str
    """Id of another component whose workload this one shares (``coder/workspace``), else empty."""
    title: str
    location: FileLocation


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """One product as deployed."""

    id: str
    product: str
    version: str
    """Empty when not given: then the inventory of the system stays open."""
    zone: str
    components: tuple[ComponentEntry, ...]
    location: FileLocation


@dataclass(frozen=True, slots=True)
class InputEntry:
    """One entry of ``inputs:``."""

    kind: str
    """``path`` (a folder or file offered to every reader), ``capture``, ``log`` or ``document``."""
    path: str
    """As written, relative to the manifest's folder."""
    systems: tuple[str, ...]
    """``for:`` — system ids; empty means any."""
    state: ConfigState
    collected: str
    origin: str
    """``from:``."""
    vantage: str
    sees: tuple[str, ...]
    canary: str
    location: FileLocation
    format: str = ""
    """Name of a log's format, where its first lines do not tell."""
    column_map: str = ""
    """Path of the file that names a log's columns, relative to the manifest's folder."""
    governs: tuple[tuple[str, str], ...] = ()
    """(workload or component, subject): whose traffic the rules below this path decide about."""


@dataclass(frozen=True, slots=True)
class StatedFact:
    """An answer by a document, export or person to a catalog question (``{fact: …}`` conditions)."""

    system: str
    fact: str
    """Fact id of the product file: ``require_self_hosted``."""
    value: str
    evidence: Evidence
    location: FileLocation | None = None
    """Where the manifest says it, when the evidence is a document's."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A deployment as its author describes it."""

    deployment: str
    path: str
    """Name of the manifest file, empty in no-manifest mode."""
    assumed: bool
    """No manifest: everything here is assumed and may raise unknown, never grant a pass."""
    claim: Claim | None
    zones: tuple[Zone, ...]
    systems: tuple[SystemEntry, ...]
    components: tuple[ComponentEntry, ...]
    inputs: tuple[InputEntry, ...]
    absent: tuple[str, ...]
    """Scopes that the author states do not exist: ``scope`` or ``system/scope``."""
    profiles: tuple[str, ...]
    attestations: str
    waivers: str
    platform: tuple[tuple[str, str], ...] = ()
    statements: tuple[DeclaredStatement, ...] = ()
    facts: tuple[StatedFact, ...] = ()
    policy_by: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str, str], ...] = ()
    """(profile parameter, value, reason) that the manifest sets; loosening needs the reason."""
    absent_evidence: tuple[tuple[str, Evidence], ...] = field(default=())
    """(scope, where the author states it)."""
    ignore: tuple[str, ...] = ()
    """Files that the author states to say nothing of the data's way: paths or patterns below the manifest's folder."""
    contracts: tuple[Contract, ...] = ()
    overlays: tuple[str, ...] = ()
    """Files laid over the manifest for this deployment, in their order, relative to its folder."""


LONGEST_EXCEPTION_DAYS = 366
"""A waiver or an attestation is renewed at least once a year: what nobody looks at again is no exception but the rule."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's signed-off statement: fills an unknown, never lifts a fail, lapses."""

    id: str
    control: str
    subject: str
    """Exact id of the unknown's subject."""
    statement: str
    by: str
    date: str
    expires: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Waiver:
    """A dated, reasoned, approved exception for one control and one exact target."""

    id: str
    control: str
    target: str
    """Exact finding id."""
    reason: str
    approver: str
    ticket: str
    created: str
    expires: str
    evidence: Evidence
    digest: str = ""
    """Digest of the finding as it was when the waiver was granted: when the flow changes, the waiver is void."""


@dataclass(frozen=True, slots=True)
class DigestedInput:
    """A file that went into the assessment."""

    path: str
    sha256: str
    kind: str
    """``manifest``, ``configuration``, ``export``, ``capture``, ``log``, ``log_map``, ``document``, ``waivers``, ``attestations``
    or ``profile``."""
    size: int


@dataclass(frozen=True, slots=True)
class NotExamined:
    """A file or part that was found and not examined, and why."""

    path: str
    reason: str
    named: bool
    """Whether the user named it (exit 4) or it was discovered."""
    location: FileLocation | None = None
    set_aside: bool = False
    """Left out on purpose (the author ruled it out, or the stage does not look at it): shown, and leaves nothing open."""
