"""Who can change the policy of a product: the catalog's answer, or the manifest's where that is the customer."""

from __future__ import annotations

from pathlib import Path

from auditor.facts.assessment import Assessment
from auditor.pipeline.gathering import gather
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Request

AS_OF = "2026-11-27T00:00:00Z"


def policies(folder: Path, product: str, said: str) -> dict[str, str]:
    manifest = (
        f"version: 1\ndeployment: d\nzones: {{z: {{operator: customer}}}}\nsystems: [{{id: one, product: {product}, zone: z}}]\n"
    )
    (folder / "auditor.yaml").write_text(
        f"{manifest}policy_by: {{{said}}}\ninputs: [{{path: app.env}}]\nprofiles: [vendor-managed]\n"
    )
    (folder / "app.env").write_text("A=1\n")
    inputs = gather(Request(paths=(folder,)), None)
    assessment: Assessment = judge(model(inputs), inputs, AS_OF)
    return {c.id: c.policy_by for c in assessment.components if c.policy_by}


def test_the_manifest_says_it_for_what_runs_here(tmp_path: Path) -> None:
    before = policies(tmp_path, "coder", "")
    assert set(before.values()) == {"customer"}
    assert policies(tmp_path, "coder", "one: aws") == dict.fromkeys(before, "aws")


def test_what_a_vendor_decides_stays_the_vendors(tmp_path: Path) -> None:
    before = policies(tmp_path, "cursor-workers", "")
    after = policies(tmp_path, "cursor-workers", "one: customer")
    assert before == after
    assert after["one/worker"] == "cursor", "it runs here, and the vendor's loop decides what it does"
