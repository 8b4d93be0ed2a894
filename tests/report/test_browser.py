"""Every page in a real Chromium: accessible, usable by keyboard, quiet, and literal about whatever a deployment calls itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import CLOSED
from auditor.report.compare_html import render_comparison_html
from auditor.report.html import render_html
from auditor.report.page import Depth
from tests.report import large, sample_coder, sample_cursor, samples
from tests.report.browser import opened, overflowing, violations

pytestmark = pytest.mark.browser
TEXT = "{{7*7}}${7*7}<%= 7 %>" + samples.HOSTILE + "=cmd|' /C calc'!A0" + "y" * 10_000
MAP_SCRIPT = resources.files("auditor.report").joinpath("templates", "map.js").read_text(encoding="utf-8")
MANY = render_html(large.build(150, 60))
"""60 components and 150 flows."""
_KEPT = frozenset(name for _, name in CLOSED)


def _hostile(value: Any) -> Any:
    return samples.replace_texts(value, TEXT, _KEPT)


@cache
def _comparison(hostile: bool) -> str:
    from auditor.pipeline.candidates import compare_candidates

    found = compare_candidates(("product:coder", "product:cursor-workers"), "fully-self-hosted", "2026-11-24T00:00:00Z")
    kept = frozenset({"kind", "verdict", "tone", "anchor", "severity"})
    return render_comparison_html(samples.replace_texts(found, TEXT, kept) if hostile else found)


def _history(hostile: bool) -> str:
    from auditor.compare import history
    from auditor.report.history_html import render_history_html
    from tests.compare.test_history import steps

    found = history(steps())
    kept = frozenset({"as_of", "claim", "kind", "change", "certainty", "old", "new"})
    return render_history_html(samples.replace_texts(found, TEXT, kept) if hostile else found)


PAGES: dict[str, Callable[[bool], str]] = {
    "coder": lambda hostile: render_html(_hostile(sample_coder.build()) if hostile else sample_coder.build()),
    "cursor": lambda hostile: render_html(_hostile(sample_cursor.build()) if hostile else sample_cursor.build()),
    "summary": lambda hostile: render_html(_hostile(sample_coder.build()) if hostile else sample_coder.build(), Depth.SUMMARY),
    "findings": lambda hostile: render_html(_hostile(sample_coder.build()) if hostile else sample_coder.build(), Depth.FINDINGS),
    "comparison": _comparison,
    "history": _history,
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name: str, tmp_path: Path) -> None:
    with opened(PAGES[name](False), tmp_path) as shown:
        assert violations(shown.page) == []


@pytest.mark.parametrize("hostile", [False, True], ids=["sample", "hostile"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_runs_nothing_and_fits_a_telephone(name: str, hostile: bool, tmp_path: Path) -> None:
    with opened(PAGES[name](hostile), tmp_path, 390, 844) as shown:
        assert shown.messages == []
        assert shown.requests == [(tmp_path / "page.html").as_uri()]
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert overflowing(shown.page) == []
        assert shown.page.locator("img, iframe, object, embed, link, form").count() == 0
        assert shown.page.locator("script").all_text_contents() == ([MAP_SCRIPT] if shown.page.locator("#map").count() else [])


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_is_shown_literally(name: str, tmp_path: Path) -> None:
    with opened(PAGES[name](True), tmp_path) as shown:
        text = shown.page.locator("body").inner_text()
        assert "{{7*7}}${7*7}<%= 7 %>" in text
        assert '"><script>alert(1)</script><img src=x onerror=alert(2)>' in text
        assert "\\u001b[31m\\u202e\\u2028\\ud800\\u0000\\u000a`|=1+1=cmd|' /C calc'!A0yyy" in text
        assert "49${" not in text


def test_an_injected_script_is_refused_by_the_policy(coder: Assessment, tmp_path: Path) -> None:
    """Had the escaping a hole, the policy would still run nothing and ask for nothing."""
    taken = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
    with opened(render_html(coder).replace("<body>", f"<body>{taken}", 1), tmp_path) as shown:
        assert shown.page.title() != "taken"
        assert any("Content Security Policy" in message for message in shown.messages)


ARROWS = (("ArrowLeft", 0, -1), ("ArrowRight", 0, 1), ("ArrowUp", 1, -1), ("ArrowDown", 1, 1))
"""Key, the number of the view box that it moves, in which direction."""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_map_zooms_and_pans_by_buttons_keys_and_pointer(width: int, tmp_path: Path) -> None:
    """Every step moves the view box, never beyond the map; the whole map comes back, and nothing else of the page moves."""
    with opened(MANY, tmp_path, width, 844) as shown:
        page = shown.page

        def box() -> list[float]:
            return [float(n) for n in page.locator("#map .map svg").get_attribute("viewBox").split()]

        whole, bar = box(), page.get_by_role("group", name="Zoom the map")
        assert bar.get_by_role("button", disabled=True).count() == 6
        bar.get_by_role("button", name="zoom in").click()
        assert box()[2] == pytest.approx(whole[2] / 1.5, abs=0.2)
        assert bar.locator("output").inner_text() == "1.5 ×"
        page.locator("#map .map").focus()
        for key, index, sign in (("+", 2, -1), ("+", 2, -1), *ARROWS, ("-", 2, 1)):
            before = box()
            page.keyboard.press(key)
            assert (box()[index] - before[index]) * sign > 0, key
        for _ in range(20):
            page.keyboard.press("ArrowRight")
            page.keyboard.press("ArrowDown")
        assert box()[0] + box()[2] == pytest.approx(whole[0] + whole[2], abs=0.3)
        middle = page.locator("#map svg").first.bounding_box()
        at = (middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
        before = box()
        page.mouse.move(*at)
        page.mouse.down()
        page.mouse.move(at[0] + 40, at[1] + 10, steps=4)
        page.mouse.up()
        assert box()[0] < before[0]
        assert not page.url.endswith("#flow-1"), "a drag is no click"
        page.locator("#map .map").focus()
        page.keyboard.press("0")
        assert box() == whole
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.messages == []


def test_a_line_that_is_focused_comes_into_the_zoomed_map(tmp_path: Path) -> None:
    with opened(MANY, tmp_path) as shown:
        page = shown.page
        for _ in range(5):
            page.get_by_role("button", name="zoom in").click()
        lines = page.locator("#map a.line")
        for n in (0, lines.count() // 2, lines.count() - 1):
            lines.nth(n).focus()
            x, y, w, h = (float(v) for v in page.locator("#map svg").first.get_attribute("viewBox").split())
            chip = lines.nth(n).locator("rect").evaluate("e => [e.getBBox().x, e.getBBox().y]")
            assert x <= chip[0] <= x + w
            assert y <= chip[1] <= y + h


def test_a_finding_on_the_map_is_zoomed_to_and_printed_whole(coder: Assessment, tmp_path: Path) -> None:
    with opened(render_html(coder), tmp_path) as shown:
        page = shown.page
        view = "document.querySelector('#map .map > svg').getAttribute('viewBox')"
        whole = page.evaluate(view)
        for number in range(1, len(coder.findings) + 1):
            link = page.locator(f"#finding-{number}").get_by_role("link", name="on the map")
            if link.count():
                link.click()
                seen = page.evaluate("document.querySelector('#map .map').getBoundingClientRect()")
                for line in page.locator(f"#map .line.f{number} rect").all():
                    chip = line.bounding_box()
                    assert seen["x"] <= chip["x"] <= seen["x"] + seen["width"]
                    assert seen["y"] <= chip["y"] <= seen["y"] + seen["height"]
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(view) == whole
        page.emulate_media(media="print")
        assert page.locator("#map .line").first.evaluate("e => getComputedStyle(e).opacity") == "1"
        assert not page.get_by_role("group", name="Zoom the map").is_visible()


def test_without_script_the_map_offers_what_works_without(tmp_path: Path) -> None:
    with opened(MANY, tmp_path, script=False) as shown:
        page = shown.page
        assert not page.locator("#zoom").is_visible()
        small = page.locator("#map .map svg").bounding_box()["width"]
        page.get_by_role("link", name="enlarge").click()
        assert page.locator("#map .map svg").bounding_box()["width"] == pytest.approx(2 * small, rel=0.02)


@pytest.mark.parametrize("name", ["coder", "comparison"])
def test_the_keyboard_reaches_everything_in_order_and_is_seen(name: str, tmp_path: Path) -> None:
    """Tab goes through links, disclosures and scrolling regions in the order of the page, each with an outline, to the end."""
    place = (
        "[...document.querySelectorAll('a[href], summary, button:enabled, [tabindex=\"0\"]')].filter(e => e.checkVisibility())"
    )
    with opened(PAGES[name](False), tmp_path) as shown:
        page, seen = shown.page, []
        expected = page.evaluate(f"{place}.length")
        for _ in range(expected):
            page.keyboard.press("Tab")
            seen.append(page.evaluate(f"{place}.indexOf(document.activeElement)"))
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", seen
        assert seen == list(range(expected))


def test_the_skip_link_and_a_disclosure_work_by_keyboard(tmp_path: Path) -> None:
    with opened(PAGES["coder"](False), tmp_path) as shown:
        page = shown.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"
        page.locator("#evidence summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("#evidence details").first.get_attribute("open") is not None


def test_filters_work_without_script(coder: Assessment, tmp_path: Path) -> None:
    """Each filter is an anchor: with script switched off, by click, and as the end of an address that was sent to somebody."""
    with opened(render_html(coder), tmp_path, script=False) as shown:
        page = shown.page
        rows = page.locator("#flows .flows tbody tr")
        whole = rows.count()
        page.get_by_role("navigation", name="Show only some flows").get_by_role("link", name="violations").click()
        shown_rows = rows.filter(visible=True)
        assert 0 < shown_rows.count() < whole
        assert shown_rows.count() == page.locator("#flows .flows tbody tr.s-violation").count()
        page.goto(page.url.partition("#")[0] + "#controls-unknown")
        controls = page.locator("#controls tbody tr").filter(visible=True)
        assert controls.count() == sum(control.effective == "unknown" for control in coder.controls)
        page.goto(page.url.partition("#")[0] + "#flows")
        assert rows.filter(visible=True).count() == whole


def test_the_map_shows_one_finding_alone(coder: Assessment, tmp_path: Path) -> None:
    with opened(render_html(coder), tmp_path, script=False) as shown:
        page = shown.page
        page.locator("#finding-1").get_by_role("link", name="on the map").click()
        assert page.url.endswith("#focus-1")
        faint = page.locator("#map .line:not(.f1)").first.evaluate("e => getComputedStyle(e).opacity")
        clear = page.locator("#map .line.f1").first.evaluate("e => getComputedStyle(e).opacity")
        assert (float(faint), float(clear)) == (0.1, 1.0)


def test_everything_is_printed_whatever_is_filtered(coder: Assessment, tmp_path: Path) -> None:
    with opened(render_html(coder), tmp_path) as shown:
        page = shown.page
        page.goto(page.url + "#flows-violation")
        page.emulate_media(media="print")
        assert page.locator("#flows .flows tbody tr").filter(visible=True).count() == len(
            [flow for flow in coder.flows if flow.name != "absent"]
        )
        assert page.locator("nav").filter(visible=True).count() == 0


def test_a_large_page_opens_and_filters(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """The seconds to open and to the first filter are recorded; only a page that hangs fails."""
    text = render_html(large.build(10_000))
    start = time.monotonic()
    with opened(text, tmp_path, script=False) as shown:
        ready = time.monotonic()
        shown.page.goto(shown.page.url + "#flows-leaves")
        rows = shown.page.locator("#flows .flows tbody tr").filter(visible=True).count()
        done = time.monotonic()
    assert 0 < rows < 2000
    record_property("seconds_to_open", round(ready - start, 2))
    record_property("seconds_to_first_filter", round(done - ready, 2))
    assert done - ready < 60
