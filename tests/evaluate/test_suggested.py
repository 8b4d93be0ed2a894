"""The cases in which audit tools have been wrong before (facts "policy and formats", end of section 7), each with its test.

``CASES`` names the test of every one of them; those that stand in this file are defined below.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from auditor.cli.boundary import CRASH
from auditor.errors import InvalidInputError
from auditor.evaluate import load_profile, shipped_profiles
from auditor.evaluate.expiry import InForce, days_left, in_force
from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.miniature import AS_OF, miniature
from auditor.evaluate.resolving import resolved
from auditor.facts.evidence import FileLocation
from auditor.facts.vocabulary import Verdict
from auditor.graph import build_graph
from auditor.report.alerts import alerts
from auditor.report.spots import Spots
from tests.conftest import ROOT
from tests.evaluate.test_loading import CONTROL, HEAD
from tests.report.verdicts import build

HERE = "evaluate/test_suggested.py"
CASES = {
    "missing operator": (HERE, "test_a_missing_operator_is_unknown"),
    "typo in data class": (HERE, "test_a_typo_in_a_data_class_is_refused_with_its_place"),
    "crashed check": (HERE, "test_a_crashed_check_is_no_pass"),
    "unparsable file": ("cli/test_bad_input.py", "test_malformed_yaml"),
    "empty capture": ("evaluate/test_traffic_sufficiency.py", "test_an_empty_capture_without_times_never_counts"),
    "too short a capture": (
        "evaluate/test_traffic_sufficiency.py",
        "test_the_window_is_the_least_over_the_vantages_relied_on",
    ),
    "expired profile": ("evaluate/test_assess.py", "test_an_expired_profile_is_an_error_and_an_expired_rung_unknown"),
    "waiver expired today": (HERE, "test_a_waiver_that_expires_today_holds_to_the_end_of_the_day"),
    "waiver that expires tomorrow": (HERE, "test_a_waiver_that_expires_tomorrow_holds"),
    "waiver in the wrong time zone": (HERE, "test_a_waiver_ends_with_its_day_in_utc_wherever_it_is_asked"),
    "waiver for a changed flow": ("evaluate/test_exceptions.py", "test_a_waiver_is_void_when_what_it_was_granted_on_changes"),
    "waiver matching nothing": ("evaluate/test_exceptions.py", "test_a_waiver_of_a_finding_that_is_gone_is_unused"),
    "attestation over FAIL": ("evaluate/test_exceptions.py", "test_an_attestation_never_lifts_a_fail"),
    "result without location": ("report/test_sarif.py", "test_every_result_has_what_github_demands"),
    "5,001 results": ("report/test_sarif.py", "test_limits_hold_and_what_is_left_out_is_counted"),
    "two identical fingerprints": (HERE, "test_two_findings_that_read_alike_have_fingerprints_of_their_own"),
    "label EU with a global inference profile": ("pipeline/test_places_of_processing.py", "test_the_model_id_decides"),
    "DNS-only exfiltration": (HERE, "test_data_that_leaves_by_name_lookups_alone"),
    "proxy variable with a process that ignores it": (HERE, "test_a_proxy_variable_that_a_process_ignores"),
    "configuration says block, capture shows connect": (HERE, "test_the_configuration_blocks_and_the_capture_shows_data"),
    "declared component never observed": (HERE, "test_a_declared_component_never_observed_is_still_judged"),
    "observed destination never declared": (HERE, "test_an_observed_destination_never_declared"),
    "Norway": ("evaluate/test_loading.py", "test_norway_and_versions_stay_text"),
}
PLACE = FileLocation("case.yaml", "0" * 64, 1, 1)
CONTROLS = {c.id: resolved(c) for name in shipped_profiles() for c in load_profile(name).controls}
CUSTOMER = {"perimeter": "inside", "operator": "customer", "hosted_by": "customer", "operator_country": "DE"}
BASE: dict[str, Any] = {
    "places": {
        "site": {**CUSTOMER, "processing": ["DE"], "storage": ["DE"]},
        "far": {"perimeter": "outside", "operator": "vendor", "hosted_by": "vendor", "processing": ["US"]},
    },
    "components": {
        "c/workspace": {"plane": "execution", "role": "workspace", "place": "site"},
        "c/model": {"plane": "inference", "role": "model_server", "place": "site"},
        "vendor/api": {"plane": "supporting", "role": "telemetry_sink", "place": "far"},
        "vendor/resolver": {"plane": "supporting", "role": "resolver", "place": "far"},
    },
    "flows": {"requests": {"from": "c/workspace", "to": "c/model", "sends": ["content.prompt"], "traffic": "data"}},
}


def verdicts(*controls: str, components: dict[str, Any] | None = None, flows: dict[str, Any] | None = None) -> list[str]:
    facts = {
        **BASE,
        "components": {**BASE["components"], **(components or {})},
        "flows": {**BASE["flows"], **(flows or {})},
    }
    judge = Judge(Scene(miniature(facts, "case", PLACE, build_graph)), AS_OF)
    return [judge.outcome(CONTROLS[c]).verdict.value for c in controls]


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_test_of_its_own_name(case: str) -> None:
    file, name = CASES[case]
    assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert [other for other, test in CASES.items() if test == (file, name)] == [case]


def test_a_typo_in_a_data_class_is_refused_with_its_place(tmp_path: Path) -> None:
    typo = CONTROL.replace("to: {perimeter: outside}", "to: {perimeter: outside}, data: [content.prompts]")
    assert typo != CONTROL
    (tmp_path / "mine.yaml").write_text(f"{HEAD}controls:\n{typo}", encoding="utf-8")
    with pytest.raises(InvalidInputError) as raised:
        load_profile("mine.yaml", tmp_path)
    told = raised.value.diagnostics()[0]
    line = next(n for n, text in enumerate((HEAD + "controls:\n" + typo).splitlines(), 1) if "content.prompts" in text)
    assert (told.path, told.line) == ("mine.yaml", line)
    assert "content.prompts" in told.what


def test_a_crashed_check_is_no_pass(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A defect of one control ends the run with the exit code of a crash, and no verdict is printed."""

    def crash(*_: object) -> None:
        raise RuntimeError("seeded defect")

    monkeypatch.setattr(Judge, "outcome", crash)
    deployment = str(ROOT / "fixtures" / "deployments" / "coder-air-gapped")
    assert main(["check", deployment, "--stage", "change", "--as-of", "2026-11-24"]) == CRASH
    shown = capsys.readouterr()
    assert "seeded defect" in shown.err
    assert "pass" not in shown.out.lower()


def test_a_waiver_that_expires_today_holds_to_the_end_of_the_day() -> None:
    assert in_force("2026-11-01", "2026-11-23", "2026-11-23T23:59:59Z") is InForce.YES
    assert in_force("2026-11-01", "2026-11-23", "2026-11-24T00:00:00Z") is InForce.EXPIRED


def test_a_waiver_that_expires_tomorrow_holds() -> None:
    assert in_force("2026-11-01", "2026-11-24", "2026-11-23") is InForce.YES
    assert days_left("2026-11-24", "2026-11-23") == 1


def test_a_waiver_ends_with_its_day_in_utc_wherever_it_is_asked() -> None:
    assert in_force("2026-11-01", "2026-11-23", "2026-11-24T01:00:00+02:00") is InForce.YES
    assert in_force("2026-11-01", "2026-11-23", "2026-11-23T23:00:00-02:00") is InForce.EXPIRED


def test_two_findings_that_read_alike_have_fingerprints_of_their_own() -> None:
    """GitLab shows one of two equal fingerprints only: findings of one text at one place still differ by what they are about."""
    assessment = build()
    one = assessment.findings[0]
    twins = replace(assessment, findings=(one, replace(one, id=one.id.replace("#any", "#content.prompt"))))
    found = [alert.fingerprint for alert in alerts(twins, Spots(twins)) if alert.text and alert.id.startswith("F-1@x>y")]
    assert len(found) == len(set(found)) == 2


def test_the_deployment_passes_where_nothing_is_wrong() -> None:
    assert set(verdicts("VM-01", "SHE-02", "INW-01", "AG-01", "RP-02")) == {Verdict.PASS.value}


def test_a_missing_operator_is_unknown() -> None:
    unnamed = {"c/workspace": {"plane": "execution", "role": "workspace", "perimeter": "inside"}}
    assert verdicts("VM-01", "SHE-01", "SHE-02", components=unnamed) == ["unknown", "pass", "unknown"]


def test_data_that_leaves_by_name_lookups_alone() -> None:
    """The lookups go to a resolver outside, and may hold whatever their source holds."""
    lookups = {
        "lookups": {"from": "c/workspace", "to": "vendor/resolver", "may_send": ["content.source_code"], "traffic": "data"}
    }
    assert verdicts("AG-01", "INW-01", flows=lookups) == ["fail", "unknown"]
    tried = {"lookups": {**lookups["lookups"], "traffic": "attempt", "exists": "no"}}
    assert verdicts("AG-01", "AG-02", flows=tried) == ["pass", "fail"]


def test_a_proxy_variable_that_a_process_ignores() -> None:
    """The variable denies nothing: what it holds back is held by advice, and what passes it is a finding."""
    held = {"calls": {"from": "c/workspace", "to": "vendor/api", "permitted": "yes", "strength": "advisory"}}
    assert verdicts("RP-03", "AG-01", flows=held) == ["fail", "fail"]
    ignored = {"calls": {"from": "c/workspace", "to": "vendor/api", "exists": "no", "traffic": "data", "name": "bypass"}}
    assert verdicts("RP-02", "AG-01", flows=ignored) == ["fail", "fail"]


def test_the_configuration_blocks_and_the_capture_shows_data() -> None:
    seen = {"calls": {"from": "c/workspace", "to": "vendor/api", "exists": "no", "traffic": "data", "name": "undeclared"}}
    assert verdicts("AG-01", "RP-02", flows=seen) == ["fail", "fail"]


def test_a_declared_component_never_observed_is_still_judged() -> None:
    quiet = {"vendor/vm": {"plane": "execution", "role": "workspace", "place": "far"}}
    assert verdicts("SHE-01", components=quiet, flows={"work": {"from": "vendor/vm", "to": "vendor/api"}}) == ["fail"]
    perhaps = {"vendor/vm": {**quiet["vendor/vm"], "present": "unknown"}}
    assert verdicts("SHE-01", components=perhaps) == ["unknown"]


def test_an_observed_destination_never_declared() -> None:
    odd = {"addr:198.51.100.7": {"perimeter": "outside"}}
    seen = {"odd": {"from": "c/workspace", "to": "addr:198.51.100.7", "traffic": "data", "name": "undeclared", "exists": "no"}}
    assert verdicts("AG-01", "RP-02", "FSH-01", components=odd, flows=seen) == ["fail", "fail", "unknown"]
