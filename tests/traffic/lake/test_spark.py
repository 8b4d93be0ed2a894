"""DuckDB and Spark give the same edges; in an environment of its own (make test-spark): Spark does not take pandas 3."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from auditor.traffic.lake.engines import Engine
from auditor.traffic.lake.reducing import reduce_table
from auditor.traffic.lake.writing import write_file
from tests.traffic.lake.rows import random_table

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java"),
    pytest.mark.filterwarnings("default"),  # Spark and what it loads warn of their own affairs
]
ROWS = 200_000


def test_two_engines_give_the_same_edges(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed here; make test-spark installs it apart")
    write_file(random_table(7, ROWS), tmp_path / "t.parquet")
    uri = str(tmp_path / "t.parquet")
    spark, duckdb = reduce_table(uri, Engine.SPARK), reduce_table(uri)
    assert spark.rows == ROWS
    assert spark.edges == duckdb.edges
    assert spark.notes == duckdb.notes
