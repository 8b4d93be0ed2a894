"""Several captures at once, each in a process of its own; what they tell is put together as if read one after the other."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.queues import SimpleQueue
from typing import Any

from auditor.errors import Diagnostic, UnreadableError
from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import Progress
from auditor.traffic.coverage import Reading
from auditor.traffic.names import Lookups
from auditor.traffic.reading import Readings, read_capture
from auditor.traffic.table import FlowTable

_ASKED_EVERY = 0.2
"""Seconds between two looks at how far the processes are."""
_TOLD_EVERY = 16 * 1024 * 1024
"""Bytes after which a process says how far it is."""

_Told = tuple[str, int, int]
_Part = tuple[FlowTable, Lookups, Reading]
_queue: SimpleQueue[_Told] | None = None
"""In a process of the pool: where it says how far it is."""


def read_in_processes(
    sources: Sequence[CaptureSource], progress: Progress | None, workers: int, *, local: bool
) -> Readings | None:
    """Return what ``reading.read_captures`` returns; ``None`` where only one reader after the other can tell it.

    Raises:
        UnreadableError: as for ``observe``; also where a process was stopped from outside.
    """
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may lock up
    queue: SimpleQueue[_Told] = context.SimpleQueue()
    with stopped(), ProcessPoolExecutor(workers, context, _begin, (queue,)) as pool:
        parts = [pool.submit(_read, source, local) for source in sources]
        try:
            _watch(parts, queue, progress)
            return _joined([part.result() for part in parts])
        finally:
            for part in parts:
                part.cancel()


@contextmanager
def stopped() -> Iterator[None]:
    """Turn the end of a process that was stopped from outside into a message."""
    try:
        yield
    except BrokenProcessPool as error:
        raise stopped_error() from error


def stopped_error() -> UnreadableError:
    """Return the message of a process that was stopped from outside."""
    why = "a process that read them was stopped from outside, for example for want of memory"
    return UnreadableError(Diagnostic("cannot read the captures", why, "name fewer captures at once"))


def _begin(queue: SimpleQueue[_Told]) -> None:
    global _queue  # noqa: PLW0603 -- a pool hands what is not for one task alone to a process only in this way
    _queue = queue


def _read(source: CaptureSource, local: bool) -> _Part:
    """Read one capture, in a process of the pool."""
    table, lookups = FlowTable.packed(), Lookups()
    last = 0

    def told(name: str, done: int, size: int) -> None:
        nonlocal last
        if _queue is not None and (done - last >= _TOLD_EVERY or done == size):
            last = done
            _queue.put((name, done, size))

    return table, lookups, read_capture(source, table, lookups, told, local=local)


def _watch(parts: Sequence[Future[_Part]], queue: SimpleQueue[_Told], progress: Progress | None) -> None:
    """Wait until all parts are there or one failed, and say how far all of them together are."""
    far: dict[str, tuple[int, int]] = {}
    waiting: set[Future[Any]] = set(parts)
    while waiting and not any(part.done() and part.exception() for part in parts):
        _, waiting = wait(waiting, _ASKED_EVERY)
        while not queue.empty():
            name, done, size = queue.get()
            far[name] = (done, size)
        if progress is not None and far:
            progress(f"{len(parts)} captures", sum(done for done, _ in far.values()), sum(size for _, size in far.values()))


def _joined(parts: Sequence[_Part]) -> Readings | None:
    table, lookups = FlowTable.packed(), Lookups()
    for part, told, _ in parts:
        table.extend(part)
        if not lookups.extend(told):
            return None
    return table, lookups, [reading for *_, reading in parts]
