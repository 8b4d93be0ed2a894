"""Profiles as typed records: what a deployment is held against (DESIGN.md section 4, "Profile").

Two verbs (forbid, require) over five nouns (component, flow, path, store, evidence) and one selector
grammar. ``evaluate`` reads these from files and judges by them; nothing here does input or output.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from auditor.facts.evidence import FileLocation
from auditor.facts.vocabulary import Basis, OnUnknown, Plane, RowName, Severity, Sighting, Stage


class SelectorKey(StrEnum):
    """What a component selector may ask of a component, in the order in which sentences say it."""

    ID = "id"
    PRODUCT = "product"
    ROLE = "role"
    PLANE = "plane"
    PERIMETER = "perimeter"
    OPERATOR = "operator"
    HOSTED_BY = "hosted_by"
    OPERATOR_COUNTRY = "operator_country"
    PROCESSING = "processing"
    STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class Values:
    """Any of these values, or (negated) none of them."""

    any_of: tuple[str, ...]
    """Never empty, unless ``parameter`` names where they come from."""
    negated: bool = False
    parameter: str = ""
    """Name of the parameter that supplies the values, empty when they are written out."""
    whole: bool = False
    """Over a set of countries: all of it must be as asked, and not just one country (``evaluate.wholly``)."""


@dataclass(frozen=True, slots=True)
class Term:
    """One key of a component selector and the values it admits."""

    key: SelectorKey
    values: Values


@dataclass(frozen=True, slots=True)
class ComponentSelector:
    """All terms must match; without terms it is any component."""

    terms: tuple[Term, ...] = ()


class Direction(StrEnum):
    """Which way the data of a flow selector goes between its ``from`` and its ``to``, whoever dials."""

    SENDS = "sends"
    """``from`` sends it to ``to``."""
    RECEIVES = "receives"
    """``from`` receives it from ``to``."""
    ANY = "any"


@dataclass(frozen=True, slots=True)
class FlowSelector:
    """One hop. Without ``data`` it is any traffic at all, from the one who dials."""

    source: ComponentSelector = ComponentSelector()
    destination: ComponentSelector = ComponentSelector()
    data: tuple[str, ...] = ()
    """Classes and groups as written; empty means any traffic."""
    direction: Direction = Direction.SENDS
    names: tuple[RowName, ...] = ()
    """Row names; the row then counts by its name, whether or not data goes that way."""
    sightings: tuple[Sighting, ...] = ()
    """What traffic shows of the row; then it counts by that (an attempt moves no data)."""
    required: bool | None = None
    """Whether the flow is required; then an intended flow counts even where the network blocks it."""
    strength: Values | None = None
    """How strongly its permission is enforced."""


@dataclass(frozen=True, slots=True)
class PathSelector:
    """All hops from ``source`` to ``destination``, over an intermediate component when one is named."""

    source: ComponentSelector
    destination: ComponentSelector
    intermediary: ComponentSelector | None = None
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreSelector:
    """Data at rest: where it is kept, what it is, in which country."""

    at: ComponentSelector = ComponentSelector()
    data: tuple[str, ...] = ()
    country: Values | None = None


@dataclass(frozen=True, slots=True)
class EvidenceSelector:
    """Bases that must be complete for the components ``of``."""

    of: ComponentSelector
    complete: tuple[Basis, ...]


Selector = ComponentSelector | FlowSelector | StoreSelector


@dataclass(frozen=True, slots=True)
class Forbid:
    """Nothing of the deployment may match ``what``."""

    what: ComponentSelector | FlowSelector | PathSelector | StoreSelector


@dataclass(frozen=True, slots=True)
class Require:
    """Of what matches ``where``: every one matches ``every``, one matches ``some``, there are ``at_least`` so many."""

    where: Selector
    every: Selector | None = None
    """``all:`` in the file."""
    some: Selector | None = None
    """``any:`` in the file."""
    at_least: int = 1
    """How many must match ``where``; an empty inventory is never a pass."""


@dataclass(frozen=True, slots=True)
class RequireEvidence:
    """The named bases are complete for the components concerned."""

    what: EvidenceSelector


Requirement = Forbid | Require | RequireEvidence


@dataclass(frozen=True, slots=True)
class Exists:
    """Condition: something of the deployment matches."""

    what: ComponentSelector | FlowSelector


@dataclass(frozen=True, slots=True)
class Junction:
    """Condition: all, any or none (``not``) of the parts hold."""

    kind: str
    """``all`` | ``any`` | ``not``."""
    parts: tuple[Condition, ...]
    """Never empty; one part for ``not``."""


Condition = Exists | Junction


@dataclass(frozen=True, slots=True)
class EvidenceNeed:
    """Which bases a control needs at each stage, and which planes must have been at work in the traffic."""

    change: tuple[Basis, ...]
    predeploy: tuple[Basis, ...]
    operate: tuple[Basis, ...]
    exercised: tuple[Plane, ...] = ()

    def at(self, stage: Stage) -> tuple[Basis, ...]:
        """Return the bases needed at ``stage``."""
        return {Stage.CHANGE: self.change, Stage.PREDEPLOY: self.predeploy, Stage.OPERATE: self.operate}[stage]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value that selectors and evidence needs refer to."""

    name: str
    values: tuple[str, ...]
    """One text for windows and counts, several for sets (countries, operators)."""
    reason: str = ""
    """Why the manifest changed it; empty as the profile sets it."""


@dataclass(frozen=True, slots=True)
class FrameworkReference:
    """A requirement of a framework towards which the control's result is evidence."""

    id: str
    """``nist-800-53r5:SC-7``."""
    strength: str
    """``direct`` | ``supporting`` | ``weak``."""


@dataclass(frozen=True, slots=True)
class Control:
    """One requirement with everything needed to judge it."""

    id: str
    title: str
    owner: str
    """Profile that defines it."""
    requirement: Requirement
    when: Condition | None
    evidence: EvidenceNeed
    on_unknown: OnUnknown
    severity: Severity
    maps: tuple[FrameworkReference, ...]
    rationale: str
    remediation: str
    parameters: tuple[Parameter, ...]
    """Parameters of the profile that defines it; they travel with the control when it is inherited."""
    location: FileLocation


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What a profile asks less than one that it extends; it shows in every report with its reason."""

    control: str
    """Id of the inherited control."""
    what: str
    """``left out``, or the id of what takes its place and in what it asks less."""
    reason: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A named, versioned, expiring set of controls, inherited ones first."""

    id: str
    title: str
    version: str
    sha256: str
    """Of its own file."""
    valid_until: str
    extends: tuple[str, ...]
    """Profiles whose controls it inherits, nearest first."""
    parameters: tuple[Parameter, ...]
    controls: tuple[Control, ...]
    origin: str
    """``shipped``, or the path as the user named it."""
    sources: tuple[tuple[str, str], ...]
    """(path, SHA-256) of its own file and of every profile that it extends, nearest first."""
    location: FileLocation
    """Where ``valid_until`` stands."""
    not_tested: tuple[str, ...] = ()
    """What this profile does not test, one sentence each."""
    relaxed: tuple[Relaxation, ...] = ()
    """What it, or a profile that it extends, asks less than it inherits."""
