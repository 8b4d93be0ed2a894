"""The only door to numba: how functions are compiled and where the compiled code is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import njit

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


COMPILED = ("compiled", "csv_lines", "entry", "flows", "headers", "hello", "index", "layout", "sequence", "walk")
"""Modules of this package that are compiled, or whose constants are."""
CONSTANTS = ("coded", "community_ids", "flow", "internet", "packet", "pcapng", "record", "stream", "times", "tracker")
"""Modules of the stage whose constants are compiled in."""

_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}
"""The lock of the interpreter is not held. No references are counted (numba's ``_nrt``, as in its own text functions):
arrays belong to the caller, and every view of one would cost two locked additions, in all two thirds of the time of a packet.
What would allocate memory is refused when it is compiled."""


def inner(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return ``function`` compiled into whatever compiled code calls it; alone it is not kept.

    Each call of one that is not compiled in costs copies of what describes its arrays: a fifth of the time of a packet.
    """
    made: Callable[Arguments, Result] = njit(forceinline=True, **_OPTIONS)(function)
    return made


def entry(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return ``function`` compiled when Python first calls it.

    The machine code is kept beside the module or, where that cannot be written, in the cache folder of the user; where
    neither can be, it is made anew in every process.
    """
    try:
        made: Callable[Arguments, Result] = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # numba: "no locator available"
        return inner(function)
    return made


def source_stamp() -> int:
    """Return a number that changes with every source that is compiled.

    numba throws kept code away when the module of a function changes, but not when that of a function it calls does. A
    variable of the enclosing function is part of its key, so every ``entry`` encloses this number. The modules from
    which constants come count too.
    """
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in (*(here / f"{name}.py" for name in COMPILED), *(here.parent / f"{name}.py" for name in CONSTANTS)):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")
