"""Expiry is decided once, by days and instants in UTC."""

from __future__ import annotations

import pytest

from auditor.evaluate.expiry import InForce, days_left, in_force


@pytest.mark.parametrize(
    ("starts", "expires", "as_of", "expected"),
    [
        ("", "2026-11-23", "2026-11-23T23:59:59Z", InForce.YES),  # expires today: to the end of the day
        ("", "2026-11-23", "2026-11-24T00:00:00Z", InForce.EXPIRED),
        ("", "2026-11-24", "2026-11-23", InForce.YES),  # expires tomorrow
        ("", "2026-11-22", "2026-11-23", InForce.EXPIRED),  # expired yesterday
        ("", "2026-11-23", "2026-11-24T01:00:00+02:00", InForce.YES),  # still the 23rd in UTC
        ("", "2026-11-23", "2026-11-23T23:00:00-02:00", InForce.EXPIRED),  # the 24th in UTC
        ("", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", InForce.EXPIRED),  # an instant is exact
        ("2026-11-24", "2026-12-31", "2026-11-23", InForce.NOT_YET),
        ("2026-11-23", "2026-12-31", "2026-11-23", InForce.YES),
        ("", "2026-11-23", "2026-11-23T10:00:00.123456789Z", InForce.YES),  # nanoseconds of a capture
        ("", "2026-11-23", "2026-11-24T00:30:00.123456789+02:00", InForce.YES),  # and their offset counts
        ("", "2026-11-23T10", "2026-11-23T11:00:00Z", InForce.EXPIRED),  # an hour is an instant
        ("", "2026-11-23 10:00", "2026-11-23T11:00:00Z", InForce.EXPIRED),
        ("", "9999-12-31", "2026-11-23", InForce.YES),  # the last day of the calendar
    ],
)
def test_validity(starts: str, expires: str, as_of: str, expected: InForce) -> None:
    assert in_force(starts, expires, as_of) is expected


@pytest.mark.parametrize("text", ["", "soon", "31.12.2026", "2026-13-01"])
def test_an_expiry_that_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        in_force("", text, "2026-11-23")


def test_the_last_day_of_what_ends_at_an_instant_is_the_day_before_it_ends() -> None:
    assert days_left("2026-11-23T00:00:00.000001Z", "2026-11-23") == 0
    assert days_left("2026-11-23T00:00:00Z", "2026-11-23") == -1
    assert days_left("2026-11-23", "2026-11-23T23:00:00Z") == 0
