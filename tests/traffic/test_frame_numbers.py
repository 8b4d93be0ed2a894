"""The column of frame numbers reads like a list of tuples."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.frame_numbers import FrameNumbers

ROWS = st.lists(st.lists(st.integers(1, 2**62), max_size=5).map(tuple))


@given(ROWS, ROWS, st.integers(-3, 9), st.integers(-3, 9))
def test_it_reads_like_a_list(one: list[tuple[int, ...]], two: list[tuple[int, ...]], begin: int, end: int) -> None:
    column, other = FrameNumbers(), FrameNumbers()
    for row in one:
        column.append(row)
    other.extend(two)
    column.extend(other)
    both = [*one, *two]
    assert (list(column), len(column)) == (both, len(both))
    assert column == both
    assert list(column[begin:end]) == both[begin:end]
    assert [column[row] for row in range(-len(both), len(both))] == [*both, *both]
    assert pickle.loads(pickle.dumps(column)) == column  # noqa: S301 -- made here


def test_there_is_no_row_behind_the_last() -> None:
    column = FrameNumbers()
    column.append((1, 2))
    assert column != [(1, 2, 3)]
    with pytest.raises(IndexError):
        column[1]
