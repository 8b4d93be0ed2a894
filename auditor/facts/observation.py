"""What captured and logged traffic shows: edges, and what the captures and logs could have seen."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.blindness import Blind
from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import FrameLocation, LineLocation
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
    packets_out: int | None
    """Sums over the flows that tell; ``None`` when none of them does. A log need not tell every count: what it does not
    tell is unknown, never 0."""
    packets_in: int | None
    payload_out: int | None
    """Payload bytes from source to destination, retransmissions not counted twice."""
    payload_in: int | None
    wire_out: int | None
    wire_in: int | None
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
    locators: tuple[FrameLocation | LineLocation, ...]
    """At most five."""
    source_ids: tuple[str, ...]
    """Observation sources (coverage ids) that saw it, sorted."""
    untold: int = 0
    """Flows in it of which the payload is not told in one direction or both: the sums hold without them."""
    ran_in: tuple[str, ...] = ()
    """Host names of the provider's endpoints in the regions in which logs say that its calls were processed, sorted."""
    told: tuple[str, ...] = ()
    """What else logs tell of the destination's place (``country …``, ``region …``), sorted, at most five."""


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What one capture or log could have seen."""

    id: str
    """Path as named in the manifest."""
    sha256: str
    format: str
    """``pcap``, ``pcapng``, or the name of a log format."""
    vantage: str
    sees: tuple[str, ...]
    """Zone ids that the manifest claims this vantage sees."""
    first_time: str
    """Start of the window: interface statistics and packets that could leave the link; empty when the file shows none."""
    last_time: str
    window_seconds: float
    packets: int
    """Packets of a capture, records of a log."""
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
    logged: bool = False
    """A log, not a capture."""
    files: tuple[tuple[str, str], ...] = ()
    """Name and digest of every file of a log."""
    blind: tuple[Blind, ...] = ()
    """What a log of this format cannot see."""
    unproving: str = ""
    """Why silence here never proves anything (what passes the writer by is not logged, records are missing).

    Empty where it may."""


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
