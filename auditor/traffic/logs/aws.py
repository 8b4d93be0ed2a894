"""AWS VPC and transit gateway flow logs, versions 2 to 11: text in default or custom order, and Parquet.

Source: Amazon VPC User Guide, "Flow log records" and "Flow log limitations"; Amazon VPC Transit Gateways, "Transit
Gateway Flow Logs records" (read 2026-11). Traps F1 and F2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.traffic.logs.fields import protocol_number, text_of
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import ACK, SYN, Leg
from auditor.traffic.logs.record import NOBODY, Action, LogRecord, Place, Workload
from auditor.traffic.logs.values import Values

_VERSION_2 = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
"""The default format; CloudWatch Logs writes no header, so a line of 14 fields is of this order."""
_TRANSIT_GATEWAY = (
    "version", "resource-type", "account-id", "tgw-id", "tgw-attachment-id", "tgw-src-vpc-account-id",
    "tgw-dst-vpc-account-id", "tgw-src-vpc-id", "tgw-dst-vpc-id", "tgw-src-subnet-id", "tgw-dst-subnet-id", "tgw-src-eni",
    "tgw-dst-eni", "tgw-src-az-id", "tgw-dst-az-id", "tgw-pair-attachment-id", "srcaddr", "dstaddr", "srcport", "dstport",
    "protocol", "packets", "bytes", "start", "end", "log-status", "type", "packets-lost-no-route", "packets-lost-blackhole",
    "packets-lost-mtu-exceeded", "packets-lost-ttl-expired", "tcp-flags", "region", "flow-direction", "pkt-src-aws-service",
    "pkt-dst-aws-service",
)  # fmt: skip
_KNOWN = frozenset({*_VERSION_2, *_TRANSIT_GATEWAY}) | {
    "vpc-id", "subnet-id", "instance-id", "pkt-srcaddr", "pkt-dstaddr", "az-id", "sublocation-type", "sublocation-id",
    "traffic-path", "ecs-cluster-arn", "ecs-cluster-name", "ecs-container-instance-arn", "ecs-container-instance-id",
    "ecs-container-id", "ecs-second-container-id", "ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn",
    "ecs-task-id", "reject-reason", "resource-id", "encryption-status", "instance-tag", "instance-tag-2", "interface-tag",
    "interface-tag-2", "asg-tag", "asg-tag-2", "interface-type", "next-hop-interface-id", "next-hop-subnet-id",
    "next-hop-az-id", "next-hop-vpc-id", "next-hop-interface-type",
}  # fmt: skip
_NEWEST = 11
_ACTIONS = {"ACCEPT": Action.PASSED, "REJECT": Action.DENIED, "": Action.UNSAID}
_FIELD = re.compile(r"[a-z][a-z0-9-]*\Z")
_DEFAULT_LINE = re.compile(r"\d{1,2} (?:\d{12}|unknown|-) \S+ (?:\S+ ){10}(?:OK|NODATA|SKIPDATA)\Z")
_GATEWAY_LINE = re.compile(r"\d{1,2} TransitGateway \S+ tgw-")
_DELIVERED = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z ")
"""Time of delivery, which an export from CloudWatch Logs puts before each line."""
_LOST = ("packets-lost-no-route", "packets-lost-blackhole", "packets-lost-mtu-exceeded", "packets-lost-ttl-expired")


def _recognise(head: Head) -> bool:
    if head.rows is not None:
        return any({"srcaddr", "dstaddr"} <= row.keys() or {"pkt_srcaddr", "pkt_dstaddr"} <= row.keys() for row in head.rows[:1])
    said = [message for record in head.objects[:1] for message in _messages(record)]
    first = said[0] if said else _DELIVERED.sub("", head.lines[0]) if head.lines else ""
    return _header(first) != () or bool(_DEFAULT_LINE.match(first) or _GATEWAY_LINE.match(first))


def _header(line: str) -> tuple[str, ...]:
    """Return the fields that a header line names, none for a line that is no header."""
    if "srcaddr" not in line:
        return ()
    names = tuple(name.replace("_", "-").strip('${}"') for name in line.split())
    return names if all(_FIELD.match(name) for name in names) else ()


def _messages(record: Mapping[str, Any]) -> list[str]:
    """Return the lines that CloudWatch Logs holds in a record: an event, or a batch of events of a subscription or a search."""
    events = record.get("logEvents", record.get("events", [record]))
    found = [event.get("message") for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return [message for message in found if isinstance(message, str)]


def _lines(file: LogInput) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of a file of lines, or of CloudWatch's JSON around them."""
    if not file.head().objects:
        yield from file.lines(header=_header)
        return
    for line, record in records(file):
        found = _messages(record)
        if not found:
            file.coverage.passed_over["other_event"] += 1
        yield from ((line, message) for message in found)


def _read(task: Task) -> Iterator[LogRecord]:
    folder = Folder(task.coverage)
    told = _told(task.columns)
    for file in task.files:
        for line, record in _records(file, told):
            leg = leg_of(Place(file.id, line), Values(record, task.coverage))
            if leg is not None:
                yield from folder.add(leg, leg.reporter)
    yield from folder.finish()


def _told(columns: Mapping[str, object]) -> tuple[str, ...]:
    """Return the order of fields that the user names for files without a header (``fields: "srcaddr dstaddr …"``)."""
    return _header(text_of(columns.get("fields")))


def _fault(told: object) -> str:
    """Return why ``told`` names no order of fields; empty where it does."""
    return "" if _header(text_of(told)) else "it is no list of field names with srcaddr among them"


def _records(file: LogInput, told: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if file.head().rows is not None:
        yield from _rows(file)
        return
    names, coverage, number, failed = told, file.coverage, 0, 0
    if told:
        _count_unknown(file, told)
    for number, text in _lines(file):
        line = _DELIVERED.sub("", text) if text[4:5] == "-" else text
        header = _header(line)
        if header:
            names = header
            _count_unknown(file, names)
            continue
        fields = line.split()
        if not names:
            names = _order(fields)
            _count_unknown(file, names)
        if len(fields) != len(names):
            failed = number
            coverage.skip("wrong_number_of_fields" if names else "no_header")
            continue
        yield number, dict(zip(names, fields, strict=True))
    if failed and failed == number:
        file.ends_cut("wrong_number_of_fields" if names else "no_header")


def _rows(file: LogInput) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the rows of Parquet by the names of the text form."""
    for number, row in file.rows():
        named = {name.replace("_", "-"): value for name, value in row.items()}
        if number == 1:
            _count_unknown(file, tuple(named))
        yield number, named


def _order(fields: list[str]) -> tuple[str, ...]:
    """Return the order of fields of a line without header: one of the two default formats."""
    if len(fields) == len(_VERSION_2) and fields[-1] in ("OK", "NODATA", "SKIPDATA"):
        return _VERSION_2
    return _TRANSIT_GATEWAY if len(fields) == len(_TRANSIT_GATEWAY) and fields[1] == "TransitGateway" else ()


def _count_unknown(file: LogInput, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in _KNOWN:
            file.coverage.word(file.coverage.unknown_fields, name)
    if "pkt-srcaddr" not in names or "pkt-dstaddr" not in names:
        file.coverage.cannot_see(Blind.INTERMEDIATE)


def leg_of(place: Place, values: Values) -> Leg | None:
    """Return the leg that a record tells, ``None`` after counting one that tells none. Names as in text, with hyphens."""
    start, end, reporter = _counted(values)
    if not _has_flow(values):
        return None
    source = values.address("pkt-srcaddr") or values.address("srcaddr")
    destination = values.address("pkt-dstaddr") or values.address("dstaddr")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    flags = values.count("tcp-flags")
    by_sender, by_receiver = _workloads(values)
    return Leg(
        place=place,
        sender=(source, values.port("srcport")),
        receiver=(destination, values.port("dstport")),
        number=protocol_number(values.text("protocol")),
        start=start,
        end=end,
        receiver_dialled=bool(flags & ACK) if flags is not None and flags & SYN else None,
        rule="syn_ack" if flags is not None and flags & ACK else "syn",
        packets=values.count("packets"),
        wire=values.count("bytes"),
        flags=flags,
        action=_action(values),
        word=values.text("action"),
        reporter=reporter,
        by_sender=by_sender,
        by_receiver=by_receiver,
        evidence=_evidence(values, source, destination),
    )


def _counted(values: Values) -> tuple[int | None, int | None, str]:
    """Return start, end and reporter of a record, counted in the coverage."""
    coverage = values.coverage
    coverage.records += 1
    version = values.text("version")
    coverage.word(coverage.versions, version or "unsaid")
    if version.isdigit() and int(version) > _NEWEST:
        coverage.note(f"version_not_known:{version[:4]}")
    start, end = values.seconds("start"), values.seconds("end")
    coverage.saw(start)
    coverage.reaches(end)
    if start is not None and end is not None and end < start:
        coverage.note("end_before_start")
    reporter = values.text("interface-id") or values.text("tgw-attachment-id")
    coverage.word(coverage.reporters, reporter)
    return start, end, reporter


def _has_flow(values: Values) -> bool:
    """Return whether the record holds a flow; SKIPDATA is a loss whose size nobody knows (facts F1)."""
    status = values.text("log-status")
    if status == "SKIPDATA":
        values.coverage.lost_uncounted += 1
    if status in ("NODATA", "SKIPDATA"):
        values.coverage.passed_over[status.lower()] += 1
        return False
    if status not in ("OK", ""):
        values.coverage.note(f"log_status:{status}")
    return True


def _action(values: Values) -> Action:
    word = values.text("action")
    if word not in _ACTIONS:
        values.coverage.note(f"action:{word}")
    return _ACTIONS.get(word, Action.UNSAID)


def _workloads(values: Values) -> tuple[Workload, Workload]:
    """Return who sends and who receives: the record describes the interface, which is one end as ``flow-direction`` says."""
    if len(values.record) <= len(_VERSION_2):
        return NOBODY, NOBODY
    direction = values.text("flow-direction")
    task, instance, interface = values.text("ecs-task-id"), values.text("instance-id"), values.text("interface-id")
    if direction not in ("ingress", "egress") or not (task or instance or interface):
        return NOBODY, NOBODY
    owner = values.text("account-id")
    if task:
        of = "/".join(text for text in (values.text("ecs-cluster-name"), values.text("ecs-service-name")) if text)
        own = Workload(of, task, "task", instance, owner)
    else:
        own = Workload("", instance or interface, "instance" if instance else "interface", "", owner)
    return (own, NOBODY) if direction == "egress" else (NOBODY, own)


def _evidence(values: Values, source: str, destination: str) -> tuple[tuple[str, str], ...]:
    if len(values.record) <= len(_VERSION_2):  # the fields below are newer
        return ()
    found: list[tuple[str, str]] = []
    for packet, seen in (("pkt-srcaddr", "srcaddr"), ("pkt-dstaddr", "dstaddr")):
        inner, outer = values.address(packet), values.address(seen)
        if inner and outer and inner != outer:  # a secondary address of the interface, or a translator on the way (facts F2)
            found.append(("interface_address", outer))
    for end, name in ((source, "pkt-src-aws-service"), (destination, "pkt-dst-aws-service")):
        if values.text(name):
            found.append(("service", f"{end} {values.text(name)}"))
    for word, name in (
        ("region", "region"),
        ("reject_reason", "reject-reason"),
        ("encryption_status", "encryption-status"),
        ("vpc", "vpc-id"),
        ("next_hop", "next-hop-interface-id"),
    ):
        if values.text(name):
            found.append((word, values.text(name)))
    lost = sum(values.count(name) or 0 for name in _LOST if name in values.record)
    if lost:
        found.append(("packets_lost", str(lost)))
        values.coverage.note("packets_lost_on_the_way")
    return tuple(found)


FORMAT = LogFormat(
    "aws_vpc",
    "AWS VPC flow logs",
    _recognise,
    _read,
    (Blind.AGGREGATED, Blind.METADATA_ADDRESSES, Blind.NAMES, Blind.PAYLOAD, Blind.PROVIDER_RESOLVER),
    fault=_fault,
)
