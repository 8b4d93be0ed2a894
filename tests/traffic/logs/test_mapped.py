"""Any CSV or JSON log by the user's column map."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import InvalidInputError, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic import observe
from auditor.traffic.logs import Action
from auditor.traffic.logs.column_map import COLUMNS, TIMES, column_map
from tests.traffic.logs.reader import Outcome, captures, json_lines, read, told

_MAP: dict[str, Any] = {
    "columns": {
        "time": "when",
        "duration": "secs",
        "source": "src",
        "source_port": "sport",
        "destination": "dst",
        "destination_port": "dport",
        "protocol": "proto",
        "url": "url",
        "bytes_out": "sent",
        "bytes_in": "rcvd",
        "action": "verdict",
        "reporter": "device",
        "user": "user",
        "rule": "rule",
        "application": "app",
    },
    "actions": {"passed": ["allow"], "denied": ["deny", "drop"]},
    "bytes": "payload",
}
_HEADER = "when,secs,src,sport,dst,dport,proto,url,sent,rcvd,verdict,device,user,rule,app\n"
_ROW = (
    '2026-09-21T10:00:01.25Z,1.5,10.0.0.5,50000,192.0.2.10,443,tcp,"https://api.example.org/v1/chat?key=x",1200,9000,Allow,fw1,'
    'alice,"r, 7",SSL\n'
)


def _read(folder: Path, text: str, **changes: Any) -> Outcome:
    return read(folder, {"fw.csv": text}, format="map", columns={**_MAP, **changes})


def test_every_column_of_a_csv_row(tmp_path: Path) -> None:
    flow = _read(tmp_path, _HEADER + _ROW).flow
    assert told(flow) == {
        "start": 1789984801250000000,
        "end": 1789984802750000000,
        "src_addr": "10.0.0.5",
        "src_port": 50000,
        "dst_addr": "192.0.2.10",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "payload_out": 1200,
        "payload_in": 9000,
        "name": "api.example.org",
        "name_rung": NameRung.PROXY_AUTHORITY,
        "app_protocol": "ssl",
        "action": Action.PASSED,
        "action_word": "Allow",
        "reporter": "fw1",
        "source": flow.source,
        "path": "/v1/chat",
        "evidence": (("rule", "r, 7"),),
    }
    assert (flow.source.name, flow.source.kind) == ("alice", "user")


def test_json_by_dotted_paths_gives_the_same(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    ours = {
        "time": "event.when",
        "source": "client.ip",
        "destination": "server.ip",
        "destination_port": "server.port",
        "name": "sni.name",
        "bytes_out": "out",
    }
    record = {"event": {"when": 1789984801250}, "client": {"ip": "10.0.0.5"}, "server": {"ip": "192.0.2.10", "port": 443}}
    record = {**record, "sni.name": "api.example.org", "out": 1200}
    changes = {"kind": "json", "columns": ours, "name_rung": "sni", "bytes": "wire"}
    flow = read(tmp_path, {"fw.json": json_lines([record])}, format="map", columns=changes).flow
    text = "when;src;dst;dport;host;out\n1789984801250;10.0.0.5;192.0.2.10;443;api.example.org;1200\n"
    flat = {
        "time": "when",
        "source": "src",
        "destination": "dst",
        "destination_port": "dport",
        "name": "host",
        "bytes_out": "out",
    }
    changes = {"delimiter": ";", "columns": flat, "name_rung": "sni", "time": "milliseconds"}
    assert told(flow) == told(read(tmp_path / "csv", {"fw.csv": text}, format="map", columns=changes).flow)
    assert (flow.wire_out, flow.name_rung) == (1200, NameRung.SNI)


@pytest.mark.parametrize(
    ("time", "zone", "text"),
    [
        ("auto", "", "1789984801.25"),
        ("auto", "+02:00", "2026-09-21 12:00:01.250"),
        ("iso", "", "2026-09-21 10:00:01.25"),
        ("microseconds", "", "1789984801250000"),
        ("%d/%m/%Y %H:%M:%S.%f", "+02:00", "21/09/2026 12:00:01.250"),
        ("%d/%b/%Y:%H:%M:%S.%f %z", "", "21/Sep/2026:12:00:01.250 +0200"),
    ],
)
def test_times_of_every_kind(tmp_path: Path, time: str, zone: str, text: str) -> None:
    row = _ROW.replace("2026-09-21T10:00:01.25Z", text)
    assert _read(tmp_path, _HEADER + row, time=time, zone=zone).flow.start == 1789984801250000000


def test_lines_with_the_same_ends_stay_apart_unless_they_are_legs(tmp_path: Path) -> None:
    back = _ROW.replace("10.0.0.5,50000,192.0.2.10,443", "192.0.2.10,443,10.0.0.5,50000").replace(
        "https://api.example.org/v1/chat?key=x", ""
    )
    other = _ROW.replace("1200", "1300")
    assert len(_read(tmp_path, _HEADER + _ROW + other).flows) == 2
    flow = _read(tmp_path, _HEADER + _ROW + back, both_ways="no").flow
    assert (flow.src_addr, flow.payload_out, flow.payload_in, flow.place.lines) == ("10.0.0.5", 1200, 1200, 2)


def test_actions_are_words_of_the_map(tmp_path: Path) -> None:
    outcome = _read(tmp_path, _HEADER + _ROW.replace("Allow", "DROP") + _ROW.replace("Allow", "ponder").replace("50000", "50001"))
    one, two = outcome.flows
    assert (one.sighting, one.attempt_reason, one.action) == (Sighting.ATTEMPT, "denied", Action.DENIED)
    assert (two.sighting, two.action) == (Sighting.DATA, Action.UNSAID)
    assert outcome.coverage.notes["action_not_mapped:ponder"] == 1


def test_a_file_without_header_and_a_column_of_names_or_addresses(tmp_path: Path) -> None:
    text = "10.0.0.5\tapi.example.org\t443\n10.0.0.5\t192.0.2.10\t443\n"
    ours = {"source": "a", "destination": "b", "destination_port": "c"}
    changes = {"columns": ours, "delimiter": "\t", "header": ["a", "b", "c"]}
    flows = read(tmp_path, {"fw.tsv": text}, format="map", columns=changes).flows
    assert [(f.dst_addr, f.name, f.dst_port) for f in flows] == [("", "api.example.org", 443), ("192.0.2.10", "", 443)]


def test_damage_is_counted(tmp_path: Path) -> None:
    rows = [_ROW, "short,row\n", _ROW.replace("192.0.2.10", "-").replace("https://api.example.org/v1/chat?key=x", "-")]
    rows += [_ROW.replace("2026-09-21T10:00:01.25Z", "yesterday"), _ROW[:40]]
    coverage = _read(tmp_path, _HEADER + "".join(rows)).coverage
    assert coverage.skipped == {"wrong_number_of_fields": 1, "no_destination": 1, "cut_line": 1}
    assert coverage.notes["field_invalid:time"] == 1


def test_a_column_that_the_log_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as refused:
        _read(tmp_path, _HEADER.replace("verdict", "decision") + _ROW)
    assert "verdict" in refused.value.diagnostics()[0].why


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": {}}, "no destination is mapped"),
        ({"columns": {"destination": "d", "colour": "c"}}, "unknown column 'colour'"),
        ({"columns": {"destination": ""}}, "destination is mapped to ''"),
        ({"kind": "xml"}, "kind is 'xml'"),
        ({"delimiter": "::"}, "delimiter is '::'"),
        ({"time": "noon"}, "time is 'noon'"),
        ({"zone": "Berlin"}, "zone is 'Berlin'"),
        ({"bytes": "nibbles"}, "bytes is 'nibbles'"),
        ({"name_rung": "guess"}, "name_rung is 'guess'"),
        ({"actions": {"maybe": ["x"]}}, "actions.maybe"),
        ({"mood": "good"}, "unknown key 'mood'"),
    ],
)
def test_a_malformed_map_is_refused_with_every_fault(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        column_map({**_MAP, **changes})
    assert said in " ".join(diagnostic.what for diagnostic in refused.value.diagnostics())
    assert all(diagnostic.next_step for diagnostic in refused.value.diagnostics())


def test_a_whole_map_is_accepted() -> None:
    found = column_map({"columns": {name: name for name in COLUMNS}, "time": TIMES[1], "both_ways": "no"})
    assert set(found.columns) == set(COLUMNS)
    assert not found.both_ways


_TSHARK: dict[str, Any] = {
    "columns": {
        "time": "frame.time_epoch",
        "source": "ip.src",
        "source_port": "tcp.srcport",
        "destination": "ip.dst",
        "destination_port": "tcp.dstport",
        "bytes_out": "ip.len",
        "name": "tls.handshake.extensions_server_name",
    },
    "delimiter": ";",
    "both_ways": "no",
    "name_rung": "sni",
}
CAPTURES = captures()


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_packets_listed_by_tshark_have_the_edges_of_the_capture(tmp_path: Path, capture: Path) -> None:
    """One line a TCP packet over IPv4, folded by a column map, gives the bytes and names that the capture itself gives."""
    fields = [part for column in _TSHARK["columns"].values() for part in ("-e", column)]
    command = ["tshark", "-r", str(capture), "-Y", "ip && tcp && !icmp", "-T", "fields", "-E", "header=y", "-E", "separator=;"]
    done = subprocess.run([*command, "-E", "occurrence=f", *fields], check=True, capture_output=True, timeout=120)
    outcome = read(tmp_path, {"packets.csv": done.stdout}, format="map", columns=_TSHARK)
    found: Counter[tuple[object, ...]] = Counter()
    for flow in outcome.flows:
        key = (flow.src_addr, flow.dst_addr, flow.dst_port, flow.name)
        found[*key, "out"] += flow.wire_out or 0
        found[*key, "back"] += flow.wire_in or 0
    seen: Counter[tuple[object, ...]] = Counter()
    for edge in observe([CaptureSource("capture", str(capture), "", ())]).edges:
        end = edge.destination
        if end.transport is Transport.TCP and ":" not in edge.source.address:
            key = (edge.source.address, end.address, end.port, end.name if end.rung is NameRung.SNI else "")
            seen[*key, "out"] += edge.wire_out or 0
            seen[*key, "back"] += edge.wire_in or 0
    assert found == seen


@pytest.mark.parametrize(
    ("text", "end"), [("192.0.2.10:443", ("192.0.2.10", 443, "")), ("[2001:db8::1]:443", ("2001:db8::1", 443, "")),
                      ("api.example.org:443", ("", 443, "api.example.org")), ("2001:db8::1", ("2001:db8::1", None, ""))]
)  # fmt: skip
def test_an_end_may_hold_address_and_port_in_one_column(tmp_path: Path, text: str, end: tuple[str, int | None, str]) -> None:
    columns = {"source": "from", "destination": "to", "time": "at", "duration": "took"}
    record = {"from": "10.0.0.5:50000", "to": text, "at": 1789984801, "took": 150}
    changes = {"kind": "json", "columns": columns, "duration": "milliseconds"}
    flow = read(tmp_path, {"a.json": json_lines([record])}, format="map", columns=changes).flow
    assert (flow.src_addr, flow.src_port) == ("10.0.0.5", 50000)
    assert (flow.dst_addr, flow.dst_port, flow.name) == end
    assert (flow.end or 0) - (flow.start or 0) == 150_000_000
