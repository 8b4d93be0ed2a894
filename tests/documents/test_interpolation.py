"""Interpolation, as Compose specifies it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.documents import interpolate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A-${A}", ("1-1", ())),
        ("${B:-x}${B-x}", ("x", ())),
        ("${M:-x}${M-x}", ("xx", ())),
        ("${A:+x}${B:+x}${B+x}${M+x}", ("xx", ())),
        ("${M:?say}${M?say}", ("${M:?say}${M?say}", ("M",))),
        ("${M}/$N", ("${M}/$N", ("M", "N"))),
        ("${M:-${A}}", ("1", ())),
        ("${M:-${N:-y}}", ("y", ())),
        ("$$A ${", ("$A ${", ())),
        ("${1x} $ {A}", ("${1x} $ {A}", ())),
        ("${A!}", ("${A!}", ("A",))),
    ],
)
def test_forms(text: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert interpolate(text, {"A": "1", "B": ""}) == expected


def test_hostile_nesting_costs_neither_stack_nor_time() -> None:
    text = "${A:-" * 3000 + "}" * 3000
    assert interpolate(text, {})[0] != ""
    assert interpolate("${" * 50_000, {})[0] == "${" * 50_000


@given(st.text(st.characters(exclude_characters="$")))
def test_text_without_a_dollar_sign_stays(text: str) -> None:
    assert interpolate(text, {"A": "1"}) == (text, ())
