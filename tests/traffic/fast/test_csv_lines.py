"""Compiled lines of CSV are those that Python writes."""

from __future__ import annotations

from array import array
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic import publish
from auditor.traffic.coded import Coded
from auditor.traffic.community_ids import CommunityIds
from auditor.traffic.fast.csv_lines import csv_lines

NAMES = ("number", "text", "community_id", "other")
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-1000, 1000)
TEXTS = st.none() | st.integers(-5, 5000) | st.text(max_size=9) | st.sampled_from(["=1+1", 'say "no"', "a,b", "\r\n", "@", ""])
ROWS = st.lists(st.tuples(NUMBERS, TEXTS, st.binary(min_size=20, max_size=20), TEXTS))


@given(ROWS, st.randoms(use_true_random=False))
def test_any_table(rows: list[tuple[Any, ...]], random: Any) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    text, other = Coded(), Coded(["never used, and long"])
    text.extend(row[1] for row in rows)
    other.extend(row[3] for row in rows)
    identifiers = CommunityIds(b"".join(row[2] for row in rows))
    columns: dict[str, Any] = {
        "number": array("q", [row[0] for row in rows]),
        "text": text,
        "community_id": identifiers,
        "other": other,
    }
    lines = b"".join(csv_lines(columns, order, NAMES, publish._cell))
    pieces = [[[columns[name][row] for row in order] for name in NAMES]] if rows else []
    header, _, expected = b"".join(publish.to_csv(pieces, NAMES)).partition(b"\r\n")
    assert (lines, header) == (expected, b"number,text,community_id,other")


def test_many_rows_take_several_pieces() -> None:
    count = 20_000
    columns = {"number": array("q", range(count)), "text": Coded(["x"], array("i", [0]) * count)}
    lines = b"".join(csv_lines(columns, range(count), ("number", "text"), publish._cell))
    assert lines == b"".join(b"%d,x\r\n" % number for number in range(count))
