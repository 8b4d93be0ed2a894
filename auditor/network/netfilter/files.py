"""Files that other files or scripts load, found among the inputs by the end of their path."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from auditor.documents import Document

_WILD = frozenset("*?[")


def files_meant(written: str, near: Document, documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return the documents that a path means: those of which most parts of the path agree, at or below the folder of ``near``.

    Without a wildcard it means exactly one file; where several agree as well, none is meant for sure.
    """
    folder = f"{near.path.rpartition('/')[0]}/" if "/" in near.path else ""
    agreeing: dict[int, list[Document]] = {}
    for document in documents:
        if document is not near and not document.inside and document.path.startswith(folder):
            agreeing.setdefault(_common(written, document.path), []).append(document)
    agreeing.pop(0, None)
    best = sorted(agreeing[max(agreeing)], key=lambda d: d.path) if agreeing else []
    return tuple(best) if len(best) == 1 or _WILD & set(written) else ()


def _common(written: str, path: str) -> int:
    """Return how many parts at the end of two paths agree, the first of which may have wildcards."""
    count = 0
    for pattern, part in zip(PurePosixPath(written).parts[::-1], PurePosixPath(path).parts[::-1], strict=False):
        if not fnmatchcase(part, pattern):
            break
        count += 1
    return count
