from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import pytest

from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import CLOSED
from auditor.report.escape import HIDDEN_CATEGORIES, clean
from auditor.report.html import environment, page_parts, render_html
from tests.report import samples

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """The elements of a page; unbalanced ones are faults."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.ids: Counter[str] = Counter()
        self.targets: set[str] = set()
        self.attributes: set[str] = set()
        self.headings: list[int] = []
        self.faults: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count an element."""
        self.tags[tag] += 1
        values = dict(attrs)
        self.attributes.update(values)
        self.ids.update(filter(None, [values.get("id")]))
        if tag == "a":
            self.targets.add(values.get("href") or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a self-closed element of the map."""
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Note an end without beginning."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text.append(data)


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.html", render_html(coder))
    golden("cursor.html", render_html(cursor))


def test_the_page_is_whole(coder: Assessment, cursor: Assessment) -> None:
    for assessment in (coder, cursor):
        page = Page(render_html(assessment))
        assert page.faults == []
        assert [name for name, count in page.ids.items() if count > 1] == []
        assert {target.removeprefix("#") for target in page.targets} <= set(page.ids)
        assert page.tags["script"] == page.tags["img"] == page.tags["link"] == 0
        assert not page.attributes & {"style", "src", "onclick", "onload"}


def test_headings_are_in_order(coder: Assessment) -> None:
    levels = Page(render_html(coder)).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_sections_stand_in_the_order_of_the_questions(coder: Assessment) -> None:
    found = re.findall(r'<section id="([a-z]+)"', render_html(coder))
    assert found == [
        "scope", "planes", "map", "findings", "ledger", "flows", "controls", "open", "exceptions", "coverage", "evidence",
        "inputs", "glossary",
    ]  # fmt: skip


def test_the_policy_names_exactly_the_style(coder: Assessment) -> None:
    text = render_html(coder)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert page_parts()["policy"] == policy
    assert len(re.findall("Content-Security-Policy", text)) == 1


def test_hostile_text_in_every_field_stays_text(coder: Assessment) -> None:
    closed = frozenset(name for _, name in CLOSED)
    hostile = samples.replace_texts(coder, samples.HOSTILE, closed)
    text = render_html(hostile)
    page, harmless = Page(text), Page(render_html(coder))
    assert page.faults == []
    assert set(page.tags) <= set(harmless.tags)
    assert page.attributes <= harmless.attributes
    assert "{{7*7}}" in "".join(page.text)
    assert clean(text.replace("\n", "")) == text.replace("\n", ""), HIDDEN_CATEGORIES
    assert text.encode("utf-8")


def test_very_long_names_and_many_rows_are_borne(coder: Assessment) -> None:
    long = dataclasses.replace(coder.components[0], title="x" * 10_000)
    flows = tuple(dataclasses.replace(coder.flows[0], id=f"f{n}") for n in range(2100))
    text = render_html(dataclasses.replace(coder, components=(long, *coder.components[1:]), flows=flows))
    assert "100 further rows are not printed here; the JSON holds them all." in text


def test_an_empty_assessment_says_so(cursor: Assessment) -> None:
    empty: dict[str, Any] = {f.name: () for f in dataclasses.fields(cursor) if isinstance(getattr(cursor, f.name), tuple)}
    text = render_html(dataclasses.replace(cursor, claim=None, assumed=True, **empty))
    assert "Nothing was judged: no profile was given." in text
    assert "That alone is no pass" in text
    assert Page(text).faults == []


def test_an_undefined_name_in_a_template_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ not_there }}").render()


def _overflowing(page: Any) -> Any:
    return page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1
           && !e.closest('.scroll, pre, .skip')).map(e => e.outerHTML.slice(0, 120))"""
    )


@pytest.mark.browser
@pytest.mark.parametrize("hostile", [False, True], ids=["sample", "hostile"])
def test_in_a_browser(coder: Assessment, tmp_path: Path, hostile: bool) -> None:
    """The page asks for nothing, runs nothing, and fits a telephone; an injected script is refused by the policy."""
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    if hostile:
        coder = samples.replace_texts(coder, samples.HOSTILE, frozenset(name for _, name in CLOSED))
    text = render_html(coder)
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    broken = text.replace(
        "<body>", "<body><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">", 1
    )
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        messages: list[str] = []
        requests: list[str] = []
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto((tmp_path / "report.html").as_uri())
        assert (messages, requests) == ([], [(tmp_path / "report.html").as_uri()])
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert _overflowing(page) == []
        page.goto((tmp_path / "broken.html").as_uri())
        assert page.title() != "taken"
        assert any("Content Security Policy" in message for message in messages)
        browser.close()
