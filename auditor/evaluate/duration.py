"""Durations as profiles write them: a whole number and one unit."""

from __future__ import annotations

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NAMES = {"s": "second", "m": "minute", "h": "hour", "d": "day"}
_FORM = re.compile(r"(?P<count>[0-9]{1,9})(?P<unit>[smhd])", re.ASCII)


def seconds(text: str) -> int:
    """Return the seconds that ``24h``, ``30d``, ``15m`` or ``90s`` stand for.

    Raises:
        ValueError: another form.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration: write a whole number and s, m, h or d, for example 24h")
    return int(found["count"]) * _SECONDS[found["unit"]]


def words(length: float) -> str:
    """Return ``length`` seconds as a reader says it: ``24 hours``, ``7.5 minutes``, ``3 days``."""
    for unit, least in (("d", 2 * _SECONDS["d"]), ("h", _SECONDS["h"]), ("m", _SECONDS["m"])):
        if length >= least:
            return _counted(length / _SECONDS[unit], _NAMES[unit])
    return _counted(length, "second")


def _counted(value: float, name: str) -> str:
    rounded = round(value, 1)
    number = f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"
    return f"{number} {name}" if number == "1" else f"{number} {name}s"
