from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.times import rfc3339


def test_nanoseconds_and_impossible_years_print() -> None:
    assert rfc3339(1) == "1970-01-01T00:00:00.000000001Z"
    assert rfc3339(-1) == "1969-12-31T23:59:59.999999999Z"
    assert rfc3339(2**64 * 10**9) == "584554051223-11-09T07:00:16.000000000Z"


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_the_calendar_is_that_of_the_standard_library(seconds: int) -> None:
    expected = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%m-%dT%H:%M:%S.000000000Z")
    assert rfc3339(seconds * 10**9).split("-", 1)[1] == expected
