"""Reading captures into one flow table: one after the other, or several at once where they are large."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import Capture, Progress, open_capture
from auditor.traffic.coverage import Reading
from auditor.traffic.decoder import Decoder
from auditor.traffic.intake import Intake
from auditor.traffic.names import Lookups
from auditor.traffic.opening import STANDARD_INPUT
from auditor.traffic.pcap import MAGIC as PCAP_MAGIC
from auditor.traffic.pcapng import MAGIC as PCAPNG_MAGIC
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import FlowTracker

WORTH_PROCESSES = 32 * 1024 * 1024
"""Bytes of all captures from which on several processes pay for their start."""
WORTH_SHARES = 128 * 1024 * 1024
"""Bytes of one capture from which on several processes read it."""

Readings = tuple[FlowTable, Lookups, list[Reading]]


def read_captures(sources: Sequence[CaptureSource], progress: Progress | None, *, local: bool) -> Readings:
    """Return one table of all captures, what DNS showed in them, and what each tells of itself, in the order of ``sources``.

    ``local``: also what stays on the link. With several large captures each processor reads one at a time; of one that is very
    large each counts a share of the flows.
    """
    with uncollected():
        return _read(sources, progress, local=local)


def _read(sources: Sequence[CaptureSource], progress: Progress | None, *, local: bool) -> Readings:
    workers = min(len(sources), _processors())
    if workers > 1 and _bytes(sources) >= WORTH_PROCESSES:
        from auditor.traffic.parallel import read_in_processes

        read = read_in_processes(sources, progress, workers, local=local)
        if read is not None:
            return read
    if len(sources) == 1 and _divisible(sources[0]):
        from auditor.traffic.fast.shares import read_in_shares

        read = read_in_shares(sources[0], progress, _processors(), local=local)
        if read is not None:
            return read
    table, lookups = FlowTable.packed(), Lookups()
    return table, lookups, [read_capture(source, table, lookups, progress, local=local) for source in sources]


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the search for cycles away: a table of rows has none, and to walk it again and again takes a sixth of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _divisible(source: CaptureSource) -> bool:
    """Return whether several processes should read the capture: it is very large, and none has to unpack it."""
    if _processors() < 2 or _bytes([source]) < WORTH_SHARES:  # noqa: PLR2004 -- alone there is nobody to share with
        return False
    with Path(source.path).open("rb") as stream:
        magic = stream.read(4)
    return magic in PCAP_MAGIC or magic == PCAPNG_MAGIC


def _processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _bytes(sources: Sequence[CaptureSource]) -> int:
    """Return the size of all captures, 0 where one is no file that several processes could open."""
    paths = [Path(source.path) for source in sources]
    if any(source.path == STANDARD_INPUT for source in sources) or not all(path.is_file() for path in paths):
        return 0
    return sum(path.stat().st_size for path in paths)


def read_capture(source: CaptureSource, table: FlowTable, lookups: Lookups, progress: Progress | None, *, local: bool) -> Reading:
    """Read one capture into the table; live flows bound the memory, not packets. ``local``: also what stays on the link."""
    with open_capture(source, progress) as capture:
        intake = _intake(capture, source.id, table, lookups, local=local)
        intake.read(capture)
        return reading_of(source, capture, intake, lookups)


def reading_of(source: CaptureSource, capture: Capture, intake: Intake, lookups: Lookups) -> Reading:
    """Return what a capture that was read tells of itself."""
    skipped = intake.decoder.skipped + Counter(intake.counted()) + Counter(dns_over_limit=lookups.dropped)
    lookups.dropped = 0
    return Reading(source, capture.format, capture.sha256(), capture.facts, intake.senders(), skipped, intake.watch)


def _intake(capture: Capture, source_id: str, table: FlowTable, lookups: Lookups, *, local: bool) -> Intake:
    """Return what reads the capture: for a large one the compiled kernel, whose start alone costs half a second."""
    decoder = Decoder(capture.facts)
    if not capture.window.large():
        return Intake(decoder, FlowTracker(source_id, table, lookups), local=local)
    from auditor.traffic.fast.engine import fast_intake

    return fast_intake(decoder, source_id, table, lookups, local=local)
