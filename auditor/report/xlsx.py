"""The workbook: every table of the assessment, one a sheet; the one door of XlsxWriter (extra ``xlsx``).

Every text is written as a string, so that no cell is ever a formula or a link, whatever it begins with; only our own
counts are numbers. A text between ``<r>`` and ``</r>``, which the library takes for markup that it made itself, is written in
pieces, which it escapes. Creation date and zip entries are fixed: same assessment, same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from auditor.errors import Diagnostic, UsageError
from auditor.facts.assessment import Assessment
from auditor.report.escape import LONGEST_CELL, clean
from auditor.report.extras import check_extra
from auditor.report.tables import Table
from auditor.report.workbook import sheets

MOST_ROWS = 1_048_575
"""Rows of a sheet below its heads (Microsoft, "Excel specifications and limits")."""
_LARGEST_EXACT = 2**53
_CREATED = dt.datetime(1980, 1, 1)  # noqa: DTZ001 -- the format has no time zone; a date that says: not the date
_WIDTHS = {"sentence": 60, "reason": 50, "text": 60, "finding": 40, "title": 60, "help": 60, "excerpt": 40}
_RUN = "<r>"
"""Begins a run of rich text (ECMA-376 part 1, 18.4.4); XlsxWriter writes a string from it to ``</r>`` as it stands."""
_BODY = {"font_name": "Calibri", "font_size": 11, "text_wrap": True, "valign": "top"}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": _BODY,
}
"""What every cell looks like is the workbook's own style, which no cell names: a third less to write of half a million cells."""


def render_xlsx(assessment: Assessment) -> bytes:
    """Return the workbook of an assessment.

    Raises:
        UsageError: as ``render_workbook``.
    """
    return render_workbook(sheets(assessment))


def render_workbook(tables: Sequence[tuple[str, Table]]) -> bytes:
    """Return the workbook with one sheet a table: (title, table).

    Raises:
        UsageError: XlsxWriter is not installed, or a table has more rows than a sheet can hold.
    """
    check_extra("xlsx")
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, _OPTIONS)
    book.set_properties({"title": "auditor", "author": "auditor", "created": _CREATED})
    head = book.add_format({"bold": True, "bottom": 1})
    texts = _Texts()
    for title, table in tables:
        _fill(book.add_worksheet(title), title, table, head, texts)
    book.close()
    return written.getvalue()


class _Texts(dict[str | int, str]):
    """What a value is written as: cleaned once, because most texts stand in many cells."""

    def __missing__(self, value: str | int) -> str:
        self[value] = text = fitting(clean(str(value)))
        return text


def _fill(sheet: Any, title: str, table: Table, head: Any, texts: _Texts) -> None:
    if len(table.rows) > MOST_ROWS:
        raise UsageError(
            Diagnostic(
                what=f"cannot write xlsx: {len(table.rows)} rows of the sheet {title}",
                why=f"a sheet holds {MOST_ROWS}",
                next_step="write json, csv-flows or csv-ledger",
            )
        )
    for column, name in enumerate(table.heads):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, _WIDTHS.get(name, max(10, min(24, len(name) + 2))))
    write_string, write_number = sheet.write_string, sheet.write_number
    for number, row in enumerate(table.rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int) and abs(value) <= _LARGEST_EXACT:
                write_number(number, column, value)
            elif value != "":
                text = texts[value]
                if text[:3] == _RUN and text.endswith("</r>"):
                    sheet.write_rich_string(number, column, text[0], text[1:3], text[3:])
                else:
                    write_string(number, column, text)
    sheet.freeze_panes(1, 1)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.heads) - 1)


def fitting(text: str) -> str:
    """Return ``text`` cut to what a cell holds, which counts characters beyond the first plane twice (UTF-16)."""
    if len(text) <= LONGEST_CELL // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", "ignore") + "…"
