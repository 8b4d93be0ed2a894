"""Parquet: AWS VPC flow logs and OCSF events as data lakes keep them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from auditor.errors import UnreadableError
from auditor.traffic.logs import Blind
from tests.traffic.logs.reader import read, told
from tests.traffic.logs.samples import SAMPLES

_COLUMNS = {
    "version": "INTEGER",
    "account_id": "VARCHAR",
    "interface_id": "VARCHAR",
    "srcaddr": "VARCHAR",
    "dstaddr": "VARCHAR",
    "srcport": "INTEGER",
    "dstport": "INTEGER",
    "protocol": "INTEGER",
    "packets": "BIGINT",
    "bytes": "BIGINT",
    "start": "BIGINT",
    "end": "BIGINT",
    "action": "VARCHAR",
    "log_status": "VARCHAR",
}


def _vpc(path: Path, rows: list[str], more: str = "") -> bytes:
    """Write lines of the default text format as Parquet, and return the file."""
    with duckdb.connect() as connection:
        kinds = ", ".join(f'"{name}" {kind}' for name, kind in _COLUMNS.items())
        connection.execute(f"CREATE TABLE flows ({kinds})")
        for row in rows:
            values = [None if value == "-" else value for value in row.split()]
            connection.execute(f"INSERT INTO flows VALUES ({', '.join('?' for _ in values)})", values)  # noqa: S608
        connection.execute(f"COPY (SELECT *{more} FROM flows) TO '{path}' (FORMAT parquet)")  # noqa: S608 -- our own texts
    return path.read_bytes()


_OUT = SAMPLES["aws_vpc"].strip()
_BACK = "2 123456789012 eni-0a1b 192.0.2.10 10.0.0.5 443 50000 6 8 9001 1790000000 1790000060 ACCEPT OK"
_SKIPPED = "2 123456789012 eni-0a1b - - - - - - - 1790000200 1790000260 - SKIPDATA"


def test_f1_parquet_and_text_of_the_same_records_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    data = _vpc(tmp_path / "made.parquet", [_OUT, _BACK, _SKIPPED])
    parquet = read(tmp_path, {"flows.parquet": data})
    text = read(tmp_path / "text", {"flows.log": f"{_OUT}\n{_BACK}\n{_SKIPPED}\n"})
    assert parquet.format == "aws_vpc"
    assert told(parquet.flow) == told(text.flow)
    assert parquet.flow.place == ("flows.parquet", 1, 2)
    one, two = parquet.coverage, text.coverage
    assert (one.lines, one.records, one.passed_over, one.lost_uncounted, one.versions, one.first, one.last) == (
        two.lines,
        two.records,
        two.passed_over,
        two.lost_uncounted,
        two.versions,
        two.first,
        two.last,
    )
    assert one.files[0].lines == 3
    assert Blind.INTERMEDIATE in one.blind


def test_columns_that_nobody_knows_are_reported(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"flows.parquet": _vpc(tmp_path / "made.parquet", [_OUT], ", 'good' AS mood")})
    assert outcome.coverage.unknown_fields == {"mood": 1}


def test_f8_nested_events_of_a_security_lake_are_read(tmp_path: Path) -> None:
    (tmp_path / "json").mkdir()
    (tmp_path / "in.json").write_text(SAMPLES["ocsf"])
    with duckdb.connect() as connection:
        source, target = tmp_path / "in.json", tmp_path / "made.parquet"
        connection.execute(f"COPY (SELECT * FROM read_json('{source}')) TO '{target}' (FORMAT parquet)")  # noqa: S608
    outcome = read(tmp_path, {"events.parquet": (tmp_path / "made.parquet").read_bytes()})
    assert outcome.format == "ocsf"
    assert told(outcome.flow) == told(read(tmp_path / "json", {"events.json": SAMPLES["ocsf"]}).flow)


@pytest.mark.parametrize("name", ["flows[1]*?.parquet", "a b'c.parquet"])
def test_characters_of_a_file_name_mean_themselves(tmp_path: Path, name: str) -> None:
    data = _vpc(tmp_path / "made.parquet", [_OUT])
    assert read(tmp_path, {name: data}).flow.packets_out == 10


def test_damaged_parquet_is_refused_or_counted(tmp_path: Path) -> None:
    data = _vpc(tmp_path / "made.parquet", [_OUT] * 3)
    for damaged in (data[: len(data) // 2], b"PAR1" + b"\0" * 64):
        with pytest.raises(UnreadableError) as refused:
            read(tmp_path, {"flows.parquet": damaged})
        assert "DuckDB" in refused.value.diagnostics()[0].why


def test_parquet_of_something_else_is_no_log(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS a) TO '{tmp_path / 'made.parquet'}' (FORMAT parquet)")
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path, {"x.parquet": (tmp_path / "made.parquet").read_bytes()})
    assert "no known format" in refused.value.diagnostics()[0].why
    assert json.dumps(refused.value.diagnostics()[0].path) == '"x.parquet"'


def test_numbers_as_floats_and_times_as_timestamps_are_the_same(tmp_path: Path) -> None:
    plain = read(tmp_path, {"plain.parquet": _vpc(tmp_path / "made.parquet", [_OUT])})
    casts = ", ".join(f'CAST("{name}" AS DOUBLE) AS "{name}"' for name, kind in _COLUMNS.items() if kind != "VARCHAR")
    casts = casts.replace('CAST("start" AS DOUBLE)', 'to_timestamp("start")').replace(
        'CAST("end" AS DOUBLE)', 'to_timestamp("end")'
    )
    texts = ", ".join(f'"{name}"' for name, kind in _COLUMNS.items() if kind == "VARCHAR")
    with duckdb.connect() as connection:
        rows = f"SELECT {casts}, {texts} FROM '{tmp_path}/plain.parquet'"  # noqa: S608 -- our own texts
        connection.execute(f"COPY ({rows}) TO '{tmp_path}/made2.parquet' (FORMAT parquet)")
    other = read(tmp_path, {"other.parquet": (tmp_path / "made2.parquet").read_bytes()})
    assert told(other.flow) == told(plain.flow)
    assert other.coverage.notes == plain.coverage.notes
