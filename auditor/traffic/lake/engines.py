"""Engines that hold flow tables: DuckDB inside this process, or Spark where the table lies. The door of ibis."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from auditor.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from ibis.expr.types import Table


class Engine(StrEnum):
    """Where the expression runs."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def connect(engine: Engine, memory: str = "") -> Any:
    """Return a connection of ibis that can read Parquet.

    Args:
        engine: which.
        memory: most memory that DuckDB may take before it spills (``4GB``); empty for its own default.

    Raises:
        UsageError: the engine is not installed here.
    """
    import ibis

    if engine is Engine.DUCKDB:
        connection = ibis.duckdb.connect()
        # No extension is fetched and no address of the network opened: what is not in the wheel is not there.
        connection.raw_sql("SET autoinstall_known_extensions = false")
        connection.raw_sql("SET preserve_insertion_order = false")
        connection.raw_sql("SET enable_progress_bar = false")  # it would stand among the results on stdout
        folder = f"{tempfile.gettempdir()}/auditor-{os.getpid()}".replace("'", "''")
        connection.raw_sql(f"SET temp_directory = '{folder}'")  # made when it spills; its default is the working folder
        if memory:
            connection.raw_sql(f"SET memory_limit = '{memory}'")
        return connection
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(
            Diagnostic(
                "the engine spark is not installed", why=str(error), next_step="install pyspark and Java, or use --engine duckdb"
            )
        ) from error
    settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false"}
    session = SparkSession.builder.appName("auditor").config(map=settings).getOrCreate()
    return ibis.pyspark.connect(session)


def keep(connection: Any, engine: Engine, expression: Table) -> Table:
    """Return a result that is used twice, held by the engine so that it is computed once."""
    found: Table = (
        connection.create_table("auditor_kept", expression, temp=True) if engine is Engine.DUCKDB else expression.cache()
    )
    return found


def open_table(connection: Any, paths: Sequence[str], engine: Engine = Engine.DUCKDB) -> Table:
    """Return the rows of Parquet files as one table; a column that some of them lack is null there."""
    merging = {"union_by_name": True} if engine is Engine.DUCKDB else {"mergeSchema": True}
    table: Table = connection.read_parquet(list(paths) if len(paths) > 1 else paths[0], **merging)
    return table
