"""Profiles from files: shipped ones hold together, and what is wrong in one is refused with its place."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.evaluate import describe_profile, ladder, load_ladder, load_profile, shipped_profiles

HEAD = """\
profile: mine
title: Mine
version: "1"
valid_until: "2027-12-31"
"""
CONTROL = """\
  - id: MY-01
    title: Nothing leaves
    forbid: {flow: {from: {perimeter: inside}, to: {perimeter: outside}}}
    evidence: {change: [configured], predeploy: [configured], operate: [configured, observed]}
    on_unknown: block
    severity: high
    rationale: Because.
    remediation: Stop it.
"""
GOOD = f"{HEAD}controls:\n{CONTROL}"


def refused(tmp_path: Path, text: str) -> tuple[str, int]:
    """Return (what, line) of the first fault in a profile."""
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        load_profile("mine.yaml", tmp_path)
    first = caught.value.diagnostics()[0]
    assert first.path == "mine.yaml"
    return first.what, first.line


def test_the_ladder_is_shipped_and_each_rung_holds_the_one_before() -> None:
    rungs = load_ladder()
    assert tuple(p.id for p in rungs) == ladder()
    assert shipped_profiles()[: len(rungs)] == ladder()
    for lower, upper in itertools.pairwise(rungs):
        assert upper.controls[: len(lower.controls)] == lower.controls
        assert upper.extends == (lower.id, *lower.extends)


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_shipped_control_says_why_what_to_do_and_towards_what(name: str) -> None:
    profile = load_profile(name)
    assert profile.not_tested
    for control in profile.controls:
        assert control.rationale
        assert control.remediation
        assert {m.strength for m in control.maps} <= {"direct", "supporting", "weak"}
        assert control.maps
        assert control.location.path == f"profiles/{control.owner}.yaml"


def test_a_profile_is_shown_in_sentences() -> None:
    shown = describe_profile(load_profile("self-hosted-execution"))
    assert shown[0] == "self-hosted-execution 1: Self-hosted execution"
    assert "SHE-01  Every component of the execution plane must be inside the perimeter." in shown


def test_a_file_extends_a_shipped_profile(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(GOOD.replace("title: Mine", "title: Mine\nextends: self-hosted-execution"))
    profile = load_profile("mine.yaml", tmp_path)
    assert [c.id for c in profile.controls] == ["VM-01", "SHE-01", "SHE-02", "MY-01"]
    assert profile.extends == ("self-hosted-execution", "vendor-managed")
    assert [path for path, _ in profile.sources] == [
        "mine.yaml",
        "profiles/self-hosted-execution.yaml",
        "profiles/vendor-managed.yaml",
    ]
    assert profile.origin == "mine.yaml"


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        (GOOD.replace("forbid:", "forbids:"), 'lacks "forbid"', 6),
        (GOOD.replace("perimeter: inside", "perimetre: inside"), "perimetre", 8),
        (GOOD.replace("perimeter: inside", "perimeter: indoors"), "indoors", 8),
        (GOOD.replace("to: {perimeter: outside}", "data: [content.sauce]"), "unknown data class 'content.sauce'", 8),
        (GOOD.replace("{perimeter: inside}", '{operator: ""}'), "is empty", 8),
        (GOOD.replace("severity: high", "severity: urgent"), "urgent", 11),
        (GOOD.replace("{flow: {from: {perimeter: inside}, to: {perimeter: outside}}}", "{flow: {}}"), "empty requirement", 8),
        (GOOD + CONTROL, "duplicate control id MY-01", 14),
        (GOOD + CONTROL.replace("MY-01", "MY-02"), "control MY-02 asks the same as MY-01", 14),
        (GOOD.replace("to: {perimeter: outside}", "direction: any"), "a direction needs data", 8),
        (GOOD.replace("{perimeter: outside}", "{processing: {not: {parameter: allowed}}}"), "unknown parameter 'allowed'", 6),
        (GOOD.replace("operate: [configured, observed]", "operate: [observed]"), "needs less evidence", 9),
        (
            GOOD.replace("predeploy: [configured]", "predeploy: [configured, observed]"),
            "no traffic exists at stage predeploy",
            9,
        ),
        (GOOD.replace("2027-12-31", "2027-02-31"), "no date", 4),
        (HEAD + "parameters: {observed_window: day}\ncontrols:\n" + CONTROL, "is no duration", 5),
        (HEAD + "parameters: {minimum_strength: strong}\ncontrols:\n" + CONTROL, "one of advisory, tool_setting, sandbox", 5),
        (HEAD + "parameters: {exercised_channels: '0'}\ncontrols:\n" + CONTROL, "whole number from 1", 5),
        (HEAD + "title: Again\ncontrols:\n" + CONTROL, "title", 5),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, what: str, line: int) -> None:
    said, at = refused(tmp_path, text)
    assert what in said
    assert at == line


def test_norway_and_versions_stay_text(tmp_path: Path) -> None:
    text = GOOD.replace("{perimeter: outside}", "{processing: [NO, SE]}").replace('version: "1"', "version: 1.10")
    (tmp_path / "mine.yaml").write_text(text)
    profile = load_profile("mine.yaml", tmp_path)
    assert profile.version == "1.10"
    assert "processes data in NO or SE" in describe_profile(profile)[3]


def test_requiring_what_another_control_forbids_is_refused(tmp_path: Path) -> None:
    one = CONTROL.replace("{flow: {from: {perimeter: inside}, to: {perimeter: outside}}}", "{component: {role: proxy}}")
    other = CONTROL.replace("MY-01", "MY-02").replace(
        "forbid: {flow: {from: {perimeter: inside}, to: {perimeter: outside}}}",
        "require: {component: {where: {role: proxy}, at_least: 1}}",
    )
    assert refused(tmp_path, f"{HEAD}controls:\n{one}{other}") == ("MY-02 requires what MY-01 forbids", 14)


def test_profiles_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        text = GOOD.replace("profile: mine", f"profile: {name}\nextends: {other}.yaml").replace("MY-01", f"{name.upper()}-01")
        (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(InvalidInputError, match="in a circle: a > b > a"):
        load_profile("a.yaml", tmp_path)


def test_a_control_id_of_a_parent_is_taken(tmp_path: Path) -> None:
    text = GOOD.replace("title: Mine", "title: Mine\nextends: self-hosted-execution").replace("MY-01", "SHE-01")
    what, line = refused(tmp_path, text)
    assert (what, line) == ("control SHE-01 is already defined in profiles/self-hosted-execution.yaml", 7)


@pytest.mark.parametrize("name", ["air-gaped", "no/such.yaml"])
def test_a_profile_that_is_not_there(name: str) -> None:
    with pytest.raises(InvalidInputError, match="no profile"):
        load_profile(name)


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("to: {processing: [UK]}", '"UK" is not an ISO 3166-1 alpha-2 country code'),
        ("to: {storage: {not: [DE, EU]}}", '"EU" is not an ISO 3166-1 alpha-2 country code'),
        ("to: {operator_country: SU}", '"SU" is not an ISO 3166-1 alpha-2 country code'),
    ],
)
def test_a_country_that_there_is_not_would_forbid_nothing(tmp_path: Path, place: str, what: str) -> None:
    assert refused(tmp_path, GOOD.replace("to: {perimeter: outside}", place)) == (what, 8)


def test_a_country_of_a_store_and_one_of_a_parameter_are_countries_too(tmp_path: Path) -> None:
    store = GOOD.replace("{flow: {from: {perimeter: inside}, to: {perimeter: outside}}}", "{store: {country: [XX]}}")
    assert refused(tmp_path, store) == ('"XX" is not an ISO 3166-1 alpha-2 country code', 8)
    text = GOOD.replace("to: {perimeter: outside}", "to: {processing: {parameter: banned}}")
    text = text.replace("controls:", "parameters: {banned: [RU, UK]}\ncontrols:")
    assert refused(tmp_path, text) == ('"UK" is not an ISO 3166-1 alpha-2 country code', 5)


def test_a_parameter_that_nothing_refers_to_asks_for_nothing(tmp_path: Path) -> None:
    text = GOOD.replace("controls:", "parameters: {observed_windwo: 24h}\ncontrols:")
    assert refused(tmp_path, text) == ("no control refers to the parameter 'observed_windwo'", 5)
    known = "{observed_window: 24h, max_age: 30d, exercised_channels: 2, minimum_strength: no_route}"
    (tmp_path / "mine.yaml").write_text(GOOD.replace("controls:", f"parameters: {known}\ncontrols:"))
    assert len(load_profile("mine.yaml", tmp_path).parameters) == 4
