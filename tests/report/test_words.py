from __future__ import annotations

import pytest

from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Mark, NameRung, Party, Plane, RowName, Severity, Sighting, Stage, Verdict
from auditor.report import words


@pytest.mark.parametrize(
    ("table", "vocabulary"),
    [
        (words.PLANES, Plane),
        (words.PLANE_PURPOSES, Plane),
        (words.STAGES, Stage),
        (words.DECLARED, Truth),
        (words.CONFIGURED, Truth),
        (words.PERMITTED, Truth),
        (words.REQUIRED, Truth),
        (words.SIGHTINGS, Sighting),
        (words.ROW_NAMES, RowName),
        (words.MARKS, Mark),
        (words.PARTIES, Party),
        (words.RUNGS, NameRung),
        (words.DATA_CLASSES, DataClass),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_word_of_a_vocabulary_has_plain_words(table: dict[str, str], vocabulary: type[Plane]) -> None:
    assert list(table) == [member.value for member in vocabulary]


def test_orders_hold_each_word_once() -> None:
    assert set(words.VERDICT_ORDER) == {v.value for v in Verdict}
    assert tuple(s.value for s in Severity) == words.SEVERITY_ORDER


@pytest.mark.parametrize(
    ("least", "most", "text"),
    [
        ((), (), "no named kind of data"),
        (("content.prompt",), ("content.prompt",), "prompts"),
        (("content.prompt",), ("content.prompt", "content.voice"), "prompts; possibly also voice"),
        ((), ("content.prompt",), "possibly prompts"),
        ((), tuple(c.value for c in DataClass), "possibly any data"),
        (("of.tomorrow",), (), "of.tomorrow"),
    ],
)
def test_what_a_flow_sends(least: tuple[str, ...], most: tuple[str, ...], text: str) -> None:
    assert words.sends_words(least, most) == text


def test_bytes_of_no_named_kind_are_told() -> None:
    assert words.received_words((), (), seen=True) == "bytes seen, but no kind of data is named for them"
    assert words.received_words((), (), seen=False) == words.sends_words((), ())
    assert words.received_words((), ("content.prompt",), seen=True) == "possibly prompts"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (5 * 10**15, "5000.0 TB")],
)
def test_bytes(count: int, text: str) -> None:
    assert words.byte_words(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0.0 s"), (59.0, "59.0 s"), (90.0, "1.5 min"), (5400.0, "1.5 h"), (86400.0, "1.0 d")]
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration_words(seconds) == text


def test_times_lose_their_fraction_only_when_they_are_utc() -> None:
    assert words.time_words("2026-11-20T09:00:04.120000000Z") == "2026-11-20 09:00:04 UTC"
    assert words.time_words("2026-11-20T09:00:04+01:00") == "2026-11-20T09:00:04+01:00"
