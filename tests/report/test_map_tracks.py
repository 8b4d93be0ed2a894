from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from auditor.report.map_tracks import Span, assign_tracks

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), max_size=25)


@given(SPANS)
def test_spans_of_one_track_keep_their_distance(raw: list[tuple[int, int]]) -> None:
    spans = [Span(str(n), start, start + length) for n, (start, length) in enumerate(raw)]
    tracks = assign_tracks(spans, gap=1.0)
    for one, other in combinations(spans, 2):
        if tracks.of[one.name] == tracks.of[other.name]:
            assert one.end + 1 <= other.start or other.end + 1 <= one.start
    assert tracks.count == len(set(tracks.of.values()))


def test_spans_apart_share_a_track() -> None:
    assert assign_tracks([Span("a", 0, 1), Span("b", 3, 4), Span("c", 0, 9)], gap=1.0).of == {"a": 0, "b": 0, "c": 1}
