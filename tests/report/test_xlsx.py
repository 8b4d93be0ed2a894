from __future__ import annotations

import io
import re
import sys
import xml.etree.ElementTree as ET
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from auditor.errors import UsageError
from auditor.facts.assessment import Assessment
from auditor.report import xlsx
from auditor.report.escape import clean
from auditor.report.tables import Table
from auditor.report.workbook import sheets
from auditor.report.xlsx import render_workbook, render_xlsx
from tests.report import samples, verdicts

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _cells(data: bytes) -> list[list[list[str]]]:
    """Return the texts of every sheet as a spreadsheet program reads them."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        shared = [
            "".join(t.text or "" for t in item.iter(f"{_NAMESPACE}t"))
            for item in ET.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 -- written two lines above
        ]
        names = sorted((n for n in book.namelist() if "worksheets/" in n), key=lambda n: int(re.findall(r"\d+", n)[0]))
        read = []
        for name in names:
            tree = ET.fromstring(book.read(name))  # noqa: S314
            assert list(tree.iter(f"{_NAMESPACE}f")) == []
            assert list(tree.iter(f"{_NAMESPACE}hyperlink")) == []
            rows: list[list[str]] = []
            for row in tree.iter(f"{_NAMESPACE}row"):
                values = {c.get("r", "").rstrip("0123456789"): c for c in row.iter(f"{_NAMESPACE}c")}
                width = len(rows[0]) if rows else len(values)
                rows.append([_value(values.get(get_column_letter(n + 1)), shared) for n in range(width)])
            read.append(rows)
    return read


def _value(cell: ET.Element | None, shared: list[str]) -> str:
    """Return what a cell holds: no cell is an empty one."""
    if cell is None:
        return ""
    value = cell.findtext(f"{_NAMESPACE}v") or ""
    return shared[int(value)] if cell.get("t") == "s" else value


def test_every_sheet_holds_its_table(coder: Assessment) -> None:
    expected = [[list(table.heads), *([clean(str(value)) for value in row] for row in table.rows)] for _, table in sheets(coder)]
    assert _cells(render_xlsx(coder)) == expected


def test_goldens(coder: Assessment, golden: Any) -> None:
    lines = (line for title, table in sheets(coder) for line in (f"[{title}]", *(" | ".join(map(str, r)) for r in table.rows)))
    golden("coder.xlsx.txt", "\n".join(lines) + "\n")


def test_each_verdict_stands_beside_the_raw_one() -> None:
    found = {row[0]: (row[2], row[3]) for row in dict(sheets(verdicts.build()))["Verdicts"].rows}
    assert found == {
        "profile p": ("fail", "fail"),
        "P-1": ("pass", "pass"),
        "A-1": ("pass", "unknown"),
        "F-1": ("fail", "fail"),
        "U-1": ("unknown", "unknown"),
        "U-2": ("unknown", "unknown"),
        "W-1": ("pass", "fail"),
        "N-1": ("not_applicable", "not_applicable"),
    }


def test_hostile_text_is_text_in_every_cell(coder: Assessment) -> None:
    for start in ("=HYPERLINK(1)", "+1", "-1", "@x", "https://evil.example", "12345", "{=1}"):
        hostile = samples.hostile(coder, start + samples.HOSTILE)
        read = _cells(render_xlsx(hostile))
        assert [len(rows) for rows in read] == [len(table.rows) + 1 for _, table in sheets(hostile)]
        assert any(value.startswith(start) for rows in read for row in rows for value in row)


def test_more_rows_than_a_sheet_holds_are_refused_and_not_cut(coder: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    with pytest.raises(UsageError, match="rows of the sheet"):
        render_xlsx(coder)


@pytest.mark.parametrize(
    "text",
    [
        "<r><t>bold</t></r>",
        "<r></si><si><t>x</t></si></r>",
        "<r></r>",
        "<r>_x0041_</r>",
        "_x0041_x0042_",
        "&amp;",
        "]]>",
        " lead",
        "trail ",
        "=1+1",
    ],
)
def test_a_text_that_looks_like_the_format_is_shown_literally(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_workbook((("A", Table(("head",), ((text,),))),))))
    assert [[cell.value for cell in row] for row in book["A"].rows] == [["head"], [text]]
    assert [cell.data_type for row in book["A"].rows for cell in row] == ["s", "s"]


def test_a_program_that_reads_workbooks_reads_ours(coder: Assessment) -> None:
    """By openpyxl, which shares no code with us: sheets, texts, numbers, frozen heads, filters, one style a kind of cell."""
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(coder)))
    assert book.sheetnames == [title for title, _ in sheets(coder)]
    assert book.properties.created.year == 1980
    for title, table in sheets(coder):
        sheet = book[title]
        read = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=len(table.heads))]
        expected = [[clean(value) if isinstance(value, str) else value for value in row] for row in (table.heads, *table.rows)]
        assert read == [[value if value != "" else None for value in row] for row in expected]
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == (sheet.dimensions if table.rows else None)
        assert all(cell.font.bold and cell.alignment.wrap_text for cell in sheet[1])
        written = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
        assert not any(cell.font.bold for cell in written)
        assert all(cell.alignment.wrap_text and cell.alignment.vertical == "top" for cell in written)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x" * 32_767, "x" * 32_767),
        ("x" * 32_768, "x" * 32_766 + "…"),
        ("🦊" * 16_383, "🦊" * 16_383),
        ("🦊" * 16_384, "🦊" * 16_383 + "…"),
        ("x" + "🦊" * 16_384, "x" + "🦊" * 16_382 + "…"),
    ],
)
def test_a_text_longer_than_a_cell_is_cut_where_a_reader_sees_it(text: str, kept: str) -> None:
    """A cell counts UTF-16: characters beyond the first plane once were cut without an ellipsis."""
    book = openpyxl.load_workbook(io.BytesIO(render_workbook((("A", Table(("head",), ((text,),))),))))
    assert book["A"]["A2"].value == kept


def test_without_the_extra_it_says_what_to_install(coder: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(UsageError) as caught:
        render_xlsx(coder)
    assert "auditor[xlsx]" in caught.value.diagnostics()[0].next_step


def test_no_clock_and_no_machine_is_in_the_file(coder: Assessment) -> None:
    with zipfile.ZipFile(io.BytesIO(render_xlsx(coder))) as book:
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
