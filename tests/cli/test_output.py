"""Every format bears every assessment: hostile, with very long names, and with nothing in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.cli.output import STDOUT, write_result
from auditor.facts.assessment import Assessment
from auditor.report.escape import clean
from tests.report import sample_coder, samples

FORMATS = list(AssessmentFormat)
BINARY = {AssessmentFormat.XLSX, AssessmentFormat.PDF}
"""No text: test_xlsx.py and test_pdf.py read them as their readers do."""
_LINE_ENDS = str.maketrans("", "", "\r\n\ufeff")


@pytest.fixture(scope="module")
def hostile() -> Assessment:
    return samples.hostile(sample_coder.build(), samples.HOSTILE + "x" * 10_000)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in {AssessmentFormat.HTML, *BINARY}])
def test_no_hidden_character_reaches_a_reader(hostile: Assessment, form: AssessmentFormat) -> None:
    """Only ``json`` keeps them, because it must read back unchanged; the page has its own tests (test_html.py)."""
    text = render(hostile, form).decode()
    assert "x" * 300 in text.replace("\n", "").replace(" ", "")
    if form is not AssessmentFormat.JSON:
        assert clean(text.translate(_LINE_ENDS)) == text.translate(_LINE_ENDS)


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_assessment_gives_the_same_bytes(form: AssessmentFormat) -> None:
    assert render(sample_coder.build(), form, Rendering("deploy")) == render(sample_coder.build(), form, Rendering("deploy"))


@pytest.mark.parametrize("form", FORMATS)
def test_an_assessment_of_nothing_is_borne(form: AssessmentFormat) -> None:
    full = sample_coder.build()
    lists: dict[str, Any] = {f.name: () for f in dataclasses.fields(full) if isinstance(getattr(full, f.name), tuple)}
    empty = dataclasses.replace(full, claim=None, **lists)
    data = render(empty, form)
    assert data if form in BINARY else "✓ pass" not in data.decode()


def test_a_result_goes_whole_to_a_file_or_to_stdout(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_result(STDOUT, b"a\r\n", "x", quiet=False)
    write_result(tmp_path / "b", b"b\r\n", "csv report", quiet=False)
    assert (tmp_path / "b").read_bytes() == b"b\r\n"
    out, err = capsysbinary.readouterr()
    assert (out, err) == (b"a\r\n", f"csv report: {tmp_path / 'b'}\n".encode())
