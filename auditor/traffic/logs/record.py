"""What every log reader hands on: flows and DNS look-ups, with ``None`` for what a format does not tell.

The fields are the columns of docs/flow_table.md as far as a log can know them. Nothing is filled in by guess: a count
that a format does not have is ``None``, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from auditor.facts.vocabulary import NameRung, Sighting, Transport


class Action(StrEnum):
    """What the writer of the log did with the flow, whatever word it uses."""

    PASSED = "passed"
    """Let through, forwarded, served."""
    DENIED = "denied"
    """Refused or dropped by a policy: an attempt, no data beyond what the attempt itself carries."""
    AUDITED = "audited"
    """Let through, and would be refused if the policy were enforced."""
    FAILED = "failed"
    """Not refused by a policy, and not carried out: no route, refused by the far end, time-out."""
    UNSAID = "unsaid"
    """The format does not tell."""


class Place(NamedTuple):
    """Where a record stands: the first line of a flow that several lines tell, and how many lines those are."""

    file: str
    """Identifier of the file within its source."""
    line: int
    """One-based; for rows without lines (Parquet, one JSON document a line of an array) the row or the line of its start."""
    lines: int = 1


class Workload(NamedTuple):
    """What a log says of the workload at one end; empty texts for what it does not say."""

    namespace: str = ""
    name: str = ""
    """Pod, instance, workspace or service name."""
    kind: str = ""
    """``pod``, ``instance``, ``interface``, ``workspace``, ``user``, ``identity``, …"""
    node: str = ""
    owner: str = ""
    """Workspace owner, account, service account."""
    labels: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """Return ``namespace/name``, or ``name`` alone, empty when the log names nothing."""
        return f"{self.namespace}/{self.name}" if self.namespace and self.name else self.name or self.namespace

    @property
    def logged_as(self) -> str:
        """Return ``kind:namespace/name`` for something with a name, empty for what only has an address or a user."""
        return f"{self.kind}:{self.reference}" if self.name and self.kind in _MACHINES else ""


_MACHINES = frozenset({"instance", "pod", "service", "task", "workload", "workspace"})
"""Kinds of what sends and receives; a user or a role of the cloud may do so from anywhere."""
NOBODY = Workload()


@dataclass(slots=True)
class LogFlow:
    """One flow as a log tells it: who dialled whom, in the direction of the client.

    Nothing changes a record once it is made; it is not frozen because freezing costs a call for each of its fields.
    """

    place: Place
    start: int | None = None
    """Nanoseconds since 1970-01-01 UTC as logged, never corrected; ``None`` when the line has no time."""
    end: int | None = None
    src_addr: str = ""
    """Address of who dialled, canonical text (RFC 5952); empty when the log does not tell."""
    src_port: int | None = None
    dst_addr: str = ""
    """Address that was dialled; empty where a proxy log knows the name alone."""
    dst_port: int | None = None
    transport: Transport | None = None
    protocol_number: int | None = None
    """IP protocol, where the log tells it."""
    vlan: int | None = None
    vni: int | None = None
    orientation_rule: str = "log"
    """``log`` when the format itself says who dialled, else the words of docs/flow_table.md."""
    packets_out: int | None = None
    packets_in: int | None = None
    payload_out: int | None = None
    payload_in: int | None = None
    wire_out: int | None = None
    wire_in: int | None = None
    state: str = ""
    """Word of docs/flow_table.md; empty when the log does not tell."""
    name: str = ""
    """Destination host name in normal form."""
    name_rung: NameRung = NameRung.NONE
    hidden: bool = False
    """The log shows that the name is hidden (TLS without server name, unread QUIC)."""
    server_name: str = ""
    app_protocol: str = ""
    sighting: Sighting = Sighting.DATA
    """``attempt`` only where the log proves that nothing but the attempt left; in doubt ``data``."""
    attempt_reason: str = ""
    """``denied``, ``refused``, ``unanswered``, ``icmp_unreachable``, ``no_payload``, ``failed``; empty for data."""
    action: Action = Action.UNSAID
    action_word: str = ""
    """The word of the log: ``REJECT``, ``DROPPED``, ``TCP_DENIED/403``."""
    reporter: str = ""
    """Who saw it: network interface, node and direction, sensor, host of the proxy. Two reporters may report one flow."""
    loss_flags: tuple[str, ...] = ()
    """``gap``, ``one_way``, ``midstream``, ``sampled``, ``cut``: sorted."""
    tunnel: str = ""
    outer_src_addr: str = ""
    outer_dst_addr: str = ""
    translated_src: tuple[str, int | None] | None = None
    """Source (address, port) on the other side of an address translation that the log itself proves."""
    translated_dst: tuple[str, int | None] | None = None
    community_id: str = ""
    """As logged; empty when the log has none."""
    local_protocol: str = ""
    flow_key: str = ""
    """The log's own identifier of the flow (Zeek uid, Suricata flow_id), by which other logs of it join."""
    source: Workload = NOBODY
    destination: Workload = NOBODY
    path: str = ""
    """URL path without query: tells apart flows that share a host."""
    ran_in: str = ""
    """Host name of the provider's endpoint in the region that processed the call, where the log tells the region."""
    evidence: tuple[tuple[str, str], ...] = ()
    """Further facts as (word, value), sorted: ``country``, ``asn``, ``service``, ``region``, ``model``, ``rule``, …"""


@dataclass(slots=True)
class LogLookup:
    """A DNS question that a client asked, with the addresses that it was told (none for a question alone)."""

    place: Place
    client: str
    """Address of who asked; empty when the log does not tell (then it ties no name to a client)."""
    name: str
    """Name asked for, normal form."""
    addresses: tuple[str, ...] = ()
    time: int | None = None
    server: str = ""
    """Address of the resolver that was asked, where told."""
    kind: str = ""
    """Type of record asked for: ``A``, ``AAAA``, ``HTTPS``."""
    outcome: str = ""
    """Response code: ``NOERROR``, ``NXDOMAIN``; empty when the log holds the question alone."""
    action: Action = Action.UNSAID
    reporter: str = ""
    workload: Workload = field(default=NOBODY)


LogRecord = LogFlow | LogLookup
