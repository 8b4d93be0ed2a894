"""Sources into a folder of Parquet parts, one after the other: what is there whole is not read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import Progress
from auditor.traffic.coverage import Reading
from auditor.traffic.lake.writing import source_written, write_source
from auditor.traffic.observe import flow_table
from auditor.traffic.opening import CHUNK, STANDARD_INPUT
from auditor.traffic.publish import source_notes

if TYPE_CHECKING:
    from auditor.traffic.log_rows import LogRead
    from auditor.traffic.logs import LogSource


def write_folder(sources: Sequence[CaptureSource | LogSource], folder: Path, progress: Progress | None = None) -> Iterator[str]:
    """Write every source that is not yet in ``folder`` whole, and yield what a reader must know of it.

    Each source is read alone, so that sensors can write side by side and a run that was stopped can be run again: names
    that only another source's look-ups tell are not in its rows, and which rows of several sources show one flow is
    found when the table is reduced.

    Raises:
        UnreadableError: a source cannot be read; those before it are written.
        OSError: the folder cannot be written to.
    """
    for source in sources:
        known = _digest_before(source)
        if known and source_written(folder, known):
            yield f"{source.id}: already there"
            continue
        table, (reading,), _ = flow_table([source], progress)
        digest, files, log_format = _described(reading)
        told = {
            "source": source.id,
            "files": files,
            "log_format": log_format,
            "window_seconds": reading.window_seconds,
        }
        parts = write_source(folder, table, range(len(table)), digest, told)
        yield f"{source.id}: {len(table)} flows in {len(parts)} parts"
        yield from source_notes(reading)


def _described(reading: Reading | LogRead) -> tuple[str, list[list[str]], str]:
    """Return digest, (name, digest) of its files, and log format of a source."""
    if isinstance(reading, Reading):
        return reading.sha256, [[reading.source.id, reading.sha256]], ""
    files = [[name, file.sha256] for name, file in sorted(reading.files.items())]
    return _over([digest for _, digest in files]), files, reading.coverage.format


def _digest_before(source: CaptureSource | LogSource) -> str:
    """Return the digest of a source by reading its bytes alone; empty for standard input, which can be read once."""
    paths = {source.id: source.path} if isinstance(source, CaptureSource) else {f.id: f.path for f in source.files}
    if STANDARD_INPUT in paths.values():
        return ""
    digests = [_sha256(Path(path)) for _, path in sorted(paths.items())]
    return digests[0] if isinstance(source, CaptureSource) else _over(digests)


def _over(digests: Sequence[str]) -> str:
    """Return the digest of one file, or that over the digests of several."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
