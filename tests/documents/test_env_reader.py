"""Env files and shell exports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.documents.env_reader import parse_env
from auditor.documents.tree import NodeKind

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)

TEXT = """\
# a comment
export CODER_TELEMETRY_ENABLE=false   # no telemetry
CODER_HTTP_ADDRESS = 0.0.0.0:3000
SINGLE='a # b $HOME \\n'
DOUBLE="a # b \\"c\\" \\$HOME
second line"
EMPTY=
HASH=a#b
URL=https://x.corp/#part
set -a
FROM_HOST
export A=1 B='two words' C=three
A=2
LONG=one\\
two
JOINED=x"y z"w
"""


def test_every_form_of_assignment() -> None:
    (parsed,) = parse_env(TEXT)
    assert [(k.text, v.text, v.line, v.column, v.quoted) for k, v in parsed.root.entries] == [
        ("CODER_TELEMETRY_ENABLE", "false", 2, 31, False),
        ("CODER_HTTP_ADDRESS", "0.0.0.0:3000", 3, 22, False),
        ("SINGLE", "a # b $HOME \\n", 4, 8, True),
        ("DOUBLE", 'a # b "c" $HOME\nsecond line', 5, 8, True),
        ("EMPTY", "", 7, 7, False),
        ("HASH", "a#b", 8, 6, False),
        ("URL", "https://x.corp/#part", 9, 5, False),
        ("FROM_HOST", "", 11, 10, False),
        ("A", "1", 12, 10, False),
        ("B", "two words", 12, 14, True),
        ("C", "three", 12, 28, False),
        ("A", "2", 13, 3, False),
        ("LONG", "onetwo", 14, 6, False),
        ("JOINED", "xy zw", 16, 8, False),
    ]


def test_the_last_of_a_repeated_name_wins_and_the_first_stays_visible() -> None:
    (parsed,) = parse_env("A=1\nA=2\n")
    value = parsed.root.get("A")
    assert value is not None
    assert (value.text, value.line) == ("2", 2)
    assert len(parsed.root.entries) == 2


def test_a_name_without_value_is_open_not_empty() -> None:
    (parsed,) = parse_env("A\nB=\n")
    assert [v.kind for _, v in parsed.root.entries] == [NodeKind.NULL, NodeKind.SCALAR]


def test_windows_line_ends() -> None:
    (parsed,) = parse_env('A=1\r\nB="2"\r\n')
    assert [(k.text, v.text, v.line) for k, v in parsed.root.entries] == [("A", "1", 1), ("B", "2", 2)]


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.booleans())
def test_quoted_values_come_back_whatever_they_hold(pairs: list[tuple[str, str]], export: bool) -> None:
    lines = [f'{"export " if export else ""}{name}="{_escape(value)}"\n' for name, value in pairs]
    (parsed,) = parse_env("".join(lines))
    assert [(k.text, v.text) for k, v in parsed.root.entries] == pairs
    for (_, value), node in zip(pairs, (v for _, v in parsed.root.entries), strict=True):
        start, end = parsed.spans[node.line, node.column]
        assert "".join(lines)[start:end] == f'"{_escape(value)}"'


def _escape(value: str) -> str:
    for character in '\\"$`':
        value = value.replace(character, f"\\{character}")
    return value
