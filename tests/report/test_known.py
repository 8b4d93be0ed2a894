"""What the baseline knew is told in every format, beside the raw verdict."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from auditor.cli.formats import AssessmentFormat, render
from auditor.compare import with_baseline
from auditor.facts.assessment import Assessment
from tests.report import sample_coder, samples, verdicts
from tests.report.test_sarif import VALIDATOR

EVERY_TEXT = [f for f in AssessmentFormat if f not in (AssessmentFormat.XLSX, AssessmentFormat.PDF)]
NO_FINDING = {AssessmentFormat.CSV_FLOWS, AssessmentFormat.CSV_LEDGER, AssessmentFormat.CSV_REGISTER}
SINCE = "nown since 2026-10-01, owner Platform team"


def _gated(now: Assessment) -> Assessment:
    earlier = dataclasses.replace(now, as_of="2026-10-01T08:00:00Z", owner="Platform team")
    return with_baseline(now, earlier, "baseline.json", "0" * 64)


@pytest.mark.parametrize("form", [f for f in EVERY_TEXT if f not in NO_FINDING | {AssessmentFormat.JSON}])
def test_every_format_says_since_when_a_finding_is_known(form: AssessmentFormat) -> None:
    text = " ".join(render(_gated(verdicts.build()), form).decode().split())
    shown = SINCE.removeprefix("nown ") if form is AssessmentFormat.TERMINAL else SINCE
    assert shown in text
    assert shown not in render(verdicts.build(), form).decode()


def test_the_workbook_and_the_document_say_it_too() -> None:
    from auditor.report.pdf_content import content
    from auditor.report.workbook import sheets

    gated = _gated(verdicts.build())
    assert SINCE in json.dumps(content(gated)).replace("\\u200b", "")
    told = {title: [c for row in table.rows for c in row if isinstance(c, str) and SINCE in c] for title, table in sheets(gated)}
    assert {title: len(cells) for title, cells in told.items() if cells} == {"Verdicts": 3, "Findings": 1, "Open points": 1}


def test_sarif_says_which_results_are_new() -> None:
    log = json.loads(render(_gated(verdicts.build()), AssessmentFormat.SARIF))
    results = log["runs"][0]["results"]
    assert [(r["ruleId"], r["baselineState"], r["level"]) for r in results] == [
        ("F-1", "unchanged", "error"),
        ("U-1/unknown", "unchanged", "error"),
        ("U-2/unknown", "unchanged", "warning"),
    ]
    now = verdicts.build()
    earlier = dataclasses.replace(now, as_of="2026-10-01T08:00:00Z", findings=())
    fresh = json.loads(render(with_baseline(now, earlier, "b", ""), AssessmentFormat.SARIF))["runs"][0]["results"][0]
    assert fresh["baselineState"] == "new"
    assert "baselineState" not in render(now, AssessmentFormat.SARIF).decode()
    VALIDATOR.validate(log)


def test_junit_skips_what_is_known_as_a_whole_and_names_the_verdict() -> None:
    root = ET.fromstring(render(_gated(verdicts.build()), AssessmentFormat.JUNIT))  # noqa: S314 -- our own output
    assert (root.attrib["failures"], root.attrib["errors"], root.attrib["skipped"]) == ("0", "0", "5")
    messages = [s.attrib["message"] for s in root.iter("skipped")]
    assert f"fail, k{SINCE}" in messages
    assert f"unknown, k{SINCE}" in messages


def test_annotations_of_what_is_known_are_notices() -> None:
    lines = render(_gated(verdicts.build()), AssessmentFormat.GITHUB).decode().splitlines()
    assert {line.split()[0] for line in lines} == {"::notice"}


def test_an_open_point_is_known_only_where_each_of_its_controls_is() -> None:
    now = verdicts.build()
    earlier = dataclasses.replace(
        now,
        as_of="2026-10-01T08:00:00Z",
        controls=tuple(dataclasses.replace(c, unknowns=()) if c.id == "U-2" else c for c in now.controls),
    )
    from auditor.report.view import build_view

    assert [u.known for u in build_view(with_baseline(now, earlier, "b", "")).unknowns] == [""]
    assert [u.known for u in build_view(_gated(now)).unknowns] == [f"k{SINCE}"]


def test_the_sentences_that_are_signed_name_the_baseline() -> None:
    from auditor.report.statement import digest_register, finding_sentences

    gated = _gated(verdicts.build())
    said = "Measured against the assessment of 2026-10-01 08:00:00 UTC: 0 findings new, 1 known since then or earlier."
    assert said in finding_sentences(gated)
    assert ("baseline", "baseline.json", "0" * 64) in digest_register(gated)


def test_a_hostile_owner_breaks_nothing() -> None:
    gated: Any = samples.hostile(_gated(sample_coder.build()), samples.HOSTILE)
    for form in EVERY_TEXT:
        assert render(gated, form)
