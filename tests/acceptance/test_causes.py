"""``auditor diff`` on a shipped deployment: exactly one input is changed, a verdict moves, and exactly that cause is named."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from auditor import __version__
from auditor.cli import main
from auditor.facts.vocabulary import Verdict
from tests.acceptance import harness
from tests.acceptance.test_permitted import PODS, SEALED

VALUES = "config/coder-values.yaml"
HOLE = SEALED[0].replace("to: [{namespaceSelector: {}}]", "to: [{ipBlock: {cidr: 0.0.0.0/0}}]")
WAIVER = """\
version: 1
waivers:
  - id: w-1
    control: AG-01
    target: "AG-01@coder/control-plane>coder/telemetry_sink#any"
    digest: DIGEST
    reason: agreed with the vendor until the next release
    approver: platform lead
    ticket: T-1
    created: 2026-11-01
    expires: 2026-11-30
"""
PROFILE = """\
profile: house
title: House rules
version: "1"
valid_until: "2027-12-31"
controls:
  - id: HR-01
    title: The control plane is ours
    require: {component: {at_least: COUNT, where: {plane: control_plane, perimeter: inside}}}
    severity: high
    on_unknown: block
    evidence: {change: [configured], predeploy: [configured], operate: [configured]}
    rationale: None.
    remediation: None.
"""
OVERLAY = """\
sources:
  OWN: {title: a letter of the vendor, publisher: coder, relation: vendor, date: 2026-11-01, grade: vendor}
operators:
  - {id: coder, title: Coder Technologies, country: DE, src: OWN}
"""


@dataclass
class Side:
    """One of the two assessments: a folder of its own, and how it is judged."""

    folder: Path
    stage: str = "change"
    as_of: str = "2026-11-24"
    profile: str = "air-gapped"
    catalog: Path | None = None
    waivers: Path | None = None

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text of a file, which must be there."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def assessed(self) -> Path:
        """Return the assessment as ``auditor check`` writes it."""
        out = self.folder.with_suffix(".json")
        options = ["--stage", self.stage, "--as-of", self.as_of, "-p", self.profile, "-q", "-o", f"json:{out}"]
        options += ["--catalog", str(self.catalog)] if self.catalog else []
        options += ["--waivers", str(self.waivers)] if self.waivers else []
        assert main(["check", str(self.folder), *options]) in (0, 1, 3)
        return out


def _leak(side: Side) -> None:
    side.edit(VALUES, 'CODER_TELEMETRY_ENABLE\n      value: "false"', 'CODER_TELEMETRY_ENABLE\n      value: "true"')


def _sealed(side: Side) -> None:
    """Put every workload into one sealed namespace (as in ``test_permitted``)."""
    manifest = side.folder / "auditor.yaml"
    head, systems = manifest.read_text(encoding="utf-8").split("\nsystems:", 1)
    systems, rest = systems.split("\ninputs:", 1)
    systems = re.sub(r"hosts: \[", f"hosts: [{PODS}, ", systems)
    systems = re.sub(r"(networks: \[[^\]]*\])\}", rf"\1, hosts: [{PODS}]}}", systems)
    text = f"{head}\nplatform: {{cni: cilium}}\nsystems:{systems}\ninputs:\n  - {{path: network/}}{rest}"
    manifest.write_text(text, encoding="utf-8")
    (side.folder / "network").mkdir()
    (side.folder / "network" / "policies.yaml").write_text("".join(SEALED), encoding="utf-8")
    side.stage = "predeploy"


def _configuration(_: Side, new: Side) -> None:
    _leak(new)


def _policy(old: Side, new: Side) -> None:
    for side in (old, new):
        _sealed(side)
    (new.folder / "network" / "policies.yaml").write_text("".join((*SEALED, HOLE)), encoding="utf-8")


def _traffic(old: Side, new: Side) -> None:
    for side in (old, new):
        side.stage, side.profile = "operate", "fully-self-hosted"
    name = "traffic/perimeter.pcapng"
    shutil.copy(harness.DEPLOYMENTS / "coder-mislabelled" / name, new.folder / name)


def _profile(old: Side, new: Side) -> None:
    for side, count in ((old, "1"), (new, "9")):
        path = side.folder.parent / f"{side.folder.name}-profile" / "house.yaml"
        path.parent.mkdir()
        path.write_text(PROFILE.replace("COUNT", count), encoding="utf-8")
        side.profile = str(path)


def _catalog(old: Side, new: Side) -> None:
    for side in (old, new):
        _leak(side)
        side.profile = "eu-residency"
    new.catalog = new.folder.parent / "overlay"
    new.catalog.mkdir()
    (new.catalog / "operators.yaml").write_text(OVERLAY, encoding="utf-8")


def _waived(old: Side, new: Side) -> Path:
    for side in (old, new):
        _leak(side)
    probe = json.loads(old.assessed().read_text(encoding="utf-8"))
    (digest,) = [f["digest"] for f in probe["findings"] if f["id"] in WAIVER]
    path = old.folder.parent / "waivers.yaml"
    path.write_text(WAIVER.replace("DIGEST", digest), encoding="utf-8")
    return path


def _exception(old: Side, new: Side) -> None:
    new.waivers = _waived(old, new)


def _expiry(old: Side, new: Side) -> None:
    old.waivers = new.waivers = _waived(old, new)
    new.as_of = "2026-12-02"


def _manifest(_: Side, new: Side) -> None:
    new.edit("auditor.yaml", "perimeter: [corp]\n", "")


def _stage(_: Side, new: Side) -> None:
    new.stage = "predeploy"


def _date(old: Side, new: Side) -> None:
    for side in (old, new):
        side.stage, side.profile = "operate", "fully-self-hosted"
    new.as_of = "2027-09-01"


CHANGES: dict[str, Callable[[Side, Side], None]] = {
    "configuration": _configuration,
    "policy": _policy,
    "traffic": _traffic,
    "profile": _profile,
    "catalog": _catalog,
    "exception": _exception,
    "expiry": _expiry,
    "manifest": _manifest,
    "stage": _stage,
    "date": _date,
}


WITH_IT = {"expiry": {"date"}}
"""What else differs then: a waiver runs out only as time goes on."""


def _sides(folder: Path) -> tuple[Side, Side]:
    for name in ("old", "new"):
        shutil.copytree(harness.DEPLOYMENTS / "coder-air-gapped", folder / name)
    return Side(folder / "old"), Side(folder / "new")


def _difference(old: Path, new: Path, folder: Path) -> dict[str, Any]:
    out = folder / "difference.json"
    assert main(["diff", str(old), str(new), "-o", f"json:{out}"]) == 0
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", CHANGES)
def test_the_one_thing_that_changed_is_the_cause_of_every_moved_verdict(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _sides(tmp_path)
    CHANGES[kind](old, new)
    found = _difference(old.assessed(), new.assessed(), tmp_path)
    assert {c["kind"] for c in found["changed"]} == {kind} | WITH_IT.get(kind, set())
    assert {m["kind"] for m in found["moves"]} >= {"control", "profile"}
    assert {(c["kind"], c["certainty"]) for m in found["moves"] for c in m["causes"]} == {(kind, "shown")}
    told = [line for line in capsys.readouterr().out.splitlines() if "because" in line]
    shared = itertools.groupby(found["moves"], key=lambda move: move["causes"])
    assert len(told) == sum(len(causes) for causes, _ in shared), "what neighbours share is said once below them"
    assert all(line.lstrip().startswith("because") and f"({kind})" in line for line in told)


def test_another_version_of_the_tool_is_the_cause_where_nothing_else_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that calls every profile proven stands in for an older one with a defect."""
    old, new = _sides(tmp_path)
    for side in (old, new):
        _leak(side)
    with monkeypatch.context() as older:
        older.setattr("auditor.pipeline.modelling.__version__", "0.0.9")
        older.setattr("auditor.evaluate.verdict_records.profile_verdict", lambda _: Verdict.PASS)
        before = old.assessed()
    found = _difference(before, new.assessed(), tmp_path)
    assert [c["kind"] for c in found["changed"]] == ["tool"]
    assert [(m["kind"], m["old"], m["new"]) for m in found["moves"]] == [("claim", "pass", "fail"), ("profile", "pass", "fail")]
    assert {(c["kind"], c["certainty"], c["text"]) for m in found["moves"] for c in m["causes"]} == {
        ("tool", "shown", f"auditor {__version__}, was auditor 0.0.9")
    }


def test_a_side_that_changes_nothing_moves_nothing(tmp_path: Path) -> None:
    old, new = _sides(tmp_path)
    found = _difference(old.assessed(), new.assessed(), tmp_path)
    assert (found["moves"], found["changed"], found["flows"], found["findings"]) == ([], [], [], [])
