"""Reducing a flow table in Parquet to groups: our expression against the same query by hand in DuckDB, within 4 GB.

``python -m benchmarks.lake [ROWS [FOLDER]]`` generates ROWS (20 million by default) flows such as VPC flow logs hold, with
DuckDB itself, in files of five million, and reduces them in turn (ours, by hand, ours, by hand …), each run in a process
of its own, so that the peak of its memory is its own. 100 million rows take about 5 GB of disk.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 20_000_000
A_FILE = 5_000_000
MEMORY = "4GB"
RUNS = 3
GENERATE = """
COPY (SELECT 1700000000000000000 + i * 1000000 AS start, start + (hash(i) % 60000000000)::BIGINT AS "end",
  '10.20.' || (e % 2000 // 250) || '.' || (e % 250) AS src_addr, (1024 + hash(i + 3) % 60000)::INT AS src_port,
  '203.0.' || (e // 2000) || '.' || (e % 20) AS dst_addr, (CASE WHEN e % 10 < 8 THEN 443 ELSE 53 END)::INT AS dst_port,
  CASE WHEN e % 10 < 8 THEN 'tcp' ELSE 'udp' END AS transport, NULL::INT AS vlan, NULL::INT AS vni, 'syn' AS orientation_rule,
  (hash(i + 7) % 1000)::BIGINT AS packets_out, (hash(i + 8) % 1000)::BIGINT AS packets_in,
  NULL::BIGINT AS payload_out, NULL::BIGINT AS payload_in,
  (hash(i + 9) % 100000)::BIGINT AS wire_out, (hash(i + 10) % 100000)::BIGINT AS wire_in,
  CASE WHEN hash(i + 11) % 20 = 0 THEN 'denied' ELSE 'closed' END AS state, '' AS name, 'none' AS name_rung, '' AS app_protocol,
  i::BIGINT AS first_frame, i::BIGINT AS last_frame, 'vpc' AS source_id, '' AS loss_flags, '' AS server_name, '' AS tunnel,
  '' AS outer_src_addr, '' AS outer_dst_addr, '' AS community_id, '' AS local_protocol,
  false AS hidden, '' AS file, '' AS reporter, NULL::BIGINT AS isn, '' AS fingerprint, '' AS source_sha256,
  '' AS src_workload, '' AS dst_workload, '' AS ran_in, '' AS told
FROM (SELECT i, hash(i + 4) % 100000 AS e FROM range({begin}, {end}) t(i)))
TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""
BY_HAND = """
SELECT src_addr, dst_addr, dst_port, transport, vlan, vni, name, source_id, file,
  src_workload, dst_workload, ran_in, told, name_rung, orientation_rule, app_protocol,
  hidden,
  CASE WHEN state IN ('denied', 'failed', 'no_payload') THEN state
    WHEN coalesce(payload_out, 0) > 0 OR coalesce(payload_in, 0) > 0 THEN ''
    WHEN state IN ('refused', 'icmp_unreachable') THEN state WHEN state = 'unanswered' AND transport = 'tcp' THEN state
    WHEN payload_out IS NULL OR payload_in IS NULL THEN '' ELSE 'no_payload' END AS attempt,
  count(*), sum((payload_out IS NULL OR payload_in IS NULL)::BIGINT), sum(packets_out), sum(packets_in), sum(payload_out),
  sum(payload_in), sum(wire_out), sum(wire_in), min(start), max("end"), max("end" - start),
  bool_or(coalesce(payload_out, 0) > 0 AND coalesce(payload_in, 0) > 0 AND NOT contains(loss_flags, 'aggregated')
    AND ("end" - start) / 1e9 >= 20), min(first_frame)
FROM read_parquet('{folder}/*.parquet') WHERE local_protocol = '' GROUP BY ALL
"""
RUN = """
import json, resource, sys, time
from auditor.traffic.lake.engines import Engine, connect, open_table
from auditor.traffic.lake.expression import groups_expression
from auditor.traffic.lake.reducing import reduce_table
from auditor.traffic.lake.tenures import with_tenures
kind, folder, memory, by_hand = sys.argv[1:]
connection = connect(Engine.DUCKDB, memory)
started, before = time.perf_counter(), time.process_time()
if kind == "ours":
    flows = with_tenures(open_table(connection, [folder + "/*.parquet"]), {})
    rows = groups_expression(flows.filter(flows.local_protocol == ""), {}).to_pyarrow().num_rows
elif kind == "by hand":
    rows = connection.raw_sql(by_hand).to_arrow_table().num_rows
else:
    rows = len(reduce_table(folder + "/*.parquet", memory=memory).edges)
wall, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([wall, time.process_time() - before, rows, used.ru_maxrss / 1e6]))
"""


def generate(rows: int, folder: Path) -> float:
    """Write ``rows`` flows into ``folder`` and return the gigabytes on disk."""
    from auditor.traffic.lake.engines import Engine, connect

    connection = connect(Engine.DUCKDB, MEMORY)
    for begin in range(0, rows, A_FILE):
        path = folder / f"part-{begin // A_FILE}.parquet"
        if not path.exists():
            connection.raw_sql(GENERATE.format(begin=begin, end=min(begin + A_FILE, rows), path=path))
    return sum(path.stat().st_size for path in folder.glob("*.parquet")) / 1e9


def once(kind: str, folder: Path) -> tuple[float, float, int, float]:
    """Return seconds by the clock and of all processors, rows of the result, and peak of the memory in gigabytes of one run."""
    command = [sys.executable, "-c", RUN, kind, str(folder), MEMORY, BY_HAND.format(folder=folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, processor, rows, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, processor, rows, peak


def main() -> None:
    """Print sizes, medians, peaks and the ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(made)  # noqa: PLR2004 -- rows, folder
        folder.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        size = generate(rows, folder)
        print(f"{rows:,} flows, {size:.2f} GB of Parquet, generated in {time.perf_counter() - started:.0f} s")
        taken: dict[str, list[tuple[float, float, int, float]]] = {"ours": [], "by hand": []}
        for _ in range(RUNS):
            for kind, runs in taken.items():
                runs.append(once(kind, folder))
        clock, processors = ({k: statistics.median(run[i] for run in runs) for k, runs in taken.items()} for i in (0, 1))
        for kind, runs in taken.items():
            peak = max(run[3] for run in runs)
            told = f"{clock[kind]:7.1f} s by the clock, {processors[kind]:.1f} s of processors"
            print(f"{kind:8}{told}, {runs[0][2]:,} groups, at most {peak:.1f} GB")
        print(f"ratio of ours to by hand: {clock['ours'] / clock['by hand']:.2f} by the clock, "
              f"{processors['ours'] / processors['by hand']:.2f} of processors")  # fmt: skip
        seconds, processor, edges, peak = once("whole", folder)
        print(f"the whole way to {edges:,} edges: {seconds:.1f} s by the clock, {processor:.1f} s of processors, {peak:.1f} GB")


if __name__ == "__main__":
    main()
