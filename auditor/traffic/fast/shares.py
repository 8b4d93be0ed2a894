"""One very large capture on several processors: each reads all of it and counts its share of the flows.

Headers are read so fast that all may read all of them; what takes the time is done once a flow: names, rows. The first share has
also what no hash tells apart (look-ups, ICMP, tunnels), and is this process; every other is one of its own.
"""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from multiprocessing.synchronize import Event
from typing import NamedTuple

from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import Progress, open_capture
from auditor.traffic.coverage import Reading
from auditor.traffic.decoder import Decoder
from auditor.traffic.fast.engine import fast_intake
from auditor.traffic.fast.harvest import Harvest, table_of
from auditor.traffic.fast.memory import Share, shares_of
from auditor.traffic.fast.shared import UndividedError
from auditor.traffic.names import Lookups
from auditor.traffic.parallel import stopped
from auditor.traffic.reading import Readings, reading_of
from auditor.traffic.tracker import MOST_LIVE

_undivided: Event | None = None
"""In a process of the pool: whether the capture cannot be read in shares."""


class _Part(NamedTuple):
    """What one share shows."""

    harvest: Harvest
    reading: Reading


def read_in_shares(source: CaptureSource, progress: Progress | None, count: int, *, local: bool) -> Readings | None:
    """Return what ``reading.read_captures`` returns; ``None`` where only one reader alone can tell it.

    Raises:
        UnreadableError: as for ``observe``; also where a process was stopped from outside.
    """
    first, *others = shares_of(count)
    lookups = Lookups()
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may lock up
    undivided = context.Event()
    with stopped(), ProcessPoolExecutor(len(others), context, _begin, (undivided,)) as pool:
        parts = [pool.submit(_read_other, source, share, count, local) for share in others]
        try:
            return _joined(_read(source, first, count, lookups, _until(undivided, progress), local=local), parts, lookups)
        except UndividedError:
            return None
        finally:
            undivided.set()
            for part in parts:
                part.cancel()


def _begin(undivided: Event) -> None:
    global _undivided  # noqa: PLW0603 -- a pool hands what is not for one task alone to a process only in this way
    _undivided = undivided


def _until(undivided: Event, progress: Progress | None) -> Progress:
    """Return what takes the progress of one share, and ends its reading once another one cannot be told alone."""

    def told(name: str, done: int, size: int) -> None:
        if undivided.is_set():
            raise UndividedError
        if progress is not None:
            progress(name, done, size)

    return told


def _read_other(source: CaptureSource, share: Share, count: int, local: bool) -> _Part:
    """Read one share, in a process of the pool."""
    if _undivided is None:
        raise UndividedError
    try:
        return _read(source, share, count, Lookups(), _until(_undivided, None), local=local)
    except UndividedError:
        _undivided.set()
        raise


def _read(source: CaptureSource, share: Share, count: int, lookups: Lookups, progress: Progress | None, *, local: bool) -> _Part:
    with open_capture(source, progress, digesting=not share.low) as capture:
        most = MOST_LIVE // count  # where no share has more, all together have no more than one reader may hold
        decoder = Decoder(capture.facts)
        intake = fast_intake(decoder, source.id, None, lookups, local=local, most_live=most, share=share)
        intake.read(capture)
        return _Part(intake.harvest(), reading_of(source, capture, intake, lookups))


def _joined(own: _Part, parts: Sequence[Future[_Part]], lookups: Lookups) -> Readings | None:
    """Put the shares together: rows in the order in which one reader would have written them."""
    rest = [part.result() for part in parts]
    if any(part.reading.facts != own.reading.facts for part in rest):  # the file grew while it was read
        return None
    table = table_of([own.harvest, *(told.harvest for told in rest)], own.reading.source.id)
    gquic = Counter(gquic_not_read=sum(told.reading.skipped["gquic_not_read"] for told in rest))
    senders = own.reading.senders.union(*(told.reading.senders for told in rest))
    return table, lookups, [replace(own.reading, senders=senders, skipped=own.reading.skipped + gquic)]
