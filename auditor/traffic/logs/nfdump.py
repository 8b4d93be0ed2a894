"""NetFlow and IPFIX as nfdump exports them: ``-o csv`` and ``-o json`` of nfdump 1.6 and 1.7, ``-o ndjson``.

Source: nfdump(1) and the output of nfdump 1.7.1 (read 2026-11); forwarding status of RFC 7270, section 4.12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.facts.blindness import Blind
from auditor.traffic.logs.csv_records import rows
from auditor.traffic.logs.fields import protocol_number
from auditor.traffic.logs.folding import Folder
from auditor.traffic.logs.formats import LogFormat, Task
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.json_records import records
from auditor.traffic.logs.leg import ACK, FIN, RST, SYN, Counts, Leg
from auditor.traffic.logs.record import Action, LogRecord, Place
from auditor.traffic.logs.values import Values

_NAMES: dict[str, tuple[str, ...]] = {
    "start": ("ts", "first", "firstSeen"),
    "end": ("te", "last", "lastSeen"),
    "duration": ("td", "duration"),
    "src": ("sa", "src4_addr", "src6_addr", "srcAddr"),
    "dst": ("da", "dst4_addr", "dst6_addr", "dstAddr"),
    "sport": ("sp", "src_port", "srcPort"),
    "dport": ("dp", "dst_port", "dstPort"),
    "protocol": ("pr", "proto"),
    "flags": ("flg", "tcp_flags", "flags"),
    "status": ("fwd", "fwd_status"),
    "packets": ("ipkt", "in_packets", "packets"),
    "bytes": ("ibyt", "in_bytes", "bytes"),
    "packets_back": ("opkt", "out_packets"),
    "bytes_back": ("obyt", "out_bytes"),
    "vlan": ("svln", "src_vlan"),
    "exporter": ("ra", "ip4_router", "ip6_router"),
    "system": ("exid", "export_sysid"),
    "sampled": ("sampled",),
    "event": ("evt", "event"),
    "src_translated": ("xsa", "src4_xlt_ip", "src6_xlt_ip"),
    "dst_translated": ("xda", "dst4_xlt_ip", "dst6_xlt_ip"),
    "sport_translated": ("xsp", "src_xlt_port"),
    "dport_translated": ("xdp", "dst_xlt_port"),
    "icmp_type": ("icmp_type",),
    "icmp_code": ("icmp_code",),
}
"""What we read, by the names of CSV before 1.7.3, of JSON, and of CSV since."""
_PASSED_BY = frozenset(
    {
        "type", "received", "tr", "stos", "src_tos", "dtos", "dst_tos", "in", "out", "sas", "das", "smk", "dmk", "dir", "nh",
        "nhb", "dvln", "ismc", "odmc", "idmc", "osmc", "cl", "sl", "al", "eng", "label", "input_snmp", "output_snmp",
        "src_as", "dst_as", "src_mask", "dst_mask", "fwd_tos", "direction", "ip4_next_hop", "ip6_next_hop", "bgp4_next_hop",
        "bgp6_next_hop", "flows", "bps", "pps", "bpp", "event_time", "xevent", "in_src_mac", "out_dst_mac", "in_dst_mac",
        "out_src_mac", "dst_vlan",
        *(f"mpls{number}" for number in range(1, 11)), *(f"mpls_{number}" for number in range(1, 11)), "cli_latency",
        "srv_latency", "app_latency", "t_received", "ingress_acl", "egress_acl", "user_name", "nbar", "ja3", "payload",
        "conn_id", "vrf_in", "vrf_out", "pf_action", "pf_reason",
    }
)  # fmt: skip
_KNOWN = _PASSED_BY | {name for names in _NAMES.values() for name in names}
_FLAGS = {"A": ACK, "R": RST, "S": SYN, "F": FIN, "P": 0x08, "U": 0x20, "E": 0x40, "C": 0x80}
_NO_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- how an absent address is written
_DROPPED = range(128, 192)
_BY_ACCESS_LIST = frozenset({129, 130})
_ICMP = frozenset({1, 58})
_TITLES = frozenset({"Summary", "No matched flows", "No matching flows"})


def _is_header(values: list[str]) -> bool:
    return {"sa", "da", "pr"} <= set(values) or {"srcAddr", "dstAddr"} <= set(values)


def _recognise(head: Head) -> bool:
    if any(_is_header([value.strip() for value in line.split(",")]) for line in head.lines[:2]):
        return True
    return any({"src4_addr", "src6_addr"} & record.keys() and "in_packets" in record for record in head.objects[:1])


def _read(task: Task) -> Iterator[LogRecord]:
    folder = Folder(task.coverage)
    for file in task.files:
        for line, record in _rows(file):
            task.coverage.records += 1
            for name in record.keys() - _KNOWN:
                task.coverage.word(task.coverage.unknown_fields, name)
            leg = _leg(Place(file.id, line), Values(_renamed(record), task.coverage))
            if leg is not None:
                yield from folder.add(leg, leg.reporter)
    yield from folder.finish()


def _rows(file: LogInput) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if file.head().objects:
        yield from records(file)
        return
    summary = False
    for line, record in rows(file, lambda values: _is_header(values) or _is_summary(values), titles=_TITLES):
        summary = "flows" in record and "avg_bps" in record
        if summary:
            file.coverage.passed_over["summary"] += 1
        else:
            yield line, record


def _is_summary(values: list[str]) -> bool:
    return "avg_bps" in values


def _renamed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record by our names."""
    found: dict[str, Any] = {}
    for ours, theirs in _NAMES.items():
        for name in theirs:
            if name in record:
                value = record[name]
                found[ours] = value.strip() if isinstance(value, str) else value
                break
    return found


def _leg(place: Place, values: Values) -> Leg | None:
    start, end = _times(values)
    source, destination = values.address("src"), values.address("dst")
    if not (source and destination):
        values.coverage.skip("no_address")
        return None
    number = protocol_number(values.text("protocol"))
    reporter = _reporter(values)
    values.coverage.word(values.coverage.reporters, reporter)
    if values.count("sampled"):
        values.coverage.sampled = "the exporter samples packets; nfdump has scaled its counts"
    back = Counts(values.count("packets_back"), None, values.count("bytes_back"))
    action, word = _action(values)
    icmp = number in _ICMP
    return Leg(
        place=place,
        sender=(source, 0 if icmp else values.port("sport")),
        receiver=(destination, 0 if icmp else values.port("dport")),
        number=number,
        start=start,
        end=end,
        packets=values.count("packets"),
        wire=values.count("bytes"),
        back=back if back.packets else None,
        flags=_flags(values),
        action=action,
        word=word,
        reporter=reporter,
        loss=("sampled",) if values.count("sampled") else (),
        evidence=_icmp(values) if icmp else (),
        translated_sender=_translated(values, "src", source),
        translated_receiver=_translated(values, "dst", destination),
        vlan=values.count("vlan") or None,
    )


def _times(values: Values) -> tuple[int | None, int | None]:
    """Return start and end; nfdump prints the time of the machine that it runs on, without its zone."""
    start, end = values.iso("start"), values.iso("end")
    if start is not None and end is None:
        end = start + (values.seconds("duration") or 0)
    values.coverage.saw(start)
    values.coverage.reaches(end)
    if start is not None:
        values.coverage.note("time_without_zone")
    if start is not None and end is not None and end < start:
        values.coverage.note("end_before_start")
    return start, end


def _reporter(values: Values) -> str:
    exporter = values.address("exporter") if values.text("exporter") else ""
    return exporter if exporter and exporter not in _NO_ADDRESS else values.text("system")


def _flags(values: Values) -> int | None:
    """Return the flags of ``...AP.SF`` or of a number."""
    text = values.text("flags")
    if not text:
        return None
    if text.startswith("0x") or text.isdigit():
        return int(text, 16 if text.startswith("0x") else 10) if text.removeprefix("0x").isalnum() else None
    return sum({_FLAGS[letter] for letter in text if letter in _FLAGS})


def _action(values: Values) -> tuple[Action, str]:
    """Return what the exporter did: its forwarding status, or the event of a firewall."""
    event, status = values.text("event"), values.count("status") or 0
    if "DENIED" in event.upper() or event == "3":  # firewallEvent 3: flow denied
        return Action.DENIED, event
    if status in _DROPPED:
        return (Action.DENIED if status in _BY_ACCESS_LIST else Action.FAILED), f"forwarding status {status}"
    return Action.UNSAID, event


def _icmp(values: Values) -> tuple[tuple[str, str], ...]:
    """Return ICMP type and code; CSV writes them as the destination port ``8.0``."""
    kind = values.text("icmp_type")
    text = f"{kind}/{values.text('icmp_code') or 0}" if kind else values.text("dport").replace(".", "/")
    return (("icmp", text),) if text else ()


def _translated(values: Values, side: str, own: str) -> tuple[str, int | None] | None:
    """Return the address and port behind a translation that the exporter tells, ``None`` when there is none."""
    found = values.address(f"{side}_translated") if values.text(f"{side}_translated") else ""
    if not found or found in _NO_ADDRESS or found == own:
        return None
    return found, values.port("sport_translated" if side == "src" else "dport_translated") or None


FORMAT = LogFormat("nfdump", "NetFlow and IPFIX through nfdump", _recognise, _read, (Blind.NAMES, Blind.PAYLOAD))
