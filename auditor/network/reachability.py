"""Two networks side by side: what a source may reach in one and not in the other, over every address and every peer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, Range, cut, whole
from auditor.network.answering import Answers
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named, Neighbour, Target
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.objects import Pods
from auditor.network.rules import Direction, NamePeer
from auditor.network.side_by_side import Unchanged, grouped
from auditor.network.sources import Source

_NOWHERE = Decision(NONE, ALL, ())


@dataclass(frozen=True, slots=True)
class Moved:
    """Connections whose answer is another one."""

    destination: str
    connections: Connections
    was: Truth
    now: Truth
    steps: tuple[Step, ...]
    """What decides now; where nothing does any more, what decided before."""


@dataclass(slots=True)
class SideBySide:
    """Two networks, with what was worked out of both together."""

    old: Answers
    new: Answers
    _known: list[Unchanged] = field(default_factory=list)
    _ends: list[tuple[Pods | None, Pods | None, list[str]]] = field(default_factory=list)
    _by_name: list[dict[str, Pods]] = field(default_factory=list)
    _moved: dict[tuple[int, int], list[str]] = field(default_factory=dict)

    def moved(self, before: Source | None, after: Source | None) -> Iterator[Moved]:
        """Yield what is answered differently for one source; ``None``: it is not there, and reaches nothing."""
        same = self._same(before, after)
        if not same:
            for family in FAMILIES:
                yield from _addresses(self.old, self.new, before, after, family)
            for name in sorted({*_names(self.old, before), *_names(self.new, after)}):
                yield from _changes(name, _of_name(self.old, before, name), _of_name(self.new, after, name))
        peers = [set(s.peers) if s is not None else set() for s in (before, after)]
        for peer in sorted(peers[0] | peers[1]):
            ends = [Neighbour(peer) if peer in side else None for side in peers]
            yield from _changes(peer, _one(self.old, before, ends[0]), _one(self.new, after, ends[1]))
        own = {s.pods.id for s in (before, after) if s is not None and s.pods is not None}
        for name in sorted(n for n in self._others(before, after, same=same) if n not in own) if own else ():
            first, second = (side.get(name) for side in self._by_name)
            yield from _changes(name, _one(self.old, before, first), _one(self.new, after, second))

    def _same(self, before: Source | None, after: Source | None) -> bool:
        """Return whether the policies for a source's egress are the same, and nothing else stands on its way."""
        if before is None or after is None or before.layers or after.layers:
            return False
        return self._unchanged().of(before.pods, after.pods, Direction.EGRESS)

    def _unchanged(self) -> Unchanged:
        if not self._known:
            self._known.append(Unchanged(self.old, self.new))
        return self._known[0]

    def _others(self, before: Source | None, after: Source | None, *, same: bool) -> list[str]:
        """Return the ids of pods of which any connection is answered differently; worked out once for a group of sources."""
        if not self._by_name:
            self._by_name.extend({p.id: p for p in reversed(a.cluster.pods)} for a in (self.old, self.new))
            self._ends.extend(grouped(self.old, self.new))
        plain = not any(s is not None and s.layers for s in (before, after))
        key = tuple(id(a.group(s.pods)) if s and s.pods else 0 for a, s in ((self.old, before), (self.new, after)))
        if plain and key in self._moved:
            return self._moved[key[0], key[1]]
        found = []
        for first, second, names in self._ends:
            if same and self._unchanged().of(first, second, Direction.INGRESS):
                continue
            if next(_changes("", _one(self.old, before, first), _one(self.new, after, second)), None) is not None:
                found += names
        if plain:
            self._moved[key[0], key[1]] = found
        return found


def _addresses(old: Answers, new: Answers, before: Source | None, after: Source | None, family: int) -> Iterator[Moved]:
    sides = [tuple(a.regions(s, family)) if s else () for a, s in ((old, before), (new, after))]
    starts = [[r.range.first for r in side] for side in sides]
    merged: list[tuple[Range, list[Decision]]] = []
    for atom in cut(family, [r.range.spans for side in sides for r in side]):
        found = [
            side[bisect_right(first, atom.first) - 1].decision if side else _NOWHERE
            for side, first in zip(sides, starts, strict=True)
        ]
        if merged and merged[-1][1] == found:
            merged[-1] = (Range(family, merged[-1][0].first, atom.last), found)
        else:
            merged.append((atom, found))
    for place, (was, now) in merged:
        yield from _changes(place.text(), was, now)


def _changes(destination: str, was: Decision, now: Decision) -> Iterator[Moved]:
    for before in Truth:
        for after in Truth:
            part = _part(was, before) & _part(now, after)
            if before is not after and part:
                source = now if now.steps else was
                steps = tuple(s for s in source.steps if s.connections & part and (s.allows is after or after is Truth.UNKNOWN))
                yield Moved(destination, part, before, after, steps)


def _part(decision: Decision, truth: Truth) -> Connections:
    """Return the connections of which a decision says ``truth``."""
    if truth is Truth.YES:
        return decision.allowed
    return ALL - decision.may_allow if truth is Truth.NO else decision.may_allow & decision.may_deny


def _one(answers: Answers, source: Source | None, target: Target | None) -> Decision:
    if source is None or target is None:
        return _NOWHERE
    return next(iter(answers.decisions(source, target))).decision


def _names(answers: Answers, source: Source | None) -> Iterator[str]:
    """Yield the names without a wildcard of which rules for a source speak."""
    if source is None:
        return
    patterns: Iterable[NamePattern] = [p for layer in source.layers for p in layer.names()]
    policies = answers.cluster.book.selecting(source.pods, Direction.EGRESS) if source.pods is not None else ()
    peers = [peer for policy in policies for rule in policy.egress or () for peer in rule.peers or ()]
    named = [p for peer in peers if isinstance(peer, NamePeer) for p in peer.patterns]
    for pattern in (*patterns, *named):
        if "*" not in pattern.text and not (pattern.dialect is NameDialect.SQUID and pattern.text.startswith(".")):
            yield pattern.text.lower()


def _of_name(answers: Answers, source: Source | None, name: str) -> Decision:
    """Return what holds for a name at every address that it may have."""
    if source is None:
        return _NOWHERE
    result: Decision | None = None
    for family in FAMILIES:
        for outcome in answers.decisions(source, Named(name, whole(family))):
            found = outcome.decision
            known = result or found
            may = (known.may_allow | found.may_allow, known.may_deny | found.may_deny)
            result = Decision(*may, tuple(dict.fromkeys((*known.steps, *found.steps))))
    return result or _NOWHERE
