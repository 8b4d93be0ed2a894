"""Records of logs as rows: nothing is filled in, nothing counts twice, and silence proves no more than it can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.blindness import Blind
from auditor.facts.evidence import FrameLocation, LineLocation
from auditor.facts.observation import CaptureSource
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic import log_source, observe
from auditor.traffic.coverage import Watch
from auditor.traffic.edges import SourceFile, reduce_to_edges
from auditor.traffic.log_rows import LogRead, read_rows
from auditor.traffic.logs import FileDigest, LogCoverage, LogFlow, LogLookup, LogReading, LogRecord, LogSource
from auditor.traffic.logs.record import Place
from auditor.traffic.logs.registry import FORMATS
from auditor.traffic.names import Lookups
from auditor.traffic.notices import notices
from auditor.traffic.observe import flow_table
from auditor.traffic.publish import FlowRows, to_text
from auditor.traffic.table import COLUMNS, FlowTable
from auditor.traffic.times import SECOND, told
from auditor.traffic.vantage import merge_vantages
from tests.traffic.wire import CLIENT, SERVER, START, Connection, client_hello, only, pcap, records, save

AT = START * SECOND


def flow(line: int = 1, **changes: Any) -> LogFlow:
    told: dict[str, Any] = {
        "place": Place("vpc.log", line),
        "start": AT,
        "end": AT + 60 * SECOND,
        "src_addr": CLIENT,
        "src_port": 50000,
        "dst_addr": SERVER,
        "dst_port": 443,
        "transport": Transport.TCP,
        "wire_out": 5000,
        "wire_in": 900,
        "packets_out": 9,
        "packets_in": 7,
        "state": "closed",
    }
    return LogFlow(**{**told, **changes})


def read(*given: LogRecord, source: str = "vpc.log", table: FlowTable | None = None, **told: Any) -> tuple[LogRead, FlowTable]:
    """Return what ``given`` makes of a table, and the log after it was read."""
    coverage = LogCoverage("aws-vpc", records=len(given), **told)
    coverage.files.append(FileDigest("vpc.log", "a" * 64, len(given)))
    for record in given:
        if isinstance(record, LogFlow):
            coverage.saw(record.start)
    found = FlowTable() if table is None else table
    reading = LogReading(LogSource(source, ()), FORMATS[0], iter(given), coverage)
    return read_rows(reading, found, Lookups()), found


def test_a_row_holds_what_the_log_tells_and_nothing_else() -> None:
    _, table = read(flow(wire_in=None, packets_in=None, state="", src_port=None))
    (row,) = FlowRows(table)
    assert list(row) == list(COLUMNS)
    assert [name for name in COLUMNS if row[name] is None] == [
        *("src_port", "vlan", "vni", "packets_in", "payload_out", "payload_in", "wire_in"),
    ]
    assert (row["state"], row["wire_out"], row["first_frame"], row["last_frame"]) == ("unsaid", 5000, 1, 1)
    assert row["community_id"] == ""  # no port, no 5-tuple


def test_a_flow_of_several_lines_knows_its_first_alone() -> None:
    _, table = read(flow(place=Place("vpc.log", 4, 3)))
    assert (table.columns["first_frame"], table.columns["last_frame"]) == ([4], [None])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sighting": Sighting.ATTEMPT, "attempt_reason": "denied", "state": ""}, "denied"),
        ({"sighting": Sighting.ATTEMPT, "attempt_reason": "failed", "state": "reset"}, "failed"),
        ({"sighting": Sighting.ATTEMPT, "attempt_reason": "unanswered"}, "unanswered"),
        ({"sighting": Sighting.ATTEMPT, "attempt_reason": "unanswered", "transport": Transport.UDP}, ""),  # it has left
        ({"sighting": Sighting.ATTEMPT, "attempt_reason": "no_payload"}, "no_payload"),
        ({"state": "refused"}, ""),
        ({}, ""),
    ],
)
def test_an_attempt_is_what_the_log_proves_to_be_one(changes: dict[str, Any], expected: str) -> None:
    _, table = read(flow(**changes))
    (edge,) = reduce_to_edges(table, {"vpc.log": SourceFile("a" * 64, "aws-vpc")}, {})
    assert (edge.attempt_reason, edge.sighting) == (expected, Sighting.ATTEMPT if expected else Sighting.DATA)


def test_a_record_of_an_interval_shows_no_channel_held_open() -> None:
    files = {"vpc.log": SourceFile("a" * 64, "aws-vpc")}
    counted = {"payload_out": 9, "payload_in": 9}
    for lines, expected in ((1, False), (4, False), (5, True)):
        _, table = read(flow(place=Place("vpc.log", 1, lines), **counted), blind=(Blind.AGGREGATED,))
        assert reduce_to_edges(table, files, {})[0].held_open is expected
    _, table = read(flow(**counted))
    assert reduce_to_edges(table, files, {})[0].held_open is True


def test_a_record_without_a_time_takes_that_before_it_and_says_so() -> None:
    _, table = read(flow(), flow(2, start=None, end=None, src_port=50001))
    assert table.columns["start"] == [AT, AT + 60 * SECOND]
    assert table.columns["loss_flags"] == ["", "no_timestamp"]


def test_a_flow_without_any_time_is_shown_with_none() -> None:
    log, table = read(flow(start=None, end=None), flow(2, start=None, end=None, src_port=50001))
    rows = list(FlowRows(table))
    assert [(row["start"], row["end"]) for row in rows] == [(None, None)] * 2
    assert to_text(rows).splitlines()[1].split()[:2] == ["-", "-"]
    assert not notices(rows, ())
    (edge,) = reduce_to_edges(table, {"vpc.log": SourceFile("0" * 64, "aws_vpc")}, {})
    assert (edge.first_time, edge.last_time, edge.locators[0].first_time) == ("", "", "")
    covered = log.source_coverage(set(), (edge,))
    assert (covered.first_time, covered.last_time) == ("", "")


def test_a_flow_without_a_time_leaves_the_times_of_its_edge_to_the_others() -> None:
    _, table = read(flow(start=None, end=None), flow(2, src_port=50001))
    (edge,) = reduce_to_edges(table, {"vpc.log": SourceFile("0" * 64, "aws_vpc")}, {})
    assert (edge.first_time, edge.last_time) == (told(AT), told(AT + 60 * SECOND))


def test_an_answer_without_a_time_names_no_flow() -> None:
    lookups = Lookups()
    coverage = LogCoverage("bind")
    untimed = LogLookup(Place("q.log", 1), CLIENT, "a.example", (SERVER,), None)
    given = [untimed, LogLookup(Place("q.log", 2), "", "b.example", (SERVER,), AT)]
    read_rows(LogReading(LogSource("q.log", ()), FORMATS[0], iter(given), coverage), FlowTable(), lookups)
    lookups.finish()
    assert lookups.asked_through("q.log") == {"a.example", "b.example"}
    assert lookups.name(CLIENT, SERVER, AT + 1, hidden=False) == ("b.example", NameRung.DNS_OTHER_CLIENT)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, ""),
        ({"blind": (Blind.NOT_PROXIED,)}, "only what goes through this proxy"),
        ({"blind": (Blind.METADATA_ADDRESSES, Blind.PROVIDER_RESOLVER, Blind.NAMES)}, ""),
        ({"sampled": "1 of 10"}, "its records are sampled (1 of 10)"),
        ({"lost": 3}, "it says itself that 3 records or packets are missing"),
        ({"lost_uncounted": 1}, "an unknown number of records"),
        ({"truncated": True}, "it is cut off"),
    ],
)
def test_why_the_silence_of_a_log_proves_nothing(told: dict[str, Any], words: str) -> None:
    found, _ = read(flow(), **told)
    coverage = found.source_coverage(set(), ())
    assert (words in coverage.unproving) if words else (coverage.unproving == "")
    assert (coverage.logged, coverage.addresses, coverage.packets) == (True, (CLIENT,), 1)


def test_a_line_that_could_not_be_read_may_have_been_any_flow() -> None:
    found, _ = read(flow())
    found.coverage.skip("damaged")
    assert found.source_coverage(set(), ()).unproving == "1 of its lines could not be read"


def zeek(folder: Path, name: str = "conn.log", **changes: Any) -> LogSource:
    entry = {
        "ts": START + 0.001, "uid": "C1", "id.orig_h": CLIENT, "id.orig_p": 50000, "id.resp_h": SERVER, "id.resp_p": 443,
        "proto": "tcp", "duration": 0.2, "orig_bytes": 9_999, "resp_bytes": 900, "conn_state": "SF", "history": "ShADadFf",
        "orig_pkts": 5, "orig_ip_bytes": 12_000, "resp_pkts": 3, "resp_ip_bytes": 1100,
    }  # fmt: skip
    (folder / name).write_text(json.dumps(entry | changes) + "\n")
    return log_source(name, str(folder / name))


def spoken() -> bytes:
    connection = Connection()
    return pcap([*connection.handshake(), connection.say(records(client_hello())), connection.answer(b"y" * 900)])


def test_a_flow_of_a_capture_and_a_log_is_one_flow_with_the_evidence_of_both(tmp_path: Path) -> None:
    """The packets give the counts, whatever the log says, and its own numbers stand in its locator."""
    edge = only(observe([save(tmp_path, spoken(), "z.pcap"), zeek(tmp_path)]))
    assert (edge.flows, edge.payload_in, edge.source_ids) == (1, 900, ("conn.log", "z.pcap"))
    log, capture = edge.locators
    assert isinstance(log, LineLocation)
    assert isinstance(capture, FrameLocation)
    assert (log.lines, log.payload_out, log.wire_out, log.name) == ((1,), 9_999, 12_000, "api.example.com")


def test_a_log_that_leaves_out_numbers_stands_beside_a_capture(tmp_path: Path) -> None:
    """The numbers of captures are packed, and a packed column has no room for an absent one."""
    log = zeek(tmp_path, ts=START + 600, orig_pkts=None, resp_ip_bytes=None)
    table, *_ = flow_table([save(tmp_path, spoken(), "z.pcap"), log])
    assert table.columns["packets_out"] == [3, None]


def test_a_log_at_another_time_tells_another_flow(tmp_path: Path) -> None:
    edge, other = observe([save(tmp_path, spoken(), "z.pcap"), zeek(tmp_path, ts=START + 600)]).edges
    assert {edge.flows, other.flows} == {1}


def test_the_order_of_sources_does_not_matter(tmp_path: Path) -> None:
    sources: list[CaptureSource | LogSource] = [
        save(tmp_path, spoken(), "z.pcap"),
        zeek(tmp_path),
        zeek(tmp_path, "b.log", orig_bytes=4),
    ]
    assert len({repr(observe(given)) for given in (sources, sources[::-1])}) == 1


def test_two_reporters_of_one_log_tell_one_flow() -> None:
    _, table = read(flow(1, reporter="eni-1"), flow(2, reporter="eni-2", wire_out=5_100))
    merge_vantages(table)
    (edge,) = reduce_to_edges(table, {"vpc.log": SourceFile("a" * 64, "aws-vpc")}, {})
    assert (edge.flows, edge.wire_out, edge.source_ids) == (1, 5_100, ("vpc.log",))


PUBLIC = "198.51.100.7"


def translated(*, proven: bool) -> FlowTable:
    inner = flow(1, translated_src=(PUBLIC, 61000) if proven else (PUBLIC, None))
    _, table = read(inner)
    read(flow(1, src_addr=PUBLIC, src_port=61000, place=Place("edge.log", 1)), source="edge", table=table)
    merge_vantages(table)
    return table


def test_both_sides_of_a_proven_translation_are_one_flow_of_who_dialled() -> None:
    files = {name: SourceFile("a" * 64, "aws-vpc") for name in ("vpc.log", "edge.log")}
    (edge,) = reduce_to_edges(translated(proven=True), files, {})
    assert (edge.source.address, edge.flows, edge.source_ids) == (CLIENT, 1, ("edge", "vpc.log"))
    assert len(edge.locators) == 2


def test_a_translation_without_its_port_proves_nothing_and_the_flows_stay_apart() -> None:
    files = {name: SourceFile("a" * 64, "aws-vpc") for name in ("vpc.log", "edge.log")}
    edges = reduce_to_edges(translated(proven=False), files, {})
    assert sorted(edge.source.address for edge in edges) == sorted([CLIENT, PUBLIC])


def test_a_row_that_does_not_tell_its_ports_stays_alone() -> None:
    _, table = read(flow(src_port=None))
    read(flow(src_port=None), source="other", table=table)
    merge_vantages(table)
    assert table.columns["winner"] == [0, 1]


def test_local_traffic_of_a_log_makes_no_edge_and_is_counted() -> None:
    found, table = read(flow(local_protocol="mdns"))
    assert (len(table), dict(found.left_out)) == (0, {"link_local:mdns": 1})


def test_notes_tell_every_count() -> None:
    found, _ = read(flow())
    found.coverage.skip("damaged")
    found.coverage.unknown_fields["new-field"] += 2
    assert found.notes() == [
        "vpc.log: aws-vpc, 0 lines, 0 flows, 0 look-ups",
        "vpc.log: its silence proves nothing: 1 of its lines could not be read",
        "vpc.log: 1 x damaged",
        "vpc.log: field new-field is not known, 2 x",
    ]
    assert isinstance(found.watch, Watch)
