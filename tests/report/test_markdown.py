from __future__ import annotations

import dataclasses
from html import unescape
from typing import Any

from markdown_it import MarkdownIt

from auditor.facts.assessment import Assessment
from auditor.report import markdown
from auditor.report.escape import clean
from auditor.report.markdown import render_markdown
from tests.report import samples, verdicts

RENDERER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.md", render_markdown(coder).decode())
    golden("cursor.md", render_markdown(cursor).decode())


def test_each_verdict_is_counted_and_nothing_open_is_left_out() -> None:
    text = render_markdown(verdicts.build()).decode()
    assert "1 fail · 2 unknown · 3 pass · 1 not applicable" in text
    findings = text.split("## Findings")[1].split("##")[0]
    assert [row.split(" | ")[0] for row in findings.splitlines() if row.startswith("| ")][2:] == [
        "| critical",
        "| waived by waiver-7",
    ]
    assert "No network policy was examined" in text.split("## Open points that block")[1]


def _shape(text: str) -> list[str]:
    return [token.type for token in RENDERER.parse(text)]


def test_hostile_text_is_shown_literally_and_breaks_no_row(coder: Assessment) -> None:
    hostile = samples.HOSTILE + "**x** _y_ ![i](https://evil.example) www.evil.example @someone $x$ ~~z~~ \\| <!-- &amp; `c`"
    plain, found = render_markdown(coder).decode(), render_markdown(samples.hostile(coder, hostile)).decode()
    assert _shape(found)[:40] == _shape(plain)[:40]
    assert found.count("\n| ") == plain.count("\n| ")
    html = RENDERER.render(found)
    assert [tag for tag in ("<script", "<img", "<a ", "<em>", "<s>", "<code>") if tag in html] == []
    assert html.count("<strong>") == 1
    cell = html.split("<h1>")[1].split("</h1>")[0]
    assert unescape(cell.replace("<!-- -->", "")) == f"✕ fail: {clean(hostile)}coder-mislabelled"
    for broken in ("https://evil", "www.evil", "@someone"):
        assert broken not in found


def test_the_summary_stays_small_whatever_the_assessment(coder: Assessment) -> None:
    long = "x" * 10_000
    many = tuple(dataclasses.replace(coder.findings[0], id=f"AG-01@{n}", title=long) for n in range(3000))
    opened = tuple(dataclasses.replace(coder.unknowns[0], id=f"u{n}", text=long) for n in range(3000))
    text = render_markdown(dataclasses.replace(coder, findings=many, unknowns=opened)).decode()
    assert len(text.encode()) < 200_000
    assert f"… and {3000 - markdown.MOST_FINDINGS} findings more in the report." in text
    assert f"… and {3000 - markdown.MOST_OPEN} open points more in the report." in text
