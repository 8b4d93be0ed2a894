from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import UsageError
from auditor.facts.assessment import Assessment
from auditor.report.escape import clean, shortened
from auditor.report.pdf import NO_GLYPH, render_pdf
from auditor.report.pdf_content import BREAK, content, ranges
from auditor.report.statement import digest_register, finding_sentences
from auditor.report.view import build_view
from tests.report import samples, verdicts


def _bare(text: str) -> str:
    return re.sub(rf"\s|{BREAK}|\u00ad", "", text)


def _extracted(data: bytes, folder: Path, *options: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (folder / "report.pdf").write_bytes(data)
    command = ["pdftotext", "-raw", *options, str(folder / "report.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_goldens(coder: Assessment, golden: Any) -> None:
    """The data of the template; that the document shows it, the next test tells."""
    golden("coder.pdf.json", json.dumps(content(coder), ensure_ascii=False, indent=1).replace(BREAK, "") + "\n")


def test_the_text_is_that_of_the_view_model(coder: Assessment, cursor: Assessment, tmp_path: Path) -> None:
    for assessment in (coder, cursor):
        data = content(assessment)
        text = _extracted(render_pdf(assessment), tmp_path)
        found = re.sub(_bare(data["footer"]) + r"page\d+of\d+", "", _bare(text))
        for section in data["sections"]:
            heads = _bare("".join(section["heads"]))
            for row in section["rows"]:
                # A page break inside a row repeats the heads of its table.
                assert all(_bare(cell) in found or _bare(cell) in found.replace(heads, "") for cell in row), row
        assert NO_GLYPH not in text


def test_every_part_of_the_view_model_is_in_the_document(coder: Assessment, cursor: Assessment) -> None:
    """Told from the view model and not from the document's own data: a section that is left out is missed here."""
    for assessment in (coder, cursor):
        view = build_view(assessment)
        told = _bare("".join(cell for section in content(assessment)["sections"] for row in section["rows"] for cell in row))
        parts: dict[str, list[str]] = {
            "scope": [value for _, value in view.scope],
            "profiles": [profile.sentence for profile in view.profiles],
            "planes": [plane.title for plane in view.planes],
            "ladder": [title for _, title, _ in view.ladder],
            "findings": [finding.title for finding in view.findings],
            "ledger": [
                text for group in view.ledger for c in group.channels for text in (group.operator, group.law, c.label, c.data)
            ],
            "stores": [store.title for store in view.stores],
            "flows": [flow.purpose for flow in view.flows],
            "controls": [control.sentence for control in view.controls],
            "open points": [point.text for point in view.unknowns],
            "exceptions": [text for exception in view.exceptions for text in (exception.id, exception.reason, exception.by)],
            "coverage": [record.id for record in view.coverage],
            "evidence": [entry.text for entry in view.evidence],
            "inputs": [path for path, *_ in view.inputs],
        }
        assert {name: [t for t in texts if _bare(shortened(clean(t), 1_000)) not in told] for name, texts in parts.items()} == {
            name: [] for name in parts
        }


def test_each_verdict_stands_beside_the_raw_one() -> None:
    sections = {section["title"]: section["rows"] for section in content(verdicts.build())["sections"]}
    assert {row[0].split(",")[0]: row[2] for row in sections["Controls"]} == {
        "P-1": "pass",
        "A-1": "pass (raw: unknown)",
        "F-1": "fail",
        "U-1": "unknown",
        "U-2": "unknown",
        "W-1": "pass (raw: fail)",
        "N-1": "not_applicable",
    }


def test_every_piece_of_evidence_of_a_finding_is_named(coder: Assessment) -> None:
    """A hundred pieces of evidence once hit the cut of a cell in the middle of one."""
    many = tuple(dataclasses.replace(coder.evidence[0], id=f"E-{n}") for n in range(1, 301))
    finding = dataclasses.replace(coder.findings[0], evidence=tuple(e.id for e in many if e.id != "E-150"))
    whole = content(dataclasses.replace(coder, evidence=many, findings=(finding,)))
    cell = next(s for s in whole["sections"] if s["title"].startswith("Findings"))["rows"][0][4].replace(BREAK, "")
    assert cell.endswith("; and E-4 to E-149, E-151 to E-300")
    assert "…" not in cell


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([], ""),
        (["E-1"], "E-1"),
        (["E-1", "E-2"], "E-1, E-2"),
        (["E-9", "E-10", "E-11"], "E-9 to E-11"),
        (["E-2", "E-1"], "E-2, E-1"),
        (["x", "y-٣", "y-4"], "x, y-٣, y-4"),
    ],
)
def test_neighbouring_ids_are_a_range(ids: list[str], said: str) -> None:
    assert ranges(ids) == said


def test_page_one_holds_the_finding_and_the_overall_digest(coder: Assessment, tmp_path: Path) -> None:
    page = _bare(_extracted(render_pdf(coder), tmp_path, "-l", "1"))
    assert coder.digest in page
    assert all(_bare(sentence) in page for sentence in finding_sentences(coder))


def test_every_digest_is_in_the_register(coder: Assessment, tmp_path: Path) -> None:
    text = _bare(_extracted(render_pdf(coder), tmp_path))
    assert {digest for _, _, digest in digest_register(coder)} >= {i.sha256 for i in coder.inputs}
    assert all(digest in text for _, _, digest in digest_register(coder))


def test_it_is_tagged_and_says_that_it_is_accessible(coder: Assessment) -> None:
    data = render_pdf(coder)
    assert data.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in data
    assert b"pdfuaid:part" in data or b"pdfuaid" in data


def test_hostile_text_is_shown_and_a_missing_glyph_is_told(coder: Assessment, tmp_path: Path) -> None:
    hostile = samples.hostile(coder, '#panic("x") *b* $x$ ' + samples.HOSTILE + "x" * 10_000)
    text = _bare(_extracted(render_pdf(hostile), tmp_path))
    assert '#panic("x")*b*$x$"><script>alert(1)</script>' in text
    foreign = samples.hostile(coder, "中文")
    assert _bare(NO_GLYPH) in _bare(_extracted(render_pdf(foreign), tmp_path))


def test_without_the_extra_it_says_what_to_install(coder: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(UsageError) as caught:
        render_pdf(coder)
    assert "auditor[pdf]" in caught.value.diagnostics()[0].next_step
