"""JSON with positions: everything that RFC 8259 allows, and nothing else unless relaxed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.documents.json_reader import parse_json
from auditor.documents.schema import plain
from auditor.documents.source import FaultError, LineTable
from auditor.documents.tree import Node, NodeKind

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def as_texts(value: Any) -> Any:
    """Return what the reader makes of a value: every scalar a text as JSON writes it."""
    if isinstance(value, dict):
        return {key: as_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_texts(inner) for inner in value]
    return value if value is None or isinstance(value, str) else json.dumps(value)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_json_text_is_read_and_positions_point_at_the_values(
    value: object, indent: str | int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    (parsed,) = parse_json(text)
    assert plain(parsed.root) == as_texts(value)
    table = LineTable(text)
    for _, node in parsed.root.walk():
        if node.kind is NodeKind.SCALAR:
            start, end = parsed.spans[node.line, node.column]
            assert table.at(start) == (node.line, node.column)
            assert json.loads(text[start:end]) == (node.text if node.quoted else json.loads(node.text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"\\ud83d\\ude00"', "😀"),
        ('"\\/\\b\\f\\n\\r\\t\\"\\\\"', '/\b\f\n\r\t"\\'),
        ('"\\ud83d"', "\ufffd"),
        ('"\\ud83d\\u0041"', "\ufffdA"),
        ('"\u2028"', "\u2028"),
    ],
)
def test_escapes(text: str, expected: str) -> None:
    (parsed,) = parse_json(text)
    assert parsed.root.text == expected


def test_numbers_keep_their_text() -> None:
    (parsed,) = parse_json("[123456789012345678901234567890.10, -0, 1E+2]")
    assert [n.text for n in parsed.root.items] == ["123456789012345678901234567890.10", "-0", "1E+2"]


def test_comments_and_trailing_commas_are_read_when_relaxed() -> None:
    (parsed,) = parse_json('// a\n{"a": [1, /* b */ 2,], // "c"\n "d": "//e",}\n', relaxed=True)
    assert parsed.root.at("a", 1) == Node(NodeKind.SCALAR, 2, 19, text="2")
    assert parsed.root.at("d") == Node(NodeKind.SCALAR, 3, 7, text="//e", quoted=True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1", "[1 2]", "{a: 1}", "{'a': 1}", "NaN", "[,1]", "01", "1.", "+1", '"\\x"', "tru", '{"a"', "[1,,]", "1 2"],
)
@pytest.mark.parametrize("relaxed", [False, True])
def test_what_is_no_json_is_refused(text: str, relaxed: bool) -> None:
    with pytest.raises(FaultError, match="not valid JSON"):
        parse_json(text, relaxed=relaxed)
