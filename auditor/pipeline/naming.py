"""The folders above a named file or folder by which a product knows its files (``.claude``, ``codex``)."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from auditor.catalog import Catalog


def naming_folders(path: Path, catalog: Catalog) -> str:
    """Return the last folders of what the user named that a product's file is known by, empty for none.

    A user names ``~/.claude`` or ``.codex/config.toml``; the product is told by ``.claude/settings.json``. So the folder
    belongs to the names of the files, as far as a file that is there needs it. Nothing above it is read.

    Args:
        path: an existing file or folder; where it lies counts, so that ``.`` has a name too. Links keep their names.
        catalog: its rules of recognition tell which folders name a file.
    """
    folder = (path if path.is_dir() else path.parent).absolute()
    depth = max((depth for pattern in _patterns(catalog) for depth in _depths(folder, path, pattern)), default=0)
    return "/".join(folder.parts[-depth:]) if depth else ""


def _patterns(catalog: Catalog) -> Iterator[tuple[str, ...]]:
    for product in catalog.products():
        for rule in catalog.recognitions(product):
            parts = PurePosixPath(rule.file).parts
            if len(parts) > 1:
                yield parts


def _depths(folder: Path, path: Path, pattern: tuple[str, ...]) -> Iterator[int]:
    """Yield how many folders the pattern shares with the end of ``folder``, where a file that fits the rest is there."""
    for depth in range(1, len(pattern)):
        above, below = pattern[:depth], pattern[depth:]
        ending = folder.parts[-depth:]
        if len(ending) == depth and all(fnmatchcase(name, wanted) for name, wanted in zip(ending, above, strict=True)):
            yield from (depth,) * _is_there(path, below)


def _is_there(path: Path, below: tuple[str, ...]) -> bool:
    if path.is_dir():
        return any(path.glob("/".join(below)))
    return len(below) == 1 and fnmatchcase(path.name, below[0])
