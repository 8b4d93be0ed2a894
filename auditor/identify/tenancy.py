"""Inventories of a cluster or a cloud: from located trees to who held an address when, and when addresses change hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from auditor.documents.tree import Document, DocumentKind
from auditor.facts.manifest import InputEntry
from auditor.facts.tenures import Tenure
from auditor.identify.azure_tenures import azure_tenures
from auditor.identify.cloud_tenures import cloud_tenures
from auditor.identify.cluster_tenures import cluster_tenures
from auditor.identify.instants import taken


def tenures_of(documents: Iterable[Document], entries: Iterable[InputEntry]) -> tuple[Tenure, ...]:
    """Return who held which address when, sorted; several snapshots of one holder at one address are one tenure.

    Args:
        documents: all located trees.
        entries: the inputs of the manifest, for the day on which a file was collected.
    """
    objects = [d for d in documents if d.kind is DocumentKind.KUBERNETES and not d.inside]
    exports = [d for d in documents if d.kind is DocumentKind.JSON and not d.inside]
    snapshots = _snapshots([*objects, *exports], tuple(entries))
    found = [*cluster_tenures(objects, snapshots), *cloud_tenures(exports, snapshots), *azure_tenures(exports, snapshots)]
    return tuple(_joined(sorted(found, key=_order)))


def _snapshots(documents: Sequence[Document], entries: Sequence[InputEntry]) -> dict[str, int]:
    by_file: dict[str, list[Document]] = {}
    for document in documents:
        by_file.setdefault(document.path, []).append(document)
    times = {path: taken((d.root for d in parts), _collected(path, entries)) for path, parts in by_file.items()}
    return {path: time for path, time in times.items() if time is not None}


def _collected(path: str, entries: Sequence[InputEntry]) -> str:
    """Return the day that the manifest gives for a file, that of the narrowest entry that holds it."""
    holding = [e for e in entries if e.collected and PurePosixPath(path).is_relative_to(e.path.rstrip("/") or ".")]
    return max(holding, key=lambda e: len(PurePosixPath(e.path).parts)).collected if holding else ""


def _order(tenure: Tenure) -> tuple[str, str, str, int, int]:
    return (tenure.address, tenure.holder.kind, tenure.holder.reference, tenure.since, tenure.until)


def _joined(tenures: Iterable[Tenure]) -> list[Tenure]:
    """Return the tenures with those of one holder at one address joined where their times meet."""
    found: list[Tenure] = []
    for tenure in tenures:
        last = found[-1] if found else None
        same = last is not None and (last.address, last.holder) == (tenure.address, tenure.holder)
        if last is not None and same and tenure.since <= last.until:
            found[-1] = replace(last, until=max(last.until, tenure.until))
        else:
            found.append(tenure)
    return found


def changes_of(tenures: Iterable[Tenure]) -> Mapping[str, tuple[int, ...]]:
    """Return by address the times at which what is known of its holder changes."""
    times: dict[str, set[int]] = {}
    for tenure in tenures:
        times.setdefault(tenure.address, set()).update((tenure.since, tenure.until + 1))
    return {address: tuple(sorted(found)) for address, found in times.items()}
