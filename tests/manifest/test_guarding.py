"""A change is judged by the statements of its base; what it states otherwise is told, subject by subject, with its line."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import InvalidInputError
from auditor.facts.gate import Alteration
from auditor.facts.manifest import Manifest
from auditor.manifest import load_guarded

BASE = """\
version: 1
deployment: shop
claim: {label: air-gapped, profile: air-gapped}
zones:
  corp: {operator: customer, processing: [DE], networks: [10.0.0.0/16], hosts: ["*.corp.example"]}
perimeter: [corp]
systems:
  - {id: coder, product: coder, version: "2.36", zone: corp, components: {workspace: {networks: [10.0.8.0/24]}}}
components:
  - {id: git, plane: supporting, role: source_control, zone: corp, hosts: [git.corp.example]}
inputs:
  - {path: config/, for: [coder]}
  - {file: live.json, for: [coder], state: live, collected: 2026-11-20}
states:
  - {fact: web_push, system: coder, value: "off"}
absent: ["coder/flags"]
profiles: [air-gapped]
"""


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    head, base = tmp_path / "head", tmp_path / "base"
    for folder in (head, base):
        (folder / "config").mkdir(parents=True)
        (folder / "live.json").write_text("{}", encoding="utf-8")
        (folder / "auditor.yaml").write_text(BASE, encoding="utf-8")
    return head, base


def _guarded(folders: tuple[Path, Path], *changes: tuple[str, str]) -> tuple[Manifest, tuple[Alteration, ...]]:
    head, base = folders
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (head / "auditor.yaml").write_text(text, encoding="utf-8")
    return load_guarded(head / "auditor.yaml", base / "auditor.yaml", "")


def test_without_a_change_nothing_is_told(folders: tuple[Path, Path]) -> None:
    manifest, found = _guarded(folders)
    assert (manifest.deployment, found) == ("shop", ())


@pytest.mark.parametrize(
    ("old", "new", "subject", "text", "line"),
    [
        ("10.0.0.0/16", "10.0.0.0/15", "zones/corp", "adds networks 10.0.0.0/15; takes away networks 10.0.0.0/16", 5),
        ("perimeter: [corp]", "perimeter: [corp, dmz]", "perimeter", "adds dmz", 7),
        ("profile: air-gapped}", "profile: in-network}", "claim", "sets profile to in-network instead of air-gapped", 3),
        ("profiles: [air-gapped]", "profiles: [in-network]", "profiles", "takes away air-gapped; adds in-network", 17),
        (
            "profiles:",
            "parameters: {max_age: {value: 9d, reason: x}}\nprofiles:",
            "parameters/max_age",
            "adds reason x; adds value 9d",
            17,
        ),
        ("profiles:", "waivers: w.yaml\nprofiles:", "waivers", "adds waivers w.yaml", 17),
        ("profiles:", "platform: {cni: cilium}\nprofiles:", "platform", "adds cni cilium", 17),
        ("profiles:", "ignore: [config/x.yaml]\nprofiles:", "ignore", "adds config/x.yaml", 17),
        ('absent: ["coder/flags"]', 'absent: ["coder/flags", "coder/env"]', "absent", "adds coder/env", 16),
        (
            'value: "off"',
            'value: "on"',
            "states",
            "takes away fact: web_push, system: coder, value: off; adds fact: web_push, system: coder, value: on",
            15,
        ),
        (
            "hosts: [git.corp.example]",
            "hosts: [evil.example]",
            "components/git",
            "adds hosts evil.example; takes away hosts git.corp.example",
            10,
        ),
        ("2026-11-20", "2026-11-26", "inputs/live.json", "sets collected to 2026-11-26 instead of 2026-11-20", 13),
        (
            "{path: config/, for: [coder]}",
            "{path: other/, for: [coder]}",
            "inputs/config/",
            "takes away for coder; takes away path config/",
            12,
        ),
        (', version: "2.36"', "", "systems/coder", "takes away version 2.36", 8),
        (
            "components:\n  -",
            "components:\n  - {id: evil, plane: inference, role: model_server, zone: corp, hosts: [evil.example]}\n  -",
            "components/evil",
            "adds hosts evil.example; adds id evil; adds plane inference; adds role model_server; adds zone corp",
            10,
        ),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else value,
)
def test_a_statement_that_differs_is_told_and_the_bases_counts(
    folders: tuple[Path, Path], old: str, new: str, subject: str, text: str, line: int
) -> None:
    before, _ = _guarded(folders)
    zones = (
        ("perimeter: [corp]", "perimeter: [corp]")
        if "dmz" not in new
        else ("perimeter:", "  dmz: {operator: customer}\nperimeter:")
    )
    changes = [(old, new), zones] if "dmz" in new else [(old, new)]
    (folders[0] / "other").mkdir()
    manifest, found = _guarded(folders, *changes)
    told = {a.subject: a for a in found}
    assert told[subject].text == text
    assert told[subject].location.line == line
    assert manifest.zones == before.zones
    assert (manifest.claim, manifest.profiles, manifest.parameters) == (before.claim, before.profiles, before.parameters)
    assert (manifest.ignore, manifest.absent, manifest.platform, manifest.waivers) == ((), ("coder/flags",), (), "")
    assert [f.value for f in manifest.facts] == ["off"]
    placed = {c.id: (c.zone, c.hosts) for c in manifest.components}
    assert placed.pop("evil", ("", ())) == ("", ())
    assert placed == {"git": ("corp", ("git.corp.example",))}
    assert {"config/", "live.json"} <= {i.path for i in manifest.inputs}


def test_more_inputs_are_read_and_told_and_a_version_is_no_alteration(folders: tuple[Path, Path]) -> None:
    """A further file may switch off what is on by default; a version that differs is withdrawn: an image's tag has to show it."""
    manifest, found = _guarded(folders, ('"2.36"', '"2.40"'), ("states:", "  - {path: more/, for: [coder]}\nstates:"))
    assert [(a.subject, a.text) for a in found] == [("inputs/more/", "adds for coder; adds path more/")]
    assert [s.version for s in manifest.systems] == [""]
    assert [i.path for i in manifest.inputs] == ["config/", "live.json", "more/"]


def test_an_empty_list_of_inputs_is_as_good_as_none(folders: tuple[Path, Path]) -> None:
    text = BASE[: BASE.index("inputs:")] + "inputs: []\n" + BASE[BASE.index("states:") :]
    _, found = _guarded(folders, (BASE, text))
    assert {a.subject for a in found} == {"inputs/config/", "inputs/live.json"}


def test_a_further_input_states_nothing(folders: tuple[Path, Path]) -> None:
    more = "  - {file: export.json, state: live, collected: 2026-11-26}\n  - {capture: x.pcap, sees: [corp]}\n"
    manifest, found = _guarded(folders, ("states:", f"{more}states:"))
    assert {a.subject: a.text for a in found} == {
        "inputs/export.json": "adds collected 2026-11-26; adds file export.json; adds state live",
        "inputs/x.pcap": "adds capture x.pcap; adds sees corp",
    }
    assert [(i.path, i.state.value, i.sees) for i in manifest.inputs[2:]] == [
        ("export.json", "committed", ()),
        ("x.pcap", "committed", ()),
    ]


def test_a_further_system_has_no_place(folders: tuple[Path, Path]) -> None:
    more = "  - {id: llm, product: vllm, version: '0.33', zone: corp, components: {model-server: {hosts: [evil.example]}}}\n"
    manifest, found = _guarded(folders, ("components:\n", f"{more}components:\n"))
    assert [a.subject for a in found] == ["systems/llm"]
    assert [(s.id, s.version, s.zone, s.components) for s in manifest.systems[1:]] == [("llm", "0.33", "", ())]


def test_an_input_whose_file_is_gone_is_told_and_no_longer_read(folders: tuple[Path, Path]) -> None:
    (folders[0] / "live.json").unlink()
    manifest, found = _guarded(folders, ("  - {file: live.json, for: [coder], state: live, collected: 2026-11-20}\n", ""))
    assert [a.subject for a in found] == ["inputs/live.json"]
    assert [i.path for i in manifest.inputs] == ["config/"]


def test_overlays_count_by_what_they_make_of_the_rest(folders: tuple[Path, Path]) -> None:
    head, base = folders
    for folder in folders:
        several = BASE.replace("deployment: shop", "deployments: {prod: {overlays: [prod.yaml]}}")
        (folder / "auditor.yaml").write_text(several, encoding="utf-8")
        (folder / "prod.yaml").write_text("platform: {cni: calico}\n", encoding="utf-8")
    assert load_guarded(head / "auditor.yaml", base / "auditor.yaml", "prod")[1] == ()
    (head / "prod.yaml").write_text(
        "platform: {cni: calico}\nperimeter: [corp, lab]\nzones: {lab: {operator: customer}}\n", encoding="utf-8"
    )
    manifest, found = load_guarded(head / "auditor.yaml", base / "auditor.yaml", "prod")
    assert [(a.subject, a.text, a.location.path, a.location.line) for a in found] == [
        ("perimeter", "adds lab", "prod.yaml", 2),
        ("zones/lab", "adds operator customer", "prod.yaml", 3),
    ]
    assert [z.inside for z in manifest.zones] == [True]


def test_a_malformed_manifest_is_refused(folders: tuple[Path, Path]) -> None:
    with pytest.raises(InvalidInputError):
        _guarded(folders, ("perimeter: [corp]", "perimeter: [nowhere]\nfoo: 1"))


LINES = st.lists(st.integers(min_value=3, max_value=len(BASE.splitlines())), unique=True, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(dropped=LINES, repeated=LINES)
def test_whatever_a_change_leaves_out_or_says_again_the_base_is_believed(dropped: list[int], repeated: list[int]) -> None:
    """Lines of the manifest vanish or swap networks and hosts for others; what is malformed then is refused."""
    with tempfile.TemporaryDirectory() as name:
        head, base = Path(name) / "head", Path(name) / "base"
        for folder in (head, base):
            (folder / "config").mkdir(parents=True)
            (folder / "live.json").write_text("{}", encoding="utf-8")
            (folder / "auditor.yaml").write_text(BASE, encoding="utf-8")
        lines = BASE.splitlines()
        kept = [
            re.sub(r"corp\.example|10\.0\.", "evil.example" if "example" in line else "11.0.", line) if n in repeated else line
            for n, line in enumerate(lines, 1)
            if n not in dropped
        ]
        (head / "auditor.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")
        before, _ = load_guarded(base / "auditor.yaml", base / "auditor.yaml", "")
        try:
            manifest, found = load_guarded(head / "auditor.yaml", base / "auditor.yaml", "")
        except InvalidInputError:
            return
        believed = ("claim", "zones", "profiles", "absent", "ignore", "platform", "parameters", "waivers", "attestations")
        assert [getattr(manifest, key) for key in believed] == [getattr(before, key) for key in believed]
        assert [(c.id, c.zone, c.hosts, c.networks) for c in manifest.components] == [
            (c.id, c.zone, c.hosts, c.networks) for c in before.components
        ]
        assert [f.value for f in manifest.facts] == [f.value for f in before.facts]
        assert bool(found) == (kept != lines)
