"""The comparison as one self-contained HTML page; base template, style and policy are the report's."""

from __future__ import annotations

from auditor.facts.comparison import Comparison
from auditor.report.compare_view import build_comparison_view
from auditor.report.html import environment, page_parts


def render_comparison_html(comparison: Comparison) -> str:
    """Return the whole page; every text goes through ``clean`` and Jinja's autoescape."""
    template = environment().get_template("compare.html.j2")
    return template.render(view=build_comparison_view(comparison), **page_parts())
