"""Zeek: the conn log, with what the ssl, quic, http, socks and tunnel logs say of the same ``uid``, and the dns log.

Source: Zeek documentation, base/protocols/conn, dns, ssl, quic, http, socks, base/frameworks/tunnels (read 2026-11).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from auditor.facts.hosts import normalise_host
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.internet import ICMPV6
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import address, protocol_number, transport
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.names import Told
from auditor.traffic.logs.record import LogFlow, LogLookup, LogRecord, Place
from auditor.traffic.logs.values import Values
from auditor.traffic.logs.zeek_names import KNOWN, Joined
from auditor.traffic.logs.zeek_records import ZeekRecord, count_unknown, path_of, read, recognise

_LATE = frozenset({"open_conn", "conn_open", "conn_long"})
"""Logs of connections that are still open: superseded by the conn log's line of the same uid."""
_HELD = 20_000
"""Connections held back, so that lines which stand shortly after theirs in a mixed log are joined as well."""
_WITH_PORTS = frozenset({Transport.TCP, Transport.UDP, Transport.SCTP})
_NOTHING = Told()
"""What is known of a connection that no other log tells of; never changed."""
_LOSS = frozenset({"capture_loss", "stats"})
_LOCAL_PORTS = frozenset({137, 5353, 5355})
"""NBNS, mDNS, LLMNR: answers of the link, which name nothing beyond it (facts T20)."""
_TCP_STATES = {
    "S0": "unanswered", "S1": "established", "SF": "closed", "REJ": "refused", "S2": "established", "S3": "established",
    "RSTO": "reset", "RSTR": "reset", "RSTOS0": "unanswered", "RSTRH": "partial", "SH": "unanswered", "SHR": "partial",
    "OTH": "partial",
}  # fmt: skip
_CONN = frozenset(
    {
        "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration", "orig_bytes",
        "resp_bytes", "conn_state", "local_orig", "local_resp", "missed_bytes", "history", "orig_pkts", "orig_ip_bytes",
        "resp_pkts", "resp_ip_bytes", "tunnel_parents", "ip_proto", "vlan", "inner_vlan", "orig_l2_addr", "resp_l2_addr",
        "community_id", "_write_ts", "_system_name", "_node", "speculative_service", "failed_service", "duration_since_open",
    }
)  # fmt: skip
_DNS = frozenset(
    {
        "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "trans_id", "rtt", "query", "qclass",
        "qclass_name", "qtype", "qtype_name", "rcode", "rcode_name", "AA", "TC", "RD", "RA", "Z", "answers", "TTLs",
        "rejected", "opcode", "opcode_name", "auth", "addl", "_write_ts", "_system_name", "_node",
    }
)  # fmt: skip


def _read(task: Task) -> Iterator[LogRecord]:
    """Yield look-ups and connections: first the logs that are joined, then those that need them."""
    joined = Joined()
    late: dict[str, LogFlow] = {}
    held: deque[ZeekRecord] = deque()
    for file in sorted(task.files, key=_turn):
        for record in read(file):
            if record.path == "conn":
                held.append(record)
                if len(held) > _HELD:
                    yield from _conn(file.id, held.popleft(), joined, late, task.coverage)
            else:
                yield from _other(file.id, record, joined, late, task.coverage)
        while held:
            yield from _conn(file.id, held.popleft(), joined, late, task.coverage)
    for flow in late.values():
        yield replace(flow, state="established" if flow.state == "partial" else flow.state)


def _turn(file: LogInput) -> tuple[int, str]:
    """Return when a file is read: what others are joined with comes first."""
    path = path_of(file)
    return (0 if path in KNOWN else 1 if path in _LATE else 2, file.id)


def _other(file: str, record: ZeekRecord, joined: Joined, late: dict[str, LogFlow], coverage: LogCoverage) -> Iterator[LogRecord]:
    """Take a line that is no connection; yield it when it is a look-up."""
    values = Values(record.fields, coverage)
    path = record.path
    if path in KNOWN:
        coverage.records += 1
        joined.add(record, values)
    elif path == "dns":
        coverage.records += 1
        count_unknown(coverage, record, _DNS)
        yield from _lookup(Place(file, record.line), values)
    elif path in _LATE:
        coverage.records += 1
        flow = _flow(Place(file, record.line), values, joined)
        if flow is not None:
            late[flow.flow_key] = flow
    elif path in _LOSS:
        coverage.passed_over[f"log:{path}"] += 1
        coverage.lost += (values.count("gaps") or 0) + (values.count("pkts_dropped") or 0)
    else:
        coverage.word(coverage.passed_over, f"log:{path or 'unnamed'}")


def _lookup(place: Place, values: Values) -> Iterator[LogRecord]:
    time, name = values.moment("ts"), values.text("query")
    values.coverage.saw(time)
    if values.port("id.resp_p") in _LOCAL_PORTS:
        values.coverage.passed_over["local_lookup"] += 1
        return
    if not name:
        values.coverage.passed_over["lookup_without_question"] += 1
        return
    yield LogLookup(
        place=place,
        client=values.address("id.orig_h"),
        name=normalise_host(name),
        addresses=tuple(found for answer in values.texts("answers") if (found := address(answer))),
        time=time,
        server=values.address("id.resp_h"),
        kind=values.text("qtype_name"),
        outcome=values.text("rcode_name"),
        reporter=values.text("_system_name") or values.text("_node"),
    )


def _conn(file: str, record: ZeekRecord, joined: Joined, late: dict[str, LogFlow], coverage: LogCoverage) -> Iterator[LogRecord]:
    coverage.records += 1
    count_unknown(coverage, record, _CONN)
    values = Values(record.fields, coverage)
    flow = _flow(Place(file, record.line), values, joined)
    if flow is None:
        return
    if late.pop(flow.flow_key, None) is not None:
        coverage.passed_over["superseded_by_conn"] += 1
    yield flow


def _flow(place: Place, values: Values, joined: Joined) -> LogFlow | None:
    """Return the connection of a conn line, ``None`` after counting one that names no ends."""
    start, duration = values.moment("ts"), values.seconds("duration")
    end = None if start is None else start + (duration or 0)
    values.coverage.saw(start)
    values.coverage.reaches(end)
    source, destination = values.address("id.orig_h"), values.address("id.resp_h")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    number = values.count("ip_proto") or protocol_number(values.text("proto"))
    kind = transport(number) or Transport.OTHER
    if kind is Transport.ICMP and ":" in source:  # Zeek calls both versions icmp
        kind, number = Transport.ICMPV6, ICMPV6
    uid = values.text("uid")
    told = joined.by_uid.get(uid) or _NOTHING
    counts = _counts(values, parent=bool(told.tunnel))
    names = _names(told, values.text("service"))
    return LogFlow(
        place=place,
        start=start,
        end=end,
        src_addr=source,
        src_port=values.port("id.orig_p") if kind in _WITH_PORTS else 0,
        dst_addr=destination,
        dst_port=values.port("id.resp_p") if kind in _WITH_PORTS else 0,
        transport=kind,
        protocol_number=number,
        vlan=values.count("vlan"),
        orientation_rule=_rule(values.text("history")),
        loss_flags=_loss(values, kind),
        community_id=values.text("community_id"),
        reporter=values.text("_system_name") or values.text("_node"),
        flow_key=uid,
        evidence=_evidence(values, kind, parent=bool(told.tunnel)),
        **counts,
        **names,
        **_judged(kind, counts, values, plain=not names["app_protocol"]),
        **_tunnel(values, joined),
    )


def _counts(values: Values, *, parent: bool) -> dict[str, Any]:
    """Return packets and bytes; the bytes of what encapsulates other flows are theirs, and not told twice."""
    found: dict[str, Any] = {"packets_out": values.count("orig_pkts"), "packets_in": values.count("resp_pkts")}
    if not parent:
        found["payload_out"], found["payload_in"] = values.count("orig_bytes"), values.count("resp_bytes")
        found["wire_out"], found["wire_in"] = values.count("orig_ip_bytes"), values.count("resp_ip_bytes")
    return found


def _names(told: Told, service: str) -> dict[str, Any]:
    name, rung = told.name()
    protocol = told.tunnel or told.protocol(service)
    hidden = protocol in ("tls", "quic") and rung not in (NameRung.SNI, NameRung.PROXY_AUTHORITY)
    return {
        "name": name,
        "name_rung": rung,
        "hidden": hidden,
        "server_name": told.shown,
        "app_protocol": protocol,
        "path": told.path,
    }


def _judged(kind: Transport, counts: dict[str, Any], values: Values, *, plain: bool) -> dict[str, Any]:
    """Return the state, and whether data flowed; ``plain``: no protocol was recognised above the transport."""
    word = values.text("conn_state")
    tcp = kind is Transport.TCP
    if word and word not in _TCP_STATES:
        values.coverage.note("field_invalid:conn_state")
    answered = bool(counts["packets_in"]) or word in ("SF", "SHR")
    state = (
        _TCP_STATES.get(word, "") if tcp else "answered" if answered else "one_way" if word or counts["packets_in"] == 0 else ""
    )
    out, back = counts.get("payload_out"), counts.get("payload_in")
    reason = ""
    if tcp and plain and not (out or back):
        if state in ("refused", "unanswered"):
            reason = state
        elif out == 0 and back == 0:
            reason = "no_payload"
    sighting = Sighting.ATTEMPT if reason else Sighting.DATA
    return {"state": state, "action_word": word, "sighting": sighting, "attempt_reason": reason}


def _tunnel(values: Values, joined: Joined) -> dict[str, Any]:
    """Return the tunnel that a connection came through, with the ends of the outermost one."""
    parents = values.texts("tunnel_parents")
    outer = [told for uid in parents if (told := joined.by_uid.get(uid)) is not None and told.tunnel]
    if not outer:
        return {}
    return {
        "tunnel": "|".join(told.tunnel for told in outer),
        "outer_src_addr": outer[0].ends[0],
        "outer_dst_addr": outer[0].ends[1],
    }


def _rule(history: str) -> str:
    if "^" in history:
        return "service_port"  # Zeek turned the connection round, which it does by well-known ports
    if "S" in history:
        return "syn"
    return "syn_ack" if "h" in history else "log"


def _loss(values: Values, kind: Transport) -> tuple[str, ...]:
    history = values.text("history")
    flags = {
        "gap": bool(values.count("missed_bytes")) or "g" in history.lower(),
        "midstream": kind is Transport.TCP and bool(history) and not {"S", "s", "H", "h"} & set(history),
        "one_way": values.count("resp_pkts") == 0 or values.count("orig_pkts") == 0,
    }
    return tuple(name for name, holds in flags.items() if holds)


def _evidence(values: Values, kind: Transport, *, parent: bool) -> tuple[tuple[str, str], ...]:
    found = []
    if kind in (Transport.ICMP, Transport.ICMPV6):
        found.append(("icmp", f"{values.text('id.orig_p')}/{values.text('id.resp_p')}"))
    if parent:
        found.append(("tunnel", "its counts are those of the flows inside"))
    return tuple(found)


FORMAT = LogFormat("zeek", "Zeek", recognise, _read, ())
