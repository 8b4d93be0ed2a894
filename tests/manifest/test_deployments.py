"""``deployments:`` with overlays: the choice, whole results with the file of every fact, and every refusal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from auditor.errors import UsageError
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.flows import DeclaredStatement
from auditor.facts.manifest import Claim, ComponentEntry, DigestedInput, InputEntry, Manifest, SystemEntry
from auditor.facts.places import Zone
from auditor.facts.vocabulary import Basis, ConfigState, Plane, Role
from auditor.manifest import document_digests, load_manifest

FILES = {
    "auditor.yaml": """\
version: 1
deployments:
  dev: {overlays: []}
  prod: {overlays: [overlays/eu.yaml, ./overlays/prod.yaml]}
  odd: {overlays: [overlays/prod.yaml, overlays/eu.yaml]}
claim: {label: self-hosted, profile: in-network}
zones:
  corp: {operator: customer, hosted_by: customer, processing: [US]}
perimeter: [corp]
systems: [{product: coder, version: 2.35, zone: corp, components: {workspace: {networks: [10.1.0.0/16]}}}]
components: [{id: git, plane: supporting, role: source_control, zone: corp}]
inputs: [{path: config/}]
absent: [flags]
parameters: {observed_window: {value: 24h, reason: usual}}
""",
    "overlays/eu.yaml": """\
zones:
  corp: {processing: [NO, DE]}
  dmz: {operator: vendor}
claim: {profile: fully-self-hosted}
parameters: {observed_window: {value: 2h, reason: short lab}}
""",
    "overlays/prod.yaml": """\
claim: {profile: air-gapped}
systems: [{id: coder, version: 2.36}]
components: [{id: git, zone: dmz}, {id: dns, plane: supporting, role: resolver}]
inputs: [{path: config/prod.env}]
absent: [coder/flags]
states: [{flow: "git -> *", sends: none}]
policy_by: {coder: customer}
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a deployment's folder with three deployments and two overlays."""
    (tmp_path / "overlays").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def at(path: str, line: int, column: int) -> FileLocation:
    """Return a place in one of the files, with its line as excerpt."""
    return FileLocation(path, sha256(path), line, column, FILES[path].splitlines()[line - 1].strip())


def sha256(path: str) -> str:
    """Return the digest of one of the files."""
    return hashlib.sha256(FILES[path].encode()).hexdigest()


def stated(text: str, *places: FileLocation) -> tuple[Evidence, ...]:
    """Return what the author states, in each place that says something of it."""
    return tuple(Evidence(Basis.DECLARED, place, text) for place in places)


def test_a_deployment_with_two_overlays_as_a_whole(folder: Path) -> None:
    """Every fact points to the file that made it what it is."""
    eu, prod = "overlays/eu.yaml", "overlays/prod.yaml"
    corp = "zone corp: operated by customer, hosted by customer, processing in DE, NO, storage in unknown countries"
    dmz = "zone dmz: operated by vendor, hosted by unknown, processing in unknown countries, storage in unknown countries"
    assert load_manifest(folder, "prod") == Manifest(
        deployment="prod",
        path="auditor.yaml",
        assumed=False,
        claim=Claim("self-hosted", "air-gapped", at(prod, 1, 8)),
        zones=(
            Zone(
                id="corp",
                operator="customer",
                hosted_by="customer",
                processing=("DE", "NO"),
                storage=None,
                networks=(),
                hosts=(),
                inside=True,
                evidence=stated(corp, at("auditor.yaml", 8, 3), at(eu, 2, 3)),
            ),
            Zone(
                id="dmz",
                operator="vendor",
                hosted_by="",
                processing=None,
                storage=None,
                networks=(),
                hosts=(),
                inside=False,
                evidence=stated(dmz, at(eu, 3, 3)),
            ),
        ),
        systems=(
            SystemEntry(
                id="coder",
                product="coder",
                version="2.36",
                zone="corp",
                components=(
                    ComponentEntry("workspace", None, None, "corp", ("10.1.0.0/16",), (), "", "", at("auditor.yaml", 10, 68)),
                ),
                location=at(prod, 2, 11),
            ),
        ),
        components=(
            ComponentEntry("git", Plane.SUPPORTING, Role.SOURCE_CONTROL, "dmz", (), (), "", "", at(prod, 3, 19)),
            ComponentEntry("dns", Plane.SUPPORTING, Role.RESOLVER, "", (), (), "", "", at(prod, 3, 41)),
        ),
        inputs=(InputEntry("path", "config/prod.env", (), ConfigState.COMMITTED, "", "", "", (), "", at(prod, 4, 10)),),
        absent=("coder/flags",),
        profiles=(),
        attestations="",
        waivers="",
        statements=(DeclaredStatement("git", "*", (), *stated("git -> * sends nothing", at(prod, 6, 10))),),
        policy_by=(("coder", "customer"),),
        parameters=(("observed_window", "2h", "short lab"),),
        absent_evidence=(
            ("coder/flags", stated("the author states that the scope coder/flags does not exist", at(prod, 5, 10))[0]),
        ),
        overlays=(eu, prod),
    )


def test_without_overlays_it_is_the_manifest_alone(folder: Path) -> None:
    dev = load_manifest(folder, "dev")
    text = FILES["auditor.yaml"]
    start, end = text.index("deployments:"), text.index("claim:")
    (folder / "alone").mkdir()
    # As many lines as before, so that every place is the same.
    (folder / "alone" / "auditor.yaml").write_text(text[:start] + "deployment: dev\n\n\n\n" + text[end:])
    alone = load_manifest(folder / "alone")
    assert (dev.deployment, dev.overlays, alone.overlays) == ("dev", (), ())
    assert [(s.id, s.version, s.location.line) for s in dev.systems] == [
        (s.id, s.version, s.location.line) for s in alone.systems
    ]
    assert (dev.absent, dev.parameters, len(dev.zones)) == (alone.absent, alone.parameters, len(alone.zones))


def test_the_order_of_the_overlays_decides(folder: Path) -> None:
    claims = [load_manifest(folder, name).claim for name in ("prod", "odd")]
    assert claims == [
        Claim("self-hosted", "air-gapped", at("overlays/prod.yaml", 1, 8)),
        Claim("self-hosted", "fully-self-hosted", at("overlays/eu.yaml", 4, 8)),
    ]


def test_the_overlays_are_digested_with_the_manifest(folder: Path) -> None:
    expected = [DigestedInput(name, sha256(name), "manifest", len(FILES[name])) for name in FILES]
    assert document_digests(load_manifest(folder, "prod"), folder) == (tuple(expected), ())
    assert document_digests(load_manifest(folder, "dev"), folder) == ((expected[0],), ())


def refused(load: Callable[[], object]) -> list[tuple[str, str, str, str]]:
    """Return where, what, why and what next of a choice that cannot be made."""
    with pytest.raises(UsageError) as caught:
        load()
    return [(d.where(), d.what, d.why, d.next_step) for d in caught.value.diagnostics()]


def test_several_deployments_must_be_chosen_from(folder: Path) -> None:
    place = "auditor.yaml:3:3"
    assert refused(lambda: load_manifest(folder)) == [
        (place, "the manifest describes several deployments: dev, prod, odd", "", "choose one with --deployment NAME")
    ]
    known = "the manifest describes: dev, prod, odd"
    assert refused(lambda: load_manifest(folder, "prd")) == [
        (place, 'no deployment is named "prd"', known, 'did you mean "prod"?')
    ]
    assert refused(lambda: load_manifest(folder, "staging-3")) == [
        (place, 'no deployment is named "staging-3"', known, "use one of these names")
    ]


def test_the_only_deployment_need_not_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "auditor.yaml").write_text("version: 1\ndeployments: {prod: {overlays: [o.yaml]}}\n")
    (tmp_path / "o.yaml").write_text("absent: [flags]\n")
    assert load_manifest(tmp_path).absent == ("flags",)
    assert load_manifest(tmp_path) == load_manifest(tmp_path, "prod")
    (tmp_path / "auditor.yaml").write_text("version: 1\ndeployment: prod\n")
    assert load_manifest(tmp_path) == load_manifest(tmp_path, "prod")
    assert refused(lambda: load_manifest(tmp_path, "dev")) == [
        ("auditor.yaml:2:13", 'no deployment is named "dev"', "the manifest describes: prod", "use one of these names")
    ]


def _without_required(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: _without_required(value) for key, value in schema.items() if key != "required" or not isinstance(value, list)
        }
    return [_without_required(item) for item in schema] if isinstance(schema, list) else schema


def test_the_schema_of_overlays_is_the_manifests_with_nothing_required() -> None:
    folder = resources.files("auditor.documents") / "schemas"
    manifest, overlay = (json.loads((folder / f"{name}-v1.json").read_text()) for name in ("manifest", "overlay"))
    expected = _without_required(manifest)
    for key in ("version", "deployment", "deployments"):
        del expected["properties"][key]
    for key in ("title", "description"):
        del expected[key], overlay[key]
    assert overlay == expected
