"""``auditor flows``: whole outputs over one small capture, and what is said about captures that are not whole."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli import main
from auditor.traffic.table import COLUMNS
from tests.conftest import ROOT
from tests.traffic.wire import CLIENT, SERVER, Connection, client_hello, pcap, records, udp


def capture(folder: Path) -> Path:
    connection = Connection()
    hello = records(client_hello("=cmd.example"))
    hidden = records(client_hello("cover.example", [(0xFE0D, bytes(8))]))
    other = Connection(client_port=50001)
    frames = [*connection.handshake(), connection.say(hello), connection.answer(b"\x15\3\3\0\2\2\x28" * 2)]
    frames += [*other.handshake(), other.say(hidden), udp(b"hello")]
    path = folder / "a.pcap"
    path.write_bytes(pcap(frames)[:-1])
    return path


def run(*arguments: str) -> int:
    result = main(list(arguments))
    assert isinstance(result, int)
    return result


def test_the_table_for_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    capture(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run("flows", "a.pcap") == 0
    out, err = capsys.readouterr()
    lines = [line.split("  ") for line in out.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert cells[0][:8] == ["start", "seconds", "source", "destination", "transport", "app", "name", "rung"]
    assert [row[2:8] for row in cells[1:]] == [
        [f"{CLIENT}:50000", f"{SERVER}:443", "tcp", "tls", "=cmd.example", "sni"],
        [f"{CLIENT}:50001", f"{SERVER}:443", "tcp", "tls", "(cover.example)", "-"],
    ]
    assert err == "a.pcap: 9 packets, 0.008 s\na.pcap: the file ends early, it was read up to there\na.pcap: 1 x record_cut\n"


def test_csv_and_json_hold_every_column_and_the_same_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = capture(tmp_path)
    assert run("flows", str(path), "-q", "-o", f"csv:{tmp_path / 'a.csv'}", "-o", f"json:{tmp_path / 'a.json'}") == 0
    assert capsys.readouterr() == ("", "")
    rows = json.loads((tmp_path / "a.json").read_text())
    table = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert [tuple(row) for row in rows] == [COLUMNS] * 2
    for row, cells in zip(rows, table, strict=True):
        expected = {name: "" if value is None else str(value) for name, value in row.items()}
        if row["name"].startswith("="):
            expected |= {"name": "'=cmd.example", "server_name": "'=cmd.example"}  # no formula for a spreadsheet
        assert cells == expected
    assert {row["source_id"] for row in rows} == {"a.pcap"}
    assert rows[0] | {"start": 0, "end": 0, "community_id": ""} == {
        "start": 0, "end": 0, "src_addr": CLIENT, "src_port": 50000, "dst_addr": SERVER, "dst_port": 443, "transport": "tcp",
        "vlan": None, "vni": None, "orientation_rule": "syn", "packets_out": 3, "packets_in": 2, "payload_out": 116,
        "payload_in": 14, "wire_out": 236, "wire_in": 94, "state": "established", "name": "=cmd.example", "name_rung": "sni",
        "app_protocol": "tls", "first_frame": 1, "last_frame": 5, "source_id": "a.pcap", "loss_flags": "",
        "server_name": "=cmd.example", "tunnel": "", "outer_src_addr": "", "outer_dst_addr": "", "community_id": "",
        "local_protocol": "",
    }  # fmt: skip


def test_the_same_flow_in_two_captures_is_one_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = capture(tmp_path)
    (tmp_path / "b").mkdir()
    other = tmp_path / "b" / "a.pcap"
    other.write_bytes(path.read_bytes())
    assert run("flows", str(path), str(other), "-o", "json:-") == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 2
    assert "a.pcap#2: 9 packets" in err


def test_standard_input_and_an_empty_table(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "auditor", "flows", "-", "-q", "-o", "json:-"]
    for content, count in ((capture(tmp_path).read_bytes(), 2), (pcap([]), 0)):
        done = subprocess.run(command, input=content, capture_output=True, cwd=ROOT, check=True, timeout=60)
        assert len(json.loads(done.stdout)) == count


@pytest.mark.parametrize(
    ("arguments", "code"), [(["none.pcap"], 4), ([], 2), (["a.pcap", "-o", "xml:x"], 2), (["a.pcap", "-o", "csv:no/x"], 2)]
)
def test_bad_input_ends_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    capture(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run("flows", *arguments) == code
    assert "Traceback" not in capsys.readouterr().err


def test_sources_are_added_to_a_folder_that_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run beside each sensor, again and again: into the same folder, and what is there whole is not read again."""
    path, lake = capture(tmp_path), tmp_path / "lake"
    assert run("flows", str(path), "-o", f"parquet:{lake}/") == 0
    before = {file: file.read_bytes() for file in lake.rglob("*") if file.is_file()}
    assert run("flows", str(path), "-o", f"parquet:{lake}") == 0
    assert "a.pcap: already there" in capsys.readouterr().err
    assert {file: file.read_bytes() for file in lake.rglob("*") if file.is_file()} == before
    assert run("flows", str(path), "-o", f"csv:{lake}") == 2
    assert "it is a folder" in capsys.readouterr().err
