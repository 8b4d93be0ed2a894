"""A flow table where it lies becomes edges: the engine makes groups, the fold makes edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.errors import Diagnostic, InvalidInputError, UnreadableError
from auditor.facts.observation import ObservedEdge
from auditor.traffic.edges import SourceFile, fold
from auditor.traffic.groups import Group, groups_of
from auditor.traffic.lake.engines import Engine, connect, keep, open_table
from auditor.traffic.lake.expression import (
    groups_expression,
    shared_expression,
    short_windows,
    told_apart,
    vantages_expression,
)
from auditor.traffic.lake.schema import ALL, FLAGS, LATER, NARROW, NEEDED, apart, table_of
from auditor.traffic.lake.tenures import with_tenures
from auditor.traffic.lake.writing import markers
from auditor.traffic.sources import MARKERS
from auditor.traffic.tenures import NO_CHANGES, Changes
from auditor.traffic.times import SECOND, earliest
from auditor.traffic.vantage import merge_vantages

if TYPE_CHECKING:
    from ibis.expr.types import Table

MOST_SHARED = 2_000_000
"""Rows of flows that several vantage points saw: they are compared one by one, in memory."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """What a flow table came to."""

    edges: tuple[ObservedEdge, ...]
    rows: int
    notes: tuple[str, ...]
    """What a reader must know: sources, and parts that do not count."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """The files to read, and what is known of their sources."""

    paths: list[str]
    files: dict[str, SourceFile] = field(default_factory=dict)
    windows: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    alike: frozenset[str] = frozenset()
    """Names that several sources have."""


def reduce_table(uri: str, engine: Engine = Engine.DUCKDB, memory: str = "", changes: Changes = NO_CHANGES) -> Reduced:
    """Return the edges of the flow table at ``uri``: a Parquet file, a pattern of names, or a folder that sensors write to.

    Args:
        uri: where it lies.
        engine: what holds it.
        memory: most memory that DuckDB may take before it spills.
        changes: when addresses change hands.

    Raises:
        UnreadableError: there is no such table, or a folder in which no source is whole.
        InvalidInputError: it lacks a column of the flow table, or more flows were seen at several vantage points than can
            be compared.
        UsageError: the engine is not installed.
    """
    parts = _parts(uri)
    connection = connect(engine, memory)
    flows = open_table(connection, parts.paths, engine)
    missing = [name for name in NEEDED if name not in flows.columns]
    if missing:
        raise InvalidInputError(
            Diagnostic(
                "not a flow table of this version", why=f"it lacks the columns {', '.join(missing)}", path=uri,
                next_step="write it with auditor flows --output parquet:PATH, or as docs/flow_table.md says",
            )
        )  # fmt: skip
    flows = flows.mutate(**{name: _told(flows, name) for name in LATER})
    leaving = flows.filter(flows.local_protocol == "")
    return _reduce(told_apart(leaving, parts.alike), lambda found: keep(connection, engine, found), parts, uri, changes)


def _told(flows: Table, name: str) -> Any:
    """Return a column as it was told, and nothing told where files were written without it."""
    import ibis

    if name in NARROW:
        return flows[name] if name in flows.columns else ibis.null("int32")
    nothing = ibis.literal(name not in FLAGS and "")
    return flows[name].fill_null(nothing) if name in flows.columns else nothing


def _reduce(flows: Table, kept: Callable[[Table], Table], parts: _Parts, uri: str, changes: Changes) -> Reduced:
    vantages = list(_rows(vantages_expression(flows)))
    spans = _spans(vantages)
    windows = {source: (end - start) / SECOND for source, (_, start, end) in spans.items()} | parts.windows
    groups = []
    if len(vantages) > 1:
        shared = kept(shared_expression(flows))
        groups += _compared(flows.semi_join(shared, "community_id"), windows, uri, changes)
        flows = flows.anti_join(shared, "community_id")
    groups += _groups(groups_expression(with_tenures(flows, changes), short_windows(windows)))
    files = {place: parts.files.get(place, SourceFile("")) for g in groups for place in (g.file or g.source_id,)}
    told = [f"{source}: {rows} flows" for source, (rows, _, _) in spans.items()]
    return Reduced(fold(groups, files), sum(row["rows"] for row in vantages), (*told, *parts.notes))


def _spans(vantages: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """Return rows, start and end of every source over its vantage points, by name."""
    spans: dict[str, tuple[int, int, int]] = {}
    for row in sorted(vantages, key=lambda row: str(row["source_id"])):
        rows, start, end = spans.get(row["source_id"], (0, row["start"], row["end"]))
        spans[row["source_id"]] = (rows + row["rows"], earliest(start, row["start"]), max(end, row["end"]))
    return spans


def _compared(flows: Table, windows: Mapping[str, float], uri: str, changes: Changes) -> list[Group]:
    """Return the groups of flows that several vantage points saw: one of the rows of each flow counts."""
    number = flows.count().to_pyarrow().as_py()
    if number > MOST_SHARED:
        raise InvalidInputError(
            Diagnostic(
                f"{number} flows were seen at several vantage points, more than can be compared ({MOST_SHARED})",
                next_step="reduce fewer days or fewer sources at a time", path=uri,
            )
        )  # fmt: skip
    table = table_of(_rows(flows.select(*ALL)))
    merge_vantages(table)
    return list(groups_of(table, windows, changes))


def _groups(expression: Table) -> Iterator[Group]:
    for row in _rows(expression):
        first = row.pop("first_frame")
        yield Group(**row, counted=True, frames=(first,) if first is not None else (), sources=(row["source_id"],))


def _rows(expression: Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a result; only small ones are asked for."""
    for batch in expression.to_pyarrow().to_batches(max_chunksize=65_536):
        yield from batch.to_pylist()


def _parts(uri: str) -> _Parts:
    """Return what to read.

    Raises:
        UnreadableError: there is nothing, or nothing whole.
    """
    folder = Path(uri)
    if not folder.is_dir():
        if "://" not in uri and "*" not in uri and not folder.is_file():
            raise UnreadableError(Diagnostic("no such table", path=uri, next_step="name a Parquet file or a folder of them"))
        return _Parts([uri])
    if (folder / MARKERS).is_dir():
        return _whole_parts(folder, uri)
    found = sorted(str(path) for path in folder.rglob("*.parquet"))
    if not found:
        raise UnreadableError(Diagnostic("no table", why="the folder holds no Parquet file", path=uri))
    return _Parts(found)


def _whole_parts(folder: Path, uri: str) -> _Parts:
    """Return the parts of the sources that are whole, and what their markers tell of them."""
    whole = list(markers(folder))
    parts = [part for marker in whole for part in marker["parts"]]
    there = {path.relative_to(folder).as_posix() for path in folder.glob("day=*/**/*.parquet")}
    left = len(there - set(parts))
    if not parts:
        raise UnreadableError(
            Diagnostic("no table", why="no source in the folder is whole", path=uri, next_step="write it again")
        )
    names = Counter(name for marker in whole for name in {marker["source"], *(name for name, _ in marker["files"])})
    alike = frozenset(name for name, number in names.items() if number > 1)
    found = _Parts([str(folder / part) for part in parts], alike=alike)
    if left:
        found.notes.append(f"{left} parts of sources that were not written to their end do not count")
    for marker in whole:
        tangled = bool(alike & {marker["source"], *(name for name, _ in marker["files"])})
        shown = (lambda name, digest=marker["sha256"]: apart(name, digest)) if tangled else str
        found.windows[shown(marker["source"])] = marker["window_seconds"]
        for name, digest in marker["files"]:
            found.files[shown(name)] = SourceFile(digest, marker["log_format"])
    return found
