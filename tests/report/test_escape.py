from __future__ import annotations

import html
import json
import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.documents.yaml_reader import parse_yaml
from auditor.report.escape import HIDDEN_CATEGORIES, clean, json_in_html, svg_attribute, svg_text, yaml_comment, yaml_scalar

ANY = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode ✓", "plain, ünïcode ✓"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x9b31m", "\\u009b31m"),
        ("a\nb\tc", "a\\u000ab\\u0009c"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\ue000\ud800", "\\ue000\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_clean_writes_controls_visibly(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(ANY)
def test_clean_leaves_nothing_hidden_and_can_be_repeated(text: str) -> None:
    result = clean(text)
    assert not {unicodedata.category(c) for c in result} & HIDDEN_CATEGORIES
    assert clean(result) == result


@given(ANY)
def test_svg_text_and_attributes_hold_the_text_and_nothing_else(text: str) -> None:
    root = ET.fromstring(f"<a b=\"{svg_attribute(text)}\" c='{svg_attribute(text)}'>{svg_text(text)}</a>")  # noqa: S314 -- ours
    assert (root.get("b"), root.get("c"), root.text or "", len(root)) == (clean(text), clean(text), clean(text), 0)


@given(ANY)
def test_json_in_html_reads_back_and_has_no_markup(text: str) -> None:
    result = json_in_html({"name": text})
    assert json.loads(result) == {"name": text}
    assert not set("<>&\u2028\u2029") & set(result)
    assert html.unescape(result) == result


def test_json_in_html_refuses_what_is_no_json_number() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_in_html(float("nan"))


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "on",
        "No",
        "",
        " lead",
        "a: b",
        "# c",
        "[x]",
        'it\'s "so"',
        "\\n",
        "a\nb\r\tc",
        "\u2028\u202e\x7f\x85",
        "\U0001f600 ä",
        "=1",
        "2026-11-20",
        "~",
        "- a",
    ],
)
def test_a_yaml_scalar_is_read_as_what_it_was(text: str) -> None:
    scalar = yaml_scalar(text)
    assert len(scalar.splitlines()) == 1
    assert parse_yaml(f"a: {scalar}\nb: [{scalar}]\n")[0].root.entries[0][1].text == text


def test_a_lone_surrogate_becomes_the_sign_of_what_cannot_be_said() -> None:
    assert yaml_scalar("a\udc80") == '"a\ufffd"'


def test_a_yaml_comment_ends_with_its_line() -> None:
    assert yaml_comment("a\n- b\u2028c") == "a - b c"
