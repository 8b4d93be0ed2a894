"""What captured traffic shows: edges, and what the captures could have seen."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import FrameLocation
from auditor.facts.vocabulary import Sighting


@dataclass(frozen=True, slots=True)
class ObservedEdge:
    """All flows of one (source address, destination address or name, transport, port, VLAN, VNI)."""

    source: Endpoint
    destination: Endpoint
    vlan: int | None
    vni: int | None
    flows: int
    """Number of 5-tuple flows in it."""
    packets_out: int
    packets_in: int
    payload_out: int
    """Payload bytes from source to destination, retransmissions not counted twice."""
    payload_in: int
    wire_out: int
    wire_in: int
    sighting: Sighting
    """``data`` or ``attempt`` (refused, unanswered, or no payload either way)."""
    attempt_reason: str
    """``refused``, ``unanswered``, ``icmp_unreachable``, ``no_payload``; empty for data."""
    app_protocol: str
    """``tls``, ``quic``, ``http``, ``dns``, ``stun``, ``ssh``, …; empty when not recognised."""
    name_hidden: bool
    """The name is or may be hidden (ECH, no SNI): the destination is not established by name."""
    first_time: str
    last_time: str
    longest_seconds: float
    """Duration of its longest flow."""
    held_open: bool
    """A flow lasted long (threshold in traffic) with payload both ways: a control channel held open."""
    orientation_rules: tuple[str, ...]
    """The rules that decided who initiated, sorted."""
    locators: tuple[FrameLocation, ...]
    """At most five."""
    source_ids: tuple[str, ...]
    """Observation sources (coverage ids) that saw it, sorted."""


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What one capture could have seen."""

    id: str
    """Path as named in the manifest."""
    sha256: str
    format: str
    """``pcap``, ``pcapng``."""
    vantage: str
    sees: tuple[str, ...]
    """Zone ids that the manifest claims this vantage sees."""
    first_time: str
    """Start of the window: interface statistics and packets that could leave the link; empty when the file shows none."""
    last_time: str
    window_seconds: float
    packets: int
    addresses: tuple[str, ...]
    """Addresses that sent at least one frame, sorted by family and value."""
    drops: int | None
    """Packets dropped as the interface statistics tell; ``None`` when the format does not say."""
    truncated: bool
    """The file ends inside a record."""
    truncated_packets: int
    """Packets cut by the snap length."""
    skipped: tuple[tuple[str, int], ...]
    """(reason, count) of frames or blocks not read, sorted by reason."""
    pauses: tuple[float, ...] = ()
    """The longest times without a packet that could leave the link, in seconds, longest first (at most 100)."""
    canary: Sighting | None = None
    """Whether a canary sent through this vantage was found; ``None`` when none was announced."""


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """A DNS answer: a client asked for a name and was told an address."""

    client: str
    name: str
    """The name asked for (start of the CNAME chain), normal form."""
    address: str
    """Empty for a question without an address answer."""
    time: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that traffic tells the later stages."""

    edges: tuple[ObservedEdge, ...]
    """Sorted; stable for the same input."""
    coverage: tuple[SourceCoverage, ...]
    answers: tuple[NameAnswer, ...]


@dataclass(frozen=True, slots=True)
class CaptureSource:
    """A capture to read, as the manifest or the command line names it."""

    id: str
    path: str
    """Path to open on this machine; never in results."""
    vantage: str
    sees: tuple[str, ...]
    canary: str = ""
    """Host name that was looked up or contacted on purpose, to prove that the vantage sees."""
