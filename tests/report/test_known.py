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


NOBODY = "nown since 2026-10-01, nobody is named to answer for it"


@pytest.mark.parametrize("form", [f for f in EVERY_TEXT if f not in NO_FINDING | {AssessmentFormat.JSON}])
def test_every_format_says_that_nobody_answers_for_what_is_known(form: AssessmentFormat) -> None:
    now = verdicts.build()
    gated = with_baseline(now, dataclasses.replace(now, as_of="2026-10-01T08:00:00Z", owner=""), "b", "0" * 64)
    text = " ".join(render(gated, form).decode().split())
    assert (NOBODY.removeprefix("nown ") if form is AssessmentFormat.TERMINAL else NOBODY) in text


def _lapsed() -> Assessment:
    now = verdicts.build()
    earlier = dataclasses.replace(now, as_of="2026-10-01T08:00:00Z", owner="Platform team")
    return with_baseline(now, earlier, "baseline.json", "0" * 64, 7)


@pytest.mark.parametrize("form", [f for f in EVERY_TEXT if f not in NO_FINDING | {AssessmentFormat.JSON}])
def test_every_format_says_what_is_known_for_too_long(form: AssessmentFormat) -> None:
    text = " ".join(render(_lapsed(), form).decode().split())
    assert "owner Platform team, for more than 7 days: no longer let through" in text


def test_what_lapsed_is_no_milder_than_what_is_new() -> None:
    """Level, skip and annotation are those without a baseline; SARIF tells that it is not new all the same."""
    lapsed, bare = _lapsed(), verdicts.build()
    lines = [render(side, AssessmentFormat.GITHUB).decode().splitlines() for side in (lapsed, bare)]
    assert [line.split()[0] for line in lines[0]] == [line.split()[0] for line in lines[1]]
    results = json.loads(render(lapsed, AssessmentFormat.SARIF))["runs"][0]["results"]
    assert {r["baselineState"] for r in results} == {"updated"}
    counted = [ET.fromstring(render(side, AssessmentFormat.JUNIT)).attrib for side in (lapsed, bare)]  # noqa: S314
    assert counted[0] == counted[1]


def test_the_last_days_of_an_entry_are_told() -> None:
    from auditor.report.known import Known

    now = verdicts.build()
    earlier = dataclasses.replace(now, as_of="2026-10-01T08:00:00Z", owner="Platform team")
    for as_of, told in (
        ("2027-08-02", ""),
        ("2027-09-03", ", let through until 2027-10-02"),
        ("2027-10-02", ", let through until 2027-10-02"),
    ):
        gated = with_baseline(dataclasses.replace(now, as_of=f"{as_of}T00:00:00Z"), earlier, "b", "")
        assert Known(gated).words("F-1") == f"k{SINCE}{told}"


def test_the_sentence_counts_what_lapsed_and_what_nobody_answers_for() -> None:
    from auditor.report.known import Known

    assert (
        Known(_lapsed())
        .summary()
        .endswith("0 findings new, 0 known since then or earlier, 1 known for more than 7 days and no longer let through")
    )
    now = verdicts.build()
    gated = with_baseline(now, dataclasses.replace(now, as_of="2026-10-01T08:00:00Z", owner=""), "b", "0" * 64)
    assert (
        Known(gated).summary().endswith("1 known since then or earlier, nobody is named to answer for 4 of what is let through")
    )


def test_a_hostile_owner_breaks_nothing() -> None:
    gated: Any = samples.hostile(_gated(sample_coder.build()), samples.HOSTILE)
    for form in EVERY_TEXT:
        assert render(gated, form)
