"""Google Cloud VPC flow logs and firewall rule logs, as Cloud Logging exports them (JSON lines or an array).

Source: Google Cloud documentation, "About VPC Flow Logs records" and "Firewall Rules Logging" (read 2026-11). Trap F3: a
record is one direction as one end reports it, so the answer of a server is a record of its own, and both ends may report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import Leg
from auditor.traffic.logs.record import NOBODY, Action, LogRecord, Place, Workload
from auditor.traffic.logs.shapes import GCP, GCP_ENTRY, note_words
from auditor.traffic.logs.values import Values

_KNOWN = frozenset(
    {
        "connection", "reporter", "rtt_msec", "round_trip_time", "bytes_sent", "packets_sent", "start_time", "end_time",
        "src_instance", "dest_instance", "src_vpc", "dest_vpc", "src_gke_details", "dest_gke_details", "src_location",
        "dest_location", "src_google_service", "dest_google_service", "src_gateway", "dest_gateway", "internet_routing_details",
        "load_balancing", "network_service", "psc", "rdma_traffic_type", "src_serverless", "dest_serverless", "packets_dropped",
        "disposition", "instance", "vpc", "remote_instance", "remote_vpc", "remote_location", "rule_details", "annotations",
    }
)  # fmt: skip
_SAMPLED = "packets are sampled by Google, and records by the subnet's rate, which they do not state"
_DISPOSITIONS = {"ALLOWED": Action.PASSED, "DENIED": Action.DENIED, "": Action.UNSAID}


def _payload(record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the record of an entry of Cloud Logging, or of a payload alone."""
    payload = record.get("jsonPayload", record)
    if not isinstance(payload, dict) or not isinstance(payload.get("connection"), dict):
        return None
    ends = payload["connection"]
    return payload if "src_ip" in ends and ("reporter" in payload or "disposition" in payload) else None


def _recognise(head: Head) -> bool:
    return any(_payload(record) is not None for record in head.objects[:5])


def _read(task: Task) -> Iterator[LogRecord]:
    folder = Folder(task.coverage)
    for file in task.files:
        for line, record in records(file, GCP):
            payload = _payload(record)
            if payload is None:
                task.coverage.word(task.coverage.passed_over, "other_log")
                continue
            task.coverage.records += 1
            note_words(payload.keys() - _KNOWN, task.coverage)
            if payload is not record:
                note_words(record.keys() - GCP_ENTRY, task.coverage)
            values = Values(payload, task.coverage)
            leg = _leg(Place(file.id, line), values, Values(record, task.coverage))
            if leg is not None:
                yield from folder.add(leg, (leg.reporter, "disposition" in payload))
    yield from folder.finish()


def _leg(place: Place, values: Values, entry: Values) -> Leg | None:
    connection = values.inner("connection")
    start, end = values.iso("start_time"), values.iso("end_time")
    if start is None:
        start = entry.iso("timestamp")
    values.coverage.saw(start)
    values.coverage.reaches(end)
    source, destination = connection.address("src_ip"), connection.address("dest_ip")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    firewall = "disposition" in values.record
    if not firewall:
        values.coverage.sampled = _SAMPLED
    reporter = _reporter(values, source, destination)
    values.coverage.word(values.coverage.reporters, reporter)
    word = values.text("disposition")
    return Leg(
        place=place,
        sender=(source, connection.port("src_port")),
        receiver=(destination, connection.port("dest_port")),
        number=connection.count("protocol"),
        start=start,
        end=end if end is not None else start,
        receiver_dialled=False if firewall else None,  # a firewall logs connections, in the direction of who dials
        packets=values.count("packets_sent"),
        payload=values.count("bytes_sent"),
        action=_DISPOSITIONS.get(word, Action.UNSAID),
        word=word,
        reporter=reporter,
        by_sender=_workload(values, "src"),
        by_receiver=_workload(values, "dest"),
        loss=() if firewall else ("sampled",),
        evidence=_evidence(values, source, destination),
    )


def _reporter(values: Values, source: str, destination: str) -> str:
    """Return who reports: the machine at the end that ``reporter`` names, by its name or else its address."""
    side = values.text("reporter")
    if not side:
        return values.inner("instance").text("vm_name")
    if side.startswith("SRC"):
        return _workload(values, "src").reference or source
    if side.startswith("DEST"):
        return _workload(values, "dest").reference or destination
    values.coverage.note(f"reporter:{side}")
    return side


def _workload(values: Values, side: str) -> Workload:
    """Return the pod or the machine at one end: metadata that Google adds and that may be missing."""
    pod = values.inner(f"{side}_gke_details").inner("pod")
    instance = values.inner(f"{side}_instance")
    if not instance.record and f"{side}_instance" not in values.record:
        outward = values.inner("rule_details").text("direction") == "EGRESS"
        instance = values.inner("instance" if outward == (side == "src") else "remote_instance")
    machine, project = instance.text("vm_name"), instance.text("project_id")
    if pod.text("pod_name"):
        return Workload(pod.text("pod_namespace"), pod.text("pod_name"), "pod", machine, project)
    return Workload("", machine, "instance", "", project) if machine else NOBODY


def _evidence(values: Values, source: str, destination: str) -> tuple[tuple[str, str], ...]:
    """Return where Google places the far ends: country, network operator, and which of its services they are."""
    found: list[tuple[str, str]] = []
    for end, side in ((source, "src"), (destination, "dest")):
        location, service = values.inner(f"{side}_location"), values.inner(f"{side}_google_service")
        found += [(word, f"{end} {location.text(word)}") for word in ("country", "asn", "region") if location.text(word)]
        name = service.text("service_name") or service.text("type")
        if name:
            found.append(("service", f"{end} {name}"))
    rule = values.inner("rule_details").text("reference")
    if rule:
        found.append(("rule", rule))
    return tuple(found)


FORMAT = LogFormat(
    "gcp_vpc",
    "Google Cloud VPC flow logs and firewall rule logs",
    _recognise,
    _read,
    (Blind.METADATA_ADDRESSES, Blind.NAMES, Blind.PROVIDER_RESOLVER, Blind.SAMPLED),
)
