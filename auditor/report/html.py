"""The report as one self-contained HTML page: no request; one style and one script under a content security policy.

The script zooms the map and does nothing else; everything is there and works without it.

``environment`` and ``page_parts`` are shared by every page (report, comparison): same base template, style and macros.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from auditor.facts.assessment import Assessment
from auditor.report import words
from auditor.report.escape import clean
from auditor.report.map_model import build_map
from auditor.report.map_svg import STYLE_WORDS, line_sample, render_map
from auditor.report.names import Names
from auditor.report.page import MOST_ROWS, Depth, build_page
from auditor.report.view import build_view

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = "templates"


def render_html(assessment: Assessment, depth: Depth = Depth.FULL) -> str:
    """Return the page of this depth; the same assessment always gives the same text.

    Every text of the assessment goes through ``clean`` and Jinja's autoescape; only our own SVG and style
    are marked safe, by the templates; ``render_map`` has escaped each text in the map.
    """
    names = Names(assessment)
    view = build_view(assessment, names)
    page = build_page(view, depth)
    content = build_map(assessment, view.flows, names)
    legend = tuple((line_sample(style), text) for style, text in STYLE_WORDS.items())
    template = environment().get_template("report.html.j2")
    return template.render(
        view=view,
        page=page,
        map=render_map(content, page.anchors),
        map_merged=content.merged,
        map_hidden=words.plural(content.hidden, "flow") if content.hidden else "",
        legend=legend,
        most_rows=MOST_ROWS,
        **page_parts(_focus(page.focused), _read("map.js")),
    )


def page_parts(more: str = "", script: str = "") -> dict[str, Any]:
    """Return what the base template needs: the style, with ``more`` rules, its script, the policy with both digests."""
    style = _read("report.css") + more
    scripts = f"script-src {_digest(script)}; " if script else ""
    policy = f"default-src 'none'; style-src {_digest(style)}; {scripts}base-uri 'none'; form-action 'none'"
    return {
        "style": style,
        "script": script,
        "policy": policy,
        "verdict_words": words.VERDICT_WORDS,
    }


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """Return the Jinja environment: autoescape on, undefined names refused, every text cleaned."""
    import jinja2

    def finalize(value: object) -> object:
        return clean(value) if isinstance(value, str) and not hasattr(value, "__html__") else value

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _focus(numbers: tuple[int, ...]) -> str:
    """Return the rules by which the map shows the flows of one finding alone, on a screen; made of numbers only."""
    rules = "".join(f"#focus-{n}:target ~ .map .line:not(.f{n}) {{ opacity: .1; }}\n" for n in numbers)
    return f"@media screen {{\n{rules}}}\n"


def _read(name: str) -> str:
    return resources.files("auditor.report").joinpath(_TEMPLATES, name).read_text(encoding="utf-8")
