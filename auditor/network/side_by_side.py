"""Two networks side by side, group by group: work grows with the groups of pods that policies tell apart, not with the pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass

from auditor.facts.evidence import FileLocation
from auditor.network.alike import key_of
from auditor.network.answering import Answers
from auditor.network.objects import Pods
from auditor.network.rules import Direction
from auditor.network.sources import Source
from auditor.network.through import ways_out, ways_through


@dataclass(slots=True)
class Unchanged:
    """Which pods are under the same policies in both networks, wherever these stand in the files."""

    old: Answers
    new: Answers
    _same: dict[tuple[int, int, Direction], bool] = field(default_factory=dict)
    _plain: dict[int, object] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)
    _worlds: list[bool] = field(default_factory=list)

    def of(self, before: Pods | None, after: Pods | None, direction: Direction) -> bool:
        """Return whether the policies of a direction say the same of the same pods; what cannot be compared is not the same."""
        if before is None or after is None or not self._world():
            return False
        pair = (id(before), id(after), direction)
        if pair not in self._same:
            alike = key_of(before, None) == key_of(after, None) and before.id == after.id
            self._same[pair] = alike and self._said(self.old, before, direction) == self._said(self.new, after, direction)
        return self._same[pair]

    def _world(self) -> bool:
        if not self._worlds:
            one, other = self.old.cluster.book, self.new.cluster.book
            said = [
                (b.world.platform, o.namespaces, o.nodes, o.sets, o.tiers, o.endpoints, o.host_endpoints, len(b.unread))
                for b in (one, other)
                for o in (b.world.objects,)
            ]
            self._worlds.append(said[0] == said[1])
        return self._worlds[0]

    def _said(self, answers: Answers, pods: Pods, direction: Direction) -> list[tuple[object, object]]:
        return [(self._once(policy), selected) for policy, selected in answers.cluster.book.chosen(pods, direction)]

    def _once(self, policy: object) -> object:
        if id(policy) not in self._plain:
            self._kept.append(policy)
            self._plain[id(policy)] = _plain(policy)
        return self._plain[id(policy)]


def _plain(value: object) -> object:
    """Return a value without its places in files; what has no fields and is no plain value is like nothing else."""
    if isinstance(value, FileLocation):
        return None
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return (type(value).__name__, *(_plain(getattr(value, one.name)) for one in fields(value)))
    return value if isinstance(value, (str, int, float)) or value is None else object()


@dataclass(slots=True)
class Closures:
    """Through whom pods of one network reach the outside, worked out once for each group."""

    answers: Answers
    _reached: dict[int, int] = field(default_factory=dict)
    _named: dict[int, frozenset[str]] = field(default_factory=dict)
    _out: list[int] = field(default_factory=list)

    def of(self, source: Source) -> frozenset[str]:
        """Return the ids of others that a source may reach over any number of steps, and that may reach addresses outside."""
        if source.pods is None or source.layers or source.peers:
            return frozenset(ways_through(self.answers, (source,)))
        first = self.answers.group(source.pods)
        if id(first) not in self._named:
            everyone = self.answers.alike
            numbers = {id(p): n for n, p in enumerate(everyone)}
            mask = self._closed(everyone, numbers)[id(first)] & ~(1 << numbers[id(first)])
            if not self._out:
                leads_out = (next(ways_out(self.answers, Source.of(p)), None) is not None for p in everyone)
                self._out.append(sum(out << n for n, out in enumerate(leads_out)))
            mask &= self._out[0]
            self._named[id(first)] = frozenset(p.id for n, p in enumerate(everyone) if mask >> n & 1)
        return self._named[id(first)]

    def _closed(self, everyone: Iterable[Pods], numbers: dict[int, int]) -> dict[int, int]:
        """Return for each group all groups that it reaches, as bits (Warshall's algorithm)."""
        if not self._reached:
            rows = [sum(1 << numbers[id(p)] for p in self.answers.near(one)) for one in everyone]
            for middle, row in enumerate(rows):
                for number, other in enumerate(rows):
                    if other >> middle & 1:
                        rows[number] = other | row
            self._reached.update({id(p): row for p, row in zip(everyone, rows, strict=True)})
        return self._reached


def grouped(old: Answers, new: Answers) -> Iterator[tuple[Pods | None, Pods | None, list[str]]]:
    """Yield the pods of both networks in groups that no policy of either tells apart: one of each side, and all ids."""
    sides = [{p.id: p for p in reversed(a.cluster.pods)} for a in (old, new)]
    found: dict[tuple[int, int], tuple[Pods | None, Pods | None, list[str]]] = {}
    for name in dict.fromkeys(name for side in sides for name in side):
        before, after = (side.get(name) for side in sides)
        key = (id(old.group(before)) if before is not None else 0, id(new.group(after)) if after is not None else 0)
        found.setdefault(key, (before, after, []))[2].append(name)
    yield from found.values()
