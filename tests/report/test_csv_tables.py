from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from auditor.facts.assessment import Assessment
from auditor.report.csv_tables import findings_csv, flows_csv, ledger_csv
from auditor.report.escape import cell
from auditor.report.view import build_view
from tests.report import samples

WRITERS = (findings_csv, flows_csv, ledger_csv)


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("write", WRITERS)
def test_goldens(coder: Assessment, cursor: Assessment, golden: Any, write: Callable[[Assessment], bytes]) -> None:
    name = write.__name__.replace("_csv", "")
    golden(f"coder.{name}.csv", write(coder).decode("utf-8-sig").replace("\r\n", "\n"))
    golden(f"cursor.{name}.csv", write(cursor).decode("utf-8-sig").replace("\r\n", "\n"))
    assert write(coder).startswith(b'\xef\xbb\xbf"')
    assert write(coder).count(b"\n") == write(coder).count(b"\r\n")


@pytest.mark.parametrize("write", WRITERS)
def test_hostile_text_is_no_formula_and_breaks_no_row(coder: Assessment, write: Callable[[Assessment], bytes]) -> None:
    for start in ("=", "+", "-", "@", " =", "\t=", "＝"):
        hostile = samples.hostile(coder, f'{start}HYPERLINK("https://evil.example";"x")\r\n,";' + samples.HOSTILE)
        rows = _rows(write(hostile))
        assert len(rows) == len(_rows(write(coder)))
        assert all(None not in row and None not in row.values() for row in rows)
        cells = [value for row in rows for value in row.values()]
        assert not [value for value in cells if value.lstrip()[:1] in {*"=+-@＝＋－＠"} and value]
        assert any("<script>alert(1)</script>" in value for value in cells)


@pytest.mark.parametrize(
    ("text", "shown"), [("-1", "'-1"), ("", ""), ("a=1", "a=1"), (" @x", "' @x"), ("x" * 40_000, "x" * 32_766 + "…")]
)
def test_a_cell(text: str, shown: str) -> None:
    assert cell(text) == shown


def test_the_ledger_has_a_line_for_every_channel_of_the_report_and_splits_no_bytes(coder: Assessment) -> None:
    rows = _rows(ledger_csv(coder))
    assert [row["channel"] for row in rows] == [c.label for group in build_view(coder).ledger for c in group.channels]
    sent = {c.id: c.payload_out for c in coder.channels}
    assert sum(int(row["channel_bytes_to_recipient"]) for row in rows) == sum(count or 0 for count in sent.values())
    assert {row["transfer_mechanism"] for row in rows} == {""}


def test_every_flow_and_finding_has_its_line(coder: Assessment) -> None:
    assert [row["flow"] for row in _rows(flows_csv(coder))] == [flow.id for flow in coder.flows]
    rows = _rows(findings_csv(coder))
    assert (len(rows), [row["waived_by"] for row in rows if row["waived_by"]]) == (len(coder.findings), ["W-1"])
