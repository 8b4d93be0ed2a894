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
from auditor.report.escape import LONGEST_CELL, clean, shortened
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
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


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
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    cells: dict[str, str] = {}
    for title, table in tables:
        _fill(book.add_worksheet(title), title, table, (head, body), cells)
    book.close()
    return written.getvalue()


def _fill(sheet: Any, title: str, table: Table, formats: tuple[Any, Any], cells: dict[str, str]) -> None:
    """Fill a sheet; ``cells`` keeps what texts are cleaned to, because most of them stand in many cells."""
    if len(table.rows) > MOST_ROWS:
        raise UsageError(
            Diagnostic(
                what=f"cannot write xlsx: {len(table.rows)} rows of the sheet {title}",
                why=f"a sheet holds {MOST_ROWS}",
                next_step="write json, csv-flows or csv-ledger",
            )
        )
    head, body = formats
    for column, name in enumerate(table.heads):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, _WIDTHS.get(name, max(10, min(24, len(name) + 2))))
    for number, row in enumerate(table.rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int) and abs(value) <= _LARGEST_EXACT:
                sheet.write_number(number, column, value, body)
            elif value != "":
                text = str(value)
                if text not in cells:
                    cells[text] = shortened(clean(text), LONGEST_CELL)
                _write_text(sheet, number, column, cells[text], body)
    sheet.freeze_panes(1, 1)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.heads) - 1)


def _write_text(sheet: Any, row: int, column: int, text: str, form: Any) -> None:
    if text.startswith(_RUN) and text.endswith("</r>"):
        sheet.write_rich_string(row, column, text[0], text[1:3], text[3:], form)
    else:
        sheet.write_string(row, column, text, form)
