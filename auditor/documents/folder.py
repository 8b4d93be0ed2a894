"""A file or folder to documents: sorted, confined to the folder of the manifest, nothing swallowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor.documents.reader import documents_of
from auditor.documents.recognise import CAPTURE_SUFFIXES, is_prose
from auditor.documents.redaction import Redactor
from auditor.documents.source import FaultError
from auditor.documents.tree import Document
from auditor.errors import UnreadableError
from auditor.facts.manifest import DigestedInput, NotExamined

MAXIMUM_FILES = 20_000
_SKIPPED_FOLDERS = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".terraform"})
"""Version control and installed packages: copies of others' files, never this deployment's configuration."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file or folder held."""

    documents: tuple[Document, ...]
    not_examined: tuple[NotExamined, ...]
    """Discovered and not read, with the reason; captures and papers are not among them."""
    digests: tuple[DigestedInput, ...]


def confine(path: Path, base: Path) -> str:
    """Return why ``path``, links resolved, is not below ``base``; empty when it is."""
    return _resolved(path, base)[1]


def _resolved(path: Path, base: Path) -> tuple[Path, str]:
    """Return ``path`` with its links resolved, and why that is not below ``base``."""
    try:
        resolved, root = path.resolve(), base.resolve()
    except (OSError, RuntimeError):
        return path, "its links run in a circle"
    if resolved.is_relative_to(root):
        return resolved, ""
    steps_out = path.is_absolute() and not path.is_relative_to(base)
    return resolved, "it lies outside" if steps_out or ".." in path.parts else "a link leads out of it"


def _inside(path: Path, base: Path) -> Path:
    resolved, why = _resolved(path, base)
    if why:
        raise FaultError("the path leaves the folder of the deployment", why, "copy the file into the folder")
    return resolved


def read_tree(path: Path, base: Path, redactor: Redactor | None = None, below: str = "") -> ReadResult:
    """Return the documents of a file or of a folder and everything below it, in sorted order.

    Args:
        path: what the user named.
        base: nothing outside it is read, links resolved; paths in results are relative to it.
        redactor: see ``read_file``.
        below: folders that stand before every path in results, as ``base`` lies in them; nothing of them is read.

    Raises:
        UnreadableError: the named path itself does not exist, leaves ``base``, or (a file) cannot be read.
            What is found below a named folder and cannot be read is listed in the result instead.
    """
    redactor = redactor or Redactor()
    shown = _joined(below, shown_path(path, base))
    try:
        if _inside(path, base).is_dir():
            return _read_folder(path, base, redactor, below)
        documents = documents_of(path, shown, redactor)
    except FaultError as fault:
        raise UnreadableError(fault.diagnostic(shown)) from None
    return ReadResult(documents, (), _digests(documents))


def shown_path(path: Path, base: Path) -> str:
    """Return ``path`` relative to ``base`` with forward slashes; never a path of the machine."""
    try:
        relative = path.relative_to(base)
    except ValueError:
        return path.name
    return relative.as_posix() if relative.parts else path.resolve().name


def _joined(below: str, shown: str) -> str:
    return f"{below}/{shown}" if below else shown


def _read_folder(folder: Path, base: Path, redactor: Redactor, below: str) -> ReadResult:
    documents: list[Document] = []
    missing: list[NotExamined] = []
    digests: dict[str, DigestedInput] = {}
    for number, path in enumerate(_files(folder, base, missing, below)):
        shown = _joined(below, shown_path(path, base))
        if number >= MAXIMUM_FILES:
            raise FaultError(
                "the folder holds too many files", f"more than {MAXIMUM_FILES:,}", "name the configuration folder itself"
            )
        if path.suffix.lower() in CAPTURE_SUFFIXES or is_prose(path.name):
            continue
        try:
            found = documents_of(_inside(path, base), shown, redactor)
        except FaultError as fault:
            missing.append(_not_examined(shown, fault))
            continue
        documents.extend(found)
        digests.update({d.path: d for d in _digests(found)})
    return ReadResult(tuple(documents), tuple(sorted(missing, key=lambda m: (m.path, m.reason))), tuple(digests.values()))


def _files(folder: Path, base: Path, missing: list[NotExamined], below: str) -> Iterator[Path]:
    """Yield files below ``folder`` in the order of their names; a linked folder is entered once, never in circles."""
    visited: set[Path] = set()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        shown = _joined(below, shown_path(current, base))
        try:
            resolved = _inside(current, base)
            entries = sorted(current.iterdir(), key=lambda p: p.name)
        except FaultError as fault:
            missing.append(_not_examined(shown, fault))
            continue
        except OSError as error:
            missing.append(
                NotExamined(shown, f"the folder cannot be opened: {error.strerror or type(error).__name__}", named=False)
            )
            continue
        if resolved in visited:
            continue
        visited.add(resolved)
        waiting.extend(e for e in reversed(entries) if e.is_dir() and e.name not in _SKIPPED_FOLDERS)
        yield from (e for e in entries if not e.is_dir())


def _not_examined(shown: str, fault: FaultError) -> NotExamined:
    line, column = fault.position
    place = f" at {line}:{column}" if line else ""
    why = f": {fault.why}" if fault.why else ""
    return NotExamined(shown, f"{fault.what}{place}{why}", named=False)


def _digests(documents: tuple[Document, ...]) -> tuple[DigestedInput, ...]:
    return tuple({d.path: DigestedInput(d.path, d.sha256, "configuration", d.size) for d in documents}.values())
