"""The workbook: every table of the assessment, one a sheet, as Office Open XML (ECMA-376 part 1, SpreadsheetML).

Every text is a shared string, so that no cell is ever a formula or a link, whatever it begins with; only our own counts are
numbers. Creation date and zip entries are fixed: same assessment, same bytes. The parts are written here and by no library:
the one that did (XlsxWriter) took a text between ``<r>`` and ``</r>`` for markup, and needed four times as long.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache

from auditor.errors import Diagnostic, UsageError
from auditor.facts.assessment import Assessment
from auditor.report import xlsx_parts
from auditor.report.escape import LONGEST_CELL, clean, shortened, svg_text
from auditor.report.tables import Row, Table
from auditor.report.workbook import sheets

MOST_ROWS = 1_048_575
"""Rows of a sheet below its heads (Microsoft, "Excel specifications and limits")."""
_LARGEST_EXACT = 2**53
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_WIDTHS = {"sentence": 60, "reason": 50, "text": 60, "finding": 40, "title": 60, "help": 60, "excerpt": 40}
_CODED = re.compile(r"_(?=x[0-9a-fA-F]{4}_)")
"""The beginning of what Excel reads as a character: ``_x0041_`` is A (ECMA-376 part 1, 22.9.2.19, ST_Xstring)."""


def render_xlsx(assessment: Assessment) -> bytes:
    """Return the workbook of an assessment.

    Raises:
        UsageError: as ``render_workbook``.
    """
    return render_workbook(sheets(assessment))


def render_workbook(tables: Sequence[tuple[str, Table]]) -> bytes:
    """Return the workbook with one sheet a table: (title, table).

    Raises:
        UsageError: a table has more rows than a sheet can hold.
    """
    texts: dict[str, int] = {}
    filled = [(title, _sheet(title, table, texts)) for title, table in tables]
    titles = tuple(title for title, _ in tables)
    filtered = {title: _range(table) for title, table in tables if table.rows}
    parts = {
        **xlsx_parts.package(titles, filtered),
        **{f"xl/worksheets/sheet{n}.xml": text for n, (_, text) in enumerate(filled, 1)},
        "xl/sharedStrings.xml": _shared(texts),
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            book.writestr(entry, text.encode())
    return written.getvalue()


def _sheet(title: str, table: Table, texts: dict[str, int]) -> str:
    """Return the part of a sheet; ``texts`` numbers every text that any sheet holds, as it comes."""
    if len(table.rows) > MOST_ROWS:
        raise UsageError(
            Diagnostic(
                what=f"cannot write xlsx: {len(table.rows)} rows of the sheet {title}",
                why=f"a sheet holds {MOST_ROWS}",
                next_step="write json, csv-flows or csv-ledger",
            )
        )
    letters = tuple(_letter(column) for column in range(len(table.heads)))
    rows = [_row(1, table.heads, letters, xlsx_parts.HEAD, texts)]
    rows += [_row(n, row, letters, xlsx_parts.BODY, texts) for n, row in enumerate(table.rows, 2)]
    widths = [_WIDTHS.get(name, max(10, min(24, len(name) + 2))) for name in table.heads]
    return xlsx_parts.sheet("".join(rows), widths, _range(table), filtered=bool(table.rows))


def _row(number: int, row: Row, letters: tuple[str, ...], style: int, texts: dict[str, int]) -> str:
    """Return a row; an empty cell is left out."""
    cells = []
    for letter, value in zip(letters, row, strict=True):
        if isinstance(value, int) and abs(value) <= _LARGEST_EXACT:
            cells.append(f'<c r="{letter}{number}" s="{style}"><v>{value}</v></c>')
        elif value != "":
            index = texts.setdefault(str(value), len(texts))
            cells.append(f'<c r="{letter}{number}" s="{style}" t="s"><v>{index}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _shared(texts: dict[str, int]) -> str:
    """Return the part of the shared strings, each cleaned and shown literally."""
    return xlsx_parts.shared(_item(text) for text in texts)


def _item(raw: str) -> str:
    text = shortened(clean(raw), LONGEST_CELL)
    literal = _CODED.sub("_x005F_", svg_text(text))
    return f'<si><t xml:space="preserve">{literal}</t></si>' if text != text.strip() else f"<si><t>{literal}</t></si>"


def _range(table: Table) -> str:
    return f"A1:{_letter(len(table.heads) - 1)}{len(table.rows) + 1}"


@cache
def _letter(column: int) -> str:
    """Return the name of a column: 0 is A, 26 is AA."""
    return "".join(reversed(tuple(_digits(column))))


def _digits(column: int) -> Iterator[str]:
    while column >= 0:
        column, digit = divmod(column, 26)
        yield chr(ord("A") + digit)
        column -= 1
