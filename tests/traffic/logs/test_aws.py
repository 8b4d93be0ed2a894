"""AWS VPC flow logs (facts F1 and F2). Lines are written by us in the documented forms."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.vocabulary import Sighting, Transport
from auditor.traffic.logs import Action, Blind, LogFlow, read_log
from auditor.traffic.sources import log_source
from tests.traffic.logs.reader import json_lines, read, told

_DEFAULT = "2 123456789012 eni-0a1b {} {} {} {} 6 10 {} 1790000000 1790000060 {} OK"
_OUT = _DEFAULT.format("10.0.0.5", "192.0.2.10", 50000, 443, 4249, "ACCEPT")
_BACK = _DEFAULT.format("192.0.2.10", "10.0.0.5", 443, 50000, 9001, "ACCEPT")
_HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id "
    "subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id sublocation-type sublocation-id "
    "pkt-src-aws-service pkt-dst-aws-service flow-direction traffic-path"
)


def _line(**fields: object) -> str:
    usual = {
        "version": 5,
        "account-id": 123456789012,
        "interface-id": "eni-0a1b",
        "srcaddr": "10.0.0.5",
        "dstaddr": "192.0.2.10",
        "srcport": 50000,
        "dstport": 443,
        "protocol": 6,
        "packets": 10,
        "bytes": 4249,
        "start": 1790000000,
        "end": 1790000060,
        "action": "ACCEPT",
        "log-status": "OK",
        "vpc-id": "vpc-1",
        "subnet-id": "subnet-1",
        "instance-id": "i-0123",
        "tcp-flags": 3,
        "type": "IPv4",
        "pkt-srcaddr": "10.0.0.5",
        "pkt-dstaddr": "192.0.2.10",
        "region": "eu-central-1",
        "az-id": "euc1-az1",
        "flow-direction": "egress",
        "traffic-path": 8,
    }
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return " ".join(str(named.get(name, usual.get(name, "-"))) for name in _HEADER.split())


def test_f1_the_default_order_needs_no_header_and_both_legs_are_one_flow(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"flows.log": f"{_BACK}\n{_OUT}\n"})
    assert outcome.format == "aws_vpc"
    assert told(outcome.flow) == {
        "start": 1790000000 * 10**9,
        "end": 1790000060 * 10**9,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "orientation_rule": "service_port",
        "packets_out": 10,
        "packets_in": 10,
        "wire_out": 4249,
        "wire_in": 9001,
        "action": Action.PASSED,
        "action_word": "ACCEPT",
        "reporter": "eni-0a1b",
    }
    assert outcome.coverage.versions == {"2": 2}
    assert {Blind.PROVIDER_RESOLVER, Blind.METADATA_ADDRESSES} <= set(outcome.coverage.blind)


def test_f1_a_custom_order_is_read_by_its_header_also_gzipped_and_joined(tmp_path: Path) -> None:
    header = "srcaddr dstaddr srcport dstport protocol start end flow-direction"
    one = f"{header}\n10.0.0.5 192.0.2.10 50000 443 6 1790000000 1790000060 egress\n"
    two = f"{_HEADER}\n{_line(srcport=50001, pkt_srcaddr='10.0.0.5')}\n"
    outcome = read(tmp_path, {"a.log.gz": gzip.compress(one.encode()), "b.log": one.replace("50000", "50002") + two})
    assert sorted((f.src_port, f.packets_out) for f in outcome.flows) == [(50000, None), (50001, 10), (50002, None)]
    assert not outcome.coverage.skipped


def test_f1_a_custom_order_without_header_needs_the_users_word(tmp_path: Path) -> None:
    text = "10.0.0.5 192.0.2.10 50000 443 6 1790000000 1790000060\n"
    fields = "${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${start} ${end}"
    flow = read(tmp_path, {"a.log": text}, format="aws_vpc", columns={"fields": fields}).flow
    assert (flow.src_addr, flow.dst_port) == ("10.0.0.5", 443)


def test_f1_nodata_is_silence_and_skipdata_is_a_loss_of_unknown_size(tmp_path: Path) -> None:
    bare = "2 123456789012 eni-0a1b - - - - - - - {} {} - {}"
    nodata = bare.format(1790000100, 1790000160, "NODATA")
    skipped = bare.format(1790000200, 1790000260, "SKIPDATA")
    quiet = read(tmp_path, {"flows.log": f"{_OUT}\n{nodata}\n"}).coverage
    assert (quiet.passed_over, quiet.lossless, quiet.last) == ({"nodata": 1}, True, 1790000160 * 10**9)
    lossy = read(tmp_path, {"flows.log": f"{_OUT}\n{skipped}\n"}).coverage
    assert (lossy.passed_over, lossy.lossless, lossy.lost_uncounted) == ({"skipdata": 1}, False, 1)


def test_f1_icmp_has_no_ports_and_unknown_protocols_are_kept(tmp_path: Path) -> None:
    lines = [_line(protocol=1, srcport=0, dstport=0, tcp_flags=0), _line(protocol=50, srcport=0, dstport=0, tcp_flags=0)]
    flows = read(tmp_path, {"flows.log": "\n".join([_HEADER, *lines])}).flows
    assert [(f.transport, f.src_port, f.dst_port, f.app_protocol) for f in flows] == [
        (Transport.ICMP, 0, 0, ""),
        (Transport.OTHER, 0, 0, "esp"),
    ]


def test_f1_transit_gateways_have_a_format_of_their_own(tmp_path: Path) -> None:
    gateway = (
        "6 TransitGateway 123456789012 tgw-1 tgw-attach-1 123456789012 210987654321 vpc-1 vpc-2 subnet-1 subnet-2 eni-1 eni-2 "
        "euc1-az1 euc1-az2 tgw-attach-2 10.0.0.5 10.9.0.7 50000 443 6 10 4249 1790000000 1790000060 OK IPv4 0 2 0 0 2 "
        "eu-central-1 egress - -"
    )
    outcome = read(tmp_path, {"tgw.log": gateway})
    flow = outcome.flow
    assert (flow.src_addr, flow.dst_addr, flow.reporter, flow.action) == ("10.0.0.5", "10.9.0.7", "tgw-attach-1", Action.UNSAID)
    assert ("packets_lost", "2") in flow.evidence
    assert outcome.coverage.notes["packets_lost_on_the_way"] == 1


def test_f2_packet_addresses_count_and_the_interface_address_is_kept(tmp_path: Path) -> None:
    inside = _line(dstaddr="10.0.0.220", pkt_dstaddr="203.0.113.5", tcp_flags=2, flow_direction="ingress")
    flow = read(tmp_path, {"flows.log": f"{_HEADER}\n{inside}\n"}).flow
    assert (flow.src_addr, flow.dst_addr) == ("10.0.0.5", "203.0.113.5")
    assert ("interface_address", "10.0.0.220") in flow.evidence
    outside = _line(srcaddr="10.0.0.220", pkt_srcaddr="10.0.1.5", dstaddr="203.0.113.5", pkt_dstaddr="203.0.113.5", tcp_flags=2)
    flow = read(tmp_path, {"flows.log": f"{_HEADER}\n{outside}\n"}).flow
    assert (flow.src_addr, flow.dst_addr) == ("10.0.1.5", "203.0.113.5"), "who sent it, not the translator on the way"


def test_f1_a_field_that_is_absent_is_unknown(tmp_path: Path) -> None:
    line = _line(srcport="-", packets="-", bytes="-", pkt_srcaddr="-")
    outcome = read(tmp_path, {"flows.log": f"{_HEADER}\n{line}\n"})
    assert (outcome.flow.src_addr, outcome.flow.src_port, outcome.flow.packets_out) == ("10.0.0.5", None, None)
    assert outcome.coverage.notes == {}


def test_f1_the_order_that_the_user_names_is_part_of_a_map(tmp_path: Path) -> None:
    line = "10.0.0.5 192.0.2.10 50000 443 6 1790000000 1790000060 -"
    (tmp_path / "a.log").write_text(line + "\n")
    order = "${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${start} ${end} ${new-field}"
    source = log_source("a.log", str(tmp_path / "a.log"), columns={"kind": "aws_vpc", "fields": order})
    reading = read_log(source)
    (flow,) = reading.records
    assert isinstance(flow, LogFlow)
    assert (flow.src_addr, flow.dst_addr, flow.dst_port) == ("10.0.0.5", "192.0.2.10", 443)
    assert reading.coverage.unknown_fields == {"new-field": 1}, "what the user names and nobody knows is reported"
    assert Blind.INTERMEDIATE in reading.coverage.blind
    for wrong in ({"kind": "aws_vpc", "fields": "a b"}, {"kind": "aws_vpc", "fields": order, "zone": ""}, {"kind": "aws_vpc"}):
        with pytest.raises(InvalidInputError, match="column map"):
            log_source("a.log", str(tmp_path / "a.log"), columns=wrong)


def test_f2_without_packet_addresses_the_log_says_so(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"flows.log": "srcaddr dstaddr protocol\n10.0.0.5 192.0.2.10 6\n"})
    assert Blind.INTERMEDIATE in outcome.coverage.blind
    assert Blind.INTERMEDIATE not in read(tmp_path, {"flows.log": f"{_HEADER}\n{_line()}\n"}).coverage.blind
    default = "2 123456789010 eni-1 10.0.0.5 192.0.2.10 50000 443 6 20 4249 1790000000 1790000060 ACCEPT OK\n"
    assert Blind.INTERMEDIATE in read(tmp_path, {"flows.log": default}).coverage.blind, "the default order has none either"


@pytest.mark.parametrize(
    ("flags", "client", "rule"), [(2, "10.0.0.5", "syn"), (3, "10.0.0.5", "syn"), (18, "192.0.2.10", "syn_ack")]
)
def test_f2_flags_tell_who_dialled(tmp_path: Path, flags: int, client: str, rule: str) -> None:
    line = _line(tcp_flags=flags, srcport=8443, dstport=9443)
    flow = read(tmp_path, {"flows.log": f"{_HEADER}\n{line}\n"}).flow
    assert (flow.src_addr, flow.orientation_rule) == (client, rule)


def test_f2_a_reject_is_an_attempt_and_a_rejected_reply_is_not(tmp_path: Path) -> None:
    rejected = _line(action="REJECT", tcp_flags=2)
    flow = read(tmp_path, {"flows.log": f"{_HEADER}\n{rejected}\n"}).flow
    assert (flow.sighting, flow.attempt_reason, flow.action) == (Sighting.ATTEMPT, "denied", Action.DENIED)
    back = {"srcaddr": "192.0.2.10", "dstaddr": "10.0.0.5", "srcport": 443, "dstport": 50000, "pkt_srcaddr": "192.0.2.10"}
    reply = _line(**back, pkt_dstaddr="10.0.0.5", action="REJECT", tcp_flags=18, flow_direction="ingress")
    flow = read(tmp_path, {"flows.log": f"{_HEADER}\n{_line(tcp_flags=0)}\n{reply}\n"}).flow
    assert (flow.src_addr, flow.sighting, flow.action) == ("10.0.0.5", Sighting.DATA, Action.PASSED)
    assert flow.action_word == "ACCEPT|REJECT", "an access list refused the answer; what went out went out"


def test_an_unanswered_syn_is_an_attempt_only_when_sizes_leave_no_room_for_data(tmp_path: Path) -> None:
    bare = _line(tcp_flags=2, packets=3, bytes=180)
    flow = read(tmp_path, {"flows.log": f"{_HEADER}\n{bare}\n"}).flow
    assert (flow.sighting, flow.attempt_reason, flow.state) == (Sighting.ATTEMPT, "unanswered", "unanswered")
    assert read(tmp_path, {"flows.log": f"{_HEADER}\n{_line(tcp_flags=2)}\n"}).flow.sighting is Sighting.DATA


def test_services_and_workloads_of_newer_versions(tmp_path: Path) -> None:
    header = f"{_HEADER} ecs-cluster-name ecs-service-name ecs-task-id reject-reason resource-id encryption-status interface-type"
    header += " next-hop-interface-id"
    line = f"{_line(version=11, pkt_dst_aws_service='S3')} agents runner task-9 - res-1 2 interface eni-9"
    flow = read(tmp_path, {"flows.log": f"{header}\n{line}\n"}).flow
    assert (flow.source.reference, flow.source.kind, flow.source.node, flow.source.owner) == (
        "agents/runner/task-9",
        "task",
        "i-0123",
        "123456789012",
    )
    assert flow.destination.reference == ""
    assert flow.evidence == (
        ("encryption_status", "2"),
        ("next_hop", "eni-9"),
        ("region", "eu-central-1"),
        ("service", "192.0.2.10 S3"),
        ("vpc", "vpc-1"),
    )


def test_two_interfaces_report_apart_and_a_long_flow_is_one(tmp_path: Path) -> None:
    later = _line(start=1790000060, end=1790000120, packets=5, bytes=100, tcp_flags=1)
    other = _line(interface_id="eni-ffff", flow_direction="ingress")
    flows = read(tmp_path, {"flows.log": f"{_HEADER}\n{_line()}\n{other}\n{later}\n"}).flows
    assert [(f.reporter, f.place.lines, f.packets_out, f.wire_out) for f in flows] == [
        ("eni-0a1b", 2, 15, 4349),
        ("eni-ffff", 1, 10, 4249),
    ]


def test_lines_of_another_version_without_a_header_are_counted(tmp_path: Path) -> None:
    coverage = read(tmp_path, {"flows.log": f"{_OUT}\n{_line()}\n{_BACK}\n"}).coverage
    assert (coverage.skipped, coverage.records, coverage.lossless) == ({"wrong_number_of_fields": 1}, 2, False)


def test_exports_of_cloudwatch_have_the_time_of_delivery_in_front(tmp_path: Path) -> None:
    assert read(tmp_path, {"flows.log": f"2026-09-21T14:13:20.000Z {_OUT}\n"}).flow.dst_port == 443


@pytest.mark.parametrize("shape", ["lines", "subscription", "search"])
def test_cloudwatchs_json_around_the_lines_is_taken_off(tmp_path: Path, shape: str) -> None:
    events = [{"id": str(number), "timestamp": 1790000000000, "message": line} for number, line in enumerate((_OUT, _BACK))]
    control = {"messageType": "CONTROL_MESSAGE", "logEvents": []}
    texts = {
        "lines": json_lines(events),
        "subscription": json_lines([{"messageType": "DATA_MESSAGE", "logGroup": "g", "logEvents": events}, control]),
        "search": json.dumps({"events": events, "searchedLogStreams": []}, indent=2),
    }
    outcome = read(tmp_path, {"flows.json": texts[shape]})
    assert (outcome.format, outcome.flow.packets_out, outcome.flow.packets_in) == ("aws_vpc", 10, 10)
    assert outcome.coverage.passed_over["other_event"] == (shape == "subscription")


def test_damage_is_counted_by_reason(tmp_path: Path) -> None:
    odd = [
        _line(version=12),
        _line(srcport=70000, dstport=444),
        _line(start=1790000099, srcport=50009),
        _line(pkt_srcaddr="x", srcaddr="y"),
    ]
    outcome = read(
        tmp_path, {"flows.log": "\n".join([_HEADER + " mood", *(f"{line} good" for line in odd), "garbage", _line()[:80]])}
    )
    coverage = outcome.coverage
    assert coverage.skipped == {"wrong_number_of_fields": 1, "cut_line": 1, "no_address": 1}
    assert coverage.unknown_fields == {"mood": 1}
    assert coverage.truncated
    assert {name: coverage.notes[name] for name in ("version_not_known:12", "field_invalid:srcport", "end_before_start")} == {
        "version_not_known:12": 1,
        "field_invalid:srcport": 1,
        "end_before_start": 1,
    }
    assert len(outcome.flows) == 3
