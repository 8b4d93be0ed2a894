"""Minimum hitting set: the lightest choice of actions that meets every obstacle (Reiter 1987; Karp 1972: it is hard).

Exact by branch and bound up to ``EXACT_UP_TO`` actions that are still a choice, greedy above; always irredundant. Actions
of one group exclude each other: they give one setting different values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

EXACT_UP_TO = 40

Obstacle = frozenset[str]


@dataclass(frozen=True, slots=True)
class Hitting:
    """A choice that meets every obstacle."""

    chosen: tuple[str, ...]
    """Sorted."""
    exact: bool
    """Whether no lighter choice exists."""


def minimum_hitting_set(
    obstacles: Iterable[Collection[str]], weights: Mapping[str, int], groups: Mapping[str, str], exact_up_to: int = EXACT_UP_TO
) -> Hitting | None:
    """Return the lightest irredundant choice of actions of which every obstacle holds one; ``None`` where none exists.

    Args:
        obstacles: the actions that would meet each obstacle; an empty one cannot be met.
        weights: effort of every action, at least 1.
        groups: group of an action; one that is missing is a group of its own.
        exact_up_to: greatest number of actions for which the search is exhaustive.
    """
    wanted = _smallest({frozenset(o) for o in obstacles})
    forced: set[str] = set()
    while True:
        units = {next(iter(o)) for o in wanted if len(o) == 1} - forced
        if not units:
            break
        forced |= units
        allowed = _without_rivals(wanted, forced, groups)
        wanted = _smallest(allowed)
    if frozenset() in wanted or _clash(forced, groups):
        return None
    rest = [o for o in wanted if not o & forced]
    actions = sorted({a for o in rest for a in o})
    exact = len(actions) <= exact_up_to
    found = _exact(rest, weights, groups) if exact else _greedy(rest, weights, groups)
    if found is None:
        return None
    return Hitting(tuple(sorted(irredundant(forced | found, wanted, weights))), exact)


def irredundant(chosen: Collection[str], obstacles: Iterable[Obstacle], weights: Mapping[str, int]) -> set[str]:
    """Return ``chosen`` without the actions, heaviest first, that the others make superfluous."""
    kept = set(chosen)
    listed = list(obstacles)
    for action in sorted(chosen, key=lambda a: (-weights[a], a)):
        if all(o & (kept - {action}) for o in listed):
            kept.discard(action)
    return kept


def _smallest(obstacles: Collection[Obstacle]) -> list[Obstacle]:
    """Return the obstacles without those that hold another: whoever meets that one meets them."""
    ordered = sorted(obstacles, key=lambda o: (len(o), sorted(o)))
    kept: list[Obstacle] = []
    for obstacle in ordered:
        if not any(k <= obstacle for k in kept):
            kept.append(obstacle)
    return kept


def _without_rivals(obstacles: Iterable[Obstacle], chosen: Collection[str], groups: Mapping[str, str]) -> set[Obstacle]:
    """Return the obstacles without the actions that ``chosen`` ones exclude."""
    taken = {groups.get(a, a): a for a in chosen}
    return {frozenset(a for a in o if taken.get(groups.get(a, a), a) == a) for o in obstacles}


def _clash(chosen: Collection[str], groups: Mapping[str, str]) -> bool:
    return len({groups.get(a, a) for a in chosen}) < len(chosen)


def _exact(obstacles: Sequence[Obstacle], weights: Mapping[str, int], groups: Mapping[str, str]) -> set[str] | None:
    best: list[tuple[int, set[str]]] = []

    def search(left: Sequence[Obstacle], chosen: set[str], weight: int) -> None:
        if best and weight + _bound(left, weights) >= best[0][0]:
            return
        if not left:
            best[:] = [(weight, set(chosen))]
            return
        branch = min(left, key=lambda o: (len(o), sorted(o)))
        tried: set[str] = set()
        for action in sorted(branch, key=lambda a: (weights[a], a)):
            # What was tried before need not be tried again beside it: that choice was looked at there.
            rest = _without_rivals((o - tried for o in left if action not in o), {action}, groups)
            if frozenset() not in rest:
                search(_smallest(rest), chosen | {action}, weight + weights[action])
            tried.add(action)

    search(list(obstacles), set(), 0)
    return best[0][1] if best else None


def _bound(obstacles: Sequence[Obstacle], weights: Mapping[str, int]) -> int:
    """Return a weight that no choice can undercut: of obstacles without a common action each needs its lightest."""
    used: set[str] = set()
    total = 0
    for obstacle in sorted(obstacles, key=lambda o: (len(o), sorted(o))):
        if not obstacle & used:
            used |= obstacle
            total += min((weights[a] for a in obstacle), default=0)
    return total


def _greedy(obstacles: Sequence[Obstacle], weights: Mapping[str, int], groups: Mapping[str, str]) -> set[str] | None:
    """Return a choice that takes, again and again, the action that meets most for its weight (Chvátal 1979)."""
    chosen: set[str] = set()
    left: set[Obstacle] = set(obstacles)
    while left:
        if frozenset() in left:
            return None
        counts: dict[str, int] = {}
        for obstacle in left:
            for action in obstacle:
                counts[action] = counts.get(action, 0) + 1
        action = min(counts, key=lambda a: (weights[a] / counts[a], a))
        chosen.add(action)
        left = _without_rivals((o for o in left if action not in o), chosen, groups)
    return chosen
