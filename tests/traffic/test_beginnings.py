"""The columns of first payload bytes and of initial sequence numbers read like lists."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.beginnings import Beginnings, InitialNumbers
from auditor.traffic.flow import FINGERPRINT

PAYLOADS = st.lists(st.binary(max_size=FINGERPRINT))
NUMBERS = st.lists(st.none() | st.integers(0, 2**32 - 1))


@given(PAYLOADS, PAYLOADS)
def test_beginnings_read_like_a_list(one: list[bytes], two: list[bytes]) -> None:
    column, other = Beginnings(), Beginnings()
    column.extend(one)
    for payload in two:
        other.append(payload)
    column.extend(other)
    assert column == [*one, *two]
    assert list(column[1:3]) == [*one, *two][1:3]
    assert pickle.loads(pickle.dumps(column)) == column  # noqa: S301 -- made here


@given(NUMBERS, NUMBERS)
def test_initial_numbers_read_like_a_list(one: list[int | None], two: list[int | None]) -> None:
    column, other = InitialNumbers(), InitialNumbers()
    column.extend(one)
    for number in two:
        other.append(number)
    column.extend(other)
    assert column == [*one, *two]
    assert (column == other) == (not one)
    assert column != Beginnings()
