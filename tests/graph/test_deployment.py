"""The deployment graph: shortest witnesses and cuts, against brute force on small graphs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.facts.graph import FlowGraph
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Role
from auditor.graph import build_graph
from tests.reconcile.builders import component, row

Y, N, U = Truth.YES, Truth.NO, Truth.UNKNOWN


def is_(*ids: str) -> Callable[[str], Truth]:
    return lambda id_: Truth.of(id_ in ids)


def exists(made: FlowRow) -> Truth:
    return made.exists


def graph(*rows: FlowRow) -> FlowGraph:
    return build_graph((), rows)


def ids(rows: tuple[FlowRow, ...]) -> str:
    return "".join(r.id for r in rows)


def test_the_shortest_certain_path_goes_before_a_shorter_uncertain_one() -> None:
    made = graph(row("1", "a", "b"), row("2", "b", "c"), row("3", "a", "c", exists=U))
    path = made.reaches(is_("a"), is_("c"), exists)
    assert path is not None
    assert (ids(path.rows), path.certainty) == ("12", Y)


def test_without_a_certain_path_the_shortest_uncertain_one_counts() -> None:
    made = graph(row("1", "a", "b", exists=U), row("2", "b", "c"), row("3", "a", "c", exists=N))
    path = made.reaches(is_("a"), is_("c"), exists)
    assert path is not None
    assert (ids(path.rows), path.certainty) == ("12", U)


def test_no_path_is_none_and_needs_no_cut() -> None:
    made = graph(row("1", "b", "a"))
    assert made.reaches(is_("a"), is_("b"), exists) is None
    assert made.cut(is_("a"), is_("b"), exists) == ()


def test_among_equally_short_paths_the_smallest_ids_win_in_any_order() -> None:
    rows = [row("1", "a", "x"), row("4", "x", "c"), row("2", "a", "y"), row("3", "y", "c")]
    for order in itertools.permutations(rows):
        path = graph(*order).reaches(is_("a"), is_("c"), exists)
        assert path is not None
        assert ids(path.rows) == "14"


def test_an_end_is_no_intermediary() -> None:
    made = graph(row("1", "a", "b"), row("2", "b", "c"))
    assert made.through(is_("a"), is_("a", "c"), is_("c"), exists) is None
    path = made.through(is_("a"), is_("b"), is_("c"), exists)
    assert path is not None
    assert ids(path.rows) == "12"


def test_through_passes_a_goal_on_the_way_to_its_intermediary() -> None:
    made = graph(row("1", "a", "g"), row("2", "g", "m"), row("3", "m", "g"))
    path = made.through(is_("a"), is_("m"), is_("g"), exists)
    assert path is not None
    assert (ids(path.rows), path.certainty) == ("123", Y)


def test_candidates_that_agree_are_a_certain_start_and_goal() -> None:
    made = graph(row("1", ("a", "b"), ("c", "d")))
    for start, goal, certainty in ((("a", "b"), ("c", "d"), Y), (("a",), ("c", "d"), U), (("a", "b"), ("d",), U)):
        path = made.reaches(is_(*start), is_(*goal), exists)
        assert path is not None
        assert path.certainty is certainty


def test_a_way_over_candidates_is_possible_and_never_certain() -> None:
    made = graph(row("1", "a", ("b", "c")), row("2", "b", "d"), row("3", ("c", "e"), "f"))
    for goal, rows in (("d", "12"), ("f", "13")):
        path = made.reaches(is_("a"), is_(goal), exists)
        assert path is not None
        assert (ids(path.rows), path.certainty) == (rows, U)


def test_a_candidate_of_a_goal_is_no_intermediary_of_its_own_end() -> None:
    made = graph(row("1", "a", ("m", "g")))
    assert made.through(is_("a"), is_("m"), is_("g"), exists) is None


def test_a_row_with_candidates_is_cut_once() -> None:
    made = graph(row("1", "a", ("b", "c")), row("2", "b", "d"), row("3", "c", "d"))
    assert ids(made.cut(is_("a"), is_("d"), exists)) == "1"


def test_ids_must_be_unique() -> None:
    with pytest.raises(ValueError, match="two rows"):
        build_graph((), [row("1", "a", "b"), row("1", "b", "c")])
    twice = [component("s/a", Role.WORKER), component("s/a", Role.WORKER)]
    with pytest.raises(ValueError, match="two components"):
        build_graph(twice, [])


NODES = "abcde"
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from([Y, Y, U, N])), max_size=7)
SOME = st.sets(st.sampled_from(NODES), min_size=1, max_size=2)


def rows_of(drawn: list[tuple[str, str, Truth]]) -> list[FlowRow]:
    return [row(str(n), a, b, exists=e) for n, (a, b, e) in enumerate(drawn)]


def walks(rows: list[FlowRow], longest: int) -> Iterator[tuple[FlowRow, ...]]:
    """Yield every walk by length and then by row ids."""
    for length in range(1, longest + 1):
        for walk in itertools.product(rows, repeat=length):
            if all(first.destination == second.source for first, second in itertools.pairwise(walk)):
                yield walk


def brute(
    rows: list[FlowRow], start: set[str], goal: set[str], middle: set[str] | None
) -> tuple[tuple[FlowRow, ...], Truth] | None:
    for wanted, certainty in (({Y}, Y), ({Y, U}, U)):
        usable = [r for r in rows if r.exists in wanted]
        for walk in walks(usable, 5):
            inner = {r.source for r in walk[1:]}
            if walk[0].source in start and walk[-1].destination in goal and (middle is None or inner & middle):
                return walk, certainty
    return None


@settings(max_examples=150, deadline=None)
@given(EDGES.map(lambda drawn: drawn[:5]), SOME, SOME, st.none() | SOME)
def test_witnesses_are_the_shortest(
    drawn: list[tuple[str, str, Truth]], start: set[str], goal: set[str], middle: set[str] | None
) -> None:
    rows = rows_of(drawn)
    made = graph(*rows)
    if middle is None:
        path = made.reaches(is_(*start), is_(*goal), exists)
    else:
        path = made.through(is_(*start), is_(*middle), is_(*goal), exists)
    expected = brute(rows, start, goal, middle)
    if path is not None and (expected is None or len(path.rows) > 5):
        assert len(path.rows) > 5
        return
    assert (path and (path.rows, path.certainty)) == expected


@settings(max_examples=150, deadline=None)
@given(EDGES, SOME, SOME)
def test_a_cut_separates_and_is_smallest(drawn: list[tuple[str, str, Truth]], start: set[str], goal: set[str]) -> None:
    rows = rows_of(drawn)
    cut = graph(*rows).cut(is_(*start), is_(*goal), exists)

    def connected(left: list[FlowRow]) -> bool:
        return graph(*left).reaches(is_(*start), is_(*goal), exists) is not None

    assert not connected([r for r in rows if r not in cut])
    for smaller in itertools.combinations(rows, max(len(cut) - 1, 0)):
        assert len(cut) == 0 or connected([r for r in rows if r not in smaller])


ENDS = st.one_of(st.sampled_from(NODES), st.sets(st.sampled_from(NODES), min_size=2, max_size=3).map(lambda s: tuple(sorted(s))))
GROUPED = st.lists(st.tuples(ENDS, ENDS, st.sampled_from([Y, Y, U, N])), max_size=8)


@settings(max_examples=300, deadline=None)
@given(GROUPED, SOME, st.none() | SOME, st.dictionaries(st.sampled_from(NODES), st.sampled_from([Y, U]), min_size=1))
def test_witnesses_of_many_nodes_are_those_of_each(
    drawn: list[tuple[str | tuple[str, ...], str | tuple[str, ...], Truth]],
    start: set[str],
    goal: set[str] | None,
    nodes: dict[str, Truth],
) -> None:
    made = graph(*(row(str(n), a, b, exists=e) for n, (a, b, e) in enumerate(drawn)))
    found = made.witnesses(is_(*start), None if goal is None else is_(*goal), exists, nodes)
    for name, truth in nodes.items():

        def only(other: str, name: str = name, truth: Truth = truth) -> Truth:
            return truth if other == name else N

        if goal is None:
            expected = made.reaches(is_(*start), only, exists)
        else:
            expected = made.through(is_(*start), only, is_(*goal), exists)
        assert found.get(name) == expected
