"""Times that inventories write: RFC 3339 text to nanoseconds, and what proves when a snapshot was taken at the earliest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from auditor.documents.tree import Node

SECOND = 1_000_000_000
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)")
_PAST = frozenset(
    {
        "creationTimestamp", "startTime", "startedAt", "finishedAt", "lastTransitionTime", "lastHeartbeatTime", "lastUpdateTime",
        "lastProbeTime", "firstTimestamp", "lastTimestamp", "eventTime", "renewTime", "time", "AttachTime", "LaunchTime",
        "createdTime", "changedTime", "timeCreated", "stoppedAt", "executionStoppedAt", "connectivityAt", "createdAt",
        "lastStartTimestamp", "lastStopTimestamp", "lastAttachTimestamp",
    }
)  # fmt: skip
"""Keys under which Kubernetes, EC2 and Compute Engine write what has happened; others (deletionTimestamp) may lie ahead."""


def instant(text: str) -> int | None:
    """Return an RFC 3339 time in nanoseconds since 1970-01-01 UTC, ``None`` for any other text."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    whole, fraction, zone = found.groups()
    try:
        moment = dt.datetime.fromisoformat(whole + ("+00:00" if zone == "Z" else zone))
    except ValueError:
        return None
    return round(moment.timestamp()) * SECOND + int((fraction or "").ljust(9, "0"))


def at(node: Node, *path: str | int) -> int | None:
    """Return the time that stands at ``path`` below ``node``."""
    found = node.at(*path)
    return instant(found.text) if found is not None and found.text else None


def taken(roots: Iterable[Node], collected: str) -> int | None:
    """Return the latest moment before which a snapshot was certainly not taken: its newest past time, or its day's beginning.

    Args:
        roots: all trees of the snapshot's file.
        collected: ISO 8601 date, empty when not given.
    """
    times = [
        found
        for root in roots
        for path, node in root.walk()
        if path and path[-1] in _PAST and node.text and (found := instant(node.text)) is not None
    ]
    if collected:
        day = instant(f"{collected}T00:00:00Z")
        times += [day] if day is not None else []
    return max(times, default=None)
