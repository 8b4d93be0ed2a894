"""OCSF events: network, HTTP and DNS activity (classes 4001, 4002, 4003), as security lakes keep them.

Source: Open Cybersecurity Schema Framework 1.0 to 1.6, category Network Activity (read 2026-11). Trap F8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auditor.facts.blindness import Blind
from auditor.facts.hosts import normalise_host
from auditor.facts.vocabulary import NameRung
from auditor.traffic.logs.fields import address, host_name, protocol_number
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import ACK, SYN, Counts, Leg
from auditor.traffic.logs.record import NOBODY, Action, LogLookup, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import OCSF, note_words
from auditor.traffic.logs.values import Values

NETWORK, HTTP, DNS = 4001, 4002, 4003
_KNOWN = frozenset(
    {
        "class_uid", "class_name", "category_uid", "category_name", "activity_id", "activity_name", "type_uid", "type_name",
        "time", "time_dt", "start_time", "start_time_dt", "end_time", "end_time_dt", "severity", "severity_id", "status",
        "status_id", "status_code", "status_detail", "src_endpoint", "dst_endpoint", "connection_info", "traffic", "action",
        "action_id", "disposition", "disposition_id", "tls", "proxy", "proxy_endpoint", "app_name", "metadata", "cloud",
        "unmapped", "observables", "duration", "count", "message", "raw_data", "timezone_offset", "query", "query_time",
        "query_time_dt", "answers", "rcode", "rcode_id", "response_time", "response_time_dt", "http_request",
        "http_response", "actor", "device", "firewall_rule", "policy", "url", "enrichments", "ja4_fingerprint_list",
        "proxy_connection_info", "proxy_traffic", "load_balancer", "authorizations", "is_src_dst_assignment_known",
        "cumulative_traffic", "osint", "malware", "attacks", "is_alert", "confidence", "http_cookies", "file", "http_status",
        "resources", "accountid", "region", "eventday",
    }
)  # fmt: skip
_ACTIONS = {1: Action.PASSED, 2: Action.DENIED, 3: Action.UNSAID, 4: Action.PASSED}
_ACTIVITIES = {4: Action.FAILED, 5: Action.DENIED}
"""Fail and Refuse of class 4001, where no action is told."""


def _recognise(head: Head) -> bool:
    return any("class_uid" in record and "metadata" in record for record in head.objects[:1])


def _read(task: Task) -> Iterator[LogRecord]:
    folder = Folder(task.coverage)
    for file in task.files:
        for line, record in records(file, OCSF):
            yield from _event(Place(file.id, line), Values(record, task.coverage), folder)
    yield from folder.finish()


def _event(place: Place, values: Values, folder: Folder) -> Iterator[LogRecord]:
    coverage = values.coverage
    kind = values.count("class_uid")
    coverage.word(coverage.versions, values.inner("metadata").text("version") or "unsaid")
    if kind not in (NETWORK, HTTP, DNS):
        coverage.word(coverage.passed_over, f"class:{kind}")
        return
    coverage.records += 1
    if not _KNOWN.issuperset(values.record):
        note_words(values.record.keys() - _KNOWN, coverage)
    status = values.text("status_code")
    if status in ("NODATA", "SKIPDATA"):  # VPC flow logs in a security lake
        coverage.passed_over[status.lower()] += 1
        coverage.lost_uncounted += status == "SKIPDATA"
        coverage.saw(_time(values, "time"))
        return
    if kind == DNS and values.record.get("query"):
        yield from _lookup(place, values)
        return
    leg = _leg(place, values)
    if leg is not None:
        yield from folder.add(leg, leg.reporter)


def _time(values: Values, name: str) -> int | None:
    found = values.moment(name)
    return found if found is not None else values.moment(f"{name}_dt")


def _leg(place: Place, values: Values) -> Leg | None:
    start, end = _time(values, "start_time"), _time(values, "end_time")
    if start is None:
        start = _time(values, "time")
    values.coverage.saw(start)
    values.coverage.reaches(end)
    one, two = values.inner("src_endpoint"), values.inner("dst_endpoint")
    source, destination = one.address("ip"), two.address("ip")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    connection, traffic = values.inner("connection_info"), values.inner("traffic")
    flags = connection.count("tcp_flags")
    action, word = _action(values)
    return Leg(
        place=place,
        sender=(source, one.port("port")),
        receiver=(destination, two.port("port")),
        number=protocol_number(connection.text("protocol_num") or connection.text("protocol_name")),
        start=start,
        end=end if end is not None else start,
        flags=flags,
        action=action,
        word=word,
        reporter=_reporter(values, one, two),
        by_sender=_workload(one),
        by_receiver=_workload(two),
        evidence=_evidence(values, one, two),
        **_counted(traffic, flags),
        **_named(values),
    )


def _counted(traffic: Values, flags: int | None) -> dict[str, Any]:
    """Return counts and who dialled: each way where told (``out`` is from source to destination), else what the record saw."""
    dialled: dict[str, Any] = {}
    if flags is not None and flags & SYN:
        dialled = {"receiver_dialled": bool(flags & ACK), "rule": "syn_ack" if flags & ACK else "syn"}
    out = traffic.count("packets_out"), traffic.count("bytes_out")
    back = Counts(traffic.count("packets_in"), None, traffic.count("bytes_in"))
    if out == (None, None) and back == Counts():
        return {**dialled, "packets": traffic.count("packets"), "wire": traffic.count("bytes")}
    return {"receiver_dialled": False, **dialled, "packets": out[0], "wire": out[1], "back": back}


def _named(values: Values) -> dict[str, Any]:
    """Return the name that the event shows: a request's host, a server name, or a host name of unsaid origin."""
    request, tls, two = values.inner("http_request"), values.inner("tls"), values.inner("dst_endpoint")
    url = request.inner("url") if request.record else request
    protocol = "http" if request.record else "tls" if tls.record else ""
    told = (
        (url.text("hostname"), NameRung.HTTP_HOST),
        (tls.text("sni"), NameRung.SNI),
        (two.text("hostname") or two.text("domain"), NameRung.DNS_OTHER_CLIENT),
    )
    found = ((host_name(text), rung) for text, rung in told if text)
    name, rung = next(((name, rung) for name, rung in found if name), ("", NameRung.NONE))
    return {"name": name, "rung": rung, "protocol": protocol, "path": url.text("path").partition("?")[0]}


def _action(values: Values) -> tuple[Action, str]:
    number = values.count("action_id")
    word = values.text("action") or values.text("disposition") or values.text("activity_name")
    if number in _ACTIONS:
        return _ACTIONS[number], word
    if number not in (None, 0, 99):
        values.coverage.note(f"action_id:{number}")
    if values.count("disposition_id") == 2:  # noqa: PLR2004 -- Blocked
        return Action.DENIED, word
    return _ACTIVITIES.get(values.count("activity_id") or 0, Action.UNSAID), word


def _reporter(values: Values, one: Values, two: Values) -> str:
    """Return who saw it: an interface of either end, the device, or the product."""
    device, product = values.inner("device"), values.inner("metadata").inner("product")
    return one.text("interface_uid") or two.text("interface_uid") or device.text("hostname") or product.text("name")


def _workload(end: Values) -> Workload:
    name = end.text("instance_uid") or end.text("svc_name") or end.text("name")
    kind = "instance" if end.text("instance_uid") else "service"
    return Workload("", name, kind, "", end.inner("owner").text("name")) if name else NOBODY


def _evidence(values: Values, one: Values, two: Values) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for end in (one, two):
        where, has = end.text("ip"), end.record.keys()
        if "intermediate_ips" in has:
            found += [("intermediate", f"{where} {text}") for text in end.texts("intermediate_ips")]
        if "location" in has and (country := end.inner("location").text("country")):
            found.append(("country", f"{where} {country}"))
        if "svc_name" in has and (service := end.text("svc_name")):
            found.append(("service", f"{where} {service}"))
    if any(word == "intermediate" for word, _ in found):
        values.coverage.cannot_see(Blind.INTERMEDIATE)
    region = values.inner("cloud").text("region")
    return tuple([*found, ("region", region)] if region else found)


def _lookup(place: Place, values: Values) -> Iterator[LogLookup]:
    query, one, two = values.inner("query"), values.inner("src_endpoint"), values.inner("dst_endpoint")
    time, client, name = _time(values, "time"), one.address("ip"), query.text("hostname")
    values.coverage.saw(time)
    if not (client and name):
        values.coverage.skip("no_address" if name else "no_question")
        return
    answers: Any = values.record.get("answers")
    shown = [answer.get("rdata", "") for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
    yield LogLookup(
        place=place,
        client=client,
        name=normalise_host(name),
        addresses=tuple(found for text in shown if isinstance(text, str) and (found := address(text))),
        time=time,
        server=two.address("ip"),
        kind=query.text("type"),
        outcome=values.text("rcode"),
        action=_action(values)[0],
        reporter=_reporter(values, one, two),
        workload=_workload(one),
    )


FORMAT = LogFormat("ocsf", "OCSF network, HTTP and DNS activity", _recognise, _read, (Blind.PAYLOAD,))
