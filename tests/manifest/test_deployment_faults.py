"""Overlays that must be refused: each fault is told in the file, and at the place, that makes it one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.errors import InvalidInputError
from auditor.manifest import load_manifest

TEXT = """\
version: 1
deployments:
  dev: {overlays: []}
  prod: {overlays: [overlays/eu.yaml, ./overlays/prod.yaml]}
claim: {label: self-hosted, profile: in-network}
zones:
  corp: {operator: customer, hosted_by: customer, processing: [US]}
perimeter: [corp]
systems: [{product: coder, version: 2.35, zone: corp}]
components: [{id: git, plane: supporting, role: source_control, zone: corp}]
inputs: [{path: config/}]
parameters: {observed_window: {value: 24h, reason: usual}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder for a manifest and its overlays."""
    (tmp_path / "overlays").mkdir()
    return tmp_path


def refused(load: Callable[[], object]) -> list[tuple[str, str, str, str]]:
    """Return where, what, why and what next of a refusal."""
    with pytest.raises(InvalidInputError) as caught:
        load()
    return [(d.where(), d.what, d.why, d.next_step) for d in caught.value.diagnostics()]


WRITTEN = "a name for each deployment, written like prod: {overlays: [eu.yaml, prod.yaml]}"
SHAPES = {
    "version: 1\nzones: {}\n": ("1:1", 'the file lacks "deployment"', "", 'add "deployment:" with a name'),
    "version: 1\ndeployments: {}\n": ("2:14", "deployments is empty", WRITTEN, "give at least one"),
    "version: 1\ndeployments: [prod]\n": ("2:14", "deployments must be a mapping, and is a list", WRITTEN, "correct the value"),
    "version: 1\ndeployments: {prod: {}}\n": ("2:21", 'deployments.prod lacks "overlays"', "", 'add "overlays:"'),
    "version: 1\ndeployments: {prod: {overlays: [a.yaml], zone: x}}\n": (
        "2:42",
        'unknown key "zone"',
        "known here: overlays",
        "remove it",
    ),
    "version: 1\ndeployments: {prod: {overlays: [a.yaml, a.yaml]}}\n": (
        "2:32",
        "deployments.prod.overlays names something twice",
        "",
        "keep one of the two",
    ),
    "version: 1\ndeployments: {Prod: {overlays: []}}\n": (
        "2:15",
        'key "Prod" has the wrong form',
        "lower-case letters, digits, dot, hyphen or underscore, beginning with a letter or digit",
        "rename it",
    ),
}


@pytest.mark.parametrize("text", SHAPES)
def test_bad_shapes(tmp_path: Path, text: str) -> None:
    (tmp_path / "auditor.yaml").write_text(text)
    where, *rest = SHAPES[text]
    assert refused(lambda: load_manifest(tmp_path, "prod")) == [(f"auditor.yaml:{where}", *rest)]


MISSING = "correct the path, or supply the file"
COPY = "copy what is needed into the folder"


def of(folder: Path, prod: str, **overlays: str) -> list[tuple[str, str, str, str]]:
    """Return what is wrong with the deployment ``prod`` once its list of overlays and the files are as given."""
    text = TEXT.replace("[overlays/eu.yaml, ./overlays/prod.yaml]", prod)
    (folder / "auditor.yaml").write_text(text)
    for name, content in overlays.items():
        (folder / f"{name}.yaml").write_text(content)
    return refused(lambda: load_manifest(folder, "prod"))


def test_an_overlay_that_does_not_exist_is_told_where_it_is_named_and_the_others_are_read(folder: Path) -> None:
    assert of(folder, "[none.yaml, bad.yaml]", bad="zonse: {}\n") == [
        ("auditor.yaml:4:21", 'overlay "none.yaml" cannot be found', "No such file or directory", MISSING),
        (
            "bad.yaml:1:1",
            'unknown key "zonse"',
            (
                "known here: claim, zones, perimeter, platform, systems, components, "
                "inputs, absent, ignore, profiles, attestations, "
                "waivers, states, contracts, policy_by, parameters"
            ),
            'did you mean "zones"?',
        ),
    ]


@pytest.mark.parametrize("prod", ["[../other.yaml]", "[/etc/hosts]", "[overlays/../../other.yaml]"])
def test_an_overlay_outside_the_folder_is_not_opened(folder: Path, prod: str) -> None:
    what = f'"{prod.strip("[]")}" leaves the folder of the manifest'
    assert of(folder, prod) == [("auditor.yaml:4:21", what, "it lies outside", COPY)]


def test_a_link_out_of_the_folder_is_refused_even_in_a_deployment_that_is_not_chosen(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text("absent: [flags]\n")
    (folder / "link.yaml").symlink_to(outside)
    (folder / "auditor.yaml").write_text(TEXT.replace("{overlays: []}", "{overlays: [link.yaml]}"))
    assert refused(lambda: load_manifest(folder, "prod")) == [
        ("auditor.yaml:3:20", '"link.yaml" leaves the folder of the manifest', "a link leads out of it", COPY)
    ]


def test_overlays_that_are_no_overlays(folder: Path) -> None:
    known = (
        "known here: claim, zones, perimeter, platform, systems, components, "
        "inputs, absent, ignore, profiles, attestations, waivers, "
        "states, contracts, policy_by, parameters"
    )
    assert of(folder, "[a.yaml]", a="version: 1\ndeployment: x\ndeployments: {}\n") == [
        ("a.yaml:1:1", 'unknown key "version"', known, "remove it"),
        ("a.yaml:2:1", 'unknown key "deployment"', known, "remove it"),
        ("a.yaml:3:1", 'unknown key "deployments"', known, "remove it"),
    ]
    assert of(folder, "[a.yaml]", a="") == [("a.yaml", "the file is empty", "exactly one is needed", "keep one document")]
    assert of(folder, "[a.yaml]", a="absent: [x\n")[0][:2] == ("a.yaml:2:1", "the file is not valid YAML")
    assert of(folder, "[overlays]") == [("overlays", "this is a folder, and a file is needed here", "", "name a file")]


def test_faults_of_the_whole_stand_in_the_file_that_makes_them(folder: Path) -> None:
    """The same line and column in two overlays: each fault names its own file, in the order of the files."""
    first = "zones:\n  dmz: {operator: vendor, processing: [UK]}\nsystems: [{id: coder, zone: nowhere}]\n"
    second = "inputs:\n  - {path: ../up}\n  - {path: config, for: [codr]}\npolicy_by: {llm: customer}\nperimeter: [corp, lan]\n"
    assert of(folder, "[a.yaml, b.yaml]", a=first, b=second) == [
        (
            "a.yaml:2:40",
            '"UK" is not an ISO 3166-1 alpha-2 country code',
            "the code is not assigned to a country",
            'did you mean "GB"?',
        ),
        ("a.yaml:3:29", 'system names zone "nowhere", which is not defined', "defined: corp, dmz", "define it under zones:"),
        ("b.yaml:2:12", '"../up" leaves the folder of the manifest', "it lies outside", COPY),
        ("b.yaml:3:26", 'for: names "codr", which is no system here', "systems: coder", "correct the id"),
        ("b.yaml:4:13", 'policy_by names "llm", which is no system here', "systems: coder", "correct the id"),
        ("b.yaml:5:19", 'perimeter names zone "lan", which is not defined', "defined: corp, dmz", "define it under zones:"),
    ]


def test_what_is_needed_may_come_from_a_later_overlay_and_must_come_from_one(folder: Path) -> None:
    part, rest = "zones:\n  lab: {processing: [DE]}\ncomponents: [{id: dns}]\n", "zones: {lab: {operator: customer}}\n"
    faults = of(folder, "[a.yaml, b.yaml]", a=part, b=rest)
    assert faults == [
        ("a.yaml:3:14", 'components[2] lacks "plane"', "", 'add "plane:"'),
        ("a.yaml:3:14", 'components[2] lacks "role"', "", 'add "role:"'),
    ]
    assert of(folder, "[a.yaml, b.yaml]", a=part, b="components: [{id: dns, plane: supporting, role: resolver}]\n") == [
        ("a.yaml:2:8", 'zones.lab lacks "operator"', "", 'add "operator:"')
    ]
    (folder / "a.yaml").write_text("zones:\n  lab: {processing: [DE]}\n")
    (folder / "b.yaml").write_text(rest)
    (_, lab) = load_manifest(folder, "prod").zones
    assert (lab.id, lab.operator, lab.processing) == ("lab", "customer", ("DE",))


def test_an_id_given_twice_is_refused_in_whichever_file(folder: Path) -> None:
    overlay = """\
components:
  - {id: dns, plane: supporting, role: resolver}
  - {id: dns, plane: supporting, role: resolver}
systems: [{id: coder, version: 2.36}, {id: coder, product: vllm}]
"""
    assert of(folder, "[a.yaml]", a=overlay) == [
        ("a.yaml:3:10", 'component id "dns" is given twice', "first at 2:10", "give each component its own id"),
        ("a.yaml:4:44", 'system id "coder" is given twice', "first at 4:16", "give each system its own id:"),
    ]


def test_where_an_id_was_given_first_names_the_file_when_it_is_another(tmp_path: Path) -> None:
    text = "version: 1\ndeployments: {prod: {overlays: [o.yaml]}}\nsystems: [{product: coder}, {product: coder}]\n"
    (tmp_path / "auditor.yaml").write_text(text)
    (tmp_path / "o.yaml").write_text("systems: [{id: coder, version: 2.36}]\n")
    assert refused(lambda: load_manifest(tmp_path)) == [
        ("auditor.yaml:3:39", 'system id "coder" is given twice', "first at o.yaml:1:16", "give each system its own id:")
    ]


def test_a_reason_is_for_its_own_value(folder: Path) -> None:
    """The reason for 24 hours is none for one minute; a better reason for the same value is welcome."""
    place = "auditor.yaml:12 gives the reason of another value"
    step = "give the reason of this value beside it"
    assert of(folder, "[a.yaml]", a="parameters: {observed_window: {value: 1m}}\n") == [
        ("a.yaml:1:39", "the value of observed_window is new, and the reason is not", place, step)
    ]
    (folder / "a.yaml").write_text("parameters: {observed_window: {reason: agreed}}\n")
    assert load_manifest(folder, "prod").parameters == (("observed_window", "24h", "agreed"),)
