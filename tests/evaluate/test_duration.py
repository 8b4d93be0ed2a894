"""Durations as profiles write and sentences say them."""

from __future__ import annotations

import pytest

from auditor.evaluate.duration import seconds, words


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("15m", 900), ("24h", 86_400), ("30d", 2_592_000), ("0h", 0)])
def test_seconds(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "24", "h", "1.5h", "-1h", "24 h", "١h", "24hours"])
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds(text)


@pytest.mark.parametrize(
    ("length", "expected"),
    [(86_400, "24 hours"), (259_200, "3 days"), (3600, "1 hour"), (450, "7.5 minutes"), (1, "1 second"), (0, "0 seconds")],
)
def test_words(length: float, expected: str) -> None:
    assert words(length) == expected
