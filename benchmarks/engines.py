"""DuckDB and Spark on the same flow table: the same edges, and what each takes. In the environment of ``make test-spark``.

``.venv-spark/bin/python -m benchmarks.engines [ROWS [FOLDER]]`` generates ROWS (20 million by default) flows such as VPC
flow logs hold (``benchmarks.lake``), reduces them with DuckDB and with Spark, each in a process of its own within 4 GB, and
compares all edges in full: it ends with 1 where they differ.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.lake import generate

ROWS = 20_000_000
MEMORY = "4g"
RUN = """
import hashlib, json, sys, time
from dataclasses import asdict
from auditor.traffic.lake.engines import Engine
from auditor.traffic.lake.reducing import reduce_table
engine, uri = sys.argv[1:]
started = time.perf_counter()
found = reduce_table(uri, Engine(engine), "4GB" if engine == "duckdb" else "")
wall = time.perf_counter() - started
digest = hashlib.sha256()
for edge in found.edges:
    digest.update(json.dumps(asdict(edge), default=str, sort_keys=True).encode())
print(json.dumps([wall, found.rows, len(found.edges), sum(edge.flows for edge in found.edges), digest.hexdigest()]))
"""


def reduce_with(engine: str, folder: Path) -> tuple[float, float, int, int, int, str]:
    """Return seconds by the clock and of processors, rows, edges, flows in them, and a digest over all edges."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYSPARK_SUBMIT_ARGS": f"--driver-memory {MEMORY} pyspark-shell"}
    command = [sys.executable, "-c", RUN, engine, f"{folder}/*.parquet"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall, rows, edges, flows, digest = json.loads(done.stdout.splitlines()[-1])
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, rows, edges, flows, digest


def main() -> int:
    """Print both, and whether they agree."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as made:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(made)  # noqa: PLR2004 -- rows, folder
        folder.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        size = generate(rows, folder)
        print(f"{rows:,} flows, {size:.2f} GB of Parquet, generated in {time.perf_counter() - started:.0f} s", flush=True)
        found = {}
        for engine in ("duckdb", "spark"):
            wall, processor, *told = found[engine] = reduce_with(engine, folder)
            text = f"{told[0]:,} rows, {told[1]:,} edges of {told[2]:,} flows, digest {told[3][:16]}"
            print(f"{engine:7} {wall:7.1f} s by the clock, {processor:.1f} s of processors, {text}", flush=True)
        same = found["duckdb"][2:] == found["spark"][2:]
        print("the edges are the same" if same else "THE EDGES DIFFER")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
