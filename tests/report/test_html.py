from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import jinja2
import pytest
from markupsafe import escape

from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import CLOSED
from auditor.report.escape import HIDDEN_CATEGORIES, clean
from auditor.report.html import environment, render_html
from auditor.report.names import Names
from auditor.report.page import MOST_ROWS, Depth
from tests.report import large, samples

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
        assert (page.tags["script"], page.tags["img"], page.tags["link"]) == (1, 0, 0)
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


def test_the_policy_names_exactly_the_style_and_the_script(coder: Assessment) -> None:
    text = render_html(coder)
    digests = []
    for tag in ("style", "script"):
        (found,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digests.append(f"'sha256-{base64.b64encode(hashlib.sha256(found.encode()).digest()).decode()}'")
    policy = f"default-src 'none'; style-src {digests[0]}; script-src {digests[1]}; base-uri 'none'; form-action 'none'"
    assert f'content="{escape(policy)}"' in text
    assert len(re.findall("Content-Security-Policy", text)) == 1


def test_nothing_of_an_assessment_is_in_the_script(coder: Assessment, cursor: Assessment) -> None:
    """It is the same on every page, and writes no markup."""
    scripts = {re.search(r"<script>.*?</script>", render_html(a), re.DOTALL)[0] for a in (coder, cursor)}  # type: ignore[index]
    assert len(scripts) == 1
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|fetch|XMLHttp|import", scripts.pop()
    )


def test_flows_within_a_merged_box_are_counted_on_the_page(coder: Assessment) -> None:
    assert "Not drawn" not in render_html(coder)
    parts = [samples.component(f"system{n}/part", f"Part {n}", "execution", "worker", samples.place()) for n in range(30)]
    channel = samples.channel("system0/part", "system1/part", "part1.corp.example")
    flow = samples.flow(channel, "talk", "confirmed")
    crowded = dataclasses.replace(
        coder, components=(*coder.components, *parts), channels=(*coder.channels, channel), flows=(*coder.flows, flow)
    )
    assert "Not drawn, because both ends are in one box: 3 flows." in render_html(crowded), "two of the sample's, and this one"


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
    assert "100 further rows are not printed here; the JSON and the XLSX hold them all." in text


def test_an_empty_assessment_says_so(cursor: Assessment) -> None:
    empty: dict[str, Any] = {f.name: () for f in dataclasses.fields(cursor) if isinstance(getattr(cursor, f.name), tuple)}
    text = render_html(dataclasses.replace(cursor, claim=None, assumed=True, **empty))
    assert "Nothing was judged: no profile was given." in text
    assert "That alone is no pass" in text
    assert Page(text).faults == []


def test_an_undefined_name_in_a_template_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ not_there }}").render()


@pytest.mark.parametrize("depth", list(Depth))
def test_every_depth_is_whole(coder: Assessment, depth: Depth) -> None:
    text = render_html(coder, depth)
    page = Page(text)
    assert page.faults == []
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert {target.removeprefix("#") for target in page.targets} <= set(page.ids)
    assert ("--depth full" in text) is (depth is not Depth.FULL)


def test_a_shallower_page_is_part_of_a_deeper_one(coder: Assessment) -> None:
    found = {depth: re.findall(r'<section id="([a-z]+)"', render_html(coder, depth)) for depth in Depth}
    assert found[Depth.SUMMARY] == ["scope", "planes", "map", "findings", "open"]
    assert found[Depth.FINDINGS] == [
        "scope", "planes", "map", "findings", "ledger", "open", "exceptions", "coverage", "inputs", "glossary",
    ]  # fmt: skip
    assert set(found[Depth.FINDINGS]) < set(found[Depth.FULL])
    for depth in Depth:
        assert all(str(escape(finding.title)) in render_html(coder, depth) for finding in coder.findings)


@pytest.mark.slow
def test_ten_thousand_flows_make_a_page_that_a_browser_bears() -> None:
    """Acceptance of size; the time stands in ``benchmarks/report.py``."""
    assessment = large.build(10_000)
    text = render_html(assessment)
    page = Page(text)
    assert len(text.encode()) <= 5_000_000
    assert {target.removeprefix("#") for target in page.targets} <= set(page.ids)
    assert sum(name.startswith("flow-") for name in page.ids) == MOST_ROWS
    assert text.count('class="s-violation') == MOST_ROWS
    assert "8000 further rows are not printed here; the JSON and the XLSX hold them all." in text


def test_what_violates_is_printed_before_what_does_not(coder: Assessment) -> None:
    """A table that is cut keeps the rows that matter, wherever they stand in the assessment."""
    quiet = tuple(dataclasses.replace(coder.flows[0], id=f"f{n}") for n in range(MOST_ROWS))
    text = render_html(dataclasses.replace(coder, flows=(*quiet, *coder.flows)))
    names = Names(coder)
    broken = {row for finding in coder.findings if not finding.waived_by for row in names.violating(finding)}
    numbers = [MOST_ROWS + n for n, flow in enumerate(coder.flows, 1) if flow.id in broken]
    assert [number for number in numbers if f'id="flow-{number}"' not in text] == []


def test_every_filter_has_its_rule_and_leaves_the_rows_that_it_counts(coder: Assessment) -> None:
    text = render_html(coder)
    links = re.findall(r'<a href="#((?:flows|findings|controls)-[a-z_]+)">[^<]* <span class="number">(\d+)</span>', text)
    assert {name.split("-")[0] for name, _ in links} == {"flows", "findings", "controls"}
    rows = {
        "flows": ("s", r'<tr id="flow-\d+" class="([^"]*)"'),
        "findings": ("f", r'<article class="finding ([^"]*)"'),
        "controls": ("c", r'<tr id="control-\d+" class="([^"]*)"'),
    }
    for name, number in links:
        section, _, what = name.partition("-")
        letter, pattern = rows[section]
        mark = what if what == "leaves" else f"{letter}-{what}"
        assert sum(mark in classes.split() for classes in re.findall(pattern, text)) == int(number), name
        assert f"#{name}:target ~" in text


def test_a_finding_shows_what_decides_and_folds_what_else_it_rests_on(coder: Assessment) -> None:
    first = coder.findings[0]
    many = tuple(record.id for record in coder.evidence)[:7]
    assert len(many) == 7
    text = render_html(dataclasses.replace(coder, findings=(dataclasses.replace(first, evidence=many), *coder.findings[1:])))
    article = text[text.index('<article class="finding') : text.index("</article>")]
    open_part, folded = article.split('<details class="more"><summary>3 more that it rests on</summary>')
    assert open_part.count('class="source"') == 4
    assert folded.count('class="source"') == 3
