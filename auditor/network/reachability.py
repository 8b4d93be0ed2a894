"""Two networks side by side: what a source may reach in one and not in the other, over every address and every peer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.facts.truth import Truth
from auditor.network.addresses import FAMILIES, Range, cut, whole
from auditor.network.answering import Answers
from auditor.network.connections import ALL, NONE, Connections
from auditor.network.decision import Decision, Step
from auditor.network.ends import Named, Neighbour, Target
from auditor.network.name_patterns import NameDialect, NamePattern
from auditor.network.objects import Pods
from auditor.network.rules import Direction, NamePeer
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


def moved(old: Answers, new: Answers, before: Source | None, after: Source | None) -> Iterator[Moved]:
    """Yield what is answered differently for one source; ``None``: it is not there, and reaches nothing."""
    for family in FAMILIES:
        yield from _addresses(old, new, before, after, family)
    names = {*_names(old, before), *_names(new, after)}
    for name in sorted(names):
        yield from _changes(name, _by_name(old, before, name), _by_name(new, after, name))
    ends = {**_peers(old, before), **_peers(new, after)}
    known = _peers(old, before), _peers(new, after)
    for peer in sorted(ends):
        was, now = (_one(a, s, k.get(peer)) for a, s, k in zip((old, new), (before, after), known, strict=True))
        yield from _changes(peer, was, now)


def _addresses(old: Answers, new: Answers, before: Source | None, after: Source | None, family: int) -> Iterator[Moved]:
    sides = [{r.range: r.decision for r in a.regions(s, family)} if s else {} for a, s in ((old, before), (new, after))]
    merged: list[tuple[Range, list[Decision]]] = []
    for atom in cut(family, [r.spans for side in sides for r in side]):
        found = [next((d for r, d in side.items() if r.first <= atom.first <= r.last), _NOWHERE) for side in sides]
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


def _peers(answers: Answers, source: Source | None) -> dict[str, Target]:
    """Return the other ends inside: pods where the source is pods, subjects otherwise."""
    if source is None:
        return {}
    found: dict[str, Target] = {peer: Neighbour(peer) for peer in source.peers}
    if source.pods is not None:
        found |= {p.id: p for p in answers.cluster.pods if p is not source.pods}
    return found


def _one(answers: Answers, source: Source | None, target: Target | None) -> Decision:
    if source is None or target is None or (isinstance(target, Pods) and target is source.pods):
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


def _by_name(answers: Answers, source: Source | None, name: str) -> Decision:
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
