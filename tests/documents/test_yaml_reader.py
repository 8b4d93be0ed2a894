"""Positions and texts of YAML, one test a trap."""

from __future__ import annotations

import pytest

from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind
from auditor.documents.yaml_reader import parse_yaml


def root(text: str) -> Node:
    """Return the one tree of ``text``."""
    (parsed,) = parse_yaml(text)
    return parsed.root


def places(text: str) -> list[tuple[str, int, int]]:
    """Return text and position of every scalar value and key below the root, in order."""
    return [(text_, line, column) for text_, line, column in _scalars(root(text))]


def _scalars(node: Node) -> list[tuple[str, int, int]]:
    if node.kind is NodeKind.SCALAR:
        return [(node.text, node.line, node.column)]
    found: list[tuple[str, int, int]] = []
    for key, value in node.entries:
        found += _scalars(key) + _scalars(value)
    for item in node.items:
        found += _scalars(item)
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: b\r\nc: d\r\n", [("a", 1, 1), ("b", 1, 4), ("c", 2, 1), ("d", 2, 4)], id="crlf"),
        pytest.param("a: b\rc: d\r", [("a", 1, 1), ("b", 1, 4), ("c", 2, 1), ("d", 2, 4)], id="cr"),
        pytest.param('{"a":\t1,\n\t"b":2}', [("a", 1, 2), ("1", 1, 7), ("b", 2, 2), ("2", 2, 6)], id="tabs in flow"),
        pytest.param(
            'äö: "ü€😀x" # z\n😀: z', [("äö", 1, 1), ("ü€😀x", 1, 5), ("😀", 2, 1), ("z", 2, 4)], id="characters, not bytes"
        ),
        pytest.param("a: |\n  x\n  y\nb: 1", [("a", 1, 1), ("x\ny\n", 1, 4), ("b", 4, 1), ("1", 4, 4)], id="literal block"),
        pytest.param("a: >-\n  x\n  y\n\nb: 1", [("a", 1, 1), ("x y", 1, 4), ("b", 5, 1), ("1", 5, 4)], id="folded block"),
        pytest.param("a: &x 1\nb: *x", [("a", 1, 1), ("1", 1, 7), ("b", 2, 1), ("1", 1, 7)], id="alias keeps the origin"),
        pytest.param("a: !!str &x NO", [("a", 1, 1), ("NO", 1, 13)], id="behind tag and anchor"),
        pytest.param(
            "a: 'b\u2028c'\nd: e", [("a", 1, 1), ("b\u2028c", 1, 4), ("d", 2, 1), ("e", 2, 4)], id="U+2028 is no line end"
        ),
        pytest.param("# one\na: # two\n  b", [("a", 2, 1), ("b", 3, 3)], id="comments"),
        pytest.param("- a\n- - b\n  - c", [("a", 1, 3), ("b", 2, 5), ("c", 3, 5)], id="nested lists"),
    ],
)
def test_positions(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert places(text) == expected


def test_positions_of_collections_are_those_of_their_first_character() -> None:
    tree = root("a: &x\n  b: {c: 1}\n  d:\n    - 2\n")
    found = [tree.at(*path) for path in (("a",), ("a", "b"), ("a", "d"))]
    assert [(n.kind, n.line, n.column) for n in found if n] == [
        (NodeKind.MAPPING, 2, 3),
        (NodeKind.MAPPING, 2, 6),
        (NodeKind.SEQUENCE, 4, 5),
    ]


@pytest.mark.parametrize(
    "word", ["NO", "Yes", "on", "off", "1.10", "0o17", "1_000", "2026-11-20", "12:30:45", ".inf", "0x1F", "1e3"]
)
def test_plain_scalars_stay_text(word: str) -> None:
    node = root(f"a: {word}").get("a")
    assert node == Node(NodeKind.SCALAR, 1, 4, text=word)


def test_quoted_differs_from_plain() -> None:
    assert [n.quoted for n in root("- NO\n- \"NO\"\n- 'NO'").items] == [False, True, True]


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nulls(word: str) -> None:
    node = root(f"a: {word}\nb: 1").get("a")
    assert node is not None
    assert (node.kind, node.text, node.line) == (NodeKind.NULL, word, 1)


def test_quoted_null_and_empty_string_are_texts() -> None:
    assert [n.kind for n in root('- "null"\n- ""\n- !!str').items] == [NodeKind.SCALAR] * 3


def test_merge_keys_are_expanded_and_keep_the_origin() -> None:
    tree = root("base: &b\n  A: 1\n  B: 2\nmore: &m {C: 3, B: 4}\nuse:\n  B: own\n  <<: [*b, *m]\n")
    use = tree.get("use")
    assert use is not None
    assert [(k.text, v.text, k.line, k.column) for k, v in use.entries] == [
        ("B", "own", 6, 3),
        ("A", "1", 2, 3),
        ("C", "3", 4, 11),
    ]


def test_a_quoted_merge_sign_is_a_key() -> None:
    assert root('"<<": a').at("<<") == Node(NodeKind.SCALAR, 1, 7, text="a")


def test_several_documents_and_none() -> None:
    assert [p.root.at("a") for p in parse_yaml("---\na: 1\n---\na: 2\n")] == [
        Node(NodeKind.SCALAR, 2, 4, text="1"),
        Node(NodeKind.SCALAR, 4, 4, text="2"),
    ]
    assert parse_yaml("# nothing\n") == ()


def test_an_anchor_ends_with_its_document() -> None:
    with pytest.raises(FaultError, match="cannot be followed"):
        parse_yaml("a: &x 1\n---\nb: *x\n")


def test_aliases_within_the_budget_are_followed() -> None:
    tree = root("a: &a [x, y]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    assert len(list(tree.walk())) == 1 + 3 + 7 + 15


def test_depth_counts_through_aliases() -> None:
    nested = "[" * 60 + "]" * 60
    with pytest.raises(FaultError, match="nested too deeply") as caught:
        parse_yaml(f"a: &a {nested}\nb: {'[' * 50}*a{']' * 50}\n")
    assert caught.value.position == (2, 54)
