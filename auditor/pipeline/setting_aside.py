"""What is left out on purpose and shown all the same: files that the author rules out, captures at stages without traffic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from auditor.facts.manifest import Manifest, NotExamined
from auditor.facts.vocabulary import Stage
from auditor.pipeline.observing import TRAFFIC


def with_ruled_out(found: Iterable[NotExamined], manifest: Manifest) -> tuple[NotExamined, ...]:
    """Return what was not examined; what ``ignore:`` of the manifest covers is marked as set aside.

    Named evidence stays as it is: who names a file as evidence and rules it out contradicts himself.
    """
    return tuple(_ruled_out(item, manifest) for item in found)


def captures_left(manifest: Manifest, stage: Stage) -> tuple[NotExamined, ...]:
    """Return the captures and logs of the manifest where ``stage`` does not look at traffic."""
    if stage is Stage.OPERATE:
        return ()
    reason = f"are not looked at at stage {stage.value}; judge at stage {Stage.OPERATE.value}"
    seen = (entry for entry in manifest.inputs if entry.kind in TRAFFIC)
    return tuple(NotExamined(e.path, f"{e.kind}s {reason}", named=True, location=e.location, set_aside=True) for e in seen)


def covers(pattern: str, path: str) -> bool:
    """Return whether ``pattern`` means ``path``: ``*`` and ``?`` stay within one name, ``**`` is any number of folders."""
    return _covers(pattern.removeprefix("./").split("/"), path.split("/"))


def _covers(pattern: list[str], path: list[str]) -> bool:
    if not pattern:
        return not path
    if pattern[0] == "**":
        return any(_covers(pattern[1:], path[start:]) for start in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], pattern[0]) and _covers(pattern[1:], path[1:])


def _ruled_out(item: NotExamined, manifest: Manifest) -> NotExamined:
    if item.named:
        return item
    by = next((pattern for pattern in manifest.ignore if covers(pattern, item.path)), "")
    if not by:
        return item
    return replace(item, reason=f"ruled out by the author (ignore: {by} in {manifest.path}): {item.reason}", set_aside=True)
