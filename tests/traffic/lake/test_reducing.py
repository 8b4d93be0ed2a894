"""What the engine makes of a flow table is what the table in memory makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from auditor.errors import InvalidInputError, UnreadableError, UsageError
from auditor.facts.evidence import LineLocation
from auditor.facts.observation import CaptureSource
from auditor.traffic.edges import SourceFile, reduce_to_edges
from auditor.traffic.lake import reducing
from auditor.traffic.lake.engines import Engine, connect, open_table
from auditor.traffic.lake.expression import groups_expression
from auditor.traffic.lake.folder import write_folder
from auditor.traffic.lake.reducing import reduce_table
from auditor.traffic.lake.schema import ALL, LATER
from auditor.traffic.lake.tenures import with_tenures
from auditor.traffic.lake.writing import write_file, write_source
from auditor.traffic.logs import LogSource
from auditor.traffic.observe import flow_table, observe
from auditor.traffic.sources import log_source
from auditor.traffic.table import FlowTable
from auditor.traffic.tenures import NO_CHANGES, Changes
from auditor.traffic.times import SECOND
from auditor.traffic.vantage import merge_vantages
from tests.conftest import ROOT
from tests.traffic.lake.rows import SOURCES, one_frame, random_table
from tests.traffic.test_log_rows import zeek

TRAFFIC = sorted((ROOT / "fixtures" / "deployments" / "coder-mislabelled" / "traffic").glob("*.pcap*"))


def in_memory(table: FlowTable, changes: Changes = NO_CHANGES) -> list[str]:
    """Return the edges of a table in memory, as text that compares."""
    starts: dict[str, list[int]] = {}
    for source, start, end in zip(*(table.columns[n] for n in ("source_id", "start", "end")), strict=True):
        starts.setdefault(source, []).extend((start, end))
    windows = {source: (max(times) - min(times)) / SECOND for source, times in starts.items()}
    merge_vantages(table)
    files = {name: SourceFile("") for name in (*SOURCES, "log.1")}
    return [repr(one_frame(edge)) for edge in reduce_to_edges(table, files, windows, changes)]


@pytest.mark.parametrize("seed", range(6))
def test_the_engine_and_the_memory_agree_row_for_row(tmp_path: Path, seed: int) -> None:
    """Untold counts, attempts, held channels, vantage points, reporters, sources with windows of seconds."""
    table = random_table(seed, 400, SOURCES if seed % 2 else SOURCES[: 1 + seed // 2])
    write_file(table, tmp_path / "t.parquet")
    reduced = reduce_table(str(tmp_path / "t.parquet"))
    assert [repr(one_frame(edge)) for edge in reduced.edges] == in_memory(table)
    assert reduced.rows == 400


MANY = """
COPY (SELECT (1700000000000000000 + i)::BIGINT AS start, (1700000000000000000 + 2 * i)::BIGINT AS "end",
  '10.' || (i % 250) || '.' || (i // 250 % 250) || '.' || (i // 62500) AS src_addr, '' AS community_id, {rest}
  FROM range({groups}) t(i), read_parquet('{one}')) TO '{many}' (FORMAT parquet)
"""


def many_groups(folder: Path, groups: int) -> Path:
    """Return a table of so many flows, each of a source of its own."""
    write_file(random_table(3, 1, ("a.pcap",)), folder / "one.parquet")
    own = ["start", "end", "src_addr", "community_id"]
    rest = ", ".join(f'"{name}"' for name in ALL if name not in own)
    with duckdb.connect() as connection:
        connection.execute(MANY.format(rest=rest, groups=groups, one=folder / "one.parquet", many=folder / "many.parquet"))
    return folder / "many.parquet"


def grouped(path: Path, memory: str, spill: str) -> list[tuple[object, ...]]:
    """Return the groups of a table, reduced within so much memory and so much room on the disk to spill to."""
    connection = connect(Engine.DUCKDB, memory)
    connection.raw_sql("SET threads = 1")
    connection.raw_sql(f"SET max_temp_directory_size = '{spill}'")
    flows = with_tenures(open_table(connection, [str(path)]), NO_CHANGES)
    found = groups_expression(flows, {}).to_pyarrow()
    return sorted(zip(*(found[name].to_pylist() for name in ("src_addr", "flows", "start", "end", "longest")), strict=True))


@pytest.mark.slow
def test_a_reduction_beyond_its_memory_spills_and_gives_the_same_groups(tmp_path: Path) -> None:
    """Half a million groups within 100 MB: it needs the disk, without which the engine gives up."""
    path = many_groups(tmp_path, 500_000)
    with pytest.raises(duckdb.OutOfMemoryException):
        grouped(path, "100MB", "0KB")
    within = grouped(path, "100MB", "10GB")
    assert within == grouped(path, "", "10GB")
    assert len(within) == 500_000


@pytest.mark.parametrize("seed", range(3))
def test_addresses_that_change_hands_split_edges_on_the_engine_as_in_memory(tmp_path: Path, seed: int) -> None:
    table = random_table(seed, 400)
    first = 1_700_000_000 * SECOND
    changes = {"10.0.0.2": (first + 86_400 * SECOND, first + 2 * 86_400 * SECOND), "203.0.113.1": (first + 100_000 * SECOND,)}
    write_file(table, tmp_path / "t.parquet")
    reduced = reduce_table(str(tmp_path / "t.parquet"), changes=changes)
    assert [repr(one_frame(edge)) for edge in reduced.edges] == in_memory(table, changes)
    apart = [edge for edge in reduced.edges if (edge.source.address, edge.destination.address) == ("10.0.0.2", "203.0.113.2")]
    assert len(apart) > len({(e.destination.port, e.vlan, e.destination.name, e.source.logged_as) for e in apart})


def test_a_table_that_was_written_without_what_logs_tell_of_ends_is_read_all_the_same(tmp_path: Path) -> None:
    table = random_table(2, 50, ("a.pcap",))
    write_file(table, tmp_path / "t.parquet")
    older = pq.read_table(tmp_path / "t.parquet").drop_columns(list(LATER))
    pq.write_table(older, tmp_path / "older.parquet")
    assert reduce_table(str(tmp_path / "older.parquet")).edges == reduce_table(str(tmp_path / "t.parquet")).edges


def test_parts_of_before_and_of_now_are_one_table(tmp_path: Path) -> None:
    for number, rows in enumerate((40, 60)):
        write_file(random_table(number, rows), tmp_path / f"{number}.parquet")
    before = reduce_table(str(tmp_path / "*.parquet"))
    plain = pq.read_table(tmp_path / "0.parquet")
    for name in LATER:
        column = pa.nulls(len(plain), plain.schema.field(name).type)
        told = column if "port" in name else pc.fill_null(column, name != "request" and "")
        plain = plain.set_column(plain.column_names.index(name), name, told)
    pq.write_table(plain, tmp_path / "0.parquet")
    same = reduce_table(str(tmp_path / "*.parquet"))
    pq.write_table(plain.drop_columns(list(LATER)), tmp_path / "0.parquet")
    found = reduce_table(str(tmp_path / "*.parquet"))
    assert found.rows == before.rows == 100
    assert [repr(edge) for edge in found.edges] == [repr(edge) for edge in same.edges]


RECORDING = ROOT / "fixtures" / "recordings" / "proxied"
RECORDED = ("access.log", "conntrack.log", "inside.pcap", "perimeter.pcapng", "vpc.log")


def recorded() -> list[CaptureSource | LogSource]:
    """Return captures on both sides of a router, its table of connections, flow logs and a proxy's log of one window."""
    return [
        CaptureSource(name, str(RECORDING / name), "", ()) if "pcap" in name else log_source(name, str(RECORDING / name))
        for name in RECORDED
    ]


def test_a_table_of_several_sources_keeps_what_ties_their_flows(tmp_path: Path) -> None:
    """Both sides of translations, and requests on their connections: each flow once, in the file as in memory."""
    table, *_ = flow_table(recorded())
    write_file(table, tmp_path / "t.parquet")
    both = (reduce_table(str(tmp_path / "t.parquet")).edges, observe(recorded()).edges)
    kept, seen = ([replace(edge, locators=()) for edge in edges] for edges in both)  # one file tells no digests of its sources
    assert kept == seen
    again = observe([log_source("t.parquet", str(tmp_path / "t.parquet"))]).edges
    assert {e.source.address for e in again} == {"10.20.5.10", "10.20.8.11"}


def test_sources_that_were_written_apart_are_tied_by_translations_all_the_same(tmp_path: Path) -> None:
    list(write_folder(recorded(), tmp_path))
    flows = {(e.source.address, e.destination.name): e for e in reduce_table(str(tmp_path)).edges if e.destination.name}
    passed_on = flows["10.20.5.10", "api.anthropic.com"]
    assert (passed_on.flows, passed_on.payload_in) == (2, 6966)
    assert passed_on.source_ids == ("conntrack.log", "inside.pcap", "perimeter.pcapng", "vpc.log")
    assert not [source for source, _ in flows if source == "192.0.2.1"]


def test_a_window_of_seconds_makes_shorter_flows_held_open(tmp_path: Path) -> None:
    table = random_table(1, 1, ("a.pcap",))
    table.columns["end"] = [table.columns["start"][0] + 12 * SECOND]
    table.columns["payload_out"] = table.columns["payload_in"] = [5]
    write_file(table, tmp_path / "t.parquet")
    (edge,) = reduce_table(str(tmp_path / "t.parquet")).edges
    assert edge.held_open is True
    assert [repr(edge)] == in_memory(table)


def test_a_folder_of_captures_gives_the_edges_of_the_captures(tmp_path: Path) -> None:
    sources = [CaptureSource(path.name, str(path), "", ()) for path in TRAFFIC]
    assert sources
    notes = list(write_folder(sources, tmp_path))
    assert [note for note in notes if " flows in " in note]
    found = [one_frame(edge) for edge in reduce_table(str(tmp_path)).edges]
    assert found == [one_frame(edge) for edge in observe(sources).edges]


def test_sensors_that_call_their_files_alike_stay_two_vantage_points(tmp_path: Path) -> None:
    """One flow seen by both counts once, and the evidence names both files with their digests."""
    lake = tmp_path / "lake"
    for sensor, size in (("one", 500), ("two", 700)):
        (tmp_path / sensor).mkdir()
        log = zeek(tmp_path / sensor, orig_bytes=size)
        list(write_folder([log], lake))
    (edge,) = reduce_table(str(lake)).edges
    assert (edge.flows, edge.payload_out) == (1, 700)
    assert len({(at.log, at.sha256) for at in edge.locators if isinstance(at, LineLocation)}) == 2
    assert all(at.log == f"conn.log@{at.sha256[:12]}" for at in edge.locators if isinstance(at, LineLocation))
    assert len(edge.source_ids) == 2


def test_the_window_of_the_recorder_decides_what_is_held_open(tmp_path: Path) -> None:
    table = random_table(1, 1, ("a.pcap",))
    table.columns["end"] = [table.columns["start"][0] + 12 * SECOND]
    table.columns["payload_out"] = table.columns["payload_in"] = [5]
    told = {"source": "a.pcap", "files": [["a.pcap", "0" * 64]], "log_format": "", "window_seconds": 3600.0}
    write_source(tmp_path, table, [0], "ab" * 32, told)
    assert reduce_table(str(tmp_path)).edges[0].held_open is False


def test_what_stays_on_its_link_makes_no_edge(tmp_path: Path) -> None:
    table = random_table(3, 20)
    table.columns["local_protocol"] = ["mdns"] * 20
    write_file(table, tmp_path / "t.parquet")
    assert reduce_table(str(tmp_path / "t.parquet")).edges == ()


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pytest.raises(UnreadableError, match="no such table"):
        reduce_table(str(tmp_path / "gone.parquet"))
    with pytest.raises(UnreadableError, match="no table"):
        reduce_table(str(tmp_path))
    pq.write_table(pa.table({"start": [1]}), tmp_path / "other.parquet")
    with pytest.raises(InvalidInputError, match="not a flow table"):
        reduce_table(str(tmp_path / "other.parquet"))


def test_more_shared_flows_than_can_be_compared_are_refused_and_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(random_table(2, 200), tmp_path / "t.parquet")
    monkeypatch.setattr(reducing, "MOST_SHARED", 3)
    with pytest.raises(InvalidInputError, match="seen at several vantage points"):
        reduce_table(str(tmp_path / "t.parquet"))


def test_an_engine_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import sys

    write_file(random_table(2, 2), tmp_path / "t.parquet")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(UsageError, match="spark is not installed"):
        reduce_table(str(tmp_path / "t.parquet"), Engine.SPARK)
