"""Reconciled channels and rows: four bases side by side for every data flow."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.evidence import Evidence
from auditor.facts.flows import Cure
from auditor.facts.inventory import Unknown
from auditor.facts.permission import Permission
from auditor.facts.places import Countries
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Mark, RowName, Sighting, Transport


@dataclass(frozen=True, slots=True)
class ResolvedEnd:
    """One end of a channel after identity was decided."""

    candidates: tuple[str, ...]
    """Component ids that it may be, sorted; one when decided, several for equal rank, none when not established."""
    workload: str
    """Workload id when decided, else ``addr:<ip>`` (source not established)."""
    label: str
    """What to print: host name, component title or address; hostile text, escaped by the sink."""
    host: str
    address: str
    conflict: str = ""
    """Why the ends' evidence contradicts itself (a vendor's host on a customer address), else empty."""
    why: str = ""
    """Why nobody could establish who it is although inventories know its address, else empty."""
    evidence: tuple[Evidence, ...] = ()
    """What an inventory shows of it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """(source workload, destination, transport, port): what packets and policies can see."""

    id: str
    """``<source>><destination>/<transport>/<port>``, with `` via <proxy>`` behind it where a proxy was asked."""
    source: ResolvedEnd
    destination: ResolvedEnd
    transport: Transport
    port: int
    sighting: Sighting
    sighting_reason: str
    """Why a silence counts or does not; what an attempt met."""
    payload_out: int | None
    """Sums over the flows that tell; ``None`` when none of them does."""
    payload_in: int | None
    packets_out: int | None
    packets_in: int | None
    first_time: str
    last_time: str
    longest_seconds: float
    held_open: bool
    app_protocols: tuple[str, ...]
    names: tuple[str, ...]
    """Host names seen or configured, sorted."""
    name_hidden: bool
    rungs: tuple[str, ...]
    """Name rungs of the sightings, strongest first."""
    permission: Permission
    evidence: tuple[Evidence, ...]
    untold: int = 0
    """Flows of which the payload is not told in one direction or both: the sums hold without them."""
    via: ResolvedEnd | None = None
    """The proxy that was asked for the destination, whose port ``port`` is where its address is known."""
    processed: tuple[str, ...] = ()
    """Sorted countries in which some of its calls were processed, by the word of logs; that none ran elsewhere no log shows."""


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One row of the four-basis table: a purpose on a channel, or a channel that nothing intends."""

    id: str
    """``<source>><destination>#<purpose>``: stable; path and frames are detail."""
    channel: str
    """Channel id."""
    flow: str
    """IntendedFlow id, empty for traffic that nothing intends."""
    purpose: str
    source: str
    """Component id; a workload id or ``addr:<ip>`` when no single component is established."""
    source_candidates: tuple[str, ...]
    destination: str
    """Component or destination id; ``unnamed`` destinations are ``addr:<ip>``."""
    destination_candidates: tuple[str, ...]
    declared: Truth
    configured: Truth
    permitted: Truth
    sighting: Sighting
    name: RowName
    marks: tuple[Mark, ...]
    exists: Truth
    """Whether data goes this way, over all bases: observed data is yes, and a configured flow that nothing provably denies."""
    sends_at_least: tuple[DataClass, ...]
    sends_at_most: tuple[DataClass, ...]
    receives: tuple[DataClass, ...]
    required: Truth
    processing: Countries
    """Country set of processing for this flow: its own when the flow decides it, else its destination's."""
    processing_reason: str
    reason: str
    """One plain sentence: why the row has this name."""
    cures: tuple[Cure, ...]
    unknowns: tuple[Unknown, ...]
    evidence: tuple[Evidence, ...]
    processed: tuple[str, ...] = ()
    """Sorted countries in which logs show calls of this flow processed: proof of presence there, never of absence elsewhere."""
    end_to_end: bool = False
