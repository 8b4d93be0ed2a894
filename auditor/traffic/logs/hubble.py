"""Cilium Hubble: JSON of ``hubble observe -o jsonpb`` and of the exporter; each line is an event of a flow, not a flow.

Source: Cilium's api/v1/flow/flow.proto and observer.proto (read 2026-11), and 1,916 real events (facts F5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.hosts import normalise_host
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.fields import address
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.hubble_workloads import Known, workload_at
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import ACK, FIN, RST, SYN, End, Leg, Reach
from auditor.traffic.logs.names import host_of
from auditor.traffic.logs.record import Action, LogLookup, LogRecord, Place
from auditor.traffic.logs.shapes import HUBBLE, HUBBLE_EVENT, note_words
from auditor.traffic.logs.values import Values

_EVENTS = ("flow", "lost_events", "node_status", "agent_event", "debug_event")
_KNOWN = frozenset(
    {
        "time", "uuid", "verdict", "drop_reason", "drop_reason_desc", "auth_type", "ethernet", "IP", "l4", "source",
        "destination", "Type", "node_name", "node_labels", "source_names", "destination_names", "l7", "reply", "is_reply",
        "event_type", "source_service", "destination_service", "traffic_direction", "policy_match_type",
        "trace_observation_point", "trace_reason", "debug_capture_point", "interface", "proxy_port", "trace_context",
        "sock_xlate_point", "socket_cookie", "cgroup_id", "Summary", "emitter", "extensions", "file", "ip_trace_id",
        "policy_log", "egress_allowed_by", "ingress_allowed_by", "egress_denied_by", "ingress_denied_by", "aggregate",
    }
)  # fmt: skip
_PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132, "ICMPv4": 1, "ICMPv6": 58}
_FLAGS = {"FIN": FIN, "SYN": SYN, "RST": RST, "ACK": ACK}
_ACTIONS = {
    "FORWARDED": Action.PASSED, "REDIRECTED": Action.PASSED, "DROPPED": Action.DENIED, "ERROR": Action.FAILED,
    "AUDIT": Action.AUDITED, "TRACED": Action.UNSAID, "TRANSLATED": Action.UNSAID,
    "VERDICT_UNKNOWN": Action.UNSAID, "": Action.UNSAID,
}  # fmt: skip
_BY_POLICY = frozenset({"POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED", "DENIED_BY_LB_SRC_RANGE_CHECK", ""})
"""Reasons of a drop that are a policy's; the others are faults and leave the flow failed, not denied."""
_L7 = ("dns", "http", "kafka")


def _recognise(head: Head) -> bool:
    first = head.objects[:1]
    return bool(first) and any(_flow(record) is not None or _EVENTS[1] in record or _EVENTS[2] in record for record in first)


def _flow(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the flow of a record: inside ``flow``, or the record itself as old versions wrote it."""
    inner = record.get("flow", record)
    return (
        inner
        if isinstance(inner, dict) and "verdict" in inner and ("IP" in inner or "Type" in inner or "ethernet" in inner)
        else None
    )


def _read(task: Task) -> Iterator[LogRecord]:
    folder, services = Folder(task.coverage), _Services()
    known: Known = {}
    for file in task.files:
        for line, record in records(file, HUBBLE):
            flow = _flow(record)
            if flow is None:
                _event(record, task.coverage)
                continue
            task.coverage.records += 1
            if not _KNOWN.issuperset(flow):
                note_words(flow.keys() - _KNOWN, task.coverage)
            if flow is not record and not HUBBLE_EVENT.issuperset(record):
                note_words(record.keys() - HUBBLE_EVENT, task.coverage)
            values = Values(flow, task.coverage)
            task.coverage.word(task.coverage.reporters, values.text("node_name"))
            place = Place(file.id, line)
            if flow.get("l7"):
                yield from _lookup(place, values, known)
            leg = _leg(place, values, services, known)
            if leg is not None:
                yield from folder.add(leg)
    yield from folder.finish()


def _event(record: Mapping[str, Any], coverage: LogCoverage) -> None:
    """Count an event that is no flow; one that tells of lost events above all."""
    lost = record.get("lost_events")
    if isinstance(lost, dict):
        coverage.passed_over["lost_events"] += 1
        counted = Values(lost, coverage).count("num_events_lost")
        if counted is None:
            coverage.lost_uncounted += 1
        else:
            coverage.lost += counted
        return
    kind = next((name for name in _EVENTS if name in record), "")
    if kind and kind != "flow":
        coverage.passed_over[kind] += 1
    else:
        coverage.skip("no_flow")


class _Services:
    """Service addresses that the socket load balancer turned into those of backends, by socket."""

    def __init__(self) -> None:
        self._asked: dict[str, End] = {}
        self._behind: dict[tuple[str, End], End] = {}

    def translate(self, values: Values, source: str, destination: End) -> bool:
        """Take a translation event; return whether the event was one (it is no traffic)."""
        point, cookie = values.text("sock_xlate_point"), values.text("socket_cookie")
        if not point:
            return False
        if point.startswith("SOCK_XLATE_POINT_PRE_DIRECTION_FWD"):
            self._asked[cookie] = destination
        elif point.startswith("SOCK_XLATE_POINT_POST_DIRECTION_FWD") and cookie in self._asked:
            self._behind[source, destination] = self._asked[cookie]
        values.coverage.passed_over["socket_translation"] += 1
        return True

    def of(self, source: str, destination: End) -> End | None:
        """Return the service that ``source`` dialled when its packets go to ``destination``."""
        return self._behind.get((source, destination))


def _leg(place: Place, values: Values, services: _Services, known: Known) -> Leg | None:
    time = values.iso("time")
    values.coverage.saw(time)
    ip = values.inner("IP")
    source, destination = ip.address("source"), ip.address("destination")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    number, ports, flags, evidence = _layer4(values)
    sender, receiver = (source, ports[0]), (destination, ports[1])
    if services.translate(values, source, receiver):
        return None
    reply = _reply(values)
    action, word, told = _verdict(values)
    name, rung, path, protocol = _names(values, reply=bool(reply))
    xlated = ip.address("source_xlated")
    return Leg(
        place=place,
        sender=sender,
        receiver=receiver,
        number=number,
        start=time,
        end=time,
        receiver_dialled=_dialled(reply, flags),
        rule="log" if reply is not None else "syn" if flags is not None and not flags & ACK else "syn_ack",
        flags=flags,
        whole=False,
        action=action,
        word=word,
        reporter=values.text("node_name"),
        reach=_reach(values),
        by_sender=workload_at(values, "source", known),
        by_receiver=workload_at(values, "destination", known),
        name=name,
        rung=rung,
        protocol=protocol,
        path=path,
        evidence=(*evidence, *told),
        translated_sender=(xlated, None) if xlated else None,
        translated_receiver=None if reply else services.of(source, receiver),
    )


def _layer4(values: Values) -> tuple[int | None, tuple[int | None, int | None], int | None, tuple[tuple[str, str], ...]]:
    """Return protocol number, ports, TCP flags and what else the transport header tells."""
    l4 = values.inner("l4")
    name = next((name for name in _PROTOCOLS if name in l4.record), "")
    if not name:
        values.coverage.note("no_transport")
        return None, (None, None), None, ()
    header = l4.inner(name)
    if name.startswith("ICMP"):
        kind = f"{header.count('type') or 0}/{header.count('code') or 0}"
        return _PROTOCOLS[name], (0, 0), None, (("icmp", kind),)
    ports = header.port("source_port"), header.port("destination_port")
    raised = header.record.get("flags")
    flags = sum(bit for word, bit in _FLAGS.items() if raised.get(word) is True) if isinstance(raised, dict) else None
    return _PROTOCOLS[name], ports, flags, ()


def _reply(values: Values) -> bool | None:
    """Return whether it is a reply; absent is unknown, and the older ``reply`` can only say yes (facts F5)."""
    told = values.record.get("is_reply")
    if isinstance(told, bool):
        return told
    return True if values.record.get("reply") is True else None


def _dialled(reply: bool | None, flags: int | None) -> bool | None:
    if reply is not None:
        return reply
    return bool(flags & ACK) if flags is not None and flags & SYN else None


def _verdict(values: Values) -> tuple[Action, str, tuple[tuple[str, str], ...]]:
    word, reason = values.text("verdict"), values.text("drop_reason_desc")
    if word not in _ACTIONS:
        values.coverage.note(f"verdict:{word}")
        return Action.UNSAID, word, ()
    action = _ACTIONS[word]
    if word == "DROPPED" and reason not in _BY_POLICY:
        action = Action.FAILED
    return action, word, (("drop_reason", reason),) if reason else ()


def _reach(values: Values) -> Reach:
    """Return how far the event proves that packets got: handed to a proxy is not yet on its way (facts F5)."""
    point, verdict = values.text("trace_observation_point"), values.text("verdict")
    if verdict == "REDIRECTED" or point == "TO_PROXY":
        return Reach.PROXIED
    return Reach.SEEN if point.startswith("FROM_") or verdict in ("TRACED", "VERDICT_UNKNOWN", "") else Reach.REACHED


def _names(values: Values, *, reply: bool) -> tuple[str, NameRung, str, str]:
    """Return the name of who was dialled, its rung, the path asked for, and the application protocol."""
    l7 = values.inner("l7")
    protocol = next((name for name in _L7 if name in l7.record), "")
    if protocol == "http":
        url = l7.inner("http").text("url")
        rest = url.partition("://")[2]
        host, _, path = rest.partition("/")
        name = host_of(host, values.coverage)
        if name:
            return name, NameRung.HTTP_HOST, "/" + path.partition("?")[0], protocol
        return "", NameRung.NONE, "/" + path.partition("?")[0] if rest else "", protocol
    names = values.texts("source_names" if reply else "destination_names")
    if len(names) == 1:
        return normalise_host(names[0]), NameRung.DNS_SAME_CLIENT, "", protocol
    if names:
        values.coverage.note("several_names")
    return "", NameRung.NONE, "", protocol


def _lookup(place: Place, values: Values, known: Known) -> Iterator[LogLookup]:
    l7 = values.inner("l7")
    dns = l7.inner("dns")
    name = dns.text("query")
    if not name:
        return
    reply = l7.text("type") == "RESPONSE"
    asker, server = ("destination", "source") if reply else ("source", "destination")
    ip = values.inner("IP")
    kinds = dns.texts("qtypes")
    rcode = dns.count("rcode") or 0
    yield LogLookup(
        place=place,
        client=ip.address(asker),
        name=normalise_host(name),
        addresses=tuple(found for text in dns.texts("ips") if (found := address(text))),
        time=values.iso("time"),
        server=ip.address(server),
        kind=",".join(kinds),
        outcome=_RCODES.get(rcode, str(rcode)) if reply else "",
        action=_verdict(values)[0],
        reporter=values.text("node_name"),
        workload=workload_at(values, asker, known),
    )


_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}

FORMAT = LogFormat("hubble", "Cilium Hubble", _recognise, _read, (Blind.COUNTS,))
