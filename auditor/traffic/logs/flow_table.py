"""A flow table that ``auditor flows`` wrote (docs/flow_table.md), as Parquet or JSON: flows that were read before.

What its own sources saw and lost is not in it, so its silence proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.facts.blindness import Blind
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.record import NOBODY, LogFlow, LogRecord, Place, Workload
from auditor.traffic.logs.values import Values

_TELLING = frozenset({"src_addr", "dst_addr", "orientation_rule", "name_rung", "source_id", "loss_flags"})
_KNOWN = frozenset(
    {
        *_TELLING, "start", "end", "src_port", "dst_port", "transport", "vlan", "vni", "packets_out", "packets_in", "payload_out",
        "payload_in", "wire_out", "wire_in", "state", "name", "app_protocol", "first_frame", "last_frame", "server_name",
        "tunnel", "outer_src_addr", "outer_dst_addr", "community_id", "local_protocol", "hidden", "file", "reporter", "isn",
        "fingerprint", "source_sha256", "src_workload", "dst_workload", "ran_in", "told", "src_addr_translated",
        "src_port_translated", "dst_addr_translated", "dst_port_translated", "community_translated", "request",
    }
)  # fmt: skip
_ATTEMPTS = frozenset({"denied", "failed", "no_payload", "refused", "icmp_unreachable", "unanswered"})
_RUNGS = {rung.value: rung for rung in NameRung}
_TRANSPORTS = {kind.value: kind for kind in Transport}


def _recognise(head: Head) -> bool:
    return any(record.keys() >= _TELLING for record in head.objects[:1])


def _read(task: Task) -> Iterator[LogRecord]:
    for file in task.files:
        for line, record in records(file):
            task.coverage.records += 1
            for name in record.keys() - _KNOWN:
                task.coverage.word(task.coverage.unknown_fields, name)
            values = Values(record, task.coverage)
            start = values.count("start") or None
            task.coverage.saw(start)
            if not values.text("dst_addr") and not values.text("name"):
                task.coverage.skip("no_destination")
                continue
            yield _flow(Place(file.id, line), values, start)


def _flow(place: Place, values: Values, start: int | None) -> LogFlow:
    state = values.text("state")
    return LogFlow(
        place=place,
        start=start,
        end=values.count("end") or None,
        src_addr=values.address("src_addr"),
        src_port=values.port("src_port"),
        dst_addr=values.address("dst_addr"),
        dst_port=values.port("dst_port"),
        transport=_TRANSPORTS.get(values.text("transport"), Transport.OTHER),
        vlan=values.count("vlan"),
        vni=values.count("vni"),
        orientation_rule=values.text("orientation_rule"),
        packets_out=values.count("packets_out"),
        packets_in=values.count("packets_in"),
        payload_out=values.count("payload_out"),
        payload_in=values.count("payload_in"),
        wire_out=values.count("wire_out"),
        wire_in=values.count("wire_in"),
        state=state,
        name=values.text("name"),
        name_rung=_RUNGS.get(values.text("name_rung"), NameRung.NONE),
        hidden=values.record.get("hidden") is True,
        server_name=values.text("server_name"),
        app_protocol=values.text("app_protocol"),
        sighting=Sighting.ATTEMPT if state in _ATTEMPTS else Sighting.DATA,
        attempt_reason=state if state in _ATTEMPTS else "",
        reporter="\n".join(text for text in (values.text("source_id"), values.text("reporter")) if text),
        loss_flags=tuple(sorted({*values.text("loss_flags").split("|")} - {""})),
        tunnel=values.text("tunnel"),
        outer_src_addr=values.text("outer_src_addr"),
        outer_dst_addr=values.text("outer_dst_addr"),
        community_id=values.text("community_id"),
        translated_src=_end(values, "src"),
        translated_dst=_end(values, "dst"),
        source=_workload(values.text("src_workload")),
        destination=_workload(values.text("dst_workload")),
        ran_in=values.text("ran_in"),
    )


def _end(values: Values, end: str) -> tuple[str, int | None] | None:
    """Return an end on the other side of an address translation, where the table tells one."""
    found = values.address(f"{end}_addr_translated")
    return (found, values.port(f"{end}_port_translated")) if found else None


def _workload(text: str) -> Workload:
    kind, _, reference = text.partition(":")
    namespace, _, name = reference.rpartition("/")
    return Workload(namespace, name, kind) if name else NOBODY


FORMAT = LogFormat("flow_table", "flow table of auditor flows", _recognise, _read, (Blind.NOT_RECORDED,))
