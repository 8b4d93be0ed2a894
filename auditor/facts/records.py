"""Records of ``assessment/v1`` that describe the deployment: places, components, settings, channels, flows, evidence.

Part of the wire format of ``facts.assessment``, which re-exports them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """One located fact; which of the optional fields are filled depends on ``kind``."""

    id: str
    """``E-1`` … in order of first use."""
    kind: str
    """``file`` | ``frames`` | ``lines`` | ``statement`` | ``catalog``."""
    basis: str
    text: str
    path: str
    """File, capture, document or catalog file."""
    sha256: str = ""
    line: int = 0
    column: int = 0
    excerpt: str = ""
    frames: tuple[int, ...] = ()
    """Numbers of frames; of lines of a log where ``kind`` is ``lines``."""
    first_time: str = ""
    last_time: str = ""
    payload_out: int | None = 0
    """``null`` where the log does not tell."""
    payload_in: int | None = 0
    name: str = ""
    rung: str = ""
    place: str = ""
    issuer: str = ""
    date: str = ""
    statement: str = ""
    fact: str = ""
    source: str = ""
    publisher: str = ""
    relation: str = ""
    grade: str = ""
    state: str = ""
    collected: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class CureRecord:
    """One change that would stop, move or settle something."""

    kind: str
    text: str
    setting: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """Where something is; ``inside`` is ``yes``, ``no`` or ``unknown``; empty countries are unknown."""

    inside: str
    operator: str
    hosted_by: str
    processing: tuple[str, ...]
    storage: tuple[str, ...]
    operator_country: str
    zone: str
    reason: str


@dataclass(frozen=True, slots=True)
class OperatorRecord:
    """An organisation."""

    id: str
    title: str
    country: str


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """A zone of the manifest."""

    id: str
    operator: str
    hosted_by: str
    processing: tuple[str, ...]
    storage: tuple[str, ...]
    networks: tuple[str, ...]
    hosts: tuple[str, ...]
    inside: bool


@dataclass(frozen=True, slots=True)
class WorkloadRecord:
    """A workload."""

    id: str
    title: str
    networks: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class ComponentRecord:
    """A component of the deployment, or a destination outside it."""

    id: str
    title: str
    plane: str
    """Empty when unknown."""
    role: str
    system: str
    product: str
    workload: str
    place: PlaceRecord
    present: str
    present_reason: str
    policy_by: str
    licence: str
    holds: tuple[str, ...]
    """Data classes that it may hold, from what it originates and receives."""
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """A contract with a provider, as the author of the manifest states it; fields as in ``facts.contracts.Contract``."""

    reference: str
    provider: str
    provider_code: str
    code_type: str
    entity_lei: str
    function: str
    service: str
    start: str
    end: str
    ended_because: str
    notice_entity: str
    notice_provider: str
    governing_law: str
    provision: str
    sensitiveness: str
    reliance: str
    sub_processors: tuple[str, ...]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class StoreRecord:
    """Data at rest."""

    id: str
    title: str
    component: str
    classes: tuple[str, ...]
    country: tuple[str, ...]
    retention: str
    remote_access: str
    exists: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingRecord:
    """A setting's effective value and the chain that led to it."""

    system: str
    key: str
    state: str
    value: str
    reason: str
    chain: tuple[SettingSourceRecord, ...]


@dataclass(frozen=True, slots=True)
class SettingSourceRecord:
    """One place that says something about a setting."""

    scope: str
    name: str
    value: str
    used: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel with its counts."""

    id: str
    source: str
    source_label: str
    source_candidates: tuple[str, ...]
    destination: str
    destination_label: str
    destination_candidates: tuple[str, ...]
    transport: str
    port: int
    sighting: str
    sighting_reason: str
    permitted: str
    permitted_reason: str
    payload_out: int | None
    """Sums over the flows that tell; ``null`` when none of them does."""
    payload_in: int | None
    packets_out: int | None
    packets_in: int | None
    first_time: str
    last_time: str
    longest_seconds: float
    held_open: bool
    app_protocols: tuple[str, ...]
    names: tuple[str, ...]
    name_hidden: bool
    rungs: tuple[str, ...]
    conflict: str
    evidence: tuple[str, ...]
    untold: int = 0
    """Flows of which the payload is not told in one direction or both; left out of the JSON while it is 0."""
    via: str = ""
    """The proxy that was asked for the destination: its workload or ``addr:<ip>``, ``?`` where nothing tells which one it is.

    Left out of the JSON where none was asked; ``port`` is that of the proxy where its address is known."""


@dataclass(frozen=True, slots=True)
class FlowRecord:
    """One row of the four-basis table."""

    id: str
    channel: str
    flow: str
    purpose: str
    source: str
    source_candidates: tuple[str, ...]
    destination: str
    destination_candidates: tuple[str, ...]
    declared: str
    configured: str
    permitted: str
    sighting: str
    name: str
    marks: tuple[str, ...]
    exists: str
    sends_at_least: tuple[str, ...]
    sends_at_most: tuple[str, ...]
    receives: tuple[str, ...]
    required: str
    processing: tuple[str, ...]
    processing_reason: str
    reason: str
    crosses_perimeter: str
    """``yes``, ``no`` or ``unknown``: from inside to outside."""
    cures: tuple[CureRecord, ...]
    unknowns: tuple[str, ...]
    evidence: tuple[str, ...]
