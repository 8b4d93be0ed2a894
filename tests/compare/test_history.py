"""A history: order by date, what appeared and vanished, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from auditor.cli.formats import HistoryFormat, render_history
from auditor.compare import difference, history
from auditor.errors import UsageError
from auditor.facts.assessment import Assessment
from auditor.report.assessment_json import dump_assessment
from auditor.report.escape import clean
from tests.report import sample_coder, samples


def steps() -> tuple[Assessment, Assessment, Assessment]:
    """Return three months: one finding is mended in the second, comes back in the third, and another appears."""
    base = samples.real_kinds(sample_coder.build())
    first, second, *_ = base.findings
    march = dataclasses.replace(base, as_of="2026-03-01T00:00:00Z", findings=base.findings[:1], digest="a" * 64)
    april = dataclasses.replace(base, as_of="2026-04-01T00:00:00Z", findings=(), digest="b" * 64)
    may = dataclasses.replace(base, as_of="2026-05-01T00:00:00Z", findings=(first, second), digest="c" * 64)
    return march, april, may


def test_assessments_stand_in_the_order_of_their_dates() -> None:
    march, april, may = steps()
    found = history([may, march, april])
    assert [point.as_of[:7] for point in found.points] == ["2026-03", "2026-04", "2026-05"]
    assert found.steps == (difference(march, april), difference(april, may))
    assert [(point.findings, point.digest[0]) for point in found.points] == [(1, "a"), (0, "b"), (2, "c")]


def test_a_finding_tells_when_it_was_there() -> None:
    march, april, may = steps()
    found = history([march, april, may])
    assert {span.id: span.held for span in found.spans} == {
        may.findings[0].id: (True, False, True),
        may.findings[1].id: (False, False, True),
    }
    gone = history([march, april])
    assert [span.held for span in gone.spans] == [(True, False)]


def test_what_is_no_history_is_refused() -> None:
    march, april, _ = steps()
    with pytest.raises(UsageError, match="one assessment has no history"):
        history([march])
    with pytest.raises(UsageError, match="several deployments"):
        history([march, dataclasses.replace(april, deployment="another")])


def test_the_page_says_what_happened_and_stays_literal() -> None:
    text = render_history(history(steps()), HistoryFormat.HTML).decode()
    for word in ("appeared", "vanished", "still there", "not there"):
        assert (word in text) is (word != "still there")
    hostile = samples.replace_texts(
        history(steps()), samples.HOSTILE, frozenset({"as_of", "claim", "kind", "change", "certainty"})
    )
    page = render_history(hostile, HistoryFormat.HTML).decode()
    assert "<script" not in page
    assert "{{7*7}}" in page
    assert clean(page.replace("\n", "")) == page.replace("\n", "")


@pytest.mark.parametrize("form", list(HistoryFormat))
def test_the_same_assessments_give_the_same_bytes(form: HistoryFormat) -> None:
    assert render_history(history(steps()), form) == render_history(history(steps()[::-1]), form)


def test_the_command_reads_files_and_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[Any]) -> None:
    paths = []
    for number, assessment in enumerate(steps()):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_bytes(dump_assessment(assessment))
    assert main(["history", *map(str, reversed(paths)), "-o", f"html:{tmp_path / 'h.html'}"]) == 0
    out = capsys.readouterr().out
    assert "coder-mislabelled: 3 assessments" in out
    assert "2026-05-01 (operate) against 2026-04-01 (operate)" in out
    assert "went from" in (tmp_path / "h.html").read_text() or "stayed" in (tmp_path / "h.html").read_text()
    assert main(["history", str(paths[0])]) == 2
    assert main(["history", str(paths[0]), str(tmp_path / "none.json")]) == 4
