"""The record of a bundle that a script of ``auditor collect`` made: which command gave which file, when, on which host."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from auditor.documents.source import FaultError, digest_bytes, read_source
from auditor.errors import UnreadableError

BUNDLE_RECORD = "bundle.csv"
BUNDLE_COLUMNS = ("file", "sha256", "collected", "host", "from", "command")


@dataclass(frozen=True, slots=True)
class BundleItem:
    """One file of a bundle."""

    file: str
    """Relative to the bundle."""
    collected: str
    """Date, ISO 8601."""
    origin: str
    """The request or command that gave it."""


def read_bundle(path: Path, shown: str) -> tuple[BundleItem, ...]:
    """Return the items of a record; every file must still be what was collected.

    Raises:
        UnreadableError: the record cannot be read, a row misses a part, or a file is not what its digest says.
    """
    try:
        return _items(read_source(path).text, path.parent)
    except FaultError as fault:
        raise UnreadableError(fault.diagnostic(shown)) from None


def _items(text: str, folder: Path) -> tuple[BundleItem, ...]:
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise FaultError("the file is no record of a bundle", str(error), "collect again") from None
    if not rows or tuple(rows[0]) != BUNDLE_COLUMNS:
        raise FaultError(
            "the file is no record of a bundle", f"its first line is not {','.join(BUNDLE_COLUMNS)}", "collect again"
        )
    return tuple(_item(row, folder, number) for number, row in enumerate(rows[1:], start=2))


def _item(row: list[str], folder: Path, number: int) -> BundleItem:
    place = (number, 1)
    if len(row) != len(BUNDLE_COLUMNS) or not all(row) or "/" in row[0] or row[0].startswith("."):
        raise FaultError("a row of the bundle misses a part", f"needed: {', '.join(BUNDLE_COLUMNS)}", "collect again", place)
    name, digest, collected, _, origin, _ = row
    found, _ = digest_bytes(folder / name)
    if found != digest:
        raise FaultError(f"{name} is not the file that was collected", "its SHA-256 is another one", "collect again", place)
    return BundleItem(name, collected[:10], origin)
