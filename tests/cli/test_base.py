"""``auditor check --base``: the judged is not the judge. Each hostile change still fails, and what it did is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.cli import main
from tests import repositories
from tests.conftest import ROOT

SHIPPED = ROOT / "fixtures" / "deployments" / "coder-air-gapped"
VALUES = "config/coder-values.yaml"
LEAK = "AG-01@coder/control-plane>coder/telemetry_sink#any"
AS_OF = ("--as-of", "2026-11-24", "--stage", "change", "-q")

OVERLAY = """\
sources:
  OWN: {title: our own note, publisher: platform team, relation: third_party, date: 2026-11-01, grade: third}
operators:
  - {id: coder, title: Ours, country: DE, src: OWN}
"""
WAIVERS = f"""\
version: 1
waivers:
  - id: w-1
    control: AG-01
    target: "{LEAK}"
    digest: DIGEST
    reason: because
    approver: me
    ticket: T-1
    created: 2026-11-01
    expires: 2027-01-01
"""
LAX = """\
profile: lax
title: Lax
version: "1"
valid_until: "2027-12-31"
controls:
  - id: LX-01
    title: Nothing much
    require: {component: {at_least: 1, where: {plane: control_plane}}}
    severity: low
    on_unknown: warn
    evidence: {change: [configured], predeploy: [configured], operate: [configured]}
    rationale: None.
    remediation: None.
"""


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """A checkout with one commit; captures are left out, a change has none."""
    folder = tmp_path / "checkout" / "deploy" / "prod"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("traffic"))
    manifest = folder / "auditor.yaml"
    lines = [line for line in manifest.read_text(encoding="utf-8").splitlines() if "capture:" not in line]
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    repositories.commit(tmp_path / "checkout")
    return folder


def _edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def _leak(deployment: Path) -> None:
    _edit(deployment / VALUES, ('CODER_TELEMETRY_ENABLE\n      value: "false"', 'CODER_TELEMETRY_ENABLE\n      value: "true"'))


def _waivers(deployment: Path) -> str:
    """Return a waiver of the leak that would hold, were it believed: its digest is that of the finding."""
    probe = deployment.parents[2] / "probe" / "prod"
    shutil.copytree(SHIPPED, probe, ignore=shutil.ignore_patterns("traffic"))
    _leak(probe)
    out = probe.parent / "probe.json"
    assert main(["check", str(probe), *AS_OF, "-o", f"json:{out}"]) == 1
    findings = json.loads(out.read_text(encoding="utf-8"))["findings"]
    (digest,) = [f["digest"] for f in findings if f["id"] == LEAK]
    return WAIVERS.replace("DIGEST", digest)


def _gate(deployment: Path, *options: str) -> tuple[int, dict[str, Any]]:
    out = deployment.parents[2] / "out.json"
    out.unlink(missing_ok=True)
    code = main(["check", str(deployment), "--base", "main", *AS_OF, "-o", f"json:{out}", *options])
    assert isinstance(code, int)
    return code, json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}


def _found(side: dict[str, Any]) -> set[str]:
    return {f["id"] for f in side["findings"]}


def test_a_contract_is_judged_by_nobody_and_shown_as_the_base_has_it(deployment: Path) -> None:
    """Adding or altering one is no alteration of what judges; the report of the change shows what was approved."""
    manifest = deployment / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text + "contracts: {A-1: {provider: anthropic, function: F-1}}\n", encoding="utf-8")
    code, found = _gate(deployment)
    assert (code, found["base"]["alterations"], found.get("contracts")) == (0, [], None)
    repositories.commit(deployment.parents[1])
    _edit(manifest, ("F-1", "F-2"))
    code, found = _gate(deployment)
    assert (code, found["base"]["alterations"], [c["function"] for c in found["contracts"]]) == (0, [], ["F-1"])


def test_what_changes_nothing_passes_and_says_so(deployment: Path) -> None:
    code, found = _gate(deployment)
    assert (code, found["base"]["steps"], found["base"]["alterations"]) == (0, [], [])
    assert [(c["id"], c["effective"]) for c in found["controls"]][-1] == ("CHANGE-01", "pass")
    plain = deployment.parents[2] / "plain.json"
    assert main(["check", str(deployment), *AS_OF, "-o", f"json:{plain}"]) == 0
    assert json.loads(plain.read_text(encoding="utf-8"))["findings"] == found["findings"]


def test_a_leak_leads_the_report_with_its_line(deployment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _leak(deployment)
    arguments = ["check", str(deployment), "--base", "main", "--as-of", "2026-11-24", "--stage", "change"]
    assert main(arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("What the change does, against main (")
    step = " ".join(line.strip() for line in lines[1:3])
    data = "usage counts, user identity, diagnostics"
    assert step == f"adds Coder control plane → telemetry.coder.com with {data} (config/coder-values.yaml:20)"


def test_both_sides_are_judged_at_one_stage(deployment: Path) -> None:
    """The change brings a capture: the base has none, and is looked at as if it might have had one."""
    shutil.copytree(SHIPPED / "traffic", deployment / "traffic")
    _edit(
        deployment / "auditor.yaml",
        ("inputs:\n", "inputs:\n  - {capture: traffic/perimeter.pcapng, vantage: perimeter-egress}\n"),
    )
    out = deployment.parents[2] / "out.json"
    code = main(["check", str(deployment), "--base", "main", "--as-of", "2026-11-24", "-q", "-o", f"json:{out}"])
    found = json.loads(out.read_text(encoding="utf-8"))
    assert (code, found["stage"]) == (1, "operate")
    assert [a["subject"] for a in found["base"]["alterations"]] == ["inputs/traffic/perimeter.pcapng"]
    assert [s for s in found["base"]["steps"] if s["kind"] == "removes"] == []


def test_a_cure_is_told_as_what_it_removes(deployment: Path) -> None:
    _leak(deployment)
    repositories.commit(deployment.parents[1])
    shutil.copy(SHIPPED / VALUES, deployment / VALUES)
    code, found = _gate(deployment)
    (step,) = found["base"]["steps"]
    assert (code, step["kind"], step["destination"]) == (0, "removes", "telemetry.coder.com")
    assert (step["path"], step["line"]) == (VALUES, 20)


def _widen(folder: Path) -> None:
    _edit(folder / "auditor.yaml", ('hosts: ["*.corp.example"]', 'hosts: ["*.corp.example", "*.coder.com"]'))


def _move_inside(folder: Path) -> None:
    sink = "  - {id: sink, plane: supporting, role: telemetry_sink, zone: corp, hosts: [telemetry.coder.com]}\n"
    _edit(folder / "auditor.yaml", ("components:\n  -", f"components:\n{sink}  -"))


def _waive(folder: Path) -> None:
    (folder / "waivers.yaml").write_text(_waivers(folder), encoding="utf-8")
    _edit(folder / "auditor.yaml", ("profiles: [", "waivers: waivers.yaml\nprofiles: ["))


def _swap_profile(folder: Path) -> None:
    changes = (("profiles: [air-gapped]", "profiles: [vendor-managed]"), ("profile: air-gapped}", "profile: vendor-managed}"))
    _edit(folder / "auditor.yaml", *changes)


def _ignore(folder: Path) -> None:
    _edit(folder / "auditor.yaml", ("profiles: [", f"ignore: [{VALUES}]\nprofiles: ["))


def _absent(folder: Path) -> None:
    _edit(folder / "auditor.yaml", ('absent: ["coder/flags"', 'absent: ["coder/environment", "coder/flags"'))


def _look_away(folder: Path) -> None:
    _edit(folder / "auditor.yaml", ("{path: config/, for: [coder, llm]}", "{path: config/vllm.yaml, for: [llm]}"))


def _state(folder: Path) -> None:
    said = "states:\n  - {flow: 'coder/control-plane -> telemetry.coder.com', sends: none}\n"
    _edit(folder / "auditor.yaml", ("inputs:", f"{said}inputs:"))


def _later_version(folder: Path) -> None:
    _edit(folder / "auditor.yaml", ('version: "2.36"', 'version: "9.9"'))


@pytest.mark.parametrize(
    ("change", "subjects"),
    [
        (_widen, {"zones/corp"}),
        (_move_inside, {"components/sink"}),
        (_waive, {"waivers", "waivers/w-1"}),
        (_swap_profile, {"claim", "profiles"}),
        (_ignore, {"ignore"}),
        (_absent, {"absent"}),
        (_look_away, {"inputs/config/", "inputs/config/vllm.yaml"}),
        (_state, {"states"}),
        (_later_version, set()),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_hostile_change_never_helps_itself(deployment: Path, change: Callable[[Path], None], subjects: set[str]) -> None:
    _leak(deployment)
    change(deployment)
    code, found = _gate(deployment)
    told = {a["subject"] for a in found["base"]["alterations"]}
    assert code == 1
    assert LEAK in _found(found)
    assert subjects - {"inputs/config/vllm.yaml"} <= told
    assert {f"CHANGE-01@{subject}" for subject in told} <= _found(found)
    assert not any(f["waived_by"] for f in found["findings"])
    evidence = {e["id"]: e for e in found["evidence"]}
    altered = [evidence[f["evidence"][0]] for f in found["findings"] if f["control"] == "CHANGE-01"]
    assert all(e["path"] in ("auditor.yaml", "waivers.yaml") and e["line"] for e in altered)


def test_the_waiver_of_these_tests_would_hold(deployment: Path) -> None:
    _leak(deployment)
    _waive(deployment)
    assert main(["check", str(deployment), *AS_OF]) == 0


def test_a_further_input_that_says_off_needs_approval(deployment: Path) -> None:
    """What the base leaves at its default, a file of the change's own choice switches off: read, and told."""
    _edit(deployment / VALUES, ('    - name: CODER_TELEMETRY_ENABLE\n      value: "false"\n', ""))
    repositories.commit(deployment.parents[1])
    assert LEAK in _found(_gate(deployment)[1])
    (deployment / "kind").mkdir()
    (deployment / "kind" / "coder.env").write_text("CODER_TELEMETRY_ENABLE=false\n", encoding="utf-8")
    _edit(deployment / "auditor.yaml", ("inputs:\n", "inputs:\n  - {path: kind/, for: [coder]}\n"))
    code, found = _gate(deployment)
    assert (code, {a["subject"] for a in found["base"]["alterations"]}) == (1, {"inputs/kind/"})


def test_inputs_that_are_emptied_are_read_all_the_same(deployment: Path) -> None:
    _leak(deployment)
    manifest = deployment / "auditor.yaml"
    before, rest = manifest.read_text(encoding="utf-8").split("inputs:\n")
    manifest.write_text(f"{before}inputs: []\n{rest[rest.index('absent:') :]}", encoding="utf-8")
    code, found = _gate(deployment)
    assert (code, LEAK in _found(found)) == (1, True)
    assert all(a["text"].startswith("takes away") for a in found["base"]["alterations"])


def test_an_alteration_alone_fails_however_grave_the_gate_asks(deployment: Path) -> None:
    _widen(deployment)
    assert _gate(deployment, "--fail-on", "critical")[0] == 1
    assert _gate(deployment, "--exit-zero")[0] == 0


def test_an_approved_alteration_is_named_and_counts(deployment: Path) -> None:
    _widen(deployment)
    code, found = _gate(deployment, "--policy-approved")
    assert (code, found["base"]["approved"]) == (0, True)
    assert [a["subject"] for a in found["base"]["alterations"]] == ["zones/corp"]
    assert "*.coder.com" in found["zones"][0]["hosts"]


def test_options_name_files_of_the_base(deployment: Path) -> None:
    """Waivers, a profile and a catalog overlay named on the command line lie in the checkout too."""
    checkout = deployment.parents[1]
    policy = checkout / "policy"
    (policy / "catalog").mkdir(parents=True)
    (policy / "lax.yaml").write_text(LAX, encoding="utf-8")
    (policy / "waivers.yaml").write_text("version: 1\nwaivers: []\n", encoding="utf-8")
    (policy / "catalog" / "operators.yaml").write_text(OVERLAY, encoding="utf-8")
    repositories.commit(checkout)
    named = ["-p", str(policy / "lax.yaml"), "--waivers", str(policy / "waivers.yaml"), "--catalog", str(policy / "catalog")]
    assert _gate(deployment, *named)[1]["base"]["alterations"] == []
    _edit(policy / "lax.yaml", ("severity: low", "severity: high"))
    _edit(policy / "waivers.yaml", ("version: 1\nwaivers: []\n", _waivers(deployment)))
    _edit(policy / "catalog" / "operators.yaml", ("Ours", "Yours"))
    _leak(deployment)
    code, found = _gate(deployment, *named)
    assert code == 1
    assert {a["subject"] for a in found["base"]["alterations"]} == {"profiles/lax", "waivers/w-1", "catalog/operators.yaml"}
    assert {c["severity"] for c in found["controls"] if c["id"] == "LX-01"} == {"low"}
    assert "Ours" in {o["title"] for o in found["operators"]}
    assert str(deployment.parents[2]) not in json.dumps(found)


def test_files_that_the_base_lacks_do_not_help(deployment: Path) -> None:
    checkout = deployment.parents[1]
    (checkout / "waivers.yaml").write_text(_waivers(deployment), encoding="utf-8")
    (checkout / "catalog").mkdir()
    (checkout / "catalog" / "operators.yaml").write_text(OVERLAY, encoding="utf-8")
    _leak(deployment)
    code, found = _gate(deployment, "--waivers", str(checkout / "waivers.yaml"), "--catalog", str(checkout / "catalog"))
    assert code == 1
    assert LEAK in {f["id"] for f in found["findings"] if not f["waived_by"]}
    assert {a["subject"] for a in found["base"]["alterations"]} == {"waivers/waivers.yaml", "catalog/catalog"}
    assert "Ours" not in {o["title"] for o in found["operators"]}


def test_a_baseline_of_the_change_is_not_measured_against(deployment: Path) -> None:
    _leak(deployment)
    baseline = deployment / "baseline.json"
    assert main(["check", str(deployment), *AS_OF, "-o", f"json:{baseline}"]) == 1
    code, found = _gate(deployment, "--baseline", str(baseline))
    assert (code, found["baseline"]) == (1, None)
    assert "CHANGE-01@baseline/baseline.json" in _found(found)
    repositories.commit(deployment.parents[1])
    code, found = _gate(deployment, "--baseline", str(baseline))
    assert (code, [k["id"] for k in found["baseline"]["known"]]) == (0, ["AG-01", LEAK])


def test_a_deployment_that_takes_away_its_manifest_is_refused(deployment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (deployment / "auditor.yaml").unlink()
    assert _gate(deployment, "-p", "vendor-managed")[0] == 2
    assert "takes away auditor.yaml" in capsys.readouterr().err


def test_a_new_deployment_is_judged_by_its_own_words_and_needs_approval(deployment: Path) -> None:
    shutil.copytree(deployment, deployment.parent / "stage")
    code, found = _gate(deployment.parent / "stage")
    assert (code, [a["subject"] for a in found["base"]["alterations"]]) == (1, ["deployment"])
    assert _gate(deployment.parent / "stage", "--policy-approved")[0] == 0


def test_a_repository_that_the_change_brings_is_not_the_base(deployment: Path) -> None:
    """A bare repository above the deployment, committed as plain files, whose ``main`` waives the leak."""
    from dulwich.repo import Repo

    _leak(deployment)
    Repo.init_bare(str(deployment.parent)).close()
    code, found = _gate(deployment)
    assert code == 1
    assert LEAK in _found(found)


def test_a_folder_that_becomes_a_link_to_a_laxer_one_is_judged_by_its_own_words(deployment: Path) -> None:
    """``deploy`` is replaced by a link to ``lab``, whose manifest of the base asks for less."""
    checkout = deployment.parents[1]
    shutil.copytree(deployment, checkout / "lab" / "prod")
    _swap_profile(checkout / "lab" / "prod")
    repositories.commit(checkout)
    shutil.rmtree(checkout / "deploy")
    (checkout / "deploy").symlink_to("lab")
    _leak(deployment)
    code, found = _gate(deployment)
    assert code == 1
    assert LEAK in _found(found)
    assert {"claim", "profiles"} == {a["subject"] for a in found["base"]["alterations"]}


def test_an_approval_without_a_change_is_refused(deployment: Path) -> None:
    assert main(["check", str(deployment), "--policy-approved"]) == 2


def test_outside_a_checkout_there_is_no_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(SHIPPED, tmp_path / "d", ignore=shutil.ignore_patterns("traffic"))
    assert main(["check", str(tmp_path / "d"), "--base", "main"]) == 2
    assert "not in a git checkout" in capsys.readouterr().err


def test_without_a_manifest_the_files_alone_change(deployment: Path) -> None:
    (deployment / "auditor.yaml").unlink()
    repositories.commit(deployment.parents[1])
    _leak(deployment)
    code, found = _gate(deployment, "-p", "air-gapped")
    assert code in (1, 3)
    assert next((s["kind"], s["destination"]) for s in found["base"]["steps"]) == ("adds", "telemetry.coder.com")
