"""A log to read: one file, or a rotated set that counts as one source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class LogFile(NamedTuple):
    """One file of a source."""

    id: str
    """Path as the manifest or the command line names it; what evidence shows."""
    path: str
    """Path to open on this machine; never in results. ``-`` is standard input."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """A log as the manifest or the command line names it."""

    id: str
    files: tuple[LogFile, ...]
    """All files of one rotated set, or all logs of one Zeek run; order does not matter."""
    vantage: str = ""
    sees: tuple[str, ...] = ()
    canary: str = ""
    format: str = ""
    """Name of the format where the user says it; empty to recognise it by the first bytes."""
    columns: Mapping[str, object] = field(default_factory=dict)
    """The user's column map (``--map``), for the format ``map``."""
