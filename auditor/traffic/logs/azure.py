"""Azure network security group flow logs (versions 1 and 2) and virtual network flow logs (version 4).

Source: Microsoft Learn, "NSG flow logs overview" and "Virtual network flow logs" (read 2026-11). Trap F4: a tuple of version 1
has eight fields, of version 2 thirteen; counts of continuing records are what came since the record before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from auditor.facts.blindness import Blind
from auditor.traffic.logs.fields import protocol_number
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import Counts, Leg
from auditor.traffic.logs.record import NOBODY, Action, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import AZURE
from auditor.traffic.logs.values import Values

_SECURITY_GROUP = ("time", "src", "dst", "sport", "dport", "protocol", "direction", "decision")
_COUNTS = ("packets_out", "bytes_out", "packets_in", "bytes_in")
_SHAPES: dict[int, tuple[str, ...]] = {
    1: _SECURITY_GROUP,
    2: (*_SECURITY_GROUP, "state", *_COUNTS),
    4: ("time", "src", "dst", "sport", "dport", "protocol", "direction", "state", "encryption", *_COUNTS),
}
_PROTOCOLS = {"T": "tcp", "U": "udp"}
_STATES = frozenset({"B", "C", "E", "D", ""})


class _Group(NamedTuple):
    """The tuples that one rule of one resource allowed or denied."""

    rule: str
    reporter: str
    mac: str
    version: int
    tuples: list[Any]


def _recognise(head: Head) -> bool:
    return any(_groups(record) is not None for record in head.objects[:5])


def _groups(record: Mapping[str, Any]) -> list[_Group] | None:
    """Return the groups of tuples of a record, ``None`` for a record of another kind."""
    properties, flow_records = record.get("properties"), record.get("flowRecords")
    mac = str(record.get("macAddress", ""))
    if isinstance(flow_records, dict):
        version = record.get("flowLogVersion", 4)
        reporter = str(record.get("targetResourceID") or record.get("flowLogResourceID") or "")
        inner = "flowGroups"
        flows = flow_records.get("flows")
    elif isinstance(properties, dict) and "flows" in properties:
        version, reporter, inner = properties.get("Version", 1), str(record.get("resourceId", "")), "flows"
        flows = properties["flows"]
    else:
        return None
    found = []
    for flow in flows if isinstance(flows, list) else []:
        groups = flow.get(inner) if isinstance(flow, dict) else None
        for group in groups if isinstance(groups, list) else []:
            if isinstance(group, dict) and isinstance(group.get("flowTuples"), list):
                rule = str(group.get("rule") or flow.get("rule") or "")
                number = version if isinstance(version, int) else 0
                found.append(_Group(rule, reporter, str(group.get("mac") or mac), number, group["flowTuples"]))
    return found


def _read(task: Task) -> Iterator[LogRecord]:
    folder = Folder(task.coverage)
    for file in task.files:
        for line, record in records(file, AZURE):
            groups = _groups(record)
            if groups is None:
                task.coverage.word(task.coverage.passed_over, "other_log")
                continue
            for group in groups:
                task.coverage.word(task.coverage.reporters, group.reporter)
                for leg in _legs(file, line, group):
                    yield from folder.add(leg, group.mac)
    yield from folder.finish()


def _legs(file: LogInput, line: int, group: _Group) -> Iterator[Leg]:
    coverage = file.coverage
    shape = _SHAPES.get(group.version)
    for text in group.tuples:
        coverage.records += 1
        coverage.word(coverage.versions, str(group.version))
        fields = text.split(",") if isinstance(text, str) else []
        if shape is None or len(fields) != len(shape):
            coverage.skip("version_not_known" if shape is None else "wrong_number_of_fields")
            continue
        leg = _leg(Place(file.id, line), Values(dict(zip(shape, fields, strict=True)), coverage), group)
        if leg is not None:
            yield leg


def _leg(place: Place, values: Values, group: _Group) -> Leg | None:
    time = values.moment("time")  # seconds, since version 4 milliseconds
    values.coverage.saw(time)
    source, destination = values.address("src"), values.address("dst")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    state, word = values.text("state"), values.text("decision") or values.text("state")
    if state not in _STATES:
        values.coverage.note(f"state:{state}")
    denied = word == "D"
    own = Workload("", group.mac, "interface") if group.mac else NOBODY
    outward = values.text("direction") == "O"
    counts = [values.count(name) for name in _COUNTS] if group.version > 1 else [None] * 4
    return Leg(
        place=place,
        sender=(source, values.port("sport")),
        receiver=(destination, values.port("dport")),
        number=protocol_number(_PROTOCOLS.get(values.text("protocol"), values.text("protocol"))),
        start=time,
        end=time,
        receiver_dialled=False,  # the log is of connections, in the direction of who opened them
        packets=counts[0],
        wire=counts[1],
        back=Counts(counts[2], None, counts[3]),
        action=Action.DENIED if denied else Action.PASSED,
        word=f"{word}{state if values.text('decision') else ''}",
        reporter=group.reporter or group.mac,
        by_sender=own if outward else NOBODY,
        by_receiver=NOBODY if outward else own,
        evidence=tuple((name, text) for name, text in (("rule", group.rule), ("encryption", values.text("encryption"))) if text),
    )


FORMAT = LogFormat(
    "azure_flow",
    "Azure NSG and virtual network flow logs",
    _recognise,
    _read,
    (Blind.METADATA_ADDRESSES, Blind.NAMES, Blind.PAYLOAD, Blind.PROVIDER_RESOLVER),
)
