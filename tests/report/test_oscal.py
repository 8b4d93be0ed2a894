"""OSCAL: valid for NIST and for those who read it, and no unknown is ever satisfied."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import uuid
import warnings
from functools import cache
from typing import Any

import jsonschema
import pytest

from auditor.facts.assessment import Assessment
from auditor.report.oscal import build_plan, render_oscal
from auditor.report.oscal_text import moment, token
from tests.conftest import ROOT
from tests.report import samples, verdicts

_SCHEMA = ROOT / "third_party" / "oscal" / "oscal_complete_schema-1.2.3.json"


@cache
def _validator() -> jsonschema.Draft7Validator:
    """Return NIST's schema; Python's expressions know no ``\\p{L}`` and ``\\p{N}``, so these two are spelt out."""
    text = _SCHEMA.read_text(encoding="utf-8").replace("\\\\p{L}", "[^\\\\W\\\\d_]").replace("\\\\p{N}", "\\\\d")
    return jsonschema.Draft7Validator(json.loads(text))


def _document(assessment: Assessment) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_oscal(assessment))
    return document


def _plan(document: dict[str, Any]) -> dict[str, Any]:
    results = document["assessment-results"]
    resources = {f"#{r['uuid']}": r for r in results["back-matter"]["resources"]}
    plan: dict[str, Any] = json.loads(base64.b64decode(resources[results["import-ap"]["href"]]["base64"]["value"]))
    return plan


def _faults(document: dict[str, Any]) -> list[str]:
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in _validator().iter_errors(document)]


def _hostile(coder: Assessment) -> Assessment:
    return samples.hostile(coder, "{{ insert: param, x }}" + samples.HOSTILE + "x" * 10_000)


def _empty(coder: Assessment) -> Assessment:
    lists: dict[str, Any] = {f.name: () for f in dataclasses.fields(coder) if isinstance(getattr(coder, f.name), tuple)}
    return dataclasses.replace(coder, claim=None, **lists)


CASES = [lambda coder: coder, lambda _: verdicts.build(), _hostile, _empty]
IDS = ["sample", "verdicts", "hostile", "empty"]


def test_the_schema_still_refuses() -> None:
    """The two classes that were spelt out must not have made every token valid."""
    document = _document(verdicts.build())
    document["assessment-results"]["results"][0]["findings"][0]["target"]["target-id"] = "1 no token"
    assert _faults(document) != []


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_results_and_plan_are_valid_for_nist(coder: Assessment, case: Any) -> None:
    document = _document(case(coder))
    assert _faults(document) == []
    assert _faults(_plan(document)) == []


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_trestle_reads_it(coder: Assessment, case: Any) -> None:
    """The models of OSCAL 1.1.3, in which unknown fields are an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trestle.oscal import OSCAL_VERSION
        from trestle.oscal.assessment_plan import AssessmentPlan
        from trestle.oscal.assessment_results import AssessmentResults

        document = _document(case(coder))
        results = AssessmentResults.parse_obj(document["assessment-results"])
        plan = AssessmentPlan.parse_obj(_plan(document)["assessment-plan"])
    assert document["assessment-results"]["metadata"]["oscal-version"] == OSCAL_VERSION
    assert len(results.results) == 1
    assert plan.import_ssp.href.startswith("#")


def test_goldens(coder: Assessment, cursor: Assessment, golden: Any) -> None:
    golden("coder.oscal.json", render_oscal(coder).decode())
    golden("cursor.oscal.json", render_oscal(cursor).decode())


def test_each_verdict_has_its_state() -> None:
    result = _document(verdicts.build())["assessment-results"]["results"][0]
    status = {f["title"].split()[0]: f["target"]["status"] for f in result["findings"]}
    assert {name: (s["state"], s["reason"]) for name, s in status.items()} == {
        "P-1": ("satisfied", "pass"),
        "A-1": ("satisfied", "pass"),
        "F-1": ("not-satisfied", "fail"),
        "U-1": ("not-satisfied", "other"),
        "U-2": ("not-satisfied", "other"),
        "W-1": ("not-satisfied", "fail"),
    }
    assert status["A-1"]["remarks"] == "Not shown by evidence; attested by attest-1."
    assert status["W-1"]["remarks"] == "Waived by waiver-7."
    assert status["U-1"]["remarks"].startswith("Not proven: 1 question open. It blocks its profile.")
    assert "It does not block its profile." in status["U-2"]["remarks"]
    assert {r["status"] for r in result["risks"] if "waiver" in {p["name"] for p in r["props"]}} == {"deviation-approved"}
    assert [r["status"] for r in result["risks"]].count("open") == 1
    selected = {c["control-id"] for s in result["reviewed-controls"]["control-selections"] for c in s["include-controls"]}
    assert selected == {"P-1", "A-1", "F-1", "U-1", "U-2", "W-1"}


def test_every_reference_leads_somewhere(coder: Assessment) -> None:
    document = _document(coder)["assessment-results"]
    result = document["results"][0]
    observed = {o["uuid"] for o in result["observations"]}
    risked = {r["uuid"] for r in result["risks"]}
    known = {c["uuid"] for c in result["local-definitions"]["components"]}
    for finding in result["findings"]:
        assert {o["observation-uuid"] for o in finding.get("related-observations", [])} <= observed
        assert {r["risk-uuid"] for r in finding.get("related-risks", [])} <= risked
    assert {s["subject-uuid"] for o in result["observations"] for s in o.get("subjects", [])} <= known
    objectives = {
        p["id"] for o in build_plan(coder)["assessment-plan"]["local-definitions"]["objectives-and-methods"] for p in o["parts"]
    }
    assert {f["target"]["target-id"] for f in result["findings"]} == objectives


def test_identifiers_are_version_5_and_none_stands_twice(coder: Assessment) -> None:
    found = re.findall(r'"uuid": "([^"]+)"', render_oscal(coder).decode())
    assert {uuid.UUID(value).version for value in found} == {5}
    tool = max(set(found), key=found.count)
    assert [value for value in set(found) if found.count(value) > 1 and value != tool] == []


def test_markup_and_parameters_stay_text() -> None:
    whole = verdicts.build()
    odd = dataclasses.replace(whole.controls[0], title="{{ insert: param, a }} *b* <i> [c](d)")
    finding = _document(dataclasses.replace(whole, controls=(odd,)))["assessment-results"]["results"][0]["findings"][0]
    assert finding["title"] == r"P-1 \{\{ insert: param, a \}\} \*b\* \<i\> \[c\](d)"


@pytest.mark.parametrize(("text", "said"), [("AG-01", "AG-01"), ("_x", "_x"), ("Ä.1", "Ä.1")])
def test_a_token_stays(text: str, said: str) -> None:
    assert token(text) == said


def test_what_is_no_token_becomes_one_and_stays_apart() -> None:
    made = [token(text) for text in ("a b", "a_b ", "1a", "", "a\nb", "x" * 10_000 + "!")]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[^\W\d][\w.-]*", text) and len(text) < 80 for text in made)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-20T09:00:04.120000000Z", "2026-11-20T09:00:04Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("2026-11-20T01:00:00+02:00", "2026-11-19T23:00:00Z"),
        ("no time", "never"),
        ("", "never"),
    ],
)
def test_times(text: str, said: str) -> None:
    assert moment(text, "never") == said
