"""The flow table: one row a flow, columnar, as docs/flow_table.md fixes it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple, cast

from auditor.facts.vocabulary import NameRung, Transport
from auditor.traffic.beginnings import Beginnings, InitialNumbers
from auditor.traffic.coded import Coded
from auditor.traffic.community import community_id
from auditor.traffic.community_ids import CommunityIds
from auditor.traffic.finding import Finding, Side
from auditor.traffic.fixed_rows import FixedRows
from auditor.traffic.flow import Flow, look
from auditor.traffic.frame_numbers import FrameNumbers
from auditor.traffic.internet import ICMP, ICMPV6, SCTP, TCP, UDP, text
from auditor.traffic.orientation import orient

Row = dict[str, Any]
"""One flow by the published columns."""
COLUMNS: tuple[str, ...] = (
    "start", "end", "src_addr", "src_port", "dst_addr", "dst_port", "transport", "vlan", "vni", "orientation_rule",
    "packets_out", "packets_in", "payload_out", "payload_in", "wire_out", "wire_in", "state", "name", "name_rung",
    "app_protocol", "first_frame", "last_frame", "source_id", "loss_flags", "server_name", "tunnel",
    "outer_src_addr", "outer_dst_addr", "community_id", "local_protocol",
)  # fmt: skip
"""The published columns, in order."""
WORKING: tuple[str, ...] = ("hidden", "certificate_name", "frames", "isn", "first_payload", "sources", "winner")
"""Columns that only the reduction to edges uses."""

_TRANSPORTS = {
    TCP: Transport.TCP.value,
    UDP: Transport.UDP.value,
    SCTP: Transport.SCTP.value,
    ICMP: Transport.ICMP.value,
    ICMPV6: Transport.ICMPV6.value,
}
_OTHER = Transport.OTHER.value
_OTHER_PROTOCOLS = {4: "ipip", 41: "ip6ip", 47: "gre", 50: "esp", 51: "ah", 89: "ospf", 103: "pim", 112: "vrrp"}
_PORT_PROTOCOLS = {(UDP, 53): "dns", (TCP, 53): "dns", (UDP, 1701): "l2tp", (UDP, 4789): "vxlan", (UDP, 8472): "vxlan"}


PACKED: tuple[str, ...] = (
    "start", "end", "src_port", "dst_port", "packets_out", "packets_in", "payload_out", "payload_in", "wire_out", "wire_in",
    "first_frame", "last_frame", "winner",
)  # fmt: skip
"""Whole numbers that every flow of a capture has."""

_FIXED: dict[str, type[FixedRows[Any]]] = {
    "frames": FrameNumbers,
    "community_id": CommunityIds,
    "first_payload": Beginnings,
    "isn": InitialNumbers,
}
"""Columns of a table of captures that differ from row to row; all that are neither here nor ``PACKED`` are ``Coded``."""
Column = list[Any]
"""The values of a column; in a table of captures arrays, ``FixedRows`` and ``Coded``, which are read and written alike."""


def _empty() -> dict[str, Column]:
    return {name: [] for name in (*COLUMNS, *WORKING)}


def picker(rows: Sequence[int]) -> Callable[[Column], Sequence[Any]]:
    """Return what takes the values of some rows out of a column; for several at one go, which is twice as fast."""
    several = itemgetter(*rows) if len(rows) > 1 else None

    def pick(column: Any) -> Sequence[Any]:
        if several is None or isinstance(column, FixedRows):
            return [column[row] for row in rows]
        if isinstance(column, Coded):
            return list(map(column.values.__getitem__, several(column.codes)))
        return cast("Sequence[Any]", several(column))

    return pick


def _packed(name: str) -> Column:
    """Return an empty column of a table of captures alone."""
    return cast("Column", array("q") if name in PACKED else _FIXED.get(name, Coded)())


class Logged(NamedTuple):
    """What a log tells of a row besides the columns."""

    file: str
    """Identifier of the file, where the source is a rotated set."""
    reporter: str = ""
    """Who saw it: two reporters of one log may report one flow."""
    also: tuple[tuple[str, int], tuple[str, int]] | None = None
    """Both ends on the other side of an address translation that the log itself proves."""
    workloads: tuple[str, str] = ("", "")
    """Who the ends are, as the log tells (``kind:namespace/name``); empty for what it does not."""
    ran_in: str = ""
    """Host name of the provider's endpoint in the region that processed the call."""
    told: str = ""
    """What else the log tells of the destination's place: ``country …; region …``."""
    request: bool = False
    """It is a request, of which one connection may carry several."""
    upstream: str = ""
    """Address that a proxy says it contacted for it; empty where it says none."""


NOTHING_LOGGED = Logged("")
"""Of a row that no log tells more of."""


@dataclass(slots=True)
class FlowTable:
    """Columns of equal length; row ``i`` is the flow ``i`` in the order in which flows ended."""

    columns: dict[str, Column] = field(default_factory=_empty)
    logged: dict[int, Logged] = field(default_factory=dict)
    """By row, for those that come from a log."""

    def __len__(self) -> int:
        return len(self.columns["start"])

    @classmethod
    def packed(cls) -> FlowTable:
        """Return an empty table for captures alone, which takes a third less memory and passes between processes sooner."""
        return cls({name: _packed(name) for name in _empty()})

    def is_packed(self) -> bool:
        """Return whether it holds captures alone."""
        name: Any = self.columns["name"]
        return isinstance(name, Coded)

    def unpack(self) -> None:
        """Get ready for rows of logs, which leave out numbers."""
        self.columns = {name: list(column) for name, column in self.columns.items()}

    def extend(self, other: FlowTable) -> None:
        """Add all rows of another table, of a capture that is not in this one, and take them out of there."""
        before = len(self)
        for name, column in self.columns.items():
            rows = other.columns.pop(name)
            column.extend((before + winner for winner in rows) if name == "winner" else rows)

    def add_columns(self, columns: dict[str, Column]) -> None:
        """Add flows by column; each counts for itself."""
        before, count = len(self), len(columns["start"])
        for name, values in columns.items():
            self.columns[name].extend(values)
        self.columns["winner"].extend(range(before, before + count))

    def append(self, flow: Flow, source_id: str) -> None:
        """Add a flow that has ended or is taken out."""
        for half in flow.halves:
            if half.stream is not None and half.stream.keeping and half.payload:
                look(half, half.stream, last=True)
        client, rule = orient(flow)
        out, back = flow.halves[client], flow.halves[1 - client]
        source, destination = flow.ends[client], flow.ends[1 - client]
        found = out.finding, back.finding
        finding = finding_between(found, flow.carries or flow.noise or protocol_between(flow.protocol, destination[1]))
        row = (
            *(flow.first, flow.last, text(source[0]), source[1], text(destination[0]), destination[1]),
            *(_TRANSPORTS.get(flow.protocol, _OTHER), flow.vlans[0] if flow.vlans else None, flow.vni, rule.value),
            *(out.packets, back.packets, out.payload, back.payload, out.wire, back.wire, _state(flow, client)),
            *(finding.name, finding.rung.value, finding.protocol, flow.first_frame, flow.last_frame, source_id),
            *("|".join(_loss_flags(flow)), finding.server_name, flow.tunnel),
            *((text(flow.outer[client]), text(flow.outer[1 - client])) if flow.outer else ("", "")),
            *(community_id(*flow.ends, flow.protocol, flow.icmp), flow.noise),
            *(finding.hidden, certificate_name(found), tuple(flow.frames), out.isn if out.isn is not None else back.isn),
            *(flow.first_payload, (source_id,), len(self)),
        )
        for column, value in zip(self.columns.values(), row, strict=True):
            column.append(value)


def protocol_between(protocol: int, port: int) -> str:
    """Return the application protocol that the IP protocol or the server's port means by itself, empty for none."""
    return _PORT_PROTOCOLS.get((protocol, port), _OTHER_PROTOCOLS.get(protocol, ""))


def finding_between(found: Sequence[Finding | None], protocol: str) -> Finding:
    """Return what both halves together tell, the client's first: its bytes name the destination; else the ``protocol``."""
    for side in (Side.CLIENT, Side.EITHER, Side.SERVER):
        for finding in found:
            if finding is not None and finding.side is side and finding.protocol:
                hidden = finding.hidden or (finding.protocol == "tls" and not finding.name)
                if finding.rung is NameRung.CERTIFICATE:  # DNS says more: see certificate_name
                    return Finding(finding.protocol, side, hidden=True)
                return finding if hidden == finding.hidden else finding._replace(hidden=hidden)
    return Finding(protocol)


def certificate_name(found: Sequence[Finding | None]) -> str:
    """Return the name that a certificate of either side shows, empty for none."""
    return next((finding.name for finding in found if finding is not None and finding.rung is NameRung.CERTIFICATE), "")


def _state(flow: Flow, client: int) -> str:
    """Return the state word of docs/flow_table.md."""
    out, back = flow.halves[client], flow.halves[1 - client]
    if flow.unreachable and not back.packets and (flow.protocol == UDP or not out.payload):
        return "icmp_unreachable"
    if flow.protocol != TCP:
        return "answered" if back.packets else "one_way"
    if out.syn and not back.synack and not out.payload and not back.payload:
        return "refused" if back.rst else "unanswered"
    if out.rst or back.rst:
        return "reset"
    if out.fin and back.fin:
        return "closed"
    return "established" if out.syn and back.synack else "partial"


def _loss_flags(flow: Flow) -> list[str]:
    one, two = flow.halves
    streams = (one.stream, two.stream)
    flags = (
        ("cut", flow.cut),
        ("evicted", flow.evicted),
        ("fragment", flow.torn),
        ("gap", any(stream is not None and stream.missing() for stream in streams)),
        ("midstream", flow.protocol == TCP and not (one.syn or one.synack or two.syn or two.synack)),
        ("no_timestamp", not flow.timed),
        ("one_way", not (one.packets and two.packets)),
    )
    return [name for name, holds in flags if holds]
