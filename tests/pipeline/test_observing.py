"""Captures and logs of one window in one deployment: one table, each flow once, with all its evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.facts.assessment import Assessment
from auditor.facts.vocabulary import Stage
from auditor.pipeline import Request, gather, judge, model
from tests.traffic.wire import CLIENT, SERVER, START, Connection, client_hello, pcap, records

AS_OF = "2023-11-15T00:00:00Z"
OTHER = "203.0.113.77"
MANIFEST = f"""\
version: 1
deployment: three-views
zones:
  corp: {{operator: customer, hosted_by: customer, processing: [DE], storage: [DE], networks: [10.0.0.0/24]}}
perimeter: [corp]
components:
  - {{id: agent, plane: execution, role: workspace, zone: corp, networks: [{CLIENT}/32]}}
inputs:
  - {{capture: perimeter.pcap, vantage: perimeter, sees: [corp]}}
  - {{log: flows, vantage: hosts, sees: [corp]}}
profiles: [in-network]
"""


def entry(uid: str, server: str, **changes: object) -> str:
    told = {
        "ts": START, "uid": uid, "id.orig_h": CLIENT, "id.orig_p": 50000, "id.resp_h": server, "id.resp_p": 443,
        "proto": "tcp", "duration": 0.2, "orig_bytes": 500, "resp_bytes": 900, "conn_state": "SF", "history": "ShADadFf",
        "orig_pkts": 5, "orig_ip_bytes": 800, "resp_pkts": 3, "resp_ip_bytes": 1100,
    }  # fmt: skip
    return json.dumps(told | changes) + "\n"


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """Return a deployment with a capture and a rotated flow log: one flow in both, one in the log alone."""
    connection = Connection()
    frames = [*connection.handshake(), connection.say(records(client_hello())), connection.answer(b"y" * 900)]
    (tmp_path / "perimeter.pcap").write_bytes(pcap(frames))
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "conn.1.log").write_text(entry("C1", SERVER))
    (tmp_path / "flows" / "conn.2.log").write_text(
        entry("C2", OTHER, **{"id.orig_p": 50001, "orig_bytes": None, "resp_bytes": None})
    )
    (tmp_path / "auditor.yaml").write_text(MANIFEST)
    return tmp_path


def assessed(deployment: Path) -> Assessment:
    inputs = gather(Request(paths=(deployment,)))
    return judge(model(inputs), inputs, AS_OF)


def test_each_flow_stands_once_with_the_evidence_of_every_source(deployment: Path) -> None:
    found = assessed(deployment)
    evidence = {e.id: e for e in found.evidence}
    shown = {
        c.destination: (c.payload_in, c.untold, sorted((evidence[e].kind, evidence[e].path) for e in c.evidence))
        for c in found.channels
    }
    assert shown == {
        "host:api.example.com": (900, 0, [("frames", "perimeter.pcap"), ("lines", "flows/conn.1.log")]),
        f"addr:{OTHER}": (None, 1, [("lines", "flows/conn.2.log")]),
    }


def test_every_file_of_a_log_is_an_input_with_its_digest(deployment: Path) -> None:
    found = assessed(deployment)
    assert [(i.path, i.kind) for i in found.inputs if i.kind in ("capture", "log")] == [
        ("flows/conn.1.log", "log"),
        ("flows/conn.2.log", "log"),
        ("perimeter.pcap", "capture"),
    ]
    assert found.stage == "operate"
    assert [(c.id, c.format, c.vantage, c.packets) for c in found.coverage] == [
        ("flows", "zeek", "hosts", 2),
        ("perimeter.pcap", "pcap", "perimeter", 5),
    ]


def test_before_operation_no_log_is_read(deployment: Path) -> None:
    inputs = gather(Request(paths=(deployment,), stage=Stage.CHANGE))
    assert inputs.observation is None
    reasons = {n.path: n.reason for n in model(inputs).not_examined}
    assert reasons["flows"] == "logs are not looked at at stage change; judge at stage operate"


def test_a_named_log_that_cannot_be_read_is_said_and_the_rest_judged(deployment: Path) -> None:
    manifest = deployment / "auditor.yaml"
    manifest.write_text(MANIFEST.replace("{log: flows,", "{log: gone.log,"))
    found = assessed(deployment)
    assert [(n.path, n.named) for n in found.not_examined] == [("gone.log", True)]
    assert found.exit_code == 4
    assert len(found.channels) == 1


def test_a_format_of_no_reader_is_refused_by_name(deployment: Path) -> None:
    manifest = deployment / "auditor.yaml"
    manifest.write_text(MANIFEST.replace("{log: flows,", "{log: flows, format: morse,"))
    (missed,) = assessed(deployment).not_examined
    assert missed.reason.startswith("no log format is called 'morse': known: ")


def test_a_log_with_a_form_of_its_own_is_read_by_its_map(deployment: Path) -> None:
    (deployment / "own.csv").write_text(f"when,who,to,port,sent,got\n{START},{CLIENT},{OTHER},443,700,900\n")
    (deployment / "own.yaml").write_text(
        "kind: csv\nbytes: payload\ntime: seconds\n"
        "columns: {time: when, source: who, destination: to, destination_port: port, bytes_out: sent, bytes_in: got}\n"
    )
    (deployment / "auditor.yaml").write_text(MANIFEST.replace("{log: flows,", "{log: own.csv, map: own.yaml,"))
    found = assessed(deployment)
    (channel,) = (c for c in found.channels if c.destination == f"addr:{OTHER}")
    assert (channel.payload_out, channel.payload_in, channel.untold) == (700, 900, 0)
