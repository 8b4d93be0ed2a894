"""The column of Community IDs reads like a list of texts."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.community import community_id
from auditor.traffic.community_ids import CommunityIds

ENDS = st.tuples(st.binary(min_size=4, max_size=4), st.integers(0, 65535))
ROWS = st.lists(st.builds(community_id, ENDS, ENDS, st.sampled_from([1, 6, 17, 47])))


@given(ROWS, ROWS, st.integers(-3, 9), st.integers(-3, 9))
def test_it_reads_like_a_list(one: list[str], two: list[str], begin: int, end: int) -> None:
    column, other = CommunityIds(), CommunityIds()
    column.extend(one)
    other.extend(two)
    column.extend(other)
    both = [*one, *two]
    assert (list(column), len(column)) == (both, len(both))
    assert column == both
    assert list(column[begin:end]) == both[begin:end]
    assert [column[row] for row in range(-len(both), len(both))] == [*both, *both]
    assert pickle.loads(pickle.dumps(column)) == column  # noqa: S301 -- made here


def test_there_is_no_row_behind_the_last() -> None:
    column = CommunityIds()
    column.append(community_id((b"abcd", 1), (b"efgh", 2), 6))
    assert column != ["1:other"]
    with pytest.raises(IndexError):
        column[1]
