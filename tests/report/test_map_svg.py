from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import CLOSED
from auditor.report.map_svg import INK, SOFT, STROKES, STYLE_WORDS, line_sample, render_map
from tests.report import samples
from tests.report.test_map_model import crowded, mapped

ALL = frozenset(f"flow-{number}" for number in range(1, 1000))
SVG = "{http://www.w3.org/2000/svg}"


def _contrast(one: str, other: str) -> float:
    """Return the WCAG 2 contrast ratio of two #rrggbb colours."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [INK, SOFT, *STROKES.values()])
@pytest.mark.parametrize("ground", ["#ffffff", "#eef5f1", "#faf4ec"])
def test_text_and_lines_contrast_with_every_ground(colour: str, ground: str) -> None:
    assert _contrast(colour, ground) >= 4.5


def test_each_line_is_a_labelled_link_to_its_flow(coder: Assessment) -> None:
    root = ET.fromstring(render_map(mapped(coder), ALL))  # noqa: S314 -- written by us a line above
    links = root.findall(f"{SVG}a")
    assert sorted(int(link.get("href", "").removeprefix("#flow-")) for link in links) == list(range(1, 15))
    label = next(link.get("aria-label") for link in links if link.get("href") == "#flow-7")
    assert label == (
        "Flow 7: LiteLLM gateway to Anthropic API: fallback inference at Anthropic: violation; "
        "sends prompts, source code, tool input and output"
    )
    assert root.get("aria-labelledby") == "map-title map-description"
    assert [child.tag.removeprefix(SVG) for child in list(root)[:2]] == ["title", "desc"]


def test_only_presentation_attributes_are_used(coder: Assessment) -> None:
    root = ET.fromstring(render_map(mapped(coder), ALL))  # noqa: S314 -- written by us a line above
    names = {name for element in root.iter() for name in element.attrib}
    assert "style" not in names  # classes only say which findings a line belongs to
    assert not any(name.startswith("on") for name in names)


def test_styles_differ_without_colour() -> None:
    samples_ = [line_sample(style).replace(STROKES[style], "") for style in STYLE_WORDS]
    assert len(set(samples_)) == len(STYLE_WORDS)


def test_hostile_names_stay_text(coder: Assessment) -> None:
    closed = frozenset(name for _, name in CLOSED) | {"inside"}
    hostile = samples.replace_texts(coder, samples.HOSTILE, closed)
    root = ET.fromstring(render_map(mapped(hostile), ALL))  # noqa: S314 -- the parser is the test
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "rect", "text", "g", "a", "path"}


def test_a_merged_map_is_well_formed(coder: Assessment) -> None:
    root = ET.fromstring(render_map(mapped(crowded(coder, 60)), ALL))  # noqa: S314 -- written by us
    assert any("Flows " in (link.get("aria-label") or "") for link in root.findall(f"{SVG}a"))


def test_a_line_whose_rows_are_not_printed_is_no_link(coder: Assessment) -> None:
    root = ET.fromstring(render_map(mapped(coder), {"flow-7"}))  # noqa: S314 -- written by us
    assert [link.get("href") for link in root.findall(f"{SVG}a")] == ["#flow-7"]
    plain = [group for group in root.findall(f"{SVG}g") if group.get("role") == "img"]
    assert len(plain) == 13
    assert all(group.get("aria-label") for group in plain)


def test_a_line_names_the_findings_that_it_belongs_to(coder: Assessment) -> None:
    root = ET.fromstring(render_map(mapped(coder), ALL))  # noqa: S314 -- written by us
    classes = {link.get("href"): (link.get("class") or "").split() for link in root.findall(f"{SVG}a")}
    assert classes["#flow-7"][0] == "line"
    assert {name for names in classes.values() for name in names[1:]} == {f"f{n}" for n in range(1, len(coder.findings) + 1)}
