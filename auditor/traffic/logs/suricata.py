"""Suricata eve.json: flow events, with what the tls, quic, http and drop events of the same ``flow_id`` say.

Source: Suricata User Guide, "Eve JSON Format" and its JSON schema, versions 4 to 8 (read 2026-11). Trap F7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import PROTOCOLS, host_name, protocol_number, transport
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import RST, SYN, Leg
from auditor.traffic.logs.names import Told, take_request
from auditor.traffic.logs.record import Action, LogFlow, LogRecord, Place
from auditor.traffic.logs.shapes import SURICATA
from auditor.traffic.logs.suricata_dns import Questions
from auditor.traffic.logs.suricata_ends import OF_PACKETS, of_client
from auditor.traffic.logs.values import Values

MOST_JOINED = 1_000_000
"""Flows whose other events are kept until their flow event comes; later ones are counted and not joined."""
_KNOWN = frozenset(
    {
        "timestamp", "flow_id", "in_iface", "event_type", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "ip_v",
        "app_proto", "app_proto_ts", "app_proto_tc", "app_proto_orig", "app_proto_expected", "flow", "community_id", "tcp",
        "vlan", "host", "icmp_type", "icmp_code", "response_icmp_type", "response_icmp_code", "pkt_src", "parent_id",
        "tx_id", "tx_cnt", "metadata", "tls", "quic", "http", "dns", "drop", "verdict", "netflow", "stats", "ether",
        "tunnel", "direction", "pcap_cnt", "pcap_filename", "spi", "log_level", "xff", "capture_file", "tenant_id", "files",
        "alert", "anomaly", "http2",
    }
)  # fmt: skip
_NO_PROTOCOL = frozenset({"failed", "unknown", ""})
_TCP_STATES = {"established": "established", "closed": "closed", "syn_sent": "unanswered", "none": "partial", "": ""}
_WITH_PORTS = frozenset({Transport.TCP, Transport.UDP, Transport.SCTP})


@dataclass(slots=True)
class _Flows:
    """What is known of flows that have not ended yet, by ``flow_id``."""

    coverage: LogCoverage
    told: dict[str, Told] = field(default_factory=dict)
    first: dict[str, tuple[Place, Mapping[str, Any]]] = field(default_factory=dict)
    """First event of each such flow: all there is of it when no flow event comes."""
    ended: set[str] = field(default_factory=set)
    drops: int = 0
    """Packets that the kernel dropped, as the last statistics told."""

    def of(self, place: Place, values: Values) -> Told | None:
        """Return what is known of the flow of an event, ``None`` past the limit."""
        key = values.text("flow_id")
        found = self.told.get(key)
        if found is None:
            if len(self.told) >= MOST_JOINED or not key:
                self.coverage.note("join_over_limit" if key else "no_flow_id")
                return None
            found = self.told[key] = Told()
            self.first[key] = (place, values.record)
        return found


def _recognise(head: Head) -> bool:
    return any("event_type" in record and "timestamp" in record for record in head.objects[:1])


def _read(task: Task) -> Iterator[LogRecord]:
    flows, questions, folder = _Flows(task.coverage), Questions(), Folder(task.coverage)
    for file in task.files:
        for line, record in records(file, SURICATA):
            place, values = Place(file.id, line), Values(record, task.coverage)
            task.coverage.records += 1
            time = values.iso("timestamp")
            task.coverage.saw(time)
            for name in record.keys() - _KNOWN:
                if not isinstance(record[name], dict) or name != record.get("event_type"):
                    task.coverage.word(task.coverage.unknown_fields, name)
            if record.get("event_type") == "dns":
                yield from questions.lookups(place, values, time)
            else:
                yield from _event(place, values, flows, folder)
    for place, record in flows.first.values():
        yield from _unfinished(place, Values(record, task.coverage), flows)
    for flow in folder.finish():
        if flow.flow_key in flows.ended:
            task.coverage.passed_over["netflow_of_a_flow"] += flow.place.lines
        else:
            yield flow


def _event(place: Place, values: Values, flows: _Flows, folder: Folder) -> Iterator[LogRecord]:
    kind = values.text("event_type")
    if kind == "flow":
        key = values.text("flow_id")
        if len(flows.ended) < MOST_JOINED:
            flows.ended.add(key)
        flows.first.pop(key, None)
        yield from _flow(place, values, flows.told.pop(key, Told()))
    elif kind in ("tls", "quic", "http", "drop"):
        told = flows.of(place, values)
        if told is not None:
            _tell(told, kind, values)
    elif kind == "netflow":
        leg = _netflow(place, values)
        if leg is not None:
            yield from folder.add(leg, values.text("flow_id"))
    elif kind == "stats":
        values.coverage.passed_over["event:stats"] += 1
        _count_drops(values, flows)
    elif not _sighted(place, values, flows):
        values.coverage.word(values.coverage.passed_over, f"event:{kind or 'unnamed'}")


def _sighted(place: Place, values: Values, flows: _Flows) -> bool:
    """Remember a flow of which an alert, a file or a protocol's own event tells; return whether it is one that had not ended."""
    key = values.text("flow_id")
    if not key or key in flows.ended or not (values.text("src_ip") and values.text("dest_ip")):
        return False
    told = flows.of(place, values)
    for kind in ("tls", "quic", "http"):
        if told is not None and isinstance(values.record.get(kind), dict):
            _tell(told, kind, values)
    return told is not None


def _tell(told: Told, kind: str, values: Values) -> None:
    inner = values.inner(kind)
    if kind == "drop":
        told.dropped = True
    elif kind == "http":
        take_request(told, inner.text("http_method"), inner.text("url"), inner.text("hostname"), values.coverage)
    else:
        told.tls, told.quic = True, told.quic or kind == "quic"
        told.shown = told.shown or inner.text("sni")
        told.sni = told.sni or host_name(told.shown)


def _count_drops(values: Values, flows: _Flows) -> None:
    """Count packets that the kernel dropped; the number only grows until Suricata starts again."""
    capture = values.inner("stats").inner("capture")
    now = (capture.count("kernel_drops") or 0) + (capture.inner("dpdk").count("imissed") or 0)
    values.coverage.lost += now - flows.drops if now >= flows.drops else now
    flows.drops = now


def _flow(place: Place, values: Values, told: Told) -> Iterator[LogRecord]:
    base = _base(place, values, told)
    if base is None:
        return
    inner, tcp = values.inner("flow"), values.inner("tcp")
    start, end = inner.iso("start"), inner.iso("end")
    values.coverage.reaches(start)
    values.coverage.reaches(end)
    out, back = _flags(tcp, "tcp_flags_ts"), _flags(tcp, "tcp_flags_tc")
    dropped = told.dropped or "drop" in (inner.text("action"), values.inner("verdict").text("action"))
    answers = inner.count("pkts_toclient")
    yield LogFlow(
        **base,
        start=start,
        end=end if end is not None else start,
        orientation_rule="syn" if (out or 0) & SYN else "log",
        packets_out=inner.count("pkts_toserver"),
        packets_in=answers,
        wire_out=inner.count("bytes_toserver"),
        wire_in=inner.count("bytes_toclient"),
        action=Action.DENIED if dropped else Action.UNSAID,
        action_word="drop" if dropped else inner.text("action"),
        **_judged(base["transport"], tcp.text("state"), (out, back), answers, dropped=dropped),
    )


def _judged(
    kind: Transport | None, state: str, flags: tuple[int | None, int | None], answers: int | None, *, dropped: bool
) -> dict[str, Any]:
    """Return the state, and whether only an attempt left."""
    out, back = flags[0], flags[1] or 0
    tcp, silent = kind is Transport.TCP, answers == 0
    refused = tcp and out is not None and out & ~RST == SYN and bool(back & RST) and not back & SYN
    unanswered = tcp and silent and (out == SYN or (out is None and state == "syn_sent"))
    if tcp:
        ended = "reset" if ((out or 0) | back) & RST else _TCP_STATES.get(state, "partial")
        found = "refused" if refused else "unanswered" if unanswered else ended
    else:
        found = "" if answers is None else "one_way" if silent else "answered"
    reason = "denied" if dropped and not answers else found if refused or unanswered else ""
    losses = {"midstream": tcp and out is not None and not (out | back) & SYN, "one_way": silent}
    return {
        "state": found,
        "sighting": Sighting.ATTEMPT if reason else Sighting.DATA,
        "attempt_reason": reason,
        "loss_flags": tuple(name for name, holds in losses.items() if holds),
    }


def _flags(tcp: Values, name: str) -> int | None:
    text = tcp.text(name)
    try:
        return int(text, 16) if text else None
    except ValueError:
        tcp.coverage.note(f"field_invalid:{name}")
        return None


def _base(place: Place, values: Values, told: Told) -> dict[str, Any] | None:
    """Return what every event tells of its flow by the names of its fields, ``None`` after counting one that names no ends."""
    source, destination = values.address("src_ip"), values.address("dest_ip")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    number = protocol_number(values.text("proto"))
    kind = transport(number)
    ports = kind is None or kind in _WITH_PORTS
    name, rung = told.name()
    app = values.text("app_proto")
    protocol = told.protocol("" if app in _NO_PROTOCOL else app) or PROTOCOLS.get(number or 0, "")
    return {
        "place": place,
        "src_addr": source,
        "src_port": values.port("src_port") if ports else 0,
        "dst_addr": destination,
        "dst_port": values.port("dest_port") if ports else 0,
        "transport": kind,
        "protocol_number": number,
        "vlan": _vlan(values),
        "name": name,
        "name_rung": rung,
        "hidden": protocol in ("tls", "quic") and rung is NameRung.NONE,
        "server_name": told.shown,
        "app_protocol": protocol,
        "reporter": values.text("host"),
        "community_id": values.text("community_id"),
        "flow_key": values.text("flow_id"),
        "path": told.path,
    }


def _vlan(values: Values) -> int | None:
    """Return the outermost tag; older versions write a number, newer ones a list."""
    vlans = values.record.get("vlan")
    if isinstance(vlans, list):
        return vlans[0] if vlans and isinstance(vlans[0], int) else None
    return values.count("vlan")


def _unfinished(place: Place, values: Values, flows: _Flows) -> Iterator[LogRecord]:
    """Yield a flow of which only other events are there: it had not ended when the log did, or flows are not logged."""
    key = values.text("flow_id")
    if key in flows.ended:
        values.coverage.note("event_behind_its_flow")
        return
    told = flows.told[key]
    values, rule = of_client(values)
    base = _base(place, values, told)
    if base is None:
        return
    values.coverage.note("flow_event_missing")
    time, start = values.iso("timestamp"), values.inner("flow").iso("start")
    denied = told.dropped and not (told.tls or told.http)
    kind = values.text("event_type")
    yield LogFlow(
        **{**base, "app_protocol": base["app_protocol"] or ("" if kind in OF_PACKETS else kind)},
        start=time if start is None else start,
        end=time,
        orientation_rule=rule,
        action=Action.DENIED if told.dropped else Action.UNSAID,
        sighting=Sighting.ATTEMPT if denied else Sighting.DATA,
        attempt_reason="denied" if denied else "",
    )


def _netflow(place: Place, values: Values) -> Leg | None:
    source, destination = values.address("src_ip"), values.address("dest_ip")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    inner = values.inner("netflow")
    flags = _flags(values.inner("tcp"), "tcp_flags")
    return Leg(
        place=place,
        sender=(source, values.port("src_port")),
        receiver=(destination, values.port("dest_port")),
        number=protocol_number(values.text("proto")),
        start=inner.iso("start"),
        end=inner.iso("end"),
        packets=inner.count("pkts"),
        wire=inner.count("bytes"),
        flags=flags,
        reporter=values.text("host"),
        key=values.text("flow_id"),
    )


FORMAT = LogFormat("suricata", "Suricata eve.json", _recognise, _read, (Blind.PAYLOAD,))
