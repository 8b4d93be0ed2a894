"""What the records of a flow say together: whether data flowed, what the log did with it, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs.fields import PROTOCOLS, transport
from auditor.traffic.logs.leg import FIN, RST, SYN, Counts, End, Leg, Reach
from auditor.traffic.logs.record import NOBODY, Action, LogFlow, Place, Workload

if TYPE_CHECKING:
    from auditor.traffic.logs.folding import Folded

_LONGEST_BARE_SEGMENT = 100
"""Bytes of an IPv6 packet with a TCP header full of options and nothing behind it (RFC 8200, RFC 9293)."""
_WITH_PORTS = frozenset({Transport.TCP, Transport.UDP, Transport.SCTP})


@dataclass(slots=True)
class Side:
    """All records in one direction."""

    legs: int = 0
    packets: int | None = None
    payload: int | None = None
    wire: int | None = None
    flags: int | None = None
    flags_unknown: bool = False
    """Not told, or not of all packets."""
    syn: int | None = None
    """Start of the earliest record with a SYN among its packets."""
    passed: bool = False
    unsaid: bool = False
    denied: bool = False
    failed: bool = False
    audited: bool = False
    workload: Workload = NOBODY
    translated: End | None = None

    def add(self, leg: Leg) -> None:
        """Count one record."""
        self.legs += 1
        self.packets = _sum(self.packets, leg.packets)
        self.payload = _sum(self.payload, leg.payload)
        self.wire = _sum(self.wire, leg.wire)
        self.flags_unknown |= leg.flags is None or not leg.whole
        if leg.flags is not None:
            self.flags = (self.flags or 0) | leg.flags
            if leg.flags & SYN and leg.start is not None and (self.syn is None or leg.start < self.syn):
                self.syn = leg.start
        self.passed |= leg.action is Action.PASSED
        self.unsaid |= leg.action is Action.UNSAID
        self.denied |= leg.action is Action.DENIED
        self.failed |= leg.action is Action.FAILED
        self.audited |= leg.action is Action.AUDITED

    def add_back(self, leg: Leg, counts: Counts) -> None:
        """Count what a record of the other direction says of this one; what a denied flow got back is the denial's own answer."""
        self.packets = _sum(self.packets, counts.packets)
        self.payload = _sum(self.payload, counts.payload)
        self.wire = _sum(self.wire, counts.wire)
        self.flags_unknown = True
        if counts.packets or counts.payload or counts.wire:
            self.legs += 1
            self.passed |= leg.action in (Action.PASSED, Action.UNSAID, Action.AUDITED)

    @property
    def let_through(self) -> bool:
        """Return whether anything in this direction went, or may have gone, on its way."""
        return self.passed or self.audited or self.unsaid


def _sum(one: int | None, two: int | None) -> int | None:
    return one if two is None else two if one is None else one + two


def flow_of(folded: Folded, source: End, destination: End, out: Side, back: Side, rule: str) -> LogFlow:
    """Return the flow from ``source``, who dialled, to ``destination``."""
    kind = transport(folded.first.number)
    reason = _attempt(kind, out, back)
    one_way = not (out.legs and back.legs)
    return LogFlow(
        **_told(folded, source, destination, out, back),
        transport=kind,
        orientation_rule=rule,
        state=_state(kind, out, back, reason),
        sighting=Sighting.ATTEMPT if reason else Sighting.DATA,
        attempt_reason=reason,
        action=_action(out, back),
        loss_flags=tuple(sorted(folded.loss | ({"one_way"} if one_way else set()))),
        evidence=tuple(sorted(folded.evidence | ({("proxied", "yes")} if folded.reach is Reach.PROXIED else set()))),
    )


def _told(folded: Folded, source: End, destination: End, out: Side, back: Side) -> dict[str, Any]:
    """Return what the records say, before it is judged, by the names of a flow's fields."""
    leg = folded.first
    kind = transport(leg.number)
    ports = kind is None or kind in _WITH_PORTS
    return {
        "place": Place(leg.place.file, leg.place.line, folded.lines),
        "start": folded.start,
        "end": folded.end,
        "src_addr": source[0],
        "src_port": source[1] if ports else 0,
        "dst_addr": destination[0],
        "dst_port": destination[1] if ports else 0,
        "protocol_number": leg.number,
        "vlan": leg.vlan,
        "vni": leg.vni,
        "packets_out": out.packets,
        "packets_in": back.packets,
        "payload_out": out.payload,
        "payload_in": back.payload,
        "wire_out": out.wire,
        "wire_in": back.wire,
        "name": folded.name,
        "name_rung": folded.rung if folded.name else NameRung.NONE,
        "app_protocol": folded.protocol or PROTOCOLS.get(leg.number or 0, ""),
        "action_word": "|".join(folded.words),
        "reporter": "|".join(sorted(folded.reporters)),
        "flow_key": leg.key,
        "translated_src": out.translated,
        "translated_dst": back.translated,
        "source": out.workload,
        "destination": back.workload,
        "path": folded.path,
    }


def _action(out: Side, back: Side) -> Action:
    """Return what the log did: what was let through even once was let through; replies decide where nothing else is logged."""
    told = out if out.legs else back
    if told.passed:
        return Action.PASSED
    if told.audited:
        return Action.AUDITED
    if told.unsaid:
        return Action.UNSAID
    if told.denied:
        return Action.DENIED
    return Action.FAILED if told.failed else Action.UNSAID


def _attempt(kind: Transport | None, out: Side, back: Side) -> str:
    """Return why the flow is only an attempt; empty for data and in doubt."""
    if back.let_through:
        if kind is Transport.TCP and back.flags is not None and not back.flags_unknown and _refused(out, back):
            return "refused"
        return ""
    if not out.legs or out.let_through:
        return "unanswered" if kind is Transport.TCP and not back.legs and _only_syn(out) else ""
    return "denied" if out.denied else "failed"


def _refused(out: Side, back: Side) -> bool:
    """Tell a reset in answer to a SYN: nothing but a SYN went out, and no SYN came back."""
    return _only_syn(out) and bool((back.flags or 0) & RST) and not (back.flags or 0) & SYN


def _only_syn(out: Side) -> bool:
    """Tell that only bare SYN packets went out: by their flags, and by sizes that leave no room for payload."""
    if out.flags_unknown or (out.flags or 0) & ~RST != SYN or out.payload:
        return False
    return out.wire is None or out.wire <= (out.packets or 1) * _LONGEST_BARE_SEGMENT


def _state(kind: Transport | None, out: Side, back: Side, reason: str) -> str:
    if reason in ("refused", "unanswered"):
        return reason
    if kind is Transport.TCP:
        return _tcp_state(out.flags or 0, back.flags or 0) if not (out.flags is None and back.flags is None) else ""
    if back.legs:
        return "answered"
    return "one_way" if out.packets is not None else ""


def _tcp_state(out: int, back: int) -> str:
    if (out | back) & RST:
        return "reset"
    if out & back & FIN:
        return "closed"
    return "established" if (out | back) & SYN and back & SYN else "partial"
