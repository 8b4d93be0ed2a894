"""Spans are sets: the algebra agrees with that of Python's own sets."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from auditor.network.addresses import cut, parse_block
from auditor.network.spans import Spans

PAIRS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6)


def _numbers(spans: Spans) -> set[int]:
    return {n for first, last in spans.pairs for n in range(first, last + 1)}


@given(PAIRS, PAIRS)
def test_the_algebra_is_that_of_sets(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    a, b = Spans.of(left), Spans.of(right)
    x, y = _numbers(a), _numbers(b)
    assert (_numbers(a | b), _numbers(a & b), _numbers(a - b)) == (x | y, x & y, x - y)
    assert (a.covers(b), bool(a), 7 in a) == (x >= y, bool(x), 7 in x)


@given(PAIRS)
def test_equal_sets_are_equal_and_their_spans_are_apart(pairs: list[tuple[int, int]]) -> None:
    spans = Spans.of(pairs)
    assert spans == Spans.of((n, n) for n in _numbers(spans))
    assert all(b + 1 < c for (_, b), (c, _) in zip(spans.pairs, spans.pairs[1:], strict=False))


@given(st.lists(PAIRS, max_size=3))
def test_ranges_are_cut_where_blocks_end_and_cover_the_whole_family(blocks: list[list[tuple[int, int]]]) -> None:
    sets = [Spans.of(b) for b in blocks]
    ranges = cut(4, sets)
    assert [ranges[0].first, ranges[-1].last] == [0, 2**32 - 1]
    assert all(a.last + 1 == b.first for a, b in itertools.pairwise(ranges))
    assert all(s.covers(r.spans) or not s & r.spans for s in sets for r in ranges)


def test_ranges_print_as_addresses() -> None:
    blocks = [parse_block(text) for text in ("198.51.100.77/24", "2001:db8::/127", "192.0.2.1", "no address", "10.0.0.0/33")]
    assert [b.text() if b else None for b in blocks] == [
        "198.51.100.0-198.51.100.255",
        "2001:db8::-2001:db8::1",
        "192.0.2.1",
        None,
        None,
    ]
