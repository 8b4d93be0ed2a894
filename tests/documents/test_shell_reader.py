"""Shell scripts: statements and words with their places; what is not closed is a fault."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.documents.shell_reader import parse_shell
from auditor.documents.source import FaultError
from auditor.documents.tree import DocumentKind, Node, NodeKind
from tests.documents.conftest import Reader


def plain(node: Node) -> Any:
    """Return a tree without places."""
    if node.kind is NodeKind.MAPPING:
        return {key.text: plain(value) for key, value in node.entries}
    if node.kind is NodeKind.SEQUENCE:
        return [plain(item) for item in node.items]
    return node.text if node.kind is NodeKind.SCALAR else None


def parsed(text: str) -> Any:
    """Return the statements of a script."""
    (one,) = parse_shell(text)
    return plain(one.root)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 'b c' \"d\" e\\ f # g\n", [{"run": ["a", "b c", "d", "e f"]}]),
        ("a; b\n\n c", [{"run": ["a"]}, {"run": ["b"]}, {"run": ["c"]}]),
        ("a \\\n b", [{"run": ["a", "b"]}]),
        ("a && b || c", [{"or": [{"and": [{"run": ["a"]}, {"run": ["b"]}]}, {"run": ["c"]}]}]),
        ("! a | b", [{"not": {"pipe": [{"run": ["a"]}, {"run": ["b"]}]}}]),
        ("a >x 2>&1 <y", [{"run": ["a"], "from": ["y"], "into": ["x", "1"]}]),
        ("A=1 B='x' c", [{"run": ["c"], "set": {"A": "1", "B": "x"}}]),
        ("L=(a 'b c'\n d)", [{"run": [], "set": {"L": ["a", "b c", "d"]}}]),
        ("a $B", [{"run": ["a", {"joined": [{"variable": "B"}]}]}]),
        ('a "x${B}y"', [{"run": ["a", {"joined": ["", "x", {"variable": "B"}, "y"]}]}]),
        ("a $(b c)", [{"run": ["a", {"joined": [{"commands": [{"run": ["b", "c"]}]}]}]}]),
        ("a `b`", [{"run": ["a", {"joined": [{"commands": [{"run": ["b"]}]}]}]}]),
        ("a ${B:-c} $((1+2))", [{"run": ["a", {"joined": [{"unknown": "${B:-c}"}]}, {"joined": [{"unknown": "$((1+2))"}]}]}]),
        ("a *.x {b,c}", [{"run": ["a", {"joined": [{"unknown": "*"}, ".x"]}, {"joined": [{"unknown": "{b,c}"}]}]}]),
        ("a { b, c }", [{"run": ["a", "{", "b,", "c", "}"]}]),
        ("if a; then b; elif c; then d; else e; fi", [{"if": [[_] for _ in ({"run": [x]} for x in "abcde")]}]),
        ("for x in a b; do c; done", [{"for": "x", "in": ["a", "b"], "do": [{"run": ["c"]}]}]),
        ("while a; do b; done <c", [{"while": [{"run": ["a"]}], "do": [{"run": ["b"]}], "from": ["c"]}]),
        ("until a\ndo b\ndone", [{"until": [{"run": ["a"]}], "do": [{"run": ["b"]}]}]),
        ("case a in b|c) d ;; (*) e; esac", [{"case": "a", "choices": [[{"run": ["d"]}], [{"run": ["e"]}]]}]),
        ("f() { a; }", [{"function": "f", "do": [{"group": [{"run": ["a"]}]}]}]),
        ("(a; b) &", [{"behind": {"subshell": [{"run": ["a"]}, {"run": ["b"]}]}}]),
        ("[[ a =~ ^(b|c)$ ]] && d", [{"and": [{"run": ["[[", "a", "=~", "^", "b", "c", "$", "]]"]}, {"run": ["d"]}]}]),
        ("a <<'E' | b\n$x y\nE\nc", [{"pipe": [{"run": ["a"], "given": "$x y\n"}, {"run": ["b"]}]}, {"run": ["c"]}]),
        ("a <<-E\n\tx\n\tE\n", [{"run": ["a"], "given": "\tx\n"}]),
        ("a <<E\n$x\nE\n", [{"run": ["a"], "given": None}]),
        ("((i++)); a", [{"unknown": "((i++))"}, {"run": ["a"]}]),
    ],
)
def test_statements_and_words(text: str, expected: object) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("a 'b", 'a "b', "a $(b", "a `b", "a ${b", "if a; then b", "for x in a; do b", "case a in b) c", "(a", "f() { a"),
        *("a && ", "a | ", "a <<E\nx\n", "done", "a )", "[[ a", "a ;; b", "$(" * 200),
    ],
)
def test_what_is_not_closed_or_has_no_place_is_a_fault(text: str) -> None:
    with pytest.raises(FaultError) as fault:
        parse_shell(text)
    assert fault.value.position[0] >= 1


def test_a_script_is_known_by_its_commands_and_its_secrets_are_redacted(read: Reader) -> None:
    text = '#!/bin/sh\nAPI_TOKEN="s3cr3t-v4lue-1234"\niptables -A OUTPUT -j ACCEPT\n'
    (document,) = read("init-firewall.sh", text)
    assert document.kind is DocumentKind.SHELL
    assert "s3cr3t-v4lue-1234" not in repr(document)
    place = document.locate(document.root.items[1])
    assert (place.line, place.column) == (3, 1)
