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
from auditor.report.page import Depth
from auditor.report.pdf import NO_GLYPH, render_pdf
from auditor.report.pdf_content import BREAK, content
from auditor.report.pdf_sections import LONGEST_TEXT, MOST_ON_PAPER, ranges
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
            "flows": [flow.purpose for flow in view.flows if flow.style != "absent"],
            "controls": [control.sentence for control in view.controls],
            "open points": [point.text for point in view.unknowns],
            "exceptions": [text for exception in view.exceptions for text in (exception.id, exception.reason, exception.by)],
            "coverage": [record.id for record in view.coverage],
            "evidence": [entry.text for finding in view.findings for entry in finding.evidence],
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
    assert cell.endswith("; and E-2 to E-149, E-151 to E-300")
    assert "…" not in cell


def _sections(assessment: Assessment, depth: Depth) -> dict[str, Any]:
    return {section["title"]: section for section in content(assessment, depth)["sections"]}


def test_what_is_signed_comes_first_and_the_depth_says_how_much_of_the_annex(coder: Assessment) -> None:
    annexed = {d: [t for t, s in _sections(coder, d).items() if s["annex"]] for d in Depth}
    signed = {d: [t for t, s in _sections(coder, d).items() if not s["annex"]] for d in Depth}
    assert annexed == {
        Depth.SUMMARY: [],
        Depth.FINDINGS: ["Residency ledger", "Data at rest", "Glossary"],
        Depth.FULL: ["Residency ledger", "Data at rest", "Flows on four bases", "Evidence register", "Glossary"],
    }
    assert signed[Depth.SUMMARY] == signed[Depth.FINDINGS] == signed[Depth.FULL]
    assert list(_sections(coder, Depth.FULL)) == signed[Depth.FULL] + annexed[Depth.FULL]


def test_every_number_of_evidence_in_the_document_is_in_its_register(coder: Assessment, cursor: Assessment) -> None:
    for assessment in (coder, cursor):
        view, register = build_view(assessment), _sections(assessment, Depth.FULL)["Evidence register"]
        held = [row[0] for row in register["rows"]]
        cited = {e.id for f in view.findings for e in f.evidence}
        cited |= {e.label for f in view.flows if f.style != "absent" for e in f.evidence if e.anchor}
        cited |= {e.label for g in view.ledger for c in g.channels for e in c.evidence if e.anchor}
        assert cited <= set(held)
        left = len(view.evidence) - len(held)
        assert (f"{left} further entries" in register["lead"]) == (left > 0)


def test_flows_that_are_off_are_counted(cursor: Assessment) -> None:
    off = [dataclasses.replace(f, id=f"off-{n}", name="absent") for n, f in enumerate(cursor.flows[:2])]
    assessment = dataclasses.replace(cursor, flows=(*cursor.flows, *off))
    count = sum(1 for flow in assessment.flows if flow.name == "absent")
    assert _sections(assessment, Depth.FULL)["Flows on four bases"]["lead"].startswith(
        f"{count} flows that the products could have"
    )


def test_open_points_that_are_settled_alike_share_a_row_and_none_is_cut(coder: Assessment) -> None:
    one = coder.unknowns[0]
    texts = [f"{n}: " + "x" * 300 for n in range(7)]
    points = tuple(dataclasses.replace(one, id=f"u{n}", text=text) for n, text in enumerate(texts))
    other = dataclasses.replace(one, id="other", who="legal", text="Another.")
    rows = _sections(dataclasses.replace(coder, unknowns=(*points, other)), Depth.SUMMARY)["Open points"]["rows"]
    assert [row[1].replace(BREAK, "").split(" · ") for row in rows] == [texts[:3], texts[3:6], texts[6:], ["Another."]]
    assert all(len(row[1].replace(BREAK, "")) <= LONGEST_TEXT for row in rows)


def test_rows_beyond_what_paper_holds_are_counted(coder: Assessment) -> None:
    many = tuple(dataclasses.replace(coder.findings[0], id=f"F-{n}") for n in range(MOST_ON_PAPER + 3))
    section = _sections(dataclasses.replace(coder, findings=many), Depth.SUMMARY)["Findings, worst first"]
    assert len(section["rows"]) == MOST_ON_PAPER
    assert section["lead"].startswith("3 further rows are not printed here")


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
