"""The captures and logs of a manifest, read at the one stage that knows traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.documents import digest_file
from auditor.errors import AuditorError, UnreadableError
from auditor.facts.manifest import DigestedInput, InputEntry, Manifest, NotExamined
from auditor.facts.observation import CaptureSource, Observation
from auditor.facts.vocabulary import Stage
from auditor.pipeline.request import Progress

if TYPE_CHECKING:
    from auditor.traffic.logs import LogSource

TRAFFIC = ("capture", "log")
"""Kinds of input that show traffic."""


def observe_inputs(
    manifest: Manifest, base: Path, stage: Stage, progress: Progress | None, changes: Mapping[str, Sequence[int]]
) -> tuple[Observation | None, list[DigestedInput], list[NotExamined]]:
    """Return what the captures and logs show, their digests, and those that could not be read.

    Args:
        manifest: names them.
        base: its folder.
        stage: only ``operate`` looks at traffic.
        progress: told about long work.
        changes: when addresses change hands.
    """
    entries = [i for i in manifest.inputs if i.kind in TRAFFIC]
    if stage is not Stage.OPERATE or not entries:
        return None, [], []
    from auditor.traffic import observe

    sources: list[CaptureSource | LogSource] = []
    unread: list[NotExamined] = []
    for entry in entries:
        try:
            sources.append(_source(entry, base))
        except UnreadableError as error:
            unread.extend(as_not_examined(error, entry))
    if not sources:
        return None, [], unread
    observation = observe(sources, progress, changes)
    maps = dict.fromkeys(entry.column_map for entry in entries if entry.column_map)
    digests = [digest_file(base / name, name, "log_map") for name in maps]
    return observation, [*digests, *_digests(observation, sources)], unread


def as_not_examined(error: AuditorError, entry: InputEntry) -> list[NotExamined]:
    """Return named evidence that cannot be read: the rest is assessed all the same (exit code 4)."""
    return [
        NotExamined(path=entry.path, reason=f"{d.what}: {d.why}" if d.why else d.what, named=True, location=entry.location)
        for d in error.diagnostics()
    ]


def _source(entry: InputEntry, base: Path) -> CaptureSource | LogSource:
    """Return what is to be read.

    Raises:
        UnreadableError: it is missing, empty, or neither a capture nor a log that is known.
    """
    if entry.kind == "capture":
        from auditor.traffic import readable

        source = CaptureSource(entry.path, str(base / entry.path), entry.vantage, entry.sees, entry.canary)
        readable(source)
        return source
    from auditor.traffic import log_source
    from auditor.traffic.sources import read_map

    return log_source(
        entry.path,
        str(base / entry.path),
        entry.format,
        vantage=entry.vantage,
        sees=entry.sees,
        canary=entry.canary,
        columns=read_map(base / entry.column_map, entry.column_map) if entry.column_map else None,
    )


def _digests(observation: Observation, sources: list[CaptureSource | LogSource]) -> Iterator[DigestedInput]:
    known = {coverage.id: coverage for coverage in observation.coverage}
    for source in sources:
        coverage = known[source.id]
        if isinstance(source, CaptureSource):
            yield DigestedInput(source.id, coverage.sha256, "capture", Path(source.path).stat().st_size)
            continue
        paths = {file.id: file.path for file in source.files}
        for name, digest in coverage.files:
            yield DigestedInput(name, digest, "log", Path(paths[name]).stat().st_size)
