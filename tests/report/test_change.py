"""A change leads every report, and stays literal, whole and bounded whatever its texts hold."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from auditor.cli.formats import AssessmentFormat, Rendering, render
from auditor.compare import with_change
from auditor.facts.assessment import Assessment, StepRecord
from auditor.facts.evidence import FileLocation
from auditor.facts.gate import Alteration
from auditor.report.change import step_words
from auditor.report.escape import clean
from auditor.report.html import render_html
from auditor.report.pdf_content import content
from auditor.report.workbook import sheets
from tests.report import sample_coder, samples
from tests.report.test_sarif import VALIDATOR

ALTERATION = Alteration("zones/corp", "adds hosts *.example", FileLocation("auditor.yaml", "0" * 64, 12, 3, "hosts: [x]"))
STEP = StepRecord(
    "adds", True, "workspace", "api.anthropic.com", ("content.prompt",), ("content.prompt",), "f", "values-prod.yaml", 41
)
LED = "adds workspace → api.anthropic.com with prompts (values-prod.yaml:41)"
_LINE_ENDS = str.maketrans("", "", "\r\n\ufeff")


@pytest.fixture(scope="module")
def changed() -> Assessment:
    """The sample as a change that adds one flow and alters the perimeter."""
    sample = sample_coder.build()
    made = with_change(sample, sample, ("main", "1234567890" * 4), [ALTERATION], approved=False)
    assert made.base is not None
    return dataclasses.replace(made, base=dataclasses.replace(made.base, steps=(STEP,)))


def test_goldens(changed: Assessment, golden: Any) -> None:
    golden("change.md", render(changed, AssessmentFormat.MARKDOWN).decode())
    golden("change.txt", render(changed, AssessmentFormat.TERMINAL).decode())
    golden("change.github", render(changed, AssessmentFormat.GITHUB, Rendering("deploy/prod")).decode())


def test_a_step_says_how_sure_it_is() -> None:
    assert step_words(STEP) == LED
    unsure = dataclasses.replace(STEP, certain=False, sends_at_least=())
    assert step_words(unsure).startswith("may add workspace → api.anthropic.com with possibly prompts")
    assert step_words(dataclasses.replace(STEP, kind="removes", path="")) == (
        "removes workspace → api.anthropic.com with prompts"
    )


def test_every_report_leads_with_the_change(changed: Assessment) -> None:
    assert render(changed, AssessmentFormat.TERMINAL).decode().splitlines()[:2] == [
        "What the change does, against main (123456789012):",
        f"  {LED}",
    ]
    page = render_html(changed)
    assert page.index(LED) < page.index('id="scope"')
    assert 'href="#change"' in page
    text = render(changed, AssessmentFormat.MARKDOWN).decode()
    assert text.index("adds workspace") < text.index("## Planes")
    assert content(changed)["sections"][0]["title"].startswith("What the change does")
    assert [title for title, _ in sheets(changed)][1] == "Change"
    log = json.loads(render(changed, AssessmentFormat.SARIF))
    VALIDATOR.validate(log)
    assert log["runs"][0]["properties"]["change"] == [LED]
    root = ET.fromstring(render(changed, AssessmentFormat.JUNIT))  # noqa: S314 -- our own output
    assert (root.findtext("./testsuite/system-out") or "").splitlines()[0] == LED


def test_a_deployment_judged_as_it_is_has_no_change() -> None:
    sample = sample_coder.build()
    assert 'id="change"' not in render_html(sample)
    assert "Change" not in [title for title, _ in sheets(sample)]


def test_hostile_texts_stay_literal(changed: Assessment) -> None:
    hostile = samples.hostile(changed, samples.HOSTILE)
    for form in (AssessmentFormat.TERMINAL, AssessmentFormat.MARKDOWN, AssessmentFormat.GITHUB, AssessmentFormat.SARIF):
        text = render(hostile, form).decode()
        assert clean(text.translate(_LINE_ENDS)) == text.translate(_LINE_ENDS)
    assert "<script>alert" not in render_html(hostile)
    plain, found = (ET.fromstring(render(a, AssessmentFormat.JUNIT)) for a in (changed, hostile))  # noqa: S314 -- our own
    assert {e.tag for e in found.iter()} <= {e.tag for e in plain.iter()} | {"system-err"}


def test_many_steps_are_counted_in_a_summary(changed: Assessment) -> None:
    assert changed.base is not None
    many = dataclasses.replace(changed, base=dataclasses.replace(changed.base, steps=(STEP,) * 80))
    assert "… and 30 steps more in the report." in render(many, AssessmentFormat.MARKDOWN).decode()
    assert "… and 30 more in the report." in render(many, AssessmentFormat.TERMINAL).decode()
