"""The report as PDF: tagged (PDF/UA-1), bundled fonts, no clock; the one door of typst (extra ``pdf``).

The template is ours and fixed; what the assessment says enters as data and is placed as text. No font, file or package
outside this folder is read.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from auditor.facts.assessment import Assessment
from auditor.report.extras import check_extra
from auditor.report.page import Depth
from auditor.report.pdf_content import content

NO_GLYPH = (
    "This copy is not PDF/UA: a name in it has a character that the bundled fonts lack, and it is shown as an empty box. "
    "The text itself is whole; the HTML page shows it."
)


def render_pdf(assessment: Assessment, depth: Depth = Depth.FULL) -> bytes:
    """Return the document; plain PDF that says so on its first page where a character has no glyph.

    Raises:
        UsageError: typst is not installed.
    """
    check_extra("pdf")
    import typst

    try:
        return _compiled(typst, content(assessment, depth), ["ua-1"])
    except typst.TypstError as error:
        if "glyph" not in str(error).lower() and "display" not in str(error).lower():
            raise
    return _compiled(typst, content(assessment, depth, NO_GLYPH), ["1.7"])


def _compiled(typst: Any, data: dict[str, Any], standards: list[str]) -> bytes:
    folder = resources.files("auditor.report")
    with resources.as_file(folder.joinpath("fonts")) as fonts, resources.as_file(folder.joinpath("templates")) as templates:
        written: bytes = typst.compile(
            (templates / "report.typ").read_bytes(),
            root=templates,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
            sys_inputs={"data": json.dumps(data)},
            pdf_standards=standards,
            timestamp=0,
        )
    return written
