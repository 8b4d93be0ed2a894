"""Records of one flow put together: legs of both directions, parts of a long flow, events of single packets.

Many logs write a record for each direction, for each ten minutes or for each packet of a connection. ``Folder`` makes
one flow of them, in the direction of who dialled, and forgets a flow that has been silent for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from auditor.facts.vocabulary import NameRung
from auditor.traffic.internet import TCP
from auditor.traffic.logs.coverage import LogCoverage
from auditor.traffic.logs.leg import Leg, Reach
from auditor.traffic.logs.local import packed
from auditor.traffic.logs.record import NOBODY, Action, LogFlow, Workload
from auditor.traffic.logs.verdict import Side, flow_of
from auditor.traffic.orientation import orient_by_ends, service_port
from auditor.traffic.times import SECOND

MOST_LIVE = 200_000
"""Flows kept open; when there are more, the tenth that is silent longest is written out and counted."""
SILENCE = 900 * SECOND
"""A later record of the same 5-tuple is another flow (records span up to ten minutes)."""
_RANKS = {"log": 0, "syn": 1, "syn_ack": 2, "content": 3}
_UNDECIDED = 9
_ORDER = {rung: number for number, rung in enumerate(NameRung)}
_MOST_EVIDENCE = 16

Key = tuple[object, ...]


@dataclass(slots=True)
class Folded:
    """A flow in the making: two sides, 0 the sender of its first record."""

    first: Leg
    sides: tuple[Side, Side] = field(default_factory=lambda: (Side(), Side()))
    start: int | None = None
    end: int | None = None
    lines: int = 0
    client: int = 0
    rank: int = _UNDECIDED
    rule: str = ""
    earliest: tuple[int, int] | None = None
    """Start of the earliest record, and its sender's side."""
    reach: Reach = Reach.SEEN
    name: str = ""
    rung: NameRung = NameRung.NONE
    protocol: str = ""
    path: str = ""
    words: dict[str, None] = field(default_factory=dict)
    reporters: dict[str, None] = field(default_factory=dict)
    loss: set[str] = field(default_factory=set)
    evidence: set[tuple[str, str]] = field(default_factory=set)

    def add(self, leg: Leg) -> None:
        """Take one more record."""
        side = 0 if leg.sender == self.first.sender else 1
        self.lines += leg.place.lines
        self.sides[side].add(leg)
        if leg.back is not None:
            self.sides[1 - side].add_back(leg, leg.back)
        if leg.by_sender is not NOBODY:
            self._workload(side, leg.by_sender)
        if leg.by_receiver is not NOBODY:
            self._workload(1 - side, leg.by_receiver)
        if leg.translated_sender or leg.translated_receiver:
            self._translated(side, leg)
        if leg.start is not None:
            self.start = leg.start if self.start is None else min(self.start, leg.start)
            self.end = max(self.end or 0, leg.start, leg.end or 0)
            if self.earliest is None or leg.start < self.earliest[0]:
                self.earliest = (leg.start, side)
        if leg.receiver_dialled is not None and _RANKS.get(leg.rule, _UNDECIDED - 1) < self.rank:
            self.rank = _RANKS.get(leg.rule, _UNDECIDED - 1)
            self.client, self.rule = (1 - side if leg.receiver_dialled else side), leg.rule
        self._told(leg)

    def _told(self, leg: Leg) -> None:
        if leg.action not in (Action.DENIED, Action.FAILED):
            self.reach = max(self.reach, leg.reach)
        if leg.name and (not self.name or _ORDER[leg.rung] < _ORDER[self.rung]):
            self.name, self.rung = leg.name, leg.rung
        self.protocol = self.protocol or leg.protocol
        self.path = self.path or leg.path
        if leg.word:
            self.words[leg.word] = None
        if leg.reporter:
            self.reporters[leg.reporter] = None
        if leg.loss:
            self.loss.update(leg.loss)
        if leg.evidence and len(self.evidence) < _MOST_EVIDENCE:
            self.evidence.update(leg.evidence)

    def _workload(self, side: int, workload: Workload) -> None:
        if self.sides[side].workload is NOBODY:
            self.sides[side].workload = workload

    def _translated(self, side: int, leg: Leg) -> None:
        self.sides[side].translated = self.sides[side].translated or leg.translated_sender
        self.sides[1 - side].translated = self.sides[1 - side].translated or leg.translated_receiver

    def _by_syn(self) -> tuple[int, str] | None:
        """Return who sent the first of the two SYN that open a connection, where records of both directions tell."""
        one, two = (side.syn for side in self.sides)
        return None if one is None or two is None or one == two else (0 if one < two else 1, "syn")

    def finish(self) -> LogFlow:
        """Return the flow."""
        leg = self.first
        client, rule = self.client, self.rule
        if not rule:
            client, rule = self._by_syn() or _by_ends(leg) or ((self.earliest or (0, 0))[1], "first_frame")
        ends = (leg.sender, leg.receiver)
        return flow_of(self, ends[client], ends[1 - client], self.sides[client], self.sides[1 - client], rule)


def _by_ends(leg: Leg) -> tuple[int, str] | None:
    (source, sport), (destination, dport) = leg.sender, leg.receiver
    if leg.number is None or sport is None or dport is None:
        return None
    decided = service_port(leg.number, sport, dport)
    if decided is None and leg.number == TCP and source and destination:
        decided = orient_by_ends(TCP, (packed(source), sport), (packed(destination), dport))
    return None if decided is None else (decided[0], decided[1].value)


class Folder:
    """Folds legs with the same ends into flows."""

    def __init__(self, coverage: LogCoverage, *, silence: int = SILENCE) -> None:
        """Count in ``coverage``; two records more than ``silence`` ns apart are two flows."""
        self._coverage = coverage
        self._silence = silence
        self._live: dict[Key, Folded] = {}

    def add(self, leg: Leg, apart: object = "") -> Iterator[LogFlow]:
        """Take one record, and yield the flows that are over by now.

        Args:
            leg: the record.
            apart: what keeps flows apart besides their ends, such as the interface that reports.
        """
        one, two = leg.sender, leg.receiver
        ordered = (one, two) if (one[0], one[1] or 0) <= (two[0], two[1] or 0) else (two, one)
        key = (ordered, leg.number, leg.vlan, leg.vni, apart)
        live = self._live.get(key)
        if live is not None and leg.start is not None and live.end is not None and leg.start > live.end + self._silence:
            yield self._live.pop(key).finish()
            live = None
        if live is None:
            if len(self._live) >= MOST_LIVE:
                yield from self._evict()
            live = self._live[key] = Folded(leg)
        live.add(leg)

    def finish(self) -> Iterator[LogFlow]:
        """Yield every flow that is left, in order of time."""
        left = sorted(self._live.values(), key=lambda live: (live.start or 0, live.first.place))
        self._live = {}
        for live in left:
            yield live.finish()

    def _evict(self) -> Iterator[LogFlow]:
        idle = sorted(self._live, key=lambda key: self._live[key].end or 0)[: MOST_LIVE // 10]
        for key in idle:
            self._coverage.note("flow_evicted")
            yield self._live.pop(key).finish()
