"""What a log format is: a name, how to recognise it, how to read it, and what it cannot see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from auditor.facts.blindness import Blind
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.head import Head
from auditor.traffic.logs.inputs import LogInput
from auditor.traffic.logs.record import LogRecord


class Task(NamedTuple):
    """What a reader works on."""

    files: Sequence[LogInput]
    coverage: LogCoverage
    columns: Mapping[str, object]
    """The user's column map, for the format that needs one."""


class LogFormat(NamedTuple):
    """One log format."""

    name: str
    title: str
    """What people call it."""
    recognise: Callable[[Head], bool]
    """Whether a file that begins so is of this format; looks at content first, at the file's name last."""
    read: Callable[[Task], Iterator[LogRecord]]
    """Yield what the files hold, counting in the task's coverage whatever is not yielded."""
    blind: tuple[Blind, ...]
    """What it cannot see whatever the file; a reader adds to ``coverage.blind`` what depends on the file."""
    requests: bool = False
    """Its records are requests made of a proxy or server, of which one connection may carry several."""
    fault: Callable[[object], str] | None = None
    """Where the user may say of which fields a record consists: return why what is said is no such thing, empty where it is."""
