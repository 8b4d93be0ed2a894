"""Rows of a Parquet file, one after another, through DuckDB: nothing of it is held but the piece being read.

DuckDB may read this one file and nothing else: it gets an absolute path whose characters mean themselves, and loads or
installs no extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MAGIC = b"PAR1"
_AT_ONCE = 2048
_PATTERN = re.compile(r"[*?\[]")


class DamagedParquetError(Exception):
    """The file is no Parquet, or is damaged from some row on."""


def parquet_rows(path: str) -> Iterator[Mapping[str, Any]]:
    """Yield every row by column name; nested values are mappings and lists.

    Raises:
        DamagedParquetError: at the start or at a later row.
    """
    import duckdb

    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False, "threads": 1}
    literal = _PATTERN.sub(lambda found: f"[{found[0]}]", str(Path(path).resolve()))
    try:
        with duckdb.connect(":memory:", config=settings) as connection:
            rows = connection.execute("SELECT * FROM read_parquet(?, hive_partitioning = false)", [literal])
            names = [column[0] for column in rows.description or ()]
            while part := rows.fetchmany(_AT_ONCE):
                for row in part:
                    yield dict(zip(names, row, strict=True))
    except duckdb.Error as error:
        raise DamagedParquetError(str(error).partition("\n")[0]) from error
