"""A process beside this one that does a part of the work and sends what it finds, piece by piece."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from types import TracebackType
from typing import Any, Self, TypeAlias

from auditor.errors import AuditorError
from auditor.traffic.parallel import stopped_error


class UndividedError(Exception):
    """A capture that only one reader can read: which flows give way, or which packets are duplicates, needs all of it."""


Sending: TypeAlias = Any
"""What a process sends; whoever starts it knows what comes when."""
_SENT_ERRORS = (AuditorError, UndividedError)


def way_to_start() -> str:
    """Return how a process is started: as a copy of this one where that is safe, so that it has loaded what this one has.

    A copy of a process with several threads may lock up, as it has the locks of the others but not those that open them.
    """
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


class Partner:
    """A process that runs ``work`` and sends what that yields; it ends with the ``with`` block at the latest."""

    def __init__(self, context: BaseContext, work: Callable[..., Iterator[Sending]], arguments: tuple[Any, ...]) -> None:
        """Start it; ``work`` is a function of a module."""
        self._connection, other = context.Pipe(duplex=False)
        process = context.Process  # type: ignore[attr-defined]  # typeshed: on the contexts of each way to start
        self._process = process(target=_serve, args=(other, work, arguments), daemon=True)
        self._process.start()
        other.close()  # else its end would not show

    def __enter__(self) -> Self:
        """Return the process, which runs already."""
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        """Wait for its end, or bring it about where nobody wants the rest."""
        self._connection.close()
        self._process.terminate()
        self._process.join()
        self._process.close()

    def receive(self) -> Sending:
        """Return what it sends next.

        Raises:
            UnreadableError: the process was stopped from outside.
            AuditorError, UndividedError: what ``work`` raised.
        """
        try:
            sent = self._connection.recv()
        except EOFError as error:
            raise stopped_error() from error
        if isinstance(sent, _SENT_ERRORS):
            raise sent
        return sent


def _serve(connection: Connection, work: Callable[..., Iterator[Sending]], arguments: tuple[Any, ...]) -> None:
    """Send what ``work`` yields, and an error that it expects; who started the process sees to interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for part in work(*arguments):
            connection.send(part)
    except _SENT_ERRORS as error:
        connection.send(error)
