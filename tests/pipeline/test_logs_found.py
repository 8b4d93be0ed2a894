"""Logs that nobody named are found, with and without a manifest to draft; a flow table is a log like any other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.facts.observation import CaptureSource
from auditor.pipeline import Request, gather
from auditor.pipeline.logs_found import logs_below
from auditor.traffic import log_source, observe
from auditor.traffic.lake.folder import write_folder
from auditor.traffic.lake.writing import write_file
from auditor.traffic.observe import flow_table
from tests.traffic.logs.samples import SAMPLES
from tests.traffic.wire import Connection, client_hello, pcap, records


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with configuration, a rotated log, two single ones, and files that are none."""
    (tmp_path / "vpc").mkdir()
    (tmp_path / "vpc" / "a.log").write_text(SAMPLES["aws_vpc"])
    (tmp_path / "vpc" / "b.log").write_text(SAMPLES["aws_vpc"].replace("50000", "50001"))
    (tmp_path / "access.log").write_text(SAMPLES["squid"])
    (tmp_path / "eve.json").write_text(SAMPLES["suricata"])
    (tmp_path / "notes.log").write_text("nothing of any format\n")
    (tmp_path / "settings.json").write_text('{"telemetry": false}\n')
    (tmp_path / "app.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    return tmp_path


def test_logs_are_found_by_their_first_lines_and_a_rotated_set_is_one(folder: Path) -> None:
    assert [path.relative_to(folder).as_posix() for path in logs_below([folder])] == ["access.log", "eve.json", "vpc"]


def test_dnstap_as_yaml_is_found_and_a_log_inside_other_yaml_is_none(folder: Path) -> None:
    (folder / "tap.yaml").write_text(SAMPLES["dnstap_yaml"])
    (folder / "nf_conntrack").write_text(SAMPLES["conntrack"])
    (folder / "values.yaml").write_text("# a value\n" + SAMPLES["bind"])
    found = [path.relative_to(folder).as_posix() for path in logs_below([folder])]
    assert found == ["access.log", "eve.json", "nf_conntrack", "tap.yaml", "vpc"]


def test_without_a_manifest_logs_are_read(folder: Path) -> None:
    inputs = gather(Request(paths=(folder,), profiles=("in-network",)))
    assert inputs.observation is not None
    assert [(c.id, c.format) for c in inputs.observation.coverage] == [
        ("access.log", "squid"),
        ("eve.json", "suricata"),
        ("vpc", "aws_vpc"),
    ]
    assert inputs.stage == "operate"
    assert not [entry for entry in inputs.not_examined if entry.path in ("access.log", "eve.json")]


def test_a_log_alone_is_something_to_audit(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(SAMPLES["squid"])
    inputs = gather(Request(paths=(tmp_path / "access.log",), profiles=("in-network",)))
    assert inputs.observation is not None
    assert [edge.destination.name for edge in inputs.observation.edges] == ["api.example.org"]


def test_a_draft_names_the_logs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(folder)]) == 0
    drafted = capsys.readouterr().out
    named = [line.strip().split(",")[0].rstrip("}") for line in drafted.splitlines() if "{log:" in line]
    assert named == ["- {log: access.log", "- {log: eve.json", "- {log: vpc/"]
    assert "{path: access.log}" not in drafted


def capture(folder: Path) -> CaptureSource:
    connection = Connection()
    frames = [*connection.handshake(), connection.say(records(client_hello())), connection.answer(b"y" * 900)]
    (folder / "a.pcap").write_bytes(pcap(frames))
    return CaptureSource("a.pcap", str(folder / "a.pcap"), "", ())


@pytest.mark.parametrize("form", ["file", "folder"])
def test_a_flow_table_tells_the_edges_of_the_capture_it_was_made_of(tmp_path: Path, form: str) -> None:
    source = capture(tmp_path)
    name = "flows.parquet" if form == "file" else "lake"
    if form == "file":
        write_file(flow_table([source])[0], tmp_path / name)
    else:
        list(write_folder([source], tmp_path / name))
        orphan = tmp_path / name / "day=2023-11-14" / "source=0" / "part-0-0.parquet"
        orphan.parent.mkdir(parents=True)
        shutil.copy(next((tmp_path / name).rglob("part-*.parquet")), orphan)
    (edge,) = observe([log_source(name, str(tmp_path / name))]).edges
    (direct,) = observe([source]).edges
    for field in (
        "source",
        "destination",
        "flows",
        "packets_out",
        "payload_out",
        "payload_in",
        "wire_in",
        "first_time",
        "last_time",
    ):
        assert getattr(edge, field) == getattr(direct, field)
    assert logs_below([tmp_path]) == (tmp_path / name,)


def test_a_flow_table_beside_its_capture_counts_each_flow_once(tmp_path: Path) -> None:
    source = capture(tmp_path)
    write_file(flow_table([source])[0], tmp_path / "flows.parquet")
    (tmp_path / "auditor.yaml").write_text(
        "version: 1\ndeployment: table\nzones: {corp: {operator: customer, networks: [10.0.0.0/8]}}\nperimeter: [corp]\n"
        "profiles: [in-network]\ninputs:\n  - {capture: a.pcap}\n  - {log: flows.parquet}\n"
    )
    inputs = gather(Request(paths=(tmp_path,)))
    assert inputs.observation is not None
    (edge,) = inputs.observation.edges
    assert (edge.flows, edge.payload_in, edge.source_ids) == (1, 900, ("a.pcap", "flows.parquet"))
    table = next(c for c in inputs.observation.coverage if c.id == "flows.parquet")
    assert table.unproving == "only what the recording program was shown is logged"
