"""The column of values that come again and again reads, and is written, like a list."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.coded import Coded

VALUES = st.sampled_from(["", "tcp", "udp", None, 7, ("a",), ("a", "b")])
ROWS = st.lists(VALUES)


@given(ROWS, ROWS, ROWS, st.integers(-3, 9), st.integers(-3, 9), VALUES)
def test_it_reads_like_a_list(one: list[Any], two: list[Any], three: list[Any], begin: int, end: int, other: Any) -> None:
    column, second = Coded(), Coded()
    for value in one:
        column.append(value)
    second.extend(two)
    column.extend(second)
    column.extend(three)
    both = [*one, *two, *three]
    assert (list(column), len(column)) == (both, len(both))
    assert column == both
    assert list(column[begin:end]) == both[begin:end]
    assert [column[row] for row in range(-len(both), len(both))] == [*both, *both]
    assert pickle.loads(pickle.dumps(column)) == column  # noqa: S301 -- made here
    for row in range(0, len(both), 2):
        column[row] = both[row] = other
    assert column == both


def test_each_value_is_kept_once() -> None:
    column = Coded()
    column.extend(["tcp", "udp", "tcp"] * 100)
    assert (column.values, len(column)) == (["tcp", "udp"], 300)


def test_there_is_no_row_behind_the_last() -> None:
    column = Coded(["tcp"])
    assert column != ["tcp"]
    with pytest.raises(IndexError):
        column[0]
