"""One very large capture on several processors: each reads all of it and counts its share of the flows.

Headers are read so fast that all may read all of them; what takes the time is done once a flow: names, rows. The first share has
also what no hash tells apart (look-ups, ICMP, tunnels), and is this process; every other is one of its own, and so is the
digest of the file: it is under way while the compiled code is loaded, which is why that is imported late here.
"""

from __future__ import annotations

import multiprocessing
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING, NamedTuple

from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import Progress, open_capture
from auditor.traffic.coverage import Reading
from auditor.traffic.decoder import Decoder
from auditor.traffic.fast.partner import Partner, Sending, UndividedError, way_to_start
from auditor.traffic.names import Lookups
from auditor.traffic.reading import Readings, reading_of
from auditor.traffic.table import Column
from auditor.traffic.tracker import MOST_LIVE

if TYPE_CHECKING:
    from auditor.traffic.fast.harvest import Harvest
    from auditor.traffic.fast.memory import Share

_AT_ONCE = 1 << 13
"""Flows that pass between processes at one go."""


class _Rows(NamedTuple):
    """Some flows of another process."""

    columns: dict[str, Column]
    places: array[int]


class _Part(NamedTuple):
    """One share, read."""

    harvest: Harvest
    reading: Reading
    size: int
    """Bytes of the file that were read."""


def read_in_shares(source: CaptureSource, progress: Progress | None, count: int, *, local: bool) -> Readings | None:
    """Return what ``reading.read_captures`` returns; ``None`` where only one reader alone can tell it.

    Raises:
        UnreadableError: as for ``observe``; also where a process was stopped from outside.
    """
    most = MOST_LIVE // count  # where no share has more, all together have no more than one reader may hold
    lookups = Lookups()
    context = multiprocessing.get_context(way_to_start())
    undivided = context.Event()
    with ExitStack() as stack:
        digesting = stack.enter_context(Partner(context, _digest, (source,)))
        first, *others = _loaded_shares(count)  # before the others start, who begin with what is here where they can
        given = [(undivided, source, share, most, local) for share in others]
        partners = [stack.enter_context(Partner(context, _read_other, arguments)) for arguments in given]
        try:
            harvest, own, size = _read(source, first, most, lookups, _until(undivided, progress), local=local)
            rest: list[Reading] = [partner.receive() for partner in partners]
            digested, sha256 = digesting.receive()
            if digested != size or any(reading.facts != own.facts for reading in rest):  # the file grew while it was read
                return None
            for partner in partners:
                _collect(partner, harvest)
        except UndividedError:
            return None
    return harvest.table_in_order(), lookups, [_joined(replace(own, sha256=sha256), rest)]


def _digest(source: CaptureSource) -> Iterator[Sending]:
    """Yield the bytes of the file and their digest, in a process of its own."""
    with open_capture(source) as capture:
        sha256 = capture.sha256()
        yield capture.size, sha256


def _loaded_shares(count: int) -> list[Share]:
    """Return the shares, once what reads them is loaded."""
    from auditor.traffic.fast.engine import load
    from auditor.traffic.fast.memory import shares_of

    load()
    return shares_of(count)


def _collect(partner: Partner, harvest: Harvest) -> None:
    """Add the flows that a process gathered; while some are taken in, it prepares the next ones."""
    while (rows := partner.receive()) is not None:
        harvest.table.add_columns(rows.columns)
        harvest.places.extend(rows.places)


def _read_other(undivided: Event, source: CaptureSource, share: Share, most: int, local: bool) -> Iterator[Sending]:
    """Read one share, in a process of its own, and yield what it tells of the capture, then its flows, then ``None``."""
    from auditor.traffic.fast.done import PLACE_WIDTH

    try:
        harvest, reading, _ = _read(source, share, most, Lookups(), _until(undivided, None), local=local)
    except UndividedError:
        undivided.set()
        raise
    yield reading
    for begin in range(0, len(harvest.table), _AT_ONCE):
        end = begin + _AT_ONCE
        columns = {name: column[begin:end] for name, column in harvest.table.columns.items() if name != "winner"}
        yield _Rows(columns, harvest.places[PLACE_WIDTH * begin : PLACE_WIDTH * end])
    yield None


def _until(undivided: Event, progress: Progress | None) -> Progress:
    """Return what takes the progress of one share, and ends its reading once another one cannot be told alone."""

    def told(name: str, done: int, size: int) -> None:
        if undivided.is_set():
            raise UndividedError
        if progress is not None:
            progress(name, done, size)

    return told


def _read(source: CaptureSource, share: Share, most: int, lookups: Lookups, progress: Progress | None, *, local: bool) -> _Part:
    from auditor.traffic.fast.engine import fast_intake

    with open_capture(source, progress, digesting=False) as capture:
        decoder = Decoder(capture.facts)
        intake = fast_intake(decoder, source.id, None, lookups, local=local, most_live=most, share=share)
        intake.read(capture)
        return _Part(intake.harvest(), reading_of(source, capture, intake, lookups), capture.size)


def _joined(own: Reading, rest: Sequence[Reading]) -> Reading:
    """Return what all shares together tell of the capture."""
    gquic = Counter(gquic_not_read=sum(reading.skipped["gquic_not_read"] for reading in rest))
    senders = own.senders.union(*(reading.senders for reading in rest))
    return replace(own, senders=senders, skipped=own.skipped + gquic)
