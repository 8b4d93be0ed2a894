"""TOML: what ``tomllib`` says, at the place where it stands."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.documents.source import FaultError
from auditor.documents.toml_reader import parse_toml
from auditor.documents.tree import Node, NodeKind

SAMPLE = """# Codex
model_provider = "own"
a.b = 'x'

[model_providers.own]
base_url = "https://llm.corp.example/v1"   # inside
tags = [1, { k = true }, "\\u00fc"]

[[hooks]]
name = \"\"\"
two
lines\"\"\"
[[hooks]]
name = "second"
[hooks.more]
"quoted key" = 1979-05-27
"""


def plain(node: Node) -> Any:
    if node.kind is NodeKind.MAPPING:
        return {key.text: plain(value) for key, value in node.entries}
    if node.kind is NodeKind.SEQUENCE:
        return [plain(item) for item in node.items]
    return node.text


def as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_values_are_those_of_the_standard_library_and_places_those_of_the_file() -> None:
    (parsed,) = parse_toml(SAMPLE)
    assert plain(parsed.root) == as_text(tomllib.loads(SAMPLE))
    url = parsed.root.at("model_providers", "own", "base_url")
    assert url is not None
    assert (url.line, url.column, url.quoted) == (6, 12, True)
    second = parsed.root.at("hooks", 1, "name")
    assert second is not None
    assert (second.line, second.column) == (14, 8)


KEYS = st.text("abcö -.", min_size=1, max_size=4)
VALUES = st.recursive(
    st.text(max_size=6) | st.integers(-9, 9).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(v) for v in value) + "]"
    return quoted(value)


def quoted(text: str) -> str:
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_document_means_what_the_standard_library_says(value: dict[str, Any]) -> None:
    text = "".join(f"{quoted(k)} = {written(v)}\n" for k, v in value.items())
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(FaultError):
            parse_toml(text)
        return
    assert plain(parse_toml(text)[0].root) == expected


@pytest.mark.parametrize(
    ("text", "position"), [("a = \n", (1, 5)), ("a = 1\na = 2\n", (2, 6)), ("[x\n", (1, 3)), ("a = " + "[" * 5000, (0, 0))]
)
def test_what_is_no_toml_is_refused_with_its_place(text: str, position: tuple[int, int]) -> None:
    with pytest.raises(FaultError) as caught:
        parse_toml(text)
    assert caught.value.position == position
