"""Captures and logs among files that nobody named: by their endings, and by first lines of a known format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from auditor.documents import CAPTURE_SUFFIXES
from auditor.errors import UnreadableError
from auditor.traffic import log_format

_SUFFIXES = frozenset({".log", ".json", ".jsonl", ".ndjson", ".parquet", ".har", ".csv", ".flow", ".mitm"})
_PACKED = frozenset({".gz", ".xz", ".bz2", ".zst", ".lz4"})
_YAML = frozenset({".yaml", ".yml"})
_FORMAT_AS_YAML = "dnstap_yaml"
"""The only log that is YAML; whatever else looks like a log inside YAML is a value of somebody's configuration."""
_FOLDERS_OF_SOURCES = "_sources"


def captures_below(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the captures at or below ``paths``, by the endings of their names, sorted within each path."""
    files = (file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*"))))
    return tuple(file for file in files if file.suffix in CAPTURE_SUFFIXES)


def logs_below(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the logs at or below ``paths``, sorted: files, and folders of which every file belongs to one log.

    A folder that ``auditor flows --output parquet:DIR`` wrote is one log. What cannot be recognised is no log.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_file():
            found |= {path} if _formats([path]) else set()
            continue
        lakes = [marker.parent for marker in sorted(path.rglob(_FOLDERS_OF_SOURCES)) if marker.is_dir()]
        found |= set(lakes)
        folders: dict[Path, list[Path]] = {}
        for file in sorted(path.rglob("*")):
            if file.is_file() and not file.is_symlink() and not any(file.is_relative_to(lake) for lake in lakes):
                folders.setdefault(file.parent, []).append(file)
        for folder, files in folders.items():
            found |= _of_folder(folder, files, whole=folder != path and not any(other.is_dir() for other in folder.iterdir()))
    return tuple(sorted(found))


def _of_folder(folder: Path, files: list[Path], *, whole: bool) -> set[Path]:
    formats = _formats(files)
    one = len(set(formats.values())) == 1 and len(formats) == len([f for f in files if not f.name.startswith(".")]) > 1
    return {folder} if one and whole else set(formats)


def _formats(files: Iterable[Path]) -> dict[Path, str]:
    """Return the format by file, of those that are logs."""
    found: dict[Path, str] = {}
    for file in files:
        if file.name.startswith(".") or not _may_be_log(file):
            continue
        try:
            name = log_format(file.name, str(file))
        except UnreadableError:
            continue
        if name == _FORMAT_AS_YAML or not _YAML & set(file.suffixes):
            found[file] = name
    return found


def _may_be_log(file: Path) -> bool:
    """Return whether a file's name could be a log's: rotated ones end in numbers or dates, and may be packed."""
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in _PACKED]
    if file.name.endswith(CAPTURE_SUFFIXES):
        return False
    told = any(word in file.name.lower() for word in ("log", "conntrack"))
    return told or any(suffix in _SUFFIXES or suffix in _YAML for suffix in suffixes)
