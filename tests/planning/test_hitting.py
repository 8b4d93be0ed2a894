"""The hitting set: against brute force, with rivals, above the exact limit, and always irredundant."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.planning.hitting import minimum_hitting_set

NAMES = "abcdefgh"
OBSTACLES = st.lists(st.frozensets(st.sampled_from(NAMES), min_size=1, max_size=4), max_size=7)
WEIGHTS = st.fixed_dictionaries({n: st.integers(1, 9) for n in NAMES})
GROUPS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("one", "two")), max_size=4)


def brute_force(obstacles: Sequence[Collection[str]], weights: Mapping[str, int], groups: Mapping[str, str]) -> int | None:
    lightest: int | None = None
    for size in range(len(NAMES) + 1):
        for choice in itertools.combinations(NAMES, size):
            rivals = len({groups.get(a, a) for a in choice}) < len(choice)
            weight = sum(weights[a] for a in choice)
            if not rivals and all(set(o) & set(choice) for o in obstacles) and (lightest is None or weight < lightest):
                lightest = weight
    return lightest


@settings(deadline=None, max_examples=200)
@given(OBSTACLES, WEIGHTS, GROUPS)
def test_no_choice_is_lighter(obstacles: list[frozenset[str]], weights: dict[str, int], groups: dict[str, str]) -> None:
    found = minimum_hitting_set(obstacles, weights, groups)
    lightest = brute_force(obstacles, weights, groups)
    assert (found is None) == (lightest is None)
    if found is not None:
        assert found.exact
        assert sum(weights[a] for a in found.chosen) == lightest
        assert all(o & set(found.chosen) for o in obstacles)


@settings(deadline=None, max_examples=200)
@given(OBSTACLES, WEIGHTS)
def test_the_greedy_choice_meets_all_and_holds_nothing_superfluous(
    obstacles: list[frozenset[str]], weights: dict[str, int]
) -> None:
    found = minimum_hitting_set(obstacles, weights, {}, exact_up_to=0)
    assert found is not None
    chosen = set(found.chosen)
    assert all(o & chosen for o in obstacles)
    assert [a for a in chosen if all(o & (chosen - {a}) for o in obstacles)] == []


def test_one_umbrella_is_lighter_than_five_switches_and_heavier_than_one() -> None:
    switches = [frozenset({f"s{n}", "umbrella"}) for n in range(5)]
    weights = {"umbrella": 3, **{f"s{n}": 1 for n in range(5)}}
    found = minimum_hitting_set(switches, weights, {})
    assert found is not None
    assert found.chosen == ("umbrella",)
    alone = minimum_hitting_set(switches[:1], weights, {})
    assert alone is not None
    assert alone.chosen == ("s0",)


def test_what_nothing_meets_has_no_choice_and_no_obstacle_none_at_all() -> None:
    assert minimum_hitting_set([frozenset()], {}, {}) is None
    empty = minimum_hitting_set([], {}, {})
    assert empty is not None
    assert empty.chosen == ()


def test_two_values_of_one_setting_exclude_each_other() -> None:
    groups = {"on": "switch", "off": "switch"}
    weights = {"on": 1, "off": 1, "other": 7}
    found = minimum_hitting_set([frozenset({"on"}), frozenset({"off", "other"})], weights, groups)
    assert found is not None
    assert found.chosen == ("on", "other")
    assert minimum_hitting_set([frozenset({"on"}), frozenset({"off"})], weights, groups) is None


def test_forty_actions_are_still_searched_through() -> None:
    """Twenty pairs in a ring: each obstacle shares an action with the next, so half of them suffice."""
    names = [f"n{n:02}" for n in range(40)]
    ring = [frozenset({names[n], names[(n + 1) % 40]}) for n in range(40)]
    found = minimum_hitting_set(ring, dict.fromkeys(names, 1), {})
    assert found is not None
    assert found.exact
    assert len(found.chosen) == 20
    assert not_exact(ring, names)


def not_exact(ring: list[frozenset[str]], names: list[str]) -> bool:
    more = [*ring, frozenset({"m0", "m1"})]
    found = minimum_hitting_set(more, dict.fromkeys([*names, "m0", "m1"], 1), {})
    return found is not None and not found.exact
