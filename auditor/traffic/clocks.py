"""Sources whose clocks differ: the same flows, all of them later or earlier in one than in the other by the same time.

A time is never corrected. What is found lets rows be compared, so that no flow counts twice, and is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from statistics import median_low
from typing import NamedTuple

from auditor.traffic.table import FlowTable
from auditor.traffic.times import SECOND

CLOCK_DIFFERENCE = 2 * SECOND
"""How far the clocks of two vantage points may lie apart without being told."""
_FEWEST = 3
"""5-tuples that must agree: ports of clients do not repeat in the same order by chance."""
_AGREEING = 0.9
"""Share of the 5-tuples that both have which must agree."""
_FIRST_CLIENT_PORT = 1024

Ahead = Mapping[tuple[str, str], int]
"""By two sources: nanoseconds by which the clock of the second is ahead of that of the first."""


class ClockDifference(NamedTuple):
    """A source whose clock differs."""

    other: str
    ahead: int
    """Nanoseconds by which the other source's clock is ahead."""
    flows: int
    """Flows that show it."""

    @property
    def sentence(self) -> str:
        """Return it in plain words."""
        way = "ahead of" if self.ahead < 0 else "behind"
        return f"its clock is {abs(self.ahead) / SECOND:.1f} s {way} that of {self.other}, by {self.flows} flows that both show"


class _Meeting(NamedTuple):
    """One flow in two sources: by how much the second may be ahead, and by how much its first packet is."""

    least: int
    most: int
    apart: int


def clock_differences(table: FlowTable, groups: Iterable[list[int]]) -> tuple[Ahead, Mapping[tuple[str, str], int]]:
    """Return the differences of clocks, both ways round, and how many flows show each.

    Args:
        table: the flow table.
        groups: the rows of each 5-tuple.
    """
    met: dict[tuple[str, str], list[_Meeting]] = {}
    for rows in groups:
        by_source = _alone(table, rows)
        for one, two in combinations(sorted(by_source), 2):
            met.setdefault((one, two), []).append(_meeting(table, by_source[one], by_source[two]))
    found: dict[tuple[str, str], int] = {}
    flows: dict[tuple[str, str], int] = {}
    for (one, two), meetings in met.items():
        ahead, number = _agreed(meetings)
        if ahead:
            found[one, two], found[two, one] = ahead, -ahead
            flows[one, two] = flows[two, one] = number
    return found, flows


def _alone(table: FlowTable, rows: list[int]) -> dict[str, int]:
    """Return by source the row of a 5-tuple with a client's own port, of those sources that have only one at a time."""
    columns = table.columns
    one, two = columns["src_port"][rows[0]], columns["dst_port"][rows[0]]
    if len(rows) == 1 or max(one, two) < _FIRST_CLIENT_PORT or one == two:
        return {}
    found: dict[str, int] = {}
    several = set()
    for row in rows:
        source = columns["source_id"][row]
        before = found.setdefault(source, row)
        if not (columns["start"][row] <= columns["end"][before] and columns["start"][before] <= columns["end"][row]):
            several.add(source)
    return {source: row for source, row in found.items() if source not in several and columns["start"][row]}


def _meeting(table: FlowTable, one: int, two: int) -> _Meeting:
    start, end = table.columns["start"], table.columns["end"]
    least = start[two] - end[one] - CLOCK_DIFFERENCE
    return _Meeting(least, end[two] - start[one] + CLOCK_DIFFERENCE, start[two] - start[one])


def _agreed(meetings: list[_Meeting]) -> tuple[int, int]:
    """Return by how much nearly all meetings say that the second is ahead, and how many do; 0 where they need no difference."""
    at_once = sum(m.least <= 0 <= m.most for m in meetings)
    if 2 * at_once >= len(meetings):
        return 0, 0
    ahead = median_low([m.apart for m in meetings if not m.least <= 0 <= m.most])
    number = sum(m.least <= ahead <= m.most for m in meetings)
    return (ahead, number) if number >= _FEWEST and number >= _AGREEING * len(meetings) else (0, 0)
