"""Linux' table of connections: text, events and XML as the programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.traffic.logs import LogFlow
from tests.conftest import ROOT
from tests.traffic.logs.reader import read
from tests.traffic.logs.samples import SAMPLES

RECORDED = ROOT / "fixtures" / "recordings" / "proxied"
_PLAIN = (
    "tcp      6 431999 ESTABLISHED src=10.0.0.5 dst=192.0.2.10 sport=50000 dport=443 "
    "src=192.0.2.10 dst=198.51.100.7 sport=443 dport=61000 [ASSURED] mark=0 zone=1 use=1\n"
)
_SECOND = 1_000_000_000


def test_an_entry_tells_both_sides_of_a_translation_its_counts_and_its_time(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"t": SAMPLES["conntrack"]})
    flow = outcome.flow
    assert (flow.src_addr, flow.src_port, flow.dst_addr, flow.dst_port) == ("10.0.0.5", 50000, "192.0.2.10", 443)
    assert (flow.translated_src, flow.translated_dst) == (("198.51.100.7", 61000), None)
    assert (flow.packets_out, flow.wire_out, flow.packets_in, flow.wire_in, flow.payload_out) == (5, 900, 4, 1200, None)
    assert flow.start is not None
    assert flow.end == flow.start + 10 * _SECOND  # it was listed 9 seconds later, which is rounded down
    assert outcome.coverage.notes == {"time_without_zone": 1}


def test_the_plain_table_has_no_times_and_says_so(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"nf_conntrack": _PLAIN + "ipv4     2 " + _PLAIN.replace("50000", "50001")})
    assert [(flow.start, flow.translated_src) for flow in outcome.flows] == [(None, ("198.51.100.7", 61000))] * 2
    assert outcome.coverage.notes == {"no_time": 2}


def test_a_destination_that_was_translated_is_told(tmp_path: Path) -> None:
    line = _PLAIN.replace(
        "src=192.0.2.10 dst=198.51.100.7 sport=443 dport=61000", "src=10.0.0.80 dst=10.0.0.5 sport=8443 dport=50000"
    )
    flow = read(tmp_path, {"t": line}).flow
    assert (flow.translated_src, flow.translated_dst) == (None, ("10.0.0.80", 8443))


def test_a_connection_that_nobody_answered_is_an_attempt_and_a_datagram_is_none(tmp_path: Path) -> None:
    syn = (
        "tcp      6 110 SYN_SENT src=10.0.0.5 dst=192.0.2.10 sport=50000 dport=443 [UNREPLIED] "
        "src=192.0.2.10 dst=10.0.0.5 sport=443 dport=50000 mark=0 use=1\n"
    )
    sent = syn.replace("tcp      6 110 SYN_SENT", "udp      17 20")
    one, other = read(tmp_path, {"t": syn + sent}).flows
    assert (one.attempt_reason, other.attempt_reason) == ("unanswered", "")
    assert one.translated_src is None


def test_icmp_and_protocols_without_ports(tmp_path: Path) -> None:
    text = (
        "icmp     1 29 src=10.0.0.5 dst=192.0.2.10 type=8 code=0 id=7 src=192.0.2.10 dst=10.0.0.5 type=0 code=0 id=7 "
        "mark=0 use=1\n"
        "gre      47 599 timeout=600, stream_timeout=18000 src=10.0.0.5 dst=192.0.2.10 srckey=0x0 dstkey=0x1 "
        "src=192.0.2.10 dst=10.0.0.5 srckey=0x1 dstkey=0x0 mark=0 use=1\n"
    )
    outcome = read(tmp_path, {"t": text})
    assert [(f.transport, f.src_port, f.app_protocol) for f in outcome.flows] == [("icmp", 0, ""), ("other", 0, "gre")]
    assert not outcome.coverage.skipped


def test_events_of_one_connection_are_one_flow_from_its_first_to_its_last(tmp_path: Path) -> None:
    told = (
        "src=10.0.0.5 dst=192.0.2.10 sport=50000 dport=443 packets=9 bytes=900 src=192.0.2.10 dst=10.0.0.5 sport=443 dport=50000"
    )
    way, back = "src=10.0.0.5 dst=192.0.2.10 sport=50000", "src=192.0.2.10 dst=10.0.0.5"
    lines = [
        f"[1790000000.500000]\t    [NEW] tcp      6 120 SYN_SENT {way} dport=443 [UNREPLIED] {back} sport=443 dport=50000 id=7",
        f"[1790000001.000000]\t [UPDATE] tcp      6 60 SYN_RECV {told} id=7",
        f"[1790000009.000000]\t[DESTROY] tcp      6 {told} packets=8 bytes=800 [ASSURED] id=7",
        f"[1790000010.000000]\t    [NEW] udp      17 30 {way} dport=53 [UNREPLIED] {back} sport=53 dport=50000 id=8",
    ]
    first, second = read(tmp_path, {"t": "\n".join(lines) + "\n"}).flows
    assert (first.start, first.end, first.place.line, first.place.lines) == (1790000000_500000000, 1790000009 * _SECOND, 1, 3)
    assert (first.wire_out, first.wire_in, first.attempt_reason) == (900, 800, "")
    assert (second.transport, second.start) == ("udp", 1790000010 * _SECOND)


def test_the_recorded_table_as_xml_and_the_recorded_events_tell_the_same_translations(tmp_path: Path) -> None:
    def pairs(name: str) -> dict[tuple[str, int | None], tuple[str, int | None] | None]:
        flows: list[LogFlow] = read(tmp_path, {name: (RECORDED / name).read_bytes()}).flows
        return {(flow.src_addr, flow.src_port): flow.translated_src for flow in flows}

    table, events = pairs("conntrack.xml"), pairs("conntrack.log")
    assert table.items() <= events.items()
    assert {pair[0] for pair in table.values() if pair} == {"192.0.2.1"}
    coverage = read(tmp_path, {"t": (RECORDED / "conntrack.xml").read_bytes()}).coverage
    assert (coverage.passed_over, coverage.skipped) == ({"header": 3}, {})


@pytest.mark.parametrize("cut", [60, 90, 120])
def test_an_entry_that_is_cut_is_counted(tmp_path: Path, cut: int) -> None:
    outcome = read(tmp_path, {"t": _PLAIN + _PLAIN.replace("50000", "50002")[:cut]})
    assert len(outcome.flows) == 1
    assert outcome.coverage.skipped == {"cut_line": 1}


def test_unknown_words_are_counted(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"t": _PLAIN.replace("use=1", "use=1 newfield=3")})
    assert outcome.coverage.unknown_fields == {"newfield": 1}
