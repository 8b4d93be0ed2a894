"""Flow tables written as Parquet. The door of pyarrow for writing.

One file for one table, or a folder into which every sensor writes: parted by day and source, each part renamed into place
when it is whole, and a source counts once its marker names all of its parts. The same source gives the same names and the
same bytes, so a run that was killed is simply run again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auditor.traffic.lake.schema import ALL, FLAGS, NARROW, VERSION, WIDE, lake_columns
from auditor.traffic.sources import MARKERS
from auditor.traffic.table import FlowTable
from auditor.traffic.times import told as told_time

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_A_PART = 1_000_000


def write_file(table: FlowTable, path: Path) -> None:
    """Write every row as one Parquet file, whole or not at all; also those that another vantage saw better."""
    _write(_arrow(table, range(len(table))), path)


def source_written(folder: Path, sha256: str) -> bool:
    """Return whether a source with this digest is in the folder, whole."""
    marker = read_marker(_marker(folder, sha256))
    return marker is not None and all((folder / part).is_file() for part in marker["parts"])


def write_source(folder: Path, table: FlowTable, rows: Iterable[int], sha256: str, told: Mapping[str, Any]) -> list[str]:
    """Write the rows of one source into a folder, parted by day; return the names of the parts below the folder.

    Args:
        folder: the folder; made if it is not there.
        table: the flow table.
        rows: the rows of this source.
        sha256: digest of the source.
        told: what the marker keeps of the source besides: its name, format, window, what its silence proves.
    """
    (folder / MARKERS).mkdir(parents=True, exist_ok=True)  # first: from now on parts count by their markers alone
    days: dict[str, list[int]] = {}
    for row in rows:
        days.setdefault(told_time(table.columns["start"][row])[:10] or "untimed", []).append(row)
    before = read_marker(_marker(folder, sha256))
    parts = []
    for day, chosen in sorted(days.items()):
        chosen.sort(key=lambda row: (table.columns["start"][row], row))
        for number, begin in enumerate(range(0, len(chosen), ROWS_A_PART)):
            name = f"day={day}/source={sha256[:16]}/part-{sha256}-{number}.parquet"
            _write(_arrow(table, chosen[begin : begin + ROWS_A_PART], sha256), folder / name)
            parts.append(name)
    marker = {"version": VERSION, **told, "sha256": sha256, "rows": sum(map(len, days.values())), "parts": parts}
    with _whole(_marker(folder, sha256)) as unfinished:
        unfinished.write_text(json.dumps(marker, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for gone in {*(before["parts"] if before else ())} - {*parts}:
        (folder / gone).unlink(missing_ok=True)
    return parts


def read_marker(path: Path) -> dict[str, Any] | None:
    """Return a marker, ``None`` where there is none of this version, or where it is none of ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("version") != VERSION:
        return None
    parts = found.get("parts")
    sound = isinstance(parts, list) and all(isinstance(part, str) and ".." not in Path(part).parts for part in parts)
    return found if sound and not any(Path(part).is_absolute() for part in parts or ()) else None


def markers(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the markers of a folder, of every source that is whole."""
    for path in sorted((folder / MARKERS).glob("*.json")):
        marker = read_marker(path)
        if marker is not None and all((folder / part).is_file() for part in marker["parts"]):
            yield marker


def _marker(folder: Path, sha256: str) -> Path:
    return folder / MARKERS / f"{sha256}.json"


def _arrow(table: FlowTable, rows: Sequence[int], sha256: str = "") -> pa.Table:
    import pyarrow as pa

    columns = lake_columns(table, rows, sha256)
    return pa.table([pa.array(columns[name], type=_type(name)) for name in ALL], schema=_schema())


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, _type(name)) for name in ALL], metadata={"auditor.flow_table": str(VERSION)})


def _type(name: str) -> pa.DataType:
    import pyarrow as pa

    if name in WIDE:
        return pa.int64()
    return pa.int32() if name in NARROW else pa.bool_() if name in FLAGS else pa.string()


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    with _whole(path) as unfinished:
        pq.write_table(table, unfinished, compression="zstd")


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a name beside ``path`` to write to, and rename it into place once it is on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".{path.name}.{os.getpid()}.unfinished"
    try:
        yield unfinished
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
