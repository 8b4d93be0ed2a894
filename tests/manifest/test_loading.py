"""The manifest as facts: whole values, positions, evidence."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from auditor.facts.evidence import Evidence, FileLocation, StatementLocation
from auditor.facts.flows import DeclaredStatement
from auditor.facts.manifest import Claim, ComponentEntry, InputEntry, Manifest, NotExamined, StatedFact, SystemEntry
from auditor.facts.places import Zone
from auditor.facts.vocabulary import Basis, ConfigState, DataClass, Plane, Role
from auditor.manifest import assumed_manifest, document_digests, load_manifest

TEXT = """\
version: 1
deployment: coder-prod
claim: {label: "self-hosted, air-gapped", profile: air-gapped}
zones:
  corp: {operator: customer, hosted_by: customer, processing: [SE, NO], networks: [10.20.3.4/16, "FD00:20::/32", 10.9.9.9], hosts: ["*.Corp.example"]}
  lab: {operator: vendor}
perimeter: [corp]
platform: {cni_version: 1.10, cni: cilium}
systems:
  - {product: coder, version: 2.10, zone: corp, components: {workspace: {networks: [10.20.8.0/21]}, control-plane: {zone: lab}}}
  - {id: ide, product: cursor-ide, components: {server: {runs_in: coder/workspace, title: IDE server}}}
components: [{id: git, plane: supporting, role: source_control, zone: corp, hosts: [git.corp.example]}]
inputs:
  - {path: ./config/, for: [coder]}
  - {file: config/p.json, state: live, collected: 2026-11-20, from: GET /api/v2/ai/providers}
  - {capture: egress.pcapng, vantage: egress, sees: [corp, coder/workspace], canary: canary.corp.example}
  - document: dpa.txt
    page: 7
    clause: 2b
    issuer: vendor
    date: 2026-05-02
    states:
      - {flow: "coder/control-plane -> *", sends: none}
      - {fact: web_push, system: coder, value: off}
  - {document: gone.pdf, states: [{flow: "coder/workspace->api.x.example", sends: [content]}, {flow: "* -> *", sends: none}]}
absent: [managed-settings, coder/flags]
profiles: [air-gapped]
attestations: attestations.yaml
waivers: waivers.yaml
states: [{flow: "git -> git.example", sends: [metadata.repository]}]
policy_by: {coder: customer}
parameters: {observed_window: {value: 30s, reason: lab capture}}
"""  # noqa: E501 -- a manifest as people write it
SHA = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a deployment's folder."""
    (tmp_path / "auditor.yaml").write_text(TEXT)
    (tmp_path / "dpa.txt").write_text("we send nothing")
    return tmp_path


@pytest.fixture
def manifest(folder: Path) -> Manifest:
    """Return the manifest of that folder."""
    return load_manifest(folder)


def place(line: int, column: int) -> FileLocation:
    """Return a place in the manifest, with its line as excerpt."""
    return FileLocation("auditor.yaml", SHA, line, column, TEXT.splitlines()[line - 1].strip()[:200])


def test_the_file_and_its_folder_are_the_same(folder: Path, manifest: Manifest) -> None:
    assert load_manifest(folder / "auditor.yaml") == manifest


def test_plain_fields(manifest: Manifest) -> None:
    assert (manifest.deployment, manifest.path, manifest.assumed) == ("coder-prod", "auditor.yaml", False)
    assert manifest.claim == Claim("self-hosted, air-gapped", "air-gapped", place(3, 8))
    assert manifest.platform == (("cni", "cilium"), ("cni_version", "1.10"))
    assert (manifest.profiles, manifest.attestations, manifest.waivers) == (("air-gapped",), "attestations.yaml", "waivers.yaml")
    assert manifest.policy_by == (("coder", "customer"),)
    assert manifest.parameters == (("observed_window", "30s", "lab capture"),)


def test_zones_unquoted_norway_is_norway_and_networks_are_canonical(manifest: Manifest) -> None:
    said = "zone corp: operated by customer, hosted by customer, processing in NO, SE, storage in unknown countries"
    assert manifest.zones == (
        Zone(
            id="corp",
            operator="customer",
            hosted_by="customer",
            processing=("NO", "SE"),
            storage=None,
            networks=("10.20.0.0/16", "fd00:20::/32", "10.9.9.9/32"),
            hosts=("*.corp.example",),
            inside=True,
            evidence=(Evidence(Basis.DECLARED, place(5, 3), said),),
        ),
        Zone(
            id="lab",
            operator="vendor",
            hosted_by="",
            processing=None,
            storage=None,
            networks=(),
            hosts=(),
            inside=False,
            evidence=(
                Evidence(
                    Basis.DECLARED,
                    place(6, 3),
                    "zone lab: operated by vendor, hosted by unknown, "
                    "processing in unknown countries, storage in unknown countries",
                ),
            ),
        ),
    )


def test_systems_and_components(manifest: Manifest) -> None:
    column = TEXT.splitlines()[9].index
    assert manifest.systems == (
        SystemEntry(
            id="coder",
            product="coder",
            version="2.10",
            zone="corp",
            components=(
                ComponentEntry(
                    "workspace", None, None, "corp", ("10.20.8.0/21",), (), "", "", place(10, column("workspace") + 1)
                ),
                ComponentEntry("control-plane", None, None, "lab", (), (), "", "", place(10, column("control-plane") + 1)),
            ),
            location=place(10, 5),
        ),
        SystemEntry(
            id="ide",
            product="cursor-ide",
            version="",
            zone="",
            components=(
                ComponentEntry(
                    "server",
                    None,
                    None,
                    "",
                    (),
                    (),
                    "coder/workspace",
                    "IDE server",
                    place(11, TEXT.splitlines()[10].index("server") + 1),
                ),
            ),
            location=place(11, 5),
        ),
    )
    assert manifest.components == (
        ComponentEntry("git", Plane.SUPPORTING, Role.SOURCE_CONTROL, "corp", (), ("git.corp.example",), "", "", place(12, 19)),
    )


def test_inputs(manifest: Manifest) -> None:
    none = ConfigState.COMMITTED
    assert manifest.inputs == (
        InputEntry("path", "config/", ("coder",), none, "", "", "", (), "", place(14, 5)),
        InputEntry(
            "path", "config/p.json", (), ConfigState.LIVE, "2026-11-20", "GET /api/v2/ai/providers", "", (), "", place(15, 5)
        ),
        InputEntry(
            "capture",
            "egress.pcapng",
            (),
            none,
            "",
            "",
            "egress",
            ("corp", "coder/workspace"),
            "canary.corp.example",
            place(16, 5),
        ),
        InputEntry("document", "dpa.txt", (), none, "", "", "", (), "", place(17, 5)),
        InputEntry("document", "gone.pdf", (), none, "", "", "", (), "", place(25, 5)),
    )


def test_documents_state_and_a_missing_document_can_only_harm(folder: Path, manifest: Manifest) -> None:
    sha256 = hashlib.sha256(b"we send nothing").hexdigest()

    def said(text: str) -> Evidence:
        location = StatementLocation("dpa.txt", sha256, "page 7, clause 2b", "vendor", "2026-05-02", text)
        return Evidence(Basis.DECLARED, location, text, collected="2026-05-02", origin="vendor")

    assert manifest.facts == (StatedFact("coder", "web_push", "off", said("coder: web_push is off"), place(24, 48)),)
    assert manifest.statements[1] == DeclaredStatement(
        "coder/control-plane", "*", (), said("coder/control-plane -> * sends nothing")
    )
    own, _, missing = manifest.statements
    text = "git -> git.example sends metadata.repository"
    assert own == DeclaredStatement("git", "git.example", (DataClass.REPOSITORY,), Evidence(Basis.DECLARED, place(30, 10), text))
    assert (missing.source, missing.destination, len(missing.sends)) == ("coder/workspace", "api.x.example", 10)
    assert missing.evidence.location == StatementLocation("gone.pdf", "", "", "", "", missing.evidence.text)
    digests, absent = document_digests(manifest, folder)
    assert [(d.path, d.sha256, d.kind, d.size) for d in digests] == [
        ("auditor.yaml", SHA, "manifest", len(TEXT)),
        ("dpa.txt", sha256, "document", 15),
    ]
    assert absent == (NotExamined("gone.pdf", "no such file", named=True, location=place(25, 5)),)


def test_an_empty_document_proves_nothing(folder: Path) -> None:
    (folder / "dpa.txt").write_text("")
    manifest = load_manifest(folder)
    assert manifest.facts == ()
    assert [s.destination for s in manifest.statements] == ["git.example", "api.x.example"]
    missing = [(n.path, n.reason, n.named) for n in document_digests(manifest, folder)[1]]
    assert missing == [("dpa.txt", "the document is empty", True), ("gone.pdf", "no such file", True)]


def test_absent_scopes_are_located(manifest: Manifest) -> None:
    assert manifest.absent == ("managed-settings", "coder/flags")
    assert manifest.absent_evidence == tuple(
        (scope, Evidence(Basis.DECLARED, place(26, column), f"the author states that the scope {scope} does not exist"))
        for scope, column in (("managed-settings", 10), ("coder/flags", 28))
    )


def test_the_one_system_need_not_be_named(tmp_path: Path) -> None:
    text = "version: 1\ndeployment: d\nsystems: [{product: coder}]\nstates: [{fact: web_push, value: on}]\n"
    (tmp_path / "auditor.yaml").write_text(text)
    (fact,) = load_manifest(tmp_path).facts
    assert (fact.system, fact.fact, fact.value) == ("coder", "web_push", "on")


def test_without_a_manifest_everything_is_assumed() -> None:
    found = assumed_manifest("folder", (), ("a.pcap",))
    assert (found.assumed, found.path, found.zones, found.claim) == (True, "", (), None)
    assert [(i.kind, i.path) for i in found.inputs] == [("capture", "a.pcap")]
