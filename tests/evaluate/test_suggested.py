"""The cases in which audit tools have been wrong before (facts "policy and formats", end of section 7), each with its test.

Those that stand elsewhere, which ``test_every_case_has_its_test`` holds to the code:

- typo in a data class, Norway: ``evaluate/test_loading.py``
- crashed check, unparsable file: ``cli/test_boundary.py``, ``cli/test_bad_input.py``, ``evaluate/test_assess.py``
- empty capture, capture shorter than the window: ``evaluate/test_traffic_sufficiency.py``, ``evaluate/test_assess.py``
- expired profile: ``evaluate/test_assess.py``
- waiver expired today, tomorrow, in another time zone: ``evaluate/test_expiry.py``
- waiver for a changed flow, waiver matching nothing, attestation over a fail: ``evaluate/test_exceptions.py``
- result without location, too many results: ``report/test_sarif.py``, ``report/test_gitlab.py``
- equal fingerprints: ``report/test_alerts.py``
- label "EU" with a global inference profile: ``pipeline/test_places_of_processing.py``
- every name of a row for every combination of bases: ``reconcile/test_naming.py``

Here: missing operator, data that leaves by name lookups alone, a proxy variable that a process ignores, a configuration that
blocks while the capture shows data, a declared component never observed, an observed destination never declared.
"""

from __future__ import annotations

from typing import Any

import pytest

from auditor.evaluate import load_profile, shipped_profiles
from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.miniature import AS_OF, miniature
from auditor.evaluate.resolving import resolved
from auditor.facts.evidence import FileLocation
from auditor.facts.vocabulary import Verdict
from auditor.graph import build_graph
from tests.conftest import ROOT

ELSEWHERE = {
    "evaluate/test_loading.py": ("test_what_is_wrong_is_refused_with_its_place", "test_norway_and_versions_stay_text"),
    "cli/test_boundary.py": ("test_exit_codes",),
    "cli/test_bad_input.py": ("test_malformed_yaml", "test_a_named_file_that_is_missing_leaves_the_rest_assessed"),
    "evaluate/test_assess.py": (
        "test_a_discovered_file_that_was_not_examined_leaves_every_control_open",
        "test_the_clean_deployment_lacks_exactly_permissions_and_window",
        "test_an_expired_profile_is_an_error_and_an_expired_rung_unknown",
    ),
    "evaluate/test_traffic_sufficiency.py": (
        "test_an_empty_vantage_counts_only_while_the_other_saw_the_zone_at_work",
        "test_the_window_is_the_least_over_the_vantages_relied_on",
    ),
    "evaluate/test_expiry.py": ("test_validity",),
    "evaluate/test_exceptions.py": (
        "test_a_waiver_is_void_when_what_it_was_granted_on_changes",
        "test_a_waiver_of_a_finding_that_is_gone_is_unused",
        "test_an_attestation_never_lifts_a_fail",
    ),
    "report/test_sarif.py": ("test_every_result_has_what_github_demands", "test_limits_hold_and_what_is_left_out_is_counted"),
    "report/test_gitlab.py": ("test_the_worst_are_kept",),
    "report/test_alerts.py": ("test_a_fingerprint_outlives_lines_times_and_hops",),
    "pipeline/test_places_of_processing.py": ("test_the_model_id_decides",),
    "reconcile/test_naming.py": ("test_every_combination_has_its_name",),
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


@pytest.mark.parametrize("file", ELSEWHERE)
def test_every_case_has_its_test(file: str) -> None:
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert [name for name in ELSEWHERE[file] if f"def {name}(" not in text] == []
    assert file in (__doc__ or "")


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
